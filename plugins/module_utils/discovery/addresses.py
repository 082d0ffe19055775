# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""IP addresses: ranges to sweep, and which of a device's addresses is the one to use."""

from __future__ import annotations

import dataclasses
import ipaddress
import itertools
import re
import socket
import typing as t

from ..wire.errors import InvalidOption
from ..wire.hosts import is_host

#: Addresses that one inventory sweeps at most, which takes a quarter of an hour with the defaults.
MAX_SWEEP = 2**17

IP: t.TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: t.TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_SPAN = re.compile(r"(?P<first>[0-9A-Fa-f.:]+)\s*-\s*(?P<last>[0-9A-Fa-f.:]+)")
_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,32}")


def parse(text: str) -> IP | None:
    """An IP address, IPv6 with its zone where it has one; None if it is none."""
    try:
        number = ipaddress.ip_address(text)
    except ValueError:
        return None
    # Python takes anything for a zone, even a template.
    zone = getattr(number, "scope_id", None)
    return number if zone is None or _ZONE.fullmatch(zone) else None


@dataclasses.dataclass(frozen=True)
class Range:
    """Addresses from first to last, both included. :param text: as the user wrote it."""

    text: str
    version: int
    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Range:
        """A network (``10.0.0.0/22``: its hosts), a span (``10.0.0.5-10.0.0.9`` or ``10.0.0.5-9``) or one address.

        :raises InvalidOption: it is none of these.
        """
        span = _SPAN.fullmatch(text.strip())
        try:
            if span:
                first = ipaddress.ip_address(span["first"])
                last = span["last"]
                if first.version == 4 and last.isdigit():
                    last = f"{span['first'].rpartition('.')[0]}.{last}"
                end = ipaddress.ip_address(last)
                if end.version == first.version and int(first) <= int(end):
                    return cls(text, first.version, int(first), int(end))
            else:
                network = ipaddress.ip_network(text.strip(), strict=False)
                # Neither the network's own address nor, in IPv4, its broadcast address is a host.
                low = network.num_addresses > 2
                high = low and network.version == 4
                first_int = int(network.network_address)
                return cls(text, network.version, first_int + low, first_int + network.num_addresses - 1 - high)
        except ValueError:
            pass
        raise InvalidOption(
            f"{text!r} is no range of addresses",
            remedy="Write it like 10.20.0.0/22, 10.20.0.5-10.20.0.9, 10.20.0.5-9 or 10.20.0.5",
        )

    @property
    def size(self) -> int:
        """How many addresses."""
        return self.last - self.first + 1

    def holds(self, address: IP) -> bool:
        return address.version == self.version and self.first <= int(address) <= self.last

    def addresses(self) -> t.Iterator[str]:
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        return (str(kind(number)) for number in range(self.first, self.last + 1))


def is_target(text: str) -> bool:
    """Whether a device can be at this address: an IP address (with a zone, for link-local ones) or a host name."""
    address = parse(text)
    if address is None:
        return is_host(text)
    return not (address.is_multicast or address.is_unspecified)


def is_announceable(text: str) -> bool:
    """Whether a device can say that it is at this IP address: not at our own loopback, and not at a group's."""
    address = parse(text)
    return address is not None and is_target(text) and not (address.is_loopback or address.is_reserved)


def with_zone(address: str, interface: int) -> str:
    """A link-local IPv6 address with the name of its interface, without which it leads nowhere."""
    number = parse(address)
    if isinstance(number, ipaddress.IPv6Address) and number.is_link_local and interface:
        try:
            zone = socket.if_indextoname(interface)
        except OSError:
            zone = str(interface)
        return f"{number.compressed.partition('%')[0]}%{zone}"
    return address


def preference(address: str) -> tuple[int, int, int, str]:
    """Sorts the addresses of a device so that the one to use comes first: names, IPv4, IPv6, link-local ones."""
    number = parse(address)
    if number is None:
        return (0, 0, 0, address)  # a name that somebody wrote down
    return (2 if number.is_link_local else 1, number.version, int(number), address)


def canonical(address: str) -> str:
    """The one spelling of an address."""
    number = parse(address)
    return str(number) if number is not None else address.casefold()


def merged(ranges: t.Iterable[Range]) -> list[Range]:
    """The same addresses as ranges that do not overlap."""
    result: list[Range] = []
    for item in sorted(ranges, key=lambda item: (item.version, item.first)):
        if result and result[-1].version == item.version and item.first <= result[-1].last + 1:
            result[-1] = dataclasses.replace(result[-1], last=max(result[-1].last, item.last))
        else:
            result.append(item)
    return result


def all_addresses(ranges: t.Iterable[Range]) -> t.Iterator[str]:
    return itertools.chain.from_iterable(item.addresses() for item in ranges)
