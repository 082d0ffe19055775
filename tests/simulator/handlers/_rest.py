# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces a REST API is described with: entities, properties, actions (Device Configuration APIs page)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange import Request


class Invalid(Exception):
    """The data is no good (code 5)."""


class Node:
    """Anything with a path."""

    settable = False

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
    """A group of properties and entities; settable as a whole only with ``write``."""

    def __init__(
        self, children: dict[str, Node], write: Callable[[Request, dict[str, Any]], None] | None = None
    ) -> None:
        self.children, self._write = children, write
        self.settable = write is not None

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


class Action(Node):
    """Something to trigger by POST."""

    def __init__(self, run: Callable[[Request, Any], Any], level: int, write: bool) -> None:
        self._run, self.level, self.write = run, level, write

    def set(self, request: Request, data: Any) -> Any:
        return self._run(request, data)
