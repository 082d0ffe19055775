# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device written out as a document, and brought back from it."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml
from harness.fleet import Fleet
from resources.bench import Bench
from resources.proof import ALL, CANARY
from resources.table import PROOFS
from resources.test_document import DocumentBench

from ansible_collections.axis.vapix.plugins.module_utils.commands import export as command

SECRET = f"Aa1-{CANARY}-new"


def exporting(fleet: Fleet, bench: Bench) -> Bench:
    """The same device, for exports."""
    other = object.__new__(Bench)
    other.__dict__ = bench.__dict__ | {"declared": command.DECLARED}
    return other


class Loader(yaml.SafeLoader):
    """Reads what is marked as no template."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def loaded(path: pathlib.Path, known: t.Collection[str] = ()) -> t.Any:
    """The document of a file. :param known: variables for which there is a value; the others are left out."""
    config = with_secrets(yaml.load(path.read_text(), Loader)["axis_config_camera"], known)
    for name, section in config.items():
        if isinstance(section, dict) and name in PROOFS:
            section.update(PROOFS[name].always)
    return config


def with_secrets(value: t.Any, known: t.Collection[str]) -> t.Any:
    if isinstance(value, list):
        return [with_secrets(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    names = {key: re.fullmatch(r"\{\{ (vault_\w+) \}\}", item) for key, item in value.items() if isinstance(item, str)}
    found: dict[str, t.Any] = {}
    for key, item in value.items():
        if not (match := names.get(key)):
            found[key] = with_secrets(item, known)
        elif match[1] in known:
            found[key] = SECRET
    return found


@pytest.mark.parametrize("profile", ALL)
def test_a_round_trip(profile: str, fleet: Fleet, tmp_path: pathlib.Path) -> None:
    """Applied to the same device, an export changes nothing; applied to another one, its export is the same."""
    bench = DocumentBench(fleet, profile)
    outcome = bench.run({"config": bench.document(), "on_unsupported": "fail"})
    assert not outcome.failed, outcome.result["msg"]
    bench.writes()
    one, two = tmp_path / "one.yml", tmp_path / "two.yml"
    args = {"path": str(one), "include": ["identity"]}
    reader = exporting(fleet, bench)
    assert reader.run(args, check=True).result["changed"] and not one.exists()
    told = reader.run(args)
    assert told.result["changed"] and told.result["unread"] == {} and told.warnings == []
    assert bench.writes() == [] and CANARY not in one.read_text()
    assert not reader.run(args).result["changed"], "written again"
    config = loaded(one)
    assert set(bench.document()) - set(config) - {"param"} == set(), "a section is missing"
    same = bench.run({"config": config})
    assert (same.result.get("changes"), bench.writes()) == ([], []), same.result

    bench.renew()
    # Secret parameters of a rule are a block; those of an account that is there stay.
    new = [name for name in told.result["secrets"] if not name.endswith(("root_password", "_secrets"))]
    outcome = bench.run({"config": loaded(one, new)})
    assert not outcome.failed and outcome.result["changed"], outcome.result["msg"]
    again = reader.run(args | {"path": str(two)})
    assert not again.failed and loaded(one) == loaded(two)


@pytest.mark.parametrize("profile", ALL)
def test_the_halves_make_the_whole(profile: str, fleet: Fleet) -> None:
    bench = DocumentBench(fleet, profile)
    assert not bench.run({"config": bench.document()}).failed
    reader = exporting(fleet, bench)
    whole, shared, identity = (
        reader.run(args).result["config"]
        for args in ({"include": ["identity"]}, {"split": "shared"}, {"split": "identity"})
    )
    assert leaves(shared) | leaves(identity) == leaves(whole) and not leaves(shared) & leaves(identity)
    assert reader.run({}).result["config"] == shared


def leaves(value: t.Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {f"{path}={value!r}"}
    return {leaf for name, item in value.items() for leaf in leaves(item, f"{path}.{name}")}


def test_a_new_device_has_nothing_to_tell(fleet: Fleet) -> None:
    """What is as it leaves the factory is left out, unless it is asked for."""
    bench = exporting(fleet, DocumentBench(fleet, "axis-os-12"))
    assert "ssh" not in bench.run({}).result["config"]
    assert bench.run({"include": ["defaults"]}).result["config"]["ssh"] == {"enabled": False}
    assert set(bench.run({"include": ["defaults"], "sections": ["ssh"]}).result["config"]) == {"ssh"}


def test_what_cannot_be_read_is_told(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    bench = exporting(fleet, DocumentBench(fleet, "axis-os-12"))
    fleet.fault("status", device=bench.device.serial, path="/axis-cgi/ssh.cgi", code=500)
    outcome = bench.run({"path": str(tmp_path / "one.yml"), "include": ["defaults"]})
    assert set(outcome.result["unread"]) == {"ssh"} and "ssh" not in outcome.result["config"]
    assert "# Not read: ssh:" in (tmp_path / "one.yml").read_text() and len(outcome.warnings) == 1


def test_a_dead_device_is_an_error(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    bench = exporting(fleet, DocumentBench(fleet, "axis-os-12"))
    fleet.fault("close", device=bench.device.serial)
    outcome = bench.run({"path": str(tmp_path / "one.yml")})
    assert outcome.failed and not (tmp_path / "one.yml").exists()


def test_what_a_device_says_is_no_template(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    """Else a device could run code on the controller."""
    bench = DocumentBench(fleet, "axis-os-12")
    evil = "{{ lookup('pipe', 'touch pwned') }}"
    profiles = [{"name": "x", "description": evil}]
    assert not bench.run({"config": {"stream_profile": {"profiles": profiles}}}).failed
    path = tmp_path / "one.yml"
    assert not exporting(fleet, bench).run({"path": str(path)}).failed
    assert "description: !unsafe" in path.read_text()
    assert loaded(path)["stream_profile"]["profiles"][0]["description"] == evil


def test_a_file_that_cannot_be_written(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    bench = exporting(fleet, DocumentBench(fleet, "axis-os-12"))
    (tmp_path / "file").write_text("")
    outcome = bench.run({"path": str(tmp_path / "file" / "one.yml")})
    assert outcome.failed and "cannot be written" in outcome.result["msg"]
    outcome = bench.run({"split": "shared", "include": ["identity"]})
    assert outcome.failed and "contradict each other" in outcome.result["msg"]
