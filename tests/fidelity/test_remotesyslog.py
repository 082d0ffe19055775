# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote syslog: remotesyslog.cgi and ``API.RemoteSyslog1`` are one thing."""

from __future__ import annotations

import pytest

from .apis import accounts, code, data, not_recorded, where_it_is
from .recordings import lines

CGI, GROUP = "/axis-cgi/remotesyslog.cgi", "API.RemoteSyslog1"
FULL = {
    "address": "10.0.0.1",
    "port": 999,
    "protocol": "UDP",
    "syslogFormat": "RFC3164",
    "severity": "Debug",
    "type": "Audit",
}


def setup(device, *servers):
    """The answer to setup."""
    return device.call(CGI, "setup", {"servers": list(servers)})


@pytest.mark.parametrize(
    ("profile", "case"),
    [
        ("axis-os-11", "P3245-LVE-11.11.192"),
        ("axis-os-12", "D4200-VE-12.9.57"),
    ],
)
def test_parameters_of_the_factory(profile, case, client, recorded):
    text = (recorded / "rs4acap/parameter_management_list_all" / case / "000-response-200.txt").read_text()
    expected = {name: value for name, value in lines(text).items() if name.startswith(f"root.{GROUP}.")}
    assert expected and lines(client(profile).params("list", group=GROUP)) == expected


def test_the_cgi_is_not_recorded(recorded):
    not_recorded("remotesyslog.cgi")


def test_generations(client):
    assert where_it_is(client, "GET", CGI) == ["axis-os-10", "axis-os-11", "axis-os-12"]
    assert data(client("axis-os-11"), CGI, "getSupportedVersions") == {"apiVersions": ["1.1"]}
    old = setup(client("axis-os-10"), FULL)["data"]["servers"][0]
    assert "type" not in old and old == {name: value for name, value in FULL.items() if name != "type"}


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ({}, 6514),
        ({"protocol": "UDP"}, 514),
        ({"protocol": "TCP"}, 601),
        ({"protocol": "TCP", "syslogFormat": "AXIS"}, 514),
        ({"protocol": "TLS", "syslogFormat": "RFC3164"}, 6514),
    ],
)
def test_defaults(given, port, client):
    answer = setup(client("axis-os-12"), {"address": "log.example.net", **given})["data"]
    expected = {
        "address": "log.example.net",
        "port": port,
        "protocol": "TLS",
        "syslogFormat": "RFC5424",
        "severity": "Warning",
        "type": "All",
        **given,
    }
    assert answer == {"enabled": True, "servers": [expected]}


def test_life(client):
    device = client("axis-os-12")
    assert data(device, CGI, "status") == {"enabled": False, "servers": []}
    assert code(device, CGI, "enable") == 2200 and code(device, CGI, "test") == 2202
    setup(device, FULL, {"address": "::1"})
    assert data(device, CGI, "test")["servers"][0] == FULL
    assert data(device, CGI, "disable")["enabled"] is False
    assert data(device, CGI, "enable")["enabled"] is True
    assert [server["address"] for server in setup(device, {"address": "b"})["data"]["servers"]] == ["b"], "replaces"
    assert setup(device)["data"] == {"enabled": False, "servers": []}


def test_parameters_show_and_stop_it(client):
    device = client("axis-os-12")
    device.params("update", **{f"{GROUP}.Server2.Port": "7"})
    assert f"{GROUP}.Server1.Port=6514\n" in device.params("list", group=GROUP), "two servers, not one twice"
    setup(device, FULL)
    shown = lines(device.params("list", group=GROUP))
    assert shown[f"root.{GROUP}.Enabled"] == "true" and shown[f"root.{GROUP}.Server1.Severity"] == "Debug"
    assert device.params("update", **{f"{GROUP}.Server1.Port": "70000"}).startswith("# Error")
    assert device.params("update", **{f"{GROUP}.Server1.Port": "7000"}) == "OK\n"
    status = data(device, CGI, "status")
    assert (status["enabled"], status["servers"][0]["port"]) == (False, 7000)
    device.params("update", **{f"{GROUP}.Server1.Address": "", f"{GROUP}.Server2.Address": "10.0.0.2"})
    assert data(device, CGI, "status")["servers"] == [], "the second one alone does not count"


@pytest.mark.parametrize(
    ("servers", "expected", "details"),
    [
        ([FULL, FULL], 2201, None),
        ([FULL] * 3, 2203, None),
        ([{"port": 1}], 2103, {"propertyName": "address"}),
        ([{"address": "a", "severity": "warning"}], 2104, {"address": "a", "propertyName": "severity"}),
        ([{"address": "a", "port": 0}], 2104, {"address": "a", "propertyName": "port"}),
        ([{"address": "a", "port": "514"}], 2104, {"address": "a", "propertyName": "port"}),
        ([{"address": "a b"}], 2104, {"address": "a b", "propertyName": "address"}),
        (["a"], 2104, {"propertyName": "0"}),
        ("a", 2104, {"propertyName": "servers"}),
    ],
)
def test_errors(servers, expected, details, client, fleet):
    device = client("axis-os-12")
    error = device.call(CGI, "setup", {"servers": servers})["error"]
    assert (error["code"], error.get("details")) == (expected, details)
    assert fleet.state(device.device.serial)["documents"]["remotesyslog"]["servers"][0]["address"] == ""


def test_more_than_one_error(client):
    error = setup(client("axis-os-12"), {"address": "a", "port": 0, "protocol": "QUIC"}, {"severity": 1})["error"]
    found = [error, *error["errors"]]
    assert [(one["code"], one["details"]["propertyName"]) for one in found] == [
        (2104, "port"),
        (2104, "protocol"),
        (2103, "address"),
        (2104, "severity"),
    ]


def test_request_errors_and_roles(client, fleet):
    device = client("axis-os-12")
    assert code(device, CGI, "status", apiVersion="2.0") == 2100
    assert code(device, CGI, "nope") == 2102 and code(device, CGI, "setup", {}) == 2103
    assert device.ask("POST", CGI, data="[").json()["error"]["code"] == 2101
    accounts(fleet, device.device, "operator")
    call = {"apiVersion": "1.0", "method": "status"}
    assert client("axis-os-12", user="operator").ask("POST", CGI, json=call).status_code == 403
