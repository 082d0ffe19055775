# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces a REST API is described with: entities, properties, actions (Device Configuration APIs page)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange import Request
from handlers._fields import ONLY_READ, ONLY_WRITE, Bad, Object

NO_ITEM, VALIDATION, ITEM_EXISTS = 2, 5, 6


class Invalid(Exception):
    """The data is no good: code 5, or another code of the framework or (from 100) of the API."""

    def __init__(self, text: str, code: int = VALIDATION, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.status = code, status


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
    readable = True

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

    def __init__(
        self,
        read: Callable[[Request], Any],
        write: Callable[[Request, Any], None] | None = None,
        readable: bool = True,
    ) -> None:
        self._read, self._write = read, write
        self.settable, self.readable = write is not None, readable

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
        return (
            super().changes()
            if remove is None
            else {**super().changes(), "DELETE": lambda request, data: remove(request)}
        )

    def read(self, request: Request) -> dict[str, Any]:
        return {name: node.read(request) for name, node in self.children.items() if node.readable}

    def set(self, request: Request, data: Any) -> None:
        assert self._write is not None
        if not isinstance(data, dict):
            raise Invalid("an object is expected")
        for name in data:
            node = self.children.get(name)
            if node is None or not node.settable:
                raise Invalid(f"{name} can not be set")
        self._write(request, data)


class Absent(Entity):
    """An item that is not there, where the API says so itself."""

    def __init__(self, text: str) -> None:
        super().__init__({}, self._refuse, self._refuse)
        self._text = text

    def _refuse(self, *_arguments: Any) -> None:
        raise Invalid(f"Item does not exist: {self._text}", NO_ITEM, 404)

    def read(self, request: Request) -> dict[str, Any]:
        self._refuse()
        return {}

    set = _refuse


class Collection(Node):
    """Entities by key. ``absent`` is what the API says of an item that is not there; without it there is no such path
    (code 1)."""

    def __init__(
        self,
        keys: Callable[[Request], Iterable[str]],
        item: Callable[[str], Entity],
        add: Callable[[Request, Any], Any] | None = None,
        absent: str = "",
    ) -> None:
        self.keys, self.item, self._add, self._absent = keys, item, add, absent

    def changes(self) -> dict[str, Callable[[Request, Any], Any]]:
        return {} if self._add is None else {"POST": self._add}

    def find(self, request: Request, key: str) -> Entity | None:
        """The entity of a key."""
        if key in self.keys(request):
            return self.item(key)
        return Absent(self._absent) if self._absent else None

    def read(self, request: Request) -> list[dict[str, Any]]:
        return [self.item(key).read(request) for key in self.keys(request)]


class Action(Node):
    """Something to trigger by POST."""

    readable = False

    def __init__(self, run: Callable[[Request, Any], Any], level: int, write: bool) -> None:
        self._run, self.level, self.write = run, level, write

    def changes(self) -> dict[str, Callable[[Request, Any], Any]]:
        return {"POST": self.set}

    def set(self, request: Request, data: Any) -> Any:
        return self._run(request, data)


# -- over documents
Store = Callable[[dict[str, Any], dict[str, Any]], None]


def put(held: dict[str, Any], given: dict[str, Any]) -> None:
    """Set the members of a document that were given, those of its objects one by one."""
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(held.get(name), dict):
            put(held[name], value)
        else:
            held[name] = value


def settings(document: str, fields: Object, store: Store = put) -> Entity:
    """A document as an entity: objects in it are entities, everything else a property.

    ``store`` gets the whole document and what was sent, checked, from the root on.
    """

    def write(request: Request, way: tuple[str, ...], data: Any) -> None:
        for name in reversed(way):
            data = {name: data}
        store(request.state.documents[document], checked("set", way[-1] if way else document, fields, data, False))

    def held(request: Request, way: tuple[str, ...]) -> Any:
        value = request.state.documents[document]
        for name in way:
            value = value[name]
        return value

    def node(way: tuple[str, ...], field: Any) -> Node:
        def change(request: Request, data: Any) -> None:
            write(request, way, data)

        if isinstance(field, Object):
            return Entity({name: node((*way, name), one) for name, one in field.members.items()}, change)
        return Property(
            lambda request: held(request, way),
            None if field.access == ONLY_READ else change,
            readable=field.access != ONLY_WRITE,
        )

    root = node((), fields)
    assert isinstance(root, Entity)
    return root


def items(
    document: str, member: str, key: str, fields: Object, absent: str, exists: str, shows_added: bool
) -> Collection:
    """A list of a document as a collection: ``key`` is what its items are told apart by.

    ``absent`` and ``exists`` are the API's texts (codes 2 and 6); ``shows_added``: POST answers with the new item.
    """
    shown = [name for name, field in fields.members.items() if field.access != ONLY_WRITE]
    changeable = Object(members={name: field for name, field in fields.members.items() if name != key})

    def held(request: Request) -> list[dict[str, Any]]:
        return request.state.documents[document][member]

    def find(request: Request, value: str) -> dict[str, Any]:
        return next(item for item in held(request) if item[key] == value)

    def item(value: str) -> Entity:
        def change(request: Request, data: Any) -> None:
            find(request, value).update(checked("set", member, changeable, data, False))

        def member_of(name: str) -> Property:
            return Property(
                lambda request: find(request, value)[name],
                None if name == key else lambda request, data: change(request, {name: data}),
                readable=name in shown,
            )

        return Entity(
            {name: member_of(name) for name in sorted(fields.members)},
            change,
            lambda request: held(request).remove(find(request, value)),
        )

    def add(request: Request, data: Any) -> dict[str, Any] | None:
        new = checked("add", member, fields, data, True)
        if any(one[key] == new[key] for one in held(request)):
            raise Invalid(f"Item already exists: {exists}", ITEM_EXISTS, 409)
        held(request).append(new)
        return {name: new[name] for name in sorted(shown)} if shows_added else None

    return Collection(lambda request: [one[key] for one in held(request)], item, add, absent)


def checked(verb: str, what: str, fields: Object, data: Any, whole: bool) -> dict[str, Any]:
    """What was sent, if it is good (the text is recorded for a value that is too short)."""
    try:
        return fields.check(data, whole)
    except Bad as bad:
        path = "".join(f"/{name}" for name in bad.path)
        raise Invalid(f"Trying to {verb} '{what}' with invalid data: {bad.text} (path: {path or '/'})") from None


@dataclass(frozen=True)
class RestApi:
    """An API of the framework: its id and key in ``/config/discover``, and its version there on each generation."""

    id: str
    key: str
    root: Entity
    generations: Mapping[str, str]
    # Reading needs an administrator, too.
    admin_reads: bool = False


# What the handler files declare; filled when they are loaded. An API that differs between generations is there twice.
APIS: list[RestApi] = []
