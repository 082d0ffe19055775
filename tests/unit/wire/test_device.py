# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that a device is known by what it says, on every generation, and asked no more than once."""

from __future__ import annotations

import json
import typing as t

import pytest
from unit.fake import DISCOVER, NEEDS_RECORDINGS, P3265, PARAM, RECORDED, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import BadAnswer, NotAllowed, VapixError

INFO = "/axis-cgi/basicdeviceinfo.cgi"
LIST = "/axis-cgi/apidiscovery.cgi"
READY = "/axis-cgi/systemready.cgi"


def properties(**values: str) -> t.Any:
    return json_answer({"apiVersion": "1.3", "data": {"propertyList": values}})


def test_identity_is_asked_once() -> None:
    device, session = fake_device({INFO: properties(Version="12.11.77", SerialNumber="B8A44F000001")})
    assert device.identity["SerialNumber"] == "B8A44F000001"
    assert device.axis_os == (12, 11, 77) and device.identity is device.identity
    assert len(session.sent) == 1 and session.writes == []


@pytest.mark.parametrize(
    ("version", "numbers"), [("5.51.7.1", (5, 51, 7, 1)), ("", ()), ("9.80.2.2", (9, 80, 2, 2)), ("10.12", (10, 12))]
)
def test_versions(version: str, numbers: tuple[int, ...]) -> None:
    device, dummy = fake_device({INFO: properties(Version=version)})
    assert device.axis_os == numbers


def test_before_8_40_identity_is_in_parameters() -> None:
    text = (
        "root.Brand.ProdNbr=P5512\nroot.Properties.Firmware.Version=5.51.7.1\nroot.Properties.System.SerialNumber=A\n"
    )
    device, dummy = fake_device({PARAM: answer(text)})
    assert device.identity == {"ProdNbr": "P5512", "Version": "5.51.7.1", "SerialNumber": "A"}


def test_an_account_without_the_right_gets_the_unrestricted_part() -> None:
    def reply(request: t.Any) -> t.Any:
        if request.json["method"] == "getAllProperties":
            return NotAllowed("refused", http_status=401)
        return properties(ProdNbr="P8815-2")

    device, dummy = fake_device({INFO: reply})
    assert device.identity == {"ProdNbr": "P8815-2"}


def test_where_there_is_no_unrestricted_part_the_missing_right_is_told() -> None:
    """The method came with AXIS OS 10.12; on older devices its unknown name is not the news."""

    def reply(request: t.Any) -> t.Any:
        if request.json["method"] == "getAllProperties":
            return NotAllowed("refused", http_status=401)
        return json_answer({"apiVersion": "1.1", "error": {"code": 2004, "message": "Method not supported"}})

    device, dummy = fake_device({INFO: reply})
    with pytest.raises(NotAllowed):
        assert device.identity


def test_an_identity_without_properties_is_a_bad_answer() -> None:
    device, dummy = fake_device({INFO: json_answer({"data": {}})})
    with pytest.raises(BadAnswer, match="propertyList"):
        assert device.identity


def test_an_api_can_be_listed_twice_and_badly() -> None:
    listed = [
        {"id": "a", "version": "2.4", "status": "official"},
        {"id": "a", "version": "3.0"},
        {"id": "a", "version": "3.0", "status": ""},
        {"id": "b"},
        {"name": "no id"},
        "text",
    ]
    device, dummy = fake_device({LIST: json_answer({"data": {"apiList": listed}})})
    assert device.json_apis == {"a": ["2.4", "3.0"], "b": [""]}


def test_a_device_without_api_discovery_has_no_apis() -> None:
    device, dummy = fake_device()
    assert device.json_apis == {} and device.rest_apis == {} and device.system_ready() == {}


def test_readiness_is_asked_without_credentials() -> None:
    device, session = fake_device({READY: json_answer({"data": {"systemready": "yes", "needsetup": "no"}})})
    assert device.system_ready() == {"systemready": "yes", "needsetup": "no"}
    assert session.sent[0].anonymous and session.sent[0].safe


@pytest.mark.parametrize("data", [[], 5, None, "yes"])
def test_a_readiness_of_another_shape_is_a_bad_answer_or_nothing(data: t.Any) -> None:
    device, dummy = fake_device({READY: json_answer({"data": data})})
    try:
        assert device.system_ready() == {}
    except BadAnswer as exc:
        assert "192.0.2.7:443" in str(exc)


@NEEDS_RECORDINGS
def test_recorded_lists_of_apis() -> None:
    for path, count in (
        (P3265 / "apidiscovery-getApiList.json", 60),
        (RECORDED / "kane610-axis" / "apidiscovery-getApiList-9.80.json", 15),
    ):
        device, dummy = fake_device({LIST: answer(path.read_bytes())})
        listed = json.loads(path.read_bytes())["data"]["apiList"]
        assert len(device.json_apis) >= count
        assert set(device.json_apis) == {entry["id"] for entry in listed}
        assert {(i, v) for i, versions in device.json_apis.items() for v in versions} == {
            (entry["id"], entry["version"]) for entry in listed
        }


@NEEDS_RECORDINGS
@pytest.mark.parametrize(
    "path",
    [
        "oadm/P3265-V-12.11.77/basicdeviceinfo-getAllProperties.json",
        "oadm/P3265-V-12.11.77/basicdeviceinfo-getAllUnrestrictedProperties.json",
        "kane610-axis/basicdeviceinfo-getAllProperties-M1065-LW-9.80.1.json",
    ],
)
def test_recorded_identities(path: str) -> None:
    device, dummy = fake_device({INFO: answer((RECORDED / path).read_bytes())})
    assert device.axis_os >= (9, 80) and device.identity["ProdNbr"] and len(device.identity["SerialNumber"]) == 12


@NEEDS_RECORDINGS
def test_recorded_discovery_names_the_apis_we_use() -> None:
    device, dummy = fake_device({DISCOVER: answer((P3265 / "config-discover.json").read_bytes())})
    assert device.released_rest_api("network-time-sync", 1) and device.released_rest_api("time", 2)


@NEEDS_RECORDINGS
def test_recorded_readiness() -> None:
    path = RECORDED / "oadm" / "M3206-LVE-10.12" / "systemready.json"
    device, dummy = fake_device({READY: answer(path.read_bytes())})
    assert device.system_ready()["systemready"] == "yes"


def test_the_address_stands_for_the_device() -> None:
    device, dummy = fake_device()
    assert str(device) == "192.0.2.7:443"
    assert isinstance(VapixError("x").located(device=str(device), api="a", method="m"), VapixError)


def test_where_it_happened_is_filled_in_but_not_changed() -> None:
    error = VapixError("it broke", remedy="Mend it", api="ntp.cgi")
    error.located(device="cam:443", api="other", method="set")
    assert str(error) == "cam:443: ntp.cgi set: it broke. Mend it"
    assert error.as_failure() == {
        "api": "ntp.cgi",
        "method": "set",
        "http_status": None,
        "code": None,
        "message": "it broke",
        "applied": [],
        "not_applied": [],
        "unknown": [],
    }
