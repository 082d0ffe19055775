# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening sockets of a device, which a reboot really closes.

While a door is shut its port stays bound, but nobody listens: clients are refused, and no other process gets the port.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from network import first_ipv4

if TYPE_CHECKING:
    from tls import Chain

_BACKLOG = 128
# How long to wait when the process has no descriptor left for a client.
_PAUSE_SECONDS = 0.05


class Door:
    """One port of a device's address, or addresses; plain HTTP, or HTTPS when there is a certificate chain."""

    def __init__(
        self,
        front: web.Server,
        addresses: tuple[str, ...],
        port: int,
        chain: Chain | None,
        welcome: Callable[[socket.socket, Door], None],
    ) -> None:
        self.front, self.chain = front, chain
        self._welcome, self._first_chain = welcome, chain
        # The one that can change.
        self.address = first_ipv4(addresses) or addresses[0]
        self._place = addresses.index(self.address)
        self._socket = _bound(self.address, port)
        self.port: int = self._socket.getsockname()[1]
        self._home = self.address, self.port
        self.first_port = self.port
        # Further addresses: only the port moves.
        self._others = {other: _bound(other, self.port) for other in addresses if other != self.address}
        # Holds the first port while the door is elsewhere, so that it can come back.
        self._keeper: socket.socket | None = None
        self.is_open = False
        # A door the device does not want stays shut through reboots.
        self.wanted = True
        # Counts the times all connections were dropped: what came in before has no business after.
        self.drops = 0

    def open(self) -> None:
        """Listen, if the door is wanted."""
        if self.wanted and not self.is_open:
            for sock in self._sockets:
                sock.listen(_BACKLOG)
                asyncio.get_running_loop().add_reader(sock, self._accept, sock)
            self.is_open = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """All of them, in the order they were given."""
        others = tuple(self._others)
        return (*others[: self._place], self.address, *others[self._place :])

    @property
    def _sockets(self) -> list[socket.socket]:
        return [self._socket, *self._others.values()]

    def _accept(self, sock: socket.socket) -> None:
        try:
            connection, _peer = sock.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            # Out of descriptors: the client waits in the backlog.
            loop = asyncio.get_running_loop()
            loop.remove_reader(sock)
            loop.call_later(_PAUSE_SECONDS, self._accept_again, sock)
            return
        self._welcome(connection, self)

    def _accept_again(self, paused: socket.socket) -> None:
        if self.is_open and paused in self._sockets:
            asyncio.get_running_loop().add_reader(paused, self._accept, paused)

    def want(self, wanted: bool) -> None:
        """Open the door, or shut it until it is wanted again, whatever the others do."""
        self.wanted = wanted
        if wanted:
            self.open()
        elif self.is_open:
            self.shut()

    def close(self) -> None:
        """Stop listening for good."""
        self._stop()
        if self._keeper is not None:
            self._keeper.close()

    def _stop(self) -> None:
        for sock in self._sockets:
            if self.is_open:
                # Before the number of the socket is used again by the next one.
                asyncio.get_running_loop().remove_reader(sock)
            sock.close()
        self.is_open = False

    def shut(self) -> None:
        """Stop listening and drop all connections; :meth:`open` opens again at the same place."""
        self._stop()
        self.drop()
        self._socket = _bound(self.address, self.port)
        self._others = {address: _bound(address, self.port) for address in self._others}

    def drop(self) -> None:
        """Break all connections."""
        self.drops += 1
        for connection in list(self.front.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def use(self, chain: Chain, *, drop: bool) -> None:
        """Show another certificate chain to who connects from now on; open connections stay or are dropped."""
        self.chain = chain
        if drop:
            self.drop()

    def move(self, address: str, port: int | None = None) -> None:
        """Shut, and be at another address (and port) when it opens again.

        ``OSError`` when this machine has no such place; the door stays where it was, shut.
        """
        self.shut()
        place = address, self.port if port is None else port
        there = _bound(*place)
        if self._keeper is None:
            self._keeper = self._socket
        else:
            self._socket.close()
        self._socket, self.address, self.port = there, address, there.getsockname()[1]
        for other in self._others.values():
            other.close()
        self._others = {other: _bound(other, self.port) for other in self._others}
        if place == self._home:
            self._keeper.close()
            self._keeper = None

    def reset(self) -> None:
        """As at the start: at the first place, with the first chain, open."""
        self.wanted = True
        if self._keeper is not None:
            self.move(*self._home)
        elif self.chain is not self._first_chain:
            self.drop()
        self.chain = self._first_chain
        self.open()


def _bound(address: str, port: int) -> socket.socket:
    # With the scope of a link-local address: fe80::1%eth0.
    family, kind, _protocol, _name, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(place)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock
