# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of CAs."""

from __future__ import annotations

import hashlib

from harness.authority import Identity, make
from resources.proof import Bad, Case, Proof, Shows, Step

ONE, TWO = make("CN=One CA", ca=True), make("CN=Two CA", ca=True)
LEAF = make("CN=server")


def shown(identity: Identity) -> Shows:
    """What the device shows with this certificate."""
    entry = {
        "ca": True,
        "keystore": None,
        "factory": False,
        "fingerprint_sha256": hashlib.sha256(identity.der).hexdigest(),
        "used_by": [],
    }
    return {f"certificates.Example CA.{name}": value for name, value in entry.items()}


PROOF = Proof(
    "ca_certificate",
    cases=(
        Case(
            steps=(
                Step({"alias": "Example CA", "certificate": ONE.pem}, shown(ONE)),
                Step({"alias": "Example CA", "certificate": TWO.pem}, shown(TWO)),
                Step({"alias": "Example CA", "certificate": LEAF.pem, "allow_leaf": True}, shown(LEAF)),
                Step({"alias": "Example CA", "state": "absent"}, {}),
            ),
            profiles=("axis-os-12", "axis-os-11", "axis-os-9"),
        ),
    ),
    bad=(
        Bad({"alias": "Example CA", "certificate": LEAF.pem}, "'CN=server' is no CA"),
        Bad({"alias": "Example CA", "certificate": "x"}, "certificate: "),
        Bad({"alias": "Example CA", "certificate": ONE.pem + TWO.pem}, "certificate: "),
        Bad({"alias": " x", "certificate": ONE.pem}, "has blanks around it"),
        Bad({"alias": "x"}, "state is present but all of the following are missing: certificate"),
    ),
    without=("axis-os-5",),
)
