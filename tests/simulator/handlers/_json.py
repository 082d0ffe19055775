# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON CGIs over a document: getters, setters, switches and collections, put together as data.

    HANDLER = DocumentCgi(
        "/axis-cgi/ssh.cgi", "ssh", {"axis-os-11": "1.0"}, NETWORK, DOCUMENT, {
            "getSshInfo": getter("enabled"),
            "setSshConfiguration": setter({"enabled": Bool(required=True)}),
        },
    )

A method gets a :class:`Call`: the request, the document, what was sent, and the version of the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from exchange import Request
from handlers._base import ADMIN, ApiError, Family, JsonCgi, Method, version_number
from handlers._fields import Bad, Field, ListOf, Object

# The codes of most newer CGIs: Remote Syslog and Custom HTTP header pages.
GENERIC = Family(
    not_post=2101,
    bad_json=2101,
    no_method=2102,
    no_version=2100,
    bad_version=2100,
    internal=1100,
    unknown_method=2102,
    missing=2103,
    invalid=2104,
    bad_params=2101,
    too_large=2107,
    texts={
        1100: "Internal error",
        2100: "API version not supported",
        2101: "Invalid JSON",
        2102: "Method not supported",
        2103: "Required parameter missing",
        2104: "Invalid parameter value specified",
        2105: "Authorization failed",
        2106: "Authentication failed",
        2107: "Request too large",
    },
)


@dataclass(frozen=True)
class Call:
    """One call of a method."""

    request: Request
    # The document of the API, to be changed in place.
    document: dict[str, Any]
    params: dict[str, Any]
    version: tuple[int, int]

    def check(self, fields: Mapping[str, Field]) -> dict[str, Any]:
        """What was sent, as it is stored; ``Bad`` when it is no good."""
        return Object(members=fields, ignores=True).at(self.version).check(self.params)


Run = Callable[[Call], Any]


@dataclass(frozen=True)
class Step:
    """A method of a document: what it does, who may call it, and the version that brought it."""

    run: Run
    level: int = ADMIN
    write: bool = False
    since: str = "1.0"


def getter(*names: str, level: int = ADMIN, since: str = "1.0") -> Step:
    """Answers members of the document by their names."""
    return Step(lambda call: {name: call.document[name] for name in names}, level, since=since)


def setter(fields: Mapping[str, Field], level: int = ADMIN, since: str = "1.0") -> Step:
    """Sets members of the document, those that are sent; answers an empty object."""

    def run(call: Call) -> dict[str, Any]:
        call.document.update(call.check(fields))
        return {}

    return Step(run, level, write=True, since=since)


def switch(name: str, value: bool, then: Run, level: int = ADMIN) -> Step:
    """Sets a member to a fixed value and answers what ``then`` does."""

    def run(call: Call) -> Any:
        call.document[name] = value
        return then(call)

    return Step(run, level, write=True)


class DocumentCgi(JsonCgi):
    """A JSON CGI whose methods work on one document."""

    def __init__(
        self,
        path: str,
        discovery: str,
        generations: Mapping[str, str],
        family: Family,
        document: str,
        steps: Mapping[str, Step],
        *,
        level: int = ADMIN,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.discovery, self.generations, self.answers = path, discovery, generations, answers or {}
        self.family, self.unknown_method, self.base_level = family, family.unknown_method, level
        self._document, self._steps = document, steps
        super().__init__()

    def table(self) -> dict[str, Method]:
        return {
            name: Method(partial(self._run, step), step.level, step.write, step.since)
            for name, step in self._steps.items()
        }

    def _run(self, step: Step, request: Request, params: dict[str, Any], options: dict[str, Any]) -> Any:
        call = Call(request, request.state.documents[self._document], params, version_number(options["version"]))
        try:
            return step.run(call)
        except Bad as bad:
            raise self.refuse(call, bad) from None

    def refuse(self, call: Call, bad: Bad) -> ApiError:
        """The error of the API for a value that is no good."""
        return ApiError(self.family.code_of(bad.kind))


@dataclass(frozen=True)
class Batch:
    """A collection whose methods take several items at once: all of a call is done, or nothing.

    ``items`` and ``names`` are the parameters with whole items and with ``[{key: ...}]``; ``read`` and ``write`` get
    and set all items of the document.
    """

    items: str
    names: str
    key: str
    item: Object
    read: Callable[[dict[str, Any]], list[dict[str, Any]]]
    write: Callable[[dict[str, Any], list[dict[str, Any]]], None]
    # The codes for a name nobody has, one that is taken, and one item too many; and how many there may be.
    absent: int
    taken: int
    too_many: int
    most: int

    def chosen(self, call: Call) -> list[dict[str, Any]]:
        """The items that were named, all when none is."""
        names = self._names(call)
        held = {one[self.key]: one for one in self.read(call.document)}
        if any(name not in held for name in names):
            raise ApiError(self.absent)
        return [held[name] for name in names] if names else list(held.values())

    def create(self, call: Call) -> dict[str, Any]:
        """Add items."""
        held, new = self.read(call.document), self._items(call)
        names = [one[self.key] for one in [*held, *new]]
        if any(names.count(one[self.key]) > 1 for one in new):
            raise ApiError(self.taken)
        if len(names) > self.most:
            raise ApiError(self.too_many)
        self.write(call.document, [*held, *new])
        return {}

    def update(self, call: Call) -> dict[str, Any]:
        """Replace items by others of the same name."""
        new = {one[self.key]: one for one in self._items(call)}
        held = self.read(call.document)
        if new.keys() - {one[self.key] for one in held}:
            raise ApiError(self.absent)
        self.write(call.document, [new.get(one[self.key], one) for one in held])
        return {}

    def remove(self, call: Call) -> dict[str, Any]:
        """Take items away."""
        names, held = self._names(call), self.read(call.document)
        if set(names) - {one[self.key] for one in held}:
            raise ApiError(self.absent)
        self.write(call.document, [one for one in held if one[self.key] not in names])
        return {}

    def _items(self, call: Call) -> list[dict[str, Any]]:
        return call.check({self.items: ListOf(required=True, item=self.item)})[self.items]

    def _names(self, call: Call) -> list[str]:
        named = Object(members={self.key: self.item.members[self.key]})
        return [one[self.key] for one in call.check({self.names: ListOf(required=True, item=named)})[self.names]]
