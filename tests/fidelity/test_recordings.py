# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's answers beside answers of real devices of the same kind.

| recording | test |
| --- | --- |
| oadm/P3265-V-12.11.77: basicdeviceinfo-*, systemready, apidiscovery, ntp-getNTPInfo*, time-getDateTimeInfo, | |
| time-getSupportedVersions, rest-time-v2, rest-network-time-sync-v1 | test_json |
| oadm/P3265-V-12.11.77: time-error-4000/4001, network_settings-error-4001 | test_error_answers |
| oadm/P3265-V-12.11.77: network_settings-*, rest-network-settings-v2*, values of param-list-Network | test_network |
| oadm/P3265-V-12.11.77: config-discover, rest-time-v2-getTimeZoneList, apidiscovery | test_lists |
| oadm/P3265-V-12.11.77: http-401, https-401; trunnion embedded/www-authenticate-9.80 | test_challenge_* |
| oadm/P3265-V-12.11.77: param-list-* (nine) | test_param_lines_12, test_prefix_rule |
| oadm/P3265-V-12.11.77: param-listdefinitions | test_definitions |
| trunnion CompanionBulletLE 9.80.2.2: param.cgi list and listdefinitions, apidiscovery | test_definitions, test_lists |
| kane610: param-list-whole 9.10, param-PTZ and param-Brand 5.51, basicdeviceinfo 9.80.1 | test_values_fit, test_json |
| oadm: pwdgrp-get, usergroup, oadm/M3206-LVE-10.12 systemready | test_accounts, test_json |
| oadm, kane610: pwdgrp-get (four), pwdgrp-get-old-style, usergroup-* | test_users |
| oadm: fwmgr-status, fwmgr-getSupportedVersions, fwmgr-error-405; vapx: fwmgr-upgrade-error-409 | test_firmware |
| vapx: systemready data in factory default | test_factory_default |
| oadm: rest-cert-v1-*, soap-* | test_certificates |
| oadm: rest-virtualhost-v1, param-list-HTTPS, param-list-mixed-prefix (BoaGroupPolicy) | test_web_server |
| vapx: the other systemready data; oadm/M3206-LVE-10.12 systemready, exactly | test_reboot |
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import requests
from harness.fleet import Fleet

from . import recordings
from .recordings import definitions, headers, lines, shape

P3265 = "oadm/P3265-V-12.11.77"
COMPANION = "trunnion-vapix/CompanionBulletLE-9.80.2.2"
NTP, TIME, DEVICE = "/axis-cgi/ntp.cgi", "/axis-cgi/time.cgi", "/axis-cgi/basicdeviceinfo.cgi"
NETWORK = "/axis-cgi/network_settings.cgi"
READY, DISCOVERY = "/axis-cgi/systemready.cgi", "/axis-cgi/apidiscovery.cgi"
NONCE = r'nonce="[A-Za-z0-9+/]{11}=[0-9a-f]{40}"'

# Simulator answers no recording stands behind. The README says what each is built on instead.
NO_RECORDING = (
    "ntp.cgi: setNTPClientConfiguration (answer and sub-codes), 2000, 3000, 4003, 4004",
    "network_settings.cgi: setters, IPv6 that is on, VLANs, versions below 1.38; everything while an address changes",
    "time.cgi: setters, getAll, IANA zones; 2000, 3000, 4003, 4004",
    "basicdeviceinfo.cgi, apidiscovery.cgi: error answers",
    "systemready.cgi: error answers, answers below 10.12",
    "param.cgi: update, add, remove (answers known from client code and the vendor's page only)",
    "param.cgi: an unknown group in listdefinitions, what a viewer may not see",
    "REST: writes, errors; everything on 11.11",
    "pwdgrp.cgi: add, update, remove and errors around the one recorded page",
    "firmwaremanagement.cgi: everything with a second image, changing methods, errors but 405 and the text of 409",
    "firmwareupgrade.cgi",
    "restart.cgi, factorydefault.cgi, hardfactorydefault.cgi; what a blocked client gets",
    "401 bodies; every answer of 11.11 but the systemready and API list facts; 403",
    "HTTP 414, plain HTTP on a TLS port",
    "cert.v1: everything but three readings; SOAP: everything but the seven answers recorded on 12.11",
    "virtualhost.v1: everything but the root document; what a web server does when its settings change",
)


def load(recorded, name):
    return json.loads((recorded / name).read_text(encoding="utf-8"))


# -- JSON answers: the same keys in the same order with the same types

JSON_CASES = [
    (f"{P3265}/basicdeviceinfo-getAllProperties.json", "axis-os-12", DEVICE, "getAllProperties", {}),
    (
        f"{P3265}/basicdeviceinfo-getAllUnrestrictedProperties.json",
        "axis-os-12",
        DEVICE,
        "getAllUnrestrictedProperties",
        {},
    ),
    (
        "kane610-axis/basicdeviceinfo-getAllProperties-M1065-LW-9.80.1.json",
        "axis-os-9",
        DEVICE,
        "getAllProperties",
        {"context": "x"},
    ),
    (f"{P3265}/systemready.json", "axis-os-12", READY, "systemready", {}),
    ("oadm/M3206-LVE-10.12/systemready.json", "axis-os-9", READY, "systemready", {}),
    (f"{P3265}/ntp-getNTPInfo.json", "axis-os-12", NTP, "getNTPInfo", {"context": "oadm"}),
    (f"{P3265}/ntp-getNTPInfo-2.json", "axis-os-12", NTP, "getNTPInfo", {}),
    (f"{P3265}/time-getDateTimeInfo.json", "axis-os-12", TIME, "getDateTimeInfo", {"context": "oadm"}),
    (f"{P3265}/time-getSupportedVersions.json", "axis-os-12", TIME, "getSupportedVersions", {}),
]


def put_in_recorded_state(client, recording):
    """Bring the device into the state the recorded one was in, over the wire."""
    data = recording["data"]
    if "client" in data:
        names = ("enabled", "NTSEnabled", "serversSource", "staticServers", "minpoll", "maxpoll")
        answer = client.call(NTP, "setNTPClientConfiguration", {name: data["client"][name] for name in names})
        assert answer.get("data") == {}, answer
    if "posixTimeZone" in data:
        wanted = {"posixTimeZone": data["posixTimeZone"], "enableDst": data["dstEnabled"]}
        assert "data" in client.call(TIME, "setPosixTimeZone", wanted)


@pytest.mark.parametrize("case", JSON_CASES, ids=[f"{case[0].split('/')[-1]}" for case in JSON_CASES])
def test_json(case, recorded, client):
    name, profile, path, method, members = case
    recording = load(recorded, name)
    device = client(profile)
    put_in_recorded_state(device, recording)
    if method == "getSupportedVersions":
        answer = device.ask("POST", path, json={"method": method}).json()
    else:
        answer = device.call(path, method, **members)
    if "ntp" in name:
        # The recorded lease was empty, the simulated one names a server.
        assert answer["data"]["client"].pop("advertisedServers") == ["192.0.2.123"]
        assert recording["data"]["client"].pop("advertisedServers") == []
    if "propertyList" in recording["data"]:
        # A map in hash order: the two recorded devices differ.
        for document in (answer, recording):
            document["data"]["propertyList"] = dict(sorted(document["data"]["propertyList"].items()))
    assert shape(answer) == shape(recording)


def test_ntp_values_are_the_ones_set(recorded, client):
    recording = load(recorded, f"{P3265}/ntp-getNTPInfo-2.json")["data"]["client"]
    device = client("axis-os-12")
    put_in_recorded_state(device, {"data": {"client": recording}})
    answer = device.call(NTP, "getNTPInfo")["data"]["client"]
    moving = {"synced", "timeToNextSync", "timeOffset", "advertisedServers"}
    assert {k: v for k, v in answer.items() if k not in moving} == {
        k: v for k, v in recording.items() if k not in moving
    }


@pytest.mark.parametrize("api", ["time/v2", "network-time-sync/v1"])
def test_rest_documents(api, recorded, client):
    recording = load(recorded, f"{P3265}/rest-{api.replace('/', '-')}.json")
    device = client("axis-os-12")
    if "timeZone" in recording["data"]:
        posix = recording["data"]["timeZone"]["posix"]
        answer = device.ask("PATCH", f"/config/rest/{api}/timeZone/posix", json={"data": posix})
    else:
        wanted = recording["data"]["ntp"]["client"]
        settable = {name: wanted[name] for name in ("enabled", "serversSource", "staticServers")}
        answer = device.ask("PATCH", f"/config/rest/{api}/ntp/client", json={"data": settable})
    assert answer.json() == {"status": "success"}
    document = device.ask("GET", f"/config/rest/{api}").json()
    if "ntp" in document["data"]:
        assert document["data"]["ntp"]["client"].pop("advertisedServers")
        recording["data"]["ntp"]["client"].pop("advertisedServers")
        assert document["data"]["ntp"]["client"]["serversSource"] == "STATIC"
        assert document["data"]["ntp"]["client"]["nts"] == recording["data"]["ntp"]["client"]["nts"]
        assert document["data"]["ptp"] == recording["data"]["ptp"]
    else:
        assert document["data"]["timeZone"] == recording["data"]["timeZone"]
    assert shape(document) == shape(recording)


def test_rest_text_is_indented_like_the_recorded(recorded, client):
    text = client("axis-os-12").ask("GET", "/config/rest/time/v2").text
    real = (recorded / P3265 / "rest-time-v2.json").read_text(encoding="utf-8")

    def indents(text):
        return [len(line) - len(line.lstrip()) for line in text.splitlines()]

    assert indents(text) == indents(real)


@pytest.mark.parametrize(
    "name, path, members",
    [
        ("time-error-4000", TIME, {"method": "getOadmUnknown", "context": "oadm"}),
        ("time-error-4001", TIME, {"method": "getDateTimeInfo", "context": "oadm", "apiVersion": "9.9"}),
        ("network_settings-error-4001", NETWORK, {"method": "getNetworkInfo", "context": "oadm", "apiVersion": "9.9"}),
    ],
)
def test_error_answers(name, path, members, recorded, client):
    recording = load(recorded, f"{P3265}/{name}.json")
    answer = client("axis-os-12").ask("POST", path, json={"apiVersion": "1.0", **members})
    assert answer.status_code == 200
    document = answer.json()
    assert list(document) == list(recording)
    assert document["error"] == recording["error"]
    assert document["context"] == recording["context"]


# -- lists


@pytest.mark.parametrize(
    "profile, name",
    [
        ("axis-os-12", f"{P3265}/apidiscovery-getApiList.json"),
        ("axis-os-9", f"{COMPANION}/apidiscovery.cgi.json"),
    ],
)
def test_api_lists(profile, name, recorded, client):
    recording = load(recorded, name)
    answer = client(profile).call(DISCOVERY, "getApiList")
    assert list(answer) == list(recording)
    assert answer["apiVersion"] == recording["apiVersion"]

    def rows(document):
        return [(api["id"], api["version"], api["name"], api.get("status")) for api in document["data"]["apiList"]]

    assert rows(answer) == rows(recording)
    assert shape(answer) == shape(recording)


def test_discovery_document(recorded, client):
    answer = client("axis-os-12").ask("GET", "/config/discover")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == load(recorded, f"{P3265}/config-discover.json")


def test_time_zones(recorded, client):
    names = (recorded / P3265 / "rest-time-v2-getTimeZoneList.txt").read_text().split()
    answer = client("axis-os-12").ask("POST", "/config/rest/time/v2/timeZone/iana/getTimeZoneList", json={"data": {}})
    assert sorted(entry["timeZone"] for entry in answer.json()["data"]) == sorted(names)
    assert "Europe/Stockholm" not in names


# -- headers


def test_challenge_http_12(recorded, fleet):
    real = headers((recorded / P3265 / "http-401-headers.txt").read_text())
    answer = requests.get(fleet.device("axis-os-12").url + "/axis-cgi/param.cgi?action=list", timeout=30)
    assert answer.status_code == 401
    own = {name.lower(): value for name, value in answer.headers.items()}
    assert set(own) == set(real)
    assert fresh(own["www-authenticate"]) == fresh(real["www-authenticate"])
    assert re.search(NONCE, own["www-authenticate"]) and re.search(NONCE, real["www-authenticate"])
    for name in set(own) - {"date", "www-authenticate", "content-security-policy"}:
        assert own[name] == real[name], name
    assert directives(own["content-security-policy"]) == directives(real["content-security-policy"])


def fresh(challenge):
    """A challenge with the values every device and moment has of its own taken out."""
    return re.sub(r'(realm="AXIS_|nonce=")[^"]*', r"\1", challenge)


def directives(policy):
    return [part.split()[0] for part in policy.split(";")]


def test_challenge_https_12(recorded, tmp_path):
    real = headers((recorded / P3265 / "https-401-headers.txt").read_text())
    with Fleet.start(devices=1, profiles=["axis-os-12"], https=True, tmp_path=tmp_path) as fleet:
        url = fleet.devices[0].url + "/axis-cgi/param.cgi?action=list"
        answer = requests.get(url, timeout=30, verify=str(fleet.ca_file))
        own = {name.lower(): value for name, value in answer.headers.items()}
        # The recording is HTTP/2, which has no such header.
        assert set(own) - {"transfer-encoding"} == set(real)
        assert fresh(own["www-authenticate"]) == fresh(real["www-authenticate"])
        assert requests.get(url, timeout=30, verify=str(fleet.ca_file), auth=("root", "pass")).status_code == 200
        digest = requests.auth.HTTPDigestAuth("root", "pass")
        assert requests.get(url, timeout=30, verify=str(fleet.ca_file), auth=digest).status_code == 401


def test_challenge_9(recorded, fleet):
    text = (recorded / "trunnion-vapix/embedded/www-authenticate-9.80.txt").read_text()
    real = {fresh(line.partition(": ")[2]) for line in text.splitlines() if line}
    answer = requests.get(fleet.device("axis-os-9").url + "/axis-cgi/param.cgi?action=list", timeout=30)
    assert {fresh(answer.headers["WWW-Authenticate"])} == real


def test_content_types_9(client):
    device = client("axis-os-9")
    # From the index of the recordings: labels exactly so, no charset on param.cgi.
    assert device.ask("GET", "/axis-cgi/param.cgi?action=list").headers["Content-Type"] == "text/plain"
    xml = device.ask("GET", "/axis-cgi/param.cgi?action=listdefinitions&listformat=xmlschema")
    assert xml.headers["Content-Type"] == "text/xml"
    answer = device.ask("POST", DISCOVERY, json={"apiVersion": "1.0", "method": "getApiList"})
    assert answer.headers["Content-Type"] == "application/json;charset=utf8"


def test_unknown_cgi_5(client):
    answer = client("axis-os-5").ask("POST", DISCOVERY, json={"apiVersion": "1.0", "method": "getApiList"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=ISO-8859-1"
    assert "/axis-cgi/apidiscovery.cgi" in answer.text


# -- parameters

PARAM_LISTS_12 = [
    ("param-list-HTTPS.txt", "HTTPS"),
    ("param-list-Network.HTTP.txt", "Network.HTTP"),
    ("param-list-Network.Interface.I0.txt", "Network.Interface.I0"),
    ("param-list-Network.txt", "Network"),
    ("param-list-Image.I0.txt", "Image.I0"),
    ("param-list-Storage.S0.txt", "Storage.S0"),
    ("param-list-Time.txt", "Time"),
]


@pytest.mark.parametrize("name, group", PARAM_LISTS_12, ids=[group for _name, group in PARAM_LISTS_12])
def test_param_lines_12(name, group, recorded, client):
    """Names in the device's order; every recorded value fits the simulated definition."""
    real = lines((recorded / P3265 / name).read_text(encoding="utf-8"))
    device = client("axis-os-12")
    own = lines(device.params("list", group=group))
    assert not set(own) - set(real), "parameters the real device does not have"
    assert list(own) == [parameter for parameter in real if parameter in own]
    assert len(own) >= len(real) * 0.4
    defined = definitions(device.definitions(group))
    for parameter in own:
        assert defined[parameter.removeprefix("root.")].accepts(real[parameter]), parameter


@pytest.mark.parametrize(
    "name, groups",
    [
        (
            "param-list-leafs-and-group.txt",
            "Network.BootProto,Network.UPnP.FriendlyName,Network.Interface.I0.dot1x.Enabled,HTTPS",
        ),
        ("param-list-mixed-error.txt", "Network.BootProto,Does.Not.Exist,HTTPS.Enabled"),
        (
            "param-list-mixed-prefix-HTTPS-BoaGroupPolicy.txt",
            "HTTPS.Enabled,HTTPS.Port,System.BoaGroupPolicy,Network.HTTP",
        ),
        ("param-list-unknown-group.txt", "System.BoundRequest"),
    ],
)
def test_prefix_rule_and_errors_12(name, groups, recorded, client):
    """Leaves come back bare, groups with root., error lines in place: the same names line by line."""

    def names(text):
        return [line.partition("=")[0] if not line.startswith("#") else line for line in text.strip().splitlines()]

    real = (recorded / P3265 / name).read_text(encoding="utf-8")
    assert names(client("axis-os-12").params("list", group=groups)) == names(real)


def test_older_devices_always_prefix(recorded, client):
    real = (recorded / COMPANION / "param.cgi_action=list_group=root.Brand_root.Properties.Firmware.txt").read_text()
    own = client("axis-os-9").params("list", group="root.Brand,root.Properties.Firmware")
    assert list(lines(own)) == list(lines(real))


DEFINITIONS = [
    ("axis-os-9", f"{COMPANION}/param.cgi_action=listdefinitions_listformat=xmlschema.xml", None, 400),
    (
        "axis-os-12",
        f"{P3265}/param-listdefinitions-dot1x-HTTPS-NetworkHTTP.xml",
        "Network.Interface.I0.dot1x,HTTPS,Network.HTTP",
        11,
    ),
]


@pytest.mark.parametrize("profile, name, group, least", DEFINITIONS, ids=[case[0] for case in DEFINITIONS])
def test_definitions(profile, name, group, least, recorded, client):
    """Parameters on both sides are defined alike: level, flags, type, range, spelling of words."""
    real = definitions((recorded / name).read_bytes())
    own = definitions(client(profile).definitions(group))
    both = set(real) & set(own)
    assert len(both) >= least
    # An enum of what this model can do, not of what the firmware is.
    both -= {parameter for parameter in both if parameter.endswith("Appearance.Resolution")}
    different = {
        parameter: (own[parameter], real[parameter])
        for parameter in both
        if replace(own[parameter], value="") != replace(real[parameter], value="")
    }
    assert not different


@pytest.mark.parametrize(
    "profile, name, group",
    [
        (
            "axis-os-12",
            f"{P3265}/param-listdefinitions-dot1x-HTTPS-NetworkHTTP.xml",
            "Network.Interface.I0.dot1x,HTTPS,Network.HTTP",
        ),
        (
            "axis-os-9",
            f"{COMPANION}/param.cgi_action=listdefinitions_listformat=xmlschema_group=root.Brand_"
            "root.Properties.Firmware.xml",
            "root.Brand,root.Properties.Firmware",
        ),
    ],
)
def test_definitions_are_written_line_by_line_like_the_recorded(profile, name, group, recorded, client):
    own = client(profile).definitions(group)
    real = (recorded / name).read_bytes().decode("latin-1")
    assert recordings.skeleton(own) == recordings.skeleton(real)


def test_list_order_9(recorded, client):
    real = list(lines((recorded / COMPANION / "param.cgi_action=list.txt").read_bytes().decode("latin-1")))
    own = [name for name in lines(client("axis-os-9").params("list")) if name in set(real)]
    assert len(own) >= 400
    assert own == [name for name in real if name in set(own)]


@pytest.mark.parametrize(
    "profile, name, least",
    [
        ("axis-os-9", "kane610-axis/param-list-whole-M1065-LW-9.10.1.txt", 250),
        ("axis-os-5", "kane610-axis/param-PTZ-5-51-Q1921.txt", 30),
        ("axis-os-5", "kane610-axis/param-PTZ-5-51-M1054.txt", 20),
        ("axis-os-5", "kane610-axis/param-Brand-M3024-L-5.51.txt", 6),
        ("axis-os-12", f"{P3265}/param-list-hardening-groups.txt", 30),
    ],
)
def test_values_of_other_devices_fit(profile, name, least, recorded, client):
    """Values other devices of that firmware showed are values the simulated device could have."""
    real = lines((recorded / name).read_bytes().decode("latin-1"))
    own = definitions(client(profile).definitions())
    # Not compared: masks the recording's author put in, what depends on the model, and a parameter whose recorded
    # definition (bool yes/no) does not fit its own recorded value (1.0).
    models = re.compile(
        r"Appearance\.(?:Resolution|Rotation)|CaptureFrequency|CamPorts|ImageSource\.I0\.Sensor|MaxViewers|PTZ\.Limit"
        r"|Metadata\.Version"
    )
    shared = {
        parameter: value
        for parameter, value in ((name.removeprefix("root."), value) for name, value in real.items())
        if parameter in own and "***" not in value and not models.search(parameter)
    }
    assert len(shared) >= least
    assert {p: (v, own[p]) for p, v in shared.items() if not own[p].accepts(v)} == {}


# -- accounts


def test_accounts_12(recorded, client, fleet):
    real = (recorded / P3265 / "pwdgrp-get.txt").read_text()
    users = {
        "root": ["admin", "operator", "viewer", "ptz"],
        "acs": ["operator", "viewer"],
    }
    fleet.patch(
        fleet.device("axis-os-12").serial,
        {
            "users": {name: {"password": "pass", "groups": groups} for name, groups in users.items()},
        },
    )
    device = client("axis-os-12")
    own = device.ask("GET", "/axis-cgi/pwdgrp.cgi?action=get")
    assert own.headers["Content-Type"] == "text/plain"

    def groups(text):
        return [line.partition("=")[0] for line in text.strip().splitlines()]

    assert groups(own.text) == groups(real)
    form = re.compile(r'\w+="[\w,]*"')
    assert all(form.fullmatch(line) for text in (own.text, real) for line in text.strip().splitlines())
    assert re.search('operator="(?:root,acs|acs,root)"', own.text) and 'admin="root"' in own.text
    text = device.ask("GET", "/axis-cgi/usergroup.cgi").text
    assert text.strip() == (recorded / P3265 / "usergroup.txt").read_text().strip()


def test_factory_default(recorded, tmp_path):
    real = load(recorded, "vapx/systemready-data-M1137-MkII-12.11.77-factory-default.json")
    with Fleet.start(devices=1, profiles=["axis-os-12"], factory_default=True, tmp_path=tmp_path) as fleet:
        answer = requests.post(
            fleet.devices[0].url + READY, json={"apiVersion": "1.0", "method": "systemready"}, timeout=30
        )
        data = answer.json()["data"]
        assert shape(data) == shape(real)
        assert (data["needsetup"], data["previewmode"]) == (real["needsetup"], real["previewmode"])
