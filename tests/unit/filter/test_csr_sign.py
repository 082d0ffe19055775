# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves what the filter csr_sign signs and what it refuses; openssl judges what comes out."""

from __future__ import annotations

import datetime
import pathlib
import subprocess
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from harness.authority import Identity, make, make_request, new_key
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.filter import csr_sign as plugin
from ansible_collections.axis.vapix.plugins.module_utils.crypto import pki

SECRET = "open-CANARY-sesame"
NAMES = ["gate.example.net", "192.0.2.7"]
ROOT = make("CN=Root", ca=True, days=900)
MIDDLE = make("CN=Middle", ROOT, ca=True, days=400)
KEY = new_key()
CSR = make_request("CN=gate,O=Example", KEY, NAMES)
RSA_KEY = rsa.generate_private_key(65537, 2048)

csr_sign = plugin.FilterModule().filters()["csr_sign"]


def sign(csr: t.Any = CSR, ca: Identity = ROOT, **options: t.Any) -> list[x509.Certificate]:
    """Sign with a CA and read what comes out."""
    given = {"ca_certificate": ca.pem, "ca_private_key": ca.key_pem()} | options
    return x509.load_pem_x509_certificates(csr_sign(csr, **given).encode())


def extension(certificate: x509.Certificate, kind: t.Any) -> t.Any:
    return certificate.extensions.get_extension_for_class(kind)


def test_certificate() -> None:
    (certificate,) = sign()
    assert certificate.subject.rfc4514_string() == "CN=gate,O=Example"
    assert certificate.public_key() == KEY.public_key()
    certificate.verify_directly_issued_by(ROOT.certificate)
    assert pki.alternative_names(certificate) == ["DNS:gate.example.net", "IP:192.0.2.7"]
    constraints = extension(certificate, x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature
    assert not usage.value.key_cert_sign and not usage.value.key_encipherment
    assert list(extension(certificate, x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    ]
    public = KEY.public_key()
    assert extension(certificate, x509.SubjectKeyIdentifier).value == x509.SubjectKeyIdentifier.from_public_key(public)
    assert extension(certificate, x509.AuthorityKeyIdentifier).value.key_identifier
    now = datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(minutes=4) < now - certificate.not_valid_before_utc < datetime.timedelta(minutes=6)
    assert datetime.timedelta(days=364) < certificate.not_valid_after_utc - now <= datetime.timedelta(days=365)


def test_serial_numbers() -> None:
    numbers = {sign()[0].serial_number for _run in range(20)}
    assert len(numbers) == 20 and all(0 < number < 1 << 159 for number in numbers)
    assert min(numbers) > 1 << 64, "random enough that nobody foresees them"


@given(st.integers(1, 100_000), st.integers(1, 3000))
def test_never_after_the_ca(days: int, ca_days: int) -> None:
    ca = make("CN=CA", key=ROOT.key, ca=True, days=ca_days)
    (certificate,) = sign(ca=ca, days=days)
    assert certificate.not_valid_after_utc <= ca.certificate.not_valid_after_utc
    assert certificate.not_valid_before_utc >= ca.certificate.not_valid_before_utc
    wanted = datetime.timedelta(days=min(days, ca_days))
    assert wanted - datetime.timedelta(hours=1) < certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)


def test_days_beyond_the_calendar() -> None:
    assert sign(days=10**9)[0].not_valid_after_utc == ROOT.certificate.not_valid_after_utc


@given(
    st.lists(st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){0,2}", fullmatch=True) | st.ip_addresses().map(str), max_size=5),
    st.sampled_from([ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]),
)
def test_round_trip(names: list[str], curve: t.Any) -> None:
    """Any names and curves: what was asked for is what comes out, on the key that asked."""
    key = ec.generate_private_key(curve)
    (certificate,) = sign(make_request("CN=gate", key, names))
    assert [text.partition(":")[2] for text in pki.alternative_names(certificate)] == sorted(
        names, key=lambda name: ":" in name or name[0].isdigit()
    )
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(ROOT.certificate)


def test_what_else_is_in_a_request_does_not_count() -> None:
    """Nobody makes a CA of himself by asking for it."""
    asked = make_request(
        "CN=gate",
        KEY,
        ["gate.example.net", "root@example.net"],
        x509.BasicConstraints(ca=True, path_length=None),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),
    )
    (certificate,) = sign(asked)
    assert not pki.is_ca(certificate)
    assert ExtendedKeyUsageOID.CODE_SIGNING not in extension(certificate, x509.ExtendedKeyUsage).value
    names = extension(certificate, x509.SubjectAlternativeName).value
    assert list(names) == [x509.DNSName("gate.example.net")]


def test_names_instead_of_those_in_the_request() -> None:
    (certificate,) = sign(subject_alt_names=["DNS:Other.example.net", "IP:2001:db8::7"])
    assert pki.alternative_names(certificate) == ["DNS:other.example.net", "IP:2001:db8::7"]
    (bare,) = sign(subject_alt_names=[])
    assert pki.alternative_names(bare) == []


@pytest.mark.parametrize("chain, above", [(True, ["CN=Middle"]), (False, [])])
def test_chain(chain: bool, above: list[str]) -> None:
    """The root stays away, who verifies has it."""
    signed = sign(ca=MIDDLE, ca_certificate=MIDDLE.pem + ROOT.pem, chain=chain)
    assert [certificate.subject.rfc4514_string() for certificate in signed] == ["CN=gate,O=Example", *above]


def test_rsa_keys() -> None:
    ca = make("CN=CA", ca=True, key=RSA_KEY)
    (certificate,) = sign(make_request("CN=gate", RSA_KEY), ca)
    assert extension(certificate, x509.KeyUsage).value.key_encipherment
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    RSA_KEY.public_key().verify(
        certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA256()
    )
    strong = sign(ca=make("CN=CA", ca=True, key=ec.generate_private_key(ec.SECP384R1())))[0]
    assert isinstance(strong.signature_hash_algorithm, hashes.SHA384)


def test_encrypted_key() -> None:
    assert sign(ca_private_key=ROOT.key_pem(SECRET), ca_passphrase=SECRET)


def with_usage(**usages: bool) -> Identity:
    """A CA that may do this and that."""
    kinds = ("digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign "
             "crl_sign encipher_only decipher_only").split()  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=ROOT.certificate.subject,
        subject_name=ROOT.certificate.subject,
        public_key=ROOT.key.public_key(),
        serial_number=7,
        not_valid_before=now,
        not_valid_after=now + datetime.timedelta(days=9),
    ).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.KeyUsage(**{kind: usages.get(kind, False) for kind in kinds}), critical=True)
    return Identity(builder.sign(ROOT.key, hashes.SHA256()), ROOT.key)


def tampered() -> str:
    """A request whose name was changed after it was signed."""
    from cryptography.hazmat.primitives.serialization import Encoding

    data = x509.load_pem_x509_csr(CSR.encode()).public_bytes(Encoding.DER).replace(b"gate", b"door", 1)
    return x509.load_der_x509_csr(data).public_bytes(Encoding.PEM).decode()


OTHER = make("CN=Root", ca=True)
REFUSED: dict[str, tuple[dict[str, t.Any], str]] = {
    "none": ({"csr": None}, "the CSR: there is none"),
    "empty": ({"csr": " "}, "the CSR: there is none"),
    "no CSR": ({"csr": ROOT.pem}, "the CSR: it is no certificate signing request"),
    "tampered": ({"csr": tampered()}, "the CSR: its signature is not that of its key"),
    "no subject": ({"csr": make_request("", KEY, NAMES)}, "the CSR: it has no subject"),
    "odd name": ({"csr": make_request("CN=gate", KEY, ["a b"])}, "the CSR: 'DNS:a b' is neither"),
    "short": ({"csr": make_request("CN=gate", rsa.generate_private_key(65537, 1024))}, "has less than 2048 bits"),
    "leaf": ({"ca": make("CN=leaf")}, "ca_certificate: it is not that of a CA"),
    "may not sign": ({"ca": with_usage(crl_sign=True)}, "may not sign certificates"),
    "expired": ({"ca": make("CN=CA", ca=True, days=-0.5)}, "ca_certificate: it has expired"),
    "other key": ({"ca_private_key": OTHER.key_pem()}, "ca_private_key: it is not the key of ca_certificate"),
    "no key": ({"ca_private_key": "CANARY"}, "ca_private_key: it is no private key"),
    "no CA": ({"ca_certificate": ""}, "ca_certificate: there is none"),
    "passphrase": ({"ca_private_key": ROOT.key_pem(SECRET), "ca_passphrase": "CANARY"}, "the passphrase is wrong"),
    "missing passphrase": ({"ca_private_key": ROOT.key_pem(SECRET)}, "ca_private_key: it is encrypted"),
    "no days": ({"days": 0}, "days a number above 0"),
    "one name": ({"subject_alt_names": "DNS:gate"}, "subject_alt_names has to be a list"),
    "wrong name": ({"subject_alt_names": ["gate"]}, "subject_alt_names: 'gate' is neither"),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_refused(why: str) -> None:
    options, said = REFUSED[why]
    texts = set()
    for _run in range(2):
        with pytest.raises(AnsibleFilterError) as caught:
            sign(**options)
        texts.add(str(caught.value))
        assert caught.value.__cause__ is None
    (text,) = texts
    assert text.startswith("axis.vapix.csr_sign: ") and said in text
    assert "CANARY" not in text and "PRIVATE" not in text


def test_a_ca_that_may_sign() -> None:
    assert sign(ca=with_usage(key_cert_sign=True))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pki, "CRYPTOGRAPHY_IMPORT_ERROR", "no")
    with pytest.raises(AnsibleFilterError, match="pip install cryptography"):
        sign()


def test_openssl_agrees(tmp_path: pathlib.Path) -> None:
    """The CA of the documentation, a request by openssl, and openssl's word on the chain."""
    openssl = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 3650 -subj".split()
    extensions = ["basicConstraints=critical,CA:true,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"]

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    added = [part for text in extensions for part in ("-addext", text)]
    documented = " ".join(plugin.EXAMPLES.replace("\\\n#", " ").split())
    assert all(part in documented for part in [" ".join(openssl), *extensions]), "as documented"
    run(*openssl, "/CN=Camera CA", *added, "-keyout", "ca.key", "-out", "ca.pem", "-passout", f"pass:{SECRET}")
    request = "openssl req -newkey rsa:2048 -nodes -keyout key -out csr -subj /O=Example/CN=gate -addext"
    run(*request.split(), "subjectAltName=DNS:gate.example.net,IP:192.0.2.7")
    ca, key, csr = ((tmp_path / name).read_text() for name in ("ca.pem", "ca.key", "csr"))
    (tmp_path / "leaf.pem").write_text(csr_sign(csr, ca_certificate=ca, ca_private_key=key, ca_passphrase=SECRET))
    for purpose in ("sslserver", "sslclient"):
        told = run("openssl", "verify", "-x509_strict", "-purpose", purpose, "-verify_hostname", "gate.example.net",
                   "-CAfile", "ca.pem", "leaf.pem")  # fmt: skip
        assert told.strip() == "leaf.pem: OK"
