# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of fault at every request of every resource: no lie, no leak, no dead end.

A device is brought from the factory's state to that of a first step while one request goes wrong. Whatever comes of it:
the error says what and where, what it claims is true by the device's own account, and the next run gets there.
"""

from __future__ import annotations

import os
import re
import typing as t

import pytest
from harness.fleet import Fleet
from resources.bench import Bench, Outcome
from resources.proof import Step
from resources.table import PROOFS

#: Faults by name, and how often each is met: once, or from that request on.
FAULTS: dict[str, dict[str, t.Any]] = {
    "500": {"kind": "status", "code": 500},
    "503": {"kind": "status", "code": 503},
    "404": {"kind": "status", "code": 404},
    "403": {"kind": "status", "code": 403},
    "401": {"kind": "status", "code": 401},
    "302": {"kind": "status", "code": 302},
    "empty 200": {"kind": "status", "code": 200, "body": "", "content_type": "text/plain"},
    "JSON null": {"kind": "status", "code": 200, "body": "null", "content_type": "application/json"},
    "JSON list": {"kind": "status", "code": 200, "body": "[]", "content_type": "application/json"},
    "JSON data of another type": {
        "kind": "status",
        "code": 200,
        "body": '{"data": 5, "status": "success"}',
        "content_type": "application/json",
    },
    "JSON error without a code": {
        "kind": "status",
        "code": 200,
        "body": '{"error": {}}',
        "content_type": "application/json",
    },
    "html": {"kind": "html"},
    "truncate": {"kind": "truncate"},
    "garbage": {"kind": "garbage"},
    "close": {"kind": "close"},
    "close_after_apply": {"kind": "close_after_apply"},
    "ignore": {"kind": "ignore"},
}

#: More requests than any first step takes.
MOST = 40

#: Of a resource whose runs take long, these in "make test", and all in "make faults".
FEW = ("500", "JSON null", "truncate", "close", "ignore")
ALL_FAULTS = bool(os.environ.get("AXIS_VAPIX_ALL_FAULTS"))

RUNS = [
    pytest.param(name, profile, fault, id=f"{name}-{profile}-{fault}")
    for name, proof in PROOFS.items()
    for profile in dict.fromkeys(profile for case in proof.quick for profile in case.profiles)
    for fault in FAULTS
    if ALL_FAULTS or not proof.few_faults or fault in FEW
]


Shown = list[tuple[str, str]]


def unnumbered(shows: dict[str, t.Any]) -> Shown:
    """What a device shows, whatever numbers it gave to new entries: they follow the order of the requests."""
    return sorted(
        (re.sub(r"\.[A-Z]?\d+\b", ".#", path), re.sub(r"\b[0-9a-f]{64}\b", "#", repr(value)))
        for path, value in shows.items()
    )


def step_of(name: str, profile: str) -> Step:
    """The step that does most from the factory's state."""
    steps = [case.steps[0] for case in PROOFS[name].quick if profile in case.profiles]
    return max(steps, key=lambda step: len(str(step.args)))


@pytest.mark.parametrize(("name", "profile", "fault"), RUNS)
def test_a_fault_at_every_request(
    name: str, profile: str, fault: str, fleet: Fleet, record_property: t.Callable[[str, object], None]
) -> None:
    bench = Bench(fleet, profile, PROOFS[name])
    step = step_of(name, profile)
    wanted = bench.run(step.args, check=True)
    paths = [change["path"] for change in wanted.result["changes"]]
    bench.writes()
    bench.run(step.args)
    goal = unnumbered(bench.shows())
    requests = len(fleet.requests(bench.device.serial))
    assert 0 < requests < MOST
    for position in range(1, requests + 1):
        bench.renew()
        fleet.fault(device=bench.device.serial, path="*", position=position, **FAULTS[fault])
        outcome = bench.run(step.args)
        where = f"{fault} at request {position} of {requests}: {outcome.result}"
        assert any(request["fault"] for request in fleet.requests(bench.device.serial)), f"{where}: no fault"
        shows = unnumbered(bench.shows())
        judge(outcome, paths, shows, goal, where, PROOFS[name].unproven)
        record_property("fault", verdict(outcome))
        fleet.clear_faults()
        final = bench.run(step.args)
        assert not final.failed, f"{where}, then {final.result}"
        assert unnumbered(bench.shows()) == goal, f"{where}: the next run does not get there"
        assert not bench.run(step.args, check=True).result["changed"], where


def verdict(outcome: Outcome) -> str:
    """What came of a case, for the count at the end."""
    if not outcome.failed:
        return "succeeded all the same"
    failure = outcome.result["failure"]
    told = [name for name in ("applied", "not_applied", "unknown") if failure[name]]
    return f"failed: {' and '.join(told) or 'before the first write'}"


def judge(
    outcome: Outcome, paths: list[str], shows: Shown, goal: Shown, where: str, unproven: tuple[str, ...] = ()
) -> None:
    """Whether what a run claims is true."""
    result = outcome.result
    if not outcome.failed:
        shows, goal = ([row for row in rows if not row[0].startswith(unproven)] for rows in (shows, goal))
        assert shows == goal, f"{where}: success is claimed, the device shows {shows}"
        assert result["changed"] is True
        return
    failure = result["failure"]
    assert "nobody thought of" not in result["msg"], where
    assert failure["message"] and result["msg"].startswith("127.0.0.1:"), where
    claimed = failure["applied"] + failure["not_applied"] + failure["unknown"]
    assert sorted(claimed) in ([], sorted(paths)), f"{where}: the account is not of all changes, once each"
    assert result["changed"] is bool(failure["applied"] or failure["unknown"]), where
    if not shows:
        assert failure["applied"] == [], f"{where}: the device shows nothing of it"
    else:
        assert result["changed"], f"{where}: the device shows {shows}"
    if shows == goal:
        assert failure["not_applied"] == [], f"{where}: the device shows all of it"
