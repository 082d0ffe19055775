# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action service: recipients, action configurations and action rules, and the events that rules stand on."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import fromstring

from .apis import accounts, exchanges, not_recorded
from .services import SOAP

NS = {
    "env": "http://www.w3.org/2003/05/soap-envelope",
    "aa": "http://www.axis.com/vapix/ws/action1",
    "aev": "http://www.axis.com/vapix/ws/event1",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
}
DECLARED = {
    **NS,
    "tns1": "http://www.onvif.org/ver10/topics",
    "tnsaxis": "http://www.axis.com/2009/event/topics",
}
CASES = [
    "action1_action_rule_crud",
    "action1_add_action_configuration_parameters_mismatch",
    "action1_add_action_configuration_unknown_template",
    "action1_add_action_rule_invalid_condition",
    "action1_add_action_rule_invalid_message_content",
    "action1_add_action_rule_invalid_topic",
    "action1_add_action_rule_no_activation",
    "action1_add_action_rule_unknown_configuration",
    "action1_get_action_configurations",
    "action1_get_action_rules",
    "action1_remove_action_configuration_in_use",
    "action1_remove_action_configuration_unknown",
    "action1_remove_action_rule_unknown",
]
PROFILES = ("axis-os-5", "axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12")
DIALECT = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
FILTER = "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"


def post(device, body):
    """Any body."""
    return device.ask("POST", SOAP, data=body.encode(), headers={"Content-Type": "application/soap+xml"})


def call(device, content):
    """An operation: status, and the answer's element."""
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in DECLARED.items())
    answer = post(device, f"<env:Envelope {names}><env:Body>{content}</env:Body></env:Envelope>")
    return answer.status_code, fromstring(answer.content).find("env:Body", NS)[0]


def done(device, content):
    """An operation that must succeed."""
    status, found = call(device, content)
    assert status == 200, ElementTree.tostring(found)
    return found


def refusal(device, content):
    """Status, name in the detail, reason."""
    status, found = call(device, content)
    return (
        status,
        found.find("env:Detail", NS)[0].tag.rpartition("}")[2],
        found.findtext("env:Reason/env:Text", None, NS),
    )


def plain(text):
    """The body of an answer in a form that can be compared: lists by number, without the time of day."""
    body = fromstring(text).find("env:Body", NS)
    for node in body.iter():
        if node.tag.endswith("}Timestamp"):
            node.text = "now"
        if node.tag.endswith(("}ActionRules", "}ActionConfigurations")):
            node[:] = sorted(node, key=lambda one: int(one[0].text))
        if node.tag.endswith("}Text") and (node.text or "").startswith("around character"):
            node.text = "around character"
    return ElementTree.canonicalize(ElementTree.tostring(body, encoding="unicode"), strip_text=True)


def as_before(steps):
    """The documents of the recorded device when somebody began: what it lists without having been told, and numbers."""
    told = {}
    documents = {name: {"items": {}, "last": 0} for name in ("actionconfigurations", "actionrules")}
    for _verb, _path, _body, _status, answer in steps:
        body = fromstring(answer).find("env:Body", NS)[0]
        for name, tag in (("actionconfigurations", "ConfigurationID"), ("actionrules", "RuleID")):
            if "Add" in body.tag and (number := body.findtext(f"aa:{tag}", None, NS)):
                told[name] = int(number)
                documents[name]["last"] = int(number) - 1
        for rule in body.iterfind("aa:ActionRules/aa:ActionRule", NS):
            number = rule.findtext("aa:RuleID", None, NS)
            if int(number) != told.get("actionrules"):
                documents["actionrules"]["items"][number] = {
                    "name": rule.findtext("aa:Name", None, NS),
                    "enabled": rule.findtext("aa:Enabled", None, NS) == "true",
                    "actions": {rule.findtext("aa:PrimaryAction", None, NS): "primary"},
                    "conditions": [
                        {
                            "topic": one.findtext("wsnt:TopicExpression", None, NS),
                            "content": one.findtext("wsnt:MessageContent", None, NS),
                        }
                        for one in rule.iterfind("aa:Conditions/aa:Condition", NS)
                    ],
                }
        for one in body.iterfind("aa:ActionConfigurations/aa:ActionConfiguration", NS):
            documents["actionconfigurations"]["items"][one.findtext("aa:ConfigurationID", None, NS)] = {
                "name": one.findtext("aa:Name", None, NS),
                "template": one.findtext("aa:TemplateToken", None, NS),
                "parameters": {
                    item.get("Name"): item.get("Value") for item in one.iterfind("aa:Parameters/aa:Parameter", NS)
                },
            }
    return documents


@pytest.mark.parametrize("case", CASES)
def test_as_recorded(case, client, fleet, recorded):
    for name, steps in exchanges(recorded, case):
        version = int(re.search(r"-(\d+)\.\d+\.\d+", name)[1])
        device = client(f"axis-os-{version}")
        fleet.reset(device.device.serial)
        fleet.patch(device.device.serial, {"documents": as_before(steps)})
        for number, (_verb, _path, body, status, expected) in enumerate(steps):
            answer = post(device, body)
            assert (answer.status_code, plain(answer.content)) == (status, plain(expected)), (name, number)


def test_events_as_recorded(client, recorded):
    def described(root):
        found = {}

        def walk(node, path):
            for child in node:
                if child.tag == f"{{{NS['aev']}}}MessageInstance":
                    shown = ElementTree.canonicalize(ElementTree.tostring(child, encoding="unicode"))
                    found[path] = re.sub(r' \w+:NiceName="[^"]*"|<(\w+:)?Value.*?</(\w+:)?Value>', "", shown)
                else:
                    walk(child, (*path, child.tag))

        walk(root.find(".//wstop:TopicSet", NS), ())
        return found

    ours = described(done(client("axis-os-12"), "<aev:GetEventInstances/>"))
    theirs = {}
    for _name, steps in exchanges(recorded, "event1_get_event_instances"):
        theirs |= described(fromstring(steps[0][4]))
    assert len(ours) == 7
    assert {path: theirs.get(path) for path in ours} == ours


def recipient(name="r", kind="tcp", **parameters):
    """A new recipient."""
    inner = "".join(f'<aa:Parameter Name="{key}" Value="{value}"/>' for key, value in parameters.items())
    return (
        f"<aa:AddRecipientConfiguration><aa:NewRecipientConfiguration><aa:Name>{name}</aa:Name><aa:TemplateToken>"
        f"com.axis.recipient.{kind}</aa:TemplateToken><aa:Parameters>{inner}</aa:Parameters>"
        "</aa:NewRecipientConfiguration></aa:AddRecipientConfiguration>"
    )


def test_recipients_are_not_recorded(recorded):
    not_recorded("recipients, templates, scheduled events")


@pytest.mark.parametrize("profile", PROFILES)
def test_life_of_a_recipient(profile, client):
    device = client(profile)
    given = {"host": "192.0.2.1", "port": "5000", "qos": "0"}
    made = done(device, recipient(**given))
    assert made.findtext("aa:ConfigurationID", None, NS) == "1"
    done(device, recipient(name="r", **given))
    (second, first) = done(device, "<aa:GetRecipientConfigurations/>").iterfind(".//aa:RecipientConfiguration", NS)
    assert [node.text for node in first[:3]] == ["1", "r", "com.axis.recipient.tcp"]
    assert {item.get("Name"): item.get("Value") for item in first[3]} == given and second[0].text == "2"
    remove = (
        "<aa:RemoveRecipientConfiguration><aa:ConfigurationID>{}</aa:ConfigurationID></aa:RemoveRecipientConfiguration>"
    )
    done(device, remove.format(1))
    assert refusal(device, remove.format(1)) == (400, "RecipientConfigurationNotFoundFault", "")
    assert done(device, recipient(**given)).findtext("aa:ConfigurationID", None, NS) == "3", "numbers are given once"


def test_refused_recipients(client):
    device = client("axis-os-12")
    mismatch = (400, "ParametersMissmatchFault")
    assert refusal(device, recipient(host="a", qos="0"))[:2] == mismatch
    assert refusal(device, recipient(host="a", port="1", qos="0", login="x"))[:2] == mismatch
    assert refusal(device, recipient(kind="pigeon"))[1] == "RecipientTemplateNotFoundFault"
    assert refusal(client("axis-os-5"), recipient(kind="sftp"))[1] == "RecipientTemplateNotFoundFault"
    assert not done(device, "<aa:GetRecipientConfigurations/>").findall(".//aa:RecipientConfiguration", NS)


def test_templates(client):
    def names(profile, operation):
        found = done(client(profile), f"<aa:Get{operation}Templates/>").iterfind(f".//aa:{operation}Template", NS)
        return {
            one.findtext("aa:TemplateToken", None, NS): [item.get("Name") for item in one.find("aa:Parameters", NS)]
            for one in found
        }

    # The page says since when FTP has this.
    assert "temporary" in names("axis-os-12", "Recipient")["com.axis.recipient.ftp"]
    assert "temporary" not in names("axis-os-5", "Recipient")["com.axis.recipient.ftp"]
    assert names("axis-os-12", "Action")["com.axis.action.unlimited.io.toggle"] == ["port", "state"]


def rule(inner, enabled="true"):
    """A new rule."""
    return (
        f"<aa:AddActionRule><aa:NewActionRule><aa:Name>x</aa:Name><aa:Enabled>{enabled}</aa:Enabled>{inner}"
        "<aa:PrimaryAction>1</aa:PrimaryAction></aa:NewActionRule></aa:AddActionRule>"
    )


def event(element, topic, **items):
    """A start event or a condition."""
    content = " and ".join(
        f'boolean(//SimpleItem[@Name="{name}" and @Value="{value}"])' for name, value in items.items()
    )
    return (
        f'<aa:{element}><wsnt:TopicExpression Dialect="{DIALECT}">{topic}</wsnt:TopicExpression>'
        f'<wsnt:MessageContent Dialect="{FILTER}">{content}</wsnt:MessageContent></aa:{element}>'
        if content
        else f'<aa:{element}><wsnt:TopicExpression Dialect="{DIALECT}">{topic}</wsnt:TopicExpression></aa:{element}>'
    )


def conditions(*those):
    """The block of conditions."""
    return f"<aa:Conditions>{''.join(those)}</aa:Conditions>"


PORT, TAMPERING = "tns1:Device/tnsaxis:IO/Port", "tns1:VideoSource/tnsaxis:Tampering"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (conditions(event("Condition", PORT, port=0, state=1)), None),
        (conditions(event("Condition", "tns1:Device/tnsaxis:IO/tnsaxis:Port", port=0)), None),
        (event("StartEvent", TAMPERING) + conditions(event("Condition", PORT, port=0)), None),
        (conditions(event("Condition", PORT, state=1)), "InvalidConditionFilterFault"),
        (conditions(event("Condition", PORT, port=9)), "InvalidConditionFilterFault"),
        (conditions(event("Condition", PORT, port=0, other=1)), "InvalidConditionFilterFault"),
        (conditions(event("Condition", TAMPERING)), "InvalidConditionFilterFault"),
        (conditions(event("Condition", "other:Device/Port", port=0)), "InvalidTopicExpressionFault"),
        (event("StartEvent", TAMPERING), "InvalidConditionFilterFault"),
        ("", "Text"),
    ],
)
def test_rules(inner, expected, client):
    device = client("axis-os-12")
    done(
        device,
        "<aa:AddActionConfiguration><aa:NewActionConfiguration><aa:TemplateToken>com.axis.action.unlimited.io.toggle"
        '</aa:TemplateToken><aa:Parameters><aa:Parameter Name="port" Value="0"/><aa:Parameter Name="state" Value="x"/>'
        "</aa:Parameters></aa:NewActionConfiguration></aa:AddActionConfiguration>",
    )
    if expected:
        assert refusal(device, rule(inner))[:2] == (400, expected)
    else:
        assert done(device, rule(inner)).findtext("aa:RuleID", None, NS) == "1"
    shown = done(device, "<aa:GetActionRules/>").findall(".//aa:ActionRule", NS)
    assert len(shown) == (0 if expected else 1)


def test_generations_and_roles(client, fleet):
    for profile in PROFILES:
        assert call(client(profile), "<aa:GetActionRules/>")[0] == 200
    # 5.51 has nothing else of SOAP here.
    assert call(client("axis-os-5"), "<aev:Nothing/>")[0] == 500
    accounts(fleet, fleet.device("axis-os-12"), "operator")
    assert post(client("axis-os-12", user="operator"), "").status_code == 403
