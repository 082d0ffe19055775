# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One certificate with a private key, for HTTPS, 802.1X and other services of the device.

The key is made on the device and only a signing request leaves it, or it is brought along with the certificate. What is
on the device is compared by public key and by the certificate itself, never by text.

Sources: see :mod:`certificate_store`.
"""

from __future__ import annotations

import contextlib
import datetime
import time
import typing as t

from ...crypto import pem, pki, trust
from ...device.device import Device
from ...model.legacy import ON_UNSUPPORTED, Change, Document, Option, Resource
from ...wire import tls
from ...wire.errors import BadAnswer, ConnectionFailed, TlsFailed, VapixError
from .store import Reading, Stored, StoreTarget, misplaced_key, secret_texts

#: Of the factory, to prove that the device is one of the vendor's: IEEE 802.1AR.
_FACTORY = ("Axis device ID", "802.1AR")

#: Pauses between attempts to read after a renewal, in seconds: a web server that shows the certificate restarts.
_RESTART = (0.5, 1.0, 1.0, 2.0, 2.0, 3.0)

KEY_TYPES = ("EC-P256", "EC-P384", "EC-P521", "RSA-2048", "RSA-3072", "RSA-4096")


class Certificate(Resource):
    """Options of a certificate."""

    name = "certificate"
    options = {
        "alias": Option(required=True),
        "state": Option(choices=("present", "absent"), default="present"),
        "subject": Option(),
        "subject_alt_names": Option("list", elements="str", ordered=False),
        "key_type": Option(choices=KEY_TYPES),
        "keystore": Option(),
        "certificate": Option(),
        "private_key": Option(secret=True),
        "pkcs12": Option(secret=True),
        "passphrase": Option(secret=True),
        "replace_key": Option("bool", default=False),
        "renew_before": Option("int", default=30),
        "on_unsupported": ON_UNSUPPORTED,
    }
    constraints = {
        "required_if": [("state", "present", ("subject", "certificate", "pkcs12"), True)],
        "mutually_exclusive": [("subject", "certificate", "pkcs12")],
        "required_by": {
            "subject_alt_names": ("subject",),
            "key_type": ("subject",),
            "private_key": ("certificate",),
            "pkcs12": ("passphrase",),
        },
    }

    def secrets(self, wanted: Document) -> list[str]:
        given = [wanted.get(name) or "" for name in ("private_key", "pkcs12", "passphrase")]
        if given[0] and not pki.CRYPTOGRAPHY_IMPORT_ERROR:
            # What is sent is the key without its encryption, in the form of the API.
            with contextlib.suppress(pki.Unusable):
                key = pki.key_from_pem(given[0], wanted.get("passphrase"))
                given += [pki.key_to_pem(key), pem.base64_text(pki.key_to_der(key))]
        return secret_texts(*given, misplaced_key(wanted))

    def on(self, device: Device, wanted: Document) -> CertificateTarget:
        return CertificateTarget(device, wanted)


class Given(t.NamedTuple):
    """A certificate that is brought along.

    :param chain: the certificate, and after it those of the CAs above it. :param key: its private key, if given.
    :param archive: the PKCS#12 archive it came in.
    """

    chain: list[pki.Certificate]
    key: t.Any = None
    archive: bytes | None = None

    @property
    def leaf(self) -> pki.Certificate:
        return self.chain[0]


class CertificateTarget(StoreTarget):
    """One certificate with a private key of one device."""

    def __init__(self, device: Device, wanted: Document) -> None:
        self._options = {name: value for name, value in wanted.items() if value is not None}
        self._subject: pki.Name | None = None
        self._names: list[str] | None = None
        self._given: Given | None = None
        self._changes: list[Change] = []
        self._step: t.Callable[[], None] | None = None
        self._expected: Document | None = None
        self._next_pin: str | None = None
        self._pauses: t.Sequence[float] = ()
        super().__init__(device, wanted)

    # -- what is wanted, looked at before anything is written
    def _understand(self, wanted: Document) -> None:
        options = self._options
        if options["renew_before"] < 0:
            raise self.invalid(f"renew_before is {options['renew_before']}", "Give 0 days or more")
        if "subject" in options:
            self._subject = self._usable("subject", lambda: pki.parse_name(options["subject"]))
        if "subject_alt_names" in options:
            names = options["subject_alt_names"]
            parsed = self._usable("subject_alt_names", lambda: [pki.parse_alternative_name(name) for name in names])
            self._names = list(dict.fromkeys(parsed))
        if "certificate" in options:
            chain = self._usable("certificate", lambda: pki.chain_from_pem(options["certificate"]))
            self._given = Given(chain, self._private_key(chain[0]))
        if "pkcs12" in options:
            archive = self._usable("pkcs12", lambda: pem.base64_bytes(options["pkcs12"]))
            key, chain = self._usable("pkcs12", lambda: pki.from_pkcs12(archive, options["passphrase"]))
            self._given = Given(chain, key, archive)
        if self._given is not None:
            self._check_given(self._given)

    def _private_key(self, leaf: pki.Certificate) -> t.Any:
        text = self._options.get("private_key")
        if text is None:
            return None
        key = self._usable("private_key", lambda: pki.key_from_pem(text, self._options.get("passphrase")))
        if pki.public_key_sha256(key) != pki.public_key_sha256(leaf):
            raise self.invalid(
                f"private_key is not the key of the certificate of {pki.named(leaf)!r}",
                "Give the two that belong together",
            )
        return key

    def _check_given(self, given: Given) -> None:
        leaf = given.leaf
        if pki.is_ca(leaf):
            raise self.invalid(
                f"the certificate of {pki.named(leaf)!r} is that of a CA",
                "Give that of the device first, or install it with axis.vapix.ca_certificate",
            )
        for certificate in given.chain:
            self._check_valid(certificate)
        if given.key is not None and self.device.session.address.scheme != "https":
            raise self.invalid(
                "a private key would go over the network in clear",
                "Set scheme: https, or let the device make the key (subject)",
            )

    # -- reading
    def _read(self) -> Reading:
        for pause in self._pauses:
            try:
                return self._read_once()
            except (ConnectionFailed, BadAnswer):
                time.sleep(pause)
        return self._read_once()

    def _read_once(self) -> Reading:
        try:
            return super()._read()
        except TlsFailed:
            if self._next_pin is None:
                raise
            self.device.session.move(fingerprint=self._next_pin)
            return super()._read()

    def _shown(self, stored: Stored) -> Document:
        return pki.describe(self._parsed(stored)) | {"keystore": stored.keystore}

    # -- planning
    def plan(self, reading: Reading) -> list[Change]:
        self._reading = reading
        current = reading.certificates.get(self._alias)
        if not self._present:
            self._changes = [] if current is None else self._plan_removal(current)
        elif self._alias in reading.cas:
            raise self.invalid(
                f"{self._alias!r} is the certificate of a CA already, and there is one name space for both",
                "Choose another alias, or remove that with axis.vapix.ca_certificate",
            )
        elif self._given is not None:
            self._changes = self._plan_installation(self._given, current)
        else:
            self._changes = self._plan_key(current)
        return self._changes

    def _plan_removal(self, current: Stored) -> list[Change]:
        self._check_touchable(current)
        self._check_unused("would be removed")
        self._step = lambda: self._store.remove(self._alias)
        return [Change("certificate", self._shown(current), None)]

    def _plan_key(self, current: Stored | None) -> list[Change]:
        """A key made on the device; what its certificate says is a matter of signing."""
        if not self._store.holds(t.cast(pki.Name, self._subject)):
            raise self.invalid(
                "subject: the device's newest API for this takes C, ST, L, O, OU and CN only, each once",
                "Leave the others out for this device",
            )
        if current is not None:
            why = self._another_key(current)
            if why is None:
                return []
            self._check_replaceable(current, why)
        return self._replace(current, self._made(), self._create)

    def _another_key(self, current: Stored) -> str | None:
        """Why a key that is there is not the one wanted."""
        for option, now in (("key_type", pki.key_type(self._parsed(current))), ("keystore", current.keystore)):
            if self._options.get(option, now) != now:
                self._need(option)
            if self._options.get(option, now) != now:
                return f"its {option} is {now}, not {self._options[option]}"
        return None

    def _made(self) -> Document:
        """What is known of a certificate that the device is going to make."""
        for option in ("key_type", "keystore"):
            self._need(option)
        known = {
            "subject": pki.shown_name(t.cast(pki.Name, self._subject)),
            "subject_alt_names": self._names_to_request() or [],
            "key_type": self._options.get("key_type"),
            "keystore": self._keystore(self._options.get("key_type")),
            "self_signed": True,
        }
        return {name: value for name, value in known.items() if value is not None}

    def _create(self) -> None:
        options = self._options
        self._store.create(
            self._alias,
            t.cast(pki.Name, self._subject),
            self._names_to_request() or [],
            options.get("key_type"),
            options.get("keystore"),
        )

    def _plan_installation(self, given: Given, current: Stored | None) -> list[Change]:
        if len(given.chain) > 1 and "chain" in self._store.lacking and given.archive is None:
            self.unsupported(self._store.lacking["chain"])
            self._given = given = given._replace(chain=given.chain[:1])
        if current is None:
            if given.key is None and not self._has_key_of(given.leaf):
                raise self.invalid(
                    f"the device has no certificate {self._alias!r}, and there is no private key to install one with",
                    "Let the device make a key first (subject), and have its csr signed; or give private_key",
                )
            return self._install(given, None)
        why = self._another_key(current)
        if pki.public_key_sha256(self._parsed(current)) != pki.public_key_sha256(given.leaf):
            why = "its public key is another"
        if why is None:
            return self._plan_renewal(given, current)
        if given.key is None:
            raise self.invalid(
                f"{self._alias!r} is not the one that the certificate of {pki.named(given.leaf)!r} is for: {why}",
                "Have the csr of that alias signed, or give private_key too",
            )
        self._check_replaceable(current, why)
        return self._install(given, current)

    def _plan_renewal(self, given: Given, current: Stored) -> list[Change]:
        """The same key with another certificate, or the same one."""
        self._expected = pki.describe(given.leaf) | {"keystore": current.keystore}
        changes = _differences(self._shown(current), self._expected) + self._chain_changes(given, current.chain[1:])
        if changes:
            self._check_touchable(current)
            self._step = self._renew
            before = pki.fingerprint_sha256(self._parsed(current))
            self._check_trust(given, before)
            self._mind_the_pin(self._expected["fingerprint_sha256"], before)
        return changes

    def _check_trust(self, given: Given, before: str) -> None:
        """Whether we would still be let in by our own trust. A pinned connection follows instead."""
        address = self.device.session.address
        if address.scheme != "https" or address.fingerprint is not None or address.proxy:
            return
        sent = given.chain[:1] if "chain" in self._store.lacking else given.chain
        cas = self._reading.cas.values()
        reason = trust.why_not(address, [pki.der(one) for one in sent], lambda: [one for ca in cas for one in ca.chain])
        if reason and tls.presented_fingerprint(address.host, address.port, address.timeout) == before:
            raise self.invalid(
                f"the web server shows {self._alias!r}, and this connection does not accept the new one: {reason}",
                "Set ca_path or fingerprint so that it does, or use another alias and axis.vapix.web_server",
            )

    def _mind_the_pin(self, after: str, before: str) -> None:
        """The connection can be pinned to the certificate that is going to be replaced."""
        pinned = self.device.session.address.fingerprint
        if pinned and tls.normalize_fingerprint(pinned) == before != after != self._next_pin:
            self._next_pin = after
            self.device.warn(
                f"The connection is pinned to the certificate that {self._alias!r} has no longer after this. "
                f"Set the option fingerprint to {after}."
            )

    def _install(self, given: Given, current: Stored | None) -> list[Change]:
        keystore = self._keystore(pki.key_type(given.leaf)) if given.key is not None else None
        self._expected = pki.describe(given.leaf) | {"keystore": keystore}
        changes = self._replace(current, self._expected, self._renew if given.key is None else self._add)
        return changes + self._chain_changes(given, ())

    def _has_key_of(self, leaf: pki.Certificate) -> bool:
        """Whether another certificate has the key, in an API where the device finds the key by itself."""
        if not self._store.finds_keys:
            return False
        others = map(self._parsed, self._reading.certificates.values())
        return pki.public_key_sha256(leaf) in map(pki.public_key_sha256, others)

    def _chain_changes(self, given: Given, there: t.Sequence[bytes]) -> list[Change]:
        """Certificates of CAs that travel with it; where none are given, those on the device are left alone.

        What a device makes of those in an archive is its own business.
        """
        wanted = given.chain[1:] if given.archive is None else []
        now = [self._parsed(Stored(self._alias, (data,))) for data in there]
        if not wanted or wanted == now:
            return []
        before, after = (
            [{"subject": pki.named(ca), "fingerprint_sha256": pki.fingerprint_sha256(ca)} for ca in chain]
            for chain in (now, wanted)
        )
        return [Change("chain", before or None, after)]

    def _add(self) -> None:
        given, keystore = t.cast(Given, self._given), self._options.get("keystore")
        if given.archive is not None:
            self._store.add_archive(self._alias, given.archive, self._options["passphrase"], keystore)
        else:
            self._store.add(self._alias, given.chain, given.key, keystore)

    def _renew(self) -> None:
        self._pauses = _RESTART
        self._store.renew(self._alias, t.cast(Given, self._given).chain)

    def _replace(self, current: Stored | None, after: Document, make: t.Callable[[], None]) -> list[Change]:
        """A certificate where there is none, or in place of one with another key."""
        if current is None:
            self._step = make
            return [Change("certificate", None, after)]
        self._step = lambda: self._remove_and(make)
        return _differences(self._shown(current), after)

    def _remove_and(self, make: t.Callable[[], None]) -> None:
        self._store.remove(self._alias)
        try:
            make()
        except VapixError as exc:
            exc.problem += "; the certificate that was there is gone, with its key"
            raise

    # -- what keeps us from it
    def _need(self, option: str) -> None:
        """Refuse an option that the API lacks, or leave it out where that is wanted."""
        if option in self._store.lacking and self._options.get(option):
            self.unsupported(self._store.lacking[option])
            del self._options[option]

    def _names_to_request(self) -> list[str] | None:
        """The names for what the device makes, where it can put them in. Who signs it can anyway."""
        if self._names and "subject_alt_names" in self._store.lacking:
            self.unsupported(self._store.lacking["subject_alt_names"])
            return None
        return self._names

    def _keystore(self, key_type: str | None) -> str | None:
        """The keystore that a new key goes to, checked where the device tells what it has."""
        self._need("keystore")
        wanted = self._options.get("keystore")
        there = self._store.keystores() if wanted is not None or key_type is not None else {}
        keystore = wanted or self._store.default_keystore()
        if wanted is not None and wanted not in there:
            raise self.invalid(
                f"keystore: the device has no {wanted!r}", f"It has {', '.join(sorted(there)) or 'none to choose'}"
            )
        able = there.get(keystore or "")
        if key_type is not None and able and key_type not in able:
            raise self.invalid(
                f"the keystore {keystore} of the device takes no key of type {key_type}", f"It takes {', '.join(able)}"
            )
        return keystore

    def _check_replaceable(self, current: Stored, why: str) -> None:
        self._check_touchable(current)
        if not self._options["replace_key"]:
            raise self.invalid(
                f"{self._alias!r} is there, but {why}; its key would have to be deleted, and services that use it "
                "would have none until the new one is there",
                "Use another alias and let the services use that, or set replace_key: true",
            )
        self._check_unused("would be replaced with its key")

    def _check_unused(self, what: str) -> None:
        if self._store.is_used(self._alias):
            raise self.invalid(
                f"{self._alias!r} is used by a service of the device and {what}",
                "Let the service use a certificate with another alias first",
            )

    def _check_touchable(self, current: Stored) -> None:
        """Refuse to touch the identity that the device has from its factory."""
        issuer = pki.shown_name(self._parsed(current).issuer)
        unlisted = False
        if current.keystore is not None:
            there = self._store.keystores()
            unlisted = bool(there) and current.keystore not in there
        if unlisted or any(mark in text for mark in _FACTORY for text in (self._alias, issuer)):
            raise self.invalid(
                f"{self._alias!r} is the identity that the device has from its factory, which is never touched",
                "Choose another alias",
            )

    # -- writing
    def write(self, changes: t.Sequence[Change]) -> None:
        if self._step is not None:
            self._step()

    # -- what is told beside the changes
    def outcome(self) -> Document:
        told: Document = {"certificate": None, "csr": None, "needs_signature": None}
        current = self._reading.certificates.get(self._alias)
        if not self._present:
            return told
        if self._changes and self._given is None:  # in check mode: the device would make it
            return told | {"needs_signature": True}
        if self._changes and self._given is not None:  # in check mode: what would be
            return told | {
                "certificate": self._expected,
                "needs_signature": self._needs_signature(self._given.leaf),
            }
        certificate = self._parsed(t.cast(Stored, current))
        needed = self._needs_signature(certificate)
        told |= {"certificate": self._shown(t.cast(Stored, current)), "needs_signature": needed}
        if needed and self._subject is not None:
            told["csr"] = self._request(certificate)
        return told

    def _needs_signature(self, certificate: pki.Certificate) -> bool:
        margin = datetime.timedelta(days=self._options["renew_before"])
        wrong = self._subject is not None and not pki.same_name(self._subject, certificate.subject)
        wrong = wrong or (self._names is not None and set(self._names) != set(pki.alternative_names(certificate)))
        return wrong or pki.signed_by(certificate, certificate) or pki.has_expired(certificate, margin)

    def _request(self, certificate: pki.Certificate) -> str:
        subject = t.cast(pki.Name, self._subject)
        text = self._store.request(self._alias, subject, self._names_to_request())
        if "-----BEGIN" not in text:
            text = f"-----BEGIN {pem.REQUEST}-----\n{text}\n-----END {pem.REQUEST}-----\n"
        try:
            request = pki.request_from_pem(text)
        except pki.Unusable as exc:
            raise BadAnswer(f"the device's CSR: {exc}", device=str(self.device), api=self.api) from exc
        if pki.public_key_sha256(request) != pki.public_key_sha256(certificate):
            raise BadAnswer("the device's CSR is for another key", device=str(self.device), api=self.api)
        return pki.request_to_pem(request)


def _differences(before: Document, after: Document) -> list[Change]:
    """One change, of what differs."""
    names = [name for name in after if before.get(name) != after[name]]
    if not names:
        return []
    return [Change("certificate", {name: before.get(name) for name in names}, {name: after[name] for name in names})]


DECLARED = Certificate()
