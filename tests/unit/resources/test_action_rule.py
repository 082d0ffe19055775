# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how filters of action rules are read and written, and how the rules of real devices are read."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, RECORDED, answer, fake_device

from ansible_collections.axis.vapix.plugins.module_utils.resources.action_rule import DECLARED, events, filters

ITEMS = st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters='"'), min_size=1), st.text("ab1 ()&"))


@given(ITEMS)
def test_items_come_back(items: dict[str, str]) -> None:
    expression = filters.as_expression(items)
    assert filters.as_items(expression) == items
    assert not items or filters.is_expression(expression)
    value = {"topic": "tns1:A/B", "items": items}
    assert filters.decode(filters.encode(value)) == value == filters.normal(value)


A, B = filters.as_expression({"a": "1"}), filters.as_expression({"b": "2"})


@pytest.mark.parametrize(
    ("expression", "items"),
    [
        ("", {}),
        (f"{A} and {B}", {"a": "1", "b": "2"}),
        (f" {B}  and\n{A} ", {"b": "2", "a": "1"}),
        (f"{A} and {A}", None),
        (f"{A} or {B}", None),
        (f"not({A})", None),
        (f"({A} and {B}) or not ({A})", None),
        ('boolean(//SimpleItem[@Name="a"])', None),
    ],
)
def test_expressions(expression: str, items: dict[str, str] | None) -> None:
    assert filters.as_items(expression) == items
    assert expression == "" or filters.is_expression(expression)


@pytest.mark.parametrize(
    "text", ["", "B", "not[valid[xpath", f"{A} and", f"({A}", f"{A} {B}", "boolean(//SimpleItem[])"]
)
def test_what_is_no_expression(text: str) -> None:
    assert not filters.is_expression(text)


def recorded(case: str, device: str, number: str = "000") -> bytes:
    (found,) = (RECORDED / "rs4acap" / case / device).glob(f"{number}-response-*")
    return found.read_bytes()


def reading(rules: bytes, configurations: bytes) -> list[dict[str, t.Any]]:
    """The rules of a device that answers so, in the words of the options."""
    device, session = fake_device()

    def services(request: t.Any) -> t.Any:
        return answer(configurations if b"GetActionConfigurations" in request.body else rules, 200)

    session.routes["/vapix/services"] = services
    target = DECLARED.on(device, {})
    return t.cast(list[dict[str, t.Any]], target.current(target.read())["rules"])


@NEEDS_RECORDINGS
def test_recorded_rules() -> None:
    device = "D4200-VE-12.9.57"
    found = reading(recorded("action1_get_action_rules", device), recorded("action1_get_action_configurations", device))
    assert [rule["name"].rpartition(": ")[2] for rule in found] == ["Loud ringer", "SIP", "LiveStream", "Recording"]
    assert found[0] == {
        "name": "Loud ringer",
        "enabled": False,
        "start_event": {},
        "conditions": [{"topic": "tnsaxis:Call/State", "items": {"CallState": "Ringing", "Source": "NetworkSpeaker"}}],
        "action": "com.axis.action.unlimited.play.audioclip",
        "parameters": {"location": "%2Fetc%2Faudioclips%2Falarm.mp3"},
    }


@NEEDS_RECORDINGS
def test_what_older_devices_add_to_a_topic_is_no_difference() -> None:
    rules = recorded("action1_action_rule_crud", "P8815-2-10.12.323", "002")
    assert b"SystemReady//.<" in rules
    # The action is not recorded with it.
    device, session = fake_device({"/vapix/services": answer(rules)})
    (form,) = DECLARED.forms
    from ansible_collections.axis.vapix.plugins.module_utils.wire import soap

    shown = soap.call(t.cast(t.Any, session), "aact:GetActionRules", safe=True)
    (rule,) = (form.unpack(one) for one in shown.all(form.item))
    assert form.decode(rule, device)["conditions"] == [
        {"topic": "tns1:Device/tnsaxis:Status/SystemReady", "items": {"ready": "1"}}
    ]


@NEEDS_RECORDINGS
@pytest.mark.parametrize("device", ["D4200-VE-12.9.57", "M1075-L-12.9.57", "P8815-2-11.11.192"])
def test_recorded_events(device: str) -> None:
    body = recorded("event1_get_event_instances", device)
    told = events.read(fake_device({"/vapix/services": answer(body)})[0])
    ready = {"topic": "tns1:Device/tnsaxis:Status/SystemReady", "items": {"ready": "1"}}
    assert list(events.problems(ready, told)) == []
    # The page gives every name a prefix.
    hours = {"topic": "tns1:UserAlarm/tnsaxis:Recurring/tnsaxis:Interval", "items": {"active": "1"}}
    ((problem, remedy),) = events.problems(hours, told)
    assert "is there more than once" in problem and "com.axis.schedules.office_hours" in remedy
    hours["items"] = {"id": "com.axis.schedules.weekends", "active": "1"}
    assert list(events.problems(hours, told)) == []
