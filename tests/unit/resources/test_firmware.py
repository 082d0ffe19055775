# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for the firmware, and what is refused before an image is sent."""

from __future__ import annotations

import hashlib
import pathlib
import typing as t

import pytest
from unit.fake import answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.resources import firmware
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption, NotTaken, VapixError

CGI = "/axis-cgi/firmwaremanagement.cgi"
INFO = "/axis-cgi/basicdeviceinfo.cgi"
ALONE = {"activeFirmwareVersion": "11.11.77", "activeFirmwarePart": "1"}
PAIR = ALONE | {"inactiveFirmwareVersion": "10.12.338", "isCommited": True}
PENDING = PAIR | {"isCommited": False, "timeToRollback": 500}


def plan(status: dict[str, t.Any] | None, **wanted: t.Any) -> tuple[list[t.Any], t.Any]:
    """The changes that are planned, and the session that was asked."""
    routes: dict[str, t.Any] = {
        INFO: json_answer({"data": {"propertyList": {"ProdNbr": "P3265-V", "Version": "5.51.7"}}}),
    }
    if status is not None:
        routes[CGI] = json_answer({"method": "status", "data": status})
    device, session = fake_device(routes)
    options = {name: option.default for name, option in firmware.DECLARED.options.items() if option.default is not None}
    result = reconcile(firmware.DECLARED.on(device, options | wanted), check_mode=True)
    return [
        (change["path"], change["before"], change["after"], change["risk"]) for change in result["changes"]
    ], session


@pytest.fixture
def image(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "firmware.bin"
    path.write_bytes(b"an image")
    return str(path)


def test_the_version_that_runs_needs_no_image() -> None:
    assert plan(ALONE, version="11.11.77")[0] == []
    assert plan(PAIR, version="11.11.77")[0] == []


def test_another_version_is_installed(image: str) -> None:
    changes, session = plan(PAIR, version="12.11.77", image=image, models=["p3265-v"])
    assert changes == [("version", "11.11.77", "12.11.77", "reboots")]
    assert not any(request.json["method"] == "upgrade" for request in session.sent)


def test_the_version_that_runs_is_committed_unless_that_is_not_wanted() -> None:
    assert plan(PENDING, version="11.11.77")[0] == [("committed", False, True, "none")]
    assert plan(PENDING, version="11.11.77", commit=False)[0] == []
    assert plan(PENDING, state="committed")[0] == [("committed", False, True, "none")]
    assert plan(PAIR, state="committed")[0] == []


def test_rolling_back() -> None:
    wanted = {"state": "rolled_back", "version": "10.12.338"}
    assert plan(PAIR, **wanted)[0] == [("version", "11.11.77", "10.12.338", "reboots")]
    assert plan(ALONE | {"activeFirmwareVersion": "10.12.338"}, **wanted)[0] == []
    unknown = PAIR | {"inactiveFirmwareVersion": "UNKNOWN"}
    assert plan(unknown, **wanted)[0] == [("version", "11.11.77", "10.12.338", "reboots")]


def test_purging() -> None:
    assert plan(PAIR, state="purged")[0] == [("inactive_version", "10.12.338", None, "none")]
    assert plan(ALONE, state="purged")[0] == []


@pytest.mark.parametrize(
    ("status", "wanted", "said"),
    [
        (ALONE, {"version": "12.1.1"}, "no image is given"),
        (ALONE, {"version": "12.1.1", "image": "/nowhere.bin"}, "'/nowhere.bin' is no file"),
        (ALONE, {"version": "twelve"}, "'twelve' is not of the form"),
        (ALONE, {"version": "9.80.1", "image": "IMAGE"}, "older than 11.11.77.*allow_downgrade"),
        (ALONE, {"version": "9.80.1", "image": "IMAGE", "allow_downgrade": True}, "factory_default: hard"),
        (ALONE, {"version": "12.1.1", "image": "IMAGE", "models": ["M1137", "M3045-V"]}, "the device is a P3265-V"),
        (ALONE, {"version": "12.1.1", "image": "IMAGE", "sha256": "0" * 64}, "its SHA-256 is"),
        (PENDING, {"version": "12.1.1", "image": "IMAGE"}, "running, but not committed"),
        (ALONE, {"state": "rolled_back", "version": "10.12.338"}, "it has no other image"),
        (PAIR, {"state": "rolled_back", "version": "9.80.1"}, "its other image is 10.12.338"),
        (PAIR, {"state": "committed", "version": "12.1.1"}, "11.11.77 is running, not 12.1.1"),
        (PENDING, {"state": "purged"}, "no way back"),
        (ALONE, {"version": "12.1.1", "auto_rollback": 0}, "auto_rollback: 0 is not at least 1"),
        (ALONE, {"version": "12.1.1", "health_checks": ["a["]}, "no JMESPath"),
    ],
)
def test_what_is_refused(status: dict[str, t.Any], wanted: dict[str, t.Any], said: str, image: str) -> None:
    if wanted.get("image") == "IMAGE":
        wanted = wanted | {"image": image}
    with pytest.raises(InvalidOption, match=said):
        plan(status, **wanted)


def test_the_right_checksum_is_accepted(image: str) -> None:
    digest = hashlib.sha256(b"an image").hexdigest().upper()
    assert plan(ALONE, version="12.1.1", image=image, sha256=digest)[0]


def test_a_device_without_the_api_tells_its_version_elsewhere(image: str) -> None:
    assert plan(None, version="5.51.7")[0] == []
    assert plan(None, version="5.60.1", image=image)[0] == [("version", "5.51.7", "5.60.1", "reboots")]


@pytest.mark.parametrize(
    ("one", "other", "older"), [("9.80.1", "10.1", True), ("12.1", "12.1.0", True), ("12.2", "12.1.9", False)]
)
def test_versions_compare_by_numbers(one: str, other: str, older: bool) -> None:
    assert firmware._older(one, other) is older


def test_health_that_fails_with_no_way_back_is_told() -> None:
    device, _session = fake_device({CGI: json_answer({"data": PAIR}), INFO: answer("", 500)})
    options = {name: option.default for name, option in firmware.DECLARED.options.items() if option.default is not None}
    target = firmware.DECLARED.on(device, options | {"version": "11.11.77", "health_checks": ["`false`"]})
    with pytest.raises(NotTaken, match="no way back"):
        target._give_up(["x"], 600)


def test_an_answer_without_a_version_is_a_bad_answer() -> None:
    with pytest.raises(VapixError, match="activeFirmwareVersion"):
        plan({"isCommited": True}, version="1.1")
