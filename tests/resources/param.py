# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters by name, and entries of dynamic groups."""

from __future__ import annotations

import typing as t

from resources.proof import ALL, CANARY, GONE, Bad, Case, Proof, Shows, Step

UPNP, COMMUNITY = "Network.UPnP.Enabled", "SNMP.V1ReadCommunity"


def profiles(*entries: dict[str, str], **more: object) -> dict[str, object]:
    """Entries of the group StreamProfile."""
    return {"groups": [{"parent": "StreamProfile", "present": list(entries), **more}]}


def held(number: int, **values: str) -> Shows:
    """What a device shows of an entry of StreamProfile."""
    entry = {"Description": "", "Parameters": ""} | values
    return {f"parameters.StreamProfile.S{number}.{name}": value for name, value in entry.items()}


def by_profile(step: t.Callable[[int], Shows], *, exclusive: bool = False) -> Shows:
    """The same with the numbers of each profile: the old one has two entries from the factory, 0 and 1."""
    old = step(2)
    if exclusive:
        old |= {path: GONE for number in (0, 1) for path in held(number, Name="")}
    return dict.fromkeys(ALL, step(0)) | {"axis-os-5": old}


def named(text: str, upnp: str) -> Shows:
    """A name, and UPnP where it is not as it leaves the factory: off, on the old one on."""
    shows = {NAME: text, f"parameters.{UPNP}": upnp}
    off, on = {NAME: text} if upnp == "no" else shows, {NAME: text} if upnp == "yes" else shows
    return dict.fromkeys(ALL, off) | {"axis-os-5": on}


WALL = {"Name": "wall", "Description": "For the wall", "Parameters": "resolution=1280x720&fps=25"}
COMPRESSION = "parameters.Image.I0.Appearance.Compression"
NAME = "parameters.Network.Bonjour.FriendlyName"

PROOF = Proof(
    "param",
    cases=(
        Case(
            title="values",
            steps=(
                Step(
                    {"parameters": {"Image.I0.Appearance.Compression": 40, COMMUNITY: CANARY}},
                    {COMPRESSION: "40", f"parameters.{COMMUNITY}": CANARY},
                ),
                Step(
                    {"parameters": {"root.Image.I0.Appearance.Compression": "41"}},
                    {COMPRESSION: "41", f"parameters.{COMMUNITY}": CANARY},
                ),
                Step({"parameters": {"Image.I0.Appearance.Compression": 30, COMMUNITY: "public"}}, {}),
            ),
        ),
        Case(
            title="texts",
            steps=(
                Step(
                    {"parameters": {"Network.Bonjour.FriendlyName": "Gate & yard = 4 % \u00e9", UPNP: "On"}},
                    named("Gate & yard = 4 % \u00e9", "yes"),
                ),
                Step({"parameters": {"Network.Bonjour.FriendlyName": 4.5, UPNP: False}}, named("4.5", "no")),
            ),
        ),
        Case(
            title="groups",
            steps=(
                Step(
                    profiles(WALL, {"Name": "phone", "Parameters": "fps=8"}),
                    by_profile(lambda first: held(first, **WALL) | held(first + 1, Name="phone", Parameters="fps=8")),
                ),
                Step(
                    profiles({"Name": "wall", "Description": "For the big wall"}, {"Name": "new"}, absent=["phone"]),
                    by_profile(
                        lambda first: (
                            held(first, **WALL | {"Description": "For the big wall"}) | held(first + 1, Name="new")
                        )
                    ),
                ),
                Step(
                    profiles(
                        {"Name": "new", "Parameters": "fps=1"},
                        exclusive=True,
                        identity="Name",
                        template="streamprofile",
                    ),
                    by_profile(lambda first: held(first + 1, Name="new", Parameters="fps=1"), exclusive=True),
                ),
                Step(profiles(exclusive=True), by_profile(lambda first: {}, exclusive=True)),
            ),
        ),
    ),
    bad=(
        Bad({"parameters": {"Network.UPnP.Enable": True}}, "Did you mean Network.UPnP.Enabled", ALL),
        Bad({"parameters": {"Image.I0.Appearance.Compression": 101}}, "101 is not between 0 and 100", ALL),
        Bad({"parameters": {UPNP: "maybe"}}, "'maybe' is neither"),
        Bad({"parameters": {"Network.eth0.IPAddress": "192.0.2.1"}}, "is read-only, and its value is another one", ALL),
        Bad({"parameters": {COMMUNITY: "*****"}}, "is what devices show instead of a secret"),
        Bad(profiles({"Description": "x"}), "has no Name"),
        Bad(profiles({"Name": "x", "Colour": "red"}), "have no parameter Colour", ALL),
        Bad(profiles({"Name": "x"}, absent=["x"]), "is declared twice"),
        Bad({"groups": [{"parent": "NoSuch", "present": []}]}, "has no parameter group NoSuch"),
        Bad({}, "one of the following is required: parameters, groups"),
    ),
    no_way_back="no plan holds a secret, so that the one before cannot be set again",
    mirrors=("documents.streamprofile.",),
    elsewhere={"update_secrets": "tests/unit/resources/test_param.py::test_write_only_is_sent_on_every_run"},
)
