# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/ntp.cgi``: NTP API page; answers of API 1.5 recorded on 12.11.

Not on the page, so assumed: a call needs at least one known parameter (else 4003); parameters left out keep their
value; unknown parameters are ignored; nothing is applied when one parameter is invalid.
"""

from __future__ import annotations

from typing import Any

from exchange import Request
from handlers._base import ADMIN, NETWORK_INVALID, NETWORK_MISSING, ApiError, JsonCgi, Method
from params import is_host

MAX_SERVERS = 5
LOWEST_POLL, HIGHEST_POLL = 0, 24
SUB_CODES = {
    "enabled": 1,
    "serversSource": 2,
    "staticServers": 3,
    "NTSEnabled": 5,
    "staticNTSKEServers": 6,
    "minpoll": 7,
    "maxpoll": 8,
    "NTSKEServerCACerts": 9,
}


def known(options: dict[str, Any]) -> tuple[str, ...]:
    """The settable parameters of this API version."""
    names = ["enabled", "serversSource", "staticServers"]
    if options["nts"]:
        names += ["NTSEnabled", "staticNTSKEServers"]
    if options["ca_certificates"]:
        names.append("NTSKEServerCACerts")
    if options["polls"]:
        names += ["minpoll", "maxpoll"]
    return tuple(names)


def servers(value: Any) -> list[str] | None:
    """A server list in its stored form, or None when it is no good. ``[""]`` clears like ``[]`` (NTP API page)."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    if value == [""]:
        return []
    return value if len(value) <= MAX_SERVERS and all(is_host(item) for item in value) else None


def is_poll(value: Any) -> bool:
    """An exponent the client may use."""
    return isinstance(value, int) and not isinstance(value, bool) and LOWEST_POLL <= value <= HIGHEST_POLL


def checked(request: Request, wanted: dict[str, Any]) -> dict[str, Any]:
    """The wanted settings in stored form; the name of the first bad one as ``KeyError``. Used by REST too."""
    stored = {}
    for name, value in wanted.items():
        if name in ("enabled", "NTSEnabled"):
            good = isinstance(value, bool)
        elif name == "serversSource":
            good = value in ("DHCP", "static")
        elif name in ("staticServers", "staticNTSKEServers"):
            value = servers(value)
            good = value is not None
        elif name == "NTSKEServerCACerts":
            held = request.state.ca_aliases()
            good = isinstance(value, list) and all(item in held for item in value)
        else:
            good = is_poll(value)
        if not good:
            raise KeyError(name)
        stored[name] = value
    after = {**request.state.ntp, **stored}
    if after["minpoll"] > after["maxpoll"]:
        raise KeyError("minpoll" if "minpoll" in stored else "maxpoll")
    return stored


def get_info(request: Request, _params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getNTPInfo, in the recorded order of keys."""
    ntp, state = request.state.ntp, request.state
    synced, next_sync, offset = state.ntp_status()
    client: dict[str, Any] = {"enabled": ntp["enabled"]}
    if options["nts"]:
        client["NTSEnabled"] = ntp["NTSEnabled"]
    client["serversSource"] = ntp["serversSource"]
    client["maxSupportedStaticServers"] = MAX_SERVERS
    client["staticServers"] = ntp["staticServers"]
    client["advertisedServers"] = ntp["advertisedServers"]
    if options["nts"]:
        client["staticNTSKEServers"] = ntp["staticNTSKEServers"]
    if options["ca_certificates"]:
        client["NTSKEServerCACerts"] = ntp["NTSKEServerCACerts"]
    client.update(synced=synced, timeToNextSync=next_sync, timeOffset=offset)
    if options["polls"]:
        client.update(minpoll=ntp["minpoll"], maxpoll=ntp["maxpoll"])
    return {"client": client}


def set_client(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """setNTPClientConfiguration: flat in params, other than the getter."""
    wanted = {name: params[name] for name in known(options) if name in params}
    if not wanted:
        raise ApiError(NETWORK_MISSING)
    try:
        request.state.ntp.update(checked(request, wanted))
    except KeyError as error:
        raise ApiError(NETWORK_INVALID, SUB_CODES[error.args[0]]) from None
    return {}


class Ntp(JsonCgi):
    """ntp.cgi."""

    path = "/axis-cgi/ntp.cgi"
    base_level = ADMIN

    def table(self) -> dict[str, Method]:
        return {
            "getNTPInfo": Method(get_info, ADMIN),
            "setNTPClientConfiguration": Method(set_client, ADMIN, write=True),
        }


HANDLER = Ntp()
