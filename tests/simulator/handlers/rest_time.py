# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``time.v2``: Time API (REST) page; the root document and the list of zones are recorded on 12.11."""

from __future__ import annotations

from typing import Any

import posixtz
import timezones
from exchange import Request
from handlers._base import OPERATOR
from handlers._rest import Action, Entity, Invalid, Property, RestApi
from handlers.time import MAX_YEAR, parse_moment, utc_text
from state import Zone


def _set_clock(request: Request, data: Any) -> None:
    moment = parse_moment(data)
    if moment is None:
        raise Invalid("dateTime")
    request.state.set_clock(moment)


def _set_dhcp(request: Request, data: Any) -> None:
    # Setting a zone is what turns it off; on its own "false" is refused (page).
    if data is not True:
        raise Invalid("dhcp.enabled can only be set to true")
    request.state.zone = Zone("dhcp")


def _set_iana(request: Request, data: Any) -> None:
    if not isinstance(data, str) or data not in timezones.POSIX_OF:
        raise Invalid("timeZone")
    request.state.zone = Zone("iana", iana=data)


def _set_posix(request: Request, data: dict[str, Any]) -> None:
    zone = request.state.zone
    rule = data.get("timeZone", zone.posix if zone.mode == "posix" else None)
    dst = data.get("dstEnabled", zone.dst)
    if not isinstance(dst, bool):
        raise Invalid("dstEnabled")
    if "timeZone" in data:
        if not isinstance(rule, str) or not posixtz.is_valid(rule):
            raise Invalid("timeZone")
        request.state.zone = Zone("posix", posix=rule, dst=dst)
    else:
        # The flag alone changes no mode.
        zone.dst = dst


def _when(mode: str, name: str) -> Property:
    """A property that is null unless its mode is in force."""

    def read(request: Request) -> Any:
        zone = request.state.zone
        return getattr(zone, name) if zone.mode == mode else None

    setter = _set_iana if mode == "iana" else lambda request, data: _set_posix(request, {"timeZone": data})
    return Property(read, setter)


def _iana_posix(request: Request) -> str | None:
    zone = request.state.zone
    return timezones.POSIX_OF[zone.iana] if zone.mode == "iana" else None


ROOT = Entity(
    {
        "time": Entity(
            {
                "dateTime": Property(lambda request: utc_text(request.state), _set_clock),
                "localDateTime": Property(lambda request: request.state.local()),
                "maxSupportedYear": Property(lambda request: MAX_YEAR),
            }
        ),
        "timeZone": Entity(
            {
                "activeTimeZone": Property(lambda request: request.state.active_zone()),
                "dhcp": Entity(
                    {
                        "enabled": Property(lambda request: request.state.zone.mode == "dhcp", _set_dhcp),
                        "timeZone": Property(lambda request: request.state.dhcp_zone),
                    }
                ),
                "iana": Entity(
                    {
                        "posixTimeZone": Property(_iana_posix),
                        "timeZone": _when("iana", "iana"),
                        "getTimeZoneList": Action(
                            lambda request, data: [{"timeZone": name} for name in timezones.NAMES],
                            OPERATOR,
                            write=False,
                        ),
                    }
                ),
                "posix": Entity(
                    {
                        "dstEnabled": Property(
                            lambda request: request.state.zone.dst,
                            lambda request, data: _set_posix(request, {"dstEnabled": data}),
                        ),
                        "timeZone": _when("posix", "posix"),
                    },
                    _set_posix,
                ),
            }
        ),
    }
)

REST = RestApi("time", "v2", ROOT, {"axis-os-12": "2.0.1"})
