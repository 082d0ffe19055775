# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The vocabulary in which a resource is declared: options, changes, and what a resource on a device can do.

A document here is a nested dictionary in the words of the module's options. A path names a place in it, joined with
dots (``nts.servers``).
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ..device.device import Device
from ..wire.errors import InvalidOption, NotSupported

Document = dict[str, t.Any]

#: How bad it is when a change is made.
RISKS = ("none", "restarts_service", "moves_address", "reboots")


_TYPES = frozenset({"bool", "dict", "float", "int", "list", "path", "raw", "str"})


@dataclasses.dataclass(frozen=True)
class Option:
    """One option of a module: its type for Ansible, and what ``null`` stands for.

    :param type: an Ansible type name. :param elements: type of the elements of a list.
    :param options: the options inside a ``dict`` or a list of them.
    :param choices: the values allowed.
    :param default: Ansible's default, for options that steer the module. Options that declare state have none: left out
        means left alone.
    :param null: what an explicit ``null`` stands for, the documented default of the device.
    :param secret: the value is never shown.
    :param ordered: for lists, whether the order means something.
    """

    type: str = "str"
    elements: str | None = None
    options: t.Mapping[str, Option] | None = None
    choices: tuple[str, ...] | None = None
    default: t.Any = None
    required: bool = False
    null: t.Any = None
    secret: bool = False
    ordered: bool = True

    def __post_init__(self) -> None:
        if (self.elements is not None) != (self.type == "list"):
            raise ValueError("elements belongs to type list, and a list needs it")
        if self.options is not None and self.type != "dict" and self.elements != "dict":
            raise ValueError("only a dict, or a list of dicts, has options")
        if self.choices is not None and self.null is not None and self.null not in self.choices:
            raise ValueError(f"null stands for {self.null!r}, which is not among the choices {self.choices}")
        unknown = {self.type, self.elements or self.type} - _TYPES
        if unknown:
            raise ValueError(f"Ansible has no type {sorted(unknown)[0]!r}")
        if self.choices is not None and isinstance(self.default, str) and self.default not in self.choices:
            raise ValueError(f"the default {self.default!r} is not among the choices {self.choices}")
        if self.required and self.default is not None:
            raise ValueError("a required option has no default")

    def argument_spec(self) -> dict[str, t.Any]:
        """The row of an Ansible argument spec for this option."""
        spec: dict[str, t.Any] = {"type": self.type}
        if self.elements:
            spec["elements"] = self.elements
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.options:
            spec["options"] = {name: option.argument_spec() for name, option in self.options.items()}
        if self.default is not None:
            spec["default"] = self.default
        if self.required:
            spec["required"] = True
        # Said either way, since Ansible otherwise takes options by their name for secrets that were forgotten.
        spec["no_log"] = self.secret
        return spec


#: What to do about a setting that a device does not have.
ON_UNSUPPORTED = Option(choices=("fail", "warn"), default="fail")


@dataclasses.dataclass(frozen=True)
class Change:
    """One difference between what is and what is wanted.

    :param path: where, for example ``nts.enabled``.
    :param before: value now; None where there is nothing. :param after: value wanted; None where it is removed.
    :param secret: both values are hidden wherever the change is shown.
    :param risk: one of :data:`RISKS`.
    :param provable: reading back shows whether it took; not so for values a device never tells.
    """

    path: str
    before: t.Any
    after: t.Any
    secret: bool = False
    risk: str = "none"
    provable: bool = True

    def __post_init__(self) -> None:
        if self.risk not in RISKS:
            raise ValueError(f"risk is one of {RISKS}, not {self.risk!r}")


class Target(abc.ABC):
    """A resource on one device, bound to what the user wants there.

    :param api: the API that answers for the resource on this device, for results and errors.
    :param skips: settings that the device does not have are left out with a warning, instead of failing.
    """

    def __init__(self, device: Device, api: str, skips: bool = False) -> None:
        self.device = device
        self.api = api
        self._skips = skips
        self._skipped: set[str] = set()

    def invalid(self, problem: str, remedy: str) -> InvalidOption:
        """The error for what cannot be right on this device."""
        return InvalidOption(problem, remedy=remedy, device=str(self.device), api=self.api)

    def unsupported(self, what: str) -> None:
        """The device cannot do something that is wanted: fail, or warn (once) where the user asked for that.

        :param what: continues "the device's newest API for this (...) cannot ...".
        :raises NotSupported: see above.
        """
        error = NotSupported(
            f"the device's newest API for this ({self.api}) cannot {what}",
            remedy="Leave it out for this device, or update its AXIS OS",
            device=str(self.device),
            api=self.api,
        )
        if not self._skips:
            raise error
        if what not in self._skipped:
            self._skipped.add(what)
            self.device.warn(f"{error}. It is left out.")

    @abc.abstractmethod
    def read(self) -> t.Any:
        """Read the device. What it returns is passed back to :meth:`plan`, nothing else looks into it."""

    @abc.abstractmethod
    def plan(self, reading: t.Any) -> list[Change]:
        """The changes that lead from a reading to what is wanted, none when all is right.

        :raises InvalidOption: the wanted state is not possible on this device.
        :raises NotSupported: this device has no API for it.
        """

    @abc.abstractmethod
    def write(self, changes: t.Sequence[Change]) -> None:
        """Make the changes, in an order that is safe."""

    def outcome(self) -> Document:
        """What the result tells beside the plan, for example where the device is now. Asked for last, and once."""
        return {}


class Declared(abc.ABC):
    """What every module is declared by."""

    #: Name of the module.
    name: str
    #: Options by name.
    options: t.Mapping[str, Option]
    #: Names of options that exclude each other, and the like, as AnsibleModule takes them.
    constraints: t.Mapping[str, t.Any] = {}

    def secrets(self, wanted: Document) -> list[str]:
        """Values in the options that must never be shown although their option is not secret as a whole."""
        return []


class Command(Declared):
    """Something a device is asked or told to do, without a state to reach."""

    @abc.abstractmethod
    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        """Do it, and return the result of the task."""


class Resource(Declared):
    """Something a device can be told: declared once, for every device."""

    @abc.abstractmethod
    def on(self, device: Device, wanted: Document) -> Target:
        """Bind the resource to a device and to the options the user gave (those left out are not in it).

        :raises NotSupported: the device has none of the APIs that answer for the resource.
        """
