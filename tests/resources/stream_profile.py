# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stream profiles."""

from __future__ import annotations

from resources.proof import Bad, Case, Proof, Shows, Step


def shown(number: int, name: str, description: str, parameters: str) -> Shows:
    """A profile, as the device holds it."""
    group = f"documents.streamprofile.groups.{number}"
    return {f"{group}.Name": name, f"{group}.Description": description, f"{group}.Parameters": parameters}


def way(first: int) -> tuple[Step, ...]:
    """Steps on a device that gives the first new profile this number."""
    second = first + 1
    wall = {"name": "wall", "description": "For the wall", "parameters": {"Resolution": "1280x720", "fps": 25}}
    return (
        Step(
            {"profiles": [wall, {"name": "phone", "parameters": {"fps": 8}}]},
            shown(first, "wall", "For the wall", "resolution=1280x720&fps=25") | shown(second, "phone", "", "fps=8"),
        ),
        Step(
            {
                "profiles": [
                    {"name": "wall", "description": "For the big wall"},
                    {"name": "phone", "state": "absent"},
                    {"name": "nobody", "state": "absent"},
                ]
            },
            shown(first, "wall", "For the big wall", "resolution=1280x720&fps=25"),
        ),
        Step(
            {"profiles": [{"name": "wall", "description": None, "parameters": {"fps": 25, "text": True}}]},
            shown(first, "wall", "", "fps=25&text=1"),
        ),
        Step({"profiles": [{"name": "wall", "state": "absent"}], "exclusive": False}, {}),
    )


PROOF = Proof(
    "stream_profile",
    cases=(
        Case(way(0), profiles=("axis-os-12", "axis-os-11", "axis-os-9"), title="life"),
        Case(way(2), profiles=("axis-os-5",), title="by parameters"),
        Case(
            profiles=("axis-os-12",),
            title="exclusive",
            steps=(
                Step({"profiles": [{"name": "a"}, {"name": "b"}]}, shown(0, "a", "", "") | shown(1, "b", "", "")),
                Step({"profiles": [{"name": "b"}], "exclusive": True}, shown(1, "b", "", "")),
                Step({"profiles": [], "exclusive": True}, {}),
            ),
        ),
    ),
    bad=(
        Bad({"profiles": [{"name": ""}]}, "profiles[0].name has 0 characters, not between 1 and 64"),
        Bad({"profiles": [{"description": "x"}]}, "missing required arguments: name found in profiles"),
        Bad({"profiles": [{"name": "a\u00e9"}]}, "profiles[0].name: 'a\u00e9' is not of the form text in ASCII"),
        Bad({"profiles": [{"name": "a"}, {"name": "a"}]}, "'a' is there twice"),
        Bad(
            {"profiles": [{"name": "a", "parameters": {"fps": "25&x=1"}}]}, "the stream setting fps cannot be '25&x=1'"
        ),
        Bad({"profiles": [{"name": "a", "parameters": {"f=s": 1}}]}, "'f=s' is no name of a stream setting"),
        Bad({"profiles": [{"name": "a", "parameters": {25: "fps"}}]}, "has a number (25) as a key"),
        Bad(
            {"profiles": [{"name": f"p{number}"} for number in range(27)]},
            "27 entries are too many, the device holds 26",
        ),
    ),
    writer="operator",
    mirrors=("parameters.StreamProfile.",),
)
