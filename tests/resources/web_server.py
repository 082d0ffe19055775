# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server, beginning over HTTP. The simulated devices have HTTPS at another port than they tell."""

from __future__ import annotations

from resources.proof import HTTPS_PORT, Bad, Case, Proof, Shows, Step

FACTORY = "Simulator HTTPS"
DEVICE_ID = "Axis device ID RSA-2048 (802.1AR)"
SELF_SIGNED = "Default(self-signed)"
GCM = ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"]
BOTH = "http_and_https"


def shown(alias: str) -> Shows:
    """What the device shows with another certificate than at first."""
    return {f"certificates.{FACTORY}.used_by": [], f"certificates.{alias}.used_by": ["WebServer"]}


def policies(admin: str, operator: str = "", viewer: str = "") -> Shows:
    """What the device shows with other policies than at first."""
    found = {"admin": admin, "operator": operator or admin, "viewer": viewer or admin}
    return {f"parameters.System.BoaGroupPolicy.{role}": policy for role, policy in found.items()}


def life(alias: str, first: dict[str, object], shows: Shows) -> tuple[Step, ...]:
    """Another certificate, HTTPS only, and back by HTTPS."""
    return (
        Step(first | {"certificate": alias}, shown(alias) | shows),
        Step(
            {"policy": {"administrator": "https"}, "pin_certificate": True},
            shown(alias) | shows | policies("https"),
        ),
        Step({"certificate": FACTORY, "pin_certificate": True}, shows | policies("https")),
        Step({"policy": dict.fromkeys(("administrator", "operator", "viewer"), BOTH)}, shows),
    )


CIPHERS: Shows = {"parameters.HTTPS.Ciphers": ":".join(GCM)}
ALLOWED: Shows = {"parameters.HTTPS.AllowTLS1": "no", "parameters.HTTPS.AllowTLS11": "no"}
BASIC: Shows = {"parameters.Network.HTTP.AuthenticationPolicy": "basic_digest"}

PROOF = Proof(
    "web_server",
    cases=(
        Case(life(DEVICE_ID, {}, {}), profiles=("axis-os-12", "axis-os-11"), title="life"),
        Case(
            life(SELF_SIGNED, {"ciphers": GCM, "minimum_tls": "1.2"}, CIPHERS | ALLOWED),
            profiles=("axis-os-9",),
            title="old TLS",
        ),
        Case(
            profiles=("axis-os-12",),
            title="HTTPS only",
            steps=(
                Step({"ciphers": GCM, "policy": {"administrator": "https"}}, CIPHERS | policies("https")),
                Step({"policy": {"administrator": BOTH}, "authentication": "basic_digest"}, CIPHERS | BASIC),
                Step({"authentication": None, "ports": None}, CIPHERS),
            ),
        ),
        Case(
            profiles=("axis-os-12",),
            title="HTTP alone",
            steps=(
                Step(
                    {"policy": {"administrator": "http"}, "https": False},
                    policies("http") | {"parameters.HTTPS.Enabled": "no"},
                ),
                Step({"policy": {"administrator": BOTH}, "https": True, "certificate": FACTORY}, {}),
            ),
        ),
        Case(
            profiles=("axis-os-5",),
            title="a policy for each role",
            steps=(
                Step({"policy": {"viewer": BOTH}}, {"parameters.System.BoaGroupPolicy.viewer": "both"}),
                Step(
                    {"policy": {"operator": BOTH}, "authentication": None},
                    {
                        "parameters.System.BoaGroupPolicy.operator": "both",
                        "parameters.System.BoaGroupPolicy.viewer": "both",
                        "parameters.Network.HTTP.AuthenticationPolicy": "digest",
                    },
                ),
            ),
        ),
    ),
    bad=(
        Bad({"certificate": "nobody"}, "certificate: the device has none with the alias 'nobody'"),
        Bad({"certificate": "Axis device ID Root CA RSA"}, "is the certificate of a CA"),
        Bad({"certificate": None}, "certificate cannot be null"),
        Bad({"ciphers": []}, "ciphers has 0 entries, not at least 1"),
        Bad({"ciphers": [GCM[0], GCM[0]]}, "ciphers: one of them is there twice"),
        Bad({"ciphers": ["HIGH"]}, "has a cipher suite 'HIGH'"),
        Bad({"ciphers": ["TLS_AES_128_GCM_SHA256"]}, "is one of TLS 1.3, which cannot be set"),
        Bad({"minimum_tls": "1.1"}, "cannot speak TLS 1.1"),
        Bad({"minimum_tls": "1.2"}, "cannot set minimum_tls", ("axis-os-5",)),
        Bad({"policy": {"administrator": BOTH, "viewer": "https"}}, "cannot have another policy.viewer"),
        Bad({"https": False, "policy": {"administrator": "https"}}, "policy.administrator is https, but HTTPS is off"),
        Bad({"authentication": "basic"}, "send the password in clear"),
        Bad({"authentication": "recommended"}, "the device has no 'recommended'", ("axis-os-9", "axis-os-5")),
        Bad({"ports": {"http": 443}}, "HTTP and HTTPS would both be at 443"),
        Bad({"ports": {"http": 8080}}, "HTTP is reached at port"),
        Bad({"ports": {"https": 0}}, "ports.https: 0 is not between 1 and 65535"),
        Bad({"reconnect_timeout": 0}, "reconnect_timeout: 0 is not between 1 and 3600 seconds"),
        Bad({"https_port": 1, "ciphers": GCM}, "nothing listens at port 1, where it has to prove itself"),
        Bad(
            {"policy": {"administrator": "https"}, "certificate": DEVICE_ID},
            "which this connection does not accept",
        ),
        Bad({"certificate": SELF_SIGNED}, "cannot set certificate", ("axis-os-5",)),
    ),
    always={"https_port": HTTPS_PORT, "reconnect_timeout": 2},
    few_faults=True,
    elsewhere={
        "ports.http": "tests/integration/test_web_server.py::test_ports",
        "ports.https": "tests/integration/test_web_server.py::test_ports",
    },
)
