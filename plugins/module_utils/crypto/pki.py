# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""X.509 certificates, keys and signing requests: read, told apart and described by what they say, never by their text.

No error here has a secret in it, nor the text that was read.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import itertools
import traceback
import typing as t

from ..wire.errors import missing_package
from ..wire.hosts import is_address, is_host
from . import pem

try:
    from cryptography import exceptions as crypto_exceptions
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import NameOID
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR: str | None = traceback.format_exc()
    Certificate = Name = Request = t.Any
    _NAMES: dict[str, t.Any] = {}
else:
    CRYPTOGRAPHY_IMPORT_ERROR = None
    Certificate, Name, Request = x509.Certificate, x509.Name, x509.CertificateSigningRequest
    # Attributes that devices have in names, beside those RFC 4514 has short names for.
    _NAMES = {"serialNumber": NameOID.SERIAL_NUMBER, "emailAddress": NameOID.EMAIL_ADDRESS}

_CURVES = {"secp256r1": "EC-P256", "secp384r1": "EC-P384", "secp521r1": "EC-P521"}


class Unusable(ValueError):
    """What was given cannot be used; the text says why, to continue a sentence."""


def require() -> None:
    """Refuse to go on without the package that does the work. :raises InvalidOption: it is not installed."""
    if CRYPTOGRAPHY_IMPORT_ERROR:
        raise missing_package("cryptography")


# -- reading
def from_der(data: bytes) -> Certificate:
    """A certificate. :raises Unusable: it is none."""
    try:
        return x509.load_der_x509_certificate(data)
    except (ValueError, crypto_exceptions.UnsupportedAlgorithm) as exc:
        raise Unusable("it is no X.509 certificate") from exc


def chain_from_pem(text: str) -> list[Certificate]:
    """A certificate and those of the CAs above it, each signed by the next.

    :raises Unusable: there is none, a private key is among them, or one is not signed by the next.
    """
    if any("PRIVATE KEY" in label for label in pem.labels(text)):
        raise Unusable("there is a private key in it, which does not belong here")
    try:
        chain = [from_der(data) for data in pem.blocks(text, pem.CERTIFICATE)]
    except Unusable:
        raise
    except ValueError as exc:
        raise Unusable(str(exc)) from exc
    for lower, upper in itertools.pairwise(chain):
        if not signed_by(lower, upper):
            raise Unusable(f"the certificate of {named(lower)!r} is not signed by the one after it, {named(upper)!r}")
    return chain


def key_from_pem(text: str, passphrase: str | None) -> t.Any:
    """A private key. :raises Unusable: it is none, or the passphrase does not open it."""
    try:
        key = serialization.load_pem_private_key(text.encode(), None if passphrase is None else passphrase.encode())
    except TypeError as exc:
        if passphrase is None:
            raise Unusable("it is encrypted, and there is no passphrase") from exc
        raise Unusable("it is not encrypted, but there is a passphrase") from exc
    except (ValueError, crypto_exceptions.UnsupportedAlgorithm) as exc:
        encrypted = "ENCRYPTED" in text
        raise Unusable("the passphrase is wrong, or it is damaged" if encrypted else "it is no private key") from exc
    return _usable(key)


def from_pkcs12(data: bytes, passphrase: str | None) -> tuple[t.Any, list[Certificate]]:
    """The private key of a PKCS#12 archive, and its certificate with those of the CAs above it.

    :raises Unusable: the passphrase does not open it, or one of the two is not in it.
    """
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, (passphrase or "").encode() or None)
    except (ValueError, TypeError, crypto_exceptions.UnsupportedAlgorithm) as exc:
        raise Unusable("the passphrase is wrong, or it is no PKCS#12 archive") from exc
    if key is None or certificate is None:
        raise Unusable(f"there is no {'private key' if key is None else 'certificate of its key'} in it")
    chain, left = [certificate], list(others)
    while (above := next((other for other in left if signed_by(chain[-1], other)), None)) is not None:
        left.remove(above)
        chain.append(above)
    return _usable(key), chain


def request_from_pem(text: str) -> Request:
    """A signing request (PKCS#10) whose sender has the private key. :raises Unusable: it is none."""
    try:
        (data,) = pem.blocks(text.replace("NEW CERTIFICATE REQUEST", pem.REQUEST), pem.REQUEST)
        request = x509.load_der_x509_csr(data)
        proven = request.is_signature_valid
    except (ValueError, crypto_exceptions.UnsupportedAlgorithm) as exc:
        raise Unusable("it is no certificate signing request in PEM") from exc
    if not proven:
        raise Unusable("its signature is not that of its key")
    return request


def _usable(key: t.Any) -> t.Any:
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise Unusable("it is neither an RSA nor an EC key")
    return key


# -- names
def parse_name(text: str) -> Name:
    """A distinguished name as RFC 4514 writes it, as ``CN=gate,O=Example``. :raises Unusable: it is none."""
    try:
        name = x509.Name.from_rfc4514_string(text, _NAMES)
    except ValueError as exc:
        reason = f" ({exc})" if str(exc) else ""  # as of a country code that is longer than two letters
        raise Unusable(
            f"it is not written as in RFC 4514{reason}, for example CN=gate.example.net,O=Example,C=SE"
        ) from exc
    if not name.rdns:
        raise Unusable("it is empty")
    return name


def shown_name(name: Name) -> str:
    """A distinguished name as RFC 4514 writes it."""
    return name.rfc4514_string({oid: text for text, oid in _NAMES.items()})


def same_name(one: Name, other: Name) -> bool:
    """Whether two names say the same. The order does not count: devices differ in which way round they write it."""
    return _attributes(one) == _attributes(other)


def _attributes(name: Name) -> list[tuple[str, str]]:
    return sorted((attribute.oid.dotted_string, str(attribute.value)) for attribute in name)


def named(certificate: Certificate) -> str:
    """How a certificate is called in a sentence."""
    return shown_name(certificate.subject)


def parse_alternative_name(text: str) -> str:
    """A subject alternative name as devices take it, in the one way to write it: ``DNS:`` or ``IP:`` and the name.

    :raises Unusable: it is something else.
    """
    kind, _mark, value = text.partition(":")
    if kind.upper() == "DNS" and is_host(value.removeprefix("*.")) and not is_address(value):
        return f"DNS:{value.lower()}"
    if kind.upper() == "IP" and is_address(value):
        return f"IP:{ipaddress.ip_address(value)}"
    raise Unusable(f"{text!r} is neither DNS: with a host name nor IP: with an address")


def alternative_names(certificate: Certificate | Request) -> list[str]:
    """The subject alternative names that are host names and addresses."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    hosts = [f"DNS:{name.lower()}" for name in names.get_values_for_type(x509.DNSName)]
    return hosts + [f"IP:{address}" for address in names.get_values_for_type(x509.IPAddress)]


# -- comparing
def public_key_sha256(holder: t.Any) -> str:
    """SHA-256 of the public key (SubjectPublicKeyInfo) of a certificate, a request or a private key, in hex."""
    spki = holder.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def fingerprint_sha256(certificate: Certificate) -> str:
    """SHA-256 of the certificate, in hex."""
    return hashlib.sha256(der(certificate)).hexdigest()


def signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether a certificate names another one as its issuer and has its signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, crypto_exceptions.InvalidSignature):
        return False
    return True


def is_ca(certificate: Certificate) -> bool:
    """Whether it may sign others. Of version 1, which cannot say so, those that are signed by themselves may."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return certificate.version is x509.Version.v1 and signed_by(certificate, certificate)


def has_expired(certificate: Certificate, margin: datetime.timedelta = datetime.timedelta()) -> bool:
    """Whether its end has come, or will within a margin."""
    # Not now plus the margin: factory certificates end in the year 9999, and a margin can be any.
    return certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC) <= margin


def key_type(holder: t.Any) -> str:
    """The type of the key of a certificate, a request or a private key, as REST names it: ``EC-P256``, ``RSA-2048``."""
    key = holder.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, key.curve.name)
    return type(key).__name__.removesuffix("PublicKey")


def describe(certificate: Certificate) -> dict[str, t.Any]:
    """What a certificate says, for results."""
    return {
        "subject": shown_name(certificate.subject),
        "issuer": shown_name(certificate.issuer),
        "serial_number": f"{certificate.serial_number:x}",
        "not_before": f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "not_after": f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "subject_alt_names": alternative_names(certificate),
        "key_type": key_type(certificate),
        "public_key_sha256": public_key_sha256(certificate),
        "fingerprint_sha256": fingerprint_sha256(certificate),
        "self_signed": signed_by(certificate, certificate),
    }


# -- writing
def der(certificate: Certificate) -> bytes:
    """The certificate in DER."""
    return certificate.public_bytes(serialization.Encoding.DER)


def to_pem(chain: t.Iterable[Certificate]) -> str:
    """Certificates in PEM, one after the other."""
    return "".join(pem.block(der(certificate), pem.CERTIFICATE) for certificate in chain)


def request_to_pem(request: Request) -> str:
    """A signing request in PEM."""
    return pem.block(request.public_bytes(serialization.Encoding.DER), pem.REQUEST)


def key_to_pem(key: t.Any) -> str:
    """A private key in PEM (PKCS#8), not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def key_to_der(key: t.Any) -> bytes:
    """A private key in the DER of its algorithm (PKCS#1, SEC 1), not encrypted."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
