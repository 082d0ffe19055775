# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One certificate of a CA, by which the device knows others: the 802.1X server, MQTT brokers, NTS servers and so on.

Sources: see :mod:`certificate_store`.
"""

from __future__ import annotations

import typing as t

from ..crypto import pki
from ..device.device import Device
from ..model.legacy import ON_UNSUPPORTED, Change, Document, Option, Resource
from .certificate.store import Reading, StoreTarget, misplaced_key, secret_texts


class CaCertificate(Resource):
    """Options of a CA's certificate."""

    name = "ca_certificate"
    options = {
        "alias": Option(required=True),
        "state": Option(choices=("present", "absent"), default="present"),
        "certificate": Option(),
        "allow_leaf": Option("bool", default=False),
        "on_unsupported": ON_UNSUPPORTED,
    }
    constraints = {"required_if": [("state", "present", ("certificate",))]}

    def secrets(self, wanted: Document) -> list[str]:
        return secret_texts(misplaced_key(wanted))

    def on(self, device: Device, wanted: Document) -> CaCertificateTarget:
        return CaCertificateTarget(device, wanted)


class CaCertificateTarget(StoreTarget):
    """One CA's certificate on one device."""

    def __init__(self, device: Device, wanted: Document) -> None:
        self._wanted: pki.Certificate | None = None
        super().__init__(device, wanted)

    def _understand(self, wanted: Document) -> None:
        certificate, *more = self._usable("certificate", lambda: pki.chain_from_pem(wanted["certificate"]))
        name = pki.named(certificate)
        if more:
            raise self.invalid(
                f"certificate: there are {len(more) + 1}, the first that of {name!r}", "Give each an alias of its own"
            )
        if not pki.is_ca(certificate) and not wanted["allow_leaf"]:
            raise self.invalid(
                f"certificate: {name!r} is no CA",
                "Give that of the CA, or set allow_leaf if a server is to be known by its own certificate",
            )
        self._check_valid(certificate)
        self._wanted = certificate

    def plan(self, reading: Reading) -> list[Change]:
        current = reading.cas.get(self._alias)
        before = None if current is None else pki.describe(self._parsed(current))
        if self._wanted is None:
            return [] if before is None else [Change("certificate", before, None)]
        if self._alias in reading.certificates:
            raise self.invalid(
                f"{self._alias!r} is a certificate with a private key already, and there is one name space for both",
                "Choose another alias, or remove that with axis.vapix.certificate",
            )
        after = pki.describe(self._wanted)
        return [] if before == after else [Change("certificate", before, after)]

    def write(self, changes: t.Sequence[Change]) -> None:
        current = self._reading.cas.get(self._alias)
        if self._wanted is None:
            self._store.remove_ca(self._alias)
        elif current is None:
            self._store.add_ca(self._alias, self._wanted)
        else:
            self._store.replace_ca(self._alias, self._parsed(current), self._wanted)

    def outcome(self) -> Document:
        return {"certificate": None if self._wanted is None else pki.describe(self._wanted)}


DECLARED = CaCertificate()
