# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What network settings cannot be right, seen before anything is sent.

All checks take flat documents: what is wanted, and what would be after it was set.
"""

from __future__ import annotations

import collections.abc
import ipaddress
import re
import typing as t
from urllib.parse import SplitResult, unquote, urlsplit

from ...model.option import Document
from ...wire.hosts import is_address, is_host
from .settings import Interface, Reading

#: A problem, and what would be right.
Problem = tuple[str, str]
Problems = collections.abc.Iterator[Problem]

_ADDRESSES = {"ipv4.addresses": 4, "ipv6.addresses": 6}
_VLAN_IDS = range(1, 4095)
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
#: Options that mean something in one 802.1X mode only.
_OF_MODE = {
    "dot1x.password": "peap_mschapv2",
    "dot1x.peap_version": "peap_mschapv2",
    "dot1x.peap_label": "peap_mschapv2",
    "dot1x.cak": "macsec_psk",
    "dot1x.ckn": "macsec_psk",
}
_LONGEST_NAME, _LONGEST_IDENTITY = 63, 128


def normal(path: str, value: t.Any) -> t.Any:
    """A value in the one spelling in which equal values are equal.

    :raises ValueError: it cannot be right on any device; the text continues "<path>: ".
    """
    if path in _ADDRESSES:
        return [str(_address(text, _ADDRESSES[path])) for text in value]
    if path == "dns.servers":
        return [_host_address(text) for text in value]
    if path in ("ipv4.gateway", "ipv6.gateway") and value:
        return _host_address(value, 4 if path.startswith("ipv4") else 6)
    if path == "dot1x.ckn":
        return value.lower()
    return value


def proxy_parts(url: str) -> SplitResult:
    """The parts of the URL of a proxy.

    :raises ValueError: it is none.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not is_host(parts.hostname or "") or parts.path not in ("", "/"):
        raise ValueError("it is not the URL of a proxy")
    if parts.query or parts.fragment or parts.port == 0:  # port raises ValueError by itself
        raise ValueError("it is not the URL of a proxy")
    return parts


def _login(url: str) -> tuple[str, str, str]:
    """The URL of a proxy, right or wrong, as its scheme with all that belongs to it, the login, and what follows.

    A scheme can be missing. A password can have characters that should be encoded, so the login ends at the last @.
    """
    scheme = t.cast("re.Match[str]", re.match(r"(?:[a-z][a-z0-9+.-]*://)?", url, re.IGNORECASE))[0]
    login, _at, rest = url[len(scheme) :].rpartition("@")
    return scheme, login, rest


def proxy_shown(url: str) -> str:
    """The URL of a proxy without its password, be it real or obscured."""
    scheme, login, rest = _login(url)
    user, mark, _password = login.partition(":")
    return f"{scheme}{user}@{rest}" if mark else url


def proxy_secrets(url: t.Any) -> list[str]:
    """The password in the URL of a proxy, as it is there and decoded."""
    password = _login(url)[1].partition(":")[2] if isinstance(url, str) else ""
    return [password, unquote(password)] if password else []


def hides_secret(url: str) -> bool:
    """Whether the URL of a proxy, as a device shows it, lacks a secret that is there."""
    return bool({":", "*"} & set(_login(url)[1]))


def same_proxy(now: str, wanted: str) -> bool:
    """Whether two URLs are of the same proxy, as far as can be seen: devices obscure what is secret."""
    if not now or not wanted:
        return now == wanted
    try:
        one, other = proxy_parts(now), proxy_parts(wanted)
    except ValueError:
        return now == wanted
    hidden = "*" in (one.username or "")
    return (
        (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
        and (hidden or one.username == other.username)
        and (hidden or bool(one.password) == bool(other.password))
    )


def _address(text: str, version: int) -> Interface:
    """An address with its prefix length."""
    kind = {4: ipaddress.IPv4Interface, 6: ipaddress.IPv6Interface}[version]
    example = {4: "192.0.2.5/24", 6: "2001:db8::5/64"}[version]
    try:
        found: Interface = kind(text if "/" in text or version == 4 else f"{text}/64")
    except ValueError:
        raise ValueError(f"{text!r} is no IPv{version} address with prefix length; write it like {example}") from None
    longest = 31 if version == 4 else 128
    if "/" not in text and version == 4:
        raise ValueError(f"{text!r} has no prefix length; write it like {example}")
    if not 1 <= found.network.prefixlen <= longest:
        raise ValueError(f"{text!r} has a prefix length that is not between 1 and {longest}")
    _usable(found.ip)
    if version == 4 and found.network.prefixlen < 31:
        if found.ip == found.network.network_address:
            raise ValueError(f"{found.ip} is the address of the network {found.network} itself")
        if found.ip == found.network.broadcast_address:
            raise ValueError(f"{found.ip} is the broadcast address of {found.network}")
    return found


def _host_address(text: str, version: int | None = None) -> str:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        found = None
    if found is None or version not in (None, found.version):
        raise ValueError(f"{text!r} is no IP{f'v{version}' if version else ''} address")
    _usable(found)
    return str(found)


def _usable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Refuse what is the address of no single host. (Whether loopback makes sense depends on the connection.)"""
    for what, holds in (
        ("a multicast address", address.is_multicast),
        ("the unspecified address", address.is_unspecified),
        ("a reserved address", address.version == 4 and address.is_reserved),
    ):
        if holds:
            raise ValueError(f"{address} is {what}")


def check(wanted: Document, reading: Reading, host: str, resolved: str) -> Problems:
    """Everything that is wrong with what is wanted on a device.

    :param wanted: in normal spelling, only what the device has. :param host: the device is connected by.
    :param resolved: the same as an address, if it is known of which family that is.
    """
    after = reading.values | wanted
    yield from _check_names(wanted)
    yield from _check_lists(wanted, reading)
    yield from _check_ipv4(wanted, reading, after, host)
    yield from _check_families(wanted, reading, after, host, resolved)
    yield from _check_dhcp(wanted, after)
    yield from _check_proxy(wanted)
    yield from _check_dot1x(wanted, after)


def _check_names(wanted: Document) -> Problems:
    name = wanted.get("hostname.name")
    if name is not None and (not is_host(name) or ":" in name or len(name) > _LONGEST_NAME or is_address(name)):
        yield f"hostname.name: {name!r} is no host name of at most {_LONGEST_NAME} characters", "Correct it"
    domains = [("dns.search_domains", domain) for domain in wanted.get("dns.search_domains", ())]
    if wanted.get("dns.domain"):
        domains.append(("dns.domain", wanted["dns.domain"]))
    for path, domain in domains:
        if not is_host(domain) or is_address(domain):
            yield f"{path}: {domain!r} is no domain name", "Correct it"


def _check_lists(wanted: Document, reading: Reading) -> Problems:
    for path, value in wanted.items():
        if not isinstance(value, list):
            continue
        items = [text.partition("/")[0] if path in _ADDRESSES else text.casefold() for text in value]
        if len(set(items)) < len(items):
            yield f"{path}: something is there twice", "Give each once"
        limit = reading.limits.get(path)
        if limit is not None and len(value) > limit:
            yield f"{path}: {len(value)} are given, the device holds {limit}", "Shorten the list"


def _check_ipv4(wanted: Document, reading: Reading, after: Document, host: str) -> Problems:
    addresses = [ipaddress.IPv4Interface(text) for text in after.get("ipv4.addresses", ())]
    if not _is_loopback(host):
        for path in ("ipv4.addresses", "ipv6.addresses"):
            for text in wanted.get(path, ()):
                if ipaddress.ip_interface(text).ip.is_loopback:
                    yield f"{path}: {text} is a loopback address", "Give an address of the device's network"
    if after.get("ipv4.source") == "static" and not addresses and _touches(wanted, "source", "addresses"):
        yield "ipv4.source is static, but there are no addresses", "Give ipv4.addresses"
    gateway = after.get("ipv4.gateway")
    chosen = _touches(wanted, "gateway", "addresses")
    if gateway and addresses and (chosen or (after.get("ipv4.source") == "static" and _touches(wanted, "source"))):
        yield from _check_gateway(gateway, "ipv4.gateway" in wanted, addresses, reading, after)


def _check_gateway(
    gateway: str, given: bool, addresses: list[ipaddress.IPv4Interface], reading: Reading, after: Document
) -> Problems:
    found = ipaddress.IPv4Address(gateway)
    nets = [entry.network for entry in addresses]
    if after.get("ipv4.source") == "dhcp":
        # It is used with an address from DHCP, too, where DHCP gives no router.
        nets += [live.address.network for live in reading.live if isinstance(live.address, ipaddress.IPv4Interface)]
    stored = "" if given else ", which the device has now,"
    if found in (entry.ip for entry in addresses):
        yield f"ipv4.gateway: {gateway}{stored} is an address of the device itself", "Give that of the router"
    elif not any(found in net for net in nets):
        yield (
            f"ipv4.gateway: {gateway}{stored} is outside of {', '.join(map(str, dict.fromkeys(nets)))}",
            "Give a gateway in the subnet of an address",
        )
    elif any(net.prefixlen < 31 and found in (net.network_address, net.broadcast_address) for net in nets):
        yield f"ipv4.gateway: {gateway}{stored} is the address of no host", "Give that of the router"


def _touches(wanted: Document, *options: str) -> bool:
    return any(f"ipv4.{option}" in wanted for option in options)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def _check_families(wanted: Document, reading: Reading, after: Document, host: str, resolved: str) -> Problems:
    """Refuse what would leave the device, or our way to it, without an address."""
    off = [family for family in ("ipv4", "ipv6") if wanted.get(f"{family}.enabled") is False]
    going = [family for family in off if reading.values.get(f"{family}.enabled") is not False]
    for family in off:
        other = "ipv6" if family == "ipv4" else "ipv4"
        if not after.get(f"{other}.enabled"):
            yield (
                f"{family}.enabled is false, and {other} is off, too: the device would have no address",
                f"Keep {family}, or turn {other} on",
            )
    ours = ipaddress.ip_address(resolved) if is_address(resolved) else None
    for family in going:
        if ours is None or family == f"ipv{ours.version}":
            yield (
                f"{family}.enabled: the connection to the device may use {family} (host {host})",
                "Connect by an address of the other family to turn it off",
            )
    moved = {"ipv6.accept_ra", "ipv6.dhcpv6", "ipv6.addresses"}
    changed = [path for path in moved & wanted.keys() if wanted[path] != reading.values.get(path)]
    kept = {ipaddress.ip_interface(text).ip for text in after.get("ipv6.addresses", ())}
    if ours is None:
        if changed and reading.values.get("ipv6.enabled") is not False:
            yield (
                f"{', '.join(sorted(changed))}: the connection to the device may use ipv6 (host {host}), and lose it",
                "Connect by an address",
            )
        return
    if ours.version == 6 and not ours.is_link_local and changed and ours not in kept:
        yield (
            f"{', '.join(sorted(changed))}: the connection to the device uses {ours}, which it may lose",
            "Put it into ipv6.addresses, or connect by IPv4",
        )
    if ours.version == 4 and ours.is_link_local and wanted.get("ipv4.link_local", "on") != "on":
        if reading.values.get("ipv4.link_local") != wanted["ipv4.link_local"]:
            yield (
                f"ipv4.link_local: the connection to the device uses its link-local address {ours}",
                "Connect by another address to change it",
            )


def consistent(values: Document) -> Document:
    """Settings of a device that can be declared as they are: without what is not in force, and would be refused."""
    mode, source = values.get("dot1x.mode"), values.get("ipv4.source")
    off = [block for block in ("dot1x", "ipv6") if values.get(f"{block}.enabled") is False]
    unused = {path for path, only in _OF_MODE.items() if mode != only}
    unused |= {path for path in values for block in off if path.startswith(f"{block}.") and path != f"{block}.enabled"}
    if source == "static":
        unused |= {path for path in ("hostname.source", "dns.source") if values.get(path) == "dhcp"}
    else:
        unused |= {"ipv4.addresses", "ipv4.gateway"}
    unused |= {path for path in ("ipv4.gateway", "hostname.name") if not values.get(path)}
    return {path: value for path, value in values.items() if path not in unused}


def _check_dhcp(wanted: Document, after: Document) -> Problems:
    for block in ("hostname", "dns"):
        if wanted.get(f"{block}.source") == "dhcp" and after.get("ipv4.source") == "static":
            yield f"{block}.source is dhcp, but ipv4.source is static", "Give one of them another source"


def _check_proxy(wanted: Document) -> Problems:
    for path in ("global_proxy.http", "global_proxy.https"):
        if wanted.get(path):
            try:
                if "://" not in wanted[path]:
                    raise ValueError("devices want a scheme")
                proxy_parts(wanted[path])
            except ValueError:
                # The URL is not shown, since it can hold a password.
                yield f"{path} is not the URL of a proxy", "Write it like http://proxy.example.net:3128"
    for entry in wanted.get("global_proxy.no_proxy", ()):
        if "*" in entry:
            yield f"global_proxy.no_proxy: {entry!r} has a wildcard", "Write .example.net for all hosts of a domain"
        elif re.search(r"[,\s]", entry) or not entry:
            yield f"global_proxy.no_proxy: {entry!r} is no host, domain or network", "Give each as an entry of its own"


def check_mode(wanted: Document, after: Document) -> Problems:
    """What is wanted of another 802.1X mode than will be in force. What the device has depends on the mode."""
    mode = after.get("dot1x.mode")
    for path, only in _OF_MODE.items():
        if path in wanted and mode is not None and mode != only:
            yield f"{path} belongs to 802.1X mode {only}, but the mode is {mode}", "Leave it out, or set dot1x.mode"


def _check_dot1x(wanted: Document, after: Document) -> Problems:
    yield from check_mode(wanted, after)
    mode = after.get("dot1x.mode")
    identity = wanted.get("dot1x.identity", "")
    if len(identity) > _LONGEST_IDENTITY or not identity.isprintable():
        yield (
            f"dot1x.identity: {identity!r} is not a text of at most {_LONGEST_IDENTITY} printable characters",
            "Correct it",
        )
    cak, ckn = wanted.get("dot1x.cak"), wanted.get("dot1x.ckn")
    if cak is not None and not (_HEX.fullmatch(cak.lower()) and len(cak) in (32, 64)):
        yield "dot1x.cak is not 32 or 64 hexadecimal digits", "Correct it"
    if ckn is not None and not (_HEX.fullmatch(ckn) and len(ckn) <= 64):
        yield f"dot1x.ckn: {ckn!r} is not 2 to 64 hexadecimal digits, of even number", "Correct it"
    if not after.get("dot1x.enabled") or not any(path.startswith("dot1x.") for path in wanted):
        return
    needs = {
        "eap_tls": ("client_certificate",),
        "peap_mschapv2": ("identity", "password"),
        "macsec_psk": ("cak", "ckn"),
    }
    lacking = [
        f"dot1x.{option}"
        for option in needs.get(mode or "", ())
        if f"dot1x.{option}" in after and not after[f"dot1x.{option}"]
    ]
    if lacking:
        yield f"802.1X is enabled in mode {mode} without {' and '.join(lacking)}", "Give it"


def check_vlans(wanted: t.Mapping[int, bool], reading: Reading) -> Problems:
    """What is wrong with the VLANs that are wanted, by id, present or not."""
    there = reading.vlans or {}
    for number, present in wanted.items():
        if number not in _VLAN_IDS:
            yield f"vlans: {number} is not between 1 and {_VLAN_IDS[-1]}", "Correct the id"
        name = there.get(number)
        if name is not None and not present and (name in reading.active or name == reading.interface):
            yield f"vlans: {name} is in use and cannot be removed", "Let the device use another interface first"
    after = {*there, *(number for number, present in wanted.items() if present)} - {
        number for number, present in wanted.items() if not present
    }
    limit = reading.limits.get("vlans")
    if limit is not None and len(after) > limit and not after <= there.keys():
        yield f"vlans: there would be {len(after)}, the device holds {limit}", "Remove some, or declare fewer"
