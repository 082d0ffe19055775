# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The NTP client: where the device gets the time from.

Sources: VAPIX "Network time synchronization configuration API", "NTP API", "System settings" (time parameters);
recordings of AXIS OS 12.11.
"""

from __future__ import annotations

import typing as t

from ..model.change import Change
from ..model.field import BOOL, INT, TEXTS, Choice, Field, Kind, Words
from ..model.forms.base import Held
from ..model.forms.json_cgi import JsonDocument, Setter
from ..model.forms.param_cgi import ParamDocument
from ..model.forms.rest import RestDocument
from ..model.option import Document, Option
from ..model.shapes.document import DocumentResource, DocumentTarget
from ..wire import json_cgi
from ..wire.json_cgi import JsonApi

NTP_CGI = JsonApi(
    "/axis-cgi/ntp.cgi",
    "ntp",
    "1.0",
    json_cgi.NETWORK_CODES,
    sub_codes={
        1: "enabled",
        2: "serversSource",
        3: "staticServers",
        5: "NTSEnabled",
        6: "staticNTSKEServers",
        7: "minpoll",
        8: "maxpoll",
        9: "NTSKEServerCACerts",
    },
)

OPTIONS = {
    "enabled": Option("bool", null=True, doc="Whether the NTP client runs."),
    "source": Option(
        choices=("dhcp", "static"),
        null="dhcp",
        doc="Whether to use the servers that DHCP names or those in O(servers). With V(dhcp), O(servers) are used as "
        "long as DHCP names none.",
    ),
    "servers": Option(
        "list",
        elements="str",
        format="host",
        null=[],
        doc=(
            "Host names or addresses of NTP servers, in order of preference. The list replaces the one on the device.",
            "How many fit depends on the device. A longer list is refused before anything is written.",
        ),
    ),
    "minpoll": Option(
        "int",
        null=6,
        range=(0, 24),
        doc="Shortest time between two requests to a server, as a power of two in seconds. V(6) means 64 seconds.",
    ),
    "maxpoll": Option(
        "int",
        null=10,
        range=(0, 24),
        doc="Longest time between two requests to a server, as a power of two in seconds. V(10) means 1024 seconds.",
    ),
    "nts": Option(
        "dict",
        doc="Network Time Security (RFC 8915). While it is enabled, O(source) and O(servers) are not used.",
        options={
            "enabled": Option("bool", null=False, doc="Whether to use NTS."),
            "servers": Option(
                "list",
                elements="str",
                format="host",
                null=[],
                doc="Host names or addresses of NTS key establishment servers. The list replaces that on the device.",
            ),
            "ca_certificates": Option(
                "list",
                elements="str",
                null=[],
                pattern=r".*\S.*",
                like="a name",
                ordered=False,
                doc="Identifiers of CA certificates on the device that the servers' certificates are checked with, in "
                "any order. With an empty list, the system's own are used.",
            ),
        },
    ),
}

#: Old firmware has one server and shows none as 0.0.0.0 or as nothing.
ONE_SERVER = Kind(lambda value: [] if value in ("", "0.0.0.0") else [value], lambda value: value[0] if value else "")

REST = RestDocument(
    name="network-time-sync",
    major=1,
    entity="ntp.client",
    fields={
        "enabled": Field("enabled", BOOL),
        "source": Field("serversSource", Choice({"dhcp": "DHCP", "static": "STATIC"})),
        "servers": Field("staticServers", TEXTS),
        "minpoll": Field("minimumPoll", INT),
        "maxpoll": Field("maximumPoll", INT),
        "nts.enabled": Field("nts.enabled", BOOL),
        "nts.servers": Field("nts.staticServers", TEXTS),
        "nts.ca_certificates": Field("nts.caCertificates", TEXTS),
    },
)

CGI = JsonDocument(
    cgi=NTP_CGI,
    getter="getNTPInfo",
    member="client",
    setters=(
        Setter(
            "setNTPClientConfiguration",
            complete=True,
            fields={
                "enabled": Field("enabled", BOOL),
                "source": Field("serversSource", Choice({"dhcp": "DHCP", "static": "static"})),
                "servers": Field("staticServers", TEXTS, most="maxSupportedStaticServers"),
                "minpoll": Field("minpoll", INT),
                "maxpoll": Field("maxpoll", INT),
                "nts.enabled": Field("NTSEnabled", BOOL),
                "nts.servers": Field("staticNTSKEServers", TEXTS, most="maxSupportedStaticServers"),
                "nts.ca_certificates": Field("NTSKEServerCACerts", TEXTS),
            },
        ),
    ),
)

PARAMETERS = ParamDocument(
    group="Time",
    fields={
        "enabled": Field("SyncSource", Words("NTP", "None")),
        "source": Field("ObtainFromDHCP", Choice({"dhcp": "yes", "static": "no"})),
        "servers": Field("NTP.Server", ONE_SERVER),
    },
)


def check(wanted: Document, current: Document) -> t.Iterator[tuple[str, str]]:
    """Refuse lists, intervals and sources that contradict each other."""
    for path in ("servers", "nts.servers"):
        servers = wanted.get(path, ())
        if {"0.0.0.0", "::"} & set(servers):
            yield f"{path}: 0.0.0.0 and :: are no servers", "Name a server, or give an empty list"
        if len(set(map(str.casefold, servers))) < len(servers):
            yield f"{path}: a server is named twice", "Name each server once"
    after = current | wanted
    low, high = after.get("minpoll", 0), after.get("maxpoll", 24)
    if {"minpoll", "maxpoll"} & wanted.keys() and low > high:
        yield f"minpoll ({low}) is larger than maxpoll ({high})", "Give both in order"
    if wanted.get("nts.enabled") and not after.get("nts.servers"):
        yield "nts is enabled, but has no servers", "Give the option nts.servers"
    changes = any(path in wanted and wanted[path] != current.get(path) for path in ("source", "servers"))
    if changes and after.get("source") == "static" and not after.get("servers") and not after.get("nts.enabled"):
        yield "source is static, but there are no servers", "Give the option servers"


def verify(target: DocumentTarget, reading: Held, changes: t.Sequence[Change]) -> t.Iterator[tuple[str, str]]:
    """Refuse more servers than the device holds. REST does not show the limit, ntp.cgi does."""
    for change in changes:
        if change.path not in ("servers", "nts.servers") or not change.after or reading.form is CGI:
            continue
        held = None if reading.form is PARAMETERS else CGI.read(target.device, {})
        limit = 1 if reading.form is PARAMETERS else (held.native if held else {}).get("maxSupportedStaticServers")
        if isinstance(limit, int) and len(change.after) > limit:
            yield (
                f"{change.path}: {len(change.after)} servers are given, the device holds {limit}",
                "Shorten the list",
            )


DECLARED = DocumentResource(
    "ntp",
    options=OPTIONS,
    forms=(REST, CGI, PARAMETERS),
    check=check,
    verify=verify,
    requirements=("requests", "deepdiff"),
)
