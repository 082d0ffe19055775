# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How requests reaches a device: our own TLS context, and a deadline that binds.

The timeouts of requests start anew with each byte that arrives, so that a device which sends one now and then would
hold us for ever. Here every read from the socket gets what is left until the deadline.
"""

from __future__ import annotations

import io
import time
import traceback
import typing as t

try:
    from requests.adapters import HTTPAdapter
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    HTTPAdapter = object  # type: ignore[misc, assignment]
else:
    REQUESTS_IMPORT_ERROR = None


class Deadline:
    """When the request under way has to be done, by the monotonic clock."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def start(self, seconds: float) -> None:
        """Begin anew."""
        self._at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, negative when it is over."""
        return self._at - time.monotonic()


class Transport(HTTPAdapter):
    """The adapter of requests, with one connection to one device.

    :param context: the TLS context; without it requests would load its own CA bundle for each connection.
    :param fingerprint: SHA-256 fingerprint that the certificate must have, instead of a chain of trust.
    :param certificate_name: what the certificate has to be for, where that is not the host.
    """

    def __init__(
        self,
        deadline: Deadline,
        context: t.Any = None,
        fingerprint: str | None = None,
        certificate_name: str | None = None,
    ) -> None:
        self._deadline = deadline
        attributes = {
            "ssl_context": context,
            "assert_fingerprint": fingerprint,
            "server_hostname": certificate_name,
        }
        self._tls = {key: value for key, value in attributes.items() if value}
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = _bounded_pools(pools, self._deadline)

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _bounded_pools(manager.pool_classes_by_scheme, self._deadline)
        return manager

    def build_connection_pool_key_attributes(self, request: t.Any, verify: t.Any, cert: t.Any = None) -> t.Any:
        host, _tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if "%" in host["host"]:
            host["host"] = f"[{host['host']}]"  # so that urllib3 takes it for a link-local address with its zone
        return host, dict(self._tls) if host["scheme"] == "https" else {}

    def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
        """Verification is in the context already."""


class _BoundedReader(io.RawIOBase):
    """Reads from a socket, never longer than until the deadline."""

    def __init__(self, sock: t.Any, deadline: Deadline) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return t.cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


def _bounded_pools(pools: t.Mapping[str, t.Any], deadline: Deadline) -> dict[str, t.Any]:
    """The same connection pools of urllib3, but with connections that read through :class:`_BoundedReader`."""

    def bounded(connection: t.Any) -> t.Any:
        class BoundedResponse(connection.response_class):  # type: ignore[misc]
            fp: t.Any

            def __init__(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
                super().__init__(sock, *args, **kwargs)
                self.fp.close()
                self.fp = io.BufferedReader(_BoundedReader(sock, deadline))

        class BoundedConnection(connection):  # type: ignore[misc]
            response_class = BoundedResponse

        return BoundedConnection

    return {
        scheme: type(f"Bounded{pool.__name__}", (pool,), {"ConnectionCls": bounded(pool.ConnectionCls)})
        for scheme, pool in pools.items()
    }
