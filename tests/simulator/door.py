# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening socket of a device, which a reboot really closes.

While it is shut the port stays bound, but nobody listens: clients are refused, and no other process gets the port.
"""
from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from aiohttp import web

_BACKLOG = 128


class Door:
    """One address and port; plain HTTP, or HTTPS when there is a context."""

    def __init__(
        self,
        front: web.Server,
        address: str,
        port: int,
        context: ssl.SSLContext | None,
        secure: Callable[[socket.socket, Door], None],
    ) -> None:
        self.front, self.address, self.context = front, address, context
        self._secure = secure
        self._socket = _bound(address, port)
        self.port: int = self._socket.getsockname()[1]
        self._listener: asyncio.AbstractServer | None = None
        self._acceptor: asyncio.Task | None = None
        # Counts the times it was shut: what came in before has no business after.
        self.shuts = 0

    @property
    def is_open(self) -> bool:
        """Whether the device can be reached."""
        return self._listener is not None or self._acceptor is not None

    async def open(self) -> None:
        """Listen."""
        if self.is_open:
            return
        if self.context is None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(self.front, sock=self._socket, backlog=_BACKLOG)
        else:
            self._socket.listen(_BACKLOG)
            self._acceptor = asyncio.ensure_future(self._accept(self._socket))

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _peer = await loop.sock_accept(sock)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            self._secure(connection, self)

    def close(self) -> None:
        """Stop listening for good."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._acceptor is not None:
            # Before the number of the socket is used again by the next one.
            asyncio.get_running_loop().remove_reader(self._socket)
            self._acceptor.cancel()
            self._acceptor = None
        self._socket.close()

    def shut(self) -> None:
        """Stop listening and drop all connections; :meth:`open` opens again on the same port."""
        self.close()
        self.shuts += 1
        for connection in list(self.front.connections):
            if connection.transport is not None:
                connection.transport.abort()
        self._socket = _bound(self.address, self.port)


def _bound(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.setblocking(False)
    return sock
