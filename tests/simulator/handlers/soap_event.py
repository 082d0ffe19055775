# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event service of ``/vapix/services``: Event and action services page (AXIS OS 5.50 and later).

Recorded on 11.11 and 12.9: ``GetEventInstances`` with the four schedules of the factory. Seen by others on 12: what
two of them hold. From the page: the form of a schedule, ids of new ones. From clients of others: what a list of
schedules looks like; a new one can bring an id of its own. Assumed: a schedule is shown as it was sent; one that cannot
be read, an id that is taken and one that is not there are ``ter:InvalidArgVal``; a schedule that a rule uses can be
removed; names need not be unique; what the other two schedules of the factory hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from exchange import Request
from handlers import _events
from handlers._soap import Members, SoapApi, collection, element, invalid, wrap

GENERATIONS = ("axis-os-5", "axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12")
DOCUMENT, _PREFIX = "schedules", "com.axis.schedules."


def _weekly(name: str, start: str, end: str, days: str = "") -> dict[str, str]:
    rule = f"RRULE:FREQ=WEEKLY{f';BYDAY={days}' if days else ''}"
    return {"name": name, "calendar": f"DTSTART:{start}\nDTEND:{end}\n{rule}"}


_DAYS = "MO,TU,WE,TH,FR"
DOCUMENTS = {
    DOCUMENT: {
        "items": {
            f"{_PREFIX}weekdays": _weekly("Weekdays", "19700105T000000", "19700110T000000"),
            f"{_PREFIX}office_hours": _weekly("Office Hours", "19700101T080000", "19700101T180000", _DAYS),
            f"{_PREFIX}after_hours": _weekly("After Hours", "19700101T180000", "19700102T080000", _DAYS),
            f"{_PREFIX}weekends": _weekly("Weekends", "19700103T000000", "19700105T000000"),
        },
        "last": -1,
    }
}

_DATE = r"\d{8}T\d{2}:?\d{2}(?::?\d{2})?"
_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_BY = {
    "YEARLY": r"BYMONTH=(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*",
    "MONTHLY": rf"BYDAY=(?:-?[0-5])?{_DAY}(?:,(?:-?[0-5])?{_DAY})*",
    "WEEKLY": rf"BYDAY={_DAY}(?:,{_DAY})*",
}


def _is_rule(text: str) -> bool:
    """Whether it is a rule of the page's subset."""
    frequency, *more = text.split(";")
    word = frequency.removeprefix("FREQ=")
    if word not in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY") or word == frequency:
        return False
    allowed = f"INTERVAL=[1-9][0-9]*{f'|{_BY[word]}' if word in _BY else ''}"
    names = [part.partition("=")[0] for part in more]
    return len(names) == len(set(names)) and all(re.fullmatch(allowed, part) for part in more)


def _lines(calendar: str) -> dict[str, str]:
    """The lines of a schedule by name; ``ValueError`` if it is none."""
    found: dict[str, str] = {}
    for word in calendar.split():
        name, _mark, value = word.partition(":")
        good = _is_rule(value) if name == "RRULE" else re.fullmatch(_DATE, value)
        if name not in ("DTSTART", "DTEND", "RRULE") or name in found or not good:
            raise ValueError(word)
        found[name] = value
    if "DTSTART" not in found:
        raise ValueError("no DTSTART")
    return found


def events_of(documents: Mapping[str, Any]) -> tuple[_events.Event, ...]:
    """The events of a device with its schedules."""
    held = documents[DOCUMENT]["items"]
    pulses = [number for number, one in held.items() if "DTEND" not in _lines(one["calendar"])]
    return _events.events([number for number in held if number not in pulses], pulses)


def _get_events(request: Request, node: Element) -> str:
    Members(node)
    return _events.tree(events_of(request.state.documents))


def _read(request: Request, node: Element) -> dict[str, str]:
    new = Members(node, "aev:EventID", "aev:Name", "aev:Schedule")
    calendar = Members(new.one("aev:Schedule"), "aev:ICalendar").text("aev:ICalendar")
    try:
        _lines(calendar)
    except ValueError as error:
        raise invalid(f"invalid schedule: {error}") from None
    held = request.state.documents[DOCUMENT]
    number = "".join(new.texts("aev:EventID"))
    if number in held["items"]:
        raise invalid(f"there is a scheduled event with id '{number}'")
    if not number:
        held["last"] += 1
        number = f"{_PREFIX}genid.id-{held['last']}"
    return {"id": number, "name": new.text("aev:Name"), "calendar": calendar}


def _show(_request: Request, one: dict[str, str]) -> str:
    calendar = f'<aev:ICalendar Dialect="http://www.axis.com/vapix/ws/ical1">{escape(one["calendar"])}</aev:ICalendar>'
    return element("aev:Name", one["name"]) + wrap("aev:Schedule", calendar)


SOAP = SoapApi(
    {
        "aev:GetEventInstances": _get_events,
        **collection(
            "aev:ScheduledEvent",
            "aev:EventID",
            DOCUMENT,
            _read,
            _show,
            lambda number: invalid(f"no scheduled event with id '{number}' exists"),
        ),
    },
    generations=GENERATIONS,
)
