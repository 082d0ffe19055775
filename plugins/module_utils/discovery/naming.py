# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names of hosts and groups, made from what devices say without letting them say anything."""

from __future__ import annotations

import collections
import re
import typing as t

from . import addresses
from .merge import Found

#: Kinds of groups that are made without templates.
GROUPS = ("model", "product_type", "axis_os_track", "setup_state", "subnet")
#: AXIS OS versions with long-term support; others belong to the track of their major version.
_LONG_TERM = frozenset({(6, 50), (8, 40), (9, 80), (10, 12), (11, 11), (12, 11)})

_MAX_NAME = 64
#: Names that mean something else to Ansible.
_TAKEN = frozenset({"localhost", "127.0.0.1", "::1", "all", "ungrouped"})


def host_name(text: t.Any) -> str | None:
    """A text as the name of a host: letters, digits and ``._-`` stay, an IP address stays as it is; None if empty."""
    text = str(text).strip() if text is not None else ""
    if addresses.parse(text) is not None:
        return text
    return "".join(char if char.isalnum() or char in "._-" else "_" for char in text[:_MAX_NAME]).strip("_.-") or None


def assign(
    devices: t.Iterable[Found],
    name: t.Callable[[Found], t.Any],
    taken: t.Collection[str],
    warn: t.Callable[[str], None],
) -> list[tuple[str, Found]]:
    """A name for each device, one that no other has: who has to share one gets its serial number added.

    :param name: what a device shall be called; None for its serial number.
    :param taken: names that no device can have, since they are groups.
    """
    wanted = [(host_name(name(device)) or device.label, device) for device in devices]
    count = collections.Counter(text.casefold() for text, _device in wanted)
    used = {text.casefold() for text in taken} | _TAKEN
    result: dict[str, Found] = {}
    shared: dict[str, list[str]] = collections.defaultdict(list)
    for text, device in wanted:
        own = text
        if count[text.casefold()] > 1 or text.casefold() in used:
            own = f"{text}_{device.label}"
            shared[text].append(own)
        while own in result:  # somebody is called like another one with its serial number
            own += "_"
        result[own] = device
    for text, names in sorted(shared.items()):
        why = "is taken" if len(names) == 1 else f"is that of {len(names)} devices"
        warn(f"the name {text} {why}; they are called by it and their serial number: {', '.join(sorted(names)[:8])}")
    return list(result.items())


def groups(device: Found, wanted: t.Collection[str], prefix_lengths: t.Mapping[int, int]) -> list[str]:
    """The groups of a device. :param wanted: of :data:`GROUPS`. :param prefix_lengths: of subnets, by IP version."""
    found: list[str | None] = []
    for kind in wanted:
        if kind == "model":
            found.append(_group("model", device.model))
        elif kind == "product_type":
            found.append(_group("product_type", device.product_type))
        elif kind == "axis_os_track":
            found.append(track(device.axis_os))
        elif kind == "setup_state":
            found.append({True: "needs_setup", False: "set_up", None: "setup_unknown"}[device.needs_setup])
        elif kind == "subnet":
            found.append(_subnet(device.addresses[0], prefix_lengths))
    return [name for name in found if name]


def track(axis_os: str | None) -> str | None:
    """The group of an AXIS OS version: ``axis_os_11_11`` for one with long-term support, ``axis_os_12`` for others."""
    numbers = re.match(r"(\d{1,3})\.(\d{1,3})(?:\.|$)", axis_os or "", re.ASCII)
    if numbers is None:
        return None
    major, minor = int(numbers[1]), int(numbers[2])
    return f"axis_os_{major}_{minor}" if (major, minor) in _LONG_TERM else f"axis_os_{major}"


def _group(prefix: str, text: str | None) -> str | None:
    safe = re.sub("[^a-z0-9]+", "_", (text or "").lower()).strip("_")[:_MAX_NAME]
    return f"{prefix}_{safe}" if safe else None


def _subnet(address: str, prefix_lengths: t.Mapping[int, int]) -> str | None:
    number = addresses.parse(address)
    if number is None:
        return None
    bits = 32 if number.version == 4 else 128
    length = prefix_lengths[number.version]
    first = type(number)(int(number) >> (bits - length) << (bits - length))
    return f"subnet_{re.sub('[^a-f0-9]+', '_', str(first)).strip('_') or '0'}_{length}"
