# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises every module makes, proven for each of them on every generation it supports.

Check mode sends no write and predicts exactly what the run does to the device, by the device's own account; a second
run
is unchanged and sends no write.
"""

from __future__ import annotations

import importlib
import pathlib
import typing as t

import pytest
from harness.fleet import Fleet
from harness.playbook import Run, play
from integration import cases, effects
from resources.table import PROOFS

MODULES = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "modules"
# What moves without anybody's doing.
_CLOCKWORK = {"utc", "local", "active"}
_MOVING = (
    "Time.",
    "SNMP.EngineBoots",
    "Network.eth0.",
    "Network.DHCP.",
    "Network.Routing.",
    "Properties.",
    "PTZ.PTZDriver",
)


def settings(fleet: Fleet, serial: str) -> dict[str, t.Any]:
    """What of a device's state somebody can set."""
    state = fleet.state(serial)
    kept = {k: v for k, v in state["parameters"].items() if not k.startswith(_MOVING)}
    clock = {k: v for k, v in state["time"].items() if k not in _CLOCKWORK}
    parts = {part: state[part] for part in ("ntp", "users", "network")}
    return {"parameters": kept, "time": clock, **parts}


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


@pytest.mark.parametrize("case", cases.RESOURCES, ids=str)
def test_resource(case: cases.Case, generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    devices = [device for device in generations.devices if device.profile in case.profiles]
    hosts = [device.host_name for device in devices]
    factory = {device.serial: settings(generations, device.serial) for device in devices}
    for number, args in enumerate(case.steps):
        before = {device.serial: settings(generations, device.serial) for device in devices}
        predicted = run_step(ansible_playbook, generations, case.module, hosts, args, "--check", "--diff")
        assert generations.writes() == [], f"step {number}: check mode wrote"
        assert {device.serial: settings(generations, device.serial) for device in devices} == before

        done = run_step(ansible_playbook, generations, case.module, hosts, args, "--diff")
        for device in devices:
            prediction, outcome = predicted.of(device.host_name).result, done.of(device.host_name).result
            assert outcome["changed"] is True, f"step {number}, {device.profile}: nothing changed"
            assert outcome["changes"], f"step {number}, {device.profile}: no change is told"
            assert prediction == outcome, f"step {number}, {device.profile}: the prediction is wrong"
            assert generations.writes(device.serial), f"step {number}, {device.profile}: changed without a write"
            told = effects.told(case.module, outcome["changes"])
            happened = effects.happened(case.module, before[device.serial], settings(generations, device.serial))
            assert effects.same(told, happened), f"step {number}, {device.profile}: told {told}, happened {happened}"

        again = run_step(ansible_playbook, generations, case.module, hosts, args)
        assert [again.of(host).result["changes"] for host in hosts] == [[] for dummy in hosts], f"step {number}"
        assert not any(again.of(host).changed for host in hosts), f"step {number}: changed again"
        assert generations.writes() == [], f"step {number}: the second run wrote"
    if case.returns:
        assert {device.serial: settings(generations, device.serial) for device in devices} == factory


@pytest.mark.smoke
def test_resources_in_a_playbook(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """The first step of every proof in tests/resources, by ansible-playbook: predicted, made, and not made again."""
    plays = []
    for device in generations.devices:
        tasks = [
            {"name": f"{name} on {device.profile}", f"axis.vapix.{name}": case.steps[0].args}
            for name, proof in PROOFS.items()
            for case in [next((case for case in proof.cases if device.profile in case.profiles), None)]
            if case is not None
        ]
        assert tasks
        plays.append(play(tasks, hosts=device.host_name))
    generations.reset(requests_only=True)
    predicted, done, again = (
        ansible_playbook(plays, generations.inventory, *options) for options in (["--check", "--diff"], ["--diff"], [])
    )
    for run, changed in ((predicted, True), (done, True), (again, False)):
        assert run.code == 0 and run.warnings == [], run.output
        assert [outcome.changed for outcome in run.outcomes] == [changed] * sum(len(one["tasks"]) for one in plays)
    assert [outcome.result for outcome in predicted.outcomes] == [outcome.result for outcome in done.outcomes]


@pytest.mark.parametrize("module, args", [(m, a) for m, several in cases.QUERIES.items() for a in several])
def test_query(module: str, args: t.Any, generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    hosts = [device.host_name for device in generations.devices]
    for options in ((), ("--check",)):
        run = run_step(ansible_playbook, generations, module, hosts, args, *options)
        assert not any(run.of(host).changed for host in hosts)
        assert generations.writes() == []


def test_every_module_has_a_case() -> None:
    """So that no module comes without the proofs above."""
    there = {path.stem for path in MODULES.glob("*.py")} - {"__init__"}
    proven = {case.module for case in cases.RESOURCES} | set(cases.QUERIES)
    proven |= set(cases.COMMANDS) | set(cases.OWN) | set(PROOFS)
    assert there == proven


def paths_of(options: t.Mapping[str, t.Any], prefix: str) -> set[str]:
    """All options of a module, those of blocks inside them by path."""
    found = set()
    for name, option in options.items():
        found |= paths_of(option.options, f"{prefix}.{name}") if option.options else {f"{prefix}.{name}"}
    return found


def used_in(args: t.Any, prefix: str) -> set[str]:
    """Paths of all options in the arguments of a step; null for a block is all of it."""
    if isinstance(args, list):
        return {path for item in args for path in used_in(item, prefix)}
    if not isinstance(args, dict):
        return {prefix}
    return {prefix} | {path for name, value in args.items() for path in used_in(value, f"{prefix}.{name}")}


@pytest.mark.parametrize("module", sorted({case.module for case in cases.RESOURCES}))
def test_every_option_has_a_step(module: str) -> None:
    """So that no option is only claimed."""
    name = f"ansible_collections.axis.vapix.plugins.module_utils.resources.{module}"
    options = importlib.import_module(name).DECLARED.options
    used = {path for case in cases.RESOURCES if case.module == module for path in used_in(case.steps_as_list, module)}
    assert paths_of(options, module) - used - set(cases.ELSEWHERE) == set()


@pytest.mark.parametrize("test", sorted({*cases.ELSEWHERE.values(), *cases.COMMANDS.values(), *cases.OWN.values()}))
def test_the_other_proofs_are_there(test: str) -> None:
    file, _mark, function = test.partition("::")
    assert f"\ndef {function}(" in (pathlib.Path(__file__).parent / file).read_text()
