# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause


"""Remote syslog: the servers that a device sends its log to.

Source: VAPIX "Remote syslog". ``setup`` replaces the list of servers and starts the sending; to send or not is set
after it.
"""

from __future__ import annotations

import typing as t

from ..model.field import BOOL, INT, TEXT, Choice, Field, Kind, ListOf, Object
from ..model.forms.json_cgi import JsonDocument, Setter, Switch
from ..model.option import Document, Option
from ..model.shapes.document import DocumentResource
from ..wire import json_cgi
from ..wire.json_cgi import JsonApi

CGI = JsonApi(
    "/axis-cgi/remotesyslog.cgi",
    "remote-syslog",
    "1.0",
    json_cgi.GENERAL_CODES
    | {
        2200: "no server is set",
        2201: "two servers are the same",
        2202: "sending is off",
        2203: "these are too many servers",
    },
)

SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
FORMATS = {"axis": "AXIS", "rfc3164": "RFC3164", "rfc5424": "RFC5424"}

SERVER = {
    "address": Option(required=True, format="host", doc="Host name or IP address."),
    "port": Option("int", range=(1, 65535), doc="Port. Left out, it is the usual one of the protocol: 514, or 6514."),
    "protocol": Option(choices=("udp", "tcp", "tls"), default="tls", doc="Transport protocol."),
    "severity": Option(choices=SEVERITIES, default="warning", doc="Send what is at least so severe."),
    "format": Option(choices=tuple(FORMATS), default="rfc5424", doc="Format of the messages."),
    "log": Option(
        choices=("all", "audit"),
        default="all",
        doc="Send all messages, or those of the audit log (AXIS OS 12 and later).",
    ),
}


def complete(server: Document) -> Document:
    """A server with the port that is usual for its protocol (RFC 5426, RFC 6587, RFC 5425)."""
    usual = {"udp": 514, "tcp": 601 if server.get("format") == "rfc5424" else 514}.get(
        server.get("protocol", "tls"), 6514
    )
    return server | {"port": server.get("port") or usual}


def servers(*, log: bool) -> Kind:
    """The list of servers. :param log: the API says which messages are sent."""
    members = {
        "address": Field("address", TEXT),
        "port": Field("port", INT),
        "protocol": Field("protocol", Choice({"udp": "UDP", "tcp": "TCP", "tls": "TLS"})),
        "severity": Field("severity", Choice({word: word.capitalize() for word in SEVERITIES})),
        "format": Field("syslogFormat", Choice(FORMATS)),
    }
    if log:
        members["log"] = Field("type", Choice({"all": "All", "audit": "Audit"}))
    listed = ListOf(Object(members))

    def normal(value: list[Document]) -> list[Document]:
        if not log and any(one.get("log", "all") != "all" for one in value):
            raise ValueError("this device cannot send only the audit log")
        return [complete({name: item for name, item in one.items() if name in members}) for one in value]

    return Kind(listed.decode, listed.encode, normal)


def form(version: str, *, log: bool) -> JsonDocument:
    """The API in one version."""
    return JsonDocument(
        CGI,
        getter="status",
        version=version,
        setters=(
            Setter("setup", {"servers": Field("servers", servers(log=log))}, version, resets=("enabled",)),
            Switch("enabled", Field("enabled", BOOL), on="enable", off="disable", version=version),
        ),
    )


def check(wanted: Document, current: Document) -> t.Iterator[tuple[str, str]]:
    """Refuse what the device would answer with an error half-way."""
    after = current | wanted
    listed = after.get("servers") or []
    if after.get("enabled") and not listed:
        yield "enabled, but there is no server", "Give the option servers, or enabled: false"
    if len(listed) > 2:
        yield f"servers: {len(listed)} are given, devices hold 2", "Shorten the list"
    if len(listed) == 2 and listed[0] == listed[1]:
        yield "servers: both are the same", "Name each server once"


DECLARED = DocumentResource(
    "syslog",
    options={
        "enabled": Option("bool", null=False, doc="Whether to send log messages."),
        "servers": Option(
            "list",
            elements="dict",
            options=SERVER,
            null=[],
            doc="The servers, two at most. The list replaces that on the device.",
        ),
    },
    forms=(form("1.2", log=True), form("1.0", log=False)),
    check=check,
    requirements=("requests", "deepdiff"),
)
