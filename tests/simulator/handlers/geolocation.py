# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/geolocation/get.cgi`` and ``set.cgi``: Geolocation page (AXIS OS 6.25 and later).

From the page: positions in degrees, degrees and minutes, or these and seconds (ISO 6709, annex H), kept as they were
sent; 0 and empty texts until something is set; errors 1 (parameter) and 2 (value) with HTTP 200. Assumed: leading
zeros must be there (the page says so, its own example has ``lng=-0.1``); an unknown argument is error 1; a position is
valid as soon as both parts were set; an empty value is refused but for the text, which has up to 256 characters;
refused arguments leave the others unset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from handlers._fields import VALUE, Bad, Field, Text
from handlers._xml import XmlGetter, XmlSetter, element

_DOCUMENT, _ROOT = "geolocation", 'PositionResponse SchemaVersion="1.0"'
_GENERATIONS = ("axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12")
DOCUMENTS: dict[str, Any] = {_DOCUMENT: {"lat": None, "lng": None, "heading": None, "text": ""}}
_UNSET = "0"


@dataclass(frozen=True, kw_only=True)
class Coordinate(Field):
    """Degrees of so many digits, perhaps followed by two digits of minutes and two of seconds, and a fraction."""

    digits: int
    most: int

    def check(self, value: Any, whole: bool = True) -> str:
        match = re.fullmatch(rf"[+-]?(\d{{{self.digits}}})(\d\d)?(\d\d)?(\.\d+)?", value)
        if match is None:
            raise Bad(VALUE, "no coordinate")
        degrees, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
        # The fraction belongs to the last part that is there.
        above = bool(minutes or seconds or float(match[4] or 0))
        if minutes > 59 or seconds > 59 or degrees + above > self.most:
            raise Bad(VALUE, "out of range")
        return value


_FIELDS = {
    "lat": Coordinate(digits=2, most=90),
    "lng": Coordinate(digits=3, most=180),
    "heading": Text(pattern="[0-9]|[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|360"),
    "text": Text(high=256),
}


def _truth(flag: bool) -> str:
    return "true" if flag else "false"


def _show(document: dict[str, Any]) -> str:
    place = "".join(
        element(name, document[member] or _UNSET)
        for name, member in (("Lat", "lat"), ("Lng", "lng"), ("Heading", "heading"))
    )
    position = document["lat"] is not None and document["lng"] is not None
    return "".join(
        (
            f"<Location>{place}</Location>",
            element("Text", document["text"]),
            element("ValidPosition", _truth(position)),
            element("ValidHeading", _truth(document["heading"] is not None)),
        )
    )


HANDLERS = (
    XmlGetter("/axis-cgi/geolocation/get.cgi", _GENERATIONS, _DOCUMENT, _ROOT, _show),
    XmlSetter(
        "/axis-cgi/geolocation/set.cgi",
        _GENERATIONS,
        _DOCUMENT,
        _ROOT,
        _FIELDS,
        dict.update,
        errors=((1, "Invalid parameter"), (2, "Invalid value")),
    ),
)
