# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate store by REST and SOAP: recordings, what a device refuses, openssl and curl, which are not ours."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtensionOID, NameOID

from .recordings import shape
from .services import CERT, PREFIXES, SOAP, delete, fault, lines_of, load, load_ca, rest, run, soap, texts

P3265 = "oadm/P3265-V-12.11.77"
OLDER = ("axis-os-11", "axis-os-9")
needs_tools = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("curl")), reason="NOT CHECKED: curl or openssl is not installed"
)


# -- recordings


def put_in_recorded_state(device, alias, pki):
    """The recorded device had one certificate more, which its web server used."""
    assert (
        rest(
            device, "POST", "certificates", {"alias": alias, "certificate": pki.leaf, "private_key": pki.key}
        ).status_code
        == 201
    )
    members = (
        f"<acertificates:SetCertSet><acertificates:CertSetName>WebServer</acertificates:CertSetName>"
        f"<acertificates:CertSet><acert:Certificates><acert:Id>{alias}</acert:Id></acert:Certificates>"
        f"</acertificates:CertSet></acertificates:SetCertSet>"
    )
    assert soap(device, members).status_code == 200


def test_rest_recordings(recorded, client, pki):
    device = client("axis-os-12")
    rest(device, "POST", "certificates", {"alias": "Trustlix", "certificate": pki.leaf, "private_key": pki.key})
    for name in ("certificates", "keystores", "settings"):
        real = json.loads((recorded / P3265 / f"rest-cert-v1-{name}.json").read_text())
        own = rest(device, "GET", name).json()
        assert shape(own) == shape(real)
        if name != "certificates":
            assert own == real
    real = json.loads((recorded / P3265 / "rest-cert-v1-certificates.json").read_text())["data"]
    own = rest(device, "GET", "certificates").json()["data"]
    for ours, theirs in zip(own[:3], real[:3], strict=True):
        assert (ours["alias"], ours["keystore"]) == (theirs["alias"], theirs["keystore"])
        ours, theirs = (x509.load_pem_x509_certificate(entry["certificate"].encode()) for entry in (ours, theirs))
        serial = device.device.serial.lower()
        assert [(part.oid, part.value.replace(serial, "b8a44f631339")) for part in ours.subject] == [
            (part.oid, part.value) for part in theirs.subject
        ]
        assert ours.issuer.rfc4514_string() == theirs.issuer.rfc4514_string()
        assert (ours.not_valid_before_utc, ours.not_valid_after_utc) == (
            theirs.not_valid_before_utc,
            theirs.not_valid_after_utc,
        )
        assert type(ours.public_key()) is type(theirs.public_key())
        assert ours.public_key().key_size == theirs.public_key().key_size
        assert [extension.oid for extension in ours.extensions] == [extension.oid for extension in theirs.extensions]
        names = [
            certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
            for certificate in (ours, theirs)
        ]
        assert [(name.type_id, len(name.value)) for name in names[0]] == [
            (name.type_id, len(name.value)) for name in names[1]
        ]


SOAP_RECORDINGS = {
    "soap-GetWebServerTlsConfiguration": ("<aweb:GetWebServerTlsConfiguration/>", 200),
    "soap-acertificates-GetCACertificates-fault": ("<acertificates:GetCACertificates/>", 500),
    "soap-acertificates-GetCertSet-WebServer": (
        "<acertificates:GetCertSet><acertificates:CertSetName>WebServer</acertificates:CertSetName>"
        "</acertificates:GetCertSet>",
        200,
    ),
    "soap-acertificates-ListCertSets": ("<acertificates:ListCertSets/>", 200),
    "soap-onvif-GetCertificatesStatus": ("<tds:GetCertificatesStatus/>", 200),
    "soap-onvif-GetDot1XConfigurations-fault": ("<tds:GetDot1XConfigurations/>", 400),
    "soap-onvif-GetServiceCapabilities": ("<tds:GetServiceCapabilities/>", 200),
}


def test_soap_recordings_to_the_letter(recorded, client, pki, fleet):
    device = client("axis-os-12")
    put_in_recorded_state(device, "Trustlix Device HTTPS lUZuIXuu", pki)
    fleet.wait_for_web_server(device.device.serial)
    for name, (call, status) in SOAP_RECORDINGS.items():
        answer = soap(device, call)
        assert answer.text == (recorded / P3265 / f"{name}.xml").read_text().rstrip("\n"), name
        assert answer.status_code == status


# -- one store, two views


def test_soap_and_rest_show_the_same(client, pki):
    device = client("axis-os-12")
    alias = "a/b (c) &amp; ä"
    assert soap(device, load(alias, lines_of(pki.leaf), lines_of(pki.key))).status_code == 200
    assert soap(device, load_ca("ca", lines_of(pki.root))).status_code == 200
    for collection, operation in (("certificates", "GetCertificates"), ("ca_certificates", "GetCACertificates")):
        answer = soap(device, f"<tds:{operation}/>")
        pairs = zip(texts(answer, "tt:CertificateID"), texts(answer, "tt:Data"), strict=True)
        shown = {entry["alias"]: entry["certificate"] for entry in rest(device, "GET", collection).json()["data"]}
        assert {alias: lines_of(pem) for alias, pem in shown.items()} == dict(pairs)
    escaped = "certificates/a%2Fb%20%28c%29%20%26%20%C3%A4"
    assert rest(device, "GET", escaped).json()["data"]["certificate"] == pki.leaf
    assert rest(device, "GET", f"{escaped}/certificate").json()["data"] == pki.leaf
    assert rest(device, "DELETE", escaped).status_code == 200
    assert rest(device, "GET", escaped).json()["error"]["code"] == 1


@pytest.mark.parametrize("profile", OLDER)
def test_older_devices_have_soap_only(profile, client, pki):
    device = client(profile)
    assert soap(device, load("x", lines_of(pki.leaf), lines_of(pki.key))).status_code == 200
    assert "x" in texts(soap(device, "<tds:GetCertificates/>"), "tt:CertificateID")
    assert rest(device, "GET", "certificates").status_code == 404
    assert fault(soap(client("axis-os-5"), "<tds:GetCertificates/>"))[1] == ["ter:ActionNotSupported"]


def test_802_1x_by_soap_only_on_older_devices(client, pki):
    device = client("axis-os-9")
    for content in (load("own", lines_of(pki.leaf), lines_of(pki.key)), load_ca("ca", lines_of(pki.root))):
        assert soap(device, content).status_code == 200
    configuration = (
        "<tds:SetDot1XConfiguration><tds:Dot1XConfiguration><tt:Dot1XConfigurationToken>EAPTLS_WIRED"
        "</tt:Dot1XConfigurationToken><tt:Identity>cam-7</tt:Identity><tt:EAPMethod>13</tt:EAPMethod>"
        "<tt:CACertificateID>ca</tt:CACertificateID><tt:EAPMethodConfiguration><tt:TLSConfiguration>"
        "<tt:CertificateID>{}</tt:CertificateID></tt:TLSConfiguration></tt:EAPMethodConfiguration>"
        "</tds:Dot1XConfiguration></tds:SetDot1XConfiguration>"
    )
    assert fault(soap(device, configuration.format("nope")))[1] == ["ter:InvalidArgVal", "ter:CertificateID"]
    # The common name, as the vendor's page has it.
    assert soap(device, configuration.format("server")).status_code == 200
    answer = soap(device, "<tds:GetDot1XConfigurations/>")
    assert texts(answer, "tt:CertificateID") == ["own"] and texts(answer, "tt:CACertificateID") == ["ca"]
    assert device.params("list", group="Network.Interface.I0.dot1x.EAPTLS.Identity").endswith("=cam-7\n")
    # It counts as used when 802.1X is on, and can not be deleted then.
    assert "own" not in in_use(device)
    device.params("update", **{"Network.Interface.I0.dot1x.Enabled": "yes"})
    assert "own" in in_use(device)
    assert fault(soap(device, delete("own"))) == (500, ["ter:Action"], "The certificate is in use")
    device.params("update", **{"Network.Interface.I0.dot1x.Enabled": "no"})
    assert soap(device, delete("own")).status_code == 200
    assert fault(soap(client("axis-os-12"), configuration.format("server"))) == (400, [], "")


def in_use(device):
    answer = soap(device, "<tds:GetCertificatesStatus/>")
    pairs = zip(texts(answer, "tt:CertificateID"), texts(answer, "tt:Status"), strict=True)
    return {alias for alias, status in pairs if status == "true"}


def test_ntp_takes_ca_certificates_of_the_store(client, pki, fleet):
    device = client("axis-os-12")

    def use(*aliases):
        params = {"NTSEnabled": True, "staticNTSKEServers": ["n.example.net"], "NTSKEServerCACerts": list(aliases)}
        return device.call("/axis-cgi/ntp.cgi", "setNTPClientConfiguration", params).get("error", {}).get("code")

    assert use("corp") == 4004
    assert rest(device, "POST", "ca_certificates", {"alias": "corp", "certificate": pki.root}).status_code == 201
    assert use("corp") is None
    assert rest(device, "DELETE", "ca_certificates/corp").json()["error"]["code"] == 5
    assert use() is None
    assert rest(device, "DELETE", "ca_certificates/corp").status_code == 200
    fleet.patch(device.device.serial, {"ca_certificates": ["by-name-only"]})
    assert use("by-name-only") is None


# -- keys of the device


@pytest.mark.parametrize("key_type", [None, "EC-P384", "RSA-2048"])
def test_the_device_makes_keys(key_type, client):
    device = client("axis-os-12")
    names = ["DNS:cam.example.net", "IP:::1"]
    wanted = {
        "alias": "own",
        "subject": "C=SE,CN=cam.example.net",
        "subject_alt_names": names,
        "valid_from": 1_800_000_000,
        "valid_to": 1_900_000_000,
    }
    answer = rest(device, "POST", "create_certificate", {**wanted, **({"key_type": key_type} if key_type else {})})
    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    entry = rest(device, "GET", "certificates/own").json()["data"]
    certificate = x509.load_pem_x509_certificate(entry["certificate"].encode())
    assert entry["keystore"] == "SE0"
    assert certificate.subject.rfc4514_string() == certificate.issuer.rfc4514_string() == "C=SE,CN=cam.example.net"
    assert certificate.not_valid_before_utc.timestamp() == 1_800_000_000
    assert certificate.not_valid_after_utc.timestamp() == 1_900_000_000
    assert certificate.public_key().key_size == {None: 256, "EC-P384": 384, "RSA-2048": 2048}[key_type]
    certificate.verify_directly_issued_by(certificate)


@needs_tools
def test_signing_request_and_renewal(client, pki):
    """Made on the device, signed by openssl, put back in the place of the self-signed one."""
    device = client("axis-os-12")
    rest(device, "POST", "create_certificate", {"alias": "own", "subject": "CN=cam", "subject_alt_names": ["DNS:cam"]})
    request = rest(device, "POST", "certificates/own/get_csr", {}).json()["data"]
    assert "self-signature verify OK" in verified(request)
    assert "DNS:cam" in verified(request) and re.search(r"CN ?= ?cam\b", verified(request))
    other = rest(device, "POST", "certificates/own/get_csr", {"subject": "", "subject_alt_names": []}).json()["data"]
    assert "DNS:" not in verified(other) and "CN" not in verified(other)
    signed = run(
        "openssl",
        "x509",
        "-req",
        "-CA",
        f"{pki.folder}/root.pem",
        "-CAkey",
        f"{pki.folder}/root.key",
        data=request.encode(),
    ).decode()
    assert rest(device, "PATCH", "certificates/own", {"certificate": pki.leaf}).json()["error"]["code"] == 5
    assert rest(device, "PATCH", "certificates/own", {"certificate": signed}).json() == {"status": "success"}
    assert rest(device, "GET", "certificates/own").json()["data"]["certificate"] == signed
    for member in ("alias", "keystore", "private_key"):
        assert rest(device, "PATCH", "certificates/own", {member: "x"}).json()["error"]["code"] == 5


def verified(request):
    command = ["openssl", "req", "-verify", "-noout", "-text"]
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout + done.stderr


@needs_tools
@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9"])
def test_signing_request_by_soap(profile, client, pki):
    device = client(profile)
    subject = "<acertificates:Subject><acert:C>SE</acert:C><acert:ST/><acert:CN>cam</acert:CN></acertificates:Subject>"
    created = soap(
        device,
        (
            f"<acertificates:CreateCertificate2><acertificates:Id>own</acertificates:Id>{subject}"
            "<acertificates:ValidNotBefore>2026-10-16T04:08:32</acertificates:ValidNotBefore>"
            "<acertificates:ValidNotAfter>2040-10-16T04:08:32</acertificates:ValidNotAfter></acertificates:CreateCertificate2>"
        ),
    )
    certificate = x509.load_der_x509_certificate(base64.b64decode(texts(created, "acertificates:Certificate")[0]))
    assert certificate.subject.rfc4514_string() == "CN=cam,C=SE" and certificate.public_key().key_size == 2048
    asked = soap(
        device,
        (
            f"<acertificates:GetPkcs10Request2><acertificates:Id>own</acertificates:Id>{subject}</acertificates:GetPkcs10Request2>"
        ),
    )
    der = base64.b64decode(texts(asked, "acertificates:Pkcs10Request")[0])
    request = x509.load_der_x509_csr(der).public_bytes(serialization.Encoding.PEM)
    signed = run(
        "openssl", "x509", "-req", "-CA", f"{pki.folder}/root.pem", "-CAkey", f"{pki.folder}/root.key", data=request
    )
    content = (
        "<tds:LoadCertificates><tds:NVTCertificate><tt:CertificateID>{}</tt:CertificateID><tt:Certificate><tt:Data>{}"
        "</tt:Data></tt:Certificate></tds:NVTCertificate></tds:LoadCertificates>"
    )
    for alias in ("own", "own signed"):
        assert soap(device, content.format(alias, lines_of(signed.decode()))).status_code == 200
    shown = soap(device, "<tds:GetCertificates/>")
    pairs = dict(zip(texts(shown, "tt:CertificateID"), texts(shown, "tt:Data"), strict=True))
    assert pairs["own"] == pairs["own signed"] == lines_of(signed.decode())
    # No key on the device belongs to this one.
    assert fault(soap(device, content.format("other", lines_of(pki.leaf))))[1] == [
        "ter:InvalidArgVal",
        "ter:KeysNotMatching",
    ]


@needs_tools
def test_pkcs12_of_openssl(client, pki):
    device = client("axis-os-12")
    archive = base64.b64encode(
        run(
            "openssl",
            "pkcs12",
            "-export",
            "-in",
            f"{pki.folder}/server.pem",
            "-inkey",
            f"{pki.folder}/server.key",
            "-certfile",
            f"{pki.folder}/middle.pem",
            "-passout",
            "pass:CANARY",
        )
    ).decode()
    wanted = {"alias": "by rest", "pkcs12": archive, "passphrase": "CANARY", "keystore": "TEE0"}
    assert rest(device, "POST", "install_from_pkcs12", {**wanted, "passphrase": "x"}).json()["error"]["code"] == 5
    assert rest(device, "POST", "install_from_pkcs12", wanted).json() == {"status": "success"}
    entry = rest(device, "GET", "certificates/by%20rest").json()["data"]
    assert (entry["certificate"], entry["keystore"]) == (pki.chain, "TEE0")
    content = (
        "<acertificates:LoadPkcs12><acertificates:Pkcs12><acert:Id>by soap</acert:Id><acert:Certificate>{}"
        "</acert:Certificate><acert:Password>{}</acert:Password></acertificates:Pkcs12></acertificates:LoadPkcs12>"
    )
    assert fault(soap(device, content.format(archive, "x")))[1] == ["acertificates:CertificateFormatFault"]
    assert soap(device, content.format(archive, "CANARY")).status_code == 200
    assert fault(soap(device, content.format(archive, "CANARY")))[1] == ["acertificates:CertificateIdInUseFault"]


def test_the_log_masks_keys_archives_and_passphrases(client, pki, fleet):
    device = client("axis-os-12")
    rest(device, "POST", "certificates", {"alias": "x", "certificate": pki.leaf, "private_key": pki.key})
    rest(device, "POST", "install_from_pkcs12", {"alias": "y", "pkcs12": "Q0FOQVJZ", "passphrase": "CANARY"})
    soap(device, load("z", lines_of(pki.leaf), lines_of(pki.key)))
    soap(
        device,
        (
            "<acertificates:LoadPkcs12><acertificates:Pkcs12><acert:Id>y</acert:Id><acert:Certificate>Q0FOQVJZ"
            "</acert:Certificate><acert:Password>CANARY</acert:Password></acertificates:Pkcs12></acertificates:LoadPkcs12>"
        ),
    )
    log = fleet.requests(device.device.serial)
    text = json.dumps(log)
    key = lines_of(pki.key)
    for secret in ("CANARY", "Q0FOQVJZ", "BEGIN PRIVATE", key, key[:40]):
        assert secret not in text
    assert "BEGIN CERTIFICATE" in text
    done = [(entry["operation"], entry["write"]) for entry in log if entry["status"] != 401]
    assert done == [("POST", True), ("POST", True), ("LoadCertificateWithPrivateKey", True), ("LoadPkcs12", True)]


# -- what is refused


@pytest.mark.parametrize(
    "change, text",
    [
        ({"alias": ""}, "alias"),
        ({"alias": "x" * 129}, "alias"),
        ({"alias": None}, "alias is required"),
        ({"alias": "Axis device ID ECC-P256 (802.1AR)"}, "exists"),
        ({"keystore": "TPM9"}, "keystore"),
        ({"certificate": "nonsense"}, "PEM"),
        ({"private_key": "nonsense"}, "key"),
        ({"private_key": None}, "required"),
        ({"colour": "red"}, "unknown member"),
        ({"certificate": 7}, "PEM"),
    ],
)
def test_refused_certificates(change, text, client, pki):
    wanted = {"alias": "x", "certificate": pki.leaf, "private_key": pki.key, **change}
    answer = rest(client("axis-os-12"), "POST", "certificates", wanted)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, 5) and text in error["message"]


def test_a_key_must_fit(client, pki):
    device = client("axis-os-12")
    wanted = {"alias": "x", "certificate": pki.root, "private_key": pki.key}
    assert rest(device, "POST", "certificates", wanted).json()["error"]["code"] == 5
    assert fault(soap(device, load("x", lines_of(pki.root), lines_of(pki.key))))[1][-1] == "ter:KeysNotMatching"


def test_one_name_space(client, pki):
    device = client("axis-os-12")
    ca = {"alias": "x", "certificate": pki.root}
    assert rest(device, "POST", "ca_certificates", ca).json() == {"status": "success"}
    assert rest(device, "POST", "ca_certificates", ca).json()["error"]["code"] == 5
    own = {"alias": "x", "certificate": pki.leaf, "private_key": pki.key}
    assert rest(device, "POST", "certificates", own).json()["error"]["code"] == 5
    assert fault(soap(device, load_ca("x", lines_of(pki.root)))) == (
        400,
        ["ter:InvalidArgVal", "ter:CertificateID"],
        "The CA certificate ID already exists",
    )
    assert rest(device, "GET", "certificates/x").json()["error"]["code"] == 1
    assert rest(device, "PATCH", "ca_certificates/x", {"certificate": pki.middle}).json()["error"]["code"] == 5
    assert rest(device, "PATCH", "ca_certificates/x", {"certificate": pki.root}).status_code == 200


def test_factory_certificates_stay(client, pki):
    device = client("axis-os-12")
    alias = "Axis device ID RSA-4096 (802.1AR)"
    place = "certificates/Axis%20device%20ID%20RSA-4096%20%28802.1AR%29"
    assert rest(device, "DELETE", place).json()["error"]["code"] == 5
    shown = rest(device, "GET", place).json()["data"]["certificate"]
    assert rest(device, "PATCH", place, {"certificate": shown}).json()["error"]["code"] == 5
    assert fault(soap(device, delete(alias)))[:2] == (500, ["ter:Action"])
    name = x509.load_pem_x509_certificate(shown.encode()).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert name == f"axis-{device.device.serial.lower()}-rsa4096-1"


@pytest.mark.parametrize(
    "wanted, code",
    [
        ({"key_type": "RSA-3072"}, 5),
        ({"key_type": "NIST-P256"}, 5),
        ({"key_type": "RSA-1024", "keystore": "TEE0"}, 5),
        ({"subject": ""}, 5),
        ({"subject": "nonsense"}, 5),
        ({"subject_alt_names": ["example.net"]}, 5),
        ({"subject_alt_names": ["IP:example.net"]}, 5),
        ({"valid_from": 2, "valid_to": 1}, 5),
        ({"valid_to": "soon"}, 5),
    ],
)
def test_refused_keys(wanted, code, client):
    answer = rest(client("axis-os-12"), "POST", "create_certificate", {"alias": "x", "subject": "CN=x", **wanted})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_settable_refusals(client, pki, fleet):
    device = client("axis-os-12")
    wanted = {"alias": "x", "certificate": pki.leaf, "private_key": pki.key}
    content = load_ca("x", lines_of(pki.root))
    for refuse, code, subcode in (
        ("format", 5, "ter:CertificateFormat"),
        ("maintenance", 100, "ter:Action"),
        ("limit", 5, "ter:Action"),
    ):
        fleet.patch(device.device.serial, {"certificates": {"refuse": refuse}})
        assert rest(device, "POST", "certificates", wanted).json()["error"]["code"] == code
        assert fault(soap(device, content))[1][-1] == subcode
    fleet.patch(device.device.serial, {"certificates": {"refuse": None}})
    assert rest(device, "POST", "certificates", wanted).status_code == 201


def test_the_default_keystore_is_a_setting(client):
    device = client("axis-os-12")
    assert rest(device, "PATCH", "settings/keystore", "nope").json()["error"]["code"] == 5
    assert rest(device, "PATCH", "settings", {"keystore": "TEE0"}).json() == {"status": "success"}
    assert rest(device, "GET", "settings/keystore").json()["data"] == "TEE0"
    rest(device, "POST", "create_certificate", {"alias": "x", "subject": "CN=x"})
    assert rest(device, "GET", "certificates/x/keystore").json()["data"] == "TEE0"
    assert rest(device, "GET", "keystores/SE0").json()["data"]["security_level"] == "STRONG"


def test_verbs(client):
    device = client("axis-os-12")
    for method, path in (
        ("DELETE", "certificates"),
        ("PATCH", "certificates"),
        ("POST", "keystores"),
        ("PATCH", "keystores/SE0"),
        ("DELETE", "settings"),
        ("GET", "create_certificate"),
        ("PATCH", ""),
    ):
        assert rest(device, method, path, {}).status_code == 405, (method, path)
    answer = device.ask("POST", f"{CERT}/certificates", json={"alias": "x"})
    assert answer.json()["error"]["code"] == 12
    assert set(rest(device, "GET", "").json()["data"]) == {"ca_certificates", "certificates", "keystores", "settings"}


def test_roles(client, fleet):
    fleet.patch(
        fleet.device("axis-os-12").serial,
        {
            "users": {
                "root": {"password": "pass", "groups": ["admin", "operator", "viewer", "ptz"]},
                "view": {"password": "pass", "groups": ["viewer"]},
            }
        },
    )
    device = client("axis-os-12", user="view")
    assert rest(device, "GET", "certificates").status_code == 200
    assert rest(device, "POST", "create_certificate", {"alias": "x", "subject": "CN=x"}).status_code == 403
    assert soap(device, "<tds:GetCertificates/>").status_code == 403
    assert device.ask("GET", "/config/rest/virtualhost/v1").status_code == 403


@pytest.mark.parametrize(
    "content, codes",
    [
        ("<tds:DeleteCertificates><CertificateID>x</CertificateID></tds:DeleteCertificates>", ["ter:TagMismatch"]),
        ("<tds:DeleteCertificates/>", ["ter:TagMismatch"]),
        (
            "<tds:DeleteCertificates><tds:CertificateID>x</tds:CertificateID></tds:DeleteCertificates>",
            ["ter:InvalidArgVal", "ter:CertificateID"],
        ),
        ("<tds:GetNothing/>", ["ter:ActionNotSupported"]),
        ("<tds:GetCertificates/><tds:GetCertificates/>", ["ter:WellFormed"]),
        (load_ca("x", "-----BEGIN CERTIFICATE-----"), ["ter:InvalidArgVal", "ter:CertificateFormat"]),
        (load_ca("x", "AAAA"), ["ter:InvalidArgVal", "ter:CertificateFormat"]),
        (
            "<acertificates:GetCertSet><acertificates:CertSetName>webserver</acertificates:CertSetName>"
            "</acertificates:GetCertSet>",
            ["ter:InvalidArgVal"],
        ),
    ],
)
def test_soap_faults(content, codes, client):
    answer = soap(client("axis-os-12"), content)
    assert fault(answer)[:2] == (500 if codes == ["ter:ActionNotSupported"] else 400, codes)


def test_soap_reads_namespaces_not_prefixes(client):
    device = client("axis-os-12")
    body = '<Envelope xmlns="{env}"><Body><GetCertificates xmlns="{tds}"/></Body></Envelope>'.format(**PREFIXES)
    assert device.ask("POST", SOAP, data=body).status_code == 200
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]>' + body
    assert fault(device.ask("POST", SOAP, data=bomb))[1] == ["ter:WellFormed"]


# -- clients of others


@needs_tools
def test_curl_as_the_vendor_shows_it(fleet, pki, tmp_path):
    device = fleet.device("axis-os-12")

    def curl(path, data, kind):
        (tmp_path / "body").write_text(data)
        return run(
            "curl",
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--request",
            "POST",
            "--anyauth",
            "--user",
            "root:pass",
            "--header",
            f"Content-Type: {kind}",
            device.url + path,
            "--data",
            f"@{tmp_path}/body",
        ).decode()

    wanted = json.dumps({"data": {"alias": "My Certificate", "certificate": pki.leaf, "private_key": pki.key}})
    assert json.loads(curl(f"{CERT}/certificates", wanted, "application/json")) == {"status": "success"}
    namespaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in PREFIXES.items())
    envelope = (
        f'<env:Envelope {namespaces}><env:Body><tds:LoadCACertificates xmlns="{PREFIXES["tds"]}"><CACertificate>'
        f"<tt:CertificateID>My CA</tt:CertificateID><tt:Certificate><tt:Data>{lines_of(pki.root)}</tt:Data>"
        f"</tt:Certificate></CACertificate></tds:LoadCACertificates></env:Body></env:Envelope>"
    )
    assert "LoadCACertificatesResponse" in curl(SOAP, envelope, "application/xml")
    held = fleet.state(device.serial)["certificates"]
    assert (held["My Certificate"]["ca"], held["My CA"]["ca"]) == (False, True)
