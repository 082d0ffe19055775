# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device refuses: logins, roles, methods, parameters, versions, types; and what the views of one thing share."""

from __future__ import annotations

import hashlib
import re
import time

import pytest
import requests
from harness.fleet import Fleet

NTP, TIME, DEVICE = "/axis-cgi/ntp.cgi", "/axis-cgi/time.cgi", "/axis-cgi/basicdeviceinfo.cgi"
READY, DISCOVERY, PARAM = "/axis-cgi/systemready.cgi", "/axis-cgi/apidiscovery.cgi", "/axis-cgi/param.cgi"
BRAND = f"{PARAM}?action=list&group=Brand.Brand"
MODERN = ("axis-os-12", "axis-os-11", "axis-os-9")
USERS = {
    "root": {"password": "pass", "groups": ["admin", "operator", "viewer", "ptz"]},
    "oper": {"password": "pass", "groups": ["operator", "viewer"]},
    "view": {"password": "pass", "groups": ["viewer"]},
}


# -- login


class Digest:
    """A hand-made Digest login, to send what no library would."""

    def __init__(self, url, path=BRAND):
        self.url, self.path = url, path
        challenge = requests.get(url + path, timeout=30).headers["WWW-Authenticate"]
        self.realm, self.nonce = re.search(r'realm="([^"]*)", nonce="([^"]*)"', challenge).groups()

    def get(self, count, *, password="pass", uri=None, nonce=None):
        uri, nonce = uri or self.path, nonce or self.nonce

        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()

        secret = md5(f"{md5(f'root:{self.realm}:{password}')}:{nonce}:{count}:abc:auth:{md5(f'GET:{uri}')}")
        header = (
            f'Digest username="root", realm="{self.realm}", nonce="{nonce}", uri="{uri}", qop=auth, '
            f'nc={count}, cnonce="abc", response="{secret}", algorithm=MD5'
        )
        return requests.get(self.url + self.path, headers={"Authorization": header}, timeout=30)


def test_a_nonce_serves_many_requests_but_no_counter_twice(fleet):
    digest = Digest(fleet.device("axis-os-12").url)
    assert [digest.get(f"{count:08x}").status_code for count in (1, 2, 3, 10)] == [200] * 4
    replay = digest.get("00000002")
    assert replay.status_code == 401
    assert "stale=true" in replay.headers["WWW-Authenticate"]
    assert digest.get("0000000b").status_code == 200


def test_made_up_and_forgotten_nonces_are_stale(fleet):
    device = fleet.device("axis-os-12")
    digest = Digest(device.url)
    answer = digest.get("00000001", nonce="AAAAAAAAAAA=" + "0" * 40)
    assert (answer.status_code, "stale=true" in answer.headers["WWW-Authenticate"]) == (401, True)
    fleet.reset(device.serial)
    assert digest.get("00000001").status_code == 401


def test_digest_signs_the_target(fleet):
    digest = Digest(fleet.device("axis-os-12").url)
    assert digest.get("00000001", uri=f"{PARAM}?action=list").status_code == 401
    # The path alone is taken (one client has always signed so).
    assert digest.get("00000002", uri=PARAM).status_code == 200
    wrong = digest.get("00000003", password="wrong")
    assert wrong.status_code == 401
    assert "stale" not in wrong.headers["WWW-Authenticate"]


def test_basic_is_not_offered_on_http_of_12_but_on_5(fleet):
    for profile, status in (("axis-os-12", 401), ("axis-os-9", 401), ("axis-os-5", 200)):
        answer = requests.get(fleet.device(profile).url + BRAND, auth=("root", "pass"), timeout=30)
        assert answer.status_code == status, profile
    challenge = requests.get(fleet.device("axis-os-5").url + BRAND, timeout=30).headers["WWW-Authenticate"]
    assert "Digest" in challenge and "Basic" in challenge


def test_a_new_policy_takes_effect_later_than_param_cgi_says(client, fleet):
    device = client("axis-os-12")
    assert device.params("update", **{"Network.HTTP.AuthenticationPolicy": "basic"}) == "OK\n"
    listed = device.params("list", group="Network.HTTP.AuthenticationPolicy")
    assert listed == "Network.HTTP.AuthenticationPolicy=basic\n"
    end = time.monotonic() + 10
    while requests.get(device.device.url + BRAND, auth=("root", "pass"), timeout=30).status_code == 401:
        assert time.monotonic() < end
    assert device.ask("GET", BRAND).status_code == 401


def test_systemready_does_not_look_at_credentials(client):
    wrong = client("axis-os-12", password="wrong")
    assert wrong.call(READY, "systemready")["data"]["systemready"] == "yes"
    assert wrong.ask("GET", BRAND).status_code == 401


@pytest.mark.parametrize(
    "document, code",
    [
        ({"method": "getSupportedVersions"}, None),
        ({"method": "nope", "apiVersion": "1.0"}, 1000),
        ([], 1000),
        ({"method": "systemready", "apiVersion": "2.0"}, 1000),
    ],
)
def test_systemready_answers_anybody(document, code, fleet):
    answer = requests.post(fleet.device("axis-os-12").url + READY, json=document, timeout=30)
    assert answer.status_code == 200
    assert answer.json().get("error", {}).get("code") == code
    if code is None:
        assert answer.json()["data"] == {"apiVersions": ["1.5"]}


@pytest.mark.parametrize("profile, status", [("axis-os-12", 200), ("axis-os-11", 200), ("axis-os-9", 401)])
def test_the_api_list_is_open_except_on_9_80(profile, status, fleet):
    document = {"apiVersion": "1.0", "method": "getApiList"}
    assert requests.post(fleet.device(profile).url + DISCOVERY, json=document, timeout=30).status_code == status


def test_unrestricted_properties_are_open_the_others_not(fleet):
    url = fleet.device("axis-os-12").url + DEVICE

    def ask(method):
        return requests.post(url, json={"apiVersion": "1.0", "method": method}, timeout=30)

    assert "SerialNumber" in ask("getAllUnrestrictedProperties").json()["data"]["propertyList"]
    assert ask("getAllProperties").status_code == 401
    assert ask("invented").json()["error"]["code"] == 2004


# -- roles


@pytest.mark.parametrize("profile, status", [("axis-os-12", 403), ("axis-os-11", 403), ("axis-os-9", 401)])
def test_roles(profile, status, client, fleet):
    fleet.patch(fleet.device(profile).serial, {"users": USERS})
    viewer, operator = client(profile, user="view"), client(profile, user="oper")
    assert viewer.ask("GET", BRAND).status_code == 200
    assert viewer.ask("POST", PARAM, data={"action": "update", "Image.I0.Name": "x"}).status_code == status
    assert viewer.ask("POST", NTP, json={"apiVersion": "1.0", "method": "getNTPInfo"}).status_code == status
    assert viewer.call(TIME, "getDateTimeInfo")["data"]
    set_zone = {"apiVersion": "1.0", "method": "setTimeZone", "params": {"timeZone": "Europe/Prague"}}
    assert viewer.ask("POST", TIME, json=set_zone).status_code == status
    assert operator.ask("POST", TIME, json=set_zone).json()["data"] == {"timeZone": "Europe/Prague"}
    assert operator.ask("GET", "/axis-cgi/pwdgrp.cgi?action=get").status_code == status
    # A viewer does not see what only an administrator may read.
    assert "root.Network.IPAddress=" not in viewer.params("list", group="root.Network")
    assert "root.Network.IPAddress=" in client(profile).params("list", group="root.Network")
    assert viewer.ask("GET", f"{BRAND}&usergroup=admin").status_code == status


def test_an_operator_can_not_write_what_an_administrator_may(client, fleet):
    for profile in ("axis-os-12", "axis-os-9"):
        fleet.patch(fleet.device(profile).serial, {"users": USERS})
    operator = {"action": "update", "Network.RTP.VideoDSCP": "3"}
    assert client("axis-os-12", user="oper").ask("POST", PARAM, data=operator).status_code == 401
    answer = client("axis-os-9", user="oper").ask("POST", PARAM, data=operator)
    assert answer.text == "# Error: Error setting 'root.Network.RTP.VideoDSCP' to '3'!\n"
    assert client("axis-os-9", user="oper").params("update", **{"Image.I0.Appearance.Compression": "40"}) == "OK\n"


# -- JSON CGIs


def error(answer):
    document = answer.json() if hasattr(answer, "json") else answer
    return document["error"]["code"], document["error"].get("details", {}).get("subCode")


@pytest.mark.parametrize(
    "params, code",
    [
        (None, (4003, None)),
        ({}, (4003, None)),
        ({"unknown": 1}, (4003, None)),
        ({"enabled": "yes"}, (4004, 1)),
        ({"serversSource": "STATIC"}, (4004, 2)),
        ({"staticServers": "ntp.example.net"}, (4004, 3)),
        ({"staticServers": ["a b"]}, (4004, 3)),
        ({"staticServers": [f"ntp{n}.example.net" for n in range(6)]}, (4004, 3)),
        ({"NTSEnabled": 1}, (4004, 5)),
        ({"staticNTSKEServers": [1]}, (4004, 6)),
        ({"minpoll": 25}, (4004, 7)),
        ({"minpoll": 25, "maxpoll": 24}, (4004, 7)),
        ({"minpoll": 11}, (4004, 7)),
        ({"maxpoll": 25}, (4004, 8)),
        ({"maxpoll": True}, (4004, 8)),
        ({"maxpoll": -1}, (4004, 8)),
        ({"maxpoll": 5}, (4004, 8)),
        ({"NTSKEServerCACerts": ["not-there"]}, (4004, 9)),
        ({"enabled": False, "maxpoll": "x"}, (4004, 8)),
    ],
)
def test_ntp_parameters(params, code, client, fleet):
    device = client("axis-os-12")
    before = fleet.state(device.device.serial)["ntp"]
    assert error(device.call(NTP, "setNTPClientConfiguration", params)) == code
    assert fleet.state(device.device.serial)["ntp"] == before


def test_ntp_servers_replace_and_clear(client):
    device = client("axis-os-12")

    def servers(value):
        assert device.call(NTP, "setNTPClientConfiguration", {"staticServers": value})["data"] == {}
        return device.call(NTP, "getNTPInfo")["data"]["client"]["staticServers"]

    assert servers(["b.example.net", "a.example.net"]) == ["b.example.net", "a.example.net"]
    assert servers(["c.example.net"]) == ["c.example.net"]
    assert servers([""]) == []
    # Flat in params: what the getter's nesting suggests is an unknown parameter.
    nested = device.call(NTP, "setNTPClientConfiguration", {"client": {"enabled": False}})
    assert error(nested) == (4003, None)


def test_older_ntp_apis_have_fewer_parameters(client):
    assert error(client("axis-os-9").call(NTP, "setNTPClientConfiguration", {"minpoll": 4})) == (4003, None)
    assert "minpoll" not in client("axis-os-9").call(NTP, "getNTPInfo")["data"]["client"]
    assert "NTSKEServerCACerts" not in client("axis-os-11").call(NTP, "getNTPInfo")["data"]["client"]


@pytest.mark.parametrize("profile", MODERN)
def test_network_family_errors(profile, client):
    device = client(profile)
    good = {"apiVersion": "1.0", "method": "getNTPInfo"}
    assert error(device.call(NTP, "getNtpInfo")) == (4000, None)
    assert error(device.ask("POST", NTP, json={**good, "apiVersion": "2.0"})) == (4001, None)
    assert error(device.ask("POST", NTP, json={**good, "apiVersion": "1.99"})) == (4001, None)
    assert error(device.ask("POST", NTP, json={"method": "getNTPInfo"})) == (4003, None)
    assert error(device.ask("POST", NTP, json={"apiVersion": "1.0"})) == (4003, None)
    assert error(device.ask("POST", NTP, data="{", headers={"Content-Type": "application/json"})) == (3000, None)
    assert error(device.ask("POST", NTP, data="{}", headers={"Content-Type": "text/plain"})) == (2000, None)
    assert error(device.ask("GET", NTP)) == (2000, None)
    big = {**good, "params": {"x": "y" * 300_000}}
    assert error(device.ask("POST", NTP, json=big)) == (2001, None)
    # Asked low, it answers its own minor.
    versions = device.ask("POST", NTP, json={"method": "getSupportedVersions"}).json()["data"]["apiVersions"]
    assert device.call(NTP, "getNTPInfo")["apiVersion"] == versions[-1] != "1.0"


def test_identity_family_errors(client):
    device = client("axis-os-12")
    assert error(device.ask("GET", DEVICE)) == (2002, None)
    assert device.ask("GET", DEVICE).status_code == 200
    assert error(device.ask("POST", DEVICE, data="no json")) == (4000, None)
    assert error(device.call(DEVICE, "getProperties")) == (4002, None)
    assert error(device.call(DEVICE, "getProperties", {"propertyList": ["Brand", "Nope"]})) == (1000, None)
    assert error(device.ask("POST", DEVICE, json={"apiVersion": "2.0", "method": "getAllProperties"})) == (2003, None)
    answer = device.call(DEVICE, "getProperties", {"propertyList": ["ProdNbr"]}, context="c")
    assert answer == {"apiVersion": "1.3", "context": "c", "data": {"propertyList": {"ProdNbr": "P3265-V"}}}
    assert error(client("axis-os-9").call(DEVICE, "getAllUnrestrictedProperties")) == (2004, None)
    assert device.call(DISCOVERY, "getApiList", {"id": "nope"})["data"] == {"apiList": []}
    found = device.call(DISCOVERY, "getApiList", {"id": "privacy-m?sk", "version": "3.*"})["data"]["apiList"]
    assert [(api["id"], api["version"]) for api in found] == [("privacy-mask", "3.0")]


@pytest.mark.parametrize(
    "params, method, code",
    [
        ({"timeZone": "Europe/Stockholm"}, "setTimeZone", 4004),
        ({"timeZone": "US/Pacific"}, "setTimeZone", 4004),
        ({"timeZone": ["UTC"]}, "setTimeZone", 4004),
        ({}, "setTimeZone", 4003),
        ({"posixTimeZone": "CET-1CEST,M3.5.0,M10.5.0/3"}, "setPosixTimeZone", 4003),
        ({"posixTimeZone": ":Europe/Prague", "enableDst": True}, "setPosixTimeZone", 4004),
        ({"posixTimeZone": "CET-1CEST,M13.5.0,M10.5.0", "enableDst": True}, "setPosixTimeZone", 4004),
        ({"dateTime": "2026-01-01T00:00:00"}, "setDateTime", 4004),
        ({"dateTime": "2070-01-01T00:00:00Z"}, "setDateTime", 4004),
        ({"dateTime": "2026-02-30T00:00:00Z"}, "setDateTime", 4004),
    ],
)
def test_time_parameters(params, method, code, client, fleet):
    device = client("axis-os-12")
    before = fleet.state(device.device.serial)["time"]["active"]
    assert error(device.call(TIME, method, params)) == (code, None)
    assert fleet.state(device.device.serial)["time"]["active"] == before


def test_reset_of_the_zone_came_with_1_1(client):
    assert client("axis-os-12").call(TIME, "resetTimeZone")["data"] == {"status": "success"}
    assert error(client("axis-os-9").call(TIME, "resetTimeZone")) == (4000, None)


# -- REST


def rest(device, method, path, data=None, **body):
    document = {"data": data} if not body else body["body"]
    return device.ask(method, f"/config/rest{path}", **({} if method in ("GET", "DELETE") else {"json": document}))


@pytest.mark.parametrize(
    "method, path, data, status, code",
    [
        ("GET", "/nope/v1", None, 404, 1),
        ("GET", "/time/v1", None, 404, 1),
        ("GET", "/time/v2/timeZone/nope", None, 404, 1),
        ("GET", "/snmp/v1", None, 404, 1),
        ("PATCH", "/time/v2", {}, 405, 4),
        ("PATCH", "/time/v2/timeZone", {}, 405, 4),
        ("PATCH", "/time/v2/timeZone/iana", {"timeZone": "UTC"}, 405, 4),
        ("PATCH", "/time/v2/timeZone/activeTimeZone", "UTC", 405, 4),
        ("PATCH", "/network-time-sync/v1/ntp", {}, 405, 4),
        ("PUT", "/time/v2/timeZone/iana/timeZone", "UTC", 405, 4),
        ("DELETE", "/time/v2/timeZone", None, 405, 4),
        ("GET", "/time/v2/timeZone/iana/getTimeZoneList", None, 405, 4),
        ("PATCH", "/time/v2/timeZone/iana/timeZone", "Europe/Nope", 400, 5),
        ("PATCH", "/time/v2/timeZone/iana/timeZone", None, 400, 5),
        ("PATCH", "/time/v2/timeZone/dhcp/enabled", False, 400, 5),
        ("PATCH", "/time/v2/timeZone/posix", {"timeZone": "x"}, 400, 5),
        ("PATCH", "/time/v2/timeZone/posix", {"nope": 1}, 400, 5),
        ("PATCH", "/time/v2/time/dateTime", "yesterday", 400, 5),
        ("PATCH", "/network-time-sync/v1/ntp/client", {"serversSource": "static"}, 400, 5),
        ("PATCH", "/network-time-sync/v1/ntp/client", {"synced": True}, 400, 5),
        ("PATCH", "/network-time-sync/v1/ntp/client", {"minimumPoll": 25}, 400, 5),
        ("PATCH", "/network-time-sync/v1/ntp/client", [], 400, 5),
    ],
)
def test_rest_refusals(method, path, data, status, code, client):
    answer = rest(client("axis-os-12"), method, path, data)
    assert answer.status_code == status
    assert (answer.json()["status"], answer.json()["error"]["code"]) == ("error", code)


def test_rest_without_the_wrapper(client):
    answer = rest(client("axis-os-12"), "PATCH", "/time/v2/timeZone/iana/timeZone", body="UTC")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 12)


def test_rest_on_older_releases(client):
    assert rest(client("axis-os-11"), "GET", "/time/v2").json()["error"]["code"] == 1
    assert set(client("axis-os-11").ask("GET", "/config/discover").json()["apis"]) == {"param", "ssh"}
    assert client("axis-os-9").ask("GET", "/config/discover").status_code == 404
    assert "apis" not in client("axis-os-12").ask("GET", "/config/discover/apis").json()
    one = client("axis-os-12").ask("GET", "/config/discover/apis/param/v2").json()
    assert (one["state"], one["rest_api"]) == ("beta", "/config/rest/param/v2beta")
    assert client("axis-os-12").ask("GET", "/config/discover/apis/param/v3").status_code == 404


# -- one state, several views


def test_zone_views(client):
    device = client("axis-os-12")

    def views():
        info = device.call(TIME, "getDateTimeInfo")["data"]
        parameters = device.params("list", group="root.Time")
        zone = rest(device, "GET", "/time/v2/timeZone").json()["data"]
        return info, parameters, zone

    assert device.call(TIME, "setTimeZone", {"timeZone": "Europe/Prague"})["data"] == {"timeZone": "Europe/Prague"}
    info, parameters, zone = views()
    assert (info["timeZone"], info["posixTimeZone"]) == ("Europe/Prague", "CET-1CEST,M3.5.0,M10.5.0/3")
    assert "root.Time.POSIXTimeZone=CET-1CEST,M3.5.0,M10.5.0/3\n" in parameters
    assert zone["iana"]["timeZone"] == zone["activeTimeZone"] == "Europe/Prague"
    assert (zone["posix"]["timeZone"], zone["dhcp"]["enabled"]) == (None, False)

    assert rest(device, "PATCH", "/time/v2/timeZone/iana/timeZone", "Asia/Tokyo").json() == {"status": "success"}
    assert device.call(TIME, "getDateTimeInfo")["data"]["timeZone"] == "Asia/Tokyo"

    rule = {"timeZone": "EET-2EEST,M3.5.0/3,M10.5.0/4", "dstEnabled": False}
    assert rest(device, "PATCH", "/time/v2/timeZone/posix", rule).json() == {"status": "success"}
    info, parameters, zone = views()
    assert "timeZone" not in info and (info["posixTimeZone"], info["dstEnabled"]) == (rule["timeZone"], False)
    assert "root.Time.DST.Enabled=no\n" in parameters
    assert (zone["iana"], zone["posix"]) == (
        {"posixTimeZone": None, "timeZone": None},
        {"dstEnabled": False, "timeZone": rule["timeZone"]},
    )
    assert info["localDateTime"].endswith("+02:00")

    assert device.params("update", **{"Time.POSIXTimeZone": "EST5EDT,M3.2.0,M11.1.0"}) == "OK\n"
    assert rest(device, "GET", "/time/v2/timeZone/activeTimeZone").json()["data"] == "EST5EDT,M3.2.0,M11.1.0"
    assert device.params("update", **{"Time.POSIXTimeZone": "nonsense"}).startswith("# Error")
    assert rest(device, "PATCH", "/time/v2/timeZone/dhcp/enabled", True).json() == {"status": "success"}
    assert views()[2]["dhcp"]["enabled"] is True


def test_summer_time_follows_the_rule(client, fleet):
    device = client("axis-os-12")
    device.call(TIME, "setTimeZone", {"timeZone": "Australia/Sydney"})
    for moment, offset in (("2027-01-15T00:00:00Z", "+11:00"), ("2027-07-15T00:00:00Z", "+10:00")):
        assert device.call(TIME, "setDateTime", {"dateTime": moment})["data"] == {"dateTime": moment}
        assert device.call(TIME, "getDateTimeInfo")["data"]["localDateTime"].endswith(offset)


def test_the_clock_runs(client, fleet):
    device = client("axis-os-12")
    assert rest(device, "PATCH", "/time/v2/time/dateTime", "2030-05-05T05:05:05Z").json() == {"status": "success"}
    first = device.call(TIME, "getDateTimeInfo")["data"]["dateTime"]
    assert first.startswith("2030-05-05T05:05:0")
    end = time.monotonic() + 5
    while device.call(TIME, "getDateTimeInfo")["data"]["dateTime"] == first:
        assert time.monotonic() < end


def test_a_dhcp_zone_shows_from_1_1(client, fleet):
    for profile in ("axis-os-12", "axis-os-9"):
        fleet.patch(fleet.device(profile).serial, {"dhcp_zone": "Europe/Rome"})
    data = client("axis-os-12").call(TIME, "getDateTimeInfo")["data"]
    assert (data["dhcpTimeZone"], data["dhcpTimeZoneUtilized"]) == ("Europe/Rome", True)
    assert "dhcpTimeZone" not in client("axis-os-9").call(TIME, "getDateTimeInfo")["data"]


# -- accounts


def first(fleet, **fields):
    form = {"action": "add", "user": "root", "pwd": "Secret1", "grp": "root", "sgrp": "admin:operator:viewer:ptz"}
    return [
        requests.post(device.url + "/axis-cgi/pwdgrp.cgi", data={**form, **fields}, timeout=30)
        for device in fleet.devices
    ]


def test_factory_default_and_the_first_account(tmp_path):
    profiles = ["axis-os-12", "axis-os-9"]
    with Fleet.start(devices=2, profiles=profiles, factory_default=True, tmp_path=tmp_path) as fleet:
        for device in fleet.devices:
            ready = requests.post(device.url + READY, json={"apiVersion": "1.0", "method": "systemready"}, timeout=30)
            assert ready.json()["data"]["needsetup"] == "yes"
            assert requests.get(device.url + BRAND, timeout=30).status_code == 401
            discovery = {"apiVersion": "1.0", "method": "getApiList"}
            assert requests.post(device.url + DISCOVERY, json=discovery, timeout=30).status_code == 401
            early = requests.get(device.url + "/axis-cgi/pwdgrp.cgi?action=get", timeout=30)
            assert (early.status_code, "initial admin user must be created first" in early.text) == (401, True)
        for answer in first(fleet, sgrp="admin:operator:viewer"):
            assert (answer.status_code, "not a valid initial admin user" in answer.text) == (401, True)
        assert [answer.status_code for answer in first(fleet, user="someone", grp="users")] == [200, 401]
        assert [answer.status_code for answer in first(fleet, comment="x")] == [401, 401]
        created = first(fleet)
        assert created[0].status_code == 401, "the window is closed as soon as somebody has an account"
        assert created[1].status_code == 200 and "Created account root." in created[1].text
        assert created[1].headers["Content-Type"] == "text/html"
        login = requests.auth.HTTPDigestAuth("root", "Secret1")
        group = f"{PARAM}?action=list&group=root.Properties.API.Browser"
        text = requests.get(fleet.devices[1].url + group, auth=login, timeout=30).text
        assert "RootPwdSetValue=no" in text, "the parameter follows a moment later"
        end = time.monotonic() + 10
        while "RootPwdSetValue=no" in text and time.monotonic() < end:
            text = requests.get(fleet.devices[1].url + group, auth=login, timeout=30).text
        assert "RootPwdSetValue=yes" in text
        assert "Secret1" not in str(fleet.requests())


def test_accounts(client):
    device = client("axis-os-11")

    def call(**form):
        answer = device.ask("POST", "/axis-cgi/pwdgrp.cgi", data=form)
        assert answer.status_code == 200
        return answer.text

    new = {"action": "add", "user": "joe", "pwd": "x", "grp": "users", "sgrp": "viewer:operator"}
    assert "Created account joe." in call(**new)
    assert "already exists" in call(**new)
    assert re.search(r'^operator="(?:root,joe|joe,root)"\r$', call(action="get"), re.MULTILINE)
    assert "Modified account joe." in call(action="update", user="joe", sgrp="viewer")
    assert 'operator="root"' in call(action="get")
    assert "Error: consult the system log file." in call(**{**new, "user": "eve", "sgrp": "ptz"})
    assert "Error: consult" in call(**{**new, "user": "eve", "pwd": "\u00e9", "strict_pwd": "1"})
    assert "Error: account user name." in call(**{**new, "user": "not good"})
    assert "Error: action operation type." in call(action="nope", user="joe")
    assert "Removed account joe." in call(action="remove", user="joe")
    assert "Error: malformed action operation, remove." in call(action="remove", user="joe")
