# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action rules, each with its action configuration."""

from __future__ import annotations

import typing as t

from resources.proof import CANARY, Bad, Case, Proof, Shows, Step

PASSWORD, OTHER = f"p&s<{CANARY}>", f"o'\"{CANARY}"
PORT, READY = "tns1:Device/tnsaxis:IO/Port", "tns1:Device/tnsaxis:Status/SystemReady"
TAMPERING = "tns1:VideoSource/tnsaxis:Tampering"
RULES, CONFIGURATIONS = "documents.actionrules.items", "documents.actionconfigurations.items"


def content(**items: t.Any) -> str:
    """A filter, as it is on the wire."""
    return " and ".join(f'boolean(//SimpleItem[@Name="{name}" and @Value="{item}"])' for name, item in items.items())


def event(topic: str, text: str = "") -> dict[str, str]:
    """A start event or a condition, as the device holds it."""
    return {"topic": topic} | ({"content": text} if text else {})


def rule(number: int, name: str, action: int, *conditions: dict[str, str], **more: t.Any) -> Shows:
    """A rule, as the device holds it."""
    place = f"{RULES}.{number}"
    start = {f"{place}.start.{key}": value for key, value in more.pop("start", {}).items()}
    shows = {"name": name, "enabled": True, f"actions.{action}": "primary", "conditions": list(conditions)} | more
    return start | {f"{place}.{key}": value for key, value in shows.items()}


def configuration(number: int, name: str, action: str, **parameters: str) -> Shows:
    """An action configuration, as the device holds it."""
    place = f"{CONFIGURATIONS}.{number}"
    head = {f"{place}.name": name, f"{place}.template": f"com.axis.action.{action}"}
    return head | {f"{place}.parameters.{key}": value for key, value in parameters.items()}


LED = {"led": "statusled", "color": "green,none", "duration": "1", "interval": "250"}
LIGHT = {
    "name": "light",
    "conditions": [{"topic": READY, "items": {"ready": True}}],
    "action": "com.axis.action.fixed.ledcontrol",
    "parameters": {"led": "statusled", "color": "green,none", "duration": 1, "interval": 250},
}
OPEN = {
    "name": "door",
    "start_event": {"topic": TAMPERING},
    "conditions": [{"topic": READY}, {"topic": PORT, "items": {"port": 0, "state": 1}}],
    "action": "com.axis.action.unlimited.io.toggle",
    "parameters": {"port": 1, "state": "high"},
}
NOTE = {
    "name": "note",
    "start_event": {"topic": f"{TAMPERING}|{PORT}"},
    "action": "com.axis.action.fixed.notification.http",
    "parameters": {"upload_url": "http://192.0.2.1/a?b=1&c=2", "login": "cam", "message": "two\nlines <&>"},
    "secrets": {"password": PASSWORD},
}
HTTP = dict.fromkeys(("parameters", "proxy_host", "proxy_port", "proxy_login", "proxy_password", "qos"), "")
NEW = dict.fromkeys(("method", "http_headers", "body"), "")
SENT = {"upload_url": "http://192.0.2.1/a?b=1&c=2", "login": "cam", "message": "two\nlines <&>", "password": PASSWORD}
DOOR = (event(READY), event(PORT, content(port=0, state=1)))


def life(http: dict[str, str]) -> tuple[Step, ...]:
    """Steps on a device whose HTTP notifications have these parameters."""
    light = rule(1, "light", 1, event(READY, content(ready=1))) | configuration(1, "light", "fixed.ledcontrol", **LED)
    door = configuration(2, "door", "unlimited.io.toggle", port="1", state="high")
    notification = {"start": event(f"{TAMPERING}|{PORT}")}
    new = configuration(4, "note", "fixed.notification.http", **http | SENT | {"qos": "10", "password": OTHER})
    last = rule(6, "note", 4, enabled=False, **notification) | new
    return (
        Step(
            {"rules": [LIGHT, OPEN, NOTE]},
            light
            | door
            | rule(2, "door", 2, *DOOR, start=event(TAMPERING))
            | rule(3, "note", 3, **notification)
            | configuration(3, "note", "fixed.notification.http", **http | SENT),
        ),
        # The action stays, so it takes no password. The order of conditions is as the device shows it.
        Step(
            {"rules": [{"name": "note", "enabled": False}, {"name": "door", "start_event": None}]},
            light
            | door
            | rule(5, "door", 2, *DOOR[::-1])
            | rule(4, "note", 3, enabled=False, **notification)
            | configuration(3, "note", "fixed.notification.http", **http | SENT),
        ),
        Step(
            {
                "rules": [
                    {
                        "name": "note",
                        "parameters": NOTE["parameters"] | {"qos": 10},
                        "secrets": {"password": OTHER},
                    },
                    {"name": "light", "state": "absent"},
                ]
            },
            door | rule(5, "door", 2, *DOOR[::-1]) | last,
        ),
        Step(
            {"rules": [{"name": "door", "conditions": [{"topic": PORT, "items": {"port": 1}}]}]},
            door | rule(7, "door", 2, event(PORT, content(port=1))) | last,
        ),
        Step({"rules": [], "exclusive": True}, {}),
    )


PROOF = Proof(
    "action_rule",
    cases=(
        Case(life(HTTP | NEW), profiles=("axis-os-12",), title="life"),
        Case(life(HTTP), profiles=("axis-os-11", "axis-os-9", "axis-os-5"), title="life before 12"),
        Case(
            profiles=("axis-os-12",),
            title="expression",
            steps=(
                Step(
                    {
                        "rules": [
                            LIGHT
                            | {
                                "conditions": [{"topic": READY, "expression": f"({content(ready=1)})"}],
                                "start_event": {"topic": TAMPERING, "items": {"channel": 1}},
                            }
                        ]
                    },
                    rule(
                        1, "light", 1, event(READY, f"({content(ready=1)})"), start=event(TAMPERING, content(channel=1))
                    )
                    | configuration(1, "light", "fixed.ledcontrol", **LED),
                ),
                Step(
                    {
                        "rules": [
                            {
                                "name": "light",
                                "conditions": [{"topic": READY, "expression": content(ready=1)}],
                                "start_event": {"topic": TAMPERING, "expression": f"not({content(channel=1)})"},
                                "enabled": True,
                            }
                        ]
                    },
                    rule(
                        2,
                        "light",
                        1,
                        event(READY, content(ready=1)),
                        start=event(TAMPERING, f"not({content(channel=1)})"),
                    )
                    | configuration(1, "light", "fixed.ledcontrol", **LED),
                ),
            ),
        ),
    ),
    bad=(
        Bad({"rules": [{"name": "a", "conditions": [{"topic": READY}]}]}, "'a' does not exist and needs action"),
        Bad({"rules": [LIGHT | {"conditions": []}]}, "there is neither a condition nor a start event"),
        Bad({"rules": [OPEN | {"conditions": []}]}, "would never end without conditions"),
        Bad({"rules": [LIGHT | {"conditions": [{"topic": TAMPERING}]}]}, "has no state, so it cannot be a condition"),
        Bad(
            {"rules": [LIGHT | {"conditions": [{"topic": "tns1:Device/Nothing"}]}]}, "has no event tns1:Device/Nothing"
        ),
        Bad({"rules": [LIGHT | {"conditions": [{"topic": PORT}]}]}, "is there more than once. Give port: 0, 1"),
        Bad(
            {"rules": [LIGHT | {"conditions": [{"topic": PORT, "items": {"port": 9}}]}]},
            "has no port '9'. There is 0, 1",
        ),
        Bad({"rules": [LIGHT | {"conditions": [{"topic": READY, "items": {"x": 9}}]}]}, "has no item x. It has ready"),
        Bad(
            {"rules": [LIGHT | {"conditions": [{"topic": READY, "expression": "not[valid[xpath"}]}]},
            "expression is no filter: 'not[valid[xpath'",
        ),
        Bad({"rules": [LIGHT | {"start_event": {"items": {"x": 1}}}]}, "items or an expression need a topic"),
        Bad(
            {"rules": [LIGHT | {"action": "com.axis.action.fixed.pigeon"}]},
            "the device has no action com.axis.action.fixed",
        ),
        Bad({"rules": [LIGHT | {"parameters": {"leds": 1}}]}, "has no parameter leds. It has led, color"),
        Bad({"rules": [LIGHT | {"parameters": {"led": True}}]}, "led is to be a text or a number"),
        Bad(
            {"rules": [NOTE | {"parameters": {"password": "x"}}]},
            "the parameter password is secret. Give it in secrets",
        ),
        Bad({"rules": [NOTE | {"secrets": {"login": "x"}}]}, "the parameter login is no secret. Give it in parameters"),
        Bad({"rules": [NOTE | {"secrets": {"http_headers": "x"}}]}, "has no parameter http_headers", ("axis-os-11",)),
    ),
    mirrors=("documents.actionrules.last", "documents.actionconfigurations.last"),
    elsewhere={
        "update_secrets": "tests/unit/model/test_shapes.py::test_a_secret_is_sent_when_its_neighbours_change_or_always"
    },
)
