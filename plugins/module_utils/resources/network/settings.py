# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Network settings as devices hold them, in the words of the options: by network_settings.cgi, else by parameters.

Only the static side is read, which is what was set; what is in use beside it (from DHCP, link-local) is read to know
where the device can be reached. A REST API of the same name is documented for switch ports only and not used.

Sources: VAPIX "Network settings API" (from AXIS OS 8.50), "Network settings" (parameters); recordings of AXIS OS 12.11.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ...device.device import Device
from ...model.change import Call
from ...model.field import BOOL, IS_SET, MISSING, TEXT, TEXTS, Field, Kind, dig
from ...model.option import Document
from ...wire import json_cgi
from ...wire.errors import ApiMissing, BadAnswer, InvalidOption
from ...wire.json_cgi import JsonApi

Interface: t.TypeAlias = "ipaddress.IPv4Interface | ipaddress.IPv6Interface"

PATH = "/axis-cgi/network_settings.cgi"
_DEVICE_UNKNOWN = {5000: "the device has no such interface"}
#: 802.1X modes by the word of the option.
MODES = {
    "eap_tls": "WPA-Enterprise-EAPTLS",
    "peap_mschapv2": "WPA-Enterprise-PEAP-MSCHAPv2",
    "macsec_psk": "MACsec-PSK",
}


class Live(t.NamedTuple):
    """An address the device has now.

    :param origin: ``static``, ``dhcp``, ``linkLocal`` and so on; empty where the device does not tell.
    :param interface: name of the interface that has it.
    """

    address: Interface
    origin: str
    interface: str

    @property
    def host(self) -> str:
        """The address alone."""
        return str(self.address.ip)


@dataclasses.dataclass(frozen=True)
class Reading:
    """The network settings of a device.

    :param interface: name of the interface that they are about. :param wired: the one whose 802.1X is meant.
    :param parent: the one whose VLANs are meant, which is below the interface if that is a VLAN itself.
    :param dot1x_status: ``Stopped``, ``Connecting``, ``Authorized`` and so on; empty where the device does not tell.
    :param values: by path of the option; what the device does not have is not in it. Of secrets, whether one is set.
    :param vlans: names of the VLAN interfaces on the parent by id; None where the device has no VLANs.
    :param active: names of the interfaces in use. :param live: the addresses of all interfaces now.
    :param limits: how many a list can hold, by path. :param choices: what else than all choices it can hold, by path.
    :param by_parameters: paths of what is set by parameters. :param parameters: names of those that are there.
    :param resolved: the address behind the host of the connection, where that is known.
    """

    api: str
    interface: str
    values: Document
    wired: str = ""
    parent: str = ""
    dot1x_status: str = ""
    vlans: t.Mapping[int, str] | None = None
    active: frozenset[str] = frozenset()
    live: tuple[Live, ...] = ()
    limits: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    choices: t.Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    by_parameters: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    resolved: str = ""


def read(device: Device, interface: str | None, mode: str | None, with_parameters: bool) -> Reading:
    """Read the network settings.

    :param interface: its name; None for the one that is in use. :param mode: the 802.1X mode whose settings are read;
        None for the one in force.
    :param with_parameters: read also what network_settings.cgi does not have.
    """
    try:
        data = device.call(_api("getNetworkInfo"), "getNetworkInfo", safe=True)
    except ApiMissing as exc:
        device.confirm_missing(exc, "network-settings")
        return _read_parameters(device, interface)
    return _read_cgi(device, data, interface, mode, with_parameters)


def calls(reading: Reading, values: Document) -> list[Call]:
    """The calls that set what is given, by path, in an order in which what can cut us off is last.

    :param values: ``vlans.<id>`` is true or false; a secret is a :class:`~..model.change.Secret`.
    """
    found = []
    by_parameters = {path: value for path, value in values.items() if path in reading.by_parameters}
    for last in (False, True):  # the parameters of the address go into one update, and last
        spelled: dict[str, str] = {}
        for path, value in by_parameters.items():
            if (path in _ON_IPV4) is last:
                held = _PARAMETERS[path]
                pairs = zip(held.names, held.encode(value), strict=True)
                spelled |= {name: text for name, text in pairs if name in reading.parameters}
        if spelled:
            found.append(Call("param", {"values": spelled}))
    members: dict[str, Document] = {}
    for path, value in values.items():
        if path not in by_parameters and not path.startswith("vlans."):
            field = _FIELDS[path]
            part, _mark, member = field.key.rpartition(".")
            members.setdefault(part, {})[_SET_AS.get(member, member)] = field.encode(value)
    for part, setter in _SETTERS.items():
        if part == "8021X":
            found += _vlan_calls(reading, values)
        if part in members:
            found.append(_call(reading, setter, members[part]))
    return found


def send(device: Device, call: Call) -> None:
    """Carry out one of these calls."""
    if call.name == "param":
        device.param.update(call.arguments["values"])
        return
    method, version, params = (call.arguments[name] for name in ("method", "version", "params"))
    device.call(_api(method, version, _SUB_CODES.get(method)), method, params)


# -- network_settings.cgi -------------------------------------------------------------------------------------------


class _Setter(t.NamedTuple):
    """A method that sets one part.

    :param of: which interface it wants to be named, a field of the reading; empty for none.
    """

    method: str
    of: str
    sub_codes: t.Mapping[int, str]
    version: str = "1.0"


#: By the part of the reading, in the order in which they are called.
_SETTERS = {
    "hostname": _Setter("setHostnameConfiguration", "", {100: "staticHostname", 101: "useDhcpHostname"}),
    "resolver": _Setter(
        "setResolverConfiguration",
        "",
        {100: "useDhcpResolverInfo", 101: "staticNameServers", 102: "staticSearchDomains", 103: "staticDomainName"},
    ),
    "globalProxies": _Setter("setGlobalProxyConfiguration", "", {100: "httpProxy", 101: "httpsProxy", 102: "noProxy"}),
    "IPv6": _Setter("setIPv6AddressConfiguration", "interface", {100: "deviceName", 101: "enabled"}, "1.6"),
    "8021X": _Setter(
        "setWired8021XConfiguration",
        "wired",
        {
            100: "deviceName",
            101: "enabled",
            102: "mode",
            103: "identity",
            104: "eapolVersion",
            112: "certClient",
            113: "certsCA",
        },
    ),
    "IPv4": _Setter(
        "setIPv4AddressConfiguration",
        "interface",
        {
            100: "deviceName",
            101: "configurationMode",
            102: "staticDefaultRouter",
            103: "staticAddressConfigurations",
            104: "address",
            105: "prefixLength",
            106: "broadcast",
            107: "they do not go together",
            108: "useStaticDHCPFallback",
            109: "linkLocalMode",
            110: "useDHCPStaticRoutes",
            111: "enabled",
        },
    ),
}
_VLAN_CODES = {
    "addVlan": {100: "masterDeviceName", 101: "VlanId", 201: "the VLAN exists"},
    "removeVlan": {100: "VlanName", 200: "the VLAN is among the manually active devices", 201: "no such VLAN"},
}
_SUB_CODES = {setter.method: setter.sub_codes for setter in _SETTERS.values()} | _VLAN_CODES
#: Members that are younger than their method: the version they came with.
_SINCE = {"linkLocalMode": "1.21", "useStaticDHCPFallback": "1.21", "useDHCPStaticRoutes": "1.29"}
#: Members that are set under another name than they are read.
_SET_AS = {"is_password_set": "password", "is_mka_cak_set": "mkaCak"}


def _dhcp(key: str) -> Field:
    """A source, which the device holds as whether it is DHCP."""
    return Field(key, Kind(lambda value: "dhcp" if value else "static", lambda value: value == "dhcp"))


def _numbered(key: str, prefix: str) -> Field:
    """A version, as EAPoLv2; some devices show the bare number."""
    return Field(key, Kind(lambda value: str(value)[-1:], lambda value: f"{prefix}{value}"))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _static_addresses(configurations: t.Any) -> list[str]:
    return [_interface(entry["address"], entry["prefixLength"]) for entry in configurations]


def _interface(address: str, prefix: t.Any) -> str:
    return str(ipaddress.ip_interface(f"{address}/{prefix}"))


def _router(text: str) -> str:
    """The address of a router; some examples of answers have other words for none."""
    return "" if text in ("dhcp", "0.0.0.0") else text


def _as_configurations(addresses: t.Sequence[str]) -> list[Document]:
    found = map(ipaddress.ip_interface, addresses)
    return [{"address": str(entry.ip), "prefixLength": entry.network.prefixlen} for entry in found]


def _decode_mode(text: t.Any) -> str:
    """The word of the option; pages and devices differ in how they separate the parts of the name."""
    bare = re.sub(r"[^a-z0-9]", "", str(text).casefold())
    return next((mode for mode, name in MODES.items() if re.sub(r"[^a-z0-9]", "", name.casefold()) == bare), str(text))


_FIELDS = {
    "hostname.source": _dhcp("hostname.useDhcpHostname"),
    "hostname.name": Field("hostname.staticHostname", TEXT),
    "dns.source": _dhcp("resolver.useDhcpResolverInfo"),
    "dns.servers": Field("resolver.staticNameServers", TEXTS),
    "dns.search_domains": Field("resolver.staticSearchDomains", TEXTS),
    "dns.domain": Field("resolver.staticDomainName", TEXT),
    "global_proxy.http": Field("globalProxies.httpProxy", TEXT),
    "global_proxy.https": Field("globalProxies.httpsProxy", TEXT),
    "global_proxy.no_proxy": Field("globalProxies.noProxy", Kind(_words, ",".join)),
    "ipv6.enabled": Field("IPv6.enabled", BOOL),
    "dot1x.enabled": Field("8021X.enabled", BOOL),
    "dot1x.mode": Field("8021X.mode", Kind(_decode_mode, MODES.__getitem__)),
    "dot1x.identity": Field("8021X.identity", TEXT),
    "dot1x.password": Field("8021X.is_password_set", IS_SET),
    "dot1x.eapol_version": _numbered("8021X.eapolVersion", "EAPoLv"),
    "dot1x.peap_version": _numbered("8021X.peapVersion", "PEAPv"),
    "dot1x.peap_label": Field("8021X.label", Kind(str, int)),
    "dot1x.client_certificate": Field("8021X.certClient", TEXT),
    "dot1x.ca_certificates": Field("8021X.certsCA", TEXTS),
    "dot1x.cak": Field("8021X.is_mka_cak_set", IS_SET),
    "dot1x.ckn": Field("8021X.mkaCkn", Kind(lambda value: str(value).lower())),
    "ipv4.enabled": Field("IPv4.enabled", BOOL),
    "ipv4.source": Field("IPv4.configurationMode", TEXT),
    "ipv4.addresses": Field("IPv4.staticAddressConfigurations", Kind(_static_addresses, _as_configurations)),
    "ipv4.gateway": Field("IPv4.staticDefaultRouter", Kind(_router)),
    "ipv4.static_fallback": Field("IPv4.useStaticDHCPFallback", BOOL),
    "ipv4.link_local": Field("IPv4.linkLocalMode", TEXT),
    "ipv4.dhcp_static_routes": Field("IPv4.useDHCPStaticRoutes", BOOL),
}
_LIMITS = {
    "dns.servers": "resolver.maxSupportedStaticNameServers",
    "dns.search_domains": "resolver.maxSupportedStaticSearchDomains",
    "ipv4.addresses": "IPv4.maxSupportedStaticAddressConfigurations",
    "vlans": "maxSupportedVlans",
}


def _api(method: str, version: str = "1.0", sub_codes: t.Mapping[int, str] | None = None) -> JsonApi:
    return JsonApi(PATH, "network-settings", version, json_cgi.NETWORK_CODES | _DEVICE_UNKNOWN, sub_codes or {})


def _read_cgi(device: Device, data: t.Any, interface: str | None, mode: str | None, with_parameters: bool) -> Reading:
    where = _api("").name, str(device)
    system = json_cgi.member(data, "system", dict, *where)
    interfaces = [entry for entry in json_cgi.member(data, "devices", list, *where) if isinstance(entry, dict)]
    active = (
        frozenset(dig(system, "deviceSwitching.activeDevices") or ()) if "deviceSwitching" in system else frozenset()
    )
    chosen = _choose(device, interfaces, active, interface)
    wired = _wired(interfaces, chosen)
    name = str(chosen["name"])
    # Who did not ask for the VLAN that we are connected through means what it is on.
    parent = name.rpartition(".")[0] if interface is None and _is_vlan(chosen) else name
    document = system | {
        # Pages spell some of them in several ways.
        "resolver": _respelled(system.get("resolver"), {"useDHCPResolverInfo": "useDhcpResolverInfo"}),
        "IPv4": chosen.get("IPv4", {}),
        "IPv6": chosen.get("IPv6", chosen.get("Ipv6", {})),
        "8021X": _dot1x(dig(wired, "wired.8021X"), mode),
    }
    values = _decode(device, document)
    limits = {path: limit for path, key in _LIMITS.items() if isinstance(limit := dig(document, key), int)}
    supported = dig(wired, "wired.8021X.supportedModes")
    found = Reading(
        api=where[0],
        interface=name,
        wired=str(wired.get("name", "")),
        parent=parent,
        values=values,
        dot1x_status=status if isinstance(status := dig(wired, "wired.8021X.status"), str) else "",
        vlans=_vlans(interfaces, parent) if "maxSupportedVlans" in system else None,
        active=active,
        live=_live(interfaces),
        limits=limits,
        choices={"dot1x.mode": tuple(map(_decode_mode, supported))} if isinstance(supported, list) else {},
    )
    return _add_parameters(found, device) if with_parameters else found


def _choose(device: Device, interfaces: list[Document], active: frozenset[str], name: str | None) -> Document:
    """The interface that is meant: the one asked for, or the one that we are connected to, or one that is in use."""
    able = [entry for entry in interfaces if {"IPv4", "IPv6", "Ipv6"} & entry.keys() and entry.get("name")]
    if name is not None:
        able = [entry for entry in interfaces if entry.get("name") == name]
        if not able:
            names = ", ".join(str(entry.get("name")) for entry in interfaces)
            raise InvalidOption(
                f"interface: the device has no interface {name!r}",
                remedy=f"It has {names}",
                device=str(device),
                api=_api("").name,
            )
    if not able:
        raise BadAnswer("the device tells of no interface that can have an address", device=str(device))
    host = device.session.address.host

    def rank(entry: Document) -> tuple[bool, bool, bool]:
        ours = any(live.host == host for live in _live([entry]))
        return not ours, entry["name"] not in active, _is_vlan(entry)

    return min(able, key=rank)


def _is_vlan(entry: Document) -> bool:
    # Ports of a built-in switch have such names too.
    return bool(re.fullmatch(r".+\.[0-9]+", str(entry["name"]))) and entry.get("type") != "switchPort"


def _vlans(interfaces: list[Document], parent: str) -> dict[int, str]:
    names = [str(entry["name"]) for entry in interfaces if entry.get("name") and _is_vlan(entry)]
    return {int(name.rpartition(".")[2]): name for name in names if name.rpartition(".")[0] == parent}


def _wired(interfaces: list[Document], chosen: Document) -> Document:
    """The interface whose 802.1X is meant: a bridge, a VLAN or MACsec on top of one has none of its own."""
    able = [entry for entry in interfaces if isinstance(dig(entry, "wired.8021X"), dict)]
    able = [entry for entry in able if dig(entry, "wired.isDownlink") is not True]
    return min(
        able,
        key=lambda entry: (entry is not chosen, entry.get("partOfBridge") != chosen["name"]),
        default={},
    )


def _respelled(part: t.Any, spellings: t.Mapping[str, str]) -> Document:
    return {spellings.get(key, key): value for key, value in part.items()} if isinstance(part, dict) else {}


def _dot1x(settings: t.Any, mode: str | None) -> Document:
    """802.1X with the settings of one mode, which devices keep for each."""
    if not isinstance(settings, dict):
        return {}
    meant = mode or _decode_mode(settings.get("mode"))
    params = settings.get("params", {})
    for entry in settings.get("configurations", ()):
        if _decode_mode(entry.get("mode")) == meant:
            params = entry.get("params", {})
    return {key: settings[key] for key in ("enabled", "mode") if key in settings} | params


def _decode(device: Device, document: Document) -> Document:
    values: Document = {}
    for path, field in _FIELDS.items():
        value = dig(document, field.key)
        if value is not MISSING:
            try:
                values[path] = field.decode(value)
            except (KeyError, TypeError, ValueError) as exc:
                raise BadAnswer(
                    f"the answer has an unusable {field.key!r}: {value!r}", device=str(device), api=_api("").name
                ) from exc
    return values


def _live(interfaces: list[Document]) -> tuple[Live, ...]:
    found = []
    for entry in interfaces:
        for family in ("IPv4", "IPv6", "Ipv6"):
            listed = dig(entry, f"{family}.addresses")
            for item in listed if isinstance(listed, list) else ():
                # One that is gone is shown for a while, in use nowhere.
                if item.get("scope") != "nowhere":
                    address = ipaddress.ip_interface(f"{item['address']}/{item['prefixLength']}")
                    found.append(Live(address, str(item.get("origin", "")), str(entry.get("name"))))
    return tuple(found)


def _call(reading: Reading, setter: _Setter, members: Document) -> Call:
    version = max([setter.version, *(_SINCE[member] for member in members if member in _SINCE)], key=_as_numbers)
    named = {"deviceName": getattr(reading, setter.of)} if setter.of else {}
    return Call("method", {"method": setter.method, "version": version, "params": named | members})


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _vlan_calls(reading: Reading, values: Document) -> list[Call]:
    found = []
    for path, present in values.items():
        if path.startswith("vlans."):
            number = int(path.removeprefix("vlans."))
            method = "addVlan" if present else "removeVlan"
            there = {"VlanName": (reading.vlans or {}).get(number, f"{reading.parent}.{number}")}
            params: Document = {"masterDeviceName": reading.parent, "VlanId": number} if present else there
            found.append(Call("method", {"method": method, "version": "1.0", "params": params}))
    return found


# -- parameters -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class _Parameters:
    """Parameters that hold an option together.

    :param names: the first has to be there, the others can be missing. :param decode: from their values, missing ones
        as None. :param encode: to their values.
    """

    names: tuple[str, ...]
    decode: t.Callable[..., t.Any] = lambda value: value
    encode: t.Callable[[t.Any], tuple[str, ...]] = lambda value: (value,)


def _yes(text: str) -> bool:
    return text.casefold() in ("yes", "true", "on", "1")


def _no_or_yes(value: bool) -> tuple[str, ...]:
    return ("yes" if value else "no",)


def _flag(name: str) -> _Parameters:
    return _Parameters((name,), _yes, _no_or_yes)


def _from_dhcp(name: str) -> _Parameters:
    return _Parameters(
        (name,), lambda text: "dhcp" if _yes(text) else "static", lambda value: _no_or_yes(value == "dhcp")
    )


def _servers(*values: str | None) -> list[str]:
    return [value for value in values if value not in (None, "", "0.0.0.0")]


def _one_address(address: str, mask: str | None, _broadcast: str | None) -> list[str]:
    return [_interface(address, mask)] if mask and address not in ("", "0.0.0.0") else []


def _as_address(addresses: t.Sequence[str]) -> tuple[str, ...]:
    if not addresses:
        return ("0.0.0.0",) * 3
    found = ipaddress.IPv4Interface(addresses[0])
    return str(found.ip), str(found.netmask), str(found.network.broadcast_address)


def _ipv6_addresses(text: str) -> list[str]:
    return [str(ipaddress.IPv6Interface(word if "/" in word else f"{word}/64")) for word in text.split()]


def _link_local(enabled: str, fallback: str | None) -> str:
    return "off" if not _yes(enabled) else "fallback" if _yes(fallback or "no") else "on"


_ON_IPV4 = ("ipv4.enabled", "ipv4.source", "ipv4.addresses", "ipv4.gateway", "ipv4.link_local")
_DOT1X = "Network.Interface.I0.dot1x"
_PARAMETERS = {
    "hostname.source": _from_dhcp("Network.VolatileHostName.ObtainFromDHCP"),
    "hostname.name": _Parameters(("Network.HostName",)),
    "dns.source": _from_dhcp("Network.Resolver.ObtainFromDHCP"),
    "dns.servers": _Parameters(
        ("Network.DNSServer1", "Network.DNSServer2"), _servers, lambda value: tuple([*value, "0.0.0.0", "0.0.0.0"][:2])
    ),
    "dns.domain": _Parameters(("Network.DomainName",)),
    "ipv6.enabled": _flag("Network.IPv6.Enabled"),
    "ipv6.accept_ra": _flag("Network.IPv6.AcceptRA"),
    "ipv6.dhcpv6": _Parameters(("Network.IPv6.DHCPv6",)),
    "ipv6.addresses": _Parameters(("Network.IPv6.IPAddress",), _ipv6_addresses, lambda value: (" ".join(value),)),
    "ipv6.gateway": _Parameters(("Network.IPv6.DefaultRouter",)),
    "dot1x.enabled": _flag(f"{_DOT1X}.Enabled"),
    "dot1x.eapol_version": _Parameters((f"{_DOT1X}.EAPOLVersion",)),
    "dot1x.identity": _Parameters((f"{_DOT1X}.EAPTLS.Identity",)),
    "ipv4.enabled": _flag("Network.Enabled"),
    "ipv4.source": _Parameters(
        ("Network.BootProto",),
        lambda text: "dhcp" if text == "dhcp" else "static",
        lambda value: ("dhcp" if value == "dhcp" else "none",),
    ),
    "ipv4.addresses": _Parameters(
        ("Network.IPAddress", "Network.SubnetMask", "Network.Broadcast"), _one_address, _as_address
    ),
    "ipv4.gateway": _Parameters(("Network.DefaultRouter",), _router),
    "ipv4.link_local": _Parameters(
        ("Network.ZeroConf.Enabled", "Network.ZeroConf.Fallback"),
        _link_local,
        lambda value: (*_no_or_yes(value != "off"), *_no_or_yes(value == "fallback")),
    ),
}
#: All of these parameters, on any device.
OWNED = tuple(name for held in _PARAMETERS.values() for name in held.names)
#: What network_settings.cgi has no setter for, or got one late.
_BESIDE_CGI = (*(path for path in _PARAMETERS if path.startswith("ipv6.")), "ipv4.link_local")


def _read_parameters(device: Device, interface: str | None) -> Reading:
    there = device.param.list("Network")
    name = there.get("Network.Interface.I0.SystemDevice", "eth0")
    if interface not in (None, name):
        raise InvalidOption(
            f"interface: the device has no interface {interface!r}",
            remedy=f"It has {name}",
            device=str(device),
            api="param.cgi Network",
        )
    address, mask = there.get(f"Network.{name}.IPAddress", ""), there.get(f"Network.{name}.SubnetMask", "")
    found = Reading(
        api="param.cgi Network",
        interface=name,
        wired=name,
        dot1x_status=there.get(f"{_DOT1X}.Status", ""),
        values={},
        live=tuple(Live(ipaddress.ip_interface(text), "", name) for text in _one_address(address, mask, None)),
        limits={"dns.servers": 2, "ipv4.addresses": 1},
    )
    return _with(found, there, _PARAMETERS)


def _add_parameters(reading: Reading, device: Device) -> Reading:
    there = device.param.list("Network.IPv6", "Network.ZeroConf")
    return _with(reading, there, [path for path in _BESIDE_CGI if path not in reading.values])


def _with(reading: Reading, there: t.Mapping[str, str], paths: t.Iterable[str]) -> Reading:
    """A reading with what parameters hold beside it."""
    values = {}
    for path in paths:
        held = _PARAMETERS[path]
        if held.names[0] in there:
            values[path] = held.decode(*(there.get(name) for name in held.names))
    choices = {}
    if "ipv4.link_local" in values and "Network.ZeroConf.Fallback" not in there:
        choices["ipv4.link_local"] = ("off", "on")
    return dataclasses.replace(
        reading,
        values=reading.values | values,
        choices={**reading.choices, **choices},
        by_parameters=frozenset(values),
        parameters=frozenset(there),
    )
