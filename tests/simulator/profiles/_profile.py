# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a profile."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from certificates import Equipment, Keystore
from params import Tree, load

FOLDER = Path(__file__).parent
_KEY_TYPES = ("RSA-2048", "RSA-4096", "EC-P256", "EC-P384", "EC-P521")
CERTIFICATE_SETS = ("EAPTLS_WIRED", "AVHS", "SIP", "Streaming_RTSPS", "RemoteSyslog", "WebServer", "mqtt_client", "O3C")
TEE = Keystore("TEE0", "TRUSTED_ENVIRONMENT", _KEY_TYPES)
SECURE_ELEMENT = Keystore("SE0", "STRONG", ("RSA-1024", *_KEY_TYPES), ("CC EAL6+",))
SOFTWARE_KEYS = Keystore("SW0", "SOFTWARE", _KEY_TYPES)
# Older devices: nothing from the factory.
SOFTWARE = Equipment((SOFTWARE_KEYS,), None, CERTIFICATE_SETS, has_roots=False)
_DOC_LINK = "https://www.axis.com/partner_pages/vapix_library/#/"


@dataclass(frozen=True)
class Template:
    """A dynamic parameter group that can be added: ``template=name`` below ``parent``."""

    parent: str
    # Lines of a params table with "#" for the number of the new group.
    lines: tuple[str, ...]
    # The greatest number of groups; the parameter MaxGroups of the parent shows it.
    limit: int

    @property
    def prefix(self) -> str:
        """The name of its groups before the number: ``StreamProfile.S``."""
        return f"{self.parent}.{self.parent.rpartition('.')[2][0].upper()}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the parameters of its groups: the number and the leaf."""
        return re.compile(rf"{re.escape(self.prefix)}(\d+)\.(\w+)")


@dataclass(frozen=True, eq=False)
class Profile:
    """A kind of device. Shared by all its devices and never changed."""

    name: str
    # model, short_name, full_name, product_type, axis_os, build_date ...: used by parameters and device information.
    facts: dict[str, str]
    oui: str
    # CGI path -> options of its handler, for handlers that do not say themselves on which generations they exist.
    apis: dict[str, dict[str, Any]]
    params: tuple[str, ...]
    server: str
    # More lines of a parameter table, applied last.
    more_params: tuple[str, ...] = ()
    # What `getApiList` shows: id, version, name, status ("" = key missing).
    api_list: tuple[tuple[str, str, str, str], ...] = ()
    # What `/config/discover` shows: id, version key, suffix of the URL, version, state.
    rest_list: tuple[tuple[str, str, str, str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    certificates: Equipment = SOFTWARE
    # The ciphers and TLS versions of the parameters are those of the HTTPS port.
    enforces_tls: bool = True
    # When only HTTPS is allowed: the HTTP port sends clients there, or is closed.
    redirects_to_https: bool = True
    chunked: bool = False
    sorted_params: bool = True
    # A leaf named without "root." comes back without it (recorded on 12.11, seen on 5.20).
    bare_leaves: bool = False
    # Names (patterns) whose write makes the whole update a 401, though nothing in the definition says so.
    protected: tuple[str, ...] = ()
    # Readonly names do the same; elsewhere they give an error line of their own.
    readonly_is_401: bool = False
    ntp_server_param_refused: bool = False
    locked_by_dhcp: frozenset[str] = frozenset()
    templates: dict[str, Template] = field(default_factory=dict)
    ntp_start: dict[str, Any] = field(default_factory=dict)
    # Members of documents that leave the factory other than the handler says.
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    default_zone: str = "GMT0BST,M3.5.0/1,M10.5.0"
    dhcp_zone: str | None = None
    # First account: only "root" before 11.5 (System settings page).
    first_user_must_be_root: bool = True
    # Without a DHCP server the static address is taken, unless somebody set it otherwise; off on 12.11 (recorded).
    static_fallback: bool = True
    # Without a password everything is open (seen on firmware before about 9.x).
    open_without_password: bool = False
    anonymous_api_list: bool = False
    nonce_lifetime: float = 300.0
    policy_delay: float = 0.0
    # Status for a good login that lacks the role: 401 or 403 per firmware (logs of Home Assistant users).
    forbidden_status: int = 401
    unauthorized_json: bool = False
    # More requests at once than this and the device closes connections without an answer; 0: no limit.
    parallel_limit: int = 0
    url_limit: int = 8190
    uptime_at_start: int = 4000
    # What multicast DNS announces: speakers have _axis-audiosite._tcp, recorders _axis-nvr._tcp as well.
    services: tuple[str, ...] = ("_axis-video._tcp",)
    # The Server header of SSDP: recorded with AXIS OS 9 or 10.
    upnp_server: str = "Linux/4.14.173-axis8, UPnP/1.0, Portable SDK for UPnP devices/1.8.7"

    @property
    def generation(self) -> str:
        """The name without products: what handlers say where they exist with."""
        return self.name.partition("+")[0]

    def listed(self, id_: str) -> list[str]:
        """The versions of an API in the discovery list."""
        return [version for listed, version, *_rest in self.api_list if listed == id_]

    def listed_rest(self, id_: str, key: str) -> list[str]:
        """The version of a REST API in ``/config/discover``: one or none."""
        return [
            version
            for listed, listed_key, _suffix, version, _state in self.rest_list
            if (listed, listed_key) == (id_, key)
        ]

    @cached_property
    def tree(self) -> Tree:
        """All parameters, read once."""
        return Tree(load(FOLDER, *self.params, lines=self.more_params), self.sorted_params)

    @cached_property
    def protected_name(self) -> re.Pattern[str]:
        """Matches the protected names."""
        parts = (re.escape(pattern).replace(r"\*", "[^.]*") for pattern in self.protected)
        return re.compile("|".join(parts) or r"(?!)")

    @cached_property
    def api_entries(self) -> list[dict[str, str]]:
        """The API list in its JSON form."""
        entries = []
        for id_, version, name, status in self.api_list:
            entry = {"id": id_, "version": version, "name": name, "docLink": _DOC_LINK}
            if status:
                entry["status"] = status
            entries.append(entry)
        return entries


def api_table(text: str, status: str = "") -> tuple[tuple[str, str, str, str], ...]:
    """Lines ``id version [status] | Name``."""
    rows = []
    for line in text.strip().splitlines():
        words, _mark, name = line.partition(" | ")
        id_, version, *marks = words.split()
        rows.append((id_, version, name.strip(), marks[0].strip("-") if marks else status))
    return tuple(rows)


def rest_table(text: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """Lines ``id key suffix version state``."""
    rows = []
    for line in text.strip().splitlines():
        id_, key, suffix, version, state = line.split()
        rows.append((id_, key, suffix, version, state))
    return tuple(rows)


STREAM_PROFILE = (
    "StreamProfile.S#.Description :: 4414+dynamic string/128 ::",
    "StreamProfile.S#.Name :: 4414+dynamic string/64 ::",
    "StreamProfile.S#.Parameters :: 4414+dynamic string ::",
)

NTP_START: dict[str, Any] = {
    "enabled": True,
    "NTSEnabled": False,
    "serversSource": "DHCP",
    "staticServers": [],
    "advertisedServers": ["192.0.2.123"],
    "staticNTSKEServers": [],
    "NTSKEServerCACerts": [],
    "minpoll": 6,
    "maxpoll": 10,
}
