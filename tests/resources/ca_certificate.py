# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of CAs."""

from __future__ import annotations

from harness.authority import make
from resources.proof import ANY, Bad, Case, Proof, Step

ONE, TWO = make("CN=One CA", ca=True), make("CN=Two CA", ca=True)
LEAF = make("CN=server")
SHOWN = {f"certificates.Example CA.{name}": ANY for name in ("keystore", "fingerprint_sha256")} | {
    "certificates.Example CA.ca": True,
    "certificates.Example CA.factory": False,
    "certificates.Example CA.used_by": [],
}

PROOF = Proof(
    "ca_certificate",
    cases=(
        Case(
            steps=(
                Step({"alias": "Example CA", "certificate": ONE.pem}, SHOWN),
                Step({"alias": "Example CA", "certificate": TWO.pem}, SHOWN),
                Step({"alias": "Example CA", "certificate": LEAF.pem, "allow_leaf": True}, SHOWN),
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
