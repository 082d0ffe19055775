# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware: upgraded with a safety net, proven, committed, or taken back; the image sent once and never held in
memory."""

from __future__ import annotations

import collections.abc
import hashlib
import pathlib
import subprocess
import sys
import typing as t

import pytest
from harness.authority import make as make_certificate
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, OtherMachine, Outcome, Run, play
from simulator.firmware_image import make

Playbook = t.Callable[..., Run]
Images = t.Callable[..., pathlib.Path]

MODERN = ("axis-os-12", "axis-os-11", "axis-os-9")
NEW = "12.12.5"
SIZE = 200_000


@pytest.fixture(scope="module")
def _restarting(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    # A restart takes two seconds, a minute of the device's own timers one.
    with Fleet.start(
        devices=4,
        profiles=(*MODERN, "axis-os-5"),
        password=CANARY,
        reboot_seconds=2,
        minute_seconds=1,
        tmp_path=scratch,
    ) as fleet:
        yield fleet


@pytest.fixture
def restarting(_restarting: Fleet) -> Fleet:
    """Cameras whose firmware can be upgraded, as new."""
    _restarting.clear_faults()
    _restarting.reset()
    return _restarting


@pytest.fixture
def images(tmp_path: pathlib.Path) -> Images:
    """Make an image for a device."""

    def build(device: SimulatedDevice, version: str = NEW, size: int = SIZE, **flags: t.Any) -> pathlib.Path:
        path = tmp_path / f"{device.model.replace(' ', '-')}-{version}.bin"
        make(path, device.model, version, size, **flags)
        return path

    return build


def run(ansible_playbook: Playbook, fleet: Fleet, device: SimulatedDevice, *options: str, **args: t.Any) -> Outcome:
    """One task on one device."""
    task = {"name": "Firmware", "axis.vapix.firmware": {"reboot_timeout": 40} | args, "ignore_errors": True}
    return ansible_playbook([play([task], hosts=device.host_name)], fleet.inventory, *options).of(device.host_name)


def slots(fleet: Fleet, device: SimulatedDevice) -> tuple[t.Any, ...]:
    """Version that runs, the other one, and whether it is committed."""
    firmware = fleet.state(device.serial)["firmware"]
    return firmware["active"], firmware["inactive"], firmware["committed"]


@pytest.mark.parametrize("profile", MODERN)
def test_life(profile: str, restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """Install, repeat, go back, purge; each predicted by check mode and sent once."""
    device = restarting.device(profile)
    old, image = device.axis_os, images(device)
    steps: list[tuple[dict[str, t.Any], tuple[t.Any, ...]]] = [
        ({"version": NEW, "image": str(image), "models": [device.model]}, (NEW, old, True)),
        ({"state": "rolled_back", "version": old}, (old, None, True)),
        ({"version": NEW, "image": str(image), "commit": False, "auto_rollback": 600}, (NEW, old, False)),
        ({"state": "committed", "version": NEW}, (NEW, old, True)),
        ({"state": "purged"}, (NEW, None, True)),
    ]
    for number, (args, expected) in enumerate(steps):
        restarting.reset(device.serial, requests_only=True)
        before = slots(restarting, device)
        predicted = run(ansible_playbook, restarting, device, "--check", **args)
        assert predicted.status == "ok" and predicted.changed, f"{number}: {predicted.message}"
        assert restarting.writes(device.serial) == [] and slots(restarting, device) == before
        done = run(ansible_playbook, restarting, device, **args)
        assert done.result == predicted.result, f"{number}: {done.message}"
        # A handler that restarts what has to be restarted has nothing to do.
        restarts = any(change["path"] == "version" for change in done.result["changes"])
        assert (done.result["rebooted"], done.result["reboot_required"]) == (restarts, False), number
        assert slots(restarting, device)[0] == expected[0], number
        assert slots(restarting, device)[2] == expected[2], number
        restarting.reset(device.serial, requests_only=True)
        again = run(ansible_playbook, restarting, device, **args)
        assert again.status == "ok" and not again.changed, f"{number}: {again.message}"
        assert restarting.writes(device.serial) == [], number
    assert slots(restarting, device) == (NEW, None, True)
    uploads = restarting.state(device.serial)["uploads"]
    assert uploads["count"] == 2 and uploads["bytes"] < 2 * (SIZE + 8192), "an image was sent more than once"


def test_old_firmware(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """Without the API there is neither commit nor way back, but an upgrade; the device just hangs up."""
    device = restarting.device("axis-os-5")
    args = {"version": "5.60.1", "image": str(images(device, "5.60.1"))}
    assert run(ansible_playbook, restarting, device, "--check", **args).changed
    assert restarting.writes(device.serial) == []
    done = run(ansible_playbook, restarting, device, **args)
    assert done.status == "ok" and done.changed, done.message
    assert slots(restarting, device)[0] == "5.60.1"
    assert not run(ansible_playbook, restarting, device, **args).changed


def test_what_old_firmware_cannot_do(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """It commits by itself: that is refused or left out as asked. Health checks are made, without a way back."""
    device = restarting.device("axis-os-5")
    args = {"version": "5.60.1", "image": str(images(device, "5.60.1")), "commit": False}
    refused = run(ansible_playbook, restarting, device, **args)
    assert refused.status == "failed" and "cannot install a version without committing it" in refused.message
    assert restarting.writes(device.serial) == []
    done = run(ansible_playbook, restarting, device, **args, on_unsupported="skip")
    assert done.status == "ok", done.message
    assert done.changed and [row["path"] for row in done.result["unsupported"]] == ["commit"]
    args = {"version": "5.60.2", "image": str(images(device, "5.60.2")), "health_checks": ["model == 'Q1'"]}
    outcome = run(ansible_playbook, restarting, device, **args)
    assert outcome.status == "failed" and "5.60.2 does not pass the health checks" in outcome.message
    assert "there is no way back" in outcome.message and outcome.result["failure"]["applied"] == ["version"]


def test_delegated_to_another_machine(
    restarting: Fleet, other_machine: OtherMachine, ansible_playbook: Playbook, images: Images
) -> None:
    """The real module runs there, with the image that lies there."""
    device = restarting.device("axis-os-11")
    args = {"version": NEW, "image": str(images(device)), "reboot_timeout": 40}
    plays = [
        play([{"name": "Do", "axis.vapix.firmware": args, "delegate_to": "jump"}], hosts=device.host_name, serial=1)
    ]
    inventories = [restarting.inventory, other_machine.inventory]
    checked = ansible_playbook(plays, inventories, "--check").of(device.host_name)
    assert checked.changed and restarting.writes() == []
    done = ansible_playbook(plays, inventories)
    assert (done.code, done.warnings) == (0, []) and done.of(device.host_name).changed, done.output
    assert slots(restarting, device) == (NEW, device.axis_os, True) and other_machine.trace.read_text()
    assert {request["device"] for request in restarting.requests()} == {device.serial}


def test_health_checks(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """A version that does not pass is taken back; one that does is committed."""
    device = restarting.device("axis-os-12")
    args = {"version": NEW, "image": str(images(device))}
    outcome = run(ansible_playbook, restarting, device, **args, health_checks=["state.ready", "apis.json.nonsense"])
    assert outcome.status == "failed"
    assert "does not pass the health checks (apis.json.nonsense)" in outcome.message
    assert f"rolled back to {device.axis_os}" in outcome.message
    assert slots(restarting, device)[0] == device.axis_os
    outcome = run(ansible_playbook, restarting, device, **args, health_checks=["state.ready", "apis.json.ntp"])
    assert outcome.status == "ok" and slots(restarting, device)[::2] == (NEW, True)


def test_health_checks_before_a_commit(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """Going back is a change, and not the one that was wanted."""
    device = restarting.device("axis-os-12")
    assert run(ansible_playbook, restarting, device, version=NEW, image=str(images(device)), commit=False).changed
    outcome = run(ansible_playbook, restarting, device, state="committed", health_checks=["apis.json.nonsense"])
    assert outcome.status == "failed" and outcome.result["changed"], outcome.message
    failure = outcome.result["failure"]
    assert (failure["applied"], failure["not_applied"], failure["unknown"]) == (["version"], ["committed"], [])
    assert slots(restarting, device) == (device.axis_os, None, True)


def test_an_image_of_another_version(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """Only the device can look into an image: the error says what it holds, and nobody commits that."""
    device = restarting.device("axis-os-12")
    outcome = run(ansible_playbook, restarting, device, version="12.13.1", image=str(images(device)))
    assert outcome.status == "failed" and f"The image holds {NEW}: give the version that it holds" in outcome.message
    assert slots(restarting, device) == (NEW, device.axis_os, False)


def test_a_version_that_does_not_start(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """The device falls back by itself, and the task says so."""
    device = restarting.device("axis-os-12")
    outcome = run(ansible_playbook, restarting, device, version=NEW, image=str(images(device, boots=False)))
    assert outcome.status == "failed" and not outcome.changed
    assert f"runs {device.axis_os} after the upgrade to {NEW}" in outcome.message
    assert outcome.result["failure"]["not_applied"] == ["version"]


def test_the_device_refuses_an_image(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """With its own code, and without a restart."""
    device, other = restarting.device("axis-os-12"), restarting.device("axis-os-9")
    outcome = run(ansible_playbook, restarting, device, version=NEW, image=str(images(other)))
    assert outcome.status == "failed" and outcome.result["failure"]["code"] == 421, outcome.message
    assert restarting.state(device.serial)["reboots"] == 0


@pytest.mark.parametrize(("kind", "status"), [("close_after_apply", "ok"), ("close", "failed")])
def test_the_connection_breaks(
    kind: str, status: str, restarting: Fleet, ansible_playbook: Playbook, images: Images
) -> None:
    """After the last byte that is how some devices answer; before it nothing has happened."""
    device = restarting.device("axis-os-12")
    restarting.fault(
        kind, device=device.serial, path="/axis-cgi/firmwaremanagement.cgi", method="upgrade", position="all"
    )
    args = {"version": NEW, "image": str(images(device, size=20_000_000)), "reboot_timeout": 15}
    outcome = run(ansible_playbook, restarting, device, **args)
    assert outcome.status == status, outcome.message
    assert slots(restarting, device)[0] == (NEW if status == "ok" else device.axis_os)
    assert restarting.state(device.serial)["uploads"]["count"] <= 1


def test_the_commit_is_refused(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """Then the task fails, and the device is not left on a version that nobody committed."""
    device = restarting.device("axis-os-12")
    restarting.patch(device.serial, {"firmware": {"commit_error": 500}})
    outcome = run(ansible_playbook, restarting, device, version=NEW, image=str(images(device)))
    assert outcome.status == "failed" and outcome.result["failure"]["method"] == "commit", outcome.message
    assert restarting.state(device.serial)["firmware"]["seconds_to_rollback"] is not None


def test_the_device_does_not_come_back(restarting: Fleet, ansible_playbook: Playbook, images: Images) -> None:
    """A timeout is a failure, and nobody can say what runs."""
    device = restarting.device("axis-os-12")
    restarting.patch(device.serial, {"plan": {"returns": False}})
    outcome = run(ansible_playbook, restarting, device, version=NEW, image=str(images(device)), reboot_timeout=6)
    assert outcome.status == "failed", outcome.message
    assert "after 6 seconds" in outcome.message or "after 7 seconds" in outcome.message
    failure = outcome.result["failure"]
    assert (failure["applied"], failure["not_applied"], failure["unknown"]) == ([], [], ["version"])


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9"])
def test_downgrade_and_factory_default(
    profile: str, restarting: Fleet, ansible_playbook: Playbook, images: Images
) -> None:
    """An older version comes with a hard factory default, and is proven without an account."""
    device = restarting.device(profile)
    args = {"version": "8.40.4", "image": str(images(device, "8.40.4"))}
    refused = run(ansible_playbook, restarting, device, **args, allow_downgrade=True)
    assert refused.status == "failed" and restarting.writes(device.serial) == [], refused.message
    done = run(ansible_playbook, restarting, device, **args, allow_downgrade=True, factory_default="hard")
    assert done.status == "ok" and done.changed, done.message
    state = restarting.state(device.serial)
    assert state["firmware"]["active"] == "8.40.4" and state["users"] == {}
    restarting.reset(device.serial, requests_only=True)
    again = run(ansible_playbook, restarting, device, **args, allow_downgrade=True, factory_default="hard")
    assert restarting.writes(device.serial) == [] and not again.changed
    if profile == "axis-os-9":
        assert "the device has no account" in again.message and "does not tell which version runs" in again.message
    else:
        assert again.status == "ok", again.message


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_a_factory_default_takes_the_certificate_away(
    mode: str, scratch: pathlib.Path, ansible_playbook: Playbook, images: Images
) -> None:
    """The one that was trusted is lost with the settings. The upgrade is proven all the same, and sends no secret."""
    site = make_certificate("CN=camera", names=["127.0.0.1"])
    pinned = {"fingerprint": hashlib.sha256(site.der).hexdigest()}
    with Fleet.start(
        devices=1, profiles=MODERN[:1], password=CANARY, https=True, reboot_seconds=2, tmp_path=scratch
    ) as fleet:
        device = fleet.devices[0]
        fleet.patch(
            device.serial,
            {"certificates": {"put": {"site": {"certificate": site.pem, "private_key": site.key_pem()}}}},
        )
        args = {"version": NEW, "image": str(images(device)), "factory_default": mode, "reboot_timeout": 40}
        tasks = [
            {"name": "Certificate", "axis.vapix.web_server": {"certificate": "site", "pin_certificate": True}},
            {"name": "Firmware", "axis.vapix.firmware": args | pinned},
        ]
        done = ansible_playbook([play(tasks)], fleet.inventory)
        assert (done.code, done.warnings) == (0, []), done.output
        state = fleet.state(device.serial)
        assert done.of(device.host_name, "Firmware").changed
        assert (state["firmware"]["active"], state["users"]) == (NEW, {})
        assert state["web_server"]["fingerprint_sha256"] == device.fingerprint_sha256 != pinned["fingerprint"]
        assert state["logins"]["failed"] == 0, "somebody tried to log in"


MEMORY = """
import resource, sys
from ansible_collections.axis.vapix.plugins.module_utils.wire.session import Address, Session
port, password, image = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with Session(Address("127.0.0.1", port, "http", timeout=30), "root", password) as session:
    session.request("GET", "/axis-cgi/usergroup.cgi", safe=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open(image, "rb") as file:
        call = '{"apiVersion": "1.0", "method": "upgrade", "params": {"autoCommit": "never", "autoRollback": "never"}}'
        parts = [("json", (None, call, "application/json")), ("file", ("x.bin", file, "application/octet-stream"))]
        answer = session.upload("/axis-cgi/firmwaremanagement.cgi", parts, 300, lambda percent: None)
    assert answer is not None and answer.status == 200, answer
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
def test_a_large_image_is_streamed_once(restarting: Fleet, images: Images) -> None:
    """250 MB raise the memory by less than 30 MB, under Digest, and are sent once."""
    import os

    device = restarting.device("axis-os-12")
    image = images(device, size=250_000_000)
    environment = os.environ | {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    command = [sys.executable, "-c", MEMORY, str(device.port), CANARY, str(image)]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=True)
    assert int(done.stdout) < 30
    uploads = restarting.state(device.serial)["uploads"]
    assert uploads["count"] == 1 and 250_000_000 <= uploads["bytes"] < 250_100_000
