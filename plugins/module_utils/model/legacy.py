# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The vocabulary before plans were values. Resources leave it one by one; this file goes with the last of them."""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ..device.device import Device
from ..wire.errors import InvalidOption, NotSupported
from . import change, resource
from .change import Call, Plan, Step
from .compare import equal
from .field import MISSING, dig
from .option import ON_UNSUPPORTED, RISKS, Document, Option, flatten_options
from .resource import Command, Resource, World

__all__ = [
    "MISSING",
    "ON_UNSUPPORTED",
    "Change",
    "Command",
    "Document",
    "Field",
    "Option",
    "Resource",
    "Target",
    "differences",
    "dig",
    "flatten_options",
    "resolve_nulls",
]


def _same(value: t.Any) -> t.Any:
    return value


@dataclasses.dataclass(frozen=True)
class Field:
    """Where an option lives in an API."""

    key: str
    decode: t.Callable[[t.Any], t.Any] = _same
    encode: t.Callable[[t.Any], t.Any] = _same

    @classmethod
    def choice(cls, key: str, words: t.Mapping[t.Any, str]) -> Field:
        """A field whose API has its own words for the option's choices."""
        back = {word.casefold(): choice for choice, word in words.items()}
        if len(back) != len(words):
            raise ValueError(f"{key}: two choices have the same word")
        return cls(key, lambda value: back.get(str(value).casefold(), value), lambda value: words.get(value, value))


class Change(change.Change):
    """A change that keeps its values, secret or not."""

    def __post_init__(self) -> None:
        if self.risk not in RISKS:
            raise ValueError(f"risk is one of {RISKS}, not {self.risk!r}")


class Target(abc.ABC):
    """A resource on one device, bound to what the user wants there."""

    def __init__(self, device: Device, api: str, skips: bool = False) -> None:
        self.device = device
        self.api = api
        self._skips = skips
        self._skipped: set[str] = set()

    def invalid(self, problem: str, remedy: str) -> InvalidOption:
        """The error for what cannot be right on this device."""
        return InvalidOption(problem, remedy=remedy, device=str(self.device), api=self.api)

    def unsupported(self, what: str) -> None:
        """The device cannot do something that is wanted: fail, or warn (once) where the user asked for that."""
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
        """Read the device."""

    @abc.abstractmethod
    def plan(self, reading: t.Any) -> list[Change]:
        """The changes that lead from a reading to what is wanted, none when all is right."""

    @abc.abstractmethod
    def write(self, changes: t.Sequence[Change]) -> None:
        """Make the changes, in an order that is safe."""

    def outcome(self) -> Document:
        """What the result tells beside the plan. Asked for last, and once."""
        return {}


class Adapter(resource.Target):
    """Such a target as the engine takes it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.device = target.device
        self.skips = self.warns = False
        self.resource = t.cast(Resource, None)
        self._changes: list[Change] = []

    def api_of(self, reading: t.Any) -> str:
        return self.target.api

    def secrets(self) -> t.Mapping[str, t.Any]:
        return {}

    def read(self) -> t.Any:
        return self.target.read()

    def current(self, reading: t.Any) -> Document:
        raise NotImplementedError

    def plan(self, reading: t.Any, world: World) -> Plan:
        self._changes = self.target.plan(reading)
        return Plan((Step(tuple(self._changes), (Call("write"),)),) if self._changes else ())

    def do(self, call: Call) -> None:
        self.target.write(self._changes)

    def result(self, plan: Plan, before: t.Any, after: t.Any) -> Document:
        return self.target.outcome()


def differences(
    current: t.Mapping[str, t.Any], wanted: t.Mapping[str, t.Any], options: t.Mapping[str, Option]
) -> list[Change]:
    """The changes from one flat document to another; only what is wanted is looked at."""
    return [
        Change(path, current.get(path), wanted[path], secret=option.secret)
        for path, option in options.items()
        if path in wanted and not equal(current.get(path), wanted[path], option.ordered)
    ]


def resolve_nulls(flat: Document, options: t.Mapping[str, Option], target: Target) -> Document:
    """A flat document with what each null stands for."""
    for path, value in flat.items():
        if value is None and options[path].null is None:
            raise target.invalid(
                f"{path} cannot be null: the device documents no default for it",
                "Leave the option out to leave the setting alone",
            )
    return {path: options[path].null if value is None else value for path, value in flat.items()}
