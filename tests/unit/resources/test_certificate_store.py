# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how the certificates of a device are read, by REST and by SOAP, on recordings of a real device."""

from __future__ import annotations

import json
import typing as t
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key
from harness.authority import make, make_request
from unit.fake import DISCOVER, NEEDS_RECORDINGS, P3265, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pem, pki
from ansible_collections.axis.vapix.plugins.module_utils.resources.certificate.store import CertificateStore, store_of
from ansible_collections.axis.vapix.plugins.module_utils.wire import soap
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import BadAnswer, DeviceRefused, NotSupported

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
    with pytest.raises(BadAnswer, match="certificates (is no list|has an unusable entry)"):
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


# -- writing -----------------------------------------------------------------------------------------------------

CA = make("CN=CA", ca=True)
LEAF = make("CN=gate,O=Example,C=SE", CA)
SUBJECT = pki.parse_name("CN=gate,O=Example,C=SE")
NAMES = ["DNS:gate.example.net", "IP:192.0.2.7"]
ALIAS = "gate (1)/2"
ITEM = f"{CERT}/certificates/gate%20%281%29%2F2"
CA_ITEM = ITEM.replace("certificates", "ca_certificates")
CSR = make_request("CN=gate", LEAF.key)
DONE = {"status": "success"}


def by_rest(do: t.Callable[[CertificateStore], t.Any], target: str, data: t.Any = None) -> tuple[str, t.Any, t.Any]:
    """The verb and the data of the request that something makes, and what it returns."""
    device, session = fake_device(
        {DISCOVER: json_answer(RELEASED), target: json_answer(DONE if data is None else {**DONE, "data": data}, 201)}
    )
    returned = do(store_of(device))
    sent = session.sent[-1]
    assert sent.target == target
    return sent.method, sent.json["data"] if sent.body else None, returned


def test_create_by_rest() -> None:
    told = by_rest(lambda store: store.create(ALIAS, SUBJECT, NAMES, "EC-P384", "TEE0"), f"{CERT}/create_certificate")
    assert told[:2] == (
        "POST",
        {
            "alias": ALIAS,
            "subject": "CN=gate,O=Example,C=SE",
            "subject_alt_names": NAMES,
            "key_type": "EC-P384",
            "keystore": "TEE0",
        },
    )
    told = by_rest(lambda store: store.create(ALIAS, SUBJECT, [], None, None), f"{CERT}/create_certificate")
    assert told[1] == {"alias": ALIAS, "subject": "CN=gate,O=Example,C=SE"}, "left out, and not null"


@pytest.mark.parametrize("answered", [CSR, {"alias": CSR}])
@pytest.mark.parametrize("names", [NAMES, [], None])
def test_request_by_rest(names: list[str] | None, answered: t.Any) -> None:
    """Also as the vendor's example shows it. Names that are left out are those of the certificate."""
    told = by_rest(lambda store: store.request(ALIAS, SUBJECT, names), f"{ITEM}/get_csr", answered)
    wanted = {"subject": "CN=gate,O=Example,C=SE"} | ({} if names is None else {"subject_alt_names": names})
    assert told == ("POST", wanted, CSR)


def test_install_by_rest() -> None:
    chain = [LEAF.certificate, CA.certificate]
    verb, data, _none = by_rest(lambda store: store.add(ALIAS, chain, LEAF.key, None), f"{CERT}/certificates")
    key = load_pem_private_key(data.pop("private_key").encode(), None)
    assert key.public_key() == LEAF.key.public_key()
    assert (verb, data) == ("POST", {"alias": ALIAS, "certificate": LEAF.pem + CA.pem})
    told = by_rest(lambda store: store.add_archive(ALIAS, b"abc", "CANARY", "SE0"), f"{CERT}/install_from_pkcs12")
    assert told[:2] == ("POST", {"alias": ALIAS, "pkcs12": "YWJj", "passphrase": "CANARY", "keystore": "SE0"})
    told = by_rest(lambda store: store.renew(ALIAS, chain), ITEM)
    assert told[:2] == ("PATCH", {"certificate": LEAF.pem + CA.pem})
    assert by_rest(lambda store: store.remove(ALIAS), ITEM)[:2] == ("DELETE", None)


def test_ca_by_rest() -> None:
    told = by_rest(lambda store: store.add_ca(ALIAS, CA.certificate), f"{CERT}/ca_certificates")
    assert told[:2] == ("POST", {"alias": ALIAS, "certificate": CA.pem})
    renewed = make("CN=CA", ca=True, key=CA.key)
    told = by_rest(lambda store: store.replace_ca(ALIAS, CA.certificate, renewed.certificate), CA_ITEM)
    assert told[:2] == ("PATCH", {"certificate": renewed.pem}), "with the same key it stays where services look for it"
    assert by_rest(lambda store: store.remove_ca(ALIAS), CA_ITEM)[:2] == ("DELETE", None)


def test_keystores_by_rest() -> None:
    entries = [{"id": "SE0", "key_types": ["EC-P256"]}, {"id": "TEE0"}]
    device, _session = fake_device(
        {
            DISCOVER: json_answer(RELEASED),
            f"{CERT}/keystores": json_answer({**DONE, "data": entries}),
            f"{CERT}/settings": json_answer({**DONE, "data": {"keystore": "SE0"}}),
        }
    )
    store = store_of(device)
    assert store.keystores() == {"SE0": ["EC-P256"], "TEE0": None}
    assert store.default_keystore() == "SE0"


def test_refused_removal_says_why() -> None:
    refusal = {"status": "error", "error": {"code": 200, "message": "in use"}}
    device, _session = fake_device({DISCOVER: json_answer(RELEASED), ITEM: json_answer(refusal, 400)})
    with pytest.raises(DeviceRefused, match="in use.*A service may use it"):
        store_of(device).remove(ALIAS)
    with pytest.raises(DeviceRefused, match="CertificateInUse: why.*A service may use it"):
        store_of(old_device(NOT_THERE.format("CertificateInUse"), 400)).remove(ALIAS)


def by_soap(do: t.Callable[[CertificateStore], t.Any], operation: str, answered: str = "") -> tuple[t.Any, t.Any]:
    """The element of the operation that something calls, and what it returns."""
    prefix, _mark, name = operation.partition(":")
    device = old_device(
        ENVELOPE.format(f'<o:{name}Response xmlns:o="{soap.NAMESPACES[prefix]}">{answered}</o:{name}Response>')
    )
    returned = do(store_of(device))
    root = ElementTree.fromstring(device.session.sent[-1].body)
    (element,) = root.findall(f"env:Body/{operation}", soap.NAMESPACES)
    return element, returned


def text(element: t.Any, path: str) -> str | None:
    return element.findtext(path, None, soap.NAMESPACES)


def test_create_by_soap() -> None:
    """In the order of the vendor's page."""
    operation = "acertificates:CreateCertificate2"
    element, _none = by_soap(lambda store: store.create(ALIAS, SUBJECT, [], None, None), operation)
    assert [child.tag.rpartition("}")[2] for child in element] == ["Id", "Subject", "ValidNotBefore", "ValidNotAfter"]
    assert text(element, "acertificates:Id") == ALIAS
    subject = element.find("acertificates:Subject", soap.NAMESPACES)
    assert [(child.tag, child.text) for child in subject] == [
        (f"{{{soap.NAMESPACES['acert']}}}{name}", value)
        for name, value in (("C", "SE"), ("O", "Example"), ("CN", "gate"))
    ]
    begin, end = (str(text(element, f"acertificates:ValidNot{when}")) for when in ("Before", "After"))
    assert len(begin) == len(end) == len("2031-05-01T00:00:00") and begin < end


def test_request_by_soap() -> None:
    bare = pem.base64_text(pem.blocks(CSR, pem.REQUEST)[0])
    answered = f"<o:Pkcs10Request>{bare}</o:Pkcs10Request>"
    element, told = by_soap(
        lambda store: store.request(ALIAS, SUBJECT, None), "acertificates:GetPkcs10Request2", answered
    )
    assert (text(element, "acertificates:Id"), told) == (ALIAS, bare)
    assert text(element, "acertificates:Subject/acert:CN") == "gate"


def test_install_by_soap() -> None:
    """Base64 of the certificate and of the key, without the lines around it."""
    chain = [LEAF.certificate]
    operation = "tds:LoadCertificateWithPrivateKey"
    element, _none = by_soap(lambda store: store.add(ALIAS, chain, LEAF.key, None), operation)
    place = "tds:CertificateWithPrivateKey"
    assert text(element, f"{place}/tt:CertificateID") == ALIAS
    assert pem.base64_bytes(str(text(element, f"{place}/tt:Certificate/tt:Data"))) == LEAF.der
    key = load_der_private_key(pem.base64_bytes(str(text(element, f"{place}/tt:PrivateKey/tt:Data"))), None)
    assert key.public_key() == LEAF.key.public_key()
    operation = "acertificates:LoadPkcs12"
    element, _none = by_soap(lambda store: store.add_archive(ALIAS, b"abc", "CANARY", None), operation)
    found = [text(element, f"acertificates:Pkcs12/acert:{name}") for name in ("Id", "Certificate", "Password")]
    assert found == [ALIAS, "YWJj", "CANARY"]
    element, _none = by_soap(lambda store: store.renew(ALIAS, chain), "tds:LoadCertificates")
    assert text(element, "tds:NVTCertificate/tt:CertificateID") == ALIAS
    assert text(element, "tds:NVTCertificate/tt:Certificate/tt:Data") == pem.base64_text(LEAF.der)


def test_ca_and_removal_by_soap() -> None:
    element, _none = by_soap(lambda store: store.add_ca(ALIAS, CA.certificate), "tds:LoadCACertificates")
    assert text(element, "tds:CACertificate/tt:CertificateID") == ALIAS
    assert text(element, "tds:CACertificate/tt:Certificate/tt:Data") == pem.base64_text(CA.der)
    for do in (lambda store: store.remove(ALIAS), lambda store: store.remove_ca(ALIAS)):
        element, _none = by_soap(do, "tds:DeleteCertificates")
        assert text(element, "tds:CertificateID") == ALIAS


@NEEDS_RECORDINGS
def test_recorded_use() -> None:
    store = store_of(old_device((P3265 / "soap-onvif-GetCertificatesStatus.xml").read_text()))
    assert store.is_used("Trustlix Device HTTPS lUZuIXuu")
    assert not store.is_used("Axis device ID ECC-P256 (802.1AR)")
    assert not store.is_used("not there")
    assert not store_of(old_device(NOT_THERE.format("ActionNotSupported"), 500)).is_used("what it does not tell")
