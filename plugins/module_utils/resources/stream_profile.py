# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause


"""Stream profiles: named sets of stream settings that clients ask for.

Sources: VAPIX "Stream profiles" and, before AXIS OS 9, the dynamic parameter group ``StreamProfile``.
"""

from __future__ import annotations

import typing as t

from ..model.field import TEXT, Field, Query
from ..model.forms.json_cgi import JsonCollection
from ..model.forms.param_cgi import ParamCollection
from ..model.option import Document, Option
from ..model.shapes.collection import CollectionResource
from ..wire.json_cgi import JsonApi

CGI = JsonApi(
    "/axis-cgi/streamprofile.cgi",
    "stream-profiles",
    "1.0",
    {
        1000: "the device cannot do it, for example because it holds no more profiles",
        2000: "the API version is not supported",
        2001: "the request is not of the right form",
        2002: "there is a profile of this name",
        2003: "a required parameter is missing",
        2004: "a parameter is invalid",
        2005: "the method does not exist",
        2006: "there is no such profile",
    },
)

PROFILE = {
    "name": Option(required=True, pattern=r"[\x20-\x7e]+", like="text in ASCII", length=(1, 64), doc="Name, in ASCII."),
    "description": Option(
        null="", pattern=r"[\x20-\x7e]*", like="text in ASCII", length=(0, 128), doc="What it is for."
    ),
    "parameters": Option(
        "dict",
        null={},
        doc=(
            'Stream settings by the names of the VAPIX page "Video streaming", for example C(resolution), C(fps), '
            "C(compression), C(videocodec) and C(videobitratemode). They replace all settings of the profile.",
            "Names are compared without regard to letter case, and the order means nothing.",
        ),
    ),
}


def check(wanted: Document, _current: Document | None) -> t.Iterator[tuple[str, str]]:
    """Refuse settings that cannot be part of a profile."""
    for name, value in wanted.get("parameters", {}).items():
        if not name or set("=&%# ") & set(name) or not name.isascii():
            yield f"{name!r} is no name of a stream setting", "See the VAPIX page Video streaming"
        elif set("&#") & set(value) or value in ("", "None") or not value.isascii() or value[0] in "[{":
            yield f"the stream setting {name} cannot be {value!r}", "Give a text or a number"


DECLARED = CollectionResource(
    "stream_profile",
    items="profiles",
    key="name",
    item=PROFILE,
    items_doc="The stream profiles.",
    kind="stream_profile",
    check=check,
    forms=(
        JsonCollection(
            CGI,
            fields={
                "name": Field("name", TEXT),
                "description": Field("description", TEXT),
                "parameters": Field("parameters", Query()),
            },
            lister=("list", {"streamProfileName": []}),
            member="streamProfile",
            most="maxProfiles",
            added="create",
            changed="update",
            removed="remove",
            pack=lambda profile: {"streamProfile": [profile]},
            name=lambda profile: {"streamProfileName": [{"name": profile["name"]}]},
        ),
        ParamCollection(
            "StreamProfile",
            "streamprofile",
            {
                "name": Field("Name", TEXT),
                "description": Field("Description", TEXT),
                "parameters": Field("Parameters", Query()),
            },
        ),
    ),
    requirements=("requests", "deepdiff"),
)
