# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interface holds which address, and sockets that hear a multicast group and speak for many devices.

One socket for each group serves all devices: a socket a device would get every datagram of every other device, which
among 200 of them is 40,000 copies of every round of answers. Control messages (ip(7), ipv6(7)) tell where a datagram
came in and to which address, and choose the address and interface from which one goes out. Linux only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Not in Python's socket module: linux/in.h.
_IP_PKTINFO, _IP_MULTICAST_ALL, _IPV6_MULTICAST_ALL = 8, 49, 29
_GET_ADDRESSES, _DONE, _NEW_ADDRESS = 22, 3, 20
_REQUEST, _DUMP = 1, 0x300
_ADDRESS, _LOCAL = 1, 2
_LONGEST = 65536
# Questions of a controller and all answers to them, when many devices are in one process.
_RECEIVE_BUFFER = 4 * 1024 * 1024


def held_addresses() -> dict[str, int]:
    """The addresses of this network namespace and the index of the interface of each (rtnetlink(7))."""
    found = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as asker:
        asker.send(struct.pack("=IHHIIB3xI", 24, _GET_ADDRESSES, _REQUEST | _DUMP, 1, 0, socket.AF_UNSPEC, 0))
        for kind, body in _netlink_messages(asker):
            if kind == _NEW_ADDRESS:
                family, _prefix, _flags, _scope, interface = struct.unpack_from("=4BI", body)
                attributes = dict(_netlink_attributes(body[8:]))
                # With a peer (point to point) IFA_ADDRESS is the other end.
                raw = attributes.get(_LOCAL) or attributes.get(_ADDRESS)
                if raw is not None and family in (socket.AF_INET, socket.AF_INET6):
                    found[socket.inet_ntop(family, raw)] = interface
    return found


def _netlink_messages(asker: socket.socket) -> Iterator[tuple[int, bytes]]:
    while True:
        data = asker.recv(_LONGEST)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind == _DONE:
                return
            yield kind, data[16:length]
            data = data[length + 3 & ~3 :]


def _netlink_attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind, data[4:length]
        data = data[length + 3 & ~3 :]


def interface_of(address: str, held: dict[str, int]) -> int:
    """The index of the interface that holds the address; ``OSError`` when none does."""
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback:
        # All of 127.0.0.0/8 is there, although only one address is listed.
        return socket.if_nametoindex("lo")
    if str(parsed) not in held:
        raise OSError(f"no interface holds {address}")
    return held[str(parsed)]


@dataclass(frozen=True)
class Datagram:
    """A datagram that came in."""

    data: bytes
    # The sender's address, port and, with IPv6, flow and scope.
    sender: tuple
    # The address it was sent to: the group, or one of ours.
    destination: str
    interface: int

    @property
    def version(self) -> int:
        """Of IP: 4 or 6."""
        return 6 if ":" in self.destination else 4


class Group:
    """A multicast group. ``hops``: the greatest number of hops of what is sent."""

    def __init__(self, address: str, port: int, hops: int, hear: Callable[[Datagram], None]) -> None:
        self.address, self.port = address, port
        self.version = ipaddress.ip_address(address).version
        self._hear, self._interfaces = hear, set[int]()
        family = socket.AF_INET if self.version == 4 else socket.AF_INET6
        self._socket = sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if self.version == 4:
            sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            sock.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, hops)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        sock.bind(("", port))
        asyncio.get_running_loop().add_reader(sock, self._read)

    def join(self, interface: int) -> None:
        """Hear the group on this interface, too."""
        if interface in self._interfaces:
            return
        self._interfaces.add(interface)
        group = socket.inet_pton(self._socket.family, self.address)
        if self.version == 4:
            request = group + struct.pack("=4si", b"", interface)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        else:
            request = group + struct.pack("=i", interface)
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)

    def _read(self) -> None:
        try:
            data, controls, _flags, sender = self._socket.recvmsg(_LONGEST, 256)
        except OSError:
            return
        for _level, kind, value in controls:
            if self.version == 4 and kind == _IP_PKTINFO:
                interface, _ours, raw = struct.unpack("=i4s4s", value[:12])
                self._hear(Datagram(data, sender, socket.inet_ntop(socket.AF_INET, raw), interface))
            elif self.version == 6 and kind == socket.IPV6_PKTINFO:
                raw, interface = struct.unpack("=16si", value[:20])
                self._hear(Datagram(data, sender, socket.inet_ntop(socket.AF_INET6, raw), interface))

    def send(self, data: bytes, source: str, interface: int, to: tuple | None = None) -> None:
        """Send from this address: to somebody, or to the group. What cannot go is lost, as datagrams are."""
        raw = socket.inet_pton(self._socket.family, source)
        if self.version == 4:
            control = socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("=i4s4s", interface, raw, b"")
        else:
            control = socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, struct.pack("=16si", raw, interface)
        try:
            self._socket.sendmsg([data], [control], 0, to or (self.address, self.port))
        except OSError:
            pass

    def close(self) -> None:
        """Leave."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
