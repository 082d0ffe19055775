# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Action rules on a device: each is a rule and the action configuration that it names.

Source: VAPIX "Event and action services", recordings of AXIS OS 10.12, 11.11 and 12.9. The action configuration is made
first, and gets the name of the rule; one that no rule uses is what an interrupted change left. One in use cannot be
removed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ...device.device import Device
from ...model.change import Call
from ...model.forms.soap import SoapCollection
from ...model.option import Document
from ...model.secret_names import is_secret
from ...wire import action_service, soap
from ...wire.errors import VapixError

CONCRETE = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
#: A topic expression that is more than one topic.
CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
ITEM_FILTER = "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"

#: What a rule can change without another action configuration.
OF_THE_RULE = frozenset({"enabled", "start_event", "conditions"})
_UNUSED = "configuration "


def hides(name: str) -> bool:
    """Whether a parameter of an action is a secret. Headers of a notification can hold a login."""
    return is_secret(name) or name == "http_headers"


@dataclasses.dataclass(frozen=True)
class Rules(SoapCollection):
    """The rules of a device with their actions."""

    def listed(self, device: Device) -> list[Document]:
        answer = soap.call(device.session, "aact:GetActionConfigurations", safe=True)
        configurations = {
            one.text("aact:ConfigurationID") or "": one
            for one in answer.all("aact:ActionConfigurations/aact:ActionConfiguration")
        }
        rules = super().listed(device)
        users = [rule["configuration"] for rule in rules]
        for rule in rules:
            configuration = configurations.get(rule["configuration"])
            rule["shared"] = users.count(rule["configuration"]) > 1
            if configuration is not None:
                given = action_service.parameters(configuration)
                rule["action"] = configuration.text("aact:TemplateToken") or ""
                rule["parameters"] = {name: value for name, value in given.items() if value and not hides(name)}
                rule["secrets"] = any(value for name, value in given.items() if hides(name))
        unused = configurations.keys() - set(users)
        remnants = [
            {"id": f"{_UNUSED}{number}", "name": configurations[number].text("aact:Name") or ""}
            for number in sorted(unused)
        ]
        return rules + remnants

    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        if not members.keys() <= OF_THE_RULE:
            return None
        own = {name: item[name] for name in ("name", *OF_THE_RULE) if name in item}
        return self._kept(native, self.anew(own), configuration=native["configuration"])

    def renew(self, native: t.Any, item: Document) -> list[Call]:
        return [self._kept(native, call) for call in super().renew(native, item)]

    def _kept(self, native: Document, call: Call, **more: str) -> Call:
        """A call with what the old rule has and no option says."""
        more |= {"timeout": native["timeout"]} if "timeout" in native else {}
        return Call(call.name, call.arguments | {"add": call.arguments["add"] | more})

    def make(self, device: Device, item: Document) -> str:
        """Make a rule, and its action configuration before it. Without the rule, that is taken away again."""
        try:
            configuration = item.get("configuration") or self._configure(device, item)
            number = super().make(device, item | {"configuration": configuration})
            self.expect(device, number)
        except VapixError:
            with contextlib.suppress(VapixError):  # the error that ended it is the news
                for one in self.listed(device):
                    if one["name"] == item["name"] and one["id"].startswith(_UNUSED):
                        self.take(device, one["id"])
            raise
        return number

    def _configure(self, device: Device, item: Document) -> str:
        """Make an action configuration, with all that its template wants. :returns: its number."""
        values = item["parameters"] | {name: str(value) for name, value in item.get("secrets", {}).items()}
        names = needed(device).get(item["action"], tuple(values))
        content = [
            ("aact:Name", item["name"]),
            ("aact:TemplateToken", item["action"]),
            ("aact:Parameters", action_service.content({name: values.get(name, "") for name in names})),
        ]
        answer = soap.call(device.session, "aact:AddActionConfiguration", [("aact:NewActionConfiguration", content)])
        return answer.text("aact:ConfigurationID") or ""

    def take(self, device: Device, number: str) -> None:
        """Remove a rule, and its action configuration if no other rule uses it; or one that no rule uses."""
        if number.startswith(_UNUSED):
            self._unconfigure(device, number.removeprefix(_UNUSED))
            return
        there = {one["id"]: one for one in self.listed(device)}.get(number)
        super().take(device, number)
        if there is not None and not there["shared"]:
            self._unconfigure(device, there["configuration"])

    def _unconfigure(self, device: Device, number: str) -> None:
        soap.call(device.session, "aact:RemoveActionConfiguration", [("aact:ConfigurationID", number)])


def needed(device: Device) -> dict[str, tuple[str, ...]]:
    """The parameters of each action of a device, by token, with those of the recipient that it sends to."""
    recipients = action_service.templates(device.session, "Recipient")
    found = {}
    for token, (own, recipient) in action_service.templates(device.session, "Action").items():
        more = recipients[recipient].parameters if recipient in recipients else ()
        found[token] = tuple(dict.fromkeys((*own, *more)))
    return found


def unpack(element: soap.Element) -> Document:
    """A rule, without its action."""
    start = element.find("aact:StartEvent")
    rule = {
        "id": element.text("aact:RuleID") or "",
        "name": element.text("aact:Name") or "",
        "enabled": element.text("aact:Enabled") or "",
        "configuration": element.text("aact:PrimaryAction") or "",
        "start_event": {} if start is None else _filter(start),
        "conditions": [_filter(one) for one in element.all("aact:Conditions/aact:Condition")],
    }
    timeout = element.text("aact:ActivationTimeout")
    return rule if timeout is None else rule | {"timeout": timeout}


def _filter(element: soap.Element) -> Document:
    topic, content = element.text("wsnt:TopicExpression"), element.text("wsnt:MessageContent")
    return {"topic": topic or "", "content": content or ""}


def pack(rule: Document) -> soap.Content:
    """A new rule. The order of the elements counts."""
    parts: list[tuple[t.Any, ...]] = [("aact:Name", rule["name"]), ("aact:Enabled", rule["enabled"])]
    if rule.get("start_event"):
        parts.append(("aact:StartEvent", _content(rule["start_event"])))
    if rule.get("conditions"):
        parts.append(("aact:Conditions", [("aact:Condition", _content(one)) for one in rule["conditions"]]))
    if "timeout" in rule:
        parts.append(("aact:ActivationTimeout", rule["timeout"]))
    return [*parts, ("aact:PrimaryAction", rule["configuration"])]


def _content(event: Document) -> soap.Content:
    dialect = CONCRETE_SET if set("*|") & set(event["topic"]) else CONCRETE
    found: list[tuple[t.Any, ...]] = [("wsnt:TopicExpression", event["topic"], {"Dialect": dialect})]
    if event["content"]:
        found.append(("wsnt:MessageContent", event["content"], {"Dialect": ITEM_FILTER}))
    return found
