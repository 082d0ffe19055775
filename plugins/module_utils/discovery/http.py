# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Small HTTP requests without a login to hundreds of addresses at a time.

Not the session of ``wire``: a sweep has a few hundred connections open at once, most of which only time out. One event
loop does that on one core without a thread for each of them; a thread and a requests session for each cost ten times
the processor time, and a few web servers that never answer would hold all threads. Everything else, and
everything with a login, goes through the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import re
import ssl
import typing as t

from ..wire import tls
from ..wire.session import Answer
from .sighting import Endpoint

#: Largest answer that is read, in bytes: head and body. Those that are asked for are below 4 KiB.
MAX_ANSWER = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)", re.IGNORECASE)
_BROKEN = (OSError, ssl.SSLError, EOFError, asyncio.LimitOverrunError, ValueError)


class Connection(t.NamedTuple):
    """An open TCP connection, TLS or not."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def close(self) -> None:
        # Not close(): that waits for the farewell of TLS, which a stranger may never send.
        self.writer.transport.abort()


async def connect(address: str, port: int, seconds: float) -> Connection | None:
    """A TCP connection, or None when there is none in time."""
    try:
        async with asyncio.timeout(seconds):
            return Connection(*await asyncio.open_connection(address, port, limit=MAX_ANSWER))
    except (*_BROKEN, TimeoutError):
        return None


async def ask(
    connection: Connection, address: str, endpoint: Endpoint, method: str, target: str, body: bytes, seconds: float
) -> Answer | None:
    """Send one request and read its answer; None when there is none in time, or it is no HTTP. Closes the connection.

    No certificate is verified, since nothing secret is sent and nothing that comes back is believed for good.
    """
    data = bytearray()
    try:
        # What has come before the time is up can be a whole answer: some servers neither say its length nor hang up.
        with contextlib.suppress(*_BROKEN, TimeoutError):
            async with asyncio.timeout(seconds):
                if endpoint.scheme == "https":
                    await connection.writer.start_tls(tls.NO_TRUST, server_hostname=address.partition("%")[0])
                connection.writer.write(_request(address, endpoint, method, target, body))
                while len(data) < MAX_ANSWER and not _complete(data):
                    chunk = await connection.reader.read(MAX_ANSWER - len(data))
                    if not chunk:
                        break
                    data += chunk
    finally:
        connection.close()
    return parse(bytes(data))


def _request(address: str, endpoint: Endpoint, method: str, target: str, body: bytes) -> bytes:
    host = f"[{address.partition('%')[0]}]" if ":" in address else address
    head = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host}:{endpoint.port}",
        "User-Agent: ansible-axis.vapix",
        "Accept: */*",
        "Connection: close",
    ]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode("ascii") + body


def _complete(data: bytearray) -> bool:
    """Whether an answer ends here, as far as its head and its last bytes tell."""
    head, _blank_line, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return len(body) >= int(length[1]) if length else body.endswith(b"\r\n0\r\n\r\n")


class _Bytes:
    """What http.client takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def parse(data: bytes) -> Answer | None:
    """An HTTP answer that was read to its end; None when it is none, or not complete."""
    response = http.client.HTTPResponse(t.cast("t.Any", _Bytes(data)))
    try:
        response.begin()
        body = response.read()
        headers = {name: ", ".join(response.headers.get_all(name, [])) for name in set(response.headers)}
    except Exception:  # whatever strangers bring about: email, which reads the head, raises a TypeError for some
        return None
    # Answer.headers are looked up by the name as the RFCs write it.
    return Answer(response.status, {name.title(): value for name, value in headers.items()}, body)
