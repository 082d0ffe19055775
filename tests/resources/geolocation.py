# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a device is."""

from __future__ import annotations

from resources.proof import Bad, Case, Proof, Step

PLACE = {"documents.geolocation.lat": "+55.710000", "documents.geolocation.lng": "+013.180000"}

PROOF = Proof(
    "geolocation",
    cases=(
        Case(
            profiles=("axis-os-12", "axis-os-11", "axis-os-9"),
            steps=(
                Step({"latitude": 55.71, "longitude": 13.18}, PLACE),
                Step(
                    {"heading": 360, "text": "Gate"},
                    PLACE
                    | {
                        "documents.geolocation.heading": "0",
                        "documents.geolocation.text": "Gate",
                    },
                ),
                Step(
                    {"latitude": 0, "longitude": -0.5, "heading": 90, "text": None},
                    {
                        "documents.geolocation.lat": "+00.000000",
                        "documents.geolocation.lng": "-000.500000",
                        "documents.geolocation.heading": "90",
                    },
                ),
            ),
        ),
    ),
    bad=(
        Bad({"latitude": 90.5}, "latitude: 90.5 is not between -90 and 90 degrees"),
        Bad({"longitude": "east"}, "longitude is 'east', not a number"),
        Bad({"heading": 361}, "heading: 361 is not between 0 and 360 degrees"),
        Bad({"latitude": None}, "latitude cannot be null"),
        Bad({"text": "a" * 257}, "text has 257 characters, not between 0 and 256"),
    ),
    without=("axis-os-5",),
    no_way_back="a position that was never set cannot be unset",
)
