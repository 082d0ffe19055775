# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises in real ansible-playbook. tests/resources proves them in one process, for every step there is."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from harness.fleet import Fleet
from harness.playbook import Outcome, Run, play
from integration import cases
from resources.table import IN_PLAYBOOKS, PROOFS
from resources.test_document import GIVEN

MODULES = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "modules"


def run_step(
    ansible_playbook: t.Callable[..., Run], fleet: Fleet, module: str, hosts: list[str], args: t.Any, *options: str
) -> Run:
    """Run one task on some hosts and expect that it goes well and quietly."""
    fleet.reset(requests_only=True)
    run = ansible_playbook(
        [play([{"name": "Step", f"axis.vapix.{module}": args}], hosts=",".join(hosts))], fleet.inventory, *options
    )
    assert run.code == 0, run.output
    assert run.warnings == []
    return run


@pytest.mark.smoke
def test_resources_in_a_playbook(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """The first step of every proof in tests/resources, by ansible-playbook: predicted, made, and not made again."""
    plays = []
    for device in generations.devices:
        tasks = [
            {"name": f"{name} on {device.profile}", f"axis.vapix.{name}": case.steps[0].args}
            for name, proof in IN_PLAYBOOKS.items()
            for case in [next((case for case in proof.quick if device.profile in case.profiles), None)]
            if case is not None
        ]
        assert tasks
        plays.append(play(tasks, hosts=device.host_name))
        generations.patch(device.serial, GIVEN)
    generations.reset(requests_only=True)
    predicted, done, again = (
        ansible_playbook(plays, generations.inventory, *options) for options in (["--check", "--diff"], ["--diff"], [])
    )
    for run, changed in ((predicted, True), (done, True), (again, False)):
        assert run.code == 0 and run.warnings == [], run.output
        assert [outcome.changed for outcome in run.outcomes] == [changed] * sum(len(one["tasks"]) for one in plays)
    foretold, told = (list(map(comparable, run.outcomes)) for run in (predicted, done))
    assert foretold == told


def comparable(outcome: Outcome) -> dict[str, t.Any]:
    """A result without what check mode cannot tell."""
    only_done = PROOFS[outcome.task.partition(" ")[0]].only_done
    return {name: value for name, value in outcome.result.items() if name not in only_done}


@pytest.mark.parametrize("module, args", [(m, a) for m, several in cases.QUERIES.items() for a in several])
def test_query(module: str, args: t.Any, generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    hosts = [device.host_name for device in generations.devices]
    for options in ((), ("--check",)):
        run = run_step(ansible_playbook, generations, module, hosts, args, *options)
        assert not any(run.of(host).changed for host in hosts)
        assert generations.writes() == []


def test_every_module_has_a_case() -> None:
    """So that no module comes without the proofs above."""
    there = {path.stem for path in MODULES.glob("*.py")}
    assert there == set(cases.QUERIES) | set(cases.COMMANDS) | set(PROOFS)


@pytest.mark.parametrize("test", sorted(cases.COMMANDS.values()))
def test_the_other_proofs_are_there(test: str) -> None:
    file, _mark, function = test.partition("::")
    assert f"\ndef {function}(" in (pathlib.Path(__file__).parent / file).read_text()
