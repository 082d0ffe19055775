# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The certificates of a device by alias: those with a private key, which services use, and those of CAs.

There is one store with one name space, behind two APIs: REST (AXIS OS 11.11 and later) and SOAP, where an alias is
called an id. Neither ever tells a private key.

Sources: VAPIX "Certificate management" (REST), "Certificate management API" (SOAP), ONVIF device management; recordings
of AXIS OS 12.11.
"""

from __future__ import annotations

import abc
import contextlib
import datetime
import typing as t
from urllib.parse import quote

from ...crypto import pem, pki
from ...device.device import Device
from ...model.option import Document
from ...model.resource import Resource, Returned, Target
from ...wire import rest, soap
from ...wire.errors import ApiMissing, BadAnswer, DeviceRefused, NotSupported, VapixError


class Stored(t.NamedTuple):
    """A certificate on a device.

    :param chain: the certificate and after it those that the device keeps with it, in DER.
    :param keystore: where its private key is; None for a CA, and where the API does not tell.
    """

    alias: str
    chain: tuple[bytes, ...]
    keystore: str | None = None

    @property
    def der(self) -> bytes:
        return self.chain[0]


class Reading(t.NamedTuple):
    """The certificates of a device.

    :param certificates: those with private keys, by alias. :param cas: those of CAs, by alias.
    :param store: where they are. :param keystores: the types of keys that each keystore can make, by its id, where new
        keys are wanted. :param default_keystore: the keystore that new keys go to.
    """

    certificates: t.Mapping[str, Stored]
    cas: t.Mapping[str, Stored]
    store: CertificateStore
    keystores: t.Mapping[str, list[str] | None] = {}
    default_keystore: str | None = None


class CertificateStore(abc.ABC):
    """The certificates of one device.

    :param api: the API it is reached by, for results and errors.
    :param lacking: what the API cannot do, by the option that wants it, to continue "it cannot ...".
    :param finds_keys: the device finds the key of a certificate by itself, be it that of another alias.
    """

    api: str
    lacking: t.Mapping[str, str] = {}
    finds_keys = False

    def __init__(self, device: Device) -> None:
        self.device = device

    # -- reading
    @abc.abstractmethod
    def certificates(self) -> dict[str, Stored]:
        """Those with a private key, by alias. :raises NotSupported: the device has no API for certificates."""

    @abc.abstractmethod
    def ca_certificates(self) -> dict[str, Stored]:
        """Those of CAs, by alias. :raises NotSupported: the device has no API for certificates."""

    @abc.abstractmethod
    def keystores(self) -> dict[str, list[str] | None]:
        """The types of keys that each keystore can make, by its id; None where it does not tell."""

    @abc.abstractmethod
    def default_keystore(self) -> str | None:
        """The keystore that new keys go to; None where the API does not tell."""

    def is_used(self, alias: str) -> bool:
        """Whether a service uses a certificate with a private key, as far as the device tells."""
        try:
            answer = soap.call(self.device.session, "tds:GetCertificatesStatus", safe=True)
        except (ApiMissing, soap.Fault) as exc:
            if soap.lacks(exc):
                return False
            raise
        states = {entry.text("tt:CertificateID"): entry.text("tt:Status") for entry in answer.children}
        return states.get(alias) == "true"

    # -- certificates with a private key
    def holds(self, subject: pki.Name) -> bool:
        """Whether the API has a place for each part of a subject."""
        return True

    @abc.abstractmethod
    def create(
        self,
        alias: str,
        subject: pki.Name,
        alternative_names: t.Sequence[str],
        key_type: str | None,
        keystore: str | None,
    ) -> None:
        """Let the device make a key and a certificate of it that is signed by itself."""

    @abc.abstractmethod
    def request(self, alias: str, subject: pki.Name, alternative_names: t.Sequence[str] | None) -> str:
        """A signing request for a certificate, in PEM or base64. :param alternative_names: None for those it has."""

    @abc.abstractmethod
    def add(self, alias: str, chain: t.Sequence[pki.Certificate], key: t.Any, keystore: str | None) -> None:
        """Add a certificate with its private key."""

    @abc.abstractmethod
    def add_archive(self, alias: str, archive: bytes, passphrase: str, keystore: str | None) -> None:
        """Add a certificate with its private key from a PKCS#12 archive."""

    @abc.abstractmethod
    def renew(self, alias: str, chain: t.Sequence[pki.Certificate]) -> None:
        """Put another certificate in front of a private key that the device has."""

    @abc.abstractmethod
    def remove(self, alias: str) -> None:
        """Remove a certificate together with its private key."""

    # -- certificates of CAs
    @abc.abstractmethod
    def add_ca(self, alias: str, certificate: pki.Certificate) -> None:
        """Add the certificate of a CA."""

    @abc.abstractmethod
    def remove_ca(self, alias: str) -> None:
        """Remove the certificate of a CA."""

    def replace_ca(self, alias: str, former: pki.Certificate, certificate: pki.Certificate) -> None:
        """Put the certificate of a CA in place of another. Where the device refuses it, the former one stays."""
        self.remove_ca(alias)
        try:
            self.add_ca(alias, certificate)
        except VapixError:
            with contextlib.suppress(VapixError):
                self.add_ca(alias, former)
            raise

    def _bad(self, problem: str, method: str) -> BadAnswer:
        return BadAnswer(problem, device=str(self.device), api=self.api, method=method)


def store_of(device: Device) -> CertificateStore:
    """The store of a device, by the newest API it has."""
    api = device.released_rest_api("cert", 1)
    return SoapStore(device) if api is None else RestStore(device, api.path)


class RestStore(CertificateStore):
    """By REST. It was released with AXIS OS 11.11, so that the verbs are those of today.

    :param path: where the API is.
    """

    api = "cert v1"

    def __init__(self, device: Device, path: str) -> None:
        super().__init__(device)
        self._path = path

    def certificates(self) -> dict[str, Stored]:
        return self._list("certificates", _stored)

    def ca_certificates(self) -> dict[str, Stored]:
        return self._list("ca_certificates", _stored)

    def keystores(self) -> dict[str, list[str] | None]:
        return self._list("keystores", lambda entry: (entry["id"], entry.get("key_types")))

    def default_keystore(self) -> str | None:
        settings = rest.get(self.device.session, f"{self._path}/settings")
        return settings.get("keystore") if isinstance(settings, dict) else None

    def _list(self, collection: str, read: t.Callable[[t.Any], tuple[str, t.Any]]) -> dict[str, t.Any]:
        entries = rest.get(self.device.session, f"{self._path}/{collection}")
        if not isinstance(entries, list):
            raise self._bad(f"{collection} is no list", "GET")
        try:
            return dict(read(entry) for entry in entries)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise self._bad(f"{collection} has an unusable entry ({type(exc).__name__}: {exc})", "GET") from exc

    def create(
        self,
        alias: str,
        subject: pki.Name,
        alternative_names: t.Sequence[str],
        key_type: str | None,
        keystore: str | None,
    ) -> None:
        data = {"alias": alias, "subject": pki.shown_name(subject)}
        data |= _given(subject_alt_names=list(alternative_names) or None, key_type=key_type, keystore=keystore)
        rest.trigger(self.device.session, f"{self._path}/create_certificate", data)

    def request(self, alias: str, subject: pki.Name, alternative_names: t.Sequence[str] | None) -> str:
        data = {"subject": pki.shown_name(subject)}
        data |= _given(subject_alt_names=None if alternative_names is None else list(alternative_names))
        path = f"{self._item('certificates', alias)}/get_csr"
        told = rest.trigger(self.device.session, path, data, safe=True)
        if isinstance(told, dict):  # so the vendor's example; the type that is declared there is a string
            told = next(iter(told.values()), None)
        return str(told)

    def add(self, alias: str, chain: t.Sequence[pki.Certificate], key: t.Any, keystore: str | None) -> None:
        data = {"alias": alias, "certificate": pki.to_pem(chain), "private_key": pki.key_to_pem(key)}
        self._add("certificates", data | _given(keystore=keystore))

    def add_archive(self, alias: str, archive: bytes, passphrase: str, keystore: str | None) -> None:
        data = {"alias": alias, "pkcs12": pem.base64_text(archive), "passphrase": passphrase}
        rest.trigger(self.device.session, f"{self._path}/install_from_pkcs12", data | _given(keystore=keystore))

    def renew(self, alias: str, chain: t.Sequence[pki.Certificate]) -> None:
        rest.patch(self.device.session, self._item("certificates", alias), {"certificate": pki.to_pem(chain)})

    def remove(self, alias: str) -> None:
        self._remove("certificates", alias)

    def add_ca(self, alias: str, certificate: pki.Certificate) -> None:
        self._add("ca_certificates", {"alias": alias, "certificate": pki.to_pem([certificate])})

    def remove_ca(self, alias: str) -> None:
        self._remove("ca_certificates", alias)

    def replace_ca(self, alias: str, former: pki.Certificate, certificate: pki.Certificate) -> None:
        if pki.public_key_sha256(former) != pki.public_key_sha256(certificate):
            super().replace_ca(alias, former, certificate)
            return
        data = {"certificate": pki.to_pem([certificate])}
        rest.patch(self.device.session, self._item("ca_certificates", alias), data)

    def _add(self, collection: str, data: t.Mapping[str, t.Any]) -> None:
        rest.send(self.device.session, "POST", f"{self._path}/{collection}", data)

    def _remove(self, collection: str, alias: str) -> None:
        with _explained():
            rest.send(self.device.session, "DELETE", self._item(collection, alias))

    def _item(self, collection: str, alias: str) -> str:
        return f"{self._path}/{collection}/{quote(alias, safe='')}"


class SoapStore(CertificateStore):
    """By SOAP, where certificates travel one by one, in base64 without the lines around it."""

    api = "certificate management (SOAP)"
    lacking = {
        "subject_alt_names": "put subject_alt_names into what it makes; give them to axis.vapix.csr_sign instead",
        "key_type": "choose the key_type",
        "keystore": "choose the keystore",
        "chain": "take certificates of CAs along with another; install them with axis.vapix.ca_certificate",
    }
    finds_keys = True
    # What the device's own certificates have a member for, in the order of the vendor's page.
    _SUBJECT = {"2.5.4.6": "C", "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN"}

    def certificates(self) -> dict[str, Stored]:
        return self._list("tds:GetCertificates")

    def ca_certificates(self) -> dict[str, Stored]:
        return self._list("tds:GetCACertificates")

    def keystores(self) -> dict[str, list[str] | None]:
        return {}

    def default_keystore(self) -> str | None:
        return None

    def _list(self, operation: str) -> dict[str, Stored]:
        try:
            answer = soap.call(self.device.session, operation, safe=True)
        except (ApiMissing, soap.Fault) as exc:
            if soap.lacks(exc):
                raise NotSupported(
                    "the device has no API for certificates",
                    remedy="The product or its AXIS OS does not offer this",
                    device=str(self.device),
                ) from exc
            raise
        found = {}
        for entry in answer.children:
            alias, data = entry.text("tt:CertificateID"), entry.text("tt:Certificate/tt:Data")
            try:
                found[alias or ""] = Stored(alias or "", (pem.base64_bytes(data or ""),))
            except ValueError as exc:
                raise self._bad(f"the certificate {alias!r} cannot be read: {exc}", operation) from exc
        return found

    def create(
        self,
        alias: str,
        subject: pki.Name,
        alternative_names: t.Sequence[str],
        key_type: str | None,
        keystore: str | None,
    ) -> None:
        now = datetime.datetime.now(datetime.UTC)
        times = (now, now + datetime.timedelta(days=365))
        begin, end = (f"{time:%Y-%m-%dT%H:%M:%S}" for time in times)
        content = [
            ("acertificates:Id", alias),
            ("acertificates:Subject", self._subject(subject)),
            ("acertificates:ValidNotBefore", begin),
            ("acertificates:ValidNotAfter", end),
        ]
        soap.call(self.device.session, "acertificates:CreateCertificate2", content)

    def request(self, alias: str, subject: pki.Name, alternative_names: t.Sequence[str] | None) -> str:
        operation = "acertificates:GetPkcs10Request2"
        content = [("acertificates:Id", alias), ("acertificates:Subject", self._subject(subject))]
        answer = soap.call(self.device.session, operation, content, safe=True)
        return answer.text("acertificates:Pkcs10Request") or ""

    def _subject(self, subject: pki.Name) -> list[tuple[str, str]]:
        values = {attribute.oid.dotted_string: str(attribute.value) for attribute in subject}
        return [(f"acert:{name}", values[oid]) for oid, name in self._SUBJECT.items() if oid in values]

    def holds(self, subject: pki.Name) -> bool:
        oids = [attribute.oid.dotted_string for attribute in subject]
        return len(set(oids)) == len(oids) and set(oids) <= self._SUBJECT.keys()

    def add(self, alias: str, chain: t.Sequence[pki.Certificate], key: t.Any, keystore: str | None) -> None:
        content = [*_identified(alias, chain[0]), ("tt:PrivateKey", _data(pki.key_to_der(key)))]
        soap.call(
            self.device.session, "tds:LoadCertificateWithPrivateKey", [("tds:CertificateWithPrivateKey", content)]
        )

    def add_archive(self, alias: str, archive: bytes, passphrase: str, keystore: str | None) -> None:
        content = [
            ("acert:Id", alias),
            ("acert:Certificate", pem.base64_text(archive)),
            ("acert:Password", passphrase),
        ]
        soap.call(self.device.session, "acertificates:LoadPkcs12", [("acertificates:Pkcs12", content)])

    def renew(self, alias: str, chain: t.Sequence[pki.Certificate]) -> None:
        content = [("tds:NVTCertificate", _identified(alias, chain[0]))]
        soap.call(self.device.session, "tds:LoadCertificates", content)

    def remove(self, alias: str) -> None:
        with _explained():
            soap.call(self.device.session, "tds:DeleteCertificates", [("tds:CertificateID", alias)])

    def add_ca(self, alias: str, certificate: pki.Certificate) -> None:
        content = [("tds:CACertificate", _identified(alias, certificate))]
        soap.call(self.device.session, "tds:LoadCACertificates", content)

    def remove_ca(self, alias: str) -> None:
        self.remove(alias)


@contextlib.contextmanager
def _explained() -> t.Iterator[None]:
    """Say why a device can refuse to remove something."""
    try:
        yield
    except DeviceRefused as exc:
        exc.remedy = exc.remedy or "A service may use it: give that another certificate first"
        raise


def _stored(entry: t.Any) -> tuple[str, Stored]:
    chain = tuple(pem.blocks(entry["certificate"], pem.CERTIFICATE))
    return entry["alias"], Stored(entry["alias"], chain, entry.get("keystore"))


def _given(**members: t.Any) -> dict[str, t.Any]:
    return {name: value for name, value in members.items() if value is not None}


def _data(content: bytes) -> list[tuple[str, str]]:
    return [("tt:Data", pem.base64_text(content))]


def _identified(alias: str, certificate: pki.Certificate) -> list[tuple[str, t.Any]]:
    return [("tt:CertificateID", alias), ("tt:Certificate", _data(pki.der(certificate)))]


def misplaced_key(wanted: Document) -> str:
    """The option certificate, if there is a private key in it: it is refused, but Ansible can echo it."""
    text = wanted.get("certificate") or ""
    return text if "PRIVATE KEY" in text else ""


def secret_texts(*texts: str) -> list[str]:
    """Texts that must not be shown, and their lines: an answer that repeats them can break them otherwise."""
    lines = [line for text in texts for line in text.split() if len(line) > 16 and "-----" not in line]
    return [secret for secret in (*texts, *lines) if secret]


class StoreTarget(Target):
    """One certificate of one device, of either kind."""

    def __init__(self, resource: Resource, device: Device, wanted: Document) -> None:
        pki.require()
        super().__init__(resource, device, wanted)
        self._alias: str = wanted["alias"]
        self._present = wanted.get("state") != "absent"
        if not self._alias.isprintable() or self._alias != self._alias.strip():
            raise self.invalid(f"alias: {self._alias!r} is not printable, or has blanks around it", "Choose another")

    def api_of(self, reading: Reading) -> str:
        return reading.store.api

    def read(self) -> Reading:
        store = store_of(self.device)
        try:
            return Reading(store.certificates(), store.ca_certificates(), store)
        except NotSupported:
            raise self.lacking(self.resource.apis) from None

    def _usable(self, option: str, read: t.Callable[[], t.Any]) -> t.Any:
        """What an option holds. :raises InvalidOption: it cannot be read."""
        try:
            return read()
        except ValueError as exc:
            raise self.invalid(f"{option}: {exc}", "Correct it") from None

    def _check_valid(self, certificate: pki.Certificate) -> None:
        if pki.has_expired(certificate):
            raise self.invalid(
                f"the certificate of {pki.named(certificate)!r} expired on {pki.describe(certificate)['not_after']}",
                "Give one that is valid",
            )

    def _parsed(self, stored: Stored) -> pki.Certificate:
        return parsed(stored, self.device)


def parsed(stored: Stored, device: Device) -> pki.Certificate:
    """A certificate as the device told it. :raises BadAnswer: it is none."""
    try:
        return pki.from_der(stored.der)
    except pki.Unusable as exc:
        raise BadAnswer(
            f"the certificate {stored.alias!r} on the device cannot be read: {exc}", device=str(device)
        ) from exc


#: Members of a described certificate, for the documentation.
DESCRIBED = {
    "subject": Returned("str", "Whose it is, as RFC 4514 writes it."),
    "issuer": Returned("str", "Who signed it."),
    "serial_number": Returned("str", "Its serial number, in hexadecimal digits."),
    "not_before": Returned("str", "From when on it is valid, in UTC."),
    "not_after": Returned("str", "Until when it is valid, in UTC."),
    "subject_alt_names": Returned(
        "list", "The host names and addresses it is for, as C(DNS:) or C(IP:) and the name.", elements="str"
    ),
    "key_type": Returned("str", "Type of its key, as V(EC-P256) or V(RSA-2048)."),
    "public_key_sha256": Returned("str", "SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal digits."),
    "fingerprint_sha256": Returned(
        "str", "SHA-256 of the certificate, in hexadecimal digits, as the connection option O(fingerprint) takes it."
    ),
    "self_signed": Returned("bool", "Whether it is signed with its own key."),
}
SAMPLE = {
    "subject": "CN=gate.example.net",
    "issuer": "CN=Camera CA",
    "serial_number": "5a1c0e4f",
    "not_before": "2026-03-01T12:00:00Z",
    "not_after": "2027-03-01T12:00:00Z",
    "subject_alt_names": ["DNS:gate.example.net", "IP:192.0.2.11"],
    "key_type": "EC-P256",
    "public_key_sha256": "0d1f6f9f2a7a4a4d6c0a2ccf9fbd1c3f8ce8a2bb3ff9f2f8f5a9f1d6b6f8a1c2",
    "fingerprint_sha256": "7c3f0e9d8b1a2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5",
    "self_signed": False,
}
