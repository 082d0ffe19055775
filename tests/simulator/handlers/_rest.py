# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces a REST API is described with: entities, properties, actions (Device Configuration APIs page)."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange import Request

VALIDATION = 5


class Invalid(Exception):
    """The data is no good: code 5, or a code of the API's own (from 100)."""

    def __init__(self, text: str, code: int = VALIDATION) -> None:
        super().__init__(text)
        self.code = code


def members(data: Any, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The members of an object that is added or given to an action; null is the same as left out."""
    if not isinstance(data, dict):
        raise Invalid("an object is expected")
    for name in data:
        if name not in (*required, *optional):
            raise Invalid(f"unknown member {name}")
    given = {name: value for name, value in data.items() if value is not None}
    for name in required:
        if name not in given:
            raise Invalid(f"{name} is required")
    return given


class Node:
    """Anything with a path."""

    settable = False

    def changes(self) -> dict[str, Callable[[Request, Any], Any]]:
        """What the changing verbs do here."""
        return {"PATCH": self.set} if self.settable else {}

    def read(self, request: Request) -> Any:
        """GET."""
        raise NotImplementedError

    def set(self, request: Request, data: Any) -> Any:
        """PATCH, or POST to an action."""
        raise NotImplementedError


class Property(Node):
    """A value; read-only without ``write``."""

    def __init__(self, read: Callable[[Request], Any], write: Callable[[Request, Any], None] | None = None) -> None:
        self._read, self._write = read, write
        self.settable = write is not None

    def read(self, request: Request) -> Any:
        return self._read(request)

    def set(self, request: Request, data: Any) -> None:
        assert self._write is not None
        self._write(request, data)


class Entity(Node):
    """A group of properties and entities; settable as a whole only with ``write``, an item of a collection has one
    for ``remove`` when it can be deleted."""

    def __init__(
        self,
        children: dict[str, Node],
        write: Callable[[Request, dict[str, Any]], None] | None = None,
        remove: Callable[[Request], None] | None = None,
    ) -> None:
        self.children, self._write, self._remove = children, write, remove
        self.settable = write is not None

    def changes(self) -> dict[str, Callable[[Request, Any], Any]]:
        remove = self._remove
        return super().changes() if remove is None else {
            **super().changes(), "DELETE": lambda request, data: remove(request)
        }

    def read(self, request: Request) -> dict[str, Any]:
        return {name: node.read(request) for name, node in self.children.items() if not isinstance(node, Action)}

    def set(self, request: Request, data: Any) -> None:
        assert self._write is not None
        if not isinstance(data, dict):
            raise Invalid("an object is expected")
        for name in data:
            node = self.children.get(name)
            if node is None or not node.settable:
                raise Invalid(f"{name} can not be set")
        self._write(request, data)


class Collection(Node):
    """Entities by key."""

    def __init__(
        self,
        keys: Callable[[Request], Iterable[str]],
        item: Callable[[str], Entity],
        add: Callable[[Request, Any], None] | None = None,
    ) -> None:
        self.keys, self.item, self._add = keys, item, add

    def changes(self) -> dict[str, Callable[[Request, Any], Any]]:
        return {} if self._add is None else {"POST": self._add}

    def find(self, request: Request, key: str) -> Entity | None:
        """The entity of a key."""
        return self.item(key) if key in self.keys(request) else None

    def read(self, request: Request) -> list[dict[str, Any]]:
        return [self.item(key).read(request) for key in self.keys(request)]


class Action(Node):
    """Something to trigger by POST."""

    def __init__(self, run: Callable[[Request, Any], Any], level: int, write: bool) -> None:
        self._run, self.level, self.write = run, level, write

    def changes(self) -> dict[str, Callable[[Request, Any], Any]]:
        return {"POST": self.set}

    def set(self, request: Request, data: Any) -> Any:
        return self._run(request, data)


@dataclass(frozen=True)
class RestApi:
    """An API of the framework: its id and key in ``/config/discover``, and its version there on each generation."""

    id: str
    key: str
    root: Entity
    generations: Mapping[str, str]
    # Reading needs an administrator, too.
    admin_reads: bool = False


# What the handler files declare, by id and key; filled when they are loaded.
APIS: dict[tuple[str, str], RestApi] = {}
