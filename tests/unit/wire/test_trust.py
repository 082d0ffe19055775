# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves which certificates are foreseen to be trusted, and that a handshake agrees."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import socket
import ssl
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from unit.scripted import Certificate, Server

from ansible_collections.axis.vapix.plugins.module_utils.wire import pem, tls, trust
from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address

PEM = serialization.Encoding.PEM
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


def make(
    name: str,
    issuer: tuple[x509.Name, t.Any] | None,
    *,
    hosts: t.Sequence[str] = (),
    start: int = -1,
) -> tuple[x509.Certificate, t.Any]:
    """A certificate and its key; signed by itself when there is no issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, by_key = issuer or (subject, key)
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        by,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now + datetime.timedelta(days=start),
        now + datetime.timedelta(days=9),
    )
    builder = builder.add_extension(x509.BasicConstraints(not hosts, None), True)
    if any(hosts):
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), False)
    return builder.sign(by_key, hashes.SHA256()), key


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def test_intermediates_of_the_device_lead_to_the_root(tmp_path: pathlib.Path) -> None:
    root, root_key = make("root", None)
    middle, middle_key = make("middle", (root.subject, root_key))
    leaf, _key = make("leaf", (middle.subject, middle_key), hosts=["gate.example.net"])
    (tmp_path / "ca.pem").write_bytes(b"# ours\n" + root.public_bytes(PEM))
    address = Address("GATE.example.net.", 443, ca_path=str(tmp_path / "ca.pem"))
    assert trust.why_not(address, [der(leaf), der(middle)], never) is None
    assert trust.why_not(address, [der(leaf)], lambda: [der(root), der(middle)]) is None
    assert trust.why_not(address, [der(leaf)], nobody) is not None


@pytest.mark.parametrize(
    ("host", "good"),
    [("a.example.net", True), ("a.b.example.net", False), ("example.net", False), ("*.example.net", True)],
)
def test_wildcards(host: str, good: bool, tmp_path: pathlib.Path) -> None:
    own, _key = make("own", None, hosts=["*.example.net"])
    (tmp_path / "ca.pem").write_bytes(own.public_bytes(PEM))
    address = Address(host, 443, ca_path=str(tmp_path / "ca.pem"))
    assert (trust.why_not(address, [der(own)], nobody) is None) == good


def test_names_in_the_subject_only_are_left_to_the_handshake(tmp_path: pathlib.Path) -> None:
    own, _key = make("gate", None, hosts=[""])
    (tmp_path / "ca.pem").write_bytes(own.public_bytes(PEM))
    ca_path = str(tmp_path / "ca.pem")
    assert trust.why_not(Address("gate", 443, ca_path=ca_path), [der(own)], nobody) is None
    assert "for no host" in str(trust.why_not(Address("192.0.2.1", 443, ca_path=ca_path), [der(own)], nobody))


def test_not_valid_yet(tmp_path: pathlib.Path) -> None:
    own, _key = make("own", None, hosts=["gate.example.net"], start=1)
    (tmp_path / "ca.pem").write_bytes(own.public_bytes(PEM))
    address = Address("gate.example.net", 443, ca_path=str(tmp_path / "ca.pem"))
    assert "it is not valid before" in str(trust.why_not(address, [der(own)], nobody))


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
