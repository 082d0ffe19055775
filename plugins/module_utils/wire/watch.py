# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Seeing a web server go down, which answers for a moment before it restarts: a connection to it breaks then."""

from __future__ import annotations

import http.client
import time
import typing as t

from . import tls
from .address import Address


class Watch:
    """An idle connection to a device, made without a login. Through a proxy there is none, and nothing is seen.

    :param path: something small that the device has. :param timeout: seconds for the connection.
    """

    def __init__(self, address: Address, path: str, timeout: float) -> None:
        self._connection: http.client.HTTPConnection | None = None
        if address.proxy:
            return
        if address.scheme == "https":
            # Nothing secret is sent.
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                address.host, address.port, timeout=timeout, context=tls.NO_TRUST
            )
        else:
            connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)
        try:
            connection.request("GET", path)
            with connection.getresponse() as answer:  # an answer that breaks off keeps the socket open
                answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
        else:
            self._connection = connection

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def breaks(self, seconds: float) -> bool:
        """Wait until the connection breaks, but not longer than that; whether it did."""
        sock: t.Any = None if self._connection is None else self._connection.sock
        if sock is None:
            return False
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                if not sock.recv(1):
                    return True
            except TimeoutError:
                return False
            except OSError:
                return True
        return False
