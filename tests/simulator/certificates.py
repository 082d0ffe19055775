# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a device, its private keys, and which service uses which; REST and SOAP are views of it.

Recorded on 12.11: keystores, the three factory certificates and their fields, the sets of services, and that a
certificate counts as used only when the service is on. Certificate Management (REST) page: one name space, a key stays
for ever. The vendor's SOAP page names the alias of the self-signed certificate. Assumed: see README.md.
"""

from __future__ import annotations

import base64
import binascii
import copy
import datetime
import hashlib
import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from state import Device, State

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
MAX_ALIAS, MAX_CERTIFICATES = 128, 100
WEB_SERVER, DOT1X = "WebServer", "EAPTLS_WIRED"
DEFAULT_KEY_TYPE, SOAP_KEY_TYPE = "EC-P256", "RSA-2048"
_CURVES = {"EC-P256": ec.SECP256R1(), "EC-P384": ec.SECP384R1(), "EC-P521": ec.SECP521R1()}
_PRIMES = Path(__file__).parent / "profiles" / "rsa-primes.txt"
_OWNER = "Axis Communications AB"
_FOR_EVER = datetime.datetime(9999, 12, 31, 23, 59, 59)
_MADE = datetime.datetime(2022, 4, 6, 15, 30, 31)
# id-on-hardwareModuleName (RFC 4108), as in the recorded factory certificates; the last 16 bytes are the chip's number.
_HARDWARE_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4")
_HARDWARE_HEAD = bytes.fromhex("3023060d2b0601040181db69a6f125080204120400")
# The store refuses what it is sent as that: for tests.
REFUSALS = {
    "format": "The certificate is not in a known format",
    "limit": "No room for more certificates",
    "maintenance": "Maintenance required before a key of this type can be generated",
    "web_server": "Invalid ID",
}
# Which parameter says whether the service behind a set is on. A set that is not here counts as used.
_SWITCHES = {
    "EAP": ("Network.Interface.I0.dot1x.Enabled", "yes"),
    "Streaming_RTSPS": ("Network.RTSPS.Enabled", "yes"),
    "RemoteSyslog": ("API.RemoteSyslog1.Enabled", "true"),
}


class StoreError(Exception):
    """What the store refuses; ``kind`` is one word that REST and SOAP translate into their own codes."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind, self.text = kind, text


@dataclass(frozen=True)
class Keystore:
    """Where private keys can be kept."""

    id: str
    level: str
    key_types: tuple[str, ...]
    certifications: tuple[str, ...] = ()


@dataclass(frozen=True)
class Equipment:
    """What a kind of device has for certificates."""

    keystores: tuple[Keystore, ...]
    # Of the factory certificates: keystore and key types; empty without such.
    device_ids: tuple[str, tuple[str, ...]] | None
    # The certificate sets it knows.
    sets: tuple[str, ...]
    # CA certificates that are there from the start.
    has_roots: bool = True

    @property
    def default_keystore(self) -> str:
        """The one for new keys: the last is the strongest."""
        return self.keystores[-1].id


@dataclass(frozen=True)
class Material:
    """A certificate with those above it, and the private key (None for a CA)."""

    chain: tuple[x509.Certificate, ...]
    key: Key | None = None
    # Shown to TLS clients as well, though the PEM does not have them (recorded of the factory certificates).
    above: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, eq=False)
class Entry:
    """A certificate under its alias. Never changes; a replacement is another entry."""

    alias: str
    source: Callable[[], Material]
    # Empty for a CA certificate.
    keystore: str = ""
    factory: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Entry:
        return self

    @cached_property
    def material(self) -> Material:
        """Made on first use: most devices never show their certificates."""
        return self.source()

    @property
    def is_ca(self) -> bool:
        """Whether it is one without a private key."""
        return not self.keystore

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate itself."""
        return self.material.chain[0]

    @property
    def pem(self) -> str:
        """The certificate and those above it."""
        return "".join(pem_of(certificate) for certificate in self.material.chain)

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex."""
        return self.leaf.fingerprint(hashes.SHA256()).hex()


@dataclass(frozen=True)
class Set:
    """What one service uses: aliases of its own certificates, of those above them, and of those it trusts."""

    certificates: tuple[str, ...] = ()
    ca: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.certificates, *self.ca, *self.trusted)


class Store:
    """The certificates of one device."""

    def __init__(self, device: Device) -> None:
        equipment = device.profile.certificates
        assert equipment is not None
        self.equipment: Equipment = equipment
        self.keystore = equipment.default_keystore
        self._entries: dict[str, Entry] = {}
        self.sets: dict[str, Set] = {name: Set() for name in equipment.sets}
        # For tests: what becomes of the next certificates that are sent, one of REFUSALS.
        self.refuse = ""
        if equipment.has_roots:
            for name in ("ECC", "RSA"):
                self._put(Entry(f"Axis device ID Root CA {name}", partial(_root, name)))
        shown = self._equip(device)
        self.sets[WEB_SERVER] = Set((shown,))

    def __deepcopy__(self, memo: dict[int, Any]) -> Store:
        other = copy.copy(self)
        other._entries, other.sets = dict(self._entries), dict(self.sets)
        return other

    def _equip(self, device: Device) -> str:
        """Put in what a device comes with; returns the alias that the web server shows."""
        shown = ""
        if self.equipment.device_ids is not None:
            keystore, key_types = self.equipment.device_ids
            for key_type in key_types:
                alias = f"Axis device ID {key_type.replace('EC-', 'ECC-')} (802.1AR)"
                self._put(Entry(alias, partial(device_id, device.serial.lower(), key_type), keystore, factory=True))
                shown = shown or alias
            first = Set((shown,))
            self.sets.update(
                {name: first for name in (DOT1X, "EAPTLS_WIRED_SERVER", "Streaming_RTSPS") if name in self.sets}
            )
        else:
            shown = "Default(self-signed)"
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device.host_name)])
            self._put(Entry(shown, lambda: _self_signed(fixed_key(SOAP_KEY_TYPE), name), self.keystore))
        if device.installed is not None:
            shown = "Simulator HTTPS"
            self._put(Entry(shown, lambda material=device.installed: material, self.keystore))
        return shown

    def _put(self, entry: Entry) -> None:
        self._entries[entry.alias] = entry

    # -- reading
    def entries(self, ca: bool) -> list[Entry]:
        """The CA certificates or the others, by alias (the recorded order)."""
        return sorted((entry for entry in self._entries.values() if entry.is_ca is ca), key=lambda entry: entry.alias)

    def get(self, alias: str) -> Entry | None:
        """The certificate of that alias, of either kind."""
        return self._entries.get(alias)

    def aliases(self, ca: bool) -> list[str]:
        """The aliases of one kind."""
        return [entry.alias for entry in self.entries(ca)]

    def with_key(self, key: Any) -> Entry | None:
        """A certificate whose private key belongs to a public key."""
        wanted = public(key)
        return next((entry for entry in self.entries(ca=False) if public(entry.leaf.public_key()) == wanted), None)

    # -- changing
    def add(self, alias: Any, material: Material, keystore: Any = None) -> None:
        """Put in a certificate with its private key."""
        assert material.key is not None
        self._check_room(alias)
        self._put(Entry(alias, lambda: material, self._keystore_for(keystore, key_type_of(material.key))))

    def add_ca(self, alias: Any, chain: tuple[x509.Certificate, ...]) -> None:
        """Put in a CA certificate."""
        self._check_room(alias)
        self._put(Entry(alias, lambda: Material(chain)))

    def create(
        self,
        alias: Any,
        key_type: Any,
        keystore: Any,
        subject: x509.Name,
        names: list[x509.GeneralName],
        begin: datetime.datetime,
        end: datetime.datetime,
    ) -> Entry:
        """Make a key and a self-signed certificate for it."""
        self._check_room(alias)
        key_type = DEFAULT_KEY_TYPE if key_type is None else key_type
        where = self._keystore_for(keystore, key_type)
        if end <= begin:
            raise StoreError("format", "The certificate ends before it begins")
        material = _self_signed(new_key(key_type), subject, names, begin, end)
        self._put(Entry(alias, lambda: material, where))
        return self._entries[alias]

    def replace(self, alias: str, chain: tuple[x509.Certificate, ...]) -> None:
        """Put another certificate in the place of one; the key must be the same."""
        old = self._entries[alias]
        self._refuse("format", "limit", "maintenance")
        if old.factory:
            raise StoreError("factory", "A factory certificate can not be replaced")
        if public(chain[0].public_key()) != public(old.leaf.public_key()):
            raise StoreError("mismatch", "The certificate is not for the same public key")
        material = Material(chain, old.material.key)
        self._put(Entry(alias, lambda: material, old.keystore))

    def remove(self, alias: str, state: State) -> None:
        """Delete a certificate and its key."""
        entry = self._entries.get(alias)
        if entry is None:
            raise StoreError("missing", "The CertificateID does not exist")
        if entry.factory:
            raise StoreError("factory", "A factory certificate can not be deleted")
        if alias in used(state):
            raise StoreError("in_use", "The certificate is in use")
        self.drop(alias)

    def put(self, alias: str, material: Material) -> None:
        """Put in a certificate without a check."""
        self._put(Entry(alias, lambda: material, "" if material.key is None else self.keystore))

    def drop(self, alias: str) -> None:
        """Delete a certificate without a check; no service uses it any more."""
        del self._entries[alias]
        for name, members in self.sets.items():
            if alias in members.aliases:
                self.sets[name] = Set(
                    *(
                        tuple(item for item in part if item != alias)
                        for part in (members.certificates, members.ca, members.trusted)
                    )
                )

    def assign(self, name: str, members: Set) -> None:
        """Give a service its certificates; the whole set is replaced."""
        if name == WEB_SERVER:
            self._refuse("web_server")
        for alias in members.aliases:
            entry = self._entries.get(alias)
            if entry is None or (entry.is_ca and alias in members.certificates):
                raise StoreError("missing", "Invalid ID")
        self.sets[name] = members

    def set_default_keystore(self, keystore: Any) -> None:
        """Where new keys go."""
        self.keystore = self._find_keystore(keystore).id

    def _refuse(self, *kinds: str) -> None:
        if self.refuse in kinds:
            raise StoreError(self.refuse, REFUSALS[self.refuse])

    def _check_room(self, alias: Any) -> None:
        self._refuse("format", "limit", "maintenance")
        if not isinstance(alias, str) or not 1 <= len(alias) <= MAX_ALIAS or not alias.isprintable():
            raise StoreError("alias", f"The alias must have 1 to {MAX_ALIAS} printable characters")
        if alias in self._entries:
            raise StoreError("exists", "The certificate ID already exists")
        if len(self._entries) >= MAX_CERTIFICATES:
            raise StoreError("limit", REFUSALS["limit"])

    def _find_keystore(self, keystore: Any) -> Keystore:
        wanted = self.keystore if keystore is None else keystore
        found = next((one for one in self.equipment.keystores if one.id == wanted), None)
        if found is None:
            raise StoreError("keystore", "No such keystore")
        return found

    def _keystore_for(self, keystore: Any, key_type: Any) -> str:
        found = self._find_keystore(keystore)
        if key_type not in found.key_types:
            # The text is on the vendor's page, for a TPM.
            raise StoreError(
                "key_type", f"Failed to generate key pair: This key algorithm is not supported on {found.id}"
            )
        return found.id


def used(state: State) -> dict[str, list[str]]:
    """The aliases in use, and the sets they are used by."""
    found: dict[str, list[str]] = {}
    for name, members in state.certificates.sets.items():
        switch = next((switch for prefix, switch in _SWITCHES.items() if name.startswith(prefix)), None)
        if switch is None or state.get(switch[0]) == switch[1]:
            for alias in members.aliases:
                found.setdefault(alias, []).append(name)
    if state.ntp["NTSEnabled"]:
        for alias in state.ntp["NTSKEServerCACerts"]:
            found.setdefault(alias, []).append("NTS")
    return found


# -- making keys and certificates


def new_key(key_type: str) -> Key:
    """A private key."""
    if key_type in _CURVES:
        return ec.generate_private_key(_CURVES[key_type])
    return rsa.generate_private_key(65537, int(key_type.removeprefix("RSA-")))


def key_type_of(key: Key) -> str:
    """The name of a key's type."""
    if isinstance(key, rsa.RSAPrivateKey):
        return f"RSA-{key.key_size}"
    return f"EC-P{key.curve.key_size}"


def _self_signed(
    key: Key,
    subject: x509.Name,
    names: Iterable[x509.GeneralName] = (),
    begin: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
) -> Material:
    begin = begin or datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end or begin + datetime.timedelta(days=3650))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Material((builder.sign(key, hashes.SHA256()),), key)


@cache
def _fixed_rsa_keys() -> dict[str, rsa.RSAPrivateKey]:
    keys = {}
    text = _PRIMES.read_text(encoding="ascii").replace("\\\n", "")
    for paragraph in text.split("\n\n")[1:]:
        name, p, q = paragraph.split()
        first, second = int(p, 16), int(q, 16)
        secret = pow(65537, -1, (first - 1) * (second - 1))
        numbers = rsa.RSAPrivateNumbers(
            first,
            second,
            secret,
            secret % (first - 1),
            secret % (second - 1),
            pow(second, -1, first),
            rsa.RSAPublicNumbers(65537, first * second),
        )
        keys[name] = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    return keys


@cache
def fixed_key(name: str) -> Key:
    """A key that all simulated devices share: root-RSA, intermediate-ECC, EC-P256, RSA-4096 ..."""
    family = name.rpartition("-")[2]
    if family == "ECC" or name in _CURVES:
        return ec.generate_private_key(_CURVES.get(name, _CURVES[DEFAULT_KEY_TYPE]))
    return _fixed_rsa_keys()[name.replace("-RSA", "").replace("RSA-", "device-")]


def _axis_name(common: str, *more: x509.NameAttribute[str]) -> x509.Name:
    return x509.Name(
        [*more, x509.NameAttribute(NameOID.ORGANIZATION_NAME, _OWNER), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _signed(
    subject: x509.Name, key: Key, issuer: x509.Name, issuer_key: Key, extensions: list[tuple[x509.ExtensionType, bool]]
) -> x509.Certificate:
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_MADE)
        .not_valid_after(_FOR_EVER)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.add_extension(above, critical=False).sign(issuer_key, hashes.SHA256())


@cache
def authority(family: str) -> tuple[x509.Certificate, x509.Certificate]:
    """The root and the intermediate CA of the factory certificates, ECC or RSA: stand-ins for the vendor's."""
    root_key, key = fixed_key(f"root-{family}"), fixed_key(f"intermediate-{family}")
    root_name = _axis_name(f"Axis device ID Root CA {family}")

    def made(name: x509.Name, own_key: Key) -> x509.Certificate:
        return _signed(
            name,
            own_key,
            root_name,
            root_key,
            [
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (x509.KeyUsage(False, False, False, False, False, True, True, False, False), True),
                (x509.SubjectKeyIdentifier.from_public_key(own_key.public_key()), False),
            ],
        )

    return made(root_name, root_key), made(_axis_name(f"Axis device ID Intermediate CA {family} 2"), key)


def _root(family: str) -> Material:
    return Material((authority(family)[0],))


def device_id(serial: str, key_type: str) -> Material:
    """A factory certificate, as recorded, with the intermediate CA above it."""
    family = "ECC" if key_type in _CURVES else "RSA"
    kind = key_type.lower().replace("ec-", "ecc").replace("-", "")
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Lund"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _OWNER),
            x509.NameAttribute(NameOID.COMMON_NAME, f"axis-{serial}-{kind}-1"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial),
        ]
    )
    chip = _HARDWARE_HEAD + hashlib.md5(serial.encode(), usedforsecurity=False).digest()
    names = x509.SubjectAlternativeName([x509.OtherName(_HARDWARE_NAME, chip)])
    intermediate, key = authority(family)[1], fixed_key(key_type)
    leaf = _signed(name, key, intermediate.subject, fixed_key(f"intermediate-{family}"), [(names, False)])
    return Material((leaf,), key, (intermediate,))


# -- what clients send


def pem_of(certificate: x509.Certificate) -> str:
    """PEM with a line feed at its end (recorded)."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def base64_of(certificate: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """DER in base64 on one line."""
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def public(key: Any) -> bytes:
    """A public key to compare."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_pem(text: Any) -> tuple[x509.Certificate, ...]:
    """One certificate or more."""
    try:
        return tuple(x509.load_pem_x509_certificates(text.encode("ascii")))
    except (AttributeError, UnicodeError, ValueError):
        raise StoreError("format", "The certificate is no PEM") from None


def read_base64(text: str) -> bytes:
    """Base64 without header lines, blanks allowed."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise StoreError("format", "The data is no base64") from None


def read_der(text: str) -> tuple[x509.Certificate, ...]:
    """One certificate, DER in base64."""
    try:
        return (x509.load_der_x509_certificate(read_base64(text)),)
    except ValueError:
        raise StoreError("format", "The certificate is not in a known format") from None


def read_key(data: bytes, pem: bool) -> Key:
    """A private key without a passphrase, RSA or EC, in any of the common forms."""
    load = serialization.load_pem_private_key if pem else serialization.load_der_private_key
    try:
        key = load(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise StoreError("format", "The private key is not in a known format") from None
    return _usable(key)


def _usable(key: Any) -> Key:
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise StoreError("format", "The private key is neither RSA nor EC")
    return key


def pair(chain: tuple[x509.Certificate, ...], key: Key) -> Material:
    """A certificate and its key, which must belong together."""
    if public(chain[0].public_key()) != public(key.public_key()):
        raise StoreError("mismatch", "The public and private key is not matching")
    return Material(chain, key)


def read_pkcs12(data: bytes, passphrase: str) -> Material:
    """The certificate, its key and what is above it."""
    try:
        found = pkcs12.load_pkcs12(data, passphrase.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise StoreError("format", "The archive can not be read, or the passphrase is wrong") from None
    if found.key is None or found.cert is None:
        raise StoreError("format", "The archive holds no certificate with a private key")
    above = tuple(item.certificate for item in found.additional_certs)
    return pair((found.cert.certificate, *above), _usable(found.key))


def read_subject(text: Any) -> x509.Name:
    """A distinguished name of RFC 4514."""
    try:
        return x509.Name.from_rfc4514_string(text)
    except (AttributeError, TypeError, ValueError):
        raise StoreError("format", "The subject is no distinguished name") from None


def read_names(items: Any) -> list[x509.GeneralName]:
    """``DNS:`` and ``IP:`` names."""
    found: list[x509.GeneralName] = []
    for item in items if isinstance(items, list) else [None]:
        kind, _mark, value = item.partition(":") if isinstance(item, str) else ("", "", "")
        try:
            if kind == "DNS" and value:
                found.append(x509.DNSName(value))
            elif kind == "IP":
                found.append(x509.IPAddress(ipaddress.ip_address(value)))
            else:
                raise ValueError
        except ValueError:
            raise StoreError("format", "A name is neither DNS:name nor IP:address") from None
    return found


def request_for(entry: Entry, subject: x509.Name | None, names: list[x509.GeneralName] | None) -> Any:
    """A signing request; None copies from the certificate."""
    leaf, key = entry.leaf, entry.material.key
    assert key is not None
    builder = x509.CertificateSigningRequestBuilder().subject_name(leaf.subject if subject is None else subject)
    if names is None:
        try:
            own = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            own = None
    else:
        own = x509.SubjectAlternativeName(names) if names else None
    if own is not None:
        builder = builder.add_extension(own, critical=False)
    return builder.sign(key, hashes.SHA256())
