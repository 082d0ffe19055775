# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Geolocation: the two XML CGIs."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from .apis import accounts, not_recorded, where_it_is
from .recordings import lines

GET, SET = "/axis-cgi/geolocation/get.cgi", "/axis-cgi/geolocation/set.cgi"
NOTHING = {"Lat": "0", "Lng": "0", "Heading": "0", "Text": None, "ValidPosition": "false", "ValidHeading": "false"}


def position(device):
    """What get.cgi says, by element."""
    answer = device.ask("GET", GET)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    root = fromstring(answer.content)
    assert (root.tag, root.get("SchemaVersion")) == ("PositionResponse", "1.0")
    (found,) = root.findall("Success/GetSuccess")
    assert [node.tag for node in found] == ["Location", "Text", "ValidPosition", "ValidHeading"]
    return {node.tag: node.text for node in found.iter() if len(node) == 0}


def store(device, verb="GET", **arguments):
    """set.cgi: the error code, or None."""
    answer = device.ask(verb, SET, **({"params": arguments} if verb == "GET" else {"data": arguments}))
    assert answer.status_code == 200
    root = fromstring(answer.content)
    if root.find("Success/GeneralSuccess") is not None:
        return None
    return int(root.findtext("Error/SetError/ErrorCode")), root.findtext("Error/SetError/ErrorDescription")


def test_nothing_is_recorded_but_the_property(client, recorded):
    name = "trunnion-vapix/CompanionBulletLE-9.80.2.2/param.cgi_action=list.txt"
    group = "root.Properties.Geolocation."
    expected = {
        key: value
        for key, value in lines((recorded / name).read_text(encoding="latin-1")).items()
        if key.startswith(group)
    }
    assert expected and lines(client("axis-os-9").params("list", group="Properties.Geolocation")) == expected
    not_recorded("geolocation/get.cgi and set.cgi")


def test_generations(client):
    there = ["axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12"]
    assert where_it_is(client, "GET", GET) == where_it_is(client, "GET", SET) == there


def test_life(client, fleet):
    device = client("axis-os-9")
    assert position(device) == NOTHING
    assert store(device, text="Gate <2> & \u00fc") is None
    assert position(device) == {**NOTHING, "Text": "Gate <2> & \u00fc"}
    assert store(device, lat="00.0") is None and position(device)["ValidPosition"] == "false"
    assert store(device, "POST", lng="000.0", heading="360") is None
    assert position(device) == {
        "Lat": "00.0",
        "Lng": "000.0",
        "Heading": "360",
        "Text": "Gate <2> & \u00fc",
        "ValidPosition": "true",
        "ValidHeading": "true",
    }
    assert store(device, lat="+511234.5678", lng="-0131234.5678", text="") is None
    shown = position(device)
    assert (shown["Lat"], shown["Lng"], shown["Text"]) == ("+511234.5678", "-0131234.5678", None), "no conversion"
    fleet.reset(device.device.serial)
    assert position(device) == NOTHING


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"lat": "90.0", "lng": "-180"}, None),
        ({"lat": "9000.0"}, None),
        ({"lng": "17959.99"}, None),
        ({}, None),
        ({"lat": "90.1"}, 2),
        ({"lng": "1800001"}, 2),
        ({"lat": "1.5"}, 2),
        ({"lat": "5160.0"}, 2),
        ({"lng": "13.1"}, 2),
        ({"lat": "x"}, 2),
        ({"lat": ""}, 2),
        ({"heading": "361"}, 2),
        ({"heading": "-1"}, 2),
        ({"heading": "1.5"}, 2),
        ({"text": "t" * 257}, 2),
        ({"altitude": "1"}, 1),
        ({"text": "kept out", "lat": "99"}, 2),
    ],
)
def test_values(arguments, expected, client):
    device = client("axis-os-12")
    texts = {1: "Invalid parameter", 2: "Invalid value"}
    assert store(device, **arguments) == (None if expected is None else (expected, texts[expected]))
    assert (position(device) == NOTHING) is (expected is not None or not arguments), "refused as a whole"


def test_roles(client, fleet):
    accounts(fleet, fleet.device("axis-os-12"), "operator")
    device = client("axis-os-12", user="operator")
    assert [device.ask("GET", path).status_code for path in (GET, SET)] == [403, 403]
