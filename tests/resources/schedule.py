# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules. The factory has four, which stay unless a task names them."""

from __future__ import annotations

from resources.proof import ALL, GONE, Bad, Case, Proof, Shows, Step

FACTORY = {"weekdays": "Weekdays", "office_hours": "Office Hours", "after_hours": "After Hours", "weekends": "Weekends"}


def shown(number: str, name: str, calendar: str) -> Shows:
    """A schedule, as the device holds it."""
    place = f"documents.schedules.items.com.axis.schedules.{number}"
    return {f"{place}.name": name, f"{place}.calendar": calendar}


NIGHT = {
    "name": "Night",
    "start": "2030-01-01 22:00",
    "end": "20300102T060000",
    "recurrence": "freq=weekly;interval=2;byday=FR,MO",
}
NIGHTS = "DTSTART:20300101T220000 DTEND:20300102T060000 RRULE:FREQ=WEEKLY;BYDAY=MO,FR;INTERVAL=2"
PULSE = {"name": "Pulse", "id": "com.axis.schedules.pulse", "start": "2030-01-01T00:00:00", "recurrence": "FREQ=HOURLY"}
PULSES = shown("pulse", "Pulse", "DTSTART:20300101T000000 RRULE:FREQ=HOURLY")
WITHOUT_FACTORY = {path: GONE for number, name in FACTORY.items() for path in shown(number, name, "")}

PROOF = Proof(
    "schedule",
    cases=(
        Case(
            profiles=ALL,
            steps=(
                Step({"schedules": [NIGHT, PULSE]}, shown("genid.id-0", "Night", NIGHTS) | PULSES),
                # Rules that name it go on to do so.
                Step(
                    {"schedules": [{"name": "Night", "recurrence": "FREQ=DAILY"}]},
                    shown("genid.id-0", "Night", "DTSTART:20300101T220000 DTEND:20300102T060000 RRULE:FREQ=DAILY")
                    | PULSES,
                ),
                Step(
                    {
                        "schedules": [
                            {"name": "Night", "end": None, "recurrence": None},
                            {"name": "Pulse", "state": "absent"},
                        ]
                    },
                    shown("genid.id-0", "Night", "DTSTART:20300101T220000"),
                ),
                Step(
                    {
                        "schedules": [
                            {"name": "Office Hours", "start": "1970-01-01T07:00:00"},
                            {"name": "Night", "id": "night"},
                        ]
                    },
                    {
                        "documents.schedules.items.com.axis.schedules.office_hours.calendar": "DTSTART:19700101T070000 "
                        "DTEND:19700101T180000 RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
                        "documents.schedules.items.night.name": "Night",
                        "documents.schedules.items.night.calendar": "DTSTART:20300101T220000",
                    },
                ),
                Step({"schedules": [PULSE], "exclusive": True}, PULSES | WITHOUT_FACTORY),
            ),
        ),
    ),
    bad=(
        Bad({"schedules": [{"name": "a", "end": "2030-01-01 00:00"}]}, "'a' does not exist and needs start"),
        Bad({"schedules": [{"name": "a", "start": "tomorrow"}]}, "'tomorrow' is not of the form 2030-01-01T06:00:00"),
        Bad({"schedules": [{"name": "a", "start": "2030-02-30 00:00"}]}, "there is no time 2030-02-30 00:00"),
        Bad(
            {"schedules": [{"name": "a", "start": "2030-01-02 00:00", "end": "2030-01-01 00:00"}]},
            "the end 2030-01-01T00:00:00 is not after the start 2030-01-02T00:00:00",
        ),
        Bad({"schedules": [PULSE | {"recurrence": "FREQ=DAILY;BYDAY=MO"}]}, "is no rule that devices take"),
        Bad({"schedules": [PULSE | {"recurrence": "FREQ=FORTNIGHTLY"}]}, "is no rule that devices take"),
        Bad({"schedules": [PULSE | {"recurrence": "FREQ=YEARLY;BYMONTH=13"}]}, "is no rule that devices take"),
    ),
    mirrors=("documents.schedules.last",),
)
