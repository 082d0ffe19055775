# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What went wrong below HTTP, in words that say the cause and the remedy."""

from __future__ import annotations

import re

from . import tls
from .address import Address
from .errors import BrokenConnection, ConnectionFailed, NoAnswerInTime, TlsFailed, Untrusted

try:
    import requests
except ImportError:
    pass  # the session says so when it is needed

# What a SOCKS proxy says of the device: no route, no host, refused, too far (RFC 1928, section 6).
_SOCKS_REPLY = re.compile("0x0[3-6]: ")


def explain(exc: Exception, address: Address) -> ConnectionFailed:
    """Translate what went wrong below HTTP into its cause and remedy."""
    cause = f"{exc} {exc.__cause__ or exc.__context__ or ''}"
    kind: type[ConnectionFailed] = ConnectionFailed
    if isinstance(exc, requests.exceptions.InvalidSchema) and "SOCKS" in cause:
        problem = "the SOCKS proxy cannot be used"
        remedy = "Install PySocks where this task runs: python -m pip install PySocks"
    elif isinstance(exc, requests.exceptions.ProxyError) or _socks_failed(cause, address):
        problem, remedy = "the proxy cannot be reached or does not let us through", "Check the option proxy"
    elif isinstance(exc, requests.exceptions.SSLError):
        kind, problem, remedy = _explain_tls(cause, address)
    elif isinstance(exc, requests.exceptions.ConnectTimeout):
        problem = f"no connection within {address.timeout:g} seconds"
        remedy = "Check that the device is on, at this address, and not behind a firewall"
    elif isinstance(exc, requests.exceptions.Timeout) or "timed out" in cause:
        kind, problem = NoAnswerInTime, f"no answer within {address.timeout:g} seconds"
        remedy = "Raise the option timeout if the device is only slow"
    elif re.search(r"NameResolutionError|getaddrinfo|Name or service not known", cause):
        problem, remedy = f"the name {address.host!r} cannot be resolved", "Check the option host (or ansible_host)"
    elif re.search(r"Connection refused|Errno 111", cause):
        problem = f"nothing listens on port {address.port} (connection refused)"
        remedy = "Check port and scheme: devices can be set to HTTPS only or to other ports"
    elif re.search(r"No route to host|Network is unreachable|Host is unreachable", cause):
        problem, remedy = "the network does not lead to this address", "Check the address and the route to it"
    else:
        kind = BrokenConnection
        problem = "the connection was closed without a complete answer"
        remedy = (
            "If the port is for HTTPS, set scheme: https"
            if address.scheme == "http"
            else "Try again; if it stays so, check the device's log"
        )
    return kind(problem, remedy=remedy, device=str(address))


def _socks_failed(cause: str, address: Address) -> bool:
    """Whether it is the SOCKS proxy that fails, and not the device behind it, of which the proxy tells."""
    socks = (address.proxy or "").lower().startswith("socks")
    return socks and "Failed to establish a new connection" in cause and not _SOCKS_REPLY.search(cause)


def _explain_tls(cause: str, address: Address) -> tuple[type[TlsFailed], str, str]:
    if re.search(r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|HTTP_REQUEST|RECORD_LAYER_FAILURE|PACKET_LENGTH", cause):
        return TlsFailed, "this port does not speak TLS", "If plain HTTP is what you want there, set scheme: http"
    if re.search("CERTIFICATE_VERIFY_FAILED|[Ff]ingerprint|doesn't match", cause):
        reason = re.search(r"certificate verify failed: ([^(]+?)\s*\(", cause)
        shown = tls.presented_fingerprint(address.host, address.port, address.timeout) if not address.proxy else None
        identity = f" Its SHA-256 fingerprint is {shown}." if shown else ""
        if address.fingerprint:
            return (
                Untrusted,
                "the device's certificate is not the pinned one",
                f"Find out why before you change the option fingerprint.{identity}",
            )
        return (
            Untrusted,
            f"the device's certificate is not trusted ({reason[1] if reason else 'verification failed'})",
            "Set ca_path to the CA that signed it, or pin it with the option fingerprint after comparing it with "
            f"the device's own.{identity}",
        )
    remedy = "Old devices may lack the TLS versions this host allows"
    # Only the reason: the text of the library holds the URL, and with it what was sent.
    reason = re.search(r"\[SSL: (?P<reason>[A-Z0-9_]+)\]|(?P<end>EOF occurred in violation of protocol)", cause)
    told = (reason["reason"] or reason["end"]).replace("_", " ").lower() if reason else "no reason is given"
    return TlsFailed, f"the TLS handshake failed ({told})", remedy
