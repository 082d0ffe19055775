# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how certificates, keys, archives and requests are read, told apart and described."""

from __future__ import annotations

import datetime
import json
import string
import typing as t

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from harness.authority import Identity, make, make_request, name, new_key
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, P3265

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pem, pki
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption

SECRET = "open-CANARY-sesame"
CA = make("CN=CA", ca=True)
OTHER_KIND = Identity(CA.certificate, ed25519.Ed25519PrivateKey.generate())
LEAF = make("CN=gate,O=Example,C=SE", CA, names=["gate.example.net", "192.0.2.7", "2001:db8::7", "a@b"])

# Letters and what RFC 4514 has to escape.
TEXTS = st.text(st.sampled_from(string.ascii_letters + string.digits + ' ,+"\\<>;=#\u00e9'), min_size=1, max_size=20)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_chain(ending: str) -> None:
    text = f"some words\n{LEAF.pem}\n# its CA\n{CA.pem}".replace("\n", ending)
    leaf, ca = pki.chain_from_pem(text)
    assert (leaf, ca) == (LEAF.certificate, CA.certificate)
    assert pki.to_pem([leaf, ca]) == LEAF.pem + CA.pem


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "there is no -----BEGIN CERTIFICATE-----"),
        (LEAF.pem[:200], "there is no -----BEGIN CERTIFICATE-----"),
        (pem.block(b"abc", pem.CERTIFICATE), "it is no X.509 certificate"),
        (pem.block(LEAF.der[:-9], pem.CERTIFICATE), "it is no X.509 certificate"),
        (LEAF.pem + LEAF.key_pem(), "there is a private key in it"),
        (CA.pem + LEAF.pem, "'CN=CA' is not signed by the one after it, 'CN=gate,O=Example,C=SE'"),
    ],
)
def test_what_is_no_chain(text: str, problem: str) -> None:
    with pytest.raises(pki.Unusable, match=problem):
        pki.chain_from_pem(text)


@pytest.mark.parametrize("kind", ["PKCS8", "TraditionalOpenSSL"])
@pytest.mark.parametrize("passphrase", [None, SECRET], ids=["plain", "encrypted"])
def test_keys(kind: str, passphrase: str | None) -> None:
    key = pki.key_from_pem(LEAF.key_pem(passphrase, kind), passphrase)
    assert pki.public_key_sha256(key) == pki.public_key_sha256(LEAF.certificate)
    assert pki.public_key_sha256(pki.key_from_pem(pki.key_to_pem(key), None)) == pki.public_key_sha256(key)
    assert pki.key_to_der(key).startswith(b"\x30")


@pytest.mark.parametrize(
    "text, passphrase, problem",
    [
        ("", None, "no private key"),
        (LEAF.pem, None, "no private key"),
        (LEAF.key_pem()[:150] + "\n-----END PRIVATE KEY-----", None, "no private key"),
        (LEAF.key_pem(SECRET), None, "it is encrypted, and there is no passphrase"),
        (LEAF.key_pem(SECRET), "another", "the passphrase is wrong"),
        (LEAF.key_pem(SECRET, "TraditionalOpenSSL"), "another", "the passphrase is wrong"),
        (LEAF.key_pem(), SECRET, "it is not encrypted, but there is a passphrase"),
        (OTHER_KIND.key_pem(), None, "neither an RSA nor an EC key"),
    ],
    ids=range(8),
)
def test_what_is_no_key(text: str, passphrase: str | None, problem: str) -> None:
    with pytest.raises(pki.Unusable, match=problem) as caught:
        pki.key_from_pem(text, passphrase)
    assert SECRET not in str(caught.value) and not any(line in str(caught.value) for line in text.split() if line)


def test_archive() -> None:
    key, chain = pki.from_pkcs12(pem.base64_bytes(LEAF.archive(SECRET, make("CN=stranger"), CA)), SECRET)
    assert chain == [LEAF.certificate, CA.certificate]
    assert pki.public_key_sha256(key) == pki.public_key_sha256(LEAF.certificate)


@pytest.mark.parametrize(
    "data, passphrase, problem",
    [
        (b"abc", SECRET, "no PKCS#12 archive"),
        (pem.base64_bytes(LEAF.archive(SECRET)), "wrong", "the passphrase is wrong"),
    ],
    ids=range(2),
)
def test_what_is_no_archive(data: bytes, passphrase: str, problem: str) -> None:
    with pytest.raises(pki.Unusable, match=problem):
        pki.from_pkcs12(data, passphrase)


def test_request() -> None:
    key = new_key()
    text = make_request("CN=gate", key, ["gate.example.net", "192.0.2.7"])
    for written in (text, text.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")):
        request = pki.request_from_pem(written)
        assert pki.public_key_sha256(request) == pki.public_key_sha256(key)
        assert pki.alternative_names(request) == ["DNS:gate.example.net", "IP:192.0.2.7"]
        assert pki.request_to_pem(request) == text


def test_request_without_the_key() -> None:
    """Somebody else's public key under a signature of one's own."""
    data = bytearray(pem.blocks(make_request("CN=gate", new_key()), pem.REQUEST)[0])
    data[-1] ^= 1
    with pytest.raises(pki.Unusable, match="its signature is not that of its key|no certificate signing request"):
        pki.request_from_pem(pem.block(bytes(data), pem.REQUEST))
    with pytest.raises(pki.Unusable, match="no certificate signing request"):
        pki.request_from_pem(LEAF.pem)


@given(st.lists(st.tuples(st.sampled_from(["CN", "O", "OU", "L", "ST"]), TEXTS), min_size=1, max_size=4))
def test_names(parts: list[tuple[str, str]]) -> None:
    """What is shown can be read again, in either order, and a name with another part is another one."""
    escaped = [(kind, "".join(f"\\{ord(c):02x}" if ord(c) < 128 else c for c in value)) for kind, value in parts]
    parsed = pki.parse_name(",".join(f"{kind}={value}" for kind, value in escaped))
    assert pki.same_name(parsed, pki.parse_name(pki.shown_name(parsed)))
    assert pki.same_name(parsed, pki.parse_name(",".join(f"{kind}={value}" for kind, value in reversed(escaped))))
    assert not pki.same_name(parsed, pki.parse_name(pki.shown_name(parsed) + ",C=SE"))


def test_names_have_the_parts_that_devices_have() -> None:
    assert pki.shown_name(pki.parse_name("serialNumber=7,CN=a")) == "serialNumber=7,CN=a"


@pytest.mark.parametrize("text", ["", " ", "gate", "CN", "CN=", "XX=1", "C=SWE", "CN=a,,O=b"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(pki.Unusable):
        pki.parse_name(text)


@pytest.mark.parametrize(
    "text, why",
    [
        ("CN=" + "a" * 65, "RFC 4514 (Attribute's length must be >= 1 and <= 64, but it was 65), for example"),
        ("C=SWE", "2, but it was 3), for example"),
        ("gate", "RFC 4514, for example"),
    ],
)
def test_why_it_is_no_name(text: str, why: str) -> None:
    with pytest.raises(pki.Unusable) as caught:
        pki.parse_name(text)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("DNS:Gate.Example.NET", "DNS:gate.example.net"),
        ("dns:*.example.net", "DNS:*.example.net"),
        ("IP:192.0.2.7", "IP:192.0.2.7"),
        ("IP:2001:DB8:0::7", "IP:2001:db8::7"),
    ],
)
def test_alternative_names(text: str, canonical: str) -> None:
    assert pki.parse_alternative_name(text) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "gate", "DNS:", "DNS:192.0.2.7", "DNS:2001:db8::7", "DNS:a b", "IP:gate", "IP:192.0.2.0/24", "URI:a", "IP:"],
)
def test_what_is_no_alternative_name(text: str) -> None:
    with pytest.raises(pki.Unusable, match="neither DNS: with a host name nor IP: with an address"):
        pki.parse_alternative_name(text)


def test_description() -> None:
    told = pki.describe(LEAF.certificate)
    assert told == {
        "subject": "CN=gate,O=Example,C=SE",
        "issuer": "CN=CA",
        "serial_number": f"{LEAF.certificate.serial_number:x}",
        "not_before": f"{LEAF.certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "not_after": f"{LEAF.certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "subject_alt_names": ["DNS:gate.example.net", "IP:192.0.2.7", "IP:2001:db8::7"],
        "key_type": "EC-P256",
        "public_key_sha256": pki.public_key_sha256(LEAF.key),
        "fingerprint_sha256": pki.fingerprint_sha256(LEAF.certificate),
        "self_signed": False,
    }
    assert json.loads(json.dumps(told)) == told
    assert pki.describe(CA.certificate)["self_signed"] is True


@NEEDS_RECORDINGS
def test_recorded_certificates() -> None:
    """The factory's certificates, that end in the year 9999, have other kinds of names and parts of names."""
    entries = json.loads((P3265 / "rest-cert-v1-certificates.json").read_text())["data"]
    told = [pki.describe(pki.chain_from_pem(entry["certificate"])[0]) for entry in entries]
    assert [one["key_type"] for one in told] == ["EC-P256", "RSA-2048", "RSA-4096", "RSA-2048"]
    assert told[0]["not_after"] == "9999-12-31T23:59:59Z" and told[0]["subject_alt_names"] == []
    assert told[0]["subject"].startswith("serialNumber=b8a44f631339,CN=axis-b8a44f631339-eccp256-1,")
    assert "DNS:axis-b8a44f631339" in told[3]["subject_alt_names"] and "IP:127.0.0.1" in told[3]["subject_alt_names"]
    assert not any(one["self_signed"] for one in told)


def test_who_is_a_ca() -> None:
    assert pki.is_ca(CA.certificate)
    assert not pki.is_ca(LEAF.certificate)
    assert not pki.is_ca(make(ca=None).certificate), "version 3 that does not say so"


def test_end() -> None:
    soon = make(days=10).certificate
    assert pki.has_expired(make(days=-0.5).certificate)
    assert not pki.has_expired(soon)
    assert pki.has_expired(soon, datetime.timedelta(days=11)) and not pki.has_expired(soon, datetime.timedelta(days=9))


def test_key_types() -> None:
    assert pki.key_type(rsa.generate_private_key(65537, 1024)) == "RSA-1024"
    assert pki.key_type(ed25519.Ed25519PrivateKey.generate()) == "Ed25519"


def test_signed_by() -> None:
    assert pki.signed_by(LEAF.certificate, CA.certificate)
    assert not pki.signed_by(LEAF.certificate, make("CN=CA", ca=True).certificate), "the same name, another key"
    assert not pki.signed_by(LEAF.certificate, make("CN=other", key=CA.key, ca=True).certificate), "the same key only"
    assert pki.same_name(LEAF.certificate.subject, name("C=SE,O=Example,CN=gate"))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pki, "CRYPTOGRAPHY_IMPORT_ERROR", "no")
    with pytest.raises(InvalidOption, match="'cryptography' is missing.*pip install cryptography"):
        pki.require()


def test_without_the_package_the_file_can_still_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util
    import sys

    for module in [module for module in sys.modules if module.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, module, t.cast(t.Any, None))
    spec = importlib.util.find_spec(pki.__name__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "cryptography" in str(module.CRYPTOGRAPHY_IMPORT_ERROR)
