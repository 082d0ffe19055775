# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote syslog."""

from __future__ import annotations

import typing as t

from resources.proof import Bad, Case, Proof, Shows, Step

DOCUMENT = "documents.remotesyslog"
EMPTY = {
    "address": "",
    "port": 6514,
    "protocol": "TLS",
    "syslogFormat": "RFC5424",
    "severity": "Warning",
    "type": "All",
}


def shown(*servers: dict[str, t.Any], enabled: bool) -> Shows:
    """What the device shows with these servers."""
    slots = [EMPTY | server for server in servers] + [EMPTY] * (2 - len(servers))
    return {f"{DOCUMENT}.servers": slots} | ({f"{DOCUMENT}.enabled": True} if enabled else {})


LOG = {"address": "192.0.2.5"}
UDP = {"address": "log.example.net", "protocol": "UDP", "port": 514, "severity": "Error", "syslogFormat": "RFC3164"}

PROOF = Proof(
    "syslog",
    cases=(
        Case(
            profiles=("axis-os-12", "axis-os-11"),
            steps=(
                Step({"servers": [{"address": "192.0.2.5"}], "enabled": True}, shown(LOG, enabled=True)),
                Step({"enabled": False}, shown(LOG, enabled=False)),
                Step(
                    {
                        "servers": [
                            {"address": "log.example.net", "protocol": "udp", "severity": "error", "format": "rfc3164"},
                            {"address": "192.0.2.5", "port": 7000},
                        ]
                    },
                    shown(UDP, LOG | {"port": 7000}, enabled=False),
                ),
                Step({"enabled": True}, shown(UDP, LOG | {"port": 7000}, enabled=True)),
                Step({"enabled": None, "servers": None}, {}),
            ),
        ),
        Case(
            profiles=("axis-os-12",),
            title="audit log",
            steps=(
                Step(
                    {"servers": [{"address": "192.0.2.5", "log": "audit", "protocol": "tcp"}], "enabled": True},
                    shown(LOG | {"type": "Audit", "protocol": "TCP", "port": 601}, enabled=True),
                ),
            ),
        ),
    ),
    bad=(
        Bad({"enabled": True}, "there is no server"),
        Bad({"servers": [{"address": "a b"}]}, "servers[0].address: 'a b' is not a host name"),
        Bad({"servers": [{"address": "a", "port": 70000}]}, "servers[0].port: 70000 is not between 1 and 65535"),
        Bad({"servers": [{"address": "a", "severity": "bad"}]}, "severity must be one of: emergency"),
        Bad({"servers": [{"address": "a"}, {"address": "a"}]}, "servers: both are the same"),
        Bad({"servers": [{"address": name} for name in "abc"]}, "3 are given, devices hold 2"),
        Bad({"servers": [{"address": "a", "log": "audit"}]}, "cannot send only the audit log", ("axis-os-11",)),
    ),
    without=("axis-os-5", "axis-os-9"),
    mirrors=("parameters.API.RemoteSyslog1.",),
)
