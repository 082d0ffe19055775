# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises every resource makes, proven for each of them on every generation, by the device's own account."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from harness.fleet import Fleet
from resources.bench import RESOURCES, Bench, declared
from resources.proof import ANY, CANARY, Args, Case, Shows, Step
from resources.table import PROOFS

ROOT = pathlib.Path(__file__).parents[2]

CASES = [
    pytest.param(name, case, profile, id=f"{name}-{case.title or number}-{profile}")
    for name, proof in PROOFS.items()
    for number, case in enumerate(proof.cases)
    for profile in case.profiles
]
WITH = [
    pytest.param(name, profile, id=f"{name}-{profile}")
    for name, proof in PROOFS.items()
    for profile in dict.fromkeys(profile for case in proof.cases for profile in case.profiles)
]
WITHOUT = [
    pytest.param(name, profile, id=f"{name}-{profile}") for name, proof in PROOFS.items() for profile in proof.without
]
BAD = [
    pytest.param(name, bad, profile, id=f"{name}-{number}-{profile}")
    for name, proof in PROOFS.items()
    for number, bad in enumerate(proof.bad)
    for profile in bad.profiles
]


def first_step(name: str, profile: str) -> Step:
    """The first step that such a device goes."""
    return next(case.steps[0] for case in PROOFS[name].cases if profile in case.profiles)


def is_shown(shows: Shows, wanted: Shows) -> bool:
    """Whether a device shows what it is to show, and nothing else."""
    return shows.keys() == wanted.keys() and all(wanted[path] in (ANY, shows[path]) for path in shows)


@pytest.mark.parametrize(("name", "case", "profile"), CASES)
def test_steps(name: str, case: Case, profile: str, fleet: Fleet) -> None:
    """Check mode sends no write and predicts what the run does; a second run and an export change nothing."""
    bench = Bench(fleet, profile, PROOFS[name])
    for number, step in enumerate(case.steps):
        before = bench.shows()
        predicted = bench.run(step.args, check=True)
        assert not predicted.failed, f"step {number}: {predicted.result['msg']}"
        assert bench.writes() == [] and bench.shows() == before, f"step {number}: check mode wrote"
        done = bench.run(step.args)
        assert not done.failed, f"step {number}: {done.result['msg']}"
        assert done.result["changed"] and done.result["changes"], f"step {number}: nothing changed"
        assert bench.foretold(done) == bench.foretold(predicted), f"step {number}: the prediction is wrong"
        assert done.warnings == [], f"step {number}"
        assert bench.writes(), f"step {number}: changed without a write"
        shows = bench.shows()
        assert is_shown(shows, step.shown_by(profile)), f"step {number}: the device shows {shows}"
        again = bench.run(step.args)
        assert (again.result["changed"], again.result["changes"]) == (False, []), f"step {number}: changed again"
        assert bench.writes() == [], f"step {number}: the second run wrote"
        for exported in bench.exported():
            assert CANARY not in str(exported)
            echo = bench.run(exported)
            assert not echo.failed and not echo.result["changed"], f"step {number}: an export changes {echo.result}"
            assert bench.writes() == []


@pytest.mark.parametrize(("name", "case", "profile"), CASES)
def test_a_step_is_taken_back(name: str, case: Case, profile: str, fleet: Fleet) -> None:
    """Unless the proof says that there is no way back."""
    proof = PROOFS[name]
    bench = Bench(fleet, profile, proof)
    complete = bench.there_and_back(case.steps[0].args)
    if not proof.no_way_back:
        assert complete, "a step does not say how it is taken back"
        assert [path for path in bench.shows() if not path.startswith(proof.unproven)] == []


@pytest.mark.parametrize(("name", "profile"), WITH)
def test_null(name: str, profile: str, fleet: Fleet) -> None:
    """Null is the default that is documented, on every device, and setting it twice changes nothing."""
    bench = Bench(fleet, profile, PROOFS[name])
    nulls = bench.nulls()
    if not nulls:
        assert not any(option.null is not None for option in bench.declared.options.values())
        return
    for args in (first_step(name, profile).args, nulls):
        done = bench.run(args)
        assert not done.failed, done.result["msg"]
    assert not bench.run(nulls).result["changed"]


@pytest.mark.parametrize(("name", "bad", "profile"), BAD)
def test_bad_input(name: str, bad: t.Any, profile: str, fleet: Fleet) -> None:
    """Refused with what, where and what would be right, before anything is written, in check mode too."""
    bench = Bench(fleet, profile, PROOFS[name])
    for check in (True, False):
        outcome = bench.run(bad.args, check=check)
        assert outcome.failed and bad.words in outcome.result["msg"], outcome.result
        assert "nobody thought of" not in outcome.result["msg"] and not outcome.result.get("changed")
    assert bench.writes() == [] and bench.shows() == {}


@pytest.mark.parametrize(("name", "profile"), WITHOUT)
def test_without_the_api(name: str, profile: str, fleet: Fleet) -> None:
    """A device that does not have the API is an error, or left out where that is wanted."""
    bench = Bench(fleet, profile, PROOFS[name])
    args = PROOFS[name].cases[0].steps[0].args
    outcome = bench.run(args)
    assert outcome.failed and "the device has none of the APIs" in outcome.result["msg"], outcome.result
    assert bench.writes() == []
    outcome = bench.run(args | {"on_unsupported": "warn"})
    assert not outcome.failed and not outcome.result["changed"], outcome.result
    assert outcome.result["unsupported"] and len(outcome.warnings) == 1
    assert bench.writes() == [] and bench.shows() == {}


@pytest.mark.parametrize(("name", "profile"), WITH)
def test_wrong_role(name: str, profile: str, fleet: Fleet) -> None:
    """Below the role that it takes: an error that says so, and nothing is changed."""
    proof = PROOFS[name]
    bench = Bench(fleet, profile, proof)
    bench.add_accounts()
    before = bench.shows()
    args = first_step(name, profile).args
    writer = proof.writer if isinstance(proof.writer, str) else proof.writer.get(profile, "administrator")
    outcome = bench.run(args, username="viewer" if writer == "operator" else "operator")
    assert outcome.failed and "refuses this operation to user" in outcome.result["msg"], outcome.result
    assert outcome.result["failure"]["applied"] == [] and bench.shows() == before
    outcome = bench.run(args, username=writer if writer != "administrator" else "")
    assert not outcome.failed and outcome.result["changed"], outcome.result


# --- completeness -----------------------------------------------------------------------------------------------------


def paths_of(options: t.Mapping[str, t.Any], prefix: str = "") -> set[str]:
    """All options, those of blocks by path."""
    found = set()
    for name, option in options.items():
        found |= paths_of(option.options, f"{prefix}{name}.") if option.options else {f"{prefix}{name}"}
    return found


def used_in(args: t.Any, prefix: str = "") -> set[str]:
    """Paths of all options in the arguments of a step."""
    if isinstance(args, list):
        return {path for item in args for path in used_in(item, prefix)}
    if not isinstance(args, dict):
        return {prefix.rstrip(".")}
    inside = {path for name, value in args.items() for path in used_in(value, f"{prefix}{name}.")}
    return inside | {prefix.rstrip(".")}  # a free-form mapping is an option, too


@pytest.mark.parametrize("name", PROOFS)
def test_every_option_has_a_step(name: str) -> None:
    """So that no option is only claimed."""
    proof = PROOFS[name]
    steps: list[Args] = [step.args for case in proof.cases for step in case.steps]
    generic = {"on_unsupported"}  # test_without_the_api
    used = used_in(steps) | set(proof.always)
    assert paths_of(declared(name).options) - used - set(proof.elsewhere) - generic == set()


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_covers_every_generation(name: str) -> None:
    """Each generation has the API or does not: both is proven."""
    proof = PROOFS[name]
    having = {profile for case in proof.cases for profile in case.profiles}
    assert proof.resource == name and not having & set(proof.without)
    assert having | set(proof.without) == {"axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5"}
    assert proof.bad, "nothing bad is tried"


@pytest.mark.parametrize("name", PROOFS)
def test_the_other_proofs_are_there(name: str) -> None:
    """A test that is named says the option by its name."""
    proof = PROOFS[name]
    for option, test in proof.elsewhere.items():
        file, _mark, function = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert f"def {function}(" in text and option.rpartition(".")[2] in text, f"{option}: {test}"


def test_every_resource_has_a_proof() -> None:
    import importlib
    import pkgutil

    folder = importlib.import_module(RESOURCES).__path__
    there = {module.name for module in pkgutil.iter_modules(folder)}
    assert there == set(PROOFS)
