# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates, keys and CAs for tests, as right or as wrong as a test wants them. It knows nothing of our client."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import ipaddress
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: t.Any

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def key_pem(self, passphrase: str | None = None, kind: str = "PKCS8") -> str:
        """The private key. :param kind: PKCS8 or TraditionalOpenSSL."""
        encryption: t.Any = serialization.NoEncryption()
        if passphrase is not None:
            encryption = serialization.BestAvailableEncryption(passphrase.encode())
        form = getattr(serialization.PrivateFormat, kind)
        return self.key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()

    def archive(self, passphrase: str, *others: Identity) -> str:
        """A PKCS#12 archive in base64."""
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
        above = [other.certificate for other in others] or None
        data = pkcs12.serialize_key_and_certificates(b"name", self.key, self.certificate, above, encryption)
        return base64.b64encode(data).decode()


def new_key() -> t.Any:
    """A private key, quickly made."""
    return ec.generate_private_key(ec.SECP256R1())


def name(subject: str) -> x509.Name:
    """A name with one part or several, as ``CN=gate,O=Example``."""
    return x509.Name.from_rfc4514_string(subject, {"serialNumber": NameOID.SERIAL_NUMBER})


def make(
    subject: str = "CN=gate",
    issuer: Identity | None = None,
    *,
    key: t.Any = None,
    names: t.Sequence[str] = (),
    ca: bool | None = False,
    days: float = 90,
    since: float = 1,
    public_key: t.Any = None,
) -> Identity:
    """Make a certificate, signed by an issuer or by itself.

    :param key: its private key; made where left out. :param names: host names and addresses.
    :param ca: what it says of being a CA; None for nothing. :param days: until its end. :param since: from its start.
    :param public_key: the public key, where the private one is not here.
    """
    key = key or (None if public_key is not None else new_key())
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else name(subject),
        subject_name=name(subject),
        public_key=public_key or key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(days=since),
        not_valid_after=now + datetime.timedelta(days=days),
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(text) for text in names]), critical=False)
    return Identity(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def make_request(subject: str, key: t.Any, names: t.Sequence[str] = (), *extensions: x509.ExtensionType) -> str:
    """A signing request in PEM."""
    builder = x509.CertificateSigningRequestBuilder(name(subject) if subject else x509.Name([]))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(text) for text in names]), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _general(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.RFC822Name(text) if "@" in text else x509.DNSName(text)
