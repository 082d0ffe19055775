# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""SOAP services as a form: a collection with Get, Add and Remove, mostly without a way to change an item."""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...wire import soap
from ...wire.errors import ApiMissing, BadAnswer, NotTaken
from ..change import Call
from ..field import Field
from ..option import Document
from .base import CollectionForm


@dataclasses.dataclass(frozen=True)
class SoapCollection(CollectionForm):
    """A collection of items of a SOAP service.

    An item is changed by making it anew. The old one stays until the device shows the new one: numbers tell them apart.

    :param service: the service, for results and errors.
    :param lister: the operation that lists them. :param item: path of the items in its answer.
    :param unpack: from the element of an item to its members, by key of the field; its name is the member ``name``.
    :param added, removed: the operations. :param pack: from members to the content of the element that is added.
    :param element: the name of that element. :param id: the element that names an item. :param id_key: its member.
    """

    service: str
    lister: str
    item: str
    unpack: t.Callable[[soap.Element], Document]
    added: str
    element: str
    pack: t.Callable[[Document], t.Any]
    removed: str
    id: str
    id_key: str
    fields: t.Mapping[str, Field]
    leaves_both: t.ClassVar[bool] = True

    @property
    def api(self) -> str:
        return self.service

    def read_items(self, device: Device) -> list[t.Any] | None:
        try:
            return self.listed(device)
        except (ApiMissing, soap.Fault) as exc:
            # Every AXIS OS since 5.50 has SOAP services: a device without them is starting up.
            if not soap.lacks(exc) or (isinstance(exc, ApiMissing) and device.axis_os >= (5, 50)):
                raise
            return None

    def listed(self, device: Device) -> list[Document]:
        """The items, the oldest first: devices list them in any order, numbers count up."""
        answer = soap.call(device.session, self.lister, safe=True)
        found = [self.unpack(element) for element in answer.all(self.item)]
        return sorted(found, key=lambda item: (len(item[self.id_key]), item[self.id_key]))

    def add(self, item: Document) -> Call:
        return Call(self.api, {"add": self.encode(item)})

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        return None

    def remove(self, native: t.Any) -> Call:
        return Call(self.api, {"remove": str(native[self.id_key])})

    def renew(self, native: t.Any, item: Document) -> list[Call]:
        return [self.anew(item)]

    def anew(self, item: Document) -> Call:
        """The call that makes an item and then removes what had its name."""
        return Call(self.api, {"add": self.encode(item), "anew": True})

    def send(self, device: Device, arguments: Document) -> None:
        if "remove" in arguments:
            self.take(device, arguments["remove"])
            return
        item = arguments["add"]
        there = self.listed(device) if "anew" in arguments else []
        made = self.make(device, item)
        if there:
            self.expect(device, made)
        for one in there:
            if one["name"] == item["name"]:
                self.take(device, one[self.id_key])

    def make(self, device: Device, item: Document) -> str:
        """Make an item. :returns: its number. :raises BadAnswer: the device does not tell it."""
        answer = soap.call(device.session, self.added, [(self.element, self.pack(item))])
        number = answer.text(self.id)
        if not number:
            problem = f"the answer holds no {self.id.rpartition(':')[2]}"
            raise BadAnswer(problem, device=str(device), api=self.api, method=self.added)
        return number

    def expect(self, device: Device, number: str) -> None:
        """:raises NotTaken: the device does not show what it said it made; so what was there has to stay."""
        if number not in {item[self.id_key] for item in self.listed(device)}:
            raise NotTaken(
                "the device answered success, but does not show the new entry; the old one is kept",
                device=str(device),
                api=self.api,
                method=self.added,
            )

    def take(self, device: Device, number: str) -> None:
        """Remove an item."""
        soap.call(device.session, self.removed, [(self.id, number)])
