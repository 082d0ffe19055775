# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action service of ``/vapix/services``: Event and action services page (AXIS OS 5.50 and later).

Recorded on 10.12, 11.11 and 12.9: action configurations and rules, whole lives of them, and the refusals that
tests/fidelity/test_action.py lists; numbers go up and are given once. From the page: templates with their parameters,
of which all must be sent; an unlimited action needs a condition, a rule a condition or a start event. From clients of
others: what a list of templates looks like, ``ActivationTimeout``. Assumed: recipients are refused as action
configurations are; a parameter that the template does not have is refused; names need not be unique; parameters are
shown as they were sent, passwords too (the device's own pages need them for a new rule); no value is checked; which
templates a firmware has (SFTP and ``temporary`` are newer than 5.51, the SHA256 of SFTP came with 11, method, headers
and body of notifications with 12); 9.80 and 5.51 show ``//.`` behind topics as 10.12 does.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from exchange import Request
from handlers import _events
from handlers._soap import SENDER, Fault, Members, Operation, SoapApi, collection, element, wrap
from handlers.soap_event import events_of

GENERATIONS = ("axis-os-5", "axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12")
_RECIPIENTS, _CONFIGURATIONS, _RULES = "recipients", "actionconfigurations", "actionrules"
DOCUMENTS = {name: {"items": {}, "last": 0} for name in (_RECIPIENTS, _CONFIGURATIONS, _RULES)}

_CONCRETE = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
_DIALECTS = (
    _CONCRETE,
    "http://docs.oasis-open.org/wsn/t-1/TopicExpression/ConcreteSet",
    "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet",
)
_ITEM_FILTER = "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"

_PROXY = "login password proxy_host proxy_port proxy_login proxy_password qos"
_SSH = "ssh_auth_type ssh_public_key ssh_private_key ssh_private_key_passphrase"
# Parameters by the end of the token. A name behind a colon is newer: so many generations do not have it.
_RECIPIENT_TEMPLATES = {
    "ftp": "host upload_path port login password passive temporary:1 qos",
    "sftp:1": "host upload_path port login password ssh_host_pub_key_md5 ssh_host_pub_key_sha256:3 "
    f"{_SSH} temporary qos",
    "http": f"upload_url {_PROXY}",
    "https": f"upload_url {_PROXY} validate_server_cert",
    "networkshare": "upload_path share_id qos",
    "smtp": "email_to email_from host port login password pop_host pop_port pop_login pop_password qos encryption "
    "validate_server_cert",
    "tcp": "host port qos",
}
_IMAGES = "stream_options pre_duration post_duration create_folder filename max_sequence_number max_images"
_NOTE = "message parameters method:4 http_headers:4 body:4"
# The recipient stands before a bar.
_ACTION_TEMPLATES = {
    "fixed.ledcontrol": "led color duration interval",
    "unlimited.ledcontrol": "led color interval",
    "fixed.io.toggle": "port state duration",
    "unlimited.io.toggle": "port state",
    "unlimited.play.audioclip": "location",
    "fixed.notification.http": f"http|{_NOTE}",
    "fixed.notification.https": f"https|{_NOTE}",
    "fixed.notification.smtp": "smtp|subject message",
    "fixed.notification.tcp": "tcp|message",
    "unlimited.notification.tcp": "tcp|message period",
    "fixed.send_images.ftp": f"ftp|{_IMAGES}",
    "unlimited.send_images.ftp": f"ftp|{_IMAGES}",
}
_RECIPIENT, _ACTION = "com.axis.recipient.", "com.axis.action."


def _there(request: Request, text: str) -> str | None:
    """A name, where the firmware has it."""
    name, _mark, since = text.partition(":")
    return name if GENERATIONS.index(request.device.profile.generation) >= int(since or 0) else None


def _names(request: Request, text: str) -> tuple[str, ...]:
    return tuple(name for word in text.split() if (name := _there(request, word)))


def _recipient_templates(request: Request) -> dict[str, tuple[str, ...]]:
    found = {_there(request, kind): names for kind, names in _RECIPIENT_TEMPLATES.items()}
    return {f"{_RECIPIENT}{kind}": _names(request, names) for kind, names in found.items() if kind}


def _action_templates(request: Request) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The recipient and the own parameters of each."""
    found = {}
    for kind, text in _ACTION_TEMPLATES.items():
        *recipient, names = text.split("|")
        found[f"{_ACTION}{kind}"] = (f"{_RECIPIENT}{recipient[0]}" if recipient else "", _names(request, names))
    return found


def _template(token: str, recipient: str, names: tuple[str, ...], kind: str) -> str:
    parameters = "".join(f'<aa:Parameter Type="xsd:string" Name={quoteattr(name)}></aa:Parameter>' for name in names)
    parts = (
        element("aa:TemplateToken", token),
        element("aa:RecipientTemplate", recipient) if recipient else "",
        wrap("aa:Parameters", parameters),
    )
    return wrap(f"aa:{kind}Template", "".join(parts))


def _get_recipient_templates(request: Request, node: Element) -> str:
    Members(node)
    templates = _recipient_templates(request).items()
    return wrap(
        "aa:RecipientTemplates", "".join(_template(token, "", names, "Recipient") for token, names in templates)
    )


def _get_action_templates(request: Request, node: Element) -> str:
    Members(node)
    templates = _action_templates(request).items()
    return wrap("aa:ActionTemplates", "".join(_template(token, *found, "Action") for token, found in templates))


def _fault(name: str, reason: str, detail: str = "") -> Fault:
    return Fault(SENDER, (), reason, wrap(name, detail))


def _expression_fault(name: str, reason: str) -> Fault:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _fault(f"wsnt:{name}", reason, element("wsrfbf:Timestamp", now))


def _configuration(kind: str, templates: Callable[[Request], dict[str, tuple[str, ...]]]) -> Any:
    """Reads a new configuration of a kind."""

    def read(request: Request, node: Element) -> dict[str, Any]:
        new = Members(node, "aa:Name", "aa:TemplateToken", "aa:Parameters")
        token = new.text("aa:TemplateToken")
        wanted = templates(request).get(token)
        if wanted is None:
            reason = f"{kind.lower()} template with id '{token}' not found"
            raise _fault(f"aa:{kind}TemplateNotFoundFault", reason)
        given = Members(new.one("aa:Parameters"), "aa:Parameter").all("aa:Parameter")
        values = {one.get("Name", ""): one.get("Value", "") for one in given}
        for name in wanted:
            if name not in values:
                raise _fault("aa:ParametersMissmatchFault", f"Configuration parameter missing: {name}")
        for name in values:
            if name not in wanted:
                raise _fault("aa:ParametersMissmatchFault", f"Unknown configuration parameter: {name}")
        return {"name": "".join(new.texts("aa:Name")), "template": token, "parameters": values}

    return read


def _show_configuration(_request: Request, one: dict[str, Any]) -> str:
    parameters = "".join(
        f"<aa:Parameter Value={quoteattr(value)} Name={quoteattr(name)}></aa:Parameter>"
        for name, value in one["parameters"].items()
    )
    head = element("aa:Name", one["name"]) + element("aa:TemplateToken", one["template"])
    return head + wrap("aa:Parameters", parameters)


def _all_parameters(request: Request) -> dict[str, tuple[str, ...]]:
    recipients = {"": (), **_recipient_templates(request)}
    return {token: (*names, *recipients[recipient]) for token, (recipient, names) in _action_templates(request).items()}


# -- rules


def _filter(request: Request, node: Element, condition: bool) -> dict[str, str]:
    found = Members(node, "wsnt:TopicExpression", "wsnt:MessageContent")
    topic = found.one("wsnt:TopicExpression")
    text = (topic.text or "").strip()
    allowed = topic.get("Dialect") in _DIALECTS
    if not allowed or not _events.is_topic(text, request.body, any_expression=not condition):
        raise _expression_fault("InvalidTopicExpressionFault", f"failed to parse topic expression '{text}'")
    read = {"topic": text}
    if found.all("wsnt:MessageContent"):
        content = found.one("wsnt:MessageContent")
        read["content"] = (content.text or "").strip()
        try:
            if content.get("Dialect") != _ITEM_FILTER:
                raise _events.SyntaxFault("unknown dialect")
            _events.check(read["content"])
        except _events.SyntaxFault as error:
            raise _expression_fault("InvalidMessageContentExpressionFault", str(error)) from None
    if condition:
        event = _events.find(text, events_of(request.state.documents))
        count = event.matches(_events.pairs(read.get("content", ""))) if event is not None and event.stateful else 0
        if count != 1:
            reason = "matched several property events" if count else "could not match any property events"
            raise _fault("aa:InvalidConditionFilterFault", reason)
    return read


def _occurrence(name: str) -> Fault:
    text = f"Validation constraint violation: occurrence violation in element {name}"
    return Fault(SENDER, ("ter:InvalidArgs",), "Invalid argument", element("SOAP-ENV:Text", text))


def _read_rule(request: Request, node: Element) -> dict[str, Any]:
    names = ("Name", "Enabled", "StartEvent", "Conditions", "ActivationTimeout", "PrimaryAction")
    new = Members(node, *(f"aa:{name}" for name in names))
    conditions: list[Element] = []
    for block in new.all("aa:Conditions"):
        conditions = Members(block, "aa:Condition").all("aa:Condition")
        if not conditions:
            raise _occurrence("Conditions")
    action = new.text("aa:PrimaryAction")
    enabled = {"true": True, "1": True, "false": False, "0": False}.get(new.text("aa:Enabled"))
    if enabled is None:
        raise _occurrence("Enabled")
    if not conditions and not new.all("aa:StartEvent"):
        raise _occurrence("StartEvent")
    rule: dict[str, Any] = {"name": "".join(new.texts("aa:Name")), "enabled": enabled, "actions": {action: "primary"}}
    for start in new.all("aa:StartEvent"):
        rule["start"] = _filter(request, start, condition=False)
    rule["conditions"] = [_filter(request, one, condition=True) for one in conditions]
    for timeout in new.texts("aa:ActivationTimeout"):
        rule["timeout"] = timeout
    configuration = request.state.documents[_CONFIGURATIONS]["items"].get(action)
    if configuration is None:
        reason = f"Unknown action configuration '{action}' specified for primary action"
        raise _fault("aa:ActionConfigurationNotFoundFault", reason)
    if not conditions and configuration["template"].startswith(f"{_ACTION}unlimited."):
        raise _fault("aa:InvalidConditionFilterFault", "an unlimited action needs a condition")
    return rule


def _show_filter(request: Request, name: str, one: dict[str, str]) -> str:
    old = GENERATIONS.index(request.device.profile.generation) <= GENERATIONS.index("axis-os-10")
    topic = one["topic"].removesuffix("//.") + ("//." if old else "")
    shown = f'<wsnt:TopicExpression Dialect="{_CONCRETE}">{escape(topic)}</wsnt:TopicExpression>'
    if "content" in one:
        content = escape(one["content"])
        shown += f'<wsnt:MessageContent Dialect="{_ITEM_FILTER}">{content}</wsnt:MessageContent>'
    return wrap(f"aa:{name}", shown)


def _show_rule(request: Request, rule: dict[str, Any]) -> str:
    # Another order from read to read (seen by others): here the last first.
    conditions = "".join(_show_filter(request, "Condition", one) for one in rule["conditions"][::-1])
    return "".join(
        (
            element("aa:Name", rule["name"]),
            element("aa:Enabled", "true" if rule["enabled"] else "false"),
            _show_filter(request, "StartEvent", rule["start"]) if "start" in rule else "",
            wrap("aa:Conditions", conditions) if conditions else "",
            element("aa:ActivationTimeout", rule["timeout"]) if "timeout" in rule else "",
            element("aa:PrimaryAction", next(iter(rule["actions"]))),
        )
    )


_CRUD: dict[str, Operation] = {
    **collection(
        "aa:RecipientConfiguration",
        "aa:ConfigurationID",
        _RECIPIENTS,
        _configuration("Recipient", _recipient_templates),
        _show_configuration,
        lambda number: _fault("aa:RecipientConfigurationNotFoundFault", ""),
    ),
    **collection(
        "aa:ActionConfiguration",
        "aa:ConfigurationID",
        _CONFIGURATIONS,
        _configuration("Action", _all_parameters),
        _show_configuration,
        lambda number: _fault("aa:ActionConfigurationNotFoundFault", ""),
    ),
    **collection(
        "aa:ActionRule",
        "aa:RuleID",
        _RULES,
        _read_rule,
        _show_rule,
        lambda number: _fault("aa:ActionRuleNotFoundFault", f"No action rule with id '{number}' exists"),
    ),
}


def _remove_configuration(request: Request, node: Element) -> str:
    number = Members(node, "aa:ConfigurationID").text("aa:ConfigurationID")
    users = [
        wrap("aa:ActionRule", element("aa:ActionRuleID", rule) + element("aa:ActionRuleName", one["name"]))
        for rule, one in request.state.documents[_RULES]["items"].items()
        if number in one["actions"]
    ]
    if users:
        used = wrap("aa:UsedByActionRules", "".join(users))
        raise _fault("aa:ActionConfigurationIsInUseFault", "action configuration is in use", used)
    return _CRUD["aa:RemoveActionConfiguration"](request, node)


SOAP = SoapApi(
    {
        **_CRUD,
        "aa:RemoveActionConfiguration": _remove_configuration,
        "aa:GetActionTemplates": _get_action_templates,
        "aa:GetRecipientTemplates": _get_recipient_templates,
    },
    generations=GENERATIONS,
)
