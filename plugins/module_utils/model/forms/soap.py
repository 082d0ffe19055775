# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""SOAP services as a form: a collection with Get, Add and Remove, mostly without a way to change an item."""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...wire import soap
from ...wire.errors import ApiMissing
from ..change import Call
from ..field import Field
from ..option import Document
from .base import CollectionForm


@dataclasses.dataclass(frozen=True)
class SoapCollection(CollectionForm):
    """A collection of items of a SOAP service.

    An item is changed by making it anew. What is there stays until the new one is: its number tells them apart.

    :param service: the service, for results and errors.
    :param lister: the operation that lists them. :param item: path of the items in its answer.
    :param unpack: from the element of an item to its members, by key of the field.
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
            answer = soap.call(device.session, self.lister, safe=True)
        except (ApiMissing, soap.Fault) as exc:
            # Every AXIS OS since 5.50 has SOAP services: a device without them is starting up.
            if not soap.lacks(exc) or (isinstance(exc, ApiMissing) and device.axis_os >= (5, 50)):
                raise
            return None
        found = [self.unpack(element) for element in answer.all(self.item)]
        # Devices list them in any order; numbers count up.
        return sorted(found, key=lambda item: (len(item[self.id_key]), item[self.id_key]))

    def add(self, item: Document) -> Call:
        return Call(self.api, {"add": self.encode(item)})

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        return None

    def remove(self, native: t.Any) -> Call:
        return Call(self.api, {"remove": str(native[self.id_key])})

    def renew(self, native: t.Any, item: Document) -> list[Call]:
        return [self.add(item), self.remove(native)]

    def send(self, device: Device, arguments: Document) -> None:
        if "remove" in arguments:
            soap.call(device.session, self.removed, [(self.id, arguments["remove"])])
        else:
            soap.call(device.session, self.added, [(self.element, self.pack(arguments["add"]))])
