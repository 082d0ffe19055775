# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom HTTP headers."""

from __future__ import annotations

import pytest

from .apis import accounts, code, data, not_recorded, where_it_is

CGI = "/axis-cgi/customhttpheader.cgi"
TWO = {"Access-Control-Allow-Origin": "*", "X-Site": "north"}


def test_nothing_is_recorded(recorded):
    not_recorded("customhttpheader.cgi, beyond its versions in the API lists")


def test_generations(client):
    assert where_it_is(client, "GET", CGI) == ["axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12"]
    versions = [data(client(name), CGI, "getSupportedVersions")["apiVersions"] for name in ("axis-os-9", "axis-os-10")]
    assert versions == [["1.0"], ["1.1"]]


def test_life(client):
    device = client("axis-os-12")
    assert data(device, CGI, "list") == {}
    assert data(device, CGI, "set", TWO) == TWO and data(device, CGI, "set", {"x-site": "south"}) == {"x-site": "south"}
    assert data(device, CGI, "list") == {"Access-Control-Allow-Origin": "*", "x-site": "south"}
    answer = device.ask("POST", "/axis-cgi/systemready.cgi", json={"apiVersion": "1.0", "method": "systemready"})
    assert answer.headers["X-Site"] == "south" and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert data(device, CGI, "remove", {"X-Site": "whatever"}) == {"X-Site": "whatever"}
    assert data(device, CGI, "list") == {"Access-Control-Allow-Origin": "*"}
    assert "X-Site" not in device.ask("GET", "/").headers


def test_one_at_a_time_before_10_11_and_shown_after_a_start(client, fleet):
    device, serial = client("axis-os-9"), client("axis-os-9").device.serial
    assert code(device, CGI, "set", TWO) == 2101
    data(device, CGI, "set", {"X-Site": "north"})
    assert data(device, CGI, "list") == {"X-Site": "north"} and "X-Site" not in device.ask("GET", "/").headers
    fleet.patch(serial, {"power": "cut"})
    fleet.wait_for_boot(serial)
    assert client("axis-os-9").ask("GET", "/").headers["X-Site"] == "north"


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("set", {"X Site": "a"}, 2101),
        ("set", {"": "a"}, 2101),
        ("set", {"X-Site": "a\r\nB: c"}, 2101),
        ("set", {"X-Site": 1}, 2101),
        ("set", {}, 2101),
        ("set", None, 2101),
        ("set", ["X-Site"], 2101),
        ("remove", {}, 2101),
        ("remove", {"X-Gone": ""}, None),
        ("add", {"X-Site": "a"}, 2102),
    ],
)
def test_errors(method, params, expected, client):
    device = client("axis-os-11")
    assert code(device, CGI, method, params) == expected
    assert data(device, CGI, "list") == {}


def test_request_errors_and_roles(client, fleet):
    device = client("axis-os-12")
    assert code(device, CGI, "list", apiVersion="2.0") == 2100
    assert device.ask("POST", CGI, data="{").json()["error"]["code"] == 2101
    accounts(fleet, device.device, "operator")
    call = {"apiVersion": "1.0", "method": "list"}
    assert client("axis-os-12", user="operator").ask("POST", CGI, json=call).status_code == 403


def test_factory_default(client, fleet):
    device = client("axis-os-12")
    data(device, CGI, "set", TWO)
    device.ask("GET", "/axis-cgi/hardfactorydefault.cgi")
    fleet.wait_for_boot(device.device.serial)
    assert fleet.state(device.device.serial)["documents"]["customhttpheader"] == {"headers": {}, "shown": {}}
