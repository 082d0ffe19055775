# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parameters as forms, for devices without a newer API: a group, and the entries of a dynamic group."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ...device.device import Device
from ..change import Call
from ..compare import nest
from ..field import Field
from ..option import Document
from .base import CollectionForm, DocumentForm, Edit, Form, Held, Request, encoded


class ParamForm(Form):
    """What both shapes share."""

    def send(self, device: Device, arguments: Document) -> None:
        if "remove" in arguments:
            device.param.remove(f"root.{arguments['remove']}")
        elif "add" in arguments:
            device.param.add(arguments["template"], arguments["add"], arguments["values"])
        else:
            device.param.update(arguments["set"])


@dataclasses.dataclass(frozen=True)
class ParamDocument(ParamForm, DocumentForm):
    """Parameters of one group.

    :param group: the group without ``root.``; the keys of the fields are names inside it. ``{channel}`` in it stands
        for the option of that name.
    """

    group: str
    fields: t.Mapping[str, Field] = dataclasses.field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"param.cgi {self.group}"

    @property
    def parameters(self) -> tuple[str, ...]:
        group = re.sub(r"\{\w+\}", "*", self.group)
        return tuple(f"{group}.{field.key}" for field in self.fields.values())

    def read(self, device: Device, wanted: Document) -> Held | None:
        group = self.group.format_map(wanted)
        prefix = f"{group}."
        values = device.param.list(group)
        there = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
        # A parameter can have others below it: both are found by their own name.
        keys = {field.key for field in self.fields.values()}
        native = {key: value for key, value in there.items() if key in keys}
        if not native:
            return None
        return dataclasses.replace(self.held(nest(native), device), native={"group": group} | native)

    def requests(self, held: Held, edit: Edit) -> list[Request]:
        members = encoded(self.fields, edit.values)
        group = held.native["group"]
        values = {f"{group}.{key}": value for key, value in members.items()}
        return [Request(tuple(edit.values), (Call(self.api, {"set": values}),))]


@dataclasses.dataclass(frozen=True)
class ParamCollection(ParamForm, CollectionForm):
    """Entries of a dynamic group, for example ``StreamProfile.S0``.

    :param parent: the group. :param template: the name of what a new entry is made from.
    """

    parent: str
    template: str
    fields: t.Mapping[str, Field]

    @property
    def api(self) -> str:
        return f"param.cgi {self.parent}"

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.parent}.*",)

    def read_items(self, device: Device) -> list[t.Any] | None:
        pattern = re.compile(rf"(?P<entry>{re.escape(self.parent)}\.[A-Z]\d+)\.(?P<name>.+)")
        values = device.param.list(self.parent)
        found: dict[str, Document] = {}
        for name, value in values.items():
            if match := pattern.fullmatch(name):
                found.setdefault(match["entry"], {})[match["name"]] = value
        if not values:
            return None
        return [{"entry": entry} | members for entry, members in found.items()]

    def add(self, item: Document) -> Call:
        return Call(self.api, {"add": self.parent, "template": self.template, "values": self.encode(item)})

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        values = {f"{native['entry']}.{name}": value for name, value in self.encode(members).items()}
        return Call(self.api, {"set": values})

    def remove(self, native: t.Any) -> Call:
        return Call(self.api, {"remove": native["entry"]})
