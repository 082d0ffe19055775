# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The NTP client: where the device gets the time from.

Sources: VAPIX "Network time synchronization configuration API", "NTP API", "System settings" (time parameters);
recordings of AXIS OS 12.11.
"""

from __future__ import annotations

import typing as t

from ..model.declaration import ON_UNSUPPORTED, Change, Document, Option
from ..model.forms import (
    DocumentResource,
    DocumentTarget,
    Field,
    JsonDocument,
    ParamDocument,
    RestDocument,
)
from ..wire import json_cgi
from ..wire.hosts import is_host
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

#: Exponents of two, in seconds, that the API allows.
POLL_RANGE = range(0, 25)


def _servers(value: t.Any) -> list[str]:
    """A list without the empty string by which some APIs show an empty list."""
    if not isinstance(value, list):
        raise TypeError("not a list")
    return [server for server in value if server]


def _old_server(value: str) -> list[str]:
    """Old firmware has one server and shows none as 0.0.0.0 or as nothing."""
    return [] if value in ("", "0.0.0.0") else [value]


NTP_CGI_FORM = JsonDocument(
    cgi=NTP_CGI,
    getter="getNTPInfo",
    setter="setNTPClientConfiguration",
    member="client",
    complete=True,
    fields={
        "enabled": Field("enabled"),
        "source": Field.choice("serversSource", {"dhcp": "DHCP", "static": "static"}),
        "servers": Field("staticServers", _servers),
        "minpoll": Field("minpoll"),
        "maxpoll": Field("maxpoll"),
        "nts.enabled": Field("NTSEnabled"),
        "nts.servers": Field("staticNTSKEServers", _servers),
        "nts.ca_certificates": Field("NTSKEServerCACerts", _servers),
    },
)


class Ntp(DocumentResource):
    """Options and APIs of the NTP client."""

    name = "ntp"
    options = {
        "enabled": Option("bool", null=True),
        "source": Option(choices=("dhcp", "static"), null="dhcp"),
        "servers": Option("list", elements="str", null=[]),
        "minpoll": Option("int", null=6),
        "maxpoll": Option("int", null=10),
        "nts": Option(
            "dict",
            options={
                "enabled": Option("bool", null=False),
                "servers": Option("list", elements="str", null=[]),
                "ca_certificates": Option("list", elements="str", null=[], ordered=False),
            },
        ),
        "on_unsupported": ON_UNSUPPORTED,
    }
    forms = (
        RestDocument(
            name="network-time-sync",
            major=1,
            entity="ntp.client",
            fields={
                "enabled": Field("enabled"),
                "source": Field.choice("serversSource", {"dhcp": "DHCP", "static": "STATIC"}),
                "servers": Field("staticServers", _servers),
                "minpoll": Field("minimumPoll"),
                "maxpoll": Field("maximumPoll"),
                "nts.enabled": Field("nts.enabled"),
                "nts.servers": Field("nts.staticServers", _servers),
                "nts.ca_certificates": Field("nts.caCertificates", _servers),
            },
        ),
        NTP_CGI_FORM,
        ParamDocument(
            group="Time",
            fields={
                "enabled": Field("SyncSource", lambda value: value == "NTP", lambda value: "NTP" if value else "None"),
                "source": Field.choice("ObtainFromDHCP", {"dhcp": "yes", "static": "no"}),
                "servers": Field("NTP.Server", _old_server, lambda value: value[0] if value else ""),
            },
        ),
    )

    def check(self, wanted: Document, reading: Document, target: DocumentTarget) -> None:
        for path in ("servers", "nts.servers"):
            for server in wanted.get(path, ()):
                if not is_host(server) or server in ("0.0.0.0", "::"):
                    raise target.invalid(f"{path}: {server!r} is neither a host name nor an IP address", "Correct it")
            if len(set(map(str.casefold, wanted.get(path, ())))) < len(wanted.get(path, ())):
                raise target.invalid(f"{path}: a server is named twice", "Name each server once")
        for path in ("minpoll", "maxpoll"):
            if wanted.get(path, 0) not in POLL_RANGE:
                raise target.invalid(
                    f"{path}: {wanted[path]} is not an exponent between {POLL_RANGE[0]} and {POLL_RANGE[-1]}",
                    "Give the power of two in seconds, for example 6 for 64 seconds",
                )
        after = reading | wanted
        low, high = after.get("minpoll", 0), after.get("maxpoll", 24)
        if {"minpoll", "maxpoll"} & wanted.keys() and isinstance(low, int) and isinstance(high, int) and low > high:
            raise target.invalid(f"minpoll ({low}) is larger than maxpoll ({high})", "Give both in order")
        if wanted.get("nts.enabled") and not after.get("nts.servers"):
            raise target.invalid("nts is enabled, but has no servers", "Give the option nts.servers")
        if (
            any(path in wanted and wanted[path] != reading.get(path) for path in ("source", "servers"))
            and after.get("source") == "static"
            and not after.get("servers")
            and not after.get("nts.enabled")
        ):
            raise target.invalid("source is static, but there are no servers", "Give the option servers")

    def check_changes(self, changes: t.Sequence[Change], target: DocumentTarget) -> None:
        for change in changes:
            if change.path in ("servers", "nts.servers") and change.after:
                limit = _most_servers(target)
                if limit is not None and len(change.after) > limit:
                    raise target.invalid(
                        f"{change.path}: {len(change.after)} servers are given, the device holds {limit}",
                        "Shorten the list",
                    )


def _most_servers(target: DocumentTarget) -> int | None:
    """How many servers the device can hold; None when it does not tell. REST does not show the limit, ntp.cgi does."""
    if isinstance(target.form, ParamDocument):
        return 1
    document = target.document if target.form is NTP_CGI_FORM else NTP_CGI_FORM.read(target.device)
    limit = (document or {}).get("maxSupportedStaticServers")
    return limit if isinstance(limit, int) else None


DECLARED = Ntp()
