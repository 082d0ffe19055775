# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how the certificates of a device are read, by REST and by SOAP, on recordings of a real device."""

from __future__ import annotations

import json
import typing as t

import pytest
from unit.fake import DISCOVER, NEEDS_RECORDINGS, P3265, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.resources.certificate_store import store_of
from ansible_collections.axis.vapix.plugins.module_utils.wire import pem, soap
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import BadAnswer, NotSupported

CERT = "/config/rest/cert/v1"
RELEASED = {"apis": {"cert": {"v1": {"version": "1.1.2", "state": "released", "rest_api": CERT}}}}
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
ENVELOPE = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><e:Body>{}</e:Body></e:Envelope>'
)
NOT_THERE = ENVELOPE.format(
    "<e:Fault><e:Code><e:Value>e:Receiver</e:Value><e:Subcode><e:Value>ter:{}</e:Value></e:Subcode></e:Code>"
    "<e:Reason><e:Text>why</e:Text></e:Reason></e:Fault>"
)
DER = b"\x30\x03\x02\x01\x07"


def listed(operation: str, *entries: tuple[str, str]) -> str:
    """The answer with a list of certificates."""
    name = "NvtCertificate" if operation == "GetCertificates" else "CACertificate"
    items = "".join(
        f"<tds:{name}><tt:CertificateID>{alias}</tt:CertificateID>"
        f"<tt:Certificate><tt:Data>{data}</tt:Data></tt:Certificate></tds:{name}>"
        for alias, data in entries
    )
    return ENVELOPE.format(f"<tds:{operation}Response>{items}</tds:{operation}Response>")


def old_device(body: str, status: int = 200) -> t.Any:
    """A device that has SOAP only."""
    return fake_device({soap.PATH: answer(body, status, "application/soap+xml")})[0]


@NEEDS_RECORDINGS
def test_recorded_certificates() -> None:
    recorded = json.loads((P3265 / "rest-cert-v1-certificates.json").read_text())
    device, session = fake_device({DISCOVER: json_answer(RELEASED), f"{CERT}/certificates": json_answer(recorded)})
    store = store_of(device)
    found = store.certificates()
    assert store.api == "cert v1"
    assert list(found) == [entry["alias"] for entry in recorded["data"]] and len(found) == 4
    https = found["Trustlix Device HTTPS lUZuIXuu"]
    assert https.keystore == "SE0" and len(https.chain) == 1
    assert pem.block(https.der, pem.CERTIFICATE) == recorded["data"][3]["certificate"]
    assert session.writes == []


def test_chain_by_rest() -> None:
    its_ca = pem.block(DER + b"x", pem.CERTIFICATE).replace("\n", "\r\n")
    chain = pem.block(DER, pem.CERTIFICATE) + "# its CA\n" + its_ca
    data = {"status": "success", "data": [{"alias": "CA", "certificate": chain}]}
    device, _session = fake_device({DISCOVER: json_answer(RELEASED), f"{CERT}/ca_certificates": json_answer(data)})
    assert store_of(device).ca_certificates() == {"CA": ("CA", (DER, DER + b"x"), None)}


def test_beta_is_not_used() -> None:
    beta = {"apis": {"cert": {"v1": {"version": "1.0.0-beta.1", "state": "beta", "rest_api": CERT}}}}
    device, _session = fake_device({DISCOVER: json_answer(beta)})
    assert store_of(device).api == "certificate management (SOAP)"


@pytest.mark.parametrize(
    "data",
    [None, {}, ["a"], [{}], [{"alias": "a"}], *([{"alias": "a", "certificate": wrong}] for wrong in ("none", 7))],
)
def test_what_is_no_list_by_rest(data: t.Any) -> None:
    routes = {DISCOVER: json_answer(RELEASED), f"{CERT}/certificates": json_answer({"status": "success", "data": data})}
    with pytest.raises(BadAnswer, match="certificates is no list of certificates"):
        store_of(fake_device(routes)[0]).certificates()


@pytest.mark.parametrize("operation", ["GetCertificates", "GetCACertificates"])
def test_by_soap(operation: str) -> None:
    device = old_device(listed(operation, ("one (1)", pem.base64_text(DER)), ("two", "\nMAMC\nAQc=\n")))
    store = store_of(device)
    found = store.certificates() if operation == "GetCertificates" else store.ca_certificates()
    assert found == {"one (1)": ("one (1)", (DER,), None), "two": ("two", (DER,), None)}
    (request,) = [request for request in device.session.sent if request.target == soap.PATH]
    assert f"{operation}".encode() in request.body and request.safe


def test_none_by_soap() -> None:
    assert store_of(old_device(listed("GetCertificates"))).certificates() == {}


@pytest.mark.parametrize("data", ["", "%%%"])
def test_what_is_no_certificate_by_soap(data: str) -> None:
    with pytest.raises(BadAnswer, match="the certificate 'one' cannot be read"):
        store_of(old_device(listed("GetCertificates", ("one", data)))).certificates()


@pytest.mark.parametrize("body, status", [("<html/>", 404), (NOT_THERE.format("ActionNotSupported"), 500)])
def test_device_without_certificates(body: str, status: int) -> None:
    with pytest.raises(NotSupported, match="no API for certificates"):
        store_of(old_device(body, status)).ca_certificates()


def test_another_fault_is_told() -> None:
    with pytest.raises(soap.Fault, match="NotAuthorized: why"):
        store_of(old_device(NOT_THERE.format("NotAuthorized"), 400)).certificates()
