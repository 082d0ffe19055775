# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS contexts, and the certificates of simulated devices that speak HTTPS: one CA per run, one leaf per device.

Real devices present a self-signed or Axis device ID certificate until somebody gives them another. Here somebody has:
a CA of our own signs one, so that tests can verify. All leaves of a run share one key: making a thousand keys would be
the slowest part of the start, and nothing a client sees depends on it.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certificates import Key, Material, fixed_key, pem_of

if TYPE_CHECKING:
    from state import Device

_VALID_DAYS = 30


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Simulated devices"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass(frozen=True)
class Chain:
    """What a device shows to its TLS clients, and the SHA-256 of the leaf in hex."""

    context: ssl.SSLContext
    fingerprint: str


def known_ciphers() -> frozenset[str]:
    """The names of all TLS 1.2 and older ciphers this machine can speak."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return frozenset(cipher["name"] for cipher in context.get_ciphers())


def chain(material: Material, ciphers: str = "", lowest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> Chain:
    """A server's TLS context; without ciphers those of this machine. TLS 1.3 has ciphers of its own."""
    assert material.key is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = lowest
    if ciphers:
        # OpenSSL 3 has TLS 1.1 and older only at its lowest level of security.
        context.set_ciphers(ciphers if lowest >= ssl.TLSVersion.TLSv1_2 else f"{ciphers}:@SECLEVEL=0")
    key = material.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The ssl module reads certificates from files only.
    handle, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write("".join(pem_of(certificate) for certificate in material.chain).encode() + key)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
    return Chain(context, material.chain[0].fingerprint(hashes.SHA256()).hex())


class Authority:
    """Signs the devices' certificates."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._now = datetime.datetime.now(datetime.UTC)
        self._subject = _name("Simulator CA")
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self.certificate = (
            self._builder(self._subject, self._key)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _builder(self, subject: x509.Name, key: Key) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - datetime.timedelta(days=1))
            .not_valid_after(self._now + datetime.timedelta(days=_VALID_DAYS))
        )

    def pem(self) -> bytes:
        """The CA certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def leaf(self, device: Device, ciphers: str) -> Material:
        """A certificate for the device, with a key its ciphers can use. A device that moves keeps it."""
        key = fixed_key("EC-P256" if "ECDSA" in ciphers else "RSA-2048")
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName(device.host_name),
                x509.DNSName("localhost"),
                *(x509.IPAddress(ipaddress.ip_address(address)) for address in device.homes),
            ]
        )
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        leaf = (
            self._builder(_name(device.host_name), key)
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Material((leaf,), key)
