# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Asking a multicast group on some interfaces, and hearing who answers.

The interface is chosen by its number, so that it needs no address to be named by.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
import typing as t

from .sighting import Problem

#: Largest packet that is looked at, in bytes. Answers of devices are below 4 KiB.
MAX_PACKET = 8 * 1024
#: Packets that one source looks at.
MAX_PACKETS = 20_000
#: Routers that a question may pass.
_HOPS = 4

_NOT_ALLOWED = (errno.EPERM, errno.EACCES)


class Malformed(ValueError):
    """A packet or document that is not what it should be."""


class Ignored:
    """Tells of the first thing that is ignored: strangers can send any number of them."""

    def __init__(self, warn: t.Callable[[str], None]) -> None:
        self._warn = warn
        self._told = False

    def __call__(self, what: str, why: object) -> None:
        if not self._told:
            self._told = True
            self._warn(f"{what} is ignored ({why}); of others like it nothing is told")


class Group(t.NamedTuple):
    """A multicast group. :param v4, v6: its addresses."""

    v4: str
    v6: str
    port: int


class Interface(t.NamedTuple):
    """A network interface. :param chosen: the user named it."""

    index: int
    name: str
    chosen: bool


def interfaces(wanted: t.Collection[str]) -> tuple[list[Interface], list[Problem]]:
    """The interfaces of these names, or all but the loopback one; and those that are not there."""
    there = {name: index for index, name in socket.if_nameindex()}
    if not wanted:
        return [Interface(index, name, False) for name, index in there.items() if name not in ("lo", "lo0")], []
    missing = [
        Problem(f"interface {name}", f"there is none of this name here; there are {', '.join(there)}")
        for name in wanted
        if name not in there
    ]
    return [Interface(there[name], name, True) for name in wanted if name in there], missing


def open_sockets(
    group: Group, through: t.Collection[Interface], packet: bytes
) -> tuple[list[socket.socket], list[Problem]]:
    """Sockets on which this packet has been sent to the group, for each interface and IP version that can.

    A problem is an interface that was chosen and cannot, one on which it is forbidden, and when none can.
    """
    opened: list[socket.socket] = []
    problems: list[Problem] = []
    reasons: dict[str, None] = {}
    for interface in through:
        failures: list[OSError] = []
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                opened.append(_open(family, group, interface, packet))
            except OSError as exc:
                failures.append(exc)
        reason = next((exc for exc in failures if exc.errno in _NOT_ALLOWED), None)
        if reason is None and len(failures) == 2:
            reason = failures[0]
            if not interface.chosen:
                reasons[f"{interface.name}: {reason.strerror}"] = None
                continue
        if reason is not None:
            where = f"interface {interface.name}"
            problems.append(Problem(where, f"nothing can be sent to the multicast group ({reason.strerror})"))
    if not opened and not problems:
        because = "; ".join(reasons) or "there is no interface but loopback"
        problems.append(Problem("multicast", f"no interface can send to the group ({because})"))
    return opened, problems


def _open(family: int, group: Group, interface: Interface, packet: bytes) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM | getattr(socket, "SOCK_NONBLOCK", 0))
    try:
        sock.setblocking(False)
        if family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", interface.index))
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOPS)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface.index)
        send(sock, group, packet)
    except OSError:
        sock.close()
        raise
    return sock


def send(sock: socket.socket, group: Group, packet: bytes) -> None:
    """Send a packet to the group."""
    sock.sendto(packet, (group.v4 if sock.family == socket.AF_INET else group.v6, group.port))


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, receive: t.Callable[[bytes, str], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: t.Any) -> None:
        self._receive(data, addr[0])

    def error_received(self, exc: Exception) -> None:
        """Somebody's ICMP; others may still answer."""


async def converse(
    group: Group,
    through: t.Collection[Interface],
    packet: bytes,
    seconds: float,
    receive: t.Callable[[bytes, str], None],
    warn: t.Callable[[str], None],
) -> list[Problem]:
    """Ask, ask again after a third of the time because packets get lost, and hand over each answer with its sender.

    :param receive: raises :class:`Malformed` for what it cannot read, of which one warning tells.
    """
    left, ignored = MAX_PACKETS, Ignored(warn)

    def take(data: bytes, sender: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            return
        try:
            if len(data) > MAX_PACKET:
                raise Malformed("too large")
            receive(data, sender)
        except Malformed as exc:
            ignored(f"what {sender} sends", exc)

    loop = asyncio.get_running_loop()
    sockets, problems = open_sockets(group, through, packet)
    transports = [(await loop.create_datagram_endpoint(lambda: _Listener(take), sock=sock))[0] for sock in sockets]
    try:
        if transports:
            await asyncio.sleep(seconds / 3)
            for sock in sockets:
                try:
                    send(sock, group, packet)
                except OSError:
                    pass  # it could before, and may have been heard
            await asyncio.sleep(seconds * 2 / 3)
    finally:
        for transport in transports:
            transport.abort()
    return problems


def describe(exc: OSError) -> str:
    """Why the system refuses."""
    return exc.strerror or (os.strerror(exc.errno) if exc.errno else str(exc))
