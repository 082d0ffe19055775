# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names and addresses of servers, as options take them."""

from __future__ import annotations

import ipaddress
import re

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


def is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address, without a prefix length."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_host(text: str) -> bool:
    """Whether it can be a host: an IPv4 or IPv6 address, or a host name (RFC 1123, section 2.1)."""
    if is_address(text):
        return True
    labels = text.removesuffix(".").split(".")
    # A name whose last label is a number is a mistyped address.
    return len(text) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
