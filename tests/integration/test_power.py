# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots, factory defaults and waiting: nothing is claimed that was not proven, and nothing is sent by accident."""

from __future__ import annotations

import collections.abc
import pathlib
import threading
import time
import typing as t

import pytest
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, OtherMachine, Outcome, Run, play

Playbook = t.Callable[..., Run]
Args = dict[str, t.Any]

PROFILES = ("axis-os-12", "axis-os-11", "axis-os-10", "axis-os-9", "axis-os-5")
#: What can prove a reboot there.
PROOFS = {"axis-os-12": "boot_id", "axis-os-11": "boot_id"}
REBOOT_SECONDS = 3
#: The password of the connection, as the plays have it.
PASSWORD = "{{ lookup('env', 'AXIS_VAPIX_PASSWORD') }}"
# Which CGI it is differs, and the command is the only thing these tests let go wrong.
RESTARTS = ({"path": "/axis-cgi/firmwaremanagement.cgi", "method": "reboot"}, {"path": "/axis-cgi/restart.cgi"})


@pytest.fixture(scope="module")
def _fleet(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    with Fleet.start(
        devices=len(PROFILES), profiles=PROFILES, password=CANARY, reboot_seconds=REBOOT_SECONDS, tmp_path=scratch
    ) as fleet:
        yield fleet


@pytest.fixture
def fleet(_fleet: Fleet) -> Fleet:
    """One camera of each generation, as new, that reboots within seconds."""
    _fleet.clear_faults()
    _fleet.reset()
    return _fleet


@pytest.fixture
def one(fleet: Fleet, ansible_playbook: Playbook) -> t.Callable[..., Outcome]:
    """Run a module on one device."""

    def run(device: SimulatedDevice, module: str, args: Args, *options: str) -> Outcome:
        task = {"name": "Do", f"axis.vapix.{module}": args, "ignore_errors": True}
        done = ansible_playbook([play([task], hosts=device.host_name)], fleet.inventory, *options)
        outcome = done.of(device.host_name)
        assert outcome.status == "failed" or done.warnings == [], done.output
        return outcome

    return run


def break_restart(fleet: Fleet, device: SimulatedDevice, kind: str, **fields: t.Any) -> None:
    for matching in RESTARTS:
        fleet.fault(kind, device=device.serial, **matching, **fields)


def reboots(fleet: Fleet, device: SimulatedDevice) -> int:
    return fleet.state(device.serial)["reboots"]


def test_reboot(fleet: Fleet, ansible_playbook: Playbook) -> None:
    """All generations at once: predicted, done once, proven, and the next task can log in."""
    tasks = [
        {"name": "Reboot", "axis.vapix.reboot": {"wait_timeout": 40}},
        {"name": "Next", "axis.vapix.ntp": {"enabled": True}},
    ]
    before = {device.serial: fleet.state(device.serial)["boot_id"] for device in fleet.devices}
    checked = ansible_playbook([play(tasks)], fleet.inventory, "--check", "--diff")
    assert (checked.code, checked.warnings, fleet.writes()) == (0, [], []), checked.output
    assert all(checked.of(device.host_name, "Reboot").changed for device in fleet.devices)
    started = time.monotonic()
    done = ansible_playbook([play(tasks)], fleet.inventory)
    spent = time.monotonic() - started
    assert (done.code, done.warnings) == (0, []), done.output
    assert spent < 40, "the forks did not reboot in parallel"
    assert f"[{fleet.devices[0].host_name}] waiting for it to reboot" in done.output
    for device in fleet.devices:
        result = done.of(device.host_name, "Reboot").result
        state = fleet.state(device.serial)
        assert (result["changed"], result["proof"]) == (True, PROOFS.get(device.profile, "away")), device.profile
        assert (result["ready"], result["needs_setup"], state["reboots"]) == (True, False, 1), device.profile
        assert REBOOT_SECONDS * 0.5 < result["seconds"] < 20
        if device.profile in PROOFS:
            assert result["boot_id"] == state["boot_id"] != before[device.serial]
        assert not done.of(device.host_name, "Next").changed


def test_reboot_without_waiting(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = fleet.device("axis-os-12")
    fleet.patch(device.serial, {"plan": {"returns": False}})
    outcome = one(device, "reboot", {"wait": False})
    assert outcome.status == "ok" and outcome.changed and outcome.result["api"]
    assert outcome.result["proof"] is None and outcome.result["boot_id"] is None
    # With wait as a task of its own, whose check mode does not wait.
    deadline = time.monotonic() + 10
    while fleet.state(device.serial)["listening"] and time.monotonic() < deadline:
        time.sleep(0.05)
    looked = one(device, "wait", {}, "--check")
    assert looked.status == "ok" and not looked.changed and looked.result["ready"] is False
    back = threading.Timer(1, fleet.patch, (device.serial, {"plan": {"returns": True}}))
    back.start()
    waited = one(device, "wait", {"wait_timeout": 30})
    back.join()
    assert waited.status == "ok" and waited.result["ready"] and not waited.changed
    assert waited.result["boot_id"] == fleet.state(device.serial)["boot_id"]


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-10", "axis-os-5"])
def test_reboot_that_does_not_happen(profile: str, fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Success is answered and nothing happens: a failure, after the time given."""
    device = fleet.device(profile)
    break_restart(fleet, device, "ignore")
    outcome = one(device, "reboot", {"wait_timeout": 4})
    assert outcome.status == "failed" and not outcome.changed
    assert "no sign of a reboot after 4 seconds" in outcome.message
    known = "still in the same boot" if profile in PROOFS else "never away"
    assert known in outcome.message and reboots(fleet, device) == 0


def test_reboot_command_is_cut_off(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """No answer to the command: what the device does then decides, and the command is not repeated."""
    device = fleet.device("axis-os-11")
    # The first request is the one without credentials, which changes nothing.
    break_restart(fleet, device, "close_after_apply", position=2)
    outcome = one(device, "reboot", {"wait_timeout": 30})
    assert outcome.status == "ok" and outcome.changed and outcome.result["proof"] == "boot_id"
    assert reboots(fleet, device) == 1

    fleet.clear_faults()
    fleet.reset(device.serial)
    break_restart(fleet, device, "close")
    outcome = one(device, "reboot", {"wait_timeout": 4})
    assert outcome.status == "failed" and not outcome.changed and reboots(fleet, device) == 0
    assert "no sign of a reboot" in outcome.message and "the command was not answered" in outcome.message
    outcome = one(device, "reboot", {"wait": False})
    assert outcome.status == "failed" and "closed without a complete answer" in outcome.message


def test_reboot_refused(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Refused by the device, for want of a role, and with a login that is wrong: at once, with the reason."""
    device = fleet.device("axis-os-11")
    break_restart(fleet, device, "status", code=500, body="no")
    started = time.monotonic()
    outcome = one(device, "reboot", {})
    assert outcome.status == "failed" and outcome.result["failure"]["http_status"] == 500
    fleet.clear_faults()
    users = {"root": {"password": CANARY, "groups": ["admin", "operator", "viewer", "ptz"]},
             "guest": {"password": "guest-CANARY", "groups": ["viewer"]}}  # fmt: skip
    fleet.patch(device.serial, {"users": users})
    outcome = one(device, "reboot", {"username": "guest", "password": "guest-CANARY"})
    assert outcome.status == "failed" and "role" in outcome.message
    outcome = one(device, "reboot", {"password": "wrong-CANARY"})
    assert outcome.status == "failed" and "does not accept the credentials" in outcome.message
    assert time.monotonic() - started < 30 and reboots(fleet, device) == 0


def test_device_does_not_come_back(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """A timeout is a failure and no change, and says what is known; the next task mends it."""
    device = fleet.device("axis-os-12")
    fleet.patch(device.serial, {"plan": {"returns": False}})
    outcome = one(device, "reboot", {"wait_timeout": 5})
    assert outcome.status == "failed" and not outcome.changed
    assert "was not rebooted after" in outcome.message and "nothing listens" in outcome.message
    outcome = one(device, "wait", {"wait_timeout": 2})
    assert outcome.status == "failed" and "was not ready after" in outcome.message
    fleet.patch(device.serial, {"plan": {"returns": True}})
    assert one(device, "wait", {"wait_timeout": 30}).status == "ok"


def test_boot_id_that_stays(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Then the uptime proves it."""
    device = fleet.device("axis-os-12")
    fleet.patch(device.serial, {"plan": {"new_boot_id": False}})
    outcome = one(device, "reboot", {"wait_timeout": 30})
    assert outcome.status == "ok" and outcome.result["proof"] == "uptime"


def test_login_refused_after_the_boot(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """A right login that is refused twice after the boot is no failure."""
    device = fleet.device("axis-os-10")
    fleet.patch(device.serial, {"plan": {"early_401": 3}})
    outcome = one(device, "reboot", {"wait_timeout": 40})
    assert outcome.status == "ok" and outcome.changed


def test_wait_with_a_wrong_password(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """It is said, and the device's guard is not provoked."""
    device = fleet.device("axis-os-12")
    outcome = one(device, "wait", {"password": "wrong-CANARY", "wait_timeout": 5})
    assert outcome.status == "failed" and "does not accept the credentials" in outcome.message
    logins = fleet.state(device.serial)["logins"]
    assert 0 < logins["failed"] <= 10 and logins["blocked"] == {}


@pytest.mark.parametrize("seconds", [0, -1, "inf", "soon"])
def test_senseless_times(seconds: t.Any, fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = fleet.device("axis-os-12")
    for module, more in (("wait", {}), ("reboot", {}), ("factory_default", {"confirm": device.serial})):
        outcome = one(device, module, {"wait_timeout": seconds, **more})
        assert outcome.status == "failed" and "wait_timeout" in outcome.message
    assert fleet.writes() == []


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_factory_default(mode: str, fleet: Fleet, scratch: pathlib.Path, ansible_playbook: Playbook) -> None:
    """All generations at once, and set up again in the same play."""
    for device in fleet.devices:
        fleet.patch(device.serial, {"parameters": {"Network.UPnP.FriendlyName": "Gate 4"}})
    factory = {
        "name": "Reset",
        "axis.vapix.factory_default": {
            "confirm": "{{ inventory_hostname | replace('axis-', '') }}", "mode": mode, "wait_timeout": 40
        },
    }  # fmt: skip
    first = {
        "name": "Users",
        "axis.vapix.user": {"users": [{"name": "root", "role": "administrator", "password": PASSWORD}]},
    }
    checked = ansible_playbook([play([factory])], fleet.inventory, "--check")
    assert (checked.code, checked.warnings, fleet.writes()) == (0, [], []), checked.output
    assert all(outcome.changed for outcome in checked.outcomes)
    done = ansible_playbook([play([factory])], fleet.inventory)
    assert (done.code, done.warnings) == (0, []), done.output
    for device in fleet.devices:
        result, state = done.of(device.host_name).result, fleet.state(device.serial)
        assert (result["changed"], result["needs_setup"], result["ready"]) == (True, True, True), device.profile
        assert (state["users"], state["reboots"], state["needs_setup"]) == ({}, 1, True)
        assert state["parameters"]["Network.UPnP.FriendlyName"] != "Gate 4"
    tasks = [first, {"name": "Next", "axis.vapix.ntp": {"enabled": True}}]
    again = ansible_playbook([play(tasks)], fleet.inventory)
    assert (again.code, again.warnings) == (0, []), again.output
    assert all(again.of(device.host_name, "Users").changed for device in fleet.devices)


@pytest.mark.parametrize("confirm", ["yes", "true", "", "B8A44F", "{{ inventory_hostname }}", None])
def test_factory_default_is_not_confirmed(confirm: t.Any, fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Neither by a word nor by the serial number of another device."""
    for device in fleet.devices[:2]:
        args = {} if confirm is None else {"confirm": confirm}
        outcome = one(device, "factory_default", args)
        assert outcome.status == "failed" and "confirm" in outcome.message
        assert device.serial not in outcome.message.replace(device.host_name, ""), "the error must not give it away"
        outcome = one(device, "factory_default", {"confirm": fleet.devices[2].serial})
        assert outcome.status == "failed" and "is not the serial number of this device" in outcome.message
    assert fleet.writes() == []


def test_factory_default_that_does_not_happen(fleet: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = fleet.device("axis-os-11")
    for path in ("/axis-cgi/firmwaremanagement.cgi", "/axis-cgi/factorydefault.cgi"):
        fleet.fault("ignore", device=device.serial, path=path)
    outcome = one(device, "factory_default", {"confirm": device.serial.lower(), "wait_timeout": 4})
    assert outcome.status == "failed" and not outcome.changed and "no sign of a reboot" in outcome.message
    assert fleet.state(device.serial)["users"]


def test_delegated_to_another_machine(fleet: Fleet, other_machine: OtherMachine, ansible_playbook: Playbook) -> None:
    """The real modules run there, with the connection of the camera."""
    device = fleet.device("axis-os-12")
    jump, trace = other_machine
    tasks = [
        {"name": name.rpartition(".")[2], name: args, "delegate_to": "jump"}
        for name, args in (
            ("axis.vapix.wait", {"wait_timeout": 9}),
            ("axis.vapix.reboot", {"wait_timeout": 30}),
            ("axis.vapix.factory_default", {"confirm": device.serial, "wait_timeout": 30}),
        )
    ]
    run = ansible_playbook([play(tasks, hosts=device.host_name)], [fleet.inventory, jump])
    assert (run.code, run.warnings) == (0, []), run.output
    assert len(trace.read_text().splitlines()) == 3
    assert run.of(device.host_name, "reboot").result["proof"] == "boot_id"
    assert run.of(device.host_name, "factory_default").result["needs_setup"] is True


def test_one_after_another(fleet: Fleet, ansible_playbook: Playbook) -> None:
    """The second is left alone until the first is back, and who is not named is not even asked."""
    first, second, *_others = fleet.devices
    plays = [play([{"name": "Reboot", "axis.vapix.reboot": {"wait_timeout": 40}}], serial=1)]
    run = ansible_playbook(plays, fleet.inventory, "--limit", f"{first.host_name},{second.host_name}")
    assert (run.code, run.warnings) == (0, []), run.output
    assert [reboots(fleet, device) for device in fleet.devices] == [1, 1, 0, 0, 0]
    asked = [request["device"] for request in fleet.requests()]
    assert asked == sorted(asked, key=[first.serial, second.serial].index)


def test_over_https(scratch: pathlib.Path, ansible_playbook: Playbook) -> None:
    """Reboot and factory default with verified certificates; the certificate shown afterwards is told."""
    with Fleet.start(
        devices=1, profiles=["axis-os-12"], password=CANARY, https=True, reboot_seconds=REBOOT_SECONDS, tmp_path=scratch
    ) as secured:
        device = secured.devices[0]
        tasks = [
            {"name": "Reboot", "axis.vapix.reboot": {"wait_timeout": 30}},
            {"name": "Reset", "axis.vapix.factory_default": {"confirm": device.serial, "wait_timeout": 30}},
        ]
        run = ansible_playbook([play(tasks)], secured.inventory)
        assert (run.code, run.warnings) == (0, []), run.output
        assert run.of(device.host_name, "Reboot").result["proof"] == "boot_id"
        assert run.of(device.host_name, "Reset").result["fingerprint"] == device.fingerprint_sha256
