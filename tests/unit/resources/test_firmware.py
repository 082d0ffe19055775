# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for the firmware, and what is refused before an image is sent."""

from __future__ import annotations

import hashlib
import json
import pathlib
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.device.boot import Arrival, Boot
from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.model.change import Phase, from_json, to_json
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import World
from ansible_collections.axis.vapix.plugins.module_utils.resources import firmware
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    BadAnswer,
    InvalidOption,
    NotSupported,
    NotTaken,
    RolledBack,
    VapixError,
)

CGI = "/axis-cgi/firmwaremanagement.cgi"
INFO = "/axis-cgi/basicdeviceinfo.cgi"
ALONE = {"activeFirmwareVersion": "11.11.77", "activeFirmwarePart": "1"}
PAIR = ALONE | {"inactiveFirmwareVersion": "10.12.338", "isCommited": True}
PENDING = PAIR | {"isCommited": False, "timeToRollback": 500}


def bound(device: Device, **wanted: t.Any) -> t.Any:
    """The firmware of a device, with the defaults of the options."""
    options = {name: option.default for name, option in firmware.DECLARED.options.items() if option.default is not None}
    return firmware.DECLARED.on(device, options | wanted)


def plan(status: dict[str, t.Any] | None, **wanted: t.Any) -> tuple[list[t.Any], t.Any]:
    """The changes that are planned, and the session that was asked."""
    routes: dict[str, t.Any] = {
        INFO: json_answer({"data": {"propertyList": {"ProdNbr": "P3265-V", "Version": "5.51.7"}}}),
    }
    if status is not None:
        routes[CGI] = json_answer({"method": "status", "data": status})
    device, session = fake_device(routes)
    result = reconcile(bound(device, **wanted), check_mode=True)
    assert result["rebooted"] is any(change["risk"] == "reboots" for change in result["changes"])
    assert result["reboot_required"] is False
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
    target = bound(device, version="11.11.77", health_checks=["`false`"])
    with pytest.raises(NotTaken, match="no way back"):
        target._give_up(["x"], 600)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"isCommited": True}, "activeFirmwareVersion"),
        ({"activeFirmwareVersion": "1.1", "inactiveFirmwareVersion": "1.0"}, "isCommited"),
        (PAIR | {"isCommited": "yes"}, "isCommited"),
        (PAIR | {"inactiveFirmwareVersion": None}, "inactiveFirmwareVersion"),
    ],
)
def test_an_answer_without_what_planning_needs_is_a_bad_answer(status: dict[str, t.Any], said: str) -> None:
    """What is missing is never taken for a yes or a no."""
    with pytest.raises(BadAnswer, match=said):
        plan(status, version="1.1")


VERSIONS = st.sampled_from(["9.80.1", "10.12.338", "11.11.77", "12.1.1"])


@given(
    reading=st.builds(
        firmware.Reading,
        api=st.sampled_from(firmware.DECLARED.apis),
        active=st.one_of(st.just(""), VERSIONS),
        inactive=st.one_of(st.none(), st.just("UNKNOWN"), VERSIONS),
        committed=st.booleans(),
        claimed=st.booleans(),
    ),
    wanted=st.fixed_dictionaries(
        {"version": VERSIONS, "state": st.sampled_from(firmware.DECLARED.options["state"].choices)},
        optional={
            "image": st.just("/some/image"),
            "allow_downgrade": st.booleans(),
            "factory_default": st.sampled_from(["none", "soft", "hard"]),
            "commit": st.booleans(),
            "health_checks": st.just(["state.ready"]),
            "on_unsupported": st.sampled_from(["fail", "warn"]),
        },
    ),
)
def test_a_plan_is_a_value(reading: firmware.Reading, wanted: dict[str, t.Any]) -> None:
    """The same input gives the same plan or the same refusal, nothing is asked, and the plan survives being stored."""
    device, session = fake_device()
    target = bound(device, **wanted)

    def planned() -> t.Any:
        try:
            return target.plan(reading, World())
        except (InvalidOption, NotSupported) as exc:
            return str(exc)

    found = planned()
    assert found == planned() and session.sent == []
    if not isinstance(found, str):
        assert from_json(json.loads(json.dumps(to_json(found)))) == found
        assert all(step.phase == Phase.FIRMWARE for step in found.steps)
        assert not reading.active or wanted["version"] != reading.active or len(found.changes) <= 1


def test_nothing_is_left_to_do_after_what_is_there() -> None:
    """What export tells leads back to itself."""
    for status in (ALONE, PAIR, PENDING):
        device, _session = fake_device({CGI: json_answer({"data": status})})
        reading = bound(device).read()
        target = bound(device, **bound(device).current(reading))
        assert not target.plan(reading, World())


def test_a_device_without_an_account_takes_no_image(image: str) -> None:
    """It is told before anything is sent."""
    device, session = fake_device()
    target = bound(device, version="12.1.1", image=image)
    for active in ("11.11.77", ""):
        reading = firmware.Reading("firmwaremanagement.cgi", active, claimed=False)
        plan = target.plan(reading, World())
        with pytest.raises(InvalidOption, match=r"has no account.*axis\.vapix\.user"):
            target.verify(plan, reading, World())
    assert session.sent == []


@pytest.mark.parametrize(
    ("state", "wanted", "path"),
    [
        ("installed", {"version": "5.60.1", "commit": False}, "commit"),
        ("rolled_back", {"version": "5.50.1"}, "version"),
    ],
)
def test_what_old_devices_cannot_do(state: str, wanted: dict[str, t.Any], path: str, image: str) -> None:
    """It is an error that says how to leave it out, and told where it is left out."""
    reading = firmware.Reading("firmwareupgrade.cgi", "5.51.7")
    device, _session = fake_device()
    wanted = wanted | {"state": state, "image": image}
    with pytest.raises(NotSupported, match="on_unsupported: warn"):
        bound(device, **wanted).plan(reading, World())
    plan = bound(device, **wanted, on_unsupported="warn").plan(reading, World())
    assert [skipped.path for skipped in plan.skipped] == [path] and bool(plan) is (state == "installed")


def test_a_factory_default_that_did_not_happen(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is there, the accounts are too: that is no success."""
    device, session = fake_device({CGI: json_answer({"data": ALONE | {"activeFirmwareVersion": "12.1.1"}})})
    before, after = Boot(True, False, "a", 50), Boot(True, False, "b", 1)
    waits: list[dict[str, t.Any]] = []

    def rebooted(device: Device, before: Boot, seconds: float, **options: t.Any) -> Arrival:
        waits.append(options)
        return Arrival(after, 3.0, "boot_id")

    monkeypatch.setattr(firmware, "look", lambda device: before)
    monkeypatch.setattr(firmware, "wait_until_rebooted", rebooted)
    monkeypatch.setattr(session, "upload", lambda *args: None, raising=False)
    target = bound(device, version="12.1.1", image=image, factory_default="soft")
    plan = target.plan(firmware.Reading("firmwaremanagement.cgi", "11.11.77"), World())
    with pytest.raises(NotTaken, match="runs 12.1.1, but it still has accounts"):
        target.do(plan.steps[0].do[0])
    assert waits == [{"start_within": None, "unverified": True}]


def test_going_back_instead_of_committing_is_told_as_such() -> None:
    device, _session = fake_device({CGI: json_answer({"data": PENDING})})
    target = bound(device, state="committed")
    plan = target.plan(target.read(), World())
    error = RolledBack("rolled back")
    error.applied, error.not_applied, error.unknown = ["committed"], [], []
    target.ends(error, plan)
    assert (error.applied, error.not_applied) == (["version"], ["committed"])
    other = VapixError("something else")
    target.ends(other, plan)
    assert other.applied is None
