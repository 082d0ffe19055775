# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/streamprofile.cgi``: Stream profiles page; the same profiles as the parameters ``StreamProfile.S#``.

Recorded: ``maxProfiles`` 26, the parameter names. Assumed: all three members are required in create, too; a call is
done as a whole or not at all; lengths are those of the parameters, texts printable ASCII; wrong types and unknown
members are "Invalid Format" (2001), also what ``list`` lacks; one profile too many is 1000. Groups that ``param.cgi``
has given one name twice are shown once.
"""

from __future__ import annotations

import documents
from handlers._base import OPERATOR, VIEWER, ApiError, Family
from handlers._fields import Object, Text
from handlers._json import Batch, Call, DocumentCgi, Step

_DOCUMENT, _MOST = "streamprofile", 26
_FAMILY = Family(
    not_post=2001,
    bad_json=2001,
    no_method=2001,
    no_version=2001,
    bad_version=2000,
    internal=1000,
    unknown_method=2005,
    missing=2003,
    invalid=2004,
    wrong_type=2001,
    unknown=2001,
    texts={
        1000: "Application Error",
        2000: "Unsupported Version",
        2001: "Invalid Format",
        2002: "Incoherent Configuration",
        2003: "Missing Parameter",
        2004: "Invalid Parameter",
        2005: "Unsupported Method",
        2006: "Profile does not exist",
    },
)
_ASCII = r"[\x20-\x7e]*"
_PROFILE = Object(
    members={
        "name": Text(required=True, low=1, high=64, pattern=_ASCII),
        "description": Text(required=True, high=128, pattern=_ASCII),
        "parameters": Text(required=True, pattern=_ASCII),
    }
)
_LEAVES = {"name": "Name", "description": "Description", "parameters": "Parameters"}


def _read(document: dict) -> list[dict[str, str]]:
    groups = sorted(document["groups"].items(), key=lambda item: int(item[0]))
    return [{member: group[leaf] for member, leaf in _LEAVES.items()} for _number, group in groups]


def _write(document: dict, profiles: list[dict[str, str]]) -> None:
    """Profiles keep their numbers; a new one gets the lowest that is free."""
    groups = document["groups"]
    wanted = {profile["name"]: profile for profile in profiles}
    for number in [number for number, group in groups.items() if group["Name"] not in wanted]:
        del groups[number]
    numbers = {group["Name"]: number for number, group in groups.items()}
    for name, profile in wanted.items():
        number = numbers.get(name) or documents.free_number(groups)
        groups[number] = {leaf: profile[member] for member, leaf in _LEAVES.items()}


_PROFILES = Batch(
    "streamProfile",
    "streamProfileName",
    "name",
    _PROFILE,
    _read,
    _write,
    absent=2006,
    taken=2002,
    too_many=1000,
    most=_MOST,
)


def _list(call: Call) -> dict[str, object]:
    if "streamProfileName" not in call.params:
        raise ApiError(_FAMILY.bad_json)
    return {"streamProfile": _PROFILES.chosen(call), "maxProfiles": _MOST}


HANDLER = DocumentCgi(
    "/axis-cgi/streamprofile.cgi",
    "stream-profiles",
    dict.fromkeys(("axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12"), "1.0"),
    _FAMILY,
    _DOCUMENT,
    {
        "list": Step(_list, VIEWER),
        "create": Step(_PROFILES.create, OPERATOR, write=True),
        "update": Step(_PROFILES.update, OPERATOR, write=True),
        "remove": Step(_PROFILES.remove, OPERATOR, write=True),
    },
    level=VIEWER,
)
