# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves which certificates are foreseen to be trusted, and that a handshake agrees."""

from __future__ import annotations

import dataclasses
import pathlib
import socket
import ssl
import typing as t

import pytest
from harness.authority import make
from unit.scripted import Certificate, Server

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pem, trust
from ansible_collections.axis.vapix.plugins.module_utils.wire import tls
from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address

ADDRESS = Address("127.0.0.1", 443)


def chain_of(certificate: Certificate) -> list[bytes]:
    return pem.blocks(certificate.chain_file.read_text(), pem.CERTIFICATE)


def nobody() -> list[bytes]:
    return []


def never() -> list[bytes]:
    raise AssertionError("asked the device for CAs without need")


def verifies(certificate: Certificate, address: Address) -> bool:
    """Whether a real handshake is content."""
    context = tls.context_for(address.validate_certs, address.ca_path, None)
    with Server(certificate=certificate) as server:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 5) as plain:
                with context.wrap_socket(plain, server_hostname=address.host):
                    return True
        except ssl.SSLCertVerificationError:
            return False


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "localhost"])
@pytest.mark.parametrize("ca", ["certificate", "other_certificate"])
def test_what_is_foreseen_is_what_happens(host: str, ca: str, request: t.Any, certificate: Certificate) -> None:
    ca_file = request.getfixturevalue(ca).ca_file
    address = Address(host, 443, ca_path=str(ca_file))
    foreseen = trust.why_not(address, chain_of(certificate), nobody)
    assert (foreseen is None) == verifies(certificate, address)


def test_validity(expired_certificate: Certificate) -> None:
    address = Address("127.0.0.1", 443, ca_path=str(expired_certificate.ca_file))
    assert "it has expired on" in str(trust.why_not(address, chain_of(expired_certificate), never))
    assert not verifies(expired_certificate, address)


def test_system(certificate: Certificate) -> None:
    assert trust.why_not(ADDRESS, chain_of(certificate), nobody) == (
        "no CA that is trusted here (the system) has signed it"
    )


def test_unverified_and_pinned(certificate: Certificate, other_certificate: Certificate) -> None:
    unverified = dataclasses.replace(ADDRESS, validate_certs=False)
    assert trust.why_not(unverified, chain_of(certificate), never) is None
    for pinned, reason in ((certificate, None), (other_certificate, "the option fingerprint pins another one")):
        fingerprint = ":".join(pinned.fingerprint.upper()[at : at + 2] for at in range(0, 64, 2))
        address = dataclasses.replace(ADDRESS, fingerprint=fingerprint)
        assert trust.why_not(address, chain_of(certificate), never) == reason


def test_intermediates_of_the_device_lead_to_the_root(tmp_path: pathlib.Path) -> None:
    root = make("CN=root", ca=True)
    middle = make("CN=middle", root, ca=True)
    leaf = make("CN=leaf", middle, names=["gate.example.net"])
    (tmp_path / "ca.pem").write_text(f"# ours\n{root.pem}")
    address = Address("GATE.example.net.", 443, ca_path=str(tmp_path / "ca.pem"))
    assert trust.why_not(address, [leaf.der, middle.der], never) is None
    assert trust.why_not(address, [leaf.der], lambda: [root.der, middle.der]) is None
    assert trust.why_not(address, [leaf.der], nobody) is not None


def of_its_own(host: str, tmp_path: pathlib.Path, **options: t.Any) -> str | None:
    """Why a certificate would not be accepted that has signed itself, and is trusted."""
    own = make("CN=gate", **options)
    (tmp_path / "ca.pem").write_text(own.pem)
    return trust.why_not(Address(host, 443, ca_path=str(tmp_path / "ca.pem")), [own.der], nobody)


@pytest.mark.parametrize(
    ("host", "good"),
    [("a.example.net", True), ("a.b.example.net", False), ("example.net", False), ("*.example.net", True)],
)
def test_wildcards(host: str, good: bool, tmp_path: pathlib.Path) -> None:
    assert (of_its_own(host, tmp_path, names=["*.example.net"]) is None) == good


def test_names_in_the_subject_only_are_left_to_the_handshake(tmp_path: pathlib.Path) -> None:
    assert of_its_own("gate", tmp_path) is None
    assert "for no host" in str(of_its_own("192.0.2.1", tmp_path))


def test_not_valid_yet(tmp_path: pathlib.Path) -> None:
    assert "it is not valid before" in str(of_its_own("gate", tmp_path, since=-1))


@pytest.mark.parametrize(
    ("ciphers", "key_type", "spoken"),
    [
        (["ECDHE-RSA-AES128-GCM-SHA256"], "RSA-2048", True),
        (["ECDHE-RSA-AES128-GCM-SHA256"], "EC-P256", False),
        (["ECDHE-ECDSA-AES128-GCM-SHA256"], "EC-P384", True),
        (["ECDHE-ECDSA-AES128-GCM-SHA256"], "RSA-4096", False),
        (["ECDHE-ECDSA-AES128-GCM-SHA256"], None, True),
        (["AES128-SHA", "AES256-SHA"], None, False),
        (["TLS_AES_128_GCM_SHA256"], None, False),
        ([], None, False),
    ],
)
def test_speakable(ciphers: list[str], key_type: str | None, spoken: bool) -> None:
    assert trust.speakable(ciphers, key_type) is spoken


def test_known_ciphers() -> None:
    known = trust.known_ciphers()
    assert {"ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA", "DHE-RSA-AES256-SHA"} <= known
    assert not any(name.startswith(("TLS_", "PSK-", "ADH-", "NULL-")) for name in known)
