# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stream profiles: streamprofile.cgi and ``StreamProfile.S#`` are one thing."""

from __future__ import annotations

import pytest

from .apis import accounts, code, data, not_recorded, recording, where_it_is
from .recordings import shape

CGI = "/axis-cgi/streamprofile.cgi"
FULL = {"name": "Full HD", "description": "All of it", "parameters": "resolution=1920x1080&fps=25"}
LOW = {"name": "low", "description": "", "parameters": "resolution=640x360"}
ALL = {"streamProfileName": []}


def test_shape(client, recorded):
    device = client("axis-os-12")
    data(device, CGI, "create", {"streamProfile": [FULL]})
    expected = recording(recorded, "kane610-axis/streamprofile-list.json")
    answer = device.call(CGI, "list", ALL, context="")
    assert dict(shape(answer)) == dict(shape(expected))
    assert answer["data"]["maxProfiles"] == expected["data"]["maxProfiles"]


def test_writes_are_not_recorded(recorded):
    not_recorded("create, update and remove of stream profiles")


def test_generations(client):
    assert where_it_is(client, "GET", CGI) == ["axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12"]
    assert data(client("axis-os-9"), CGI, "getSupportedVersions") == {"apiVersions": ["1.0"]}


@pytest.mark.parametrize("profile", ["axis-os-9", "axis-os-12"])
def test_one_state_with_two_views(profile, client, fleet):
    device = client(profile)
    assert data(device, CGI, "create", {"streamProfile": [FULL, LOW]}) == {}
    lines = device.params("list", group="StreamProfile")
    assert f"StreamProfile.S0.Parameters={FULL['parameters']}\n" in lines and "StreamProfile.S1.Name=low\n" in lines
    device.params("update", **{"StreamProfile.S1.Description": "by parameter"})
    added = device.params("add", template="streamprofile", group="StreamProfile", **{"StreamProfile.S.Name": "third"})
    assert added == "S2 OK\n"
    found = data(device, CGI, "list", ALL)["streamProfile"]
    assert found == [
        FULL,
        {**LOW, "description": "by parameter"},
        {"name": "third", "description": "", "parameters": ""},
    ]
    data(device, CGI, "update", {"streamProfile": [LOW]})
    data(device, CGI, "remove", {"streamProfileName": [{"name": "Full HD"}]})
    assert device.params("remove", group="root.StreamProfile.S2") == "OK\n"
    assert data(device, CGI, "list", ALL)["streamProfile"] == [LOW]
    assert "S0" not in device.params("list", group="StreamProfile"), "the numbers of the others stay"
    assert fleet.state(device.device.serial)["documents"]["streamprofile"]["groups"]["1"]["Name"] == "low"


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("list", {"streamProfileName": [{"name": "Full HD"}]}, None),
        ("list", {"streamProfileName": [{"name": "Full HD"}, {"name": "other"}]}, 2006),
        ("list", {}, 2001),
        ("list", {"streamProfileName": ["Full HD"]}, 2001),
        ("create", {"streamProfile": [FULL]}, 2002),
        ("create", {"streamProfile": [LOW, LOW]}, 2002),
        ("create", {"streamProfile": [{"name": "x", "description": ""}]}, 2003),
        ("create", {}, 2003),
        ("create", {"streamProfile": [{**LOW, "fps": 3}]}, 2001),
        ("create", {"streamProfile": [{**LOW, "name": 3}]}, 2001),
        ("create", {"streamProfile": LOW}, 2001),
        ("create", {"streamProfile": [{**LOW, "name": ""}]}, 2004),
        ("create", {"streamProfile": [{**LOW, "name": "n" * 65}]}, 2004),
        ("create", {"streamProfile": [{**LOW, "description": "\u00e9"}]}, 2004),
        ("create", {"streamProfile": [{**LOW, "name": f"n{count}"} for count in range(26)]}, 1000),
        ("update", {"streamProfile": [LOW]}, 2006),
        ("update", {"streamProfile": [{"name": "Full HD", "parameters": "fps=1"}]}, 2003),
        ("remove", {"streamProfileName": [{"name": "Full HD"}, {"name": "low"}]}, 2006),
        ("rename", {}, 2005),
    ],
)
def test_errors(method, params, expected, client):
    device = client("axis-os-11")
    data(device, CGI, "create", {"streamProfile": [FULL]})
    assert code(device, CGI, method, params) == expected
    assert data(device, CGI, "list", ALL)["streamProfile"] == [FULL], "a refused call changes nothing"


def test_request_errors(client):
    device = client("axis-os-12")
    assert code(device, CGI, "list", ALL, apiVersion="2.0") == 2000
    assert device.ask("POST", CGI, data="{").json()["error"]["code"] == 2001
    assert device.ask("GET", CGI).json()["error"]["code"] == 2001


def test_roles(client, fleet):
    accounts(fleet, fleet.device("axis-os-12"), "viewer", "operator")
    viewer, operator = (client("axis-os-12", user=role) for role in ("viewer", "operator"))
    assert data(viewer, CGI, "list", ALL)["streamProfile"] == []
    call = {"apiVersion": "1.0", "method": "create", "params": {"streamProfile": [LOW]}}
    assert viewer.ask("POST", CGI, json=call).status_code == 403
    assert operator.ask("POST", CGI, json=call).json()["data"] == {}


def test_factory_profiles_of_5_51(client, fleet):
    device = client("axis-os-5")
    assert "root.StreamProfile.S1.Name=Bandwidth\n" in device.params("list", group="StreamProfile")
    assert device.params("remove", group="StreamProfile.S0") == "OK\n"
    assert "S0" not in device.params("list", group="StreamProfile")
    fleet.reset(device.device.serial)
    assert "S0.Name=Quality\n" in device.params("list", group="StreamProfile")
