# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``network-time-sync.v1``: Network time synchronization page; the root document is recorded on 12.11.

Recorded: member names, ``STATIC`` in capitals, an empty NTS server list shown as ``[""]``, the PTP part. Assumed: which
members can be set (those the NTP CGI sets), and that the spelling read is the spelling written.
"""

from __future__ import annotations

from typing import Any

from exchange import Request
from handlers._rest import Entity, Invalid, Property, RestApi
from handlers.ntp import checked

# REST member -> name of the same thing in ntp.cgi and in the state.
_CLIENT = {
    "enabled": "enabled",
    "maximumPoll": "maxpoll",
    "minimumPoll": "minpoll",
    "serversSource": "serversSource",
    "staticServers": "staticServers",
}
_NTS = {"caCertificates": "NTSKEServerCACerts", "enabled": "NTSEnabled", "staticServers": "staticNTSKEServers"}
_SOURCES = {"STATIC": "static", "DHCP": "DHCP"}


def _flat(data: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    wanted = {}
    for member, value in data.items():
        if member == "serversSource":
            value = _SOURCES.get(value) if isinstance(value, str) else None
        wanted[names[member]] = value
    return wanted


def _apply(request: Request, wanted: dict[str, Any]) -> None:
    try:
        request.state.ntp.update(checked(request, wanted))
    except KeyError as error:
        raise Invalid(error.args[0]) from None


def _set_client(request: Request, data: dict[str, Any]) -> None:
    nts = data.get("nts", {})
    if not isinstance(nts, dict) or any(member not in _NTS for member in nts):
        raise Invalid("nts")
    own = {member: value for member, value in data.items() if member != "nts"}
    _apply(request, {**_flat(own, _CLIENT), **_flat(nts, _NTS)})


def _member(member: str, names: dict[str, str]) -> Property:
    name = names[member]

    def read(request: Request) -> Any:
        value = request.state.ntp[name]
        if member == "serversSource":
            return value.upper()
        if name == "staticNTSKEServers" and not value:
            return [""]
        return value

    return Property(read, lambda request, data: _apply(request, _flat({member: data}, names)))


_nts = Entity(
    {member: _member(member, _NTS) for member in ("caCertificates", "enabled", "staticServers")},
    lambda request, data: _apply(request, _flat(data, _NTS)),
)
_client = Entity(
    {
        "advertisedServers": Property(lambda request: request.state.ntp["advertisedServers"]),
        **{member: _member(member, _CLIENT) for member in ("enabled", "maximumPoll", "minimumPoll")},
        "nts": _nts,
        **{member: _member(member, _CLIENT) for member in ("serversSource", "staticServers")},
        "synced": Property(lambda request: request.state.ntp_status()[0]),
        "timeOffset": Property(lambda request: request.state.ntp_status()[2]),
        "timeToNextSync": Property(lambda request: request.state.ntp_status()[1]),
    },
    _set_client,
)
_PTP: dict[str, Any] = {
    "grandMasterIdentity": "",
    "grandMasterOffset": 0.0,
    "hardwareSupport": True,
    "identity": "",
    "portState": "STOPPED",
    "synchronizeSystemClock": False,
    "systemClockAdjustedOffset": 0.0,
    "utcOffset": 0,
}


def _constant(value: Any) -> Property:
    return Property(lambda request: value)


ROOT = Entity(
    {
        "ntp": Entity({"client": _client}),
        "ptp": Entity({name: _constant(value) for name, value in _PTP.items()}),
        "ptp_supported": _constant(True),
    }
)

REST = RestApi("network-time-sync", "v1", ROOT, {"axis-os-12": "1.0.1"})
