# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/apidiscovery.cgi``: API Discovery service page; the lists of 9.80 and 12.11 are recorded.

Open to everybody except on 9.80 and 10.12 (page), and except in factory default (real-devices.md 2).
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from exchange import Request
from handlers._base import (
    ANONYMOUS,
    IDENTITY,
    IDENTITY_INVALID,
    IDENTITY_UNKNOWN_METHOD,
    VIEWER,
    ApiError,
    JsonCgi,
    Method,
)


def api_list(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """getApiList: an id the device lacks is no error but an empty list."""
    wanted = [params.get(name, "*") for name in ("id", "version")]
    if not all(isinstance(pattern, str) for pattern in wanted):
        raise ApiError(IDENTITY_INVALID)
    entries = request.device.profile.api_entries
    if wanted != ["*", "*"]:
        # Only * and ? are wildcards here, so a bracket must not become one.
        id_, version = (pattern.replace("[", "[[]") for pattern in wanted)
        entries = [e for e in entries if fnmatchcase(e["id"], id_) and fnmatchcase(e["version"], version)]
    return {"apiList": entries}


class ApiDiscovery(JsonCgi):
    """apidiscovery.cgi."""

    path = "/axis-cgi/apidiscovery.cgi"
    family = IDENTITY
    unknown_method = IDENTITY_UNKNOWN_METHOD
    base_level = ANONYMOUS
    content_type = "application/json;charset=utf8"

    def table(self) -> dict[str, Method]:
        return {"getApiList": Method(api_list, ANONYMOUS)}

    def level(self, request: Request) -> int:
        if request.device.profile.anonymous_api_list and not request.state.needs_setup:
            return ANONYMOUS
        return VIEWER

    def envelope(self, request: Request, version: str, options: dict[str, Any]) -> dict[str, Any]:
        # The method comes first here (recorded on both firmwares).
        answer = super().envelope(request, version, options)
        method = answer.pop("method", None)
        return answer if method is None else {"method": method, **answer}


HANDLER = ApiDiscovery()
