# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/basicdeviceinfo.cgi``: Basic device information page.

Recorded: the keys and their order on 12.11 (no echo of ``method``) and on 9.80.1 (with it); a GET on 12.11 is answered
200 with a JSON error.
"""

from __future__ import annotations

from typing import Any

from exchange import Request
from handlers._base import (
    ANONYMOUS,
    IDENTITY,
    IDENTITY_INVALID,
    IDENTITY_MISSING,
    IDENTITY_UNKNOWN_METHOD,
    OPERATOR,
    ApiError,
    JsonCgi,
    Method,
)

_KEYS = {
    "Architecture": "{architecture}",
    "ProdNbr": "{model}",
    "HardwareID": "{hardware_id}",
    "ProdFullName": "{full_name}",
    "Version": "{axis_os}",
    "ProdType": "{product_type}",
    "SocSerialNumber": "{soc_serial}",
    "Soc": "{soc}",
    "Brand": "AXIS",
    "WebURL": "{web_url}",
    "ProdVariant": "",
    "SerialNumber": "{serial}",
    "ProdShortName": "{short_name}",
    "BuildDate": "{build_date}",
}
_RESTRICTED = ("Architecture", "Soc", "SocSerialNumber")


def everything(request: Request, _params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getAllProperties."""
    properties = {key: request.device.fill(text) for key, text in _KEYS.items()}
    if options["echo_method"]:
        # The Ambarella devices of the 9.80 line have no such number (recorded empty on 9.80.1).
        properties["SocSerialNumber"] = ""
    return {"propertyList": properties}


def unrestricted(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getAllUnrestrictedProperties: what everybody may know."""
    if not options["unrestricted"]:
        raise ApiError(IDENTITY_UNKNOWN_METHOD)
    properties = everything(request, params, options)["propertyList"]
    return {"propertyList": {key: text for key, text in properties.items() if key not in _RESTRICTED}}


def some(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getProperties: one unknown name fails the call."""
    names = params.get("propertyList")
    if not isinstance(names, list):
        raise ApiError(IDENTITY_MISSING)
    properties = everything(request, params, options)["propertyList"]
    if any(not isinstance(name, str) or name not in properties for name in names):
        raise ApiError(IDENTITY_INVALID)
    return {"propertyList": {name: properties[name] for name in names}}


class BasicDeviceInfo(JsonCgi):
    """basicdeviceinfo.cgi."""

    path = "/axis-cgi/basicdeviceinfo.cgi"
    family = IDENTITY
    unknown_method = IDENTITY_UNKNOWN_METHOD
    base_level = ANONYMOUS
    indent = None
    content_type = "application/json;charset=utf8"

    def table(self) -> dict[str, Method]:
        return {
            "getAllProperties": Method(everything, OPERATOR),
            "getProperties": Method(some, OPERATOR),
            "getAllUnrestrictedProperties": Method(unrestricted, ANONYMOUS),
        }

    def envelope(self, request: Request, version: str, options: dict[str, Any]) -> dict[str, Any]:
        answer = super().envelope(request, version, options)
        if not options["echo_method"] and request.json_method != "getSupportedVersions":
            answer.pop("method", None)
        return answer


HANDLER = BasicDeviceInfo()
