# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates with a private key that the device makes. Those that are brought along need HTTPS: see elsewhere."""

from __future__ import annotations

from harness.authority import make
from resources.proof import ANY, CANARY, Bad, Case, Proof, Shows, Step

CA, LEAF = make("CN=One CA", ca=True), make("CN=server")
TESTS = "tests/integration/test_certificate.py::"


def shown(keystore: str) -> Shows:
    """What the device shows with a key that it made there."""
    entry = {"ca": False, "keystore": keystore, "factory": False, "fingerprint_sha256": ANY, "used_by": []}
    return {f"certificates.gate.{name}": value for name, value in entry.items()}


PROOF = Proof(
    "certificate",
    cases=(
        Case(
            title="made by the device",
            steps=(
                Step(
                    {
                        "alias": "gate",
                        "subject": "CN=gate.example.net,O=Example",
                        "subject_alt_names": ["DNS:gate.example.net", "IP:192.0.2.11"],
                        "key_type": "EC-P256",
                        "renew_before": 10,
                    },
                    shown("SE0"),
                ),
                Step(
                    {
                        "alias": "gate",
                        "subject": "CN=gate",
                        "key_type": "EC-P384",
                        "keystore": "TEE0",
                        "replace_key": True,
                    },
                    shown("TEE0"),
                ),
                Step({"alias": "gate", "state": "absent"}, {}),
            ),
            profiles=("axis-os-12",),
        ),
        Case(
            title="by SOAP",
            steps=(
                Step({"alias": "gate", "subject": "CN=gate.example.net,O=Example"}, shown("SW0")),
                Step({"alias": "gate", "state": "absent"}, {}),
            ),
            profiles=("axis-os-11", "axis-os-9"),
        ),
    ),
    bad=(
        Bad({"alias": "gate", "subject": "gate"}, "subject: it is not written as in RFC 4514"),
        Bad(
            {"alias": "gate", "subject": "CN=a", "subject_alt_names": ["gate"]}, "subject_alt_names: 'gate' is neither"
        ),
        Bad({"alias": "gate", "subject": "CN=a", "keystore": "XX"}, "keystore: the device has no 'XX'"),
        Bad({"alias": "gate", "certificate": CA.pem}, "is that of a CA"),
        Bad({"alias": "gate", "certificate": LEAF.pem}, "there is no private key to install one with"),
        Bad(
            {"alias": "gate", "certificate": LEAF.pem, "private_key": LEAF.key_pem()},
            "would go over the network in clear",
        ),
        Bad({"alias": "gate", "certificate": LEAF.pem, "private_key": CA.key_pem()}, "private_key is not the key"),
        Bad({"alias": "gate", "pkcs12": CANARY, "passphrase": CANARY}, "pkcs12: "),
        Bad({"alias": "gate"}, "state is present but any of the following are missing: subject, certificate, pkcs12"),
        Bad({"alias": "gate", "subject": "CN=a", "renew_before": -1}, "renew_before: -1 is not at least 0 days"),
        Bad({"alias": "gate", "subject": "CN=a", "key_type": "EC-P384"}, "cannot choose the key_type", ("axis-os-9",)),
    ),
    without=("axis-os-5",),
    only_done=("certificate", "csr"),
    elsewhere=dict.fromkeys(("certificate", "private_key", "pkcs12", "passphrase"), TESTS + "test_brought_along"),
)
