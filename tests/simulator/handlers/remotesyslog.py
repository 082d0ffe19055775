# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/remotesyslog.cgi``: Remote Syslog page; the parameters ``API.RemoteSyslog1`` show the same two servers.

Recorded: names and factory values of the parameters on 11.11 and 12.9, where 12.9 also has ``Type``. From the page:
``setup`` replaces the list and sends from then on; a parameter of a server that is set stops the sending; without a
first server there is none. Assumed: ``setup`` without a server stops the sending; identical are servers of which all
members are the same; ``errors`` has what is wrong beyond the first; unknown members are ignored; ``type`` came with API
1.2; all three formats are in 1.0.
"""

from __future__ import annotations

from typing import Any

import documents
from handlers._base import ApiError
from handlers._fields import MISSING, Bad, Choice, Host, Int, ListOf, Object
from handlers._json import GENERIC, Call, DocumentCgi, Step, switch

_DOCUMENT, _SLOTS = "remotesyslog", 2
_NO_SERVER, _IDENTICAL, _DISABLED, _TOO_MANY = 2200, 2201, 2202, 2203
_TEXTS = {
    _NO_SERVER: "No server configured",
    _IDENTICAL: "Identical servers not allowed",
    _DISABLED: "Remote syslog is disabled, send test message is not possible",
    _TOO_MANY: "Too many servers specified",
}
_SEVERITIES = ("Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug")
_PORTS = {"UDP": 514, "TCP": 514, "TLS": 6514}
_TCP_OF_RFC5424 = 601
_SERVER = Object(
    ignores=True,
    members={
        "address": Host(required=True),
        "port": Int(low=1, high=65535),
        "protocol": Choice(words=("UDP", "TCP", "TLS"), default="TLS"),
        "syslogFormat": Choice(words=("AXIS", "RFC3164", "RFC5424"), default="RFC5424"),
        "severity": Choice(words=_SEVERITIES, default="Warning"),
        "type": Choice(words=("All", "Audit"), default="All", since="1.2"),
    },
)
_EMPTY = {
    "address": "",
    "port": 6514,
    "protocol": "TLS",
    "syslogFormat": "RFC5424",
    "severity": "Warning",
    "type": "All",
}
DOCUMENTS = {_DOCUMENT: {"enabled": False, "servers": [_EMPTY] * _SLOTS}}


def _stop(document: dict[str, Any]) -> None:
    document["enabled"] = False


VIEWS = {
    "API.RemoteSyslog1.Enabled": documents.view(_DOCUMENT, "enabled", words=("true", "false")),
    **{
        f"API.RemoteSyslog1.Server{slot + 1}.{member[0].upper()}{member[1:]}": documents.view(
            _DOCUMENT, "servers", slot, member, written=_stop
        )
        for slot in range(_SLOTS)
        for member in _EMPTY
    },
}


def _servers(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that count: the second one needs the first."""
    first, second = document["servers"]
    return [server for server in (first, second) if first["address"] and server["address"]]


def _error(code: int) -> ApiError:
    return ApiError(code, text=_TEXTS[code])


def _refuse_identical(servers: list[dict[str, Any]]) -> None:
    if len(servers) == _SLOTS and servers[0] == servers[1]:
        raise _error(_IDENTICAL)


def _status(call: Call) -> dict[str, Any]:
    members = _SERVER.at(call.version).members
    shown = [{name: server[name] for name in members} for server in _servers(call.document)]
    return {"enabled": call.document["enabled"], "servers": shown}


def _setup(call: Call) -> dict[str, Any]:
    wanted = call.params.get("servers")
    if isinstance(wanted, list) and len(wanted) > _SLOTS:
        raise _error(_TOO_MANY)
    given = call.check({"servers": ListOf(required=True, item=_SERVER.at(call.version))})["servers"]
    servers = []
    for server in given:
        port = _PORTS[server["protocol"]]
        if (server["protocol"], server["syslogFormat"]) == ("TCP", "RFC5424"):
            port = _TCP_OF_RFC5424
        servers.append({**_EMPTY, "port": port, **server})
    _refuse_identical(servers)
    call.document["servers"] = servers + [dict(_EMPTY) for _slot in range(_SLOTS - len(servers))]
    call.document["enabled"] = bool(servers)
    return _status(call)


def _enable(call: Call) -> dict[str, Any]:
    servers = _servers(call.document)
    if not servers:
        raise _error(_NO_SERVER)
    _refuse_identical(servers)
    call.document["enabled"] = True
    return _status(call)


def _test(call: Call) -> dict[str, Any]:
    if not call.document["enabled"]:
        raise _error(_DISABLED)
    return _status(call)


class RemoteSyslog(DocumentCgi):
    """remotesyslog.cgi: its errors say which server and which member."""

    def refuse(self, call: Call, bad: Bad) -> ApiError:
        first, *more = [self._shown(call, one) for one in bad.all]
        members = {"details": first["details"]}
        if more:
            members["errors"] = more
        return ApiError(first["code"], members=members)

    def _shown(self, call: Call, bad: Bad) -> dict[str, Any]:
        code = self.family.code_of(bad.kind)
        details = {"propertyName": bad.member}
        server = call.params["servers"][int(bad.path[1])] if len(bad.path) > 1 else None
        address = server.get("address") if isinstance(server, dict) else None
        if bad.kind != MISSING and isinstance(address, str):
            details = {"address": address, **details}
        return {"code": code, "message": self.family.texts[code], "details": details}


HANDLER = RemoteSyslog(
    "/axis-cgi/remotesyslog.cgi",
    "remote-syslog",
    {"axis-os-10": "1.0", "axis-os-11": "1.1", "axis-os-12": "1.2"},
    GENERIC,
    _DOCUMENT,
    {
        "setup": Step(_setup, write=True),
        "enable": Step(_enable, write=True),
        "disable": switch("enabled", False, _status),
        "status": Step(_status),
        "test": Step(_test, write=True),
    },
)
