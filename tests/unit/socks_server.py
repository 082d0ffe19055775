# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS 5 proxy for tests (RFC 1928, CONNECT without authentication, names and IPv4)."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t


class SocksServer:
    """Listens on loopback while it is entered; ``port`` is its port, ``asked`` what it was asked to connect to."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[tuple[str, int]] = []

    def __enter__(self) -> SocksServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            stream = client.makefile("rb", buffering=0)
            _version, methods = stream.read(2)
            stream.read(methods)
            client.sendall(b"\x05\x00")
            _version, _command, _reserved, kind = stream.read(4)
            host = socket.inet_ntoa(stream.read(4)) if kind == 1 else stream.read(stream.read(1)[0]).decode("ascii")
            port = int.from_bytes(stream.read(2), "big")
            self.asked.append((host, port))
            try:
                device = socket.create_connection((host, port), timeout=5)
            except OSError:
                client.sendall(b"\x05\x05\x00\x01" + bytes(6))  # connection refused
                return
            device.settimeout(None)
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            with device:
                other = threading.Thread(target=_pump, args=(client, device), daemon=True)
                other.start()
                _pump(device, client)


def _pump(source: t.Any, sink: t.Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
