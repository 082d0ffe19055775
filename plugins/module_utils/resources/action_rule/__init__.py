# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Action rules: what a device does when something happens.

Source: VAPIX "Event and action services". A rule has a start event, conditions, or both, and one action.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...model.field import IS_SET, TEXT, TRUE_FALSE, Field, Kind, ListOf
from ...model.option import Document, Option
from ...model.shapes.collection import CollectionResource
from . import events
from .filters import EVENT
from .rules import Rules, hides, needed, pack, unpack

_NAME = r"(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*"
TOPIC = Option(
    required=True,
    pattern=rf"{_NAME}(?:/{_NAME})*(?://\.)?",
    like="tns1:Device/tnsaxis:IO/Port",
    doc="Topic of the event, with the prefixes C(tns1) and C(tnsaxis).",
)
ITEMS = Option(
    "dict",
    doc="Values that items of the event must have, by name of the item, for example C(port) and C(state). Yes is C(1), "
    "no is C(0).",
)
EXPRESSION = Option(
    doc="A filter for what O(rules[].conditions[].items) cannot say, in the dialect ItemFilter of ONVIF.",
)
RULE = {
    "name": Option(required=True, pattern=r"\S|\S.*\S", like="a text without blanks around it", doc="Name."),
    "enabled": Option("bool", null=True, doc="Whether the rule is in use."),
    "start_event": Option(
        "dict",
        null={},
        options={
            "topic": dataclasses.replace(
                TOPIC,
                required=False,
                pattern=r"[\w.:*/-]+(?:\|[\w.:*/-]+)*",
                doc="Topic of the event, with the prefixes C(tns1) and C(tnsaxis). Several are joined with C(|).",
            ),
            "items": ITEMS,
            "expression": dataclasses.replace(
                EXPRESSION,
                doc="A filter for what O(rules[].start_event.items) cannot say, in the dialect ItemFilter of ONVIF.",
            ),
        },
        doc="What triggers the rule. Without it, the rule is triggered as soon as all conditions are met.",
    ),
    "conditions": Option(
        "list",
        elements="dict",
        options={"topic": TOPIC, "items": ITEMS, "expression": EXPRESSION},
        null=[],
        ordered=False,
        doc=(
            "What must be so while the action runs. Each condition is one event that has a state: give enough items "
            "that only one is meant. The list replaces that on the device.",
            "A rule needs a condition or a start event, and one with an unlimited action needs a condition.",
        ),
    ),
    "action": Option(
        pattern=r"[\w.-]+",
        like="com.axis.action.unlimited.io.toggle",
        doc="What the device does, as ID of an action template. Needed for a new rule.",
    ),
    "parameters": Option(
        "dict",
        null={},
        doc=(
            "Parameters of the action, by the names of the VAPIX page. They replace all parameters of the action. "
            "Those that are left out are empty.",
            "An action that sends something has the parameters of the recipient as well, for example C(upload_url) "
            "and C(login).",
        ),
    ),
    "secrets": Option(
        "dict",
        secret=True,
        write_only=True,
        doc="Parameters of the action that are secret: passwords, private keys, and C(http_headers).",
    ),
}


def as_text(value: t.Any) -> dict[str, str]:
    """Parameters as a device shows them. :raises ValueError: one is neither a text nor a number."""
    for name, item in value.items():
        if isinstance(item, bool) or not isinstance(item, (str, int, float)):
            raise ValueError(f"{name} is to be a text or a number")
    return {name: str(item) for name, item in value.items() if item != ""}


def of_secrets(value: t.Any) -> t.Any:
    """Secrets as they were given, none if all are empty. :raises ValueError: one is neither a text nor a number."""
    return value if as_text(value) else {}


def check(wanted: Document, current: Document | None) -> t.Iterator[tuple[str, str]]:
    """Refuse a rule that nothing triggers, and secrets in the wrong place."""
    after = (current or {}) | wanted
    if not after.get("conditions") and not after.get("start_event"):
        yield "there is neither a condition nor a start event", "Add one to conditions, or start_event"
    elif not after.get("conditions") and ".unlimited." in after["action"]:
        yield f"the action {after['action']} would never end without conditions", "Add one, or take the fixed action"
    for name in wanted.get("parameters", {}):
        if hides(name):
            yield f"the parameter {name} is secret", "Give it in secrets"
    for name in wanted.get("secrets", {}):
        if not hides(name):
            yield f"the parameter {name} is no secret", "Give it in parameters"


def verify(device: Device, rules: t.Sequence[Document]) -> t.Iterator[tuple[str, str]]:
    """Refuse actions, parameters and events that the device does not have."""
    actions, told = needed(device), events.read(device)
    for rule in rules:
        name, names = rule["name"], actions.get(rule["action"])
        if names is None:
            yield f"{name!r}: the device has no action {rule['action']}", f"It has {', '.join(sorted(actions))}"
        for parameter in (*rule.get("parameters", {}), *_given(rule)):
            if names is not None and parameter not in names:
                yield f"{name!r}: the action has no parameter {parameter}", f"It has {', '.join(names)}"
        for condition in rule.get("conditions", ()):
            for problem, remedy in events.problems(condition, told):
                yield f"{name!r}: conditions: {problem}", remedy


def _given(rule: Document) -> t.Iterable[str]:
    """Names of the secrets that a user gave; of others nothing is known but that there are some."""
    secrets = rule.get("secrets")
    return secrets if isinstance(secrets, dict) else ()


DECLARED = CollectionResource(
    "action_rule",
    items="rules",
    key="name",
    item=RULE,
    items_doc="The action rules.",
    kind="action_rule",
    needed=("action",),
    check=check,
    verify=verify,
    forms=(
        Rules(
            service="action service",
            lister="aact:GetActionRules",
            item="aact:ActionRules/aact:ActionRule",
            unpack=unpack,
            added="aact:AddActionRule",
            element="aact:NewActionRule",
            pack=pack,
            removed="aact:RemoveActionRule",
            id="aact:RuleID",
            id_key="id",
            fields={
                "name": Field("name", TEXT),
                "enabled": Field("enabled", TRUE_FALSE),
                "start_event": Field("start_event", EVENT),
                "conditions": Field("conditions", ListOf(EVENT)),
                "action": Field("action", TEXT),
                "parameters": Field("parameters", Kind(normal=as_text)),
                "secrets": Field("secrets", Kind(IS_SET.decode, normal=of_secrets)),
            },
        ),
    ),
    requirements=("requests", "defusedxml", "deepdiff"),
)
