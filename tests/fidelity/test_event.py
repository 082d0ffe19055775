# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event service: scheduled events. What the tree of events looks like is compared in test_action."""

from __future__ import annotations

import re

import pytest

from .apis import accounts, exchanges, not_recorded
from .test_action import NS, PROFILES, call, done, post

FACTORY = ["after_hours", "office_hours", "weekdays", "weekends"]


def schedule(calendar, name="x", number=""):
    """A new schedule."""
    own = f"<aev:EventID>{number}</aev:EventID>" if number else ""
    return (
        f"<aev:AddScheduledEvent><aev:NewScheduledEvent><aev:Name>{name}</aev:Name>{own}<aev:Schedule><aev:ICalendar>"
        f"{calendar}</aev:ICalendar></aev:Schedule></aev:NewScheduledEvent></aev:AddScheduledEvent>"
    )


def remove(number):
    """Away with it."""
    return f"<aev:RemoveScheduledEvent><aev:EventID>{number}</aev:EventID></aev:RemoveScheduledEvent>"


def shown(device):
    """Name and calendar by id."""
    return {
        one.findtext("aev:EventID", None, NS): (
            one.findtext("aev:Name", None, NS),
            one.findtext("aev:Schedule/aev:ICalendar", None, NS),
        )
        for one in done(device, "<aev:GetScheduledEvents/>").iterfind("aev:ScheduledEvents/aev:ScheduledEvent", NS)
    }


def values(text, topic):
    """The ids that the tree lists for a topic."""
    found = re.search(rf"<{topic} .*?</{topic}>", text, re.DOTALL)
    return sorted(re.findall(r"com\.axis\.schedules\.[\w.-]+", found[0])) if found else []


def test_schedules_of_the_factory_as_recorded(client, recorded):
    ours = sorted(shown(client("axis-os-12")))
    assert ours == [f"com.axis.schedules.{name}" for name in FACTORY]
    for name, steps in exchanges(recorded, "event1_get_event_instances"):
        assert values(steps[0][4], "Interval") == ours, name


def test_the_operations_are_not_recorded(recorded):
    not_recorded("AddScheduledEvent, GetScheduledEvents and RemoveScheduledEvent")


@pytest.mark.parametrize("profile", PROFILES)
def test_life(profile, client):
    device = client(profile)
    # As the page has it.
    calendar = "DTSTART:20111212T06:00 DTEND:20111212T09:00 RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    made = done(device, schedule(calendar, "My schedule")).findtext("aev:EventID", None, NS)
    assert made == "com.axis.schedules.genid.id-0" and shown(device)[made] == ("My schedule", calendar)
    done(device, schedule("DTSTART:20111212T060000", number="own"))
    tree = post(device, envelope("<aev:GetEventInstances/>")).text
    assert made in values(tree, "Interval") and ">own</" in tree.partition("<Pulse")[2]
    for number in (made, "own"):
        done(device, remove(number))
    assert (
        len(shown(device)) == len(FACTORY) and "<Pulse" not in post(device, envelope("<aev:GetEventInstances/>")).text
    )


def envelope(content):
    """A request."""
    return f'<e:Envelope xmlns:e="{NS["env"]}" xmlns:aev="{NS["aev"]}"><e:Body>{content}</e:Body></e:Envelope>'


@pytest.mark.parametrize(
    "content",
    [
        schedule("DTEND:20111212T090000"),
        schedule("DTSTART:tomorrow"),
        schedule("DTSTART:20111212T060000 RRULE:FREQ=DAILY;BYDAY=MO"),
        schedule("DTSTART:20111212T060000 RRULE:FREQ=WEEKLY;BYDAY=1MO"),
        schedule("DTSTART:20111212T060000 RRULE:FREQ=WEEKLY;INTERVAL=0"),
        schedule("DTSTART:20111212T060000 SUMMARY:x"),
        schedule("DTSTART:20111212T060000", number="com.axis.schedules.weekends"),
        remove("nobody"),
    ],
)
def test_what_is_refused(content, client):
    device = client("axis-os-12")
    status, fault = call(device, content)
    assert status == 400 and "InvalidArgVal" in "".join(fault.itertext())
    assert len(shown(device)) == len(FACTORY)


def test_roles(client, fleet):
    accounts(fleet, fleet.device("axis-os-12"), "operator")
    assert post(client("axis-os-12", user="operator"), envelope("<aev:GetScheduledEvents/>")).status_code == 403
