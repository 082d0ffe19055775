# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that fails while it is written to: nothing is claimed that is not so, and the next run mends it."""

from __future__ import annotations

import typing as t

import pytest
from harness.fleet import Fleet
from harness.playbook import Outcome, Run, play

SERVERS = {"servers": ["ntp.example.net"]}
ZONE = {"timezone": "Asia/Tokyo"}
UPDATE = {"path": "/axis-cgi/param.cgi", "method": "update"}

#: What is set, on which profile, and which request does it.
SETTERS: dict[str, tuple[dict[str, t.Any], str, dict[str, t.Any]]] = {
    "ntp over REST": (SERVERS, "axis-os-12", {"path": "/config/rest/network-time-sync/*", "method": "PATCH"}),
    "ntp over JSON": (SERVERS, "axis-os-9", {"path": "/axis-cgi/ntp.cgi", "method": "setNTPClientConfiguration"}),
    "ntp by parameter": (SERVERS, "axis-os-5", UPDATE),
    "time over REST": (ZONE, "axis-os-12", {"path": "/config/rest/time/v2/*", "method": "PATCH"}),
    "time over JSON": (ZONE, "axis-os-11", {"path": "/axis-cgi/time.cgi", "method": "setTimeZone"}),
    "time by parameter": (ZONE, "axis-os-5", UPDATE),
    "param": ({"parameters": {"Image.I0.Appearance.Compression": 44}}, "axis-os-11", UPDATE),
}


@pytest.mark.parametrize("setter", SETTERS)
def test_write_fails(setter: str, generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    args, profile, matching = SETTERS[setter]
    device = generations.device(profile)
    task = {"name": "Set", f"axis.vapix.{setter.split()[0]}": args | {"timeout": 3}, "ignore_errors": True}

    def run() -> Outcome:
        return ansible_playbook([play([task], hosts=device.host_name)], generations.inventory).of(device.host_name)

    def fault(kind: str, **fields: t.Any) -> None:
        generations.clear_faults()
        generations.reset(device.serial)
        generations.fault(kind, device=device.serial, position="all", **matching, **fields)

    # Success is answered and nothing done.
    fault("ignore")
    outcome = run()
    assert outcome.status == "failed" and not outcome.changed
    assert "did not take" in outcome.message
    assert outcome.result["failure"]["applied"] == [] and outcome.result["failure"]["not_applied"]

    # The connection breaks, the write was done: told as failed, with what reading back shows.
    fault("close_after_apply")
    outcome = run()
    assert outcome.status == "failed"
    assert outcome.result["failure"]["applied"] and outcome.result["failure"]["not_applied"] == []
    assert len(generations.writes(device.serial)) == 1, "a write must not be repeated"

    # The connection breaks before anything is done.
    fault("close")
    outcome = run()
    assert outcome.status == "failed" and not outcome.changed
    assert outcome.result["failure"]["applied"] == [] and outcome.result["failure"]["not_applied"]

    # No answer in time is a failure, never a change.
    fault("hang")
    outcome = run()
    assert outcome.status == "failed" and not outcome.changed
    assert "within 3 seconds" in outcome.message or "after 3 seconds" in outcome.message

    # The next run mends it.
    generations.clear_faults()
    outcome = run()
    assert outcome.status == "ok" and outcome.changed
    assert not run().changed


def test_reading_is_repeated(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """A connection that breaks once while reading is no reason to fail."""
    device = generations.device("axis-os-11")
    generations.fault("close", device=device.serial, path="/axis-cgi/ntp.cgi", method="getNTPInfo", position=2)
    tasks = [{"name": "Check", "axis.vapix.ntp": {"enabled": True}}]
    run = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory)
    assert run.of(device.host_name).status == "ok" and run.warnings == []


def test_busy_device(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """HTTP 503 while reading is asked again; for ever it is an error."""
    device = generations.device("axis-os-11")
    tasks = [{"name": "Check", "axis.vapix.ntp": {"enabled": True}, "ignore_errors": True}]
    generations.fault("status", code=503, body="busy", device=device.serial, path="/axis-cgi/ntp.cgi", position=2)
    assert (
        ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name).status
        == "ok"
    )
    generations.clear_faults()
    generations.fault("status", code=503, body="busy", device=device.serial, path="/axis-cgi/ntp.cgi", position="all")
    outcome = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name)
    assert outcome.status == "failed" and "HTTP 503" in outcome.message


def test_half_of_a_group_change(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """The second of two requests fails: the first is told as applied, the second as not."""
    device = generations.device("axis-os-12")
    args = {
        "parameters": {"Image.I0.Appearance.Compression": 44},
        "groups": [{"parent": "StreamProfile", "present": [{"Name": "wall", "Parameters": "fps=5"}]}],
    }
    generations.fault(
        "status",
        code=500,
        body="oops",
        device=device.serial,
        path="/axis-cgi/param.cgi",
        method="update",
        position="all",
    )
    tasks = [{"name": "Set", "axis.vapix.param": args, "ignore_errors": True}]
    outcome = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name)
    assert outcome.status == "failed" and outcome.changed
    assert outcome.result["failure"]["applied"] == ["StreamProfile[Name=wall]"]
    assert outcome.result["failure"]["not_applied"] == ["Image.I0.Appearance.Compression"]
    assert outcome.result["failure"]["http_status"] == 500


def test_protected_parameter_not_in_our_list(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """A 401 to a write with the right password is told as what it is, and the account is not suspected."""
    device = generations.device("axis-os-12")
    raw = {"dialect": "param", "method": "update", "params": {"Image.I0.Source": 1}}
    tasks = [{"name": "Set", "axis.vapix.api": raw, "ignore_errors": True}]
    outcome = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name)
    assert outcome.status == "failed" and "although the credentials are right" in outcome.message

    generations.fault(
        "status", code=401, body="", device=device.serial, path="/axis-cgi/param.cgi", method="update", position="all"
    )
    tasks = [{"name": "Set", "axis.vapix.param": {"parameters": {"Network.UPnP.Enabled": True}}, "ignore_errors": True}]
    outcome = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name)
    assert outcome.status == "failed" and not outcome.changed
    assert "refuses this operation" in outcome.message and "although the credentials are right" in outcome.message


@pytest.mark.parametrize("role, module", [("viewer", "ntp"), ("operator", "ntp")])
def test_role(role: str, module: str, generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """An account without the right is told so."""
    device = generations.device("axis-os-11")
    groups = {"viewer": ["viewer"], "operator": ["viewer", "operator"]}[role]
    generations.patch(device.serial, {"users": {"helper": {"password": "guest-CANARY-1", "groups": groups}}})
    tasks = [
        {
            "name": "Set",
            f"axis.vapix.{module}": {"enabled": True, "username": "helper", "password": "guest-CANARY-1"},
            "ignore_errors": True,
        }
    ]
    outcome = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name)
    assert outcome.status == "failed" and "refuses this operation to user 'helper'" in outcome.message
    assert generations.writes() == []
