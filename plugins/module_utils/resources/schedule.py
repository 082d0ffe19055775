# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Schedules: events that a device tells at times that are set, for action rules.

Source: VAPIX "Event and action services", "Scheduled events". There is no call that changes a schedule. Rules name it
by its id, so a new one gets the id of the old one, which has to go before.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
import typing as t

from ..device.device import Device
from ..model.field import TEXT, Field, Kind
from ..model.forms.soap import SoapCollection
from ..model.option import Document, Option
from ..model.shapes.collection import CollectionResource
from ..wire import soap
from ..wire.errors import VapixError

#: How clients name the format of a schedule; the page leaves it out.
DIALECT = "http://www.axis.com/vapix/ws/ical1"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_DAY = f"(?:{'|'.join(DAYS)})"
_MONTH = "(?:[1-9]|1[0-2])"
_INTERVAL = r"(?:;INTERVAL=[1-9]\d*)?"
#: The rules that devices take, in one order.
RULE = re.compile(
    rf"FREQ=(?:YEARLY(?:;BYMONTH={_MONTH}(?:,{_MONTH})*)?|MONTHLY(?:;BYDAY=(?:-?[0-5])?{_DAY}(?:,(?:-?[0-5])?{_DAY})*)?|"
    rf"WEEKLY(?:;BYDAY={_DAY}(?:,{_DAY})*)?|DAILY|HOURLY|MINUTELY|SECONDLY){_INTERVAL}"
)
MOMENT = r"\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d(?::?\d\d)?"

SCHEDULE = {
    "name": Option(required=True, pattern=r"\S|\S.*\S", like="a text without blanks around it", doc="Name."),
    "id": Option(
        pattern=r"[\w.-]+",
        like="com.axis.schedules.night",
        doc="What action rules know it by. Left out, the device gives a new one an id such as "
        "C(com.axis.schedules.genid.id-0).",
    ),
    "start": Option(
        pattern=MOMENT,
        like="2030-01-01T06:00:00",
        doc="When it begins for the first time, in the device's local time. Needed for a new schedule.",
    ),
    "end": Option(
        null="",
        pattern=f"(?:{MOMENT})?",
        like="2030-01-01T09:00:00",
        doc="When it ends for the first time. A schedule without an end is a pulse: an event without a state.",
    ),
    "recurrence": Option(
        null="",
        doc=(
            "How it comes back, as an iCalendar rule: C(FREQ) is one of V(YEARLY) (with C(BYMONTH)), V(MONTHLY) and "
            "V(WEEKLY) (with C(BYDAY)), V(DAILY), V(HOURLY), V(MINUTELY) and V(SECONDLY), each with C(INTERVAL).",
            "For example V(FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR). Empty, it happens once.",
        ),
    ),
}


def moment(text: str) -> str:
    """A date and time in one spelling. :raises ValueError: there is no such time."""
    digits = re.sub(r"\D", "", text)
    if not digits:
        return ""
    try:
        found = datetime.datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        raise ValueError(f"there is no time {text}") from None
    return found.isoformat()


def recurrence(text: str) -> str:
    """A rule in one order. :raises ValueError: devices do not take it."""
    first, *rest = [part.strip() for part in text.upper().split(";")]
    parts = []
    for part in sorted(rest):
        name, _mark, values = part.partition("=")
        ordered = sorted(values.split(","), key=_place) if name in ("BYDAY", "BYMONTH") else [values]
        parts.append(f"{name}={','.join(ordered)}")
    rule = ";".join((first, *parts))
    if rule and not RULE.fullmatch(rule):
        raise ValueError(f"{text!r} is no rule that devices take")
    return rule


def _place(value: str) -> tuple[int, str]:
    """Where a day or month stands."""
    return (DAYS.index(value) if value in DAYS else int(value) if value.isdigit() else len(DAYS), value)


def shown_recurrence(text: str) -> str:
    """A rule as a device shows it; one that devices would not take stays as it is."""
    try:
        return recurrence(text)
    except ValueError:
        return text


@dataclasses.dataclass(frozen=True)
class Schedules(SoapCollection):
    """The schedules of a device."""

    leaves_both: t.ClassVar[bool] = False

    def send(self, device: Device, arguments: Document) -> None:
        if "anew" not in arguments:
            super().send(device, arguments)
            return
        item = arguments["add"]
        old = [one for one in self.listed(device) if one["name"] == item["name"]]
        try:
            for one in old:
                self.take(device, one["id"])
            self.expect(device, self.make(device, item))
        except VapixError:
            for one in old:
                with contextlib.suppress(VapixError):  # the error that ended it is the news
                    self.make(device, one)
            raise


def unpack(element: soap.Element) -> Document:
    """A schedule by its lines."""
    found = {"id": element.text("aev:EventID") or "", "name": element.text("aev:Name") or "", "end": "", "rule": ""}
    names = {"DTSTART": "start", "DTEND": "end", "RRULE": "rule"}
    for line in (element.text("aev:Schedule/aev:ICalendar") or "").split():
        name, _mark, value = line.partition(":")
        if name in names:
            found[names[name]] = value
    return found


def pack(schedule: Document) -> soap.Content:
    """A new schedule."""
    lines = [f"DTSTART:{schedule['start']}"]
    lines += [f"DTEND:{schedule['end']}"] if schedule.get("end") else []
    lines += [f"RRULE:{schedule['rule']}"] if schedule.get("rule") else []
    calendar = ("aev:ICalendar", " ".join(lines), {"Dialect": DIALECT})
    own = [("aev:EventID", schedule["id"])] if schedule.get("id") else []
    return [("aev:Name", schedule["name"]), *own, ("aev:Schedule", [calendar])]


def check(wanted: Document, current: Document | None) -> t.Iterator[tuple[str, str]]:
    """Refuse a schedule that ends before it begins."""
    after = (current or {}) | wanted
    if after.get("end") and after["end"] <= after["start"]:
        yield f"the end {after['end']} is not after the start {after['start']}", "Correct start or end"


MOMENT_KIND = Kind(moment, lambda value: re.sub("[-:]", "", value), moment)

DECLARED = CollectionResource(
    "schedule",
    items="schedules",
    key="name",
    item=SCHEDULE,
    items_doc="The schedules.",
    kind="schedule",
    needed=("start",),
    check=check,
    forms=(
        Schedules(
            service="event service",
            lister="aev:GetScheduledEvents",
            item="aev:ScheduledEvents/aev:ScheduledEvent",
            unpack=unpack,
            added="aev:AddScheduledEvent",
            element="aev:NewScheduledEvent",
            pack=pack,
            removed="aev:RemoveScheduledEvent",
            id="aev:EventID",
            id_key="id",
            fields={
                "name": Field("name", TEXT),
                "id": Field("id", TEXT),
                "start": Field("start", MOMENT_KIND),
                "end": Field("end", MOMENT_KIND),
                "recurrence": Field("rule", Kind(shown_recurrence, normal=recurrence)),
            },
        ),
    ),
    requirements=("requests", "defusedxml"),
)
