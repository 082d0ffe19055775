# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import os
import pathlib
import typing as t

from ansible import constants as C

from .action import VapixAction
from .claims import claim


class NetworkAction(VapixAction):
    def conflict(self, args: t.Mapping[str, t.Any], host: str) -> str | None:
        """A static address that another host of the run declares, too."""
        # Behind another machine or proxy there can be another network with the same addresses.
        network = f"{self._task.delegate_to} {args.get('proxy')}"
        things = {f"{network} {address}": address for address in _static_addresses(args)}
        # All workers are children of the process that does the run.
        folder = pathlib.Path(C.DEFAULT_LOCAL_TMP) / f"axis.vapix-addresses-{os.getppid()}"
        taken = claim(folder, host, things)
        if taken is None:
            return None
        return (
            f"the address {things[taken[0]]} is declared for {taken[1]}, too. "
            "Nothing was sent; give each device an address of its own."
        )


def _static_addresses(args: t.Mapping[str, t.Any]) -> list[str]:
    """The addresses that a task gives a device for sure; what is no address is refused elsewhere."""
    declared: list[t.Any] = []
    for family in ("ipv4", "ipv6"):
        block = args.get(family)
        # IPv4 addresses beside DHCP are a fallback, and can be the same everywhere.
        if isinstance(block, dict) and (family == "ipv6" or block.get("source") == "static"):
            listed = block.get("addresses") or []
            declared += listed if isinstance(listed, list) else str(listed).split(",")
    found = []
    for text in declared:
        try:
            found.append(str(ipaddress.ip_interface(str(text)).ip))
        except ValueError:
            continue
    return found
