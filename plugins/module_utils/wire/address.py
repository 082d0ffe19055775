# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where a device is and how to reach it."""

from __future__ import annotations

import dataclasses
import re

from .errors import InvalidOption
from .hosts import is_host

DEFAULT_PORTS = {"https": 443, "http": 80}
_PROXY = re.compile(r"(?:https?|socks[45][ah]?)://(?:[^@/\s]*@)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?")


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a device is and how to reach it. Passwords are not part of it, so that it can be shown.

    :param certificate_name: the name or address that the certificate has to be for; None for the host itself.
    """

    host: str
    port: int
    scheme: str = "https"
    validate_certs: bool = True
    ca_path: str | None = None
    fingerprint: str | None = None
    certificate_name: str | None = None
    timeout: float = 10.0
    proxy: str | None = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.bracketed_host}:{self.port}"

    @property
    def bracketed_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self}"


def check(address: Address, username: str | None) -> None:
    """Refuse an address or a user name that makes no sense, before anything is sent.

    :raises InvalidOption: see the message.
    """
    if not is_host(address.host):
        raise InvalidOption(
            "the host is neither a name nor an IP address"
            if "@" in address.host
            else f"{address.host!r} is neither a host name nor an IP address",
            remedy="Give host, port, scheme, username and password as options of their own",
        )
    if username is not None and not re.fullmatch(r"[ -~]+", username):
        raise InvalidOption(
            f"the username {username!r} has characters that no account of a device can have",
            remedy="Correct the option username",
            device=str(address),
        )
    if address.proxy and not _PROXY.fullmatch(address.proxy):
        raise InvalidOption(
            "the option proxy is no address of a proxy",
            remedy="Write it like http://proxy.example.net:3128 or socks5h://127.0.0.1:1080",
            device=str(address),
        )
