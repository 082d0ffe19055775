# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of values an API takes, as data: a device's own check of what a client sends.

``check`` returns the value as it is stored, or raises :class:`Bad`, which says what is wrong with which member; the API
turns it into its own error code. The texts are those a device gives in its REST API (one is recorded: ``"" is shorter
than 1 character``), the other APIs do not show them.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from params import is_host

# What can be wrong.
MISSING, UNKNOWN, TYPE, VALUE, READ_ONLY = "missing", "unknown", "type", "value", "read_only"
# Who may do what with a member.
READ_WRITE, ONLY_READ, ONLY_WRITE = "read and write", "read", "write"
_NOTHING: Any = object()


class Bad(Exception):
    """A value that is no good: what kind of wrong, which member (names from the outside in), and a text."""

    def __init__(self, kind: str, text: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.kind, self.text, self.path = kind, text, path
        # All that is wrong, this one first.
        self.all: list[Bad] = [self]

    @property
    def member(self) -> str:
        """The innermost name."""
        return self.path[-1] if self.path else ""

    def inside(self, name: str) -> Bad:
        """The same, seen from one level further out."""
        for bad in self.all:
            bad.path = (name, *bad.path)
        return self


@dataclass(frozen=True, kw_only=True)
class Field:
    """A value of any kind."""

    # It must be there when something is created, or is given to a method.
    required: bool = False
    # What is stored when it is left out there.
    default: Any = _NOTHING
    access: str = READ_WRITE
    # The API version that brought it.
    since: str = "0.0"

    def check(self, value: Any, whole: bool = True) -> Any:
        """The value to store; ``whole``: something is created, so what is required must be there."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Bool(Field):
    """true or false."""

    def check(self, value: Any, whole: bool = True) -> bool:
        if not isinstance(value, bool):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type boolean")
        return value


@dataclass(frozen=True, kw_only=True)
class Int(Field):
    """A whole number."""

    low: int | None = None
    high: int | None = None

    def check(self, value: Any, whole: bool = True) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type integer")
        return _in_range(value, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number, whole or not."""

    low: float | None = None
    high: float | None = None

    def check(self, value: Any, whole: bool = True) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type number")
        return _in_range(value, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A text of a length, in characters, that matches a pattern."""

    low: int = 0
    high: int | None = None
    pattern: str = ""

    def check(self, value: Any, whole: bool = True) -> str:
        if not isinstance(value, str):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type string")
        shown = json.dumps(value)
        if len(value) < self.low:
            raise Bad(VALUE, f"{shown} is shorter than {self.low} character{'s' * (self.low > 1)}")
        if self.high is not None and len(value) > self.high:
            raise Bad(VALUE, f"{shown} is longer than {self.high} characters")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise Bad(VALUE, f"{shown} does not match {self.pattern}")
        return value


@dataclass(frozen=True, kw_only=True)
class Host(Text):
    """An address or a host name."""

    def check(self, value: Any, whole: bool = True) -> str:
        text = super().check(value)
        if not is_host(text):
            raise Bad(VALUE, f"{json.dumps(text)} is no host")
        return text


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of some words."""

    words: tuple[str, ...]

    def check(self, value: Any, whole: bool = True) -> str:
        if not isinstance(value, str):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type string")
        if value not in self.words:
            raise Bad(VALUE, f"{json.dumps(value)} is not one of {json.dumps(self.words)}")
        return value


@dataclass(frozen=True, kw_only=True)
class ListOf(Field):
    """A list of values of one kind."""

    item: Field
    most: int | None = None

    def check(self, value: Any, whole: bool = True) -> list[Any]:
        if not isinstance(value, list):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type array")
        if self.most is not None and len(value) > self.most:
            raise Bad(VALUE, f"more than {self.most} items")
        return list(_each({str(place): (self.item, one) for place, one in enumerate(value)}).values())


@dataclass(frozen=True, kw_only=True)
class MapOf(Field):
    """Values of one kind under names the client chooses."""

    name: Text
    item: Field

    def check(self, value: Any, whole: bool = True) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type object")
        for name in value:
            self.name.check(name)
        return _each({name: (self.item, one) for name, one in value.items()})


@dataclass(frozen=True, kw_only=True)
class Object(Field):
    """Named members. Unknown ones are refused, or with ``ignores`` left out without a word."""

    members: Mapping[str, Field]
    ignores: bool = False

    def check(self, value: Any, whole: bool = True) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Bad(TYPE, f"{json.dumps(value)} is not of type object")
        for name in value:
            member = self.members.get(name)
            if member is None and not self.ignores:
                raise Bad(UNKNOWN, f"{json.dumps(name)} is not known", (name,))
            if member is not None and member.access == ONLY_READ:
                raise Bad(READ_ONLY, f"{json.dumps(name)} can not be set", (name,))
        given = _each(
            {name: (member, value[name]) for name, member in self.members.items() if name in value},
            whole,
            missing=[name for name, member in self.members.items() if whole and member.required and name not in value],
        )
        if whole:
            for name, member in self.members.items():
                if name not in given and member.default is not _NOTHING:
                    given[name] = copy.deepcopy(member.default)
        return given

    def at(self, version: tuple[int, int]) -> Object:
        """The object an API of that version has."""
        known = {
            name: member
            for name, member in self.members.items()
            if tuple(int(part) for part in member.since.split(".")) <= version
        }
        return Object(members=known, ignores=self.ignores)


def _each(values: Mapping[str, tuple[Field, Any]], whole: bool = True, missing: list[str] | None = None) -> dict:
    """Check all, and raise all that is wrong at once."""
    wrong = [Bad(MISSING, f"{json.dumps(name)} is missing", (name,)) for name in missing or ()]
    checked = {}
    for name, (field, value) in values.items():
        try:
            checked[name] = field.check(value, whole)
        except Bad as bad:
            wrong += bad.inside(name).all
    if wrong:
        wrong[0].all = wrong
        raise wrong[0]
    return checked


def _in_range(value: Any, low: Any, high: Any) -> Any:
    if low is not None and value < low:
        raise Bad(VALUE, f"{value} is less than {low}")
    if high is not None and value > high:
        raise Bad(VALUE, f"{value} is greater than {high}")
    return value
