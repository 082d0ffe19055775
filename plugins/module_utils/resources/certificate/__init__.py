# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One certificate with a private key, for HTTPS, 802.1X and other services of the device.

The key is made on the device and only a signing request leaves it, or it is brought along with the certificate. What is
on the device is compared by public key and by the certificate itself, never by text.

Sources: see :mod:`certificate.store`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import time
import typing as t

from ...crypto import pem, pki, trust
from ...device.device import Device
from ...model.change import Call, Change, Phase, Plan, Secret
from ...model.field import MISSING
from ...model.option import ON_UNSUPPORTED, Document, Option
from ...model.resource import Exported, Planner, Resource, Returned, World
from ...wire import tls
from ...wire.errors import BadAnswer, ConnectionFailed, TlsFailed, VapixError
from .store import (
    DESCRIBED,
    SAMPLE,
    Reading,
    RestStore,
    SoapStore,
    Stored,
    StoreTarget,
    misplaced_key,
    parsed,
    secret_texts,
    store_of,
)

#: Of the factory, to prove that the device is one of the vendor's: IEEE 802.1AR.
_FACTORY = ("Axis device ID", "802.1AR")

#: Pauses between attempts to read after a renewal, in seconds: a web server that shows the certificate restarts.
_RESTART = (0.5, 1.0, 1.0, 2.0, 2.0, 3.0)

KEY_TYPES = ("EC-P256", "EC-P384", "EC-P521", "RSA-2048", "RSA-3072", "RSA-4096")


class Certificate(Resource):
    """Options of a certificate."""

    name = "certificate"
    apis = (RestStore.api, SoapStore.api)
    after = ("time", "ntp", "ca_certificate")
    options = {
        "alias": Option(
            required=True,
            length=(1, 128),
            identity=True,
            doc="The name of the certificate on the device. SOAP calls it id.",
        ),
        "state": Option(
            choices=("present", "absent"),
            default="present",
            doc="Whether the certificate is there. V(absent) destroys its key.",
        ),
        "subject": Option(
            identity=True,
            doc=(
                "Whose certificate it is, as RFC 4514 writes it, for a key made on the device.",
                "The order of its parts means nothing. Before AXIS OS 11.11 only C, ST, L, O, OU and CN can be in it.",
                "When your CA changes the subject, give it as the CA makes it, or RV(needs_signature) is always "
                "V(true).",
            ),
        ),
        "subject_alt_names": Option(
            "list",
            elements="str",
            ordered=False,
            identity=True,
            doc=(
                "The host names and addresses it is for, each C(DNS:) with a host name or C(IP:) with an address.",
                "The certificate has to have exactly these. When your CA adds some, list them too. Left out, they "
                "are not "
                "compared.",
                "Before AXIS OS 11.11 a device cannot put them into what it makes. With O(on_unsupported=warn) "
                "RV(csr) is "
                "without them then, and who signs it has to add them, as the filter P(axis.vapix.csr_sign#filter) can.",
            ),
        ),
        "key_type": Option(
            choices=KEY_TYPES,
            identity=True,
            doc=(
                "Type of the key that is made on the device. Left out, the device chooses, most of them V(EC-P256).",
                "A secure element can need more than 10 seconds for a long RSA key. Raise O(timeout) then.",
            ),
        ),
        "keystore": Option(
            identity=True,
            doc="Where the key is kept, by the id of a keystore of the device, for example V(SE0) for a secure "
            "element. "
            "Left out, a new key goes to the device's default keystore. A key cannot move to another.",
        ),
        "certificate": Option(
            doc=(
                "The certificate to install, in PEM. After it can be those of the CAs above it, each signed by the "
                "next.",
                "Without O(private_key) it has to be for the key that O(alias) has on the device already. Before "
                "AXIS OS "
                "11.11 it can also be for the key of another alias.",
            ),
        ),
        "private_key": Option(
            secret=True, doc="The private key of O(certificate), in PEM, RSA or EC. It is only sent over HTTPS."
        ),
        "pkcs12": Option(
            secret=True,
            doc="A PKCS#12 archive with the certificate and its private key, as base64 text. Text and not a path, so "
            "that "
            "it can be kept in a vault, and goes along where a task is delegated.",
        ),
        "passphrase": Option(
            secret=True,
            doc="The passphrase of O(pkcs12), or of O(private_key) if that is encrypted. A key is decrypted where "
            "the task "
            "runs.",
        ),
        "replace_key": Option(
            "bool",
            default=False,
            doc="Whether the key of an O(alias) that is there may be replaced. The old certificate and its key are "
            "removed "
            "first, and there is no way back to them.",
        ),
        "renew_before": Option(
            "int",
            default=30,
            unit="days",
            range=(0, None),
            doc="How long before its end a certificate needs another signature.",
        ),
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
    returns = {
        "certificate": Returned(
            "dict",
            "The certificate on the device, or in check mode what it would be. Null where there is none, and in "
            "check mode "
            "where the device would make it.",
            sample=SAMPLE | {"keystore": "SE0"},
            contains=DESCRIBED
            | {"keystore": Returned("str", "Where its private key is kept; null where the API does not tell (SOAP).")},
        ),
        "csr": Returned(
            "str",
            (
                "A signing request for the key on the device, in PEM, with O(subject) and O(subject_alt_names).",
                "Null unless O(subject) is given and RV(needs_signature), and in check mode where there is no key yet.",
            ),
        ),
        "needs_signature": Returned(
            "bool", "Whether it needs another signature, see above. Null with O(state=absent)."
        ),
    }
    requirements = ("requests", "cryptography", "deepdiff", "defusedxml")

    def secrets(self, wanted: Document) -> list[str]:
        given = [wanted.get(name) or "" for name in ("private_key", "pkcs12", "passphrase")]
        if given[0] and not pki.CRYPTOGRAPHY_IMPORT_ERROR:
            # What is sent is the key without its encryption, in the form of the API.
            with contextlib.suppress(pki.Unusable):
                key = pki.key_from_pem(given[0], wanted.get("passphrase"))
                given += [pki.key_to_pem(key), pem.base64_text(pki.key_to_der(key))]
        return secret_texts(*given, misplaced_key(wanted))

    def on(self, device: Device, wanted: Document) -> CertificateTarget:
        return CertificateTarget(self, device, wanted)

    def exports(self, device: Device) -> list[Exported]:
        """Each certificate as a key that the device makes: no device tells a private key."""
        pki.require()
        store = store_of(device)
        found = [(stored, parsed(stored, device)) for _alias, stored in sorted(store.certificates().items())]
        return [
            Exported(_as_made(stored, certificate, store.lacking))
            for stored, certificate in found
            if not _is_of_factory(stored, certificate, {})
        ]


class Given(t.NamedTuple):
    """A certificate that is brought along.

    :param chain: the certificate, and after it those of the CAs above it. :param key: its private key, if given.
    :param archive: it came in a PKCS#12 archive.
    """

    chain: list[pki.Certificate]
    key: t.Any = None
    archive: bool = False

    @property
    def leaf(self) -> pki.Certificate:
        return self.chain[0]


@dataclasses.dataclass
class Planning:
    """What one plan is made of.

    :param options: what is wanted, without what the device lacks. :param current: what is there under the alias.
    """

    planner: Planner
    reading: Reading
    options: Document
    current: Stored | None

    def need(self, option: str) -> bool:
        """Refuse an option that the API lacks, or leave it out where that is wanted; whether it is to be used."""
        lacking = self.reading.store.lacking
        if option in lacking and self.options.get(option):
            self.planner.unsupported(lacking[option], option)
            del self.options[option]
        return option in self.options


class CertificateTarget(StoreTarget):
    """One certificate with a private key of one device."""

    def __init__(self, resource: Certificate, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._options = {name: value for name, value in wanted.items() if value is not None}
        self._subject: pki.Name | None = None
        self._names: list[str] | None = None
        self._given: Given | None = None
        # Where the certificate of our own connection is replaced: the new one, and time for the web server.
        self._next_pin: str | None = None
        self._pauses: t.Sequence[float] = ()
        if self._present:
            self._understand()

    # -- what is wanted, looked at before anything is sent
    def _understand(self) -> None:
        options = self._options
        if "subject" in options:
            self._subject = self._usable("subject", lambda: pki.parse_name(options["subject"]))
        if "subject_alt_names" in options:
            names = options["subject_alt_names"]
            parsed_names = self._usable(
                "subject_alt_names", lambda: [pki.parse_alternative_name(name) for name in names]
            )
            self._names = list(dict.fromkeys(parsed_names))
        if "certificate" in options:
            chain = self._usable("certificate", lambda: pki.chain_from_pem(options["certificate"]))
            self._given = Given(chain, self._private_key(chain[0]))
        if "pkcs12" in options:
            archive = self._usable("pkcs12", lambda: pem.base64_bytes(options["pkcs12"]))
            key, chain = self._usable("pkcs12", lambda: pki.from_pkcs12(archive, options["passphrase"]))
            self._given = Given(chain, key, True)
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

    def secrets(self) -> t.Mapping[str, t.Any]:
        found = {name: self._options[name] for name in ("pkcs12", "passphrase") if name in self._options}
        if self._given is not None and self._given.key is not None:
            found["private_key"] = pki.key_to_pem(self._given.key)  # without its encryption
        return found

    # -- reading
    def read(self) -> Reading:
        for pause in self._pauses:
            try:
                return self._read_once()
            except (ConnectionFailed, BadAnswer):
                time.sleep(pause)
        return self._read_once()

    def _read_once(self) -> Reading:
        try:
            reading = super().read()
        except TlsFailed:
            if self._next_pin is None:
                raise
            self.device.session.move(fingerprint=self._next_pin)
            reading = super().read()
        new = self._alias not in reading.certificates or self._options.get("replace_key")
        if not (self._present and new and (self._subject is not None or (self._given and self._given.key is not None))):
            return reading
        store = reading.store
        return reading._replace(keystores=store.keystores(), default_keystore=store.default_keystore())

    def current(self, reading: Reading) -> Document:
        stored = reading.certificates.get(self._alias)
        if stored is None:
            return {"alias": self._alias, "state": "absent"}
        return _as_made(stored, self._parsed(stored), reading.store.lacking)

    def shows(self, change: Change, reading: Reading) -> t.Any:
        stored = reading.certificates.get(self._alias)
        if stored is None or change.path != "certificate" or not isinstance(change.after, dict):
            return MISSING
        shown = {name: value for name, value in self._shown(stored).items() if name in change.after}
        planned = change.after.get("subject")
        if planned and pki.same_name(pki.parse_name(planned), self._parsed(stored).subject):
            shown["subject"] = planned  # the order of its parts means nothing
        return shown

    def _shown(self, stored: Stored) -> Document:
        return pki.describe(self._parsed(stored)) | {"keystore": stored.keystore}

    # -- planning
    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        planning = Planning(planner, reading, dict(self._options), reading.certificates.get(self._alias))
        if not self._present:
            if planning.current is not None:
                gone = Change("certificate", self._shown(planning.current), None)
                planner.step([gone], [Call("remove", {"alias": self._alias})], phase=Phase.TAKE)
        elif self._alias in reading.cas or world.has("ca_certificate", self._alias):
            raise self.invalid(
                f"{self._alias!r} is the certificate of a CA already, and there is one name space for both",
                "Choose another alias, or remove that with axis.vapix.ca_certificate",
            )
        elif self._given is not None:
            self._plan_installation(planning, self._given)
        else:
            self._plan_key(planning)
        return planner.plan()

    def _plan_key(self, planning: Planning) -> None:
        """A key made on the device; what its certificate says is a matter of signing."""
        subject = t.cast(pki.Name, self._subject)
        if not planning.reading.store.holds(subject):
            raise self.invalid(
                "subject: the device's newest API for this takes C, ST, L, O, OU and CN only, each once",
                "Leave the others out for this device",
            )
        if planning.current is not None:
            why = self._another_key(planning)
            if why is None:
                if self._needs_signature(self._parsed(planning.current)):
                    self._names_to_request(planning)  # the request lacks them: each run says so
                return
            self._check_replaceable(why)
        for option in ("key_type", "keystore"):
            planning.need(option)
        names = self._names_to_request(planning)
        options = planning.options
        known = {
            "subject": pki.shown_name(subject),
            "subject_alt_names": names or [],
            "key_type": options.get("key_type"),
            "keystore": self._keystore(planning, options.get("key_type")),
            "self_signed": True,
        }
        arguments = {
            "subject": pki.shown_name(subject),
            "subject_alt_names": names or [],
            "key_type": options.get("key_type"),
            "keystore": options.get("keystore"),
        }
        self._replace(planning, {name: one for name, one in known.items() if one is not None}, "create", arguments)

    def _another_key(self, planning: Planning) -> str | None:
        """Why a key that is there is not the one wanted."""
        current = t.cast(Stored, planning.current)
        for option, now in (("key_type", pki.key_type(self._parsed(current))), ("keystore", current.keystore)):
            if planning.options.get(option, now) != now:
                planning.need(option)
            if planning.options.get(option, now) != now:
                return f"its {option} is {now}, not {planning.options[option]}"
        return None

    def _plan_installation(self, planning: Planning, given: Given) -> None:
        reading, current = planning.reading, planning.current
        if len(given.chain) > 1 and "chain" in reading.store.lacking and not given.archive:
            planning.planner.unsupported(reading.store.lacking["chain"], "certificate")
            given = given._replace(chain=given.chain[:1])
        if current is None:
            if given.key is None and not self._has_key_of(given.leaf, reading):
                raise self.invalid(
                    f"the device has no certificate {self._alias!r}, and there is no private key to install one with",
                    "Let the device make a key first (subject), and have its csr signed; or give private_key",
                )
            self._install(planning, given)
            return
        why = self._another_key(planning)
        if pki.public_key_sha256(self._parsed(current)) != pki.public_key_sha256(given.leaf):
            why = "its public key is another"
        if why is None:
            self._plan_renewal(planning, given, current)
            return
        if given.key is None:
            raise self.invalid(
                f"{self._alias!r} is not the one that the certificate of {pki.named(given.leaf)!r} is for: {why}",
                "Have the csr of that alias signed, or give private_key too",
            )
        self._check_replaceable(why)
        self._install(planning, given)

    def _plan_renewal(self, planning: Planning, given: Given, current: Stored) -> None:
        """The same key with another certificate, or the same one."""
        expected = pki.describe(given.leaf) | {"keystore": current.keystore}
        changes = _differences(self._shown(current), expected) + self._chain_changes(given, current.chain[1:])
        if not changes:
            return
        arguments = {"alias": self._alias, "chain": pki.to_pem(given.chain)}
        former = [self._parsed(Stored(self._alias, (data,))) for data in current.chain]
        undo = {"alias": self._alias, "chain": pki.to_pem(former)}
        planning.planner.step(
            changes,
            [Call("renew", arguments)],
            [Call("renew", undo)],
            Phase.RESTARTS,
            [("certificate", self._alias)],
        )

    def _install(self, planning: Planning, given: Given) -> None:
        keystore = self._keystore(planning, pki.key_type(given.leaf)) if given.key is not None else None
        expected = pki.describe(given.leaf) | {"keystore": keystore}
        arguments: Document = {"chain": pki.to_pem(given.chain)}
        if given.key is None:
            name = "renew"
        elif given.archive:
            name, wanted = "add archive", {"pkcs12": Secret("pkcs12"), "passphrase": Secret("passphrase")}
            arguments = wanted | {"keystore": planning.options.get("keystore")}
        else:
            name = "add"
            arguments |= {"private_key": Secret("private_key"), "keystore": planning.options.get("keystore")}
        self._replace(planning, expected, name, arguments, self._chain_changes(given, ()))

    def _has_key_of(self, leaf: pki.Certificate, reading: Reading) -> bool:
        """Whether another certificate has the key, in an API where the device finds the key by itself."""
        if not reading.store.finds_keys:
            return False
        others = map(self._parsed, reading.certificates.values())
        return pki.public_key_sha256(leaf) in map(pki.public_key_sha256, others)

    def _chain_changes(self, given: Given, there: t.Sequence[bytes]) -> list[Change]:
        """Certificates of CAs that travel with it; where none are given, those on the device are left alone.

        What a device makes of those in an archive is its own business.
        """
        wanted = given.chain[1:] if not given.archive else []
        now = [self._parsed(Stored(self._alias, (data,))) for data in there]
        if not wanted or wanted == now:
            return []
        before, after = (
            [{"subject": pki.named(ca), "fingerprint_sha256": pki.fingerprint_sha256(ca)} for ca in chain]
            for chain in (now, wanted)
        )
        return [Change("chain", before or None, after)]

    def _replace(
        self, planning: Planning, after: Document, name: str, arguments: Document, more: t.Sequence[Change] = ()
    ) -> None:
        """A certificate where there is none, or in place of one with another key."""
        instead = planning.current is not None
        before = self._shown(planning.current) if planning.current is not None else None
        changes = [Change("certificate", None, after)] if before is None else _differences(before, after)
        call = Call(name, {"alias": self._alias, "instead": instead} | arguments)
        # What is gone with its key cannot be brought back.
        undo = [] if instead else [Call("remove", {"alias": self._alias})]
        planning.planner.step([*changes, *more], [call], undo, Phase.GIVE, [("certificate", self._alias)])

    def _names_to_request(self, planning: Planning) -> list[str] | None:
        """The names for what the device makes, where it can put them in. Who signs it can anyway."""
        return self._names if not self._names or planning.need("subject_alt_names") else None

    def _keystore(self, planning: Planning, key_type: str | None) -> str | None:
        """The keystore that a new key goes to, checked where the device tells what it has."""
        planning.need("keystore")
        wanted = planning.options.get("keystore")
        there = planning.reading.keystores
        keystore = wanted or planning.reading.default_keystore
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

    def _check_replaceable(self, why: str) -> None:
        if not self._options.get("replace_key"):
            raise self.invalid(
                f"{self._alias!r} is there, but {why}; its key would have to be deleted, and services that use it "
                "would have none until the new one is there",
                "Use another alias and let the services use that, or set replace_key: true",
            )

    # -- what keeps us from it
    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        """Refuse to touch what a service uses, or what has to stay; look after our own connection."""
        current = reading.certificates.get(self._alias)
        if current is None:
            return
        if _is_of_factory(current, self._parsed(current), reading.store.keystores() if current.keystore else {}):
            raise self.invalid(
                f"{self._alias!r} is the identity that the device has from its factory, which is never touched",
                "Choose another alias",
            )
        call = plan.steps[0].do[0]
        if call.name == "renew":
            self._check_connection(pki.chain_from_pem(call.arguments["chain"]), current, reading)
        elif reading.store.is_used(self._alias):
            what = "would be removed" if call.name == "remove" else "would be replaced with its key"
            raise self.invalid(
                f"{self._alias!r} is used by a service of the device and {what}",
                "Let the service use a certificate with another alias first",
            )

    def _check_connection(self, chain: t.Sequence[pki.Certificate], current: Stored, reading: Reading) -> None:
        """Whether we would still be let in by our own trust. A pinned connection follows instead."""
        address = self.device.session.address
        before, after = pki.fingerprint_sha256(self._parsed(current)), pki.fingerprint_sha256(chain[0])
        if address.fingerprint is not None:
            if tls.normalize_fingerprint(address.fingerprint) == before != after:
                self._next_pin = after
                self.device.warn(
                    f"The connection is pinned to the certificate that {self._alias!r} has no longer after this. "
                    f"Set the option fingerprint to {after}."
                )
            return
        if address.scheme != "https" or address.proxy:
            return
        sent = list(map(pki.der, chain[:1] if "chain" in reading.store.lacking else chain))
        reason = trust.why_not(address, sent, lambda: [one for ca in reading.cas.values() for one in ca.chain])
        if reason and tls.presented_fingerprint(address.host, address.port, address.timeout) == before:
            raise self.invalid(
                f"the web server shows {self._alias!r}, and this connection does not accept the new one: {reason}",
                "Set ca_path or fingerprint so that it does, or use another alias and axis.vapix.web_server",
            )

    # -- writing
    def do(self, call: Call) -> None:
        arguments = dict(call.arguments)
        store, alias = store_of(self.device), arguments.pop("alias")
        if call.name == "remove":
            store.remove(alias)
            return
        if arguments.pop("instead", False):
            store.remove(alias)
            try:
                self._make(store, call.name, alias, arguments)
            except VapixError as exc:
                exc.problem += "; the certificate that was there is gone, with its key"
                raise
        else:
            self._make(store, call.name, alias, arguments)

    def _make(self, store: t.Any, name: str, alias: str, wanted: Document) -> None:
        if name == "create":
            subject = pki.parse_name(wanted["subject"])
            store.create(alias, subject, wanted["subject_alt_names"], wanted["key_type"], wanted["keystore"])
        elif name == "add archive":
            store.add_archive(alias, pem.base64_bytes(wanted["pkcs12"]), wanted["passphrase"], wanted["keystore"])
        elif name == "add":
            key = pki.key_from_pem(wanted["private_key"], None)
            store.add(alias, pki.chain_from_pem(wanted["chain"]), key, wanted["keystore"])
        else:
            self._pauses = _RESTART
            store.renew(alias, pki.chain_from_pem(wanted["chain"]))

    # -- what is told beside the changes
    def result(self, plan: Plan, before: Reading, after: Reading) -> Document:
        told: Document = {"certificate": None, "csr": None, "needs_signature": None}
        if not self._present:
            return told
        predicted = bool(plan) and after is before  # check mode
        if predicted and self._given is None:
            return told | {"needs_signature": True}  # the device would make it
        if predicted and self._given is not None:
            there = before.certificates.get(self._alias)
            new = {} if plan.changes[0].path != "certificate" else t.cast(Document, plan.changes[0].after)
            certificate = pki.describe(self._given.leaf) | {
                "keystore": new["keystore"] if "keystore" in new else None if there is None else there.keystore
            }
            return told | {"certificate": certificate, "needs_signature": self._needs_signature(self._given.leaf)}
        stored = after.certificates[self._alias]
        certificate = self._parsed(stored)
        needed = self._needs_signature(certificate)
        told |= {"certificate": self._shown(stored), "needs_signature": needed}
        if needed and self._subject is not None:
            told["csr"] = self._request(certificate, after)
        return told

    def _needs_signature(self, certificate: pki.Certificate) -> bool:
        margin = datetime.timedelta(days=self._options.get("renew_before", 30))
        wrong = self._subject is not None and not pki.same_name(self._subject, certificate.subject)
        wrong = wrong or (self._names is not None and set(self._names) != set(pki.alternative_names(certificate)))
        return wrong or pki.signed_by(certificate, certificate) or pki.has_expired(certificate, margin)

    def _request(self, certificate: pki.Certificate, reading: Reading) -> str:
        subject = t.cast(pki.Name, self._subject)
        names = None if "subject_alt_names" in reading.store.lacking else self._names
        text = reading.store.request(self._alias, subject, names)
        if "-----BEGIN" not in text:
            text = f"-----BEGIN {pem.REQUEST}-----\n{text}\n-----END {pem.REQUEST}-----\n"
        try:
            request = pki.request_from_pem(text)
        except pki.Unusable as exc:
            raise BadAnswer(f"the device's CSR: {exc}", device=str(self.device), api=reading.store.api) from exc
        if pki.public_key_sha256(request) != pki.public_key_sha256(certificate):
            raise BadAnswer("the device's CSR is for another key", device=str(self.device), api=reading.store.api)
        return pki.request_to_pem(request)


def _differences(before: Document, after: Document) -> list[Change]:
    """One change, of what differs."""
    names = [name for name in after if before.get(name) != after[name]]
    if not names:
        return []
    return [Change("certificate", {name: before.get(name) for name in names}, {name: after[name] for name in names})]


def _as_made(stored: Stored, certificate: pki.Certificate, lacking: t.Mapping[str, str]) -> Document:
    """A certificate as the options that let a device make its key."""
    found = {
        "alias": stored.alias,
        "subject": pki.shown_name(certificate.subject),
        "subject_alt_names": pki.alternative_names(certificate),
        "key_type": pki.key_type(certificate),
        "keystore": stored.keystore,
    }
    return {name: value for name, value in found.items() if value not in (None, []) and name not in lacking}


def _is_of_factory(stored: Stored, certificate: pki.Certificate, keystores: t.Mapping[str, t.Any]) -> bool:
    """Whether it is the identity that the device has from its factory.

    :param keystores: those that new keys can go to; that of the factory's is not among them.
    """
    unlisted = stored.keystore is not None and bool(keystores) and stored.keystore not in keystores
    issuer = pki.shown_name(certificate.issuer)
    return unlisted or any(mark in text for mark in _FACTORY for text in (stored.alias, issuer))


DECLARED = Certificate()
