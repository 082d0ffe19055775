# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which command is sent to which device, and what is made of its answer."""

from __future__ import annotations

import typing as t

import pytest
from unit.fake import PARAM, FakeSession, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.commands import api, factory_default, facts, reboot, wait
from ansible_collections.axis.vapix.plugins.module_utils.device.boot import Arrival, Boot, NotInTime
from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.engine.options import understand, wanted
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ApiMissing,
    BadAnswer,
    ConnectionFailed,
    DeviceRefused,
    InvalidOption,
)

FIRMWARE = "/axis-cgi/firmwaremanagement.cgi"
INFO = "/axis-cgi/basicdeviceinfo.cgi"
BEFORE, AFTER = Boot(True, False, "a", 50), Boot(True, False, "b", 1)
DONE = json_answer({"apiVersion": "1.4", "method": "reboot", "data": {}})
SERIAL = json_answer({"data": {"propertyList": {"SerialNumber": "B8A44F000001"}}})
WANTED = {"wait": True, "wait_timeout": 9.0}
HTML = answer("<html><meta http-equiv='refresh'></html>", 200, "text/html")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[t.Any]:
    """What was waited for; a reboot is proven at once."""
    made: list[t.Any] = []
    boots = [AFTER]

    def rebooted(device: Device, before: Boot, seconds: float, **options: t.Any) -> Arrival:
        made.append((before, seconds, options))
        return Arrival(boots[0], 3.0, "boot_id")

    for command in (factory_default, reboot, wait):
        monkeypatch.setattr(command, "look", lambda device: BEFORE)
    for command in (factory_default, reboot):
        monkeypatch.setattr(command, "wait_until_rebooted", rebooted)
    monkeypatch.setattr(wait, "wait_until_ready", lambda device, seconds: Arrival(AFTER, 1.5, None))
    made_boots = boots
    made.append(made_boots)
    return made


def error(code: int) -> t.Any:
    return json_answer({"error": {"code": code, "message": "no"}})


def commands(session: FakeSession) -> list[tuple[str, str]]:
    return [(request.method, request.target) for request in session.sent if request.target != INFO]


def test_reboot(waits: list[t.Any]) -> None:
    device, session = fake_device({FIRMWARE: DONE})
    result = reboot.DECLARED.run(device, WANTED, False)
    assert session.sent[0].json == {"apiVersion": "1.0", "method": "reboot"} and not session.sent[0].safe
    assert result == {
        "changed": True, "api": "firmwaremanagement.cgi", "ready": True, "needs_setup": False, "boot_id": "b",
        "uptime": 1, "seconds": 3.0, "proof": "boot_id",
    }  # fmt: skip
    assert waits[1:] == [(BEFORE, 9.0, {})]


@pytest.mark.parametrize("firmware", [answer("", 404), error(405)])
def test_older_devices_restart(firmware: t.Any, waits: list[t.Any]) -> None:
    device, session = fake_device({FIRMWARE: firmware, "/axis-cgi/restart.cgi": HTML})
    assert reboot.DECLARED.run(device, WANTED, False)["api"] == "restart.cgi"
    assert commands(session) == [("POST", FIRMWARE), ("GET", "/axis-cgi/restart.cgi")]
    assert session.writes == session.sent, "none of them may be repeated"


def test_a_device_that_cannot(waits: list[t.Any]) -> None:
    with pytest.raises(ApiMissing):
        reboot.DECLARED.run(fake_device()[0], WANTED, False)


@pytest.mark.parametrize("firmware", [error(423), error(400), error(500)])
def test_refused(firmware: t.Any, waits: list[t.Any]) -> None:
    device, session = fake_device({FIRMWARE: firmware, "/axis-cgi/restart.cgi": HTML})
    with pytest.raises(DeviceRefused):
        reboot.DECLARED.run(device, WANTED, False)
    assert commands(session) == [("POST", FIRMWARE)] and len(waits) == 1


@pytest.mark.parametrize("doubt", [ConnectionFailed("cut off"), HTML, answer("{", 200)])
def test_no_answer_is_no_failure_yet(doubt: t.Any, waits: list[t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is waited, the device decides."""
    device, session = fake_device({FIRMWARE: doubt})
    assert reboot.DECLARED.run(device, WANTED, False)["changed"] is True
    with pytest.raises((ConnectionFailed, BadAnswer)):
        reboot.DECLARED.run(device, WANTED | {"wait": False}, False)

    def never(device: Device, before: Boot, seconds: float) -> Arrival:
        raise NotInTime("no sign of a reboot")

    monkeypatch.setattr(reboot, "wait_until_rebooted", never)
    with pytest.raises(NotInTime, match=r"no sign of a reboot \(and the command was not answered: ") as caught:
        reboot.DECLARED.run(device, WANTED, False)
    assert (caught.value.api, caught.value.method) == ("firmwaremanagement.cgi", "reboot")


def test_a_server_error_is_a_failure(waits: list[t.Any]) -> None:
    with pytest.raises(BadAnswer):
        reboot.DECLARED.run(fake_device({FIRMWARE: answer("", 500)})[0], WANTED, False)
    assert len(waits) == 1


def test_check_mode_sends_nothing(waits: list[t.Any]) -> None:
    device, session = fake_device({INFO: SERIAL})
    for command, more in (
        (reboot.DECLARED, {}),
        (factory_default.DECLARED, {"confirm": "B8A44F000001", "mode": "hard"}),
    ):
        result = command.run(device, WANTED | more, True)
        assert result["changed"] is True and result["api"] is None and result["proof"] is None
    assert session.writes == [] and len(waits) == 1


@pytest.mark.parametrize("confirm", ["B8A44F000001", "b8a44f000001", "B8:A4:4F:00:00:01", " b8-a4-4f-00-00-01 "])
def test_confirmed(confirm: str, waits: list[t.Any]) -> None:
    waits[0][0] = Boot(True, True)
    device, session = fake_device({INFO: SERIAL, FIRMWARE: DONE})
    device.session.address = type(device.session.address)("192.0.2.7", 80, "http")
    result = factory_default.DECLARED.run(device, WANTED | {"confirm": confirm, "mode": "hard"}, False)
    assert result["needs_setup"] and "fingerprint" not in result
    assert session.sent[-1].json["params"] == {"factoryDefaultMode": "hard"}
    assert waits[1:] == [(BEFORE, 9.0, {"unverified": True})]


@pytest.mark.parametrize("confirm", ["", "yes", "B8A44F00000", "B8A44F0000020", "000001"])
def test_not_confirmed(confirm: str, waits: list[t.Any]) -> None:
    device, session = fake_device({INFO: SERIAL, FIRMWARE: DONE})
    with pytest.raises(InvalidOption, match="is not the serial number of this device") as caught:
        factory_default.DECLARED.run(device, WANTED | {"confirm": confirm, "mode": "soft"}, False)
    assert session.writes == [] and "B8A44F000001" not in str(caught.value)


def test_a_device_without_a_serial_number_is_never_reset(waits: list[t.Any]) -> None:
    device, session = fake_device({INFO: json_answer({"data": {"propertyList": {}}}), FIRMWARE: DONE})
    with pytest.raises(InvalidOption, match="does not tell its serial number"):
        factory_default.DECLARED.run(device, WANTED | {"confirm": "", "mode": "soft"}, False)
    assert session.writes == []


@pytest.mark.parametrize("mode, cgi", [("soft", "factorydefault.cgi"), ("hard", "hardfactorydefault.cgi")])
def test_older_devices_are_reset(mode: str, cgi: str, waits: list[t.Any]) -> None:
    device, session = fake_device({INFO: SERIAL, f"/axis-cgi/{cgi}": HTML})
    result = factory_default.DECLARED.run(
        device, {"wait": False, "wait_timeout": 9.0, "confirm": "B8A44F000001", "mode": mode}, False
    )
    assert (result["changed"], result["api"], result["ready"]) == (True, cgi, None) and len(waits) == 1


def test_a_device_that_keeps_its_accounts(waits: list[t.Any]) -> None:
    device, dummy = fake_device({INFO: SERIAL, FIRMWARE: DONE})
    with pytest.raises(NotInTime, match="still has accounts"):
        factory_default.DECLARED.run(device, WANTED | {"confirm": "B8A44F000001", "mode": "soft"}, False)


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan"), "soon", None, [1]])
def test_senseless_times(seconds: t.Any, waits: list[t.Any]) -> None:
    """They are refused before anything is sent; null is what is left out."""
    device, session = fake_device()
    for command, more in ((wait, {}), (reboot, {}), (factory_default, {"confirm": "x"})):
        understood = understand(command.DECLARED, {"wait_timeout": seconds, **more}, connected=False)
        if understood.problems:
            assert len(understood.problems) == 1 and "wait_timeout" in understood.problems[0]
            continue
        document = wanted(command.DECLARED.options, understood.written, understood.params)
        if seconds is None:
            assert document["wait_timeout"] in (300.0, 600.0)
            continue
        with pytest.raises(InvalidOption, match="wait_timeout: .* is not at least 0.1 seconds"):
            command.DECLARED.refuse(document, device)
    assert session.sent == []


@pytest.mark.parametrize("command", [wait, reboot, factory_default, facts, api])
def test_all_that_a_command_returns_is_declared(command: t.Any, waits: list[t.Any]) -> None:
    """So that the documentation is right."""
    waits[0][0] = Boot(True, True)
    args: dict[str, t.Any] = {
        "confirm": "B8A44F000001",
        "dialect": "json",
        "path": "firmwaremanagement.cgi",
        "method": "status",
        "gather_subset": ["all"],
    }
    declared = command.DECLARED
    understood = understand(declared, {key: args[key] for key in args if key in declared.options}, connected=False)
    document = wanted(declared.options, understood.written, understood.params)
    device, _session = fake_device({INFO: SERIAL, FIRMWARE: DONE, PARAM: answer("root.Properties.PTZ.PTZ=yes")})
    device.session.address = type(device.session.address)("192.0.2.7", 80, "http")
    told = command.DECLARED.run(device, document, False)
    optional = {name for name, row in declared.returns.items() if row.returned != "success"}
    assert declared.returns.keys() - optional <= told.keys() - {"changed"} <= declared.returns.keys()
    vapix = told.get("ansible_facts", {}).get("vapix", {})
    described = declared.returns["ansible_facts"].contains["vapix"].contains if vapix else {}
    assert described.keys() == vapix.keys()
    for name, row in described.items():
        if row.contains:
            assert row.contains.keys() == vapix[name].keys()


def test_wait(waits: list[t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    device, dummy = fake_device()
    now = {"changed": False, "ready": True, "needs_setup": False, "boot_id": "b", "uptime": 1, "seconds": 1.5}
    assert wait.DECLARED.run(device, {"wait_timeout": 9.0}, False) == now
    assert wait.DECLARED.run(device, {"wait_timeout": 9.0}, True)["boot_id"] == "a"

    def away(device: Device) -> Boot:
        raise ConnectionFailed("away")

    monkeypatch.setattr(wait, "look", away)
    assert wait.DECLARED.run(device, {"wait_timeout": 9.0}, True) == {
        "changed": False, "ready": False, "needs_setup": None, "boot_id": None, "uptime": None, "seconds": 0.0,
    }  # fmt: skip
