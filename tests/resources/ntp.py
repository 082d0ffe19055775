# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NTP client."""

from __future__ import annotations

from resources.proof import Bad, Case, Proof, Step

NTS = {"enabled": True, "servers": ["nts.example.net"], "ca_certificates": ["b", "a"]}

PROOF = Proof(
    "ntp",
    cases=(
        Case(
            title="servers",
            steps=(
                Step(
                    {"enabled": True, "source": "static", "servers": ["ntp1.example.net"]},
                    {"ntp.serversSource": "static", "ntp.staticServers": ["ntp1.example.net"]},
                ),
                Step(
                    {"servers": ["203.0.113.7"]},
                    {"ntp.serversSource": "static", "ntp.staticServers": ["203.0.113.7"]},
                ),
                Step({"source": None, "servers": None}, {}),
            ),
        ),
        Case(
            title="all options",
            profiles=("axis-os-12", "axis-os-11"),
            steps=(
                Step(
                    {"source": "static", "servers": ["b.example.net", "192.0.2.1"], "minpoll": 4, "maxpoll": 8},
                    {
                        "ntp.serversSource": "static",
                        "ntp.staticServers": ["b.example.net", "192.0.2.1"],
                        "ntp.minpoll": 4,
                        "ntp.maxpoll": 8,
                    },
                ),
                Step(
                    {"servers": ["192.0.2.1", "b.example.net"], "nts": NTS | {"ca_certificates": []}},
                    {
                        "ntp.serversSource": "static",
                        "ntp.staticServers": ["192.0.2.1", "b.example.net"],
                        "ntp.minpoll": 4,
                        "ntp.maxpoll": 8,
                        "ntp.NTSEnabled": True,
                        "ntp.staticNTSKEServers": ["nts.example.net"],
                    },
                ),
                Step(
                    {"enabled": False, "source": None, "servers": [], "minpoll": None, "maxpoll": None, "nts": None},
                    {"ntp.enabled": False},
                ),
                Step({"enabled": None}, {}),
            ),
        ),
    ),
    bad=(
        Bad({"servers": ["a b"]}, "servers: 'a b' is not a host name or an IP address"),
        Bad({"servers": ["a", "A"]}, "twice"),
        Bad({"nts": {"servers": ["http://x"]}}, "nts.servers: 'http://x'"),
        Bad({"minpoll": 25}, "minpoll: 25 is not between 0 and 24"),
        Bad({"minpoll": "often"}, "minpoll"),
        Bad({"maxpoll": 5}, "minpoll (6) is larger than maxpoll (5)"),
        Bad({"source": "static"}, "no servers"),
        Bad({"source": "manual"}, "source must be one of: dhcp, static"),
        Bad({"servers": [None]}, "servers[0] is null"),
        Bad({"nts": {"enabled": True}}, "nts is enabled, but has no servers"),
        Bad({"minpoll": 7}, "cannot hold minpoll", ("axis-os-5", "axis-os-9")),
    ),
    elsewhere={"nts.ca_certificates": "tests/integration/test_running.py::test_certificates_of_nts_servers"},
)
