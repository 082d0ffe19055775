# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network settings of a device, and the addresses it has now.

The settings exist once; ``Network.*`` parameters, network_settings.cgi and REST are views of them. :class:`Link` is
what became of them: settings are stored by the request and applied a moment later (mover.py). Only eth0 has sockets.
"""

from __future__ import annotations

import copy
import ipaddress
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certificates import DOT1X, Set

if TYPE_CHECKING:
    from state import Device, State

WIRED = "eth0"
PEAP, EAP_TLS, MACSEC = "WPA-Enterprise-PEAP-MSCHAPv2", "WPA-Enterprise-EAPTLS", "MACsec-PSK"
# The certificate sets of the modes (recorded names).
_SETS = {PEAP: "EAPPEAP_MSCHAPV2_WIRED", EAP_TLS: DOT1X}
MAX_NAME_SERVERS, MAX_SEARCH_DOMAINS, MAX_VLANS = 3, 6, 1
_DOT1X = "Network.Interface.I0.dot1x."
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_MAX_HOST_NAME, _MAX_DOMAIN = 63, 253
LINK_LOCAL_PREFIX = 16
_LEASE: dict[str, Any] = {
    "prefix": 24,
    "router": "192.0.2.1",
    "name_servers": ["192.0.2.53"],
    "search_domains": [],
    "domain": "",
}
LEASE_MEMBERS = {"address", "host_name", *_LEASE}


def first_ipv4(addresses: tuple[str, ...]) -> str | None:
    """The first IPv4 address of several, of both versions."""
    return next((address for address in addresses if ":" not in address), None)


def is_ipv4(text: Any) -> bool:
    """An IPv4 address."""
    try:
        ipaddress.IPv4Address(text if isinstance(text, str) else "")
    except ValueError:
        return False
    return True


def is_own_address(text: Any) -> bool:
    """An IPv4 address a device can have."""
    if not is_ipv4(text):
        return False
    address = ipaddress.IPv4Address(text)
    return not (address.is_multicast or address.is_unspecified or address.is_reserved)


def is_ip(text: Any) -> bool:
    """An IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text if isinstance(text, str) else "")
    except ValueError:
        return False
    return True


def is_host_name(text: Any) -> bool:
    """A name a device can have."""
    return isinstance(text, str) and len(text) <= _MAX_HOST_NAME and bool(_NAME.fullmatch(text)) and not is_ipv4(text)


def is_domain(text: Any) -> bool:
    """A domain name."""
    return isinstance(text, str) and len(text) <= _MAX_DOMAIN and bool(_NAME.fullmatch(text))


def mask_of(prefix: int) -> str:
    """The subnet mask of a prefix length."""
    return str(ipaddress.IPv4Network((0, prefix)).netmask)


def prefix_of(mask: str) -> int | None:
    """The prefix length of a subnet mask; None for a mask with holes or of nothing."""
    return next((prefix for prefix in range(1, 33) if mask_of(prefix) == mask), None)


def broadcast_of(address: str, prefix: int) -> str:
    """The broadcast address of the subnet an address is in."""
    return str(ipaddress.IPv4Interface((address, prefix)).network.broadcast_address)


@dataclass
class IPv4:
    """The IPv4 settings of an interface: where its address comes from, and the one static address."""

    enabled: bool
    # dhcp or static.
    mode: str
    link_local: bool
    link_local_fallback: bool
    address: str
    prefix: int
    broadcast: str
    router: str
    # Without a lease the static address is taken.
    dhcp_fallback: bool
    dhcp_routes: bool = False

    @property
    def link_local_mode(self) -> str:
        """off, on or fallback."""
        return "off" if not self.link_local else "fallback" if self.link_local_fallback else "on"

    @link_local_mode.setter
    def link_local_mode(self, mode: str) -> None:
        self.link_local = mode != "off"
        if self.link_local:
            self.link_local_fallback = mode == "fallback"

    def set_static(self, address: str, prefix: int) -> None:
        """Change the static address; a broadcast address that somebody chose stays."""
        if self.broadcast == broadcast_of(self.address, self.prefix):
            self.broadcast = broadcast_of(address, prefix)
        self.address, self.prefix = address, prefix


@dataclass
class Interface:
    """A network interface."""

    # up or down.
    state: str
    ipv4: IPv4
    ipv6: bool


@dataclass
class Dot1x:
    """IEEE 802.1X of the wired interface; one configuration a mode. Certificates are sets of the store, passwords and
    keys are not kept."""

    enabled: bool
    mode: str
    configurations: dict[str, dict[str, Any]]

    def is_ready(self, certificates: Set) -> bool:
        """Whether it may be enabled: EAP-TLS needs a client certificate (Network settings API page), MACsec a key."""
        if self.mode == EAP_TLS:
            return bool(certificates.certificates)
        own = self.configurations[self.mode]
        return self.mode != MACSEC or (own["is_mka_cak_set"] and bool(own["mkaCkn"]))


@dataclass
class Network:
    """Everything that can be set."""

    use_dhcp_host_name: bool
    host_name: str
    use_dhcp_resolver: bool
    # The first two are Network.DNSServer1 and 2; an empty text is a place nobody filled.
    name_servers: list[str]
    search_domains: list[str]
    domain: str
    proxies: dict[str, str]
    # Device switching: auto, manual or none.
    switching: str
    manual_devices: list[str]
    interfaces: dict[str, Interface]
    dot1x: Dot1x

    @classmethod
    def of(cls, device: Device) -> Network:
        """The settings from the factory, which are those of the profile's parameters."""

        def value(name: str, default: str = "") -> str:
            definition = device.profile.tree.find(name)
            return default if definition is None else device.fill(definition.value)

        prefix = prefix_of(value("Network.SubnetMask"))
        assert prefix is not None
        ipv4 = IPv4(
            enabled=True,
            mode="dhcp" if value("Network.BootProto") == "dhcp" else "static",
            link_local=value("Network.ZeroConf.Enabled") == "yes",
            link_local_fallback=value("Network.ZeroConf.Fallback") == "yes",
            address=value("Network.IPAddress"),
            prefix=prefix,
            broadcast=value("Network.Broadcast"),
            router=value("Network.DefaultRouter"),
            dhcp_fallback=device.profile.static_fallback,
        )
        version = f"EAPoLv{value(_DOT1X + 'EAPOLVersion')}"
        configurations: dict[str, dict[str, Any]] = {
            PEAP: {
                "identity": "",
                "is_password_set": False,
                "eapolVersion": version,
                "peapVersion": "PEAPv1",
                "label": 1,
            },
            EAP_TLS: {"identity": value(_DOT1X + "EAPTLS.Identity"), "eapolVersion": version},
            MACSEC: {"is_mka_cak_set": False, "mkaCkn": ""},
        }
        return cls(
            use_dhcp_host_name=value("Network.VolatileHostName.ObtainFromDHCP") == "yes",
            host_name=value("Network.HostName"),
            use_dhcp_resolver=value("Network.Resolver.ObtainFromDHCP") == "yes",
            name_servers=[],
            search_domains=[],
            domain=value("Network.DomainName"),
            proxies={"httpProxy": "", "httpsProxy": "", "noProxy": ""},
            switching="auto",
            manual_devices=[WIRED],
            interfaces={WIRED: Interface("up", ipv4, value("Network.IPv6.Enabled") == "yes")},
            dot1x=Dot1x(value(_DOT1X + "Enabled") == "yes", EAP_TLS, configurations),
        )

    @property
    def wired(self) -> Interface:
        """The interface the device is reached by."""
        return self.interfaces[WIRED]

    @property
    def vlans(self) -> list[str]:
        """The names of the VLANs."""
        return [name for name in self.interfaces if name != WIRED]

    def static_name_servers(self) -> list[str]:
        """The name servers somebody set."""
        return [server for server in self.name_servers if server]

    def set_name_server(self, place: int, server: str) -> None:
        """One of the list, counted from 0; empty takes it away, and leaves the place of the others."""
        servers = [*self.name_servers, *[""] * (place + 1 - len(self.name_servers))]
        servers[place] = server
        while servers and not servers[-1]:
            servers.pop()
        self.name_servers = servers

    def keep_reachable(self, old: Network) -> None:
        """What a soft factory default keeps (Firmware management page)."""
        now, before = self.wired.ipv4, old.wired.ipv4
        now.mode, now.address, now.prefix = before.mode, before.address, before.prefix
        now.broadcast, now.router = before.broadcast, before.router
        self.dot1x = old.dot1x


@dataclass(frozen=True)
class Address:
    """An address in use; ``origin`` is dhcp or static."""

    address: str
    prefix: int
    broadcast: str
    router: str
    origin: str


_NO_ADDRESS = Address("", 24, "", "", "dhcp")


class Link:
    """The addresses the device has now, and the settings they were made from."""

    def __init__(self, network: Network, now: Address | None) -> None:
        self.now = now = now or _NO_ADDRESS
        # Nobody can reach the device any more.
        self.lost = False
        # The address it had before, as long as it is still listed.
        self._left, self._left_until = now, 0.0
        self._applied = self._settings(network)

    @staticmethod
    def _settings(network: Network) -> tuple[Interface, Dot1x]:
        return copy.deepcopy((network.wired, network.dot1x))

    def is_behind(self, network: Network) -> bool:
        """Whether there are settings that are not applied yet."""
        return self._applied != (network.wired, network.dot1x)

    def take(self, network: Network, there: Address, listed_seconds: float = 0) -> None:
        """The settings are applied; the old address is listed for a while yet."""
        self._applied = self._settings(network)
        if there.address != self.now.address:
            self._left, self._left_until = self.now, time.monotonic() + listed_seconds
        self.now = there

    def roll_back(self, network: Network) -> None:
        """The settings could not be applied: as before."""
        network.interfaces[WIRED], network.dot1x = copy.deepcopy(self._applied)

    def left(self) -> Address | None:
        """The old address, while it is listed."""
        return self._left if time.monotonic() < self._left_until else None


def lease(state: State) -> dict[str, Any] | None:
    """What the DHCP server gives: the plan's lease over the one of the start; None when none answers."""
    planned, device = state.plan["lease"], state.device
    if planned is None:
        return None
    return {**_LEASE, "address": device.home or "", "host_name": device.host_name, **planned}


def aim(state: State) -> Address | None:
    """The address the settings lead to; None when nobody will reach the device."""
    wired = state.network.wired
    ipv4, leased = wired.ipv4, lease(state)
    if wired.state == "down" or not ipv4.enabled:
        return None
    if state.network.dot1x.enabled and state.plan["switch"] == "refuses":
        return None
    if ipv4.mode == "dhcp" and leased is not None:
        address, prefix = leased["address"], leased["prefix"]
        if not address:
            # It has IPv6 only.
            return _NO_ADDRESS
        router = "" if ipv4.dhcp_routes else leased["router"] or ipv4.router
        return Address(address, prefix, broadcast_of(address, prefix), router, "dhcp")
    if ipv4.mode == "static" or ipv4.dhcp_fallback:
        return Address(ipv4.address, ipv4.prefix, ipv4.broadcast, ipv4.router, "static")
    # A link-local address, which is none of this machine.
    return None


def from_lease(state: State, name: str, wanted: bool, own: Any) -> Any:
    """A value the lease has precedence for when it is wanted from there."""
    leased = lease(state) if wanted and state.link.now.origin == "dhcp" else None
    return (leased or {}).get(name) or own


def host_name(state: State) -> str:
    """The host name in use."""
    network = state.network
    return from_lease(state, "host_name", network.use_dhcp_host_name, network.host_name)


def name_servers(state: State) -> list[str]:
    """The name servers in use."""
    network = state.network
    return from_lease(state, "name_servers", network.use_dhcp_resolver, network.static_name_servers())


def search_domains(state: State) -> list[str]:
    """The search domains in use."""
    network = state.network
    return from_lease(state, "search_domains", network.use_dhcp_resolver, network.search_domains)


def domain(state: State) -> str:
    """The domain in use."""
    network = state.network
    return from_lease(state, "domain", network.use_dhcp_resolver, network.domain)


def link_local(state: State) -> str:
    """The link-local address, when the device has one."""
    return state.device.fill("169.254.7.{last_octet}") if state.network.wired.ipv4.link_local_mode == "on" else ""


def ipv6_addresses(state: State) -> list[tuple[str, int, str]]:
    """The IPv6 addresses: address, prefix length, origin."""
    if not state.network.wired.ipv6:
        return []
    octets = bytes.fromhex(state.device.serial)
    own = bytes((octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]))
    addresses = [(str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + own)), 64, "linkLocal")]
    for text in state.get("Network.IPv6.IPAddress").split():
        address, _mark, prefix = text.partition("/")
        addresses.append((address, int(prefix or 64), "static"))
    return addresses


def dot1x_certificates(state: State, mode: str) -> Set:
    """The certificates of a mode, which are a set of the store."""
    return state.certificates.sets.get(_SETS.get(mode, ""), Set())


def set_dot1x_certificates(state: State, mode: str, wanted: Set) -> None:
    """Change them, where the device has such a set."""
    name = _SETS.get(mode)
    if name in state.certificates.sets:
        state.certificates.sets[name] = wanted


def dot1x_configuration(state: State, mode: str) -> dict[str, Any]:
    """The configuration of a mode as it is shown."""
    own = state.network.dot1x.configurations[mode]
    if mode not in _SETS:
        return own
    held = dot1x_certificates(state, mode)
    return {**own, "certClient": "".join(held.certificates[:1]), "certsCA": list(held.ca)}


def dot1x_status(state: State) -> str:
    """Stopped, Connecting, Authorized or Unauthorized. A switch that asks nobody lets an unauthorized device through
    (recorded on 11.8: enabled, Unauthorized, and reachable)."""
    if not state.network.dot1x.enabled:
        return "Stopped"
    if state.link.is_behind(state.network):
        return "Connecting"
    return "Authorized" if state.plan["switch"] == "accepts" else "Unauthorized"


def is_macsec_secured(state: State) -> bool:
    """Whether the connection is secured by MACsec."""
    return state.network.dot1x.mode == MACSEC and dot1x_status(state) == "Authorized"
