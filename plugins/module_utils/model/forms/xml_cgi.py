# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""XML CGIs as forms. The keys of the fields are paths in the answer (``Location/Lat``, ``Disk@diskid``)."""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...wire import xml_cgi
from ...wire.errors import ApiMissing
from ...wire.xml_cgi import Node, XmlApi
from ..change import Call
from ..field import Field
from ..option import Document
from .base import CollectionForm, DocumentForm, Edit, Form, Held, Request, decode, encoded


@dataclasses.dataclass(frozen=True)
class XmlForm(Form):
    """What both shapes share."""

    cgi: XmlApi

    @property
    def api(self) -> str:
        return self.cgi.name

    def ask(self, device: Device, cgi: str, arguments: t.Mapping[str, str]) -> Node | None:
        """The root of an answer; None if the device does not have the CGI.

        :raises ApiMissing: the CGI answers 404, although the device's API list has it.
        """
        try:
            return xml_cgi.call(device.session, self.cgi, cgi, arguments, safe=True)
        except ApiMissing as exc:
            device.confirm_missing(exc, self.cgi.discovery_id)
            return None

    def call(self, cgi: str, arguments: Document) -> Call:
        """A call of a CGI that changes something."""
        return Call(self.api, {"cgi": cgi, "arguments": arguments})

    def send(self, device: Device, arguments: Document) -> None:
        xml_cgi.call(device.session, self.cgi, arguments["cgi"], arguments["arguments"])


def members(node: Node, fields: t.Mapping[str, Field]) -> Document:
    """What an element holds, by key of the field."""
    keys = {key for field in fields.values() for key in (field.key, field.flag) if key}
    found = {key: node.value(key) for key in sorted(keys)}
    return {key: value for key, value in found.items() if value is not None}


@dataclasses.dataclass(frozen=True)
class XmlDocument(XmlForm, DocumentForm):
    """A document with a CGI that gets it and one that sets it.

    :param getter, setter: their files. :param root: path from the root of the answer to the element.
    :param fixed: arguments of both. :param complete: the setter wants all arguments, not only those that change.
    """

    getter: str
    setter: str
    fields: t.Mapping[str, Field]
    root: str = ""
    fixed: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    complete: bool = False

    def read(self, device: Device, wanted: Document) -> Held | None:
        answer = self.ask(device, self.getter, self.fixed)
        if answer is None:
            return None
        node = next(iter(answer.all(self.root)), None)
        native = {} if node is None else members(node, self.fields)
        return Held(self, native, decode(self.fields, native, device, self.api)) if native else None

    def requests(self, held: Held, edit: Edit) -> list[Request]:
        arguments = dict(self.fixed)
        if self.complete:
            arguments |= {
                field.written: held.native[field.key] for field in self.fields.values() if field.key in held.native
            }
        arguments |= encoded(self.fields, edit.values)
        return [Request(tuple(edit.values), (self.call(self.setter, arguments),))]


@dataclasses.dataclass(frozen=True)
class XmlCollection(XmlForm, CollectionForm):
    """A collection of items.

    :param lister: the CGI that lists them. :param item: path from the root of its answer to the items.
    :param added, changed, removed: the CGIs; changed is empty where there is none.
    :param id: the argument that names an item. :param id_key: where an item shows that name.
    :param fixed: arguments of all.
    """

    lister: str
    item: str
    added: str
    removed: str
    id: str
    id_key: str
    fields: t.Mapping[str, Field]
    changed: str = ""
    fixed: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def read_items(self, device: Device) -> list[t.Any] | None:
        answer = self.ask(device, self.lister, self.fixed)
        if answer is None:
            return None
        return [
            members(node, self.fields) | {self.id_key: node.value(self.id_key) or ""} for node in answer.all(self.item)
        ]

    def add(self, item: Document) -> Call:
        return self.call(self.added, dict(self.fixed) | self.encode(item))

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        if not self.changed:
            return None
        return self.call(self.changed, dict(self.fixed) | {self.id: native[self.id_key]} | self.encode(members))

    def remove(self, native: t.Any) -> Call:
        return self.call(self.removed, dict(self.fixed) | {self.id: native[self.id_key]})
