# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""JSON CGIs as forms: a document with getters and setters, and a collection with list, add, change and remove."""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...wire import json_cgi
from ...wire.errors import ApiMissing, BadAnswer, DeviceRefused
from ...wire.json_cgi import JsonApi
from ..change import Call
from ..compare import nest
from ..field import Field, dig
from ..option import Document
from .base import CollectionForm, DocumentForm, Edit, Form, Held, Items, Request, complete, encoded


@dataclasses.dataclass(frozen=True)
class JsonForm(Form):
    """What both shapes share. :param cgi: the API."""

    cgi: JsonApi

    @property
    def api(self) -> str:
        return self.cgi.name

    def ask(self, device: Device, method: str, params: t.Mapping[str, t.Any] | None, version: str = "") -> t.Any:
        """The data of a getter; None if the device has neither the CGI nor this method nor this version of it.

        :raises ApiMissing: the CGI answers 404, although the device's API list has it.
        """
        api = dataclasses.replace(self.cgi, version=version or self.cgi.version)
        try:
            return device.call(api, method, params, safe=True)
        except ApiMissing as exc:
            device.confirm_missing(exc, self.cgi.discovery_id)
            return None
        except DeviceRefused as exc:
            if json_cgi.is_missing(self.cgi, exc):
                return None
            raise

    def call(self, method: str, params: t.Mapping[str, t.Any] | None, version: str = "") -> Call:
        """A call of a setter."""
        arguments: Document = {"method": method, "version": version or self.cgi.version}
        return Call(self.api, arguments if params is None else arguments | {"params": dict(params)})

    def send(self, device: Device, arguments: Document) -> None:
        api = dataclasses.replace(self.cgi, version=arguments["version"])
        device.call(api, arguments["method"], arguments.get("params"))


@dataclasses.dataclass(frozen=True)
class Setter:
    """A method that sets some options.

    :param fields: by path of the option. :param version: the API version that brought the method, if it is younger than
        the API. :param complete: it wants all its members, not only those that change.
    :param fixed: arguments that are always sent. :param inside: the argument that holds the others.
    :param resets: paths that the device changes by itself when it is called; they are set again after it.
    """

    method: str
    fields: t.Mapping[str, Field]
    version: str = ""
    complete: bool = False
    fixed: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    inside: str = ""
    resets: tuple[str, ...] = ()

    def request(self, form: JsonForm, held: Held, edit: Edit) -> Call:
        """The call that sets something."""
        members = complete(self.fields, held, edit) if self.complete else encoded(self.fields, edit.values)
        params = nest(dict(self.fixed) | members)
        return form.call(self.method, nest({self.inside: params}) if self.inside else params, self.version)


@dataclasses.dataclass(frozen=True)
class Switch:
    """Two methods without arguments that turn an option on and off."""

    path: str
    field: Field
    on: str
    off: str
    version: str = ""
    resets: tuple[str, ...] = ()

    @property
    def fields(self) -> t.Mapping[str, Field]:
        """As of a setter."""
        return {self.path: self.field}

    def request(self, form: JsonForm, held: Held, edit: Edit) -> Call:
        """The call that turns it on or off."""
        return form.call(self.on if edit.values[self.path] else self.off, None, self.version)


@dataclasses.dataclass(frozen=True)
class JsonDocument(JsonForm, DocumentForm):
    """A document with a getter, and a setter or several in the order in which they are called.

    :param member: dotted place of the document in the getter's data. :param params: arguments of the getter.
    :param version: the API version that brought the getter, if it is younger than the API.
    """

    getter: str
    setters: tuple[Setter | Switch, ...]
    member: str = ""
    params: t.Mapping[str, t.Any] | None = None
    version: str = ""

    @property
    def fields(self) -> t.Mapping[str, Field]:  # type: ignore[override]
        return {path: field for setter in self.setters for path, field in setter.fields.items()}

    def read(self, device: Device, wanted: Document) -> Held | None:
        document = dig(self.ask(device, self.getter, self.params, self.version), self.member)
        # A device may have the CGI without the function: then the object is missing.
        return self.held(document, device) if isinstance(document, dict) else None

    def requests(self, held: Held, edit: Edit) -> list[Request]:
        found = []
        for number, setter in enumerate(self.setters):
            own = {path: value for path, value in edit.values.items() if path in setter.fields}
            if not own:
                continue
            calls = [setter.request(self, held, dataclasses.replace(edit, values=own))]
            after = held.values | edit.wanted
            again = {path: after[path] for path in setter.resets if path not in edit.values and path in after}
            for later in self.setters[number + 1 :]:
                if mine := {path: value for path, value in again.items() if path in later.fields}:
                    calls.append(later.request(self, held, dataclasses.replace(edit, values=mine)))
            found.append(Request(tuple(own), tuple(calls)))
        return found


@dataclasses.dataclass(frozen=True)
class JsonCollection(JsonForm, CollectionForm):
    """A collection of items.

    :param lister: the method that lists them, and its arguments. :param member: dotted place of the items in its data.
    :param unpack: from what is there to a list of items, where it is none.
    :param added, removed: names of the methods. :param changed: the one that changes; empty where there is none.
    :param pack: from an item (by the API's names) to the arguments of add and change.
    :param name: from an item to the arguments of remove.
    :param whole: change wants all members of the item. :param most: dotted place of how many items the device holds.
    """

    fields: t.Mapping[str, Field]
    lister: tuple[str, t.Mapping[str, t.Any] | None]
    added: str
    removed: str
    pack: t.Callable[[Document], Document]
    name: t.Callable[[Document], Document]
    changed: str = ""
    member: str = ""
    unpack: t.Callable[[t.Any], t.Any] = lambda data: data
    whole: bool = True
    version: str = ""
    most: str = ""

    def read_items(self, device: Device) -> t.Any:
        data = self.ask(device, *self.lister, self.version)
        if data is None:
            return None
        items = self.unpack(dig(data, self.member))
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise BadAnswer("the answer is no list of items", device=str(device), api=self.api, method=self.lister[0])
        most = dig(data, self.most) if self.most else None
        return Items(items, most if isinstance(most, int) else None)

    def add(self, item: Document) -> Call:
        return self.call(self.added, self.pack(self.encode(item)), self.version)

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        if not self.changed:
            return None
        return self.call(self.changed, self.pack(self.encode(item if self.whole else members)), self.version)

    def remove(self, native: t.Any) -> Call:
        return self.call(self.removed, self.name(native), self.version)
