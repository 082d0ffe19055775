# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where a device is, and where it looks.

Source: VAPIX "Geolocation API". A device keeps the notation that it was sent (ISO 6709, annex H). Positions are
compared as decimal degrees, to six decimals: about ten centimetres.
"""

from __future__ import annotations

import re

from ..model.field import INT_TEXT, STRIPPED, Field, Kind
from ..model.forms.xml_cgi import XmlDocument
from ..model.option import Option
from ..model.shapes.document import DocumentResource
from ..wire.xml_cgi import XmlApi

CGI = XmlApi(
    "/axis-cgi/geolocation",
    codes={1: "a parameter is not known or missing", 2: "a value is not valid", 3: "internal error"},
)

DECIMALS = 6


def coordinate(digits: int) -> Kind:
    """Degrees in ISO 6709. :param digits: of whole degrees: 2 for a latitude, 3 for a longitude."""
    notation = re.compile(rf"([+-]?)(\d{{{digits}}})(\d\d)?(\d\d)?(\.\d+)?")

    def decode(text: str) -> float:
        """:raises ValueError: it is no coordinate."""
        match = notation.fullmatch(text.strip())
        # Unset, devices show a bare 0.
        if match is None:
            return round(float(text), DECIMALS)
        sign, *parts, fraction = match.groups()
        whole = [int(part) for part in parts if part is not None]
        whole[-1:] = [whole[-1] + float(fraction or 0)]
        degrees = sum(part / 60**place for place, part in enumerate(whole))
        return round(-degrees if sign == "-" else degrees, DECIMALS)

    width = digits + DECIMALS + 2
    return Kind(decode, lambda value: f"{value:+0{width}.{DECIMALS}f}", lambda value: round(value, DECIMALS))


#: North is 0, and 360 as well.
HEADING = Kind(lambda value: INT_TEXT.decode(value) % 360, str, lambda value: value % 360)

DECLARED = DocumentResource(
    "geolocation",
    options={
        "latitude": Option(
            "float", range=(-90, 90), unit="degrees", identity=True, doc="Latitude in decimal degrees, north positive."
        ),
        "longitude": Option(
            "float",
            range=(-180, 180),
            unit="degrees",
            identity=True,
            doc="Longitude in decimal degrees, east positive.",
        ),
        "heading": Option(
            "int",
            range=(0, 360),
            unit="degrees",
            identity=True,
            doc="Where the device looks, clockwise from true north.",
        ),
        "text": Option(null="", length=(0, 256), identity=True, doc="A text about the place."),
    },
    forms=(
        XmlDocument(
            CGI,
            getter="get.cgi",
            setter="set.cgi",
            root="Success/GetSuccess",
            fields={
                "latitude": Field("Location/Lat", coordinate(2), set_as="lat", flag="ValidPosition"),
                "longitude": Field("Location/Lng", coordinate(3), set_as="lng", flag="ValidPosition"),
                "heading": Field("Location/Heading", HEADING, set_as="heading", flag="ValidHeading"),
                "text": Field("Text", STRIPPED, set_as="text"),
            },
        ),
    ),
    requirements=("requests", "defusedxml"),
)
