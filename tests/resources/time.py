# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time zone and clock."""

from __future__ import annotations

from resources.proof import ALL, Bad, Case, Proof, Shows, Step

CLOCK = "tests/integration/test_running.py::test_clock"
EST = "EST5EDT,M3.2.0,M11.1.0"


def iana(zone: str, posix: str) -> Shows:
    """What a device shows with an IANA zone, or an old one with its POSIX string."""
    named = {"time.mode": "iana", "time.iana": zone}
    return dict.fromkeys(ALL, named) | {"axis-os-5": {"time.mode": "posix", "time.posix": posix}}


BY_HAND = {"time.mode": "posix", "time.posix": EST}

PROOF = Proof(
    "time",
    cases=(
        Case(
            title="zone",
            steps=(
                Step({"timezone": "Asia/Tokyo"}, iana("Asia/Tokyo", "JST-9")),
                Step({"posix_timezone": EST}, BY_HAND),
                Step({"posix_timezone": "EST5EDT,M3.2.0/2:00:00,M11.1.0", "dst": False}, BY_HAND | {"time.dst": False}),
                Step({"timezone": "Europe/Stockholm"}, iana("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3")),
            ),
        ),
        Case(
            title="from DHCP",
            profiles=("axis-os-12",),
            steps=(Step({"timezone": "UTC"}, {"time.mode": "iana", "time.iana": "UTC"}), Step({"timezone": None}, {})),
        ),
    ),
    bad=(
        Bad({"timezone": "Europe/Stockhome"}, "is not known to the device"),
        Bad({"timezone": "Europe/Nowhere"}, "is not known on this controller", ("axis-os-5",)),
        Bad(
            {"timezone": None}, "cannot tell whether the zone comes from DHCP", ("axis-os-11", "axis-os-9", "axis-os-5")
        ),
        Bad({"sync_clock": True}, "cannot set the clock", ("axis-os-5",)),
        Bad({"posix_timezone": "Stockholm"}, "is no POSIX time zone", ALL),
        Bad({"timezone": "UTC", "dst": True}, "dst belongs to posix_timezone"),
        Bad({"timezone": "UTC", "posix_timezone": EST}, "parameters are mutually exclusive"),
        Bad({"sync_clock": True, "max_clock_error": 1}, "max_clock_error: 1 is not at least 2 seconds"),
    ),
    writer={"axis-os-11": "operator", "axis-os-9": "operator"},
    beside_null={"posix_timezone": EST},
    no_way_back="before AXIS OS 12 a zone cannot be made the factory's again",
    elsewhere={
        "sync_clock": CLOCK,
        "max_clock_error": CLOCK,
    },
)
