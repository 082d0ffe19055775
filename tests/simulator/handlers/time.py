# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/time.cgi``: Time API page; getDateTimeInfo, 4000 and 4001 recorded on 12.11.

Assumed: a device whose zone comes from DHCP or is the default shows it like a zone set by hand.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import posixtz
import timezones
from exchange import Request
from handlers._base import NETWORK_INVALID, NETWORK_MISSING, OPERATOR, VIEWER, ApiError, JsonCgi, Method
from state import State, Zone

MAX_YEAR = 2069
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_text(state: State) -> str:
    """The clock in UTC."""
    return state.now().strftime(_FORMAT)


def parse_moment(text: Any) -> datetime | None:
    """A date the device takes: exactly this form, from the epoch to the last supported year."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if len(text) == len("2000-01-01T00:00:00Z") and 1970 <= moment.year <= MAX_YEAR else None


def info(request: Request, _params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getDateTimeInfo; keys that do not apply are left out."""
    state = request.state
    data: dict[str, Any] = {
        "dateTime": utc_text(state),
        "localDateTime": state.local(),
        "maxYearSupported": MAX_YEAR,
    }
    active = state.active_zone()
    if active in timezones.POSIX_OF:
        data["timeZone"] = active
    data["posixTimeZone"] = state.active_posix()
    data["dstEnabled"] = state.dst_in_force()
    if state.dhcp_zone and options["version"] != "1.0":
        data["dhcpTimeZone"] = state.dhcp_zone
        data["dhcpTimeZoneUtilized"] = state.zone.mode == "dhcp"
    return data


def everything(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getAll."""
    return {**info(request, params, options), "timeZones": list(timezones.NAMES)}


def _need(params: dict[str, Any], name: str) -> Any:
    if name not in params:
        raise ApiError(NETWORK_MISSING)
    return params[name]


def set_clock(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setDateTime."""
    text = _need(params, "dateTime")
    moment = parse_moment(text)
    if moment is None:
        raise ApiError(NETWORK_INVALID)
    request.state.set_clock(moment)
    return {"dateTime": text}


def set_zone(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setTimeZone: only names of the device's list; clears a POSIX zone."""
    name = _need(params, "timeZone")
    if not isinstance(name, str) or name not in timezones.POSIX_OF:
        raise ApiError(NETWORK_INVALID)
    request.state.zone = Zone("iana", iana=name)
    return {"timeZone": name}


def set_posix(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setPosixTimeZone: written ``enableDst``, answered ``dstEnabled``."""
    rule, dst = _need(params, "posixTimeZone"), _need(params, "enableDst")
    if not isinstance(rule, str) or not posixtz.is_valid(rule) or not isinstance(dst, bool):
        raise ApiError(NETWORK_INVALID)
    request.state.zone = Zone("posix", posix=rule, dst=dst)
    return {"posixTimeZone": rule, "dstEnabled": dst}


def reset_zone(request: Request, _params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """resetTimeZone: back to DHCP or default."""
    request.state.zone = Zone("dhcp")
    return {"status": "success"}


class Time(JsonCgi):
    """time.cgi."""

    path = "/axis-cgi/time.cgi"
    base_level = VIEWER

    def table(self) -> dict[str, Method]:
        return {
            "getDateTimeInfo": Method(info, VIEWER),
            "getAll": Method(everything, VIEWER),
            "setDateTime": Method(set_clock, OPERATOR, write=True),
            "setTimeZone": Method(set_zone, OPERATOR, write=True),
            "setPosixTimeZone": Method(set_posix, OPERATOR, write=True),
            "resetTimeZone": Method(reset_zone, OPERATOR, write=True, since="1.1"),
        }


HANDLER = Time()
