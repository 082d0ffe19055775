# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What really happened to a simulated device, in the words in which a module tells its changes.

A prediction is only worth something if it is compared with the device. This knows the simulator's state and the paths
of
the modules, and nothing of how they work.
"""

from __future__ import annotations

import re
import typing as t

State = dict[str, t.Any]
Effects = dict[str, t.Any]

_ENTRY = re.compile(r"(?P<parent>.+)\.(?P<entry>[A-Z]\d+)\.(?P<name>[^.]+)")
_PATH = re.compile(r"(?P<parent>[^\[]+)\[(?P<identity>\w+)=(?P<key>[^\]]*)\](?:\.(?P<name>.+))?")
_NTP = {
    "enabled": "enabled",
    "source": "serversSource",
    "servers": "staticServers",
    "minpoll": "minpoll",
    "maxpoll": "maxpoll",
    "nts.enabled": "NTSEnabled",
    "nts.servers": "staticNTSKEServers",
    "nts.ca_certificates": "NTSKEServerCACerts",
}
_DOT1X = {
    "identity": "identity",
    "is_password_set": "password",
    "eapolVersion": "eapol_version",
    "peapVersion": "peap_version",
    "label": "peap_label",
    "is_mka_cak_set": "cak",
    "mkaCkn": "ckn",
}
GONE = "gone"
#: Stands for a value that the result must not tell.
UNTOLD = "<untold>"


def happened(module: str, before: State, after: State) -> Effects:
    """Every difference between two states, by path; entries of dynamic groups by parent and name."""
    if module == "ntp":
        effects = {path: after["ntp"][key] for path, key in _NTP.items() if before["ntp"][key] != after["ntp"][key]}
        if "source" in effects:
            effects["source"] = effects["source"].lower()
        return effects | _rest(before, after, "ntp")
    if module == "network":
        return _network(before, after)
    return _parameters(before["parameters"], after["parameters"]) | _rest(before, after, "parameters")


def told(module: str, changes: t.Sequence[dict[str, t.Any]]) -> Effects:
    """The same from the changes of a result."""
    effects: Effects = {}
    for change in changes:
        path, value = change["path"], change["after"]
        match = _PATH.fullmatch(path) if module == "param" else None
        if match and match["name"] is None and value is not None:
            effects |= {f"{match['parent']}/{match['key']}.{name}": item for name, item in value.items()}
        elif match and match["name"] is None:
            effects[f"{match['parent']}/{match['key']}"] = GONE
        elif match:
            effects[f"{match['parent']}/{match['key']}.{match['name']}"] = value
        else:
            effects[path] = UNTOLD if value == "<hidden, to be set>" else value
    return effects


def same(one: Effects, other: Effects) -> bool:
    """Whether what was told is what happened. A new entry may have empty values beside those that were told."""
    silent = {path for path in other if path not in one and other[path] == "" and "/" in path}
    if one.keys() != other.keys() - silent:
        return False
    return all(one[path] in (UNTOLD, other[path]) for path in one)


def _rest(before: State, after: State, mine: str) -> Effects:
    """Parts of the state that the module has no business with."""
    return {part: after[part] for part in before if part != mine and before[part] != after[part]}


def _network(before: State, after: State) -> Effects:
    """The settings, and the parameters that are no view of them. 802.1X in the mode that is in force afterwards."""
    mode = after["network"]["dot1x"]["mode"]
    old, new = (_network_settings(state, mode) for state in (before, after))
    effects = {path: new.get(path) for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    others = [
        {name: value for name, value in state["parameters"].items() if not name.startswith("Network.")}
        for state in (before, after)
    ]
    untouched = {part for part in before if part not in ("network", "parameters")}
    return effects | _parameters(*others) | {part: after[part] for part in untouched if before[part] != after[part]}


def _network_settings(state: State, mode: str) -> Effects:
    network, parameters = state["network"], state["parameters"]
    wired, proxies, dot1x = network["interfaces"]["eth0"], network["proxies"], network["dot1x"]
    ipv4 = wired["ipv4"]
    settings = {
        "hostname.source": "dhcp" if network["use_dhcp_host_name"] else "static",
        "hostname.name": network["host_name"],
        "dns.source": "dhcp" if network["use_dhcp_resolver"] else "static",
        "dns.servers": [server for server in network["name_servers"] if server],
        "dns.search_domains": network["search_domains"],
        "dns.domain": network["domain"],
        "global_proxy.http": proxies["httpProxy"],
        "global_proxy.https": proxies["httpsProxy"],
        "global_proxy.no_proxy": [entry for entry in proxies["noProxy"].split(",") if entry],
        "ipv6.enabled": wired["ipv6"],
        "ipv6.accept_ra": parameters["Network.IPv6.AcceptRA"] == "yes",
        "ipv6.dhcpv6": parameters["Network.IPv6.DHCPv6"],
        "ipv6.addresses": parameters["Network.IPv6.IPAddress"].split(),
        "ipv6.gateway": parameters["Network.IPv6.DefaultRouter"],
        "ipv4.enabled": ipv4["enabled"],
        "ipv4.source": ipv4["mode"],
        "ipv4.addresses": [f"{ipv4['address']}/{ipv4['prefix']}"],
        "ipv4.gateway": ipv4["router"],
        "ipv4.static_fallback": ipv4["dhcp_fallback"],
        "ipv4.link_local": "off" if not ipv4["link_local"] else "fallback" if ipv4["link_local_fallback"] else "on",
        "ipv4.dhcp_static_routes": ipv4["dhcp_routes"],
        "dot1x.enabled": dot1x["enabled"],
        "dot1x.mode": {"EAPTLS": "eap_tls", "MSCHAPv2": "peap_mschapv2", "PSK": "macsec_psk"}[
            dot1x["mode"].rpartition("-")[2]
        ],
    }
    settings |= {f"vlans.{name.rpartition('.')[2]}": name for name in network["interfaces"] if "." in name}
    for name, value in dot1x["configurations"][mode].items():
        option = _DOT1X[name]
        last = option in ("eapol_version", "peap_version")
        settings[f"dot1x.{option}"] = value[-1] if last else str(value) if option == "peap_label" else value
    return settings


def _parameters(before: dict[str, str], after: dict[str, str]) -> Effects:
    effects: Effects = {}
    entries: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for values, found in zip((before, after), entries, strict=True):
        for name, value in values.items():
            match = _ENTRY.fullmatch(name)
            if match and match["parent"] == "StreamProfile":
                key = values[f"{match['parent']}.{match['entry']}.Name"]
                found[f"{match['parent']}/{key}.{match['name']}"] = value
    for name in before.keys() | after.keys():
        if not name.startswith("StreamProfile.S") and before.get(name) != after.get(name):
            effects[name] = after.get(name, GONE)
    for name in entries[0].keys() | entries[1].keys():
        if name not in entries[1]:
            effects[name.rpartition(".")[0]] = GONE
        elif entries[0].get(name) != entries[1][name]:
            effects[name] = entries[1][name]
    return effects
