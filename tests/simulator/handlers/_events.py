# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device tells as events, and the expressions that choose some of them.

Recorded on 11.11 and 12.9: the topics here, their items and the form of the tree. Page: topics and items are the same
on all firmwares that have the services. The grammar of ``MessageContent`` is that of the ONVIF Core Specification
("Item filter"); recorded are the beginnings of two refusals. Assumed: a prefix in a topic must be declared; a filter
matches an event if all values that it names for the source are among those listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from handlers._soap import element, wrap

INTERVAL = "tns1:UserAlarm/tnsaxis:Recurring/Interval"
PULSE = "tns1:UserAlarm/tnsaxis:Recurring/Pulse"


@dataclass(frozen=True)
class Item:
    """A value in an event: its type, the values it can have (none: any), whether it is the state."""

    name: str
    kind: str = "xsd:boolean"
    values: tuple[str, ...] = ()
    state: bool = False

    def show(self) -> str:
        """As the tree shows it."""
        state = 'isPropertyState="true" ' if self.state else ""
        values = "".join(element("aev:Value", value) for value in self.values)
        attributes = f'{state}Type="{self.kind}" Name={quoteattr(self.name)}'
        return f"<aev:SimpleItemInstance {attributes}>{values}</aev:SimpleItemInstance>"


@dataclass(frozen=True)
class Event:
    """A topic with what is in its messages."""

    topic: str
    source: tuple[Item, ...] = ()
    data: tuple[Item, ...] = ()
    stateful: bool = True

    def show(self) -> str:
        """The description of its messages."""
        parts = [
            wrap(name, "".join(item.show() for item in items))
            for name, items in (("aev:SourceInstance", self.source), ("aev:DataInstance", self.data))
            if items
        ]
        stateful = ' aev:isProperty="true"' if self.stateful else ""
        return f"<aev:MessageInstance{stateful}>{''.join(parts)}</aev:MessageInstance>"

    def matches(self, pairs: Iterable[tuple[str, str]]) -> int:
        """How many sources a filter leaves."""
        wanted = list(pairs)
        names = {item.name for item in (*self.source, *self.data)}
        if any(name not in names for name, _value in wanted):
            return 0
        count = 1
        for item in self.source:
            named = {value for name, value in wanted if name == item.name}
            if item.values and not named <= set(item.values):
                return 0
            count *= 1 if named else max(1, len(item.values))
        return count


_PORTS = tuple(str(number) for number in range(1, 65))
EVENTS = (
    Event("tns1:Device/tnsaxis:IO/VirtualInput", (Item("port", "xsd:int", _PORTS),), (Item("active", state=True),)),
    Event("tns1:Device/tnsaxis:IO/Port", (Item("port", "xsd:int", ("0", "1")),), (Item("state", state=True),)),
    Event("tns1:Device/tnsaxis:Status/SystemReady", (), (Item("ready", state=True),)),
    Event("tns1:VideoSource/tnsaxis:LiveStreamAccessed", (), (Item("accessed", state=True),)),
    Event(
        "tns1:VideoSource/tnsaxis:Tampering",
        (Item("channel", "xsd:int", ("1",)),),
        (Item("tampering", "xsd:int", ("1",)),),
        stateful=False,
    ),
    Event("tnsaxis:Storage/Recording", (), (Item("recording", state=True),)),
)


def events(intervals: Iterable[str], pulses: Iterable[str]) -> tuple[Event, ...]:
    """All events of a device with these schedules, by id."""
    found = [Event(INTERVAL, (Item("id", "xsd:string", tuple(intervals)),), (Item("active", state=True),))]
    if ids := tuple(pulses):
        found.append(Event(PULSE, (Item("id", "xsd:string", ids),), stateful=False))
    return (*EVENTS, *found)


def tree(shown: Iterable[Event]) -> str:
    """The topics as ``GetEventInstances`` shows them."""
    root: dict = {}
    for event in shown:
        place = root
        *outer, last = event.topic.split("/")
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = event

    def written(name: str, found: dict | Event) -> str:
        if isinstance(found, Event):
            return f'<{name} wstop:topic="true">{found.show()}</{name}>'
        return wrap(name, "".join(written(*pair) for pair in found.items()))

    return wrap("wstop:TopicSet", "".join(written(*pair) for pair in root.items()))


_NAME = r"(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*"
_TOPIC = re.compile(rf"{_NAME}(?:/{_NAME})*(?://\.)?")
_ANY_TOPIC = re.compile(r"[\w.:*/-]+(?:\|[\w.:*/-]+)*")
_PAIR = re.compile(r'@Name\s*=\s*"([^"]*)"\s+and\s+@Value\s*=\s*"([^"]*)"')
_TOKEN = re.compile(r'\s*(//|"[^"]*"|@?[A-Za-z]+|[()\[\]=|])')


def is_topic(text: str, body: bytes, any_expression: bool = False) -> bool:
    """Whether a text names topics, in prefixes that the request declares."""
    if not (_ANY_TOPIC if any_expression else _TOPIC).fullmatch(text):
        return False
    return all(f"xmlns:{prefix}=".encode() in body for prefix in re.findall(r"([A-Za-z_][\w.-]*):", text))


def find(topic: str, shown: Iterable[Event]) -> Event | None:
    """The event of a topic. The page prefixes every name, the tree only some: names count."""
    names = [name.rpartition(":")[2] for name in topic.removesuffix("//.").split("/")]
    return next(
        (event for event in shown if [name.rpartition(":")[2] for name in event.topic.split("/")] == names), None
    )


def pairs(content: str) -> list[tuple[str, str]]:
    """Names with their values in a filter."""
    return _PAIR.findall(content)


class SyntaxFault(Exception):
    """A filter that cannot be read, with the text a device answers."""


def check(content: str) -> None:
    """Read a filter. ``SyntaxFault`` if it is none."""
    tokens: list[tuple[int, str]] = []
    place = 0
    while content[place:].strip():
        match = _TOKEN.match(content, place)
        if match is None:
            raise SyntaxFault(f"around character {place + 1}: syntax error, unexpected character")
        tokens.append((match.start(1), match[1]))
        place = match.end()
    tokens.append((len(content), "end of file"))

    def take(expected: str) -> None:
        position, token = tokens.pop(0)
        if token != expected:
            raise SyntaxFault(
                f"around character {position + 1}: syntax error, unexpected {token}, expecting {expected}"
            )

    def joined(one) -> None:
        one()
        while tokens[0][1] in ("and", "or"):
            tokens.pop(0)
            one()

    def expression() -> None:
        _position, token = tokens[0]
        if token == "(":
            inside(lambda: joined(expression))
        elif token == "not":
            take("not")
            inside(lambda: joined(expression))
        else:
            take("boolean")
            inside(path)

    def inside(content) -> None:
        take("(")
        content()
        take(")")

    def path() -> None:
        take("//")
        take("ElementItem" if tokens[0][1] == "ElementItem" else "SimpleItem")
        take("[")
        joined(attribute)
        take("]")

    def attribute() -> None:
        if tokens[0][1] == "not":
            take("not")
            inside(lambda: joined(attribute))
            return
        take("@Value" if tokens[0][1] == "@Value" else "@Name")
        take("=")
        position, token = tokens.pop(0)
        if not token.startswith('"'):
            raise SyntaxFault(f"around character {position + 1}: syntax error, unexpected {token}")

    joined(expression)
    take("end of file")
