# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headers of the web server."""

from __future__ import annotations

from resources.proof import Bad, Case, Proof, Shows, Step

HEADERS = "documents.customhttpheader.headers"


def shown(headers: dict[str, str]) -> Shows:
    """Headers, as the device holds them. AXIS OS 9 has them in its answers only after its next start."""
    held = {f"{HEADERS}.{name}": value for name, value in headers.items()}
    sent = {f"documents.customhttpheader.shown.{name}": value for name, value in headers.items()}
    return {"axis-os-12": held | sent, "axis-os-11": held | sent, "axis-os-9": held}


PROOF = Proof(
    "http_header",
    cases=(
        Case(
            profiles=("axis-os-12", "axis-os-11", "axis-os-9"),
            steps=(
                Step(
                    {"headers": [{"name": "X-One", "value": "1"}, {"name": "X-Two", "value": "a b"}]},
                    shown({"X-One": "1", "X-Two": "a b"}),
                ),
                Step({"headers": [{"name": "x-one", "value": "2"}]}, shown({"X-Two": "a b", "X-One": "2"})),
                Step(
                    {"headers": [{"name": "X-ONE", "state": "absent"}, {"name": "never", "state": "absent"}]},
                    shown({"X-Two": "a b"}),
                ),
                Step({"headers": [{"name": "X-Three", "value": ""}], "exclusive": True}, shown({"X-Three": ""})),
                Step({"headers": [], "exclusive": True}, shown({})),
            ),
        ),
    ),
    bad=(
        Bad({"headers": [{"name": "X One", "value": "1"}]}, "headers[0].name: 'X One' is not of the form"),
        Bad({"headers": [{"name": "X-One", "value": "a\nb"}]}, "headers[0].value: 'a\\nb' is not of the form"),
        Bad({"headers": [{"name": "X-One"}]}, "'X-One' does not exist and needs value"),
        Bad({"headers": [{"name": "X-One", "value": None}]}, "headers[X-One].value cannot be null"),
        Bad({"headers": [{"name": "a", "value": "1"}, {"name": "A", "value": "2"}]}, "'A' is there twice"),
    ),
    without=("axis-os-5",),
    unproven=("documents.customhttpheader.shown",),
)
