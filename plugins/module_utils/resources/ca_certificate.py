# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One certificate of a CA, by which the device knows others: the 802.1X server, MQTT brokers, NTS servers and so on.

Sources: see :mod:`certificate.store`.
"""

from __future__ import annotations

import typing as t

from ..crypto import pki
from ..device.device import Device
from ..model.change import Call, Change, Phase, Plan
from ..model.field import MISSING
from ..model.option import ON_UNSUPPORTED, Document, Option
from ..model.resource import Exported, Resource, Returned, World
from .certificate.store import (
    DESCRIBED,
    SAMPLE,
    Reading,
    RestStore,
    SoapStore,
    StoreTarget,
    misplaced_key,
    parsed,
    secret_texts,
    store_of,
)


class CaCertificate(Resource):
    """Options of a CA's certificate."""

    name = "ca_certificate"
    apis = (RestStore.api, SoapStore.api)
    options = {
        "alias": Option(
            required=True, length=(1, 128), doc="The name of the certificate on the device. SOAP calls it id."
        ),
        "state": Option(choices=("present", "absent"), default="present", doc="Whether the certificate is there."),
        "certificate": Option(
            doc=("The certificate, in PEM. One only; each CA has an alias of its own.", "Required to have it there.")
        ),
        "allow_leaf": Option(
            "bool",
            default=False,
            doc="Whether the certificate may be one of a server instead of a CA, so that the server is known by its "
            "own "
            "certificate.",
        ),
        "on_unsupported": ON_UNSUPPORTED,
    }
    constraints = {"required_if": [("state", "present", ("certificate",))]}
    returns = {
        "certificate": Returned(
            "dict",
            "The certificate on the device, or in check mode what it would be. Null with O(state=absent).",
            sample=SAMPLE,
            contains=DESCRIBED,
        )
    }
    requirements = ("requests", "cryptography", "deepdiff", "defusedxml")

    def secrets(self, wanted: Document) -> list[str]:
        return secret_texts(misplaced_key(wanted))

    def on(self, device: Device, wanted: Document) -> CaCertificateTarget:
        return CaCertificateTarget(self, device, wanted)

    def exports(self, device: Device) -> list[Exported]:
        pki.require()
        return [
            Exported(
                {"alias": alias, "certificate": pki.to_pem([certificate]), "allow_leaf": not pki.is_ca(certificate)}
            )
            for alias, stored in sorted(store_of(device).ca_certificates().items())
            for certificate in [parsed(stored, device)]
            if not pki.has_expired(certificate)
        ]


class CaCertificateTarget(StoreTarget):
    """One CA's certificate on one device."""

    def __init__(self, resource: CaCertificate, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._wanted = self._understood(wanted) if self._present else None

    def _understood(self, wanted: Document) -> pki.Certificate:
        certificate, *more = self._usable("certificate", lambda: pki.chain_from_pem(wanted["certificate"]))
        name = pki.named(certificate)
        if more:
            raise self.invalid(
                f"certificate: there are {len(more) + 1}, the first that of {name!r}", "Give each an alias of its own"
            )
        if not pki.is_ca(certificate) and not wanted.get("allow_leaf"):
            raise self.invalid(
                f"certificate: {name!r} is no CA",
                "Give that of the CA, or set allow_leaf if a server is to be known by its own certificate",
            )
        self._check_valid(certificate)
        return certificate

    def current(self, reading: Reading) -> Document:
        stored = reading.cas.get(self._alias)
        if stored is None:
            return {"alias": self._alias, "state": "absent"}
        return {"alias": self._alias, "certificate": pki.to_pem([self._parsed(stored)])}

    def shows(self, change: Change, reading: Reading) -> t.Any:
        stored = reading.cas.get(self._alias)
        return MISSING if stored is None else pki.describe(self._parsed(stored))

    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        stored = reading.cas.get(self._alias)
        there = None if stored is None else self._parsed(stored)
        before = None if there is None else pki.describe(there)
        former = None if there is None else pki.to_pem([there])
        if self._wanted is None:
            if before is not None:
                do, undo = (self._call(name, former) for name in ("remove", "add"))
                planner.step([Change("certificate", before, None)], [do], [undo], Phase.TAKE)
            return planner.plan()
        if self._alias in reading.certificates:
            raise self.invalid(
                f"{self._alias!r} is a certificate with a private key already, and there is one name space for both",
                "Choose another alias, or remove that with axis.vapix.certificate",
            )
        after, pem = pki.describe(self._wanted), pki.to_pem([self._wanted])
        if before != after:
            do, undo = self._call("add", pem), self._call("remove", pem)
            if former is not None:
                do, undo = self._call("replace", pem, former), self._call("replace", former, pem)
            promises = [("ca_certificate", self._alias)]
            planner.step([Change("certificate", before, after)], [do], [undo], Phase.GIVE, promises)
        return planner.plan()

    def _call(self, name: str, certificate: str | None, former: str | None = None) -> Call:
        return Call(name, {"alias": self._alias, "certificate": certificate, "former": former})

    def do(self, call: Call) -> None:
        store, alias = store_of(self.device), call.arguments["alias"]
        certificate = pki.chain_from_pem(call.arguments["certificate"])[0]
        if call.name == "remove":
            store.remove_ca(alias)
        elif call.name == "add":
            store.add_ca(alias, certificate)
        else:
            store.replace_ca(alias, pki.chain_from_pem(call.arguments["former"])[0], certificate)

    def result(self, plan: Plan, before: Reading, after: Reading) -> Document:
        return {"certificate": None if self._wanted is None else pki.describe(self._wanted)}


DECLARED = CaCertificate()
