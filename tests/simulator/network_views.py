# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters ``Network.*`` that are views of the network settings (Network settings page).

Recorded: ``IPAddress`` and its neighbours are the static side, ``eth0``, ``Routing``, ``Resolver`` and
``VolatileHostName.HostName`` what is in use. Assumed: which writes are refused, beyond the types of the definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import network as net
from live import Live, yes

if TYPE_CHECKING:
    from state import State

_NOTHING = "0.0.0.0"
_STATUS = {"Connecting": "UNKNOWN"}


def _write_boot_proto(state: State, value: str) -> bool:
    state.network.wired.ipv4.mode = "dhcp" if value == "dhcp" else "static"
    return True


def _write_address(state: State, value: str) -> bool:
    if not net.is_own_address(value):
        return False
    ipv4 = state.network.wired.ipv4
    ipv4.set_static(value, ipv4.prefix)
    return True


def _write_mask(state: State, value: str) -> bool:
    prefix = net.prefix_of(value)
    if prefix is None:
        return False
    ipv4 = state.network.wired.ipv4
    ipv4.set_static(ipv4.address, prefix)
    return True


def _write_broadcast(state: State, value: str) -> bool:
    if net.is_ipv4(value):
        state.network.wired.ipv4.broadcast = value
    return net.is_ipv4(value)


def _write_router(state: State, value: str) -> bool:
    good = value == "" or net.is_ipv4(value)
    if good:
        state.network.wired.ipv4.router = value
    return good


def _write_host_name(state: State, value: str) -> bool:
    if net.is_host_name(value):
        state.network.host_name = value
    return net.is_host_name(value)


def _write_use_dhcp_host_name(state: State, value: str) -> bool:
    state.network.use_dhcp_host_name = value == "yes"
    return True


def _write_domain(state: State, value: str) -> bool:
    good = value == "" or net.is_domain(value)
    if good:
        state.network.domain = value
    return good


def _write_use_dhcp_resolver(state: State, value: str) -> bool:
    state.network.use_dhcp_resolver = value == "yes"
    return True


def _static_server(place: int) -> Live:
    def read(state: State) -> str:
        servers = state.network.name_servers
        return (servers[place] if place < len(servers) else "") or _NOTHING

    return Live(read, _write_server(place))


def _live_server(place: int) -> Live:
    def read(state: State) -> str:
        servers = net.name_servers(state)
        return servers[place] if place < len(servers) else ""

    return Live(read, _write_server(place))


def _write_server(place: int) -> Callable[[State, str], bool]:
    def write(state: State, value: str) -> bool:
        state.network.set_name_server(place, "" if value == _NOTHING else value)
        return True

    return write


def _write_server_list(state: State, value: str) -> bool:
    servers = value.replace(",", " ").split()
    if len(servers) > net.MAX_NAME_SERVERS:
        return False
    state.network.name_servers = servers
    return True


def _write_search(state: State, value: str) -> bool:
    domains = value.split()
    if len(domains) > net.MAX_SEARCH_DOMAINS or not all(map(net.is_domain, domains)):
        return False
    state.network.search_domains = domains
    return True


def _write_ipv6(state: State, value: str) -> bool:
    state.network.wired.ipv6 = value == "yes"
    return True


def _write_link_local(state: State, value: str) -> bool:
    state.network.wired.ipv4.link_local = value == "yes"
    return True


def _write_fallback(state: State, value: str) -> bool:
    state.network.wired.ipv4.link_local_fallback = value == "yes"
    return True


def _write_dot1x(state: State, value: str) -> bool:
    dot1x = state.network.dot1x
    if value == "yes" and not dot1x.is_ready(net.dot1x_certificates(state, dot1x.mode)):
        return False
    dot1x.enabled = value == "yes"
    return True


def _read_eapol(state: State) -> str:
    return state.network.dot1x.configurations[net.EAP_TLS]["eapolVersion"].removeprefix("EAPoLv")


def _write_eapol(state: State, value: str) -> bool:
    for mode in (net.PEAP, net.EAP_TLS):
        state.network.dot1x.configurations[mode]["eapolVersion"] = f"EAPoLv{value}"
    return True


def _write_identity(state: State, value: str) -> bool:
    state.network.dot1x.configurations[net.EAP_TLS]["identity"] = value
    return True


def _read_status(state: State) -> str:
    status = net.dot1x_status(state)
    return _STATUS.get(status, status)


VIEWS: dict[str, Live] = {
    "Network.BootProto": Live(
        lambda state: "dhcp" if state.network.wired.ipv4.mode == "dhcp" else "none", _write_boot_proto
    ),
    "Network.IPAddress": Live(lambda state: state.network.wired.ipv4.address, _write_address),
    "Network.SubnetMask": Live(lambda state: net.mask_of(state.network.wired.ipv4.prefix), _write_mask),
    "Network.Broadcast": Live(lambda state: state.network.wired.ipv4.broadcast, _write_broadcast),
    "Network.DefaultRouter": Live(lambda state: state.network.wired.ipv4.router, _write_router),
    "Network.HostName": Live(lambda state: state.network.host_name, _write_host_name),
    "Network.DomainName": Live(lambda state: state.network.domain, _write_domain),
    "Network.DNSServer1": _static_server(0),
    "Network.DNSServer2": _static_server(1),
    "Network.eth0.IPAddress": Live(lambda state: state.link.now.address),
    "Network.eth0.SubnetMask": Live(lambda state: net.mask_of(state.link.now.prefix)),
    "Network.eth0.Broadcast": Live(lambda state: state.link.now.broadcast),
    "Network.eth0.IPv6.IPAddresses": Live(
        lambda state: " ".join(f"{address}/{prefix}" for address, prefix, _origin in net.ipv6_addresses(state))
    ),
    "Network.Routing.DefaultRouter": Live(lambda state: state.link.now.router),
    "Network.IPv6.Enabled": Live(lambda state: yes(state.network.wired.ipv6), _write_ipv6),
    "Network.Resolver.NameServer1": _live_server(0),
    "Network.Resolver.NameServer2": _live_server(1),
    # 5.51 ends the value with a blank (recorded).
    "Network.Resolver.NameServerList": Live(
        lambda state: " ".join(net.name_servers(state)) + state.device.fill("{blank}"), _write_server_list
    ),
    "Network.Resolver.ObtainFromDHCP": Live(
        lambda state: yes(state.network.use_dhcp_resolver), _write_use_dhcp_resolver
    ),
    "Network.Resolver.Search": Live(lambda state: " ".join(net.search_domains(state)), _write_search),
    "Network.VolatileHostName.HostName": Live(net.host_name),
    "Network.VolatileHostName.ObtainFromDHCP": Live(
        lambda state: yes(state.network.use_dhcp_host_name), _write_use_dhcp_host_name
    ),
    "Network.ZeroConf.Enabled": Live(lambda state: yes(state.network.wired.ipv4.link_local), _write_link_local),
    "Network.ZeroConf.Fallback": Live(lambda state: yes(state.network.wired.ipv4.link_local_fallback), _write_fallback),
    "Network.ZeroConf.IPAddress": Live(net.link_local),
    "Network.ZeroConf.SubnetMask": Live(
        lambda state: net.mask_of(net.LINK_LOCAL_PREFIX) if net.link_local(state) else ""
    ),
    "Network.Interface.I0.dot1x.EAPOLVersion": Live(_read_eapol, _write_eapol),
    "Network.Interface.I0.dot1x.Enabled": Live(lambda state: yes(state.network.dot1x.enabled), _write_dot1x),
    "Network.Interface.I0.dot1x.Status": Live(_read_status),
    "Network.Interface.I0.dot1x.EAPTLS.Identity": Live(
        lambda state: state.network.dot1x.configurations[net.EAP_TLS]["identity"], _write_identity
    ),
}
