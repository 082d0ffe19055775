# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how SOAP requests are written and answers and faults are read, on recordings of a real device."""

from __future__ import annotations

import typing as t
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, P3265, FakeSession, answer

from ansible_collections.axis.vapix.plugins.module_utils.wire import soap
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import ApiMissing, BadAnswer

XML = "application/soap+xml; charset=utf-8"
ENVELOPE = '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{}</e:Body></e:Envelope>'
STATUS = "tds:GetCertificatesStatus"
RESPONSE = '<x:GetCertificatesStatusResponse xmlns:x="http://www.onvif.org/ver10/device/wsdl"/>'


def session_with(body: bytes | str, status: int = 200, content_type: str = XML) -> t.Any:
    return FakeSession({soap.PATH: answer(body, status, content_type)})


def recorded(name: str) -> bytes:
    return (P3265 / name).read_bytes()


@NEEDS_RECORDINGS
def test_recorded_configuration_of_the_web_server() -> None:
    session = session_with(recorded("soap-GetWebServerTlsConfiguration.xml"))
    configuration = soap.call(session, "aweb:GetWebServerTlsConfiguration", safe=True).find("aweb:Configuration")
    assert configuration is not None
    assert configuration.text("aweb:Tls") == "true"
    assert len(configuration.texts("aweb:Ciphers/acert:Cipher")) == 6
    assert configuration.texts("aweb:CertificateSet/acert:Certificates/acert:Id") == ["Trustlix Device HTTPS lUZuIXuu"]
    policies = configuration.find("aweb:ConnectionPolicies")
    assert policies is not None
    assert [(policy.name, policy.text()) for policy in policies.children] == [("Admin", "HttpAndHttps")]
    assert configuration.text("aweb:Absent") is None
    assert configuration.find("aweb:Absent/aweb:More") is None


@NEEDS_RECORDINGS
@pytest.mark.parametrize(
    ("name", "operation", "subcode", "text"),
    [
        (
            "soap-acertificates-GetCACertificates-fault.xml",
            "acertificates:GetCACertificates",
            "ActionNotSupported",
            r"\(ActionNotSupported: Optional action not implemented\)",
        ),
        ("soap-onvif-GetDot1XConfigurations-fault.xml", "tds:GetDot1XConfigurations", "", r"\(Sender\)"),
    ],
)
def test_recorded_faults(name: str, operation: str, subcode: str, text: str) -> None:
    with pytest.raises(soap.Fault, match=text) as caught:
        soap.call(session_with(recorded(name), 400), operation)
    assert caught.value.subcode == subcode
    assert (caught.value.http_status, caught.value.method) == (400, operation)


def test_request_is_an_envelope_that_is_escaped() -> None:
    response = '<x:SetXResponse xmlns:x="http://www.onvif.org/ver10/device/wsdl"/>'
    session = session_with(ENVELOPE.format(response))
    soap.call(session, "tds:SetX", [("tt:Id", "a <b> & \u00e9"), ("tt:Many", [("tt:One", "1"), ("tt:Two", None)])])
    (sent,) = session.sent
    assert (sent.method, sent.target, sent.safe) == ("POST", "/vapix/services", False)
    root = ElementTree.fromstring(sent.body)
    operation = root.find("env:Body/tds:SetX", soap.NAMESPACES)
    assert operation is not None
    assert operation.findtext("tt:Id", None, soap.NAMESPACES) == "a <b> & \u00e9"
    many = operation.findall("tt:Many/*", soap.NAMESPACES)
    assert [child.tag.rpartition("}")[2] for child in many] == ["One", "Two"]


def test_attributes_and_names_of_topics_are_sent() -> None:
    session = session_with(ENVELOPE.format('<x:AddActionRuleResponse xmlns:x="http://www.axis.com/vapix/ws/action1"/>'))
    parameter = ("aact:Parameter", None, {"Name": "body", "Value": 'a "<b>"\n'})
    soap.call(session, "aact:AddActionRule", [parameter, ("wsnt:TopicExpression", "tns1:Device/tnsaxis:IO/Port")])
    body = session.sent[0].body.decode()
    assert 'xmlns:tns1="http://www.onvif.org/ver10/topics"' in body
    assert 'xmlns:tnsaxis="http://www.axis.com/2009/event/topics"' in body
    sent = ElementTree.fromstring(body).find("env:Body/aact:AddActionRule/aact:Parameter", soap.NAMESPACES)
    assert sent is not None and sent.attrib == {"Name": "body", "Value": 'a "<b>"\n'}


def test_a_fault_without_a_subcode_has_the_name_in_its_detail() -> None:
    fault = (
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>in use</e:Text></e:Reason><e:Detail>"
        '<x:ActionConfigurationIsInUseFault xmlns:x="http://www.axis.com/vapix/ws/action1"/></e:Detail></e:Fault>'
    )
    with pytest.raises(soap.Fault, match=r"\(ActionConfigurationIsInUse: in use\)") as caught:
        soap.call(session_with(ENVELOPE.format(fault), 400), "aact:RemoveActionConfiguration")
    assert caught.value.subcode == "ActionConfigurationIsInUse"


def test_names_are_known_by_namespace_and_not_by_prefix() -> None:
    assert soap.call(session_with(ENVELOPE.format(RESPONSE)), STATUS).name == "GetCertificatesStatusResponse"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("<html>not here</html>", 404, ApiMissing),
        ("", 200, BadAnswer),
        ("<a", 200, BadAnswer),
        (ENVELOPE.format(""), 200, BadAnswer),
        (ENVELOPE.format(RESPONSE), 500, BadAnswer),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 200, BadAnswer),
        (ENVELOPE.format(RESPONSE.replace("device", "other")), 200, BadAnswer),
    ],
)
def test_what_is_no_answer(body: str, status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=f"^192.0.2.7:443: /vapix/services {STATUS}: "):
        soap.call(session_with(body, status), STATUS)


@given(st.binary(max_size=80))
def test_junk_is_no_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        soap.call(session_with(body), STATUS)
