# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The events that a device tells, and whether a condition means one of them.

Source: VAPIX "Event and action services", ``GetEventInstances``, recordings of AXIS OS 11.11 and 12.9. A condition has
to match exactly one event that has a state.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...model.option import Document
from ...wire import soap

#: A topic without prefixes: the page gives every name one, devices only some.
Names = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Event:
    """What a device says about the events of a topic.

    :param stateful: they have a state. :param source: the items that tell them apart, with the values there are.
    :param data: names of the other items.
    """

    stateful: bool
    source: t.Mapping[str, tuple[str, ...]]
    data: frozenset[str]


def names(topic: str) -> Names:
    """A topic as :data:`Names`."""
    return tuple(name.rpartition(":")[2] for name in topic.split("/"))


def read(device: Device) -> dict[Names, Event]:
    """The events of a device by topic. :raises VapixError: as :func:`.soap.call`."""
    answer = soap.call(device.session, "aev:GetEventInstances", safe=True)
    return {topic: event for root in answer.all("wstop:TopicSet") for topic, event in _below(root, ())}


def _below(node: soap.Element, path: Names) -> t.Iterator[tuple[Names, Event]]:
    for child in node.children:
        if child.name == "MessageInstance":
            yield path, _event(child)
        else:
            yield from _below(child, (*path, child.name))


def _event(message: soap.Element) -> Event:
    source = {
        item.attribute("Name") or "": tuple(item.texts("aev:Value"))
        for item in message.all("aev:SourceInstance/aev:SimpleItemInstance")
    }
    data = (item.attribute("Name") for item in message.all("aev:DataInstance/aev:SimpleItemInstance"))
    return Event(message.attribute("aev:isProperty") == "true", source, frozenset(filter(None, data)))


def problems(condition: Document, events: t.Mapping[Names, Event]) -> t.Iterator[tuple[str, str]]:
    """Why a condition does not mean exactly one event with a state; problem and remedy."""
    topic, items = condition["topic"], condition.get("items")
    event = events.get(names(topic))
    if event is None:
        yield f"the device has no event {topic}", "See what it has with GetEventInstances, or install what tells it"
        return
    if not event.stateful:
        yield f"the event {topic} has no state, so it cannot be a condition", "Use it as start_event"
    for name, value in (items or {}).items():
        values = event.source.get(name, ())
        if name not in event.source and name not in event.data:
            known = ", ".join((*event.source, *sorted(event.data)))
            yield f"the event {topic} has no item {name}", f"It has {known}"
        elif values and value not in values:
            yield f"the event {topic} has no {name} {value!r}", f"There is {', '.join(values)}"
    for name, values in event.source.items():
        if items is not None and len(values) > 1 and name not in items:
            yield f"the event {topic} is there more than once", f"Give {name}: {', '.join(values)}"
