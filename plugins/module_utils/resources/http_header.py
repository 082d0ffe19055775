# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause


"""HTTP headers that the web server adds to its answers.

Source: VAPIX "Custom HTTP header API".
"""

from __future__ import annotations

from ..model.field import TEXT, Field
from ..model.forms.json_cgi import JsonCollection
from ..model.option import Option
from ..model.shapes.collection import CollectionResource
from ..wire.json_cgi import JsonApi

CGI = JsonApi("/axis-cgi/customhttpheader.cgi", "customhttpheader", "1.0")

HEADER = {
    "name": Option(
        required=True,
        pattern=r"[!#$%&'*+.^_`|~0-9A-Za-z-]+",
        like="Strict-Transport-Security",
        length=(1, 64),
        doc="Name of the header. Letter case means nothing.",
    ),
    "value": Option(
        pattern=r"[\x20-\x7e]*", like="max-age=31536000", length=(0, 1024), doc="Its value. A new header needs one."
    ),
}

DECLARED = CollectionResource(
    "http_header",
    items="headers",
    key="name",
    item=HEADER,
    items_doc="The headers.",
    fold=str.lower,
    needed=("value",),
    forms=(
        JsonCollection(
            CGI,
            fields={"name": Field("name", TEXT), "value": Field("value", TEXT)},
            lister=("list", None),
            unpack=lambda headers: [{"name": name, "value": value} for name, value in headers.items()],
            # One at a time: several in one call came with AXIS OS 10.11.
            added="set",
            changed="set",
            removed="remove",
            pack=lambda header: {header["name"]: header["value"]},
            name=lambda header: {header["name"]: header["value"]},
        ),
    ),
)
