# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""TLS towards a device: which certificates are believed.

Loading the system's CA bundle costs about 30 ms, so the two contexts that need no file of the user's are made once, at
import (in the worker model that is once for all hosts, before the fork).
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl

from .errors import InvalidOption

_SHA256_HEX = re.compile(r"[0-9a-f]{64}")


def unverified() -> ssl.SSLContext:
    """A context that accepts any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


SYSTEM_TRUST = ssl.create_default_context()
NO_TRUST = unverified()


def context_for(validate_certs: bool, ca_path: str | None, fingerprint: str | None) -> ssl.SSLContext:
    """The TLS context for a device.

    A pinned fingerprint replaces the chain of trust: the certificate itself is known, who signed it does not matter.

    :raises InvalidOption: C(ca_path) cannot be read or holds no certificate.
    """
    if fingerprint is not None or not validate_certs:
        return NO_TRUST
    if ca_path is None:
        return SYSTEM_TRUST
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=ca_path)
    except (OSError, ssl.SSLError) as exc:
        raise InvalidOption(
            f"no CA certificate could be read from ca_path {ca_path!r} ({exc.strerror or exc})",
            remedy="Give the path of a PEM file with the certificates of the authorities that signed the devices' own",
        ) from exc
    return context


def normalize_fingerprint(text: str) -> str:
    """SHA-256 fingerprint as 64 lower-case hexadecimal digits; colons, blanks and a ``sha256:`` prefix may be there.

    :raises InvalidOption: it is something else.
    """
    digits = re.sub(r"^sha-?256[:=]", "", text.strip().lower())
    digits = re.sub(r"[:\s]", "", digits)
    if not _SHA256_HEX.fullmatch(digits):
        raise InvalidOption(
            f"the certificate fingerprint {text!r} is not a SHA-256 fingerprint",
            remedy="Give 64 hexadecimal digits, as 'openssl x509 -noout -fingerprint -sha256' prints them",
        )
    return digits


def presented_certificate(host: str, port: int, timeout: float) -> bytes | None:
    """The certificate (DER) a device shows now, whoever signed it; None when it shows none.

    :param timeout: seconds.
    """
    try:
        with socket.create_connection((host, port), timeout=timeout) as plain:
            with NO_TRUST.wrap_socket(plain, server_hostname=host) as wrapped:
                return wrapped.getpeercert(binary_form=True)
    except (OSError, ValueError):
        return None


def presented_fingerprint(host: str, port: int, timeout: float) -> str | None:
    """SHA-256 fingerprint of the certificate a device shows now; None when it shows none."""
    certificate = presented_certificate(host, port, timeout)
    return hashlib.sha256(certificate).hexdigest() if certificate else None
