# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/network_settings.cgi``: Network settings API page; getNetworkInfo of API 1.38 recorded on 12.11.

Not on the page, so assumed: what README.md lists. Nothing is applied when one parameter is invalid; parameters that
this version does not have yet are unknown, and unknown ones are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import network as net
from certificates import Set
from exchange import Request
from handlers._base import ADMIN, NETWORK_INVALID, NETWORK_MISSING, ApiError, JsonCgi, Method, version_number
from network import EAP_TLS, MACSEC, PEAP
from state import State

NO_DEVICE, NO_DEVICE_TEXT = 5000, "No device found for the given device name"
VLAN_EXISTS = VLAN_MISSING = 201
VLAN_ACTIVE = 200
MAX_ADDRESSES, MAX_VLAN_ID = 1, 4094
# Versions that brought what the getter shows and the setters take: the page shows most in its examples.
IPV6, PORTS, PEAP_MODE, STATE, LINK_LOCAL, ROUTES = "1.6", "1.9", "1.12", "1.17", "1.21", "1.29"
VLANS = PROXIES = "1.29"
MACSEC_MODE = "1.30"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_CAK_LENGTHS = (32, 64)
_MAX_CKN = 64
_PROXY_PASSWORD = re.compile(r"(://[^/:@]*:)[^/@]*@")
_ECN = {"0": "disabled", "1": "acceptAndInitiate"}

Check = Callable[[Any], bool]
# Parameter -> sub-code and whether a value is good.
Rules = dict[str, tuple[int, Check]]


def is_bool(value: Any) -> bool:
    """true or false."""
    return isinstance(value, bool)


def is_number(value: Any, low: int, high: int) -> bool:
    """A whole number in a range."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def one_of(*words: Any) -> Check:
    """One of a few texts or numbers."""
    return lambda value: not isinstance(value, bool | list | dict) and value in words


def list_of(check: Check, most: int) -> Check:
    """A list that is not too long."""
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(check, value))


def empty_or(check: Check) -> Check:
    """An empty text unsets."""
    return lambda value: value == "" or check(value)


def is_text(most: int) -> Check:
    """A text that is not too long."""
    return lambda value: isinstance(value, str) and len(value) <= most


def is_proxy(value: Any) -> bool:
    """The URL of a proxy."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_no_proxy(value: Any) -> bool:
    """Names, domains and networks; no wildcards (page)."""
    return isinstance(value, str) and "*" not in value


def is_hex(value: Any, lengths: Iterable[int]) -> bool:
    """Whole bytes in hex."""
    return isinstance(value, str) and bool(_HEX.fullmatch(value)) and len(value) in lengths


def invalid(sub_code: int) -> ApiError:
    """A parameter is no good."""
    return ApiError(NETWORK_INVALID, sub_code)


def checked(params: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """The known parameters that were sent."""
    for name, (sub_code, good) in rules.items():
        if name in params and not good(params[name]):
            raise invalid(sub_code)
    return {name: params[name] for name in rules if name in params}


def device_name(request: Request, params: dict[str, Any]) -> str:
    """The interface to set."""
    name = params.get("deviceName")
    if name is None:
        raise ApiError(NETWORK_MISSING)
    if not isinstance(name, str):
        raise invalid(100)
    if name not in request.state.network.interfaces:
        raise ApiError(NO_DEVICE, text=NO_DEVICE_TEXT)
    return name


# -- reading


def get_info(request: Request, _params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """getNetworkInfo, in the recorded order of keys."""
    state = request.state

    def has(version: str) -> bool:
        return version_number(options["version"]) >= version_number(version)

    return {"system": _system(state, has), "devices": [_device(state, name, has) for name in state.network.interfaces]}


def _system(state: State, has: Callable[[str], bool]) -> dict[str, Any]:
    network = state.network
    system: dict[str, Any] = {"tcpEcnMode": _ECN[state.get("Network.tcpECN")]}
    if has(VLANS):
        system["maxSupportedVlans"] = net.MAX_VLANS
    names = list(network.interfaces)
    active = {"auto": [net.WIRED], "manual": network.manual_devices, "none": []}[network.switching]
    system["deviceSwitching"] = {
        "mode": network.switching,
        "manualActiveDevices": network.manual_devices,
        "devices": names,
        "activeDevices": active,
    }
    system["hostname"] = {
        "useDhcpHostname": network.use_dhcp_host_name,
        "hostname": net.host_name(state),
        "staticHostname": network.host_name,
    }
    system["resolver"] = {
        "useDhcpResolverInfo": network.use_dhcp_resolver,
        "nameServers": net.name_servers(state),
        "staticNameServers": network.static_name_servers(),
        "maxSupportedStaticNameServers": net.MAX_NAME_SERVERS,
        "searchDomains": net.search_domains(state),
        "staticSearchDomains": network.search_domains,
        "maxSupportedStaticSearchDomains": net.MAX_SEARCH_DOMAINS,
        "domainName": net.domain(state),
        "staticDomainName": network.domain,
    }
    if has(PROXIES):
        system["globalProxies"] = {
            name: _PROXY_PASSWORD.sub(r"\1****@", value) for name, value in network.proxies.items()
        }
    return system


def _device(state: State, name: str, has: Callable[[str], bool]) -> dict[str, Any]:
    interface, wired = state.network.interfaces[name], name == net.WIRED
    device: dict[str, Any] = {
        "name": name,
        "type": "wired" if wired else "vlan",
        "macAddress": state.device.fill("{mac}").lower(),
        "partOfBridge": "",
        "link": interface.state == "up",
        "state": interface.state,
        "staticState": interface.state,
    }
    if wired:
        device["wired"] = _wired(state, has)
    device["IPv4"] = _ipv4(state, name, has)
    device["IPv6"] = _ipv6(state, name)
    return device


def _wired(state: State, has: Callable[[str], bool]) -> dict[str, Any]:
    dot1x = state.network.dot1x
    definition = state.tree.find("Network.Media")
    assert definition is not None
    wired: dict[str, Any] = {"linkMode": _link_mode(state.get("Network.Media"))}
    if has(PORTS):
        wired["supportedLinkModes"] = [_link_mode(word) for word in definition.type.words]
        wired["isDownlink"] = False
    modes = [mode for mode, since in ((PEAP, PEAP_MODE), (EAP_TLS, "1.0"), (MACSEC, MACSEC_MODE)) if has(since)]
    wired["8021X"] = {
        "enabled": dot1x.enabled,
        "status": net.dot1x_status(state),
        "mode": dot1x.mode,
        "configurations": [{"mode": mode, "params": net.dot1x_configuration(state, mode)} for mode in modes],
        "supportedModes": modes,
    }
    if has(MACSEC_MODE):
        wired["8021X"]["MACsecSecured"] = net.is_macsec_secured(state)
    return wired


def _link_mode(word: str) -> str:
    return word.replace("baseT", "BaseT")


def _ipv4(state: State, name: str, has: Callable[[str], bool]) -> dict[str, Any]:
    ipv4 = state.network.interfaces[name].ipv4
    addresses, router = _addresses(state, name)
    section: dict[str, Any] = {
        "enabled": ipv4.enabled,
        "configurationMode": ipv4.mode,
        "linkLocalMode": ipv4.link_local_mode,
        "addresses": addresses,
        "maxSupportedStaticAddressConfigurations": MAX_ADDRESSES,
        "staticAddressConfigurations": [
            {"address": ipv4.address, "prefixLength": ipv4.prefix, "broadcast": ipv4.broadcast}
        ],
        "defaultRouter": router,
        "staticDefaultRouter": ipv4.router,
    }
    if has(LINK_LOCAL):
        section["useStaticDHCPFallback"] = ipv4.dhcp_fallback
    if has(ROUTES):
        section["useDHCPStaticRoutes"] = ipv4.dhcp_routes
    return section


def _addresses(state: State, name: str) -> tuple[list[dict[str, Any]], str]:
    """The IPv4 addresses in use, and the router."""
    if name != net.WIRED:
        ipv4 = state.network.interfaces[name].ipv4
        static = ipv4.enabled and ipv4.mode == "static"
        own = net.Address(ipv4.address, ipv4.prefix, ipv4.broadcast, ipv4.router, "static")
        return ([_address(own)], ipv4.router) if static else ([], "")
    now, left = state.link.now, state.link.left()
    addresses = [_address(now)] if now.address else []
    if left is not None:
        # Claimed by one author: the old address is still listed like this for a while.
        addresses.append({**_address(left), "origin": "static", "scope": "nowhere"})
    own = net.link_local(state)
    if own:
        addresses.append(
            {"address": own, "prefixLength": net.LINK_LOCAL_PREFIX, "origin": "linkLocal", "scope": "link"}
        )
    return addresses, now.router


def _address(address: net.Address) -> dict[str, Any]:
    return {
        "address": address.address,
        "prefixLength": address.prefix,
        "origin": address.origin,
        "scope": "global",
        "broadcast": address.broadcast,
    }


def _ipv6(state: State, name: str) -> dict[str, Any]:
    """Recorded only for IPv6 that is off."""
    if name != net.WIRED or not state.network.wired.ipv6:
        return {"enabled": state.network.interfaces[name].ipv6, "addresses": []}
    return {
        "enabled": True,
        "configurationMode": "static" if state.get("Network.IPv6.DHCPv6") == "off" else "dhcp",
        "addresses": [
            {
                "address": address,
                "prefixLength": prefix,
                "origin": origin,
                "scope": "link" if origin == "linkLocal" else "global",
            }
            for address, prefix, origin in net.ipv6_addresses(state)
        ],
    }


# -- setting


def set_host_name(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setHostnameConfiguration."""
    network = request.state.network
    given = checked(params, {"staticHostname": (100, net.is_host_name), "useDhcpHostname": (101, is_bool)})
    network.host_name = given.get("staticHostname", network.host_name)
    network.use_dhcp_host_name = given.get("useDhcpHostname", network.use_dhcp_host_name)
    return {}


def set_resolver(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setResolverConfiguration."""
    network = request.state.network
    given = checked(
        params,
        {
            "useDhcpResolverInfo": (100, is_bool),
            "staticNameServers": (101, list_of(net.is_ip, net.MAX_NAME_SERVERS)),
            "staticSearchDomains": (102, list_of(net.is_domain, net.MAX_SEARCH_DOMAINS)),
            "staticDomainName": (103, empty_or(net.is_domain)),
        },
    )
    network.use_dhcp_resolver = given.get("useDhcpResolverInfo", network.use_dhcp_resolver)
    network.name_servers = given.get("staticNameServers", network.name_servers)
    network.search_domains = given.get("staticSearchDomains", network.search_domains)
    network.domain = given.get("staticDomainName", network.domain)
    return {}


def set_ipv4(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """setIPv4AddressConfiguration: checked now, applied after the answer."""
    interface = request.state.network.interfaces[device_name(request, params)]
    rules: Rules = {
        "configurationMode": (101, one_of("static", "dhcp")),
        "staticDefaultRouter": (102, empty_or(net.is_ipv4)),
        "staticAddressConfigurations": (103, _is_address_list),
    }
    own = version_number(options["version"])
    if own >= version_number(LINK_LOCAL):
        rules["useStaticDHCPFallback"] = 108, is_bool
        rules["linkLocalMode"] = 109, one_of("off", "on", "fallback")
    if own >= version_number(ROUTES):
        rules["useDHCPStaticRoutes"] = 110, is_bool
    if own >= version_number(IPV6):
        rules["enabled"] = 111, lambda value: is_bool(value) and (value or interface.ipv6)
    given = checked(params, rules)
    static = [_static_address(entry) for entry in given.get("staticAddressConfigurations", ())]
    ipv4 = interface.ipv4
    if static:
        ipv4.address, ipv4.prefix, ipv4.broadcast = static[0]
    ipv4.mode = given.get("configurationMode", ipv4.mode)
    ipv4.router = given.get("staticDefaultRouter", ipv4.router)
    ipv4.dhcp_fallback = given.get("useStaticDHCPFallback", ipv4.dhcp_fallback)
    ipv4.link_local_mode = given.get("linkLocalMode", ipv4.link_local_mode)
    ipv4.dhcp_routes = given.get("useDHCPStaticRoutes", ipv4.dhcp_routes)
    ipv4.enabled = given.get("enabled", ipv4.enabled)
    return {}


def _is_address_list(value: Any) -> bool:
    return list_of(lambda entry: isinstance(entry, dict), MAX_ADDRESSES)(value) and bool(value)


def _static_address(entry: dict[str, Any]) -> tuple[str, int, str]:
    """One of staticAddressConfigurations: address, prefix length, broadcast address."""
    if "address" not in entry or "prefixLength" not in entry:
        raise ApiError(NETWORK_MISSING)
    checked(
        entry,
        {
            "address": (104, net.is_own_address),
            "prefixLength": (105, lambda value: is_number(value, 1, 32)),
            "broadcast": (106, net.is_ipv4),
        },
    )
    address, prefix = entry["address"], entry["prefixLength"]
    computed = net.broadcast_of(address, prefix)
    broadcast = entry.get("broadcast", computed)
    if net.broadcast_of(broadcast, prefix) != computed or (prefix < 31 and address == computed):
        raise invalid(107)
    return address, prefix, broadcast


def set_ipv6(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setIPv6AddressConfiguration: on or off; one family stays on."""
    interface = request.state.network.interfaces[device_name(request, params)]
    given = checked(params, {"enabled": (101, lambda value: is_bool(value) and (value or interface.ipv4.enabled))})
    interface.ipv6 = given.get("enabled", interface.ipv6)
    return {}


def set_device(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setDeviceConfiguration."""
    interface = request.state.network.interfaces[device_name(request, params)]
    given = checked(params, {"staticState": (101, one_of("up", "down"))})
    interface.state = given.get("staticState", interface.state)
    return {}


def set_proxies(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """setGlobalProxyConfiguration. An example of the page leaves one out."""
    request.state.network.proxies.update(
        checked(
            params,
            {
                "httpProxy": (100, empty_or(is_proxy)),
                "httpsProxy": (101, empty_or(is_proxy)),
                "noProxy": (102, is_no_proxy),
            },
        )
    )
    return {}


def set_dot1x(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """setWired8021XConfiguration: a flat list of parameters for the mode that is set or in force."""
    state, dot1x = request.state, request.state.network.dot1x
    if "deviceName" not in params:
        raise ApiError(NETWORK_MISSING)
    if params["deviceName"] != net.WIRED:
        raise invalid(100)
    own = version_number(options["version"])
    modes = [
        mode
        for mode, since in ((PEAP, PEAP_MODE), (EAP_TLS, "1.0"), (MACSEC, MACSEC_MODE))
        if own >= version_number(since)
    ]
    definition = state.tree.find("Network.Interface.I0.dot1x.EAPTLS.Identity")
    assert definition is not None and definition.type.maxlen is not None
    given = checked(
        params,
        {
            "enabled": (101, is_bool),
            "mode": (102, one_of(*modes)),
            "identity": (103, is_text(definition.type.maxlen)),
            "eapolVersion": (104, one_of("EAPoLv1", "EAPoLv2", "EAPoLv3")),
            "password": (107, is_text(256)),
            "peapVersion": (108, one_of("PEAPv0", "PEAPv1")),
            "label": (109, one_of(1, 2)),
            "mkaCak": (110, lambda value: is_hex(value, _CAK_LENGTHS)),
            "mkaCkn": (111, lambda value: is_hex(value, range(2, _MAX_CKN + 1))),
            "certClient": (112, empty_or(one_of(*state.client_aliases()))),
            "certsCA": (113, list_of(one_of(*state.ca_aliases()), 100)),
        },
    )
    mode = given.get("mode", dot1x.mode)
    wanted = net.Dot1x(
        given.get("enabled", dot1x.enabled),
        mode,
        {**dot1x.configurations, mode: _configured(dot1x.configurations[mode], given)},
    )
    held = net.dot1x_certificates(state, mode)
    client = given.get("certClient", "".join(held.certificates[:1]))
    certificates = Set((client,) if client else (), tuple(given.get("certsCA", held.ca)), held.trusted)
    if wanted.enabled and not wanted.is_ready(certificates):
        raise invalid(112 if mode == EAP_TLS else 101)
    state.network.dot1x = wanted
    net.set_dot1x_certificates(state, mode, certificates)
    return {}


def _configured(held: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A mode's configuration with what it has of the given; of secrets only that they are set."""
    flags = {"is_password_set": "password", "is_mka_cak_set": "mkaCak"}
    after = {}
    for name, value in held.items():
        secret = flags.get(name)
        after[name] = given.get(name, value) if secret is None else bool(given[secret]) if secret in given else value
    return after


def add_vlan(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """addVlan: a new interface ``<master>.<id>``, by DHCP."""
    network = request.state.network
    if "masterDeviceName" not in params or "VlanId" not in params:
        raise ApiError(NETWORK_MISSING)
    given = checked(
        params,
        {"masterDeviceName": (100, one_of(net.WIRED)), "VlanId": (101, lambda value: is_number(value, 1, MAX_VLAN_ID))},
    )
    name = f"{net.WIRED}.{given['VlanId']}"
    if name in network.interfaces:
        raise invalid(VLAN_EXISTS)
    if len(network.vlans) >= net.MAX_VLANS:
        raise invalid(101)
    network.interfaces[name] = net.Network.of(request.device).wired
    return {}


def remove_vlan(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """removeVlan."""
    network = request.state.network
    name = params.get("VlanName")
    if name is None:
        raise ApiError(NETWORK_MISSING)
    if not isinstance(name, str) or not name.startswith(f"{net.WIRED}."):
        raise invalid(100)
    if name not in network.interfaces:
        raise invalid(VLAN_MISSING)
    if name in network.manual_devices:
        raise invalid(VLAN_ACTIVE)
    del network.interfaces[name]
    return {}


class NetworkSettings(JsonCgi):
    """network_settings.cgi."""

    path = "/axis-cgi/network_settings.cgi"
    base_level = ADMIN

    def table(self) -> dict[str, Method]:
        return {
            "getNetworkInfo": Method(get_info, ADMIN),
            "setHostnameConfiguration": Method(set_host_name, ADMIN, write=True),
            "setResolverConfiguration": Method(set_resolver, ADMIN, write=True),
            "setIPv4AddressConfiguration": Method(set_ipv4, ADMIN, write=True),
            "setIPv6AddressConfiguration": Method(set_ipv6, ADMIN, write=True, since=IPV6),
            "setDeviceConfiguration": Method(set_device, ADMIN, write=True, since=STATE),
            "setGlobalProxyConfiguration": Method(set_proxies, ADMIN, write=True, since=PROXIES),
            "setWired8021XConfiguration": Method(set_dot1x, ADMIN, write=True),
            "addVlan": Method(add_vlan, ADMIN, write=True, since=VLANS),
            "removeVlan": Method(remove_vlan, ADMIN, write=True, since=VLANS),
        }


HANDLER = NetworkSettings()
