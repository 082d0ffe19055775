# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is changed by making it anew is never lost, whatever goes wrong between the requests; the next run tidies up."""

from __future__ import annotations

import typing as t

import pytest
from harness.fleet import Fleet
from resources.action_rule import LIGHT
from resources.bench import Bench
from resources.proof import Args
from resources.schedule import PULSE
from resources.table import PROOFS
from resources.test_faults import FAULTS, unnumbered

#: By resource: before, after, and where the device holds the names of the entries that must not be lost.
CHANGES: dict[str, tuple[Args, Args, str]] = {
    "recipient": (
        {"recipients": [{"name": "x", "type": "tcp", "host": "192.0.2.1", "port": 1}]},
        {"recipients": [{"name": "x", "port": 2}]},
        "documents.recipients.items.",
    ),
    "action_rule": (
        {"rules": [LIGHT | {"name": "x"}]},
        {"rules": [{"name": "x", "parameters": LIGHT["parameters"] | {"duration": 5}}]},
        "documents.actionrules.items.",
    ),
    "action_rule, the same action": (
        {"rules": [LIGHT | {"name": "x"}]},
        {"rules": [{"name": "x", "enabled": False}]},
        "documents.actionrules.items.",
    ),
    "schedule": (
        {"schedules": [PULSE | {"name": "x"}]},
        {"schedules": [{"name": "x", "recurrence": "FREQ=DAILY"}]},
        "documents.schedules.items.com.axis.schedules.pulse",
    ),
    "recipient, removed": (
        {"recipients": [{"name": "x", "type": "tcp", "host": "192.0.2.1", "port": 1}]},
        {"recipients": [{"name": "x", "state": "absent"}]},
        "",
    ),
    "action_rule, removed": (
        {"rules": [LIGHT | {"name": "x"}]},
        {"rules": [{"name": "x", "state": "absent"}]},
        "",
    ),
}


def names(shows: dict[str, t.Any], place: str) -> list[str]:
    """The names of the entries."""
    return [value for path, value in shows.items() if path.startswith(place) and path.endswith(".name")]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", CHANGES)
def test_an_interrupted_change_loses_nothing(name: str, fault: str, fleet: Fleet) -> None:
    before, after, place = CHANGES[name]
    bench = Bench(fleet, "axis-os-12", PROOFS[name.partition(",")[0]])
    bench.run(before)
    start = unnumbered(bench.shows())
    bench.writes()
    assert not bench.run(after).failed
    goal = unnumbered(bench.shows())
    requests = len(fleet.requests(bench.device.serial))
    for position in range(1, requests + 1):
        bench.renew()
        bench.run(before)
        bench.writes()
        fleet.fault(device=bench.device.serial, path="*", position=position, **FAULTS[fault])
        outcome = bench.run(after)
        where = f"{fault} at request {position} of {requests}: {outcome.result}"
        assert not place or "x" in names(bench.shows(), place), f"{where}: it is lost"
        failure = outcome.result.get("failure", {"applied": ["all"], "unknown": []})
        changed = unnumbered(bench.shows()) != start
        assert not changed or failure["applied"] or failure["unknown"], f"{where}: the device shows {bench.shows()}"
        fleet.clear_faults()
        final = bench.run(after)
        assert not final.failed, f"{where}, then {final.result}"
        assert unnumbered(bench.shows()) == goal, f"{where}: the next run does not get there"
        assert not bench.run(after, check=True).result["changed"], where
