# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""REST APIs (Device Configuration APIs) as forms: entities and collections under ``/config/rest``."""

from __future__ import annotations

import dataclasses
import typing as t
from urllib.parse import quote

from ...device.device import Device
from ...wire import rest
from ...wire.errors import ApiMissing, BadAnswer
from ..change import Call
from ..compare import nest
from ..field import Field, dig
from ..option import Document
from .base import CollectionForm, DocumentForm, Edit, Form, Held, Request, encoded


@dataclasses.dataclass(frozen=True)
class RestForm(Form):
    """What both shapes share.

    :param name: id in ``/config/discover``. :param major: its major version.
    :param entity: dotted place of the entity or collection inside the API.
    :param states: which states of the API are used. Anything but ``released`` is used with a warning.
    """

    name: str
    major: int
    entity: str = ""
    states: tuple[str, ...] = ("released",)

    @property
    def api(self) -> str:
        return f"{self.name} v{self.major}"

    def found(self, device: Device) -> rest.RestApi | None:
        """The API as the device lists it."""
        found = device.rest_api(self.name, self.major, self.states)
        if found is not None and not found.released:
            device.warn(f"{self.api} is {found.state} on this device: the vendor may change it.")
        return found

    def path(self, *parts: str) -> str:
        """The path of something in the entity, below the API."""
        return "/".join((*filter(None, self.entity.split(".")), *(quote(part, safe="") for part in parts)))

    def call(self, verb: str, path: str, data: t.Any = None) -> Call:
        """A call that sends data to a path below the API."""
        return Call(self.api, {"verb": verb, "path": path} | ({} if verb == "DELETE" else {"data": data}))

    def send(self, device: Device, arguments: Document) -> None:
        found = device.rest_api(self.name, self.major, self.states)
        if found is None:
            raise ApiMissing("the device no longer has this API", device=str(device), api=self.api)
        path = "/".join(filter(None, (found.path, arguments["path"])))
        verb, data = arguments["verb"], arguments.get("data")
        if verb == "PATCH":
            rest.patch(device.session, path, data, old_verbs=device.old_rest_verbs)
        else:
            rest.send(device.session, verb, path, data)


@dataclasses.dataclass(frozen=True)
class RestDocument(RestForm, DocumentForm):
    """An entity (PATCH merges: only what changes is sent).

    :param fields: their keys are places inside the entity.
    :param places: dotted places inside the entity that are set by a PATCH of their own, in this order. What is in none
        of them is set by one of the entity itself.
    """

    fields: t.Mapping[str, Field] = dataclasses.field(default_factory=dict)
    places: tuple[str, ...] = ()

    def read(self, device: Device, wanted: Document) -> Held | None:
        found = self.found(device)
        if found is None:
            return None
        # The whole API is read: its root nests each entity once, on every device; single entities differ in that.
        document = dig(rest.get(device.session, found.path), self.entity)
        if not isinstance(document, dict):
            raise BadAnswer(
                f"the answer has no {self.entity or 'entity'}", device=str(device), api=self.api, method="GET"
            )
        return self.held(document, device)

    def requests(self, held: Held, edit: Edit) -> list[Request]:
        by_place: dict[str, list[str]] = {place: [] for place in (*self.places, "")}
        for path in edit.values:
            key = self.fields[path].written
            inside = [place for place in self.places if key == place or key.startswith(f"{place}.")]
            by_place[max(inside, key=len, default="")].append(path)
        return [
            Request(tuple(paths), (self._patch(place, {path: edit.values[path] for path in paths}),))
            for place, paths in by_place.items()
            if paths
        ]

    def _patch(self, place: str, values: Document) -> Call:
        members = encoded(self.fields, values)
        path = "/".join(filter(None, (self.path(), place.replace(".", "/"))))
        if place in members:
            return self.call("PATCH", path, members[place])
        prefix = f"{place}." if place else ""
        return self.call("PATCH", path, nest({key.removeprefix(prefix): value for key, value in members.items()}))


@dataclasses.dataclass(frozen=True)
class RestCollection(RestForm, CollectionForm):
    """A collection of entities: POST adds, PATCH changes, DELETE removes.

    :param key: the member that is the item's name in the path.
    """

    fields: t.Mapping[str, Field] = dataclasses.field(default_factory=dict)
    key: str = "id"

    def read_items(self, device: Device) -> list[t.Any] | None:
        found = self.found(device)
        if found is None:
            return None
        items = rest.get(device.session, "/".join((found.path, self.path())))
        if not isinstance(items, list) or not all(isinstance(item, dict) and self.key in item for item in items):
            raise BadAnswer(f"{self.entity} is no list of items", device=str(device), api=self.api, method="GET")
        return items

    def add(self, item: Document) -> Call:
        return self.call("POST", self.path(), nest(self.encode(item)))

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        return self.call("PATCH", self.path(str(native[self.key])), nest(self.encode(members)))

    def remove(self, native: t.Any) -> Call:
        return self.call("DELETE", self.path(str(native[self.key])))
