# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/customhttpheader.cgi``: Custom HTTP header page; the headers are in every answer of the web server.

From the page: names with values, ``set`` adds or replaces and answers what was set, ``remove`` goes by name and answers
what was sent; more than one header a call from AXIS OS 10.11 on (API 1.1 here). Seen by others: a client needed a
reboot on old firmware, the CGI of newer one has the web server read its configuration again. Assumed: no header of the
factory; names differ in more than case, a set in another case replaces; only ASCII tokens and printable values, of at
most 64 and 1024 characters; what is no good is 2101, as there is no code for it; a name that is not there can be
removed; without a name it is 2101; the headers of API 1.0 show after the next start of the web server, those of 1.1 at
once.
"""

from __future__ import annotations

from typing import Any

import webserver
from handlers._base import ApiError
from handlers._fields import Bad, MapOf, Text
from handlers._json import GENERIC, Call, DocumentCgi, Step

_SEVERAL = (1, 1)
DOCUMENTS: dict[str, Any] = {webserver.HEADERS: {"headers": {}, "shown": {}}}
_NAME = Text(low=1, high=64, pattern=r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADERS = MapOf(name=_NAME, item=Text(high=1024, pattern=r"[\x20-\x7e]*"))
_NAMES = MapOf(name=_NAME, item=Text())


def _list(call: Call) -> dict[str, str]:
    return call.document["headers"]


def _given(call: Call, kind: MapOf) -> dict[str, str]:
    given = kind.check(call.params)
    if not given or (len(given) > 1 and call.version < _SEVERAL):
        raise ApiError(GENERIC.bad_json)
    return given


def _change(call: Call, given: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    names = {name.lower() for name in given}
    kept = {name: value for name, value in call.document["headers"].items() if name.lower() not in names}
    call.document["headers"] = {**kept, **new}
    if call.version >= _SEVERAL:
        webserver.read_headers(call.request.state)
    return given


def _set(call: Call) -> dict[str, str]:
    given = _given(call, _HEADERS)
    return _change(call, given, given)


def _remove(call: Call) -> dict[str, str]:
    return _change(call, _given(call, _NAMES), {})


class CustomHttpHeader(DocumentCgi):
    """customhttpheader.cgi: its page has no code for a bad value."""

    def refuse(self, call: Call, bad: Bad) -> ApiError:
        return ApiError(self.family.bad_json, text=bad.text)


HANDLER = CustomHttpHeader(
    "/axis-cgi/customhttpheader.cgi",
    "customhttpheader",
    {"axis-os-9": "1.0", "axis-os-10": "1.1", "axis-os-11": "1.1", "axis-os-12": "1.1"},
    GENERIC,
    webserver.HEADERS,
    {"list": Step(_list), "set": Step(_set, write=True), "remove": Step(_remove, write=True)},
)
