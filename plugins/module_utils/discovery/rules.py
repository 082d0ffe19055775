# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which of the devices found belong to the inventory.

A rule names properties, each with one value or several; it holds for a device when all its properties fit. A device
belongs to the inventory when one rule of ``include`` holds (or there is none) and no rule of ``exclude``.
"""

from __future__ import annotations

import fnmatch
import typing as t

from ..wire.errors import InvalidOption
from . import addresses
from .addresses import Range, preference
from .merge import Found
from .sighting import SOURCES, serial_in

_PATTERNS: dict[str, t.Callable[[Found], str | None]] = {
    "serial": lambda device: device.serial,
    "model": lambda device: device.model,
    "name": lambda device: device.name,
    "product_type": lambda device: device.product_type,
    "axis_os": lambda device: device.axis_os,
}
# What only a login may tell.
_TOLD = ("model", "product_type", "axis_os")
PROPERTIES = (*_PATTERNS, "address", "source", "needs_setup")


class Rule:
    """One rule. :raises InvalidOption: it makes no sense."""

    def __init__(self, option: str, rule: t.Any) -> None:
        self._excludes = option == "exclude"
        self._patterns: dict[str, list[str]] = {}
        self._ranges: list[Range] | None = None
        self._sources: list[str] | None = None
        self._needs_setup: bool | None = None
        if not isinstance(rule, t.Mapping) or not rule:
            raise InvalidOption(
                f"{option}: {rule!r} is no rule", remedy="Write each rule as a mapping, for example {model: 'P32*'}"
            )
        for name, value in rule.items():
            if name not in PROPERTIES:
                raise InvalidOption(
                    f"{option}: a rule cannot be about {name!r}", remedy=f"It can be about {', '.join(PROPERTIES)}"
                )
            self._take(option, name, value)

    def _take(self, option: str, name: str, value: t.Any) -> None:
        if name == "needs_setup":
            if not isinstance(value, bool):
                raise InvalidOption(f"{option}: needs_setup is {value!r}", remedy="It is true or false")
            self._needs_setup = value
            return
        values = [str(item) for item in (value if isinstance(value, (list, tuple)) else [value])]
        if name == "address":
            self._ranges = [Range.parse(item) for item in values]
        elif name == "source":
            unknown = [item for item in values if item not in SOURCES]
            if unknown:
                raise InvalidOption(
                    f"{option}: there is no source {unknown[0]!r}", remedy=f"There are {', '.join(SOURCES)}"
                )
            self._sources = values
        else:
            wanted = [serial_in(item) or item for item in values] if name == "serial" else values
            self._patterns[name] = [item.casefold() for item in wanted]

    @property
    def only_addresses(self) -> list[Range]:
        """The addresses for which the rule holds whatever is there."""
        others = self._patterns or self._sources is not None or self._needs_setup is not None
        return [] if others else self._ranges or []

    def holds(self, device: Found, before_login: bool = False) -> bool:
        """Whether the rule holds. :param before_login: what a login may yet tell counts as if it did fit."""
        for name, patterns in self._patterns.items():
            known = _PATTERNS[name](device)
            if before_login and known is None and name in _TOLD:
                continue
            text = (known or "").casefold()
            if not any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns):
                return False
        if self._ranges is not None and not any(_within(address, self._ranges) for address in self._places(device)):
            return False
        if self._sources is not None and not set(self._sources) & set(device.sources):
            return False
        return self._needs_setup is None or self._needs_setup == device.needs_setup

    def _places(self, device: Found) -> list[str]:
        """The addresses that count: the one in use, since a device can say anything of others.

        To exclude, also the best one that it has: that was not asked, so another one may be in use.
        """
        return [device.addresses[0], min(device.addresses, key=preference)][: 1 + self._excludes]


def _within(address: str, ranges: t.Iterable[Range]) -> bool:
    number = addresses.parse(address)
    return number is not None and any(item.holds(number) for item in ranges)


class Rules:
    """All rules of an inventory. :raises InvalidOption: one makes no sense."""

    def __init__(self, include: t.Iterable[t.Any], exclude: t.Iterable[t.Any]) -> None:
        self._include = [Rule("include", rule) for rule in include]
        self._exclude = [Rule("exclude", rule) for rule in exclude]
        self._never = [item for rule in self._exclude for item in rule.only_addresses]

    @property
    def unasked(self) -> list[str]:
        """The addresses that are never asked, as the user wrote them."""
        return [item.text for item in self._never]

    def never(self, address: str) -> bool:
        """Whether an address is excluded whatever is there, so that nothing is sent to it."""
        return bool(self._never) and _within(address, self._never)

    def belongs(self, device: Found, before_login: bool = False) -> bool:
        """Whether a device belongs to the inventory. :param before_login: whether it may, once a login told more."""
        if self._include and not any(rule.holds(device, before_login) for rule in self._include):
            return False
        return not any(rule.holds(device) for rule in self._exclude)
