# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""PEM, the text form of certificates and keys (RFC 7468): base64 between lines that say what it is."""

from __future__ import annotations

import base64
import binascii
import re

CERTIFICATE = "CERTIFICATE"
REQUEST = "CERTIFICATE REQUEST"

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s+(.*?)-----END \1-----", re.DOTALL)


def blocks(text: str, label: str) -> list[bytes]:
    """What is in the blocks of one kind, in their order.

    :param label: :data:`CERTIFICATE` or :data:`REQUEST`.
    :raises ValueError: there is none, or one is not base64.
    """
    found = [base64_bytes(body) for kind, body in _BLOCK.findall(text) if kind == label]
    if not found:
        raise ValueError(f"there is no -----BEGIN {label}----- with its end")
    return found


def labels(text: str) -> list[str]:
    """Of what kinds the blocks are, in their order."""
    return [kind for kind, _body in _BLOCK.findall(text)]


def base64_bytes(text: str) -> bytes:
    """What a base64 text stands for, which can be broken into lines.

    :raises ValueError: it is no base64, or is empty.
    """
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ValueError("it is no base64") from exc
    if not data:
        raise ValueError("it is empty")
    return data


def base64_text(data: bytes) -> str:
    """The base64 text on one line."""
    return base64.b64encode(data).decode("ascii")


def block(data: bytes, label: str) -> str:
    """The PEM of something, with lines of 64 characters and a newline at the end."""
    body = base64_text(data)
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))
