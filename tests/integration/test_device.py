# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole document by ansible-playbook: the first step of every proof, in one task for each device."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from harness.fleet import Fleet
from harness.playbook import Run, play
from resources.table import IN_PLAYBOOKS
from resources.test_document import GIVEN, told

from ansible_collections.axis.vapix.plugins.module_utils.document.registry import RESOURCES


def document(profile: str) -> dict[str, t.Any]:
    """The document of a device."""
    return {
        name: next(case.steps[0].args for case in proof.quick if profile in case.profiles)
        for name, proof in IN_PLAYBOOKS.items()
        if name in RESOURCES and any(profile in case.profiles for case in proof.quick)
    }


@pytest.mark.smoke
def test_a_document(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """Predicted, made, and not made again, with a diff by section."""
    plays = [
        play([{"name": "All of it", "axis.vapix.device": {"config": document(device.profile)}}], hosts=device.host_name)
        for device in generations.devices
    ]
    for device in generations.devices:
        generations.patch(device.serial, GIVEN)
    generations.reset(requests_only=True)
    predicted = ansible_playbook(plays, generations.inventory, "--check", "--diff")
    assert predicted.code == 0 and generations.writes() == [], predicted.output
    done = ansible_playbook(plays, generations.inventory, "--diff")
    assert done.code == 0 and done.warnings == [], done.output
    assert [told(one.result) for one in predicted.outcomes] == [told(one.result) for one in done.outcomes]
    for device in generations.devices:
        assert set(done.of(device.host_name).result["diff"]["after"]) == set(document(device.profile))
    generations.reset(requests_only=True)
    again = ansible_playbook(plays, generations.inventory)
    assert again.code == 0 and not any(one.changed for one in again.outcomes), again.output
    assert generations.writes() == []


def test_a_device_is_exported_and_brought_back(
    generations: Fleet, ansible_playbook: t.Callable[..., Run], tmp_path: pathlib.Path
) -> None:
    """The file of an export is a file of variables; what a device says in it is no template."""
    evil = f"{{{{ lookup('pipe', 'touch {tmp_path}/pwned') }}}}"
    profiles = {"profiles": [{"name": "evil", "description": evil}]}
    path = f"{tmp_path}/{{{{ inventory_hostname }}}}.yml"
    hosts = ",".join(device.host_name for device in generations.devices)
    tasks: list[dict[str, t.Any]] = [
        {"name": "Evil", "axis.vapix.device": {"config": {"stream_profile": profiles}}},
        {
            "name": "Export",
            "axis.vapix.export": {"path": path, "include": ["identity"], "sections": ["stream_profile", "ntp"]},
        },
        {"name": "Read", "ansible.builtin.include_vars": {"file": path}},
        {"name": "Apply", "axis.vapix.device": {"config": "{{ axis_config_camera }}"}},
    ]
    tasks[0]["axis.vapix.device"]["config"] = "{{ evil }}"
    one = play(tasks, hosts=hosts)
    (tmp_path / "evil.json").write_text(json.dumps({"stream_profile": profiles}))
    one["tasks"].insert(
        0,
        {
            "name": "File",
            "ansible.builtin.set_fact": {"evil": f"{{{{ lookup('file', '{tmp_path}/evil.json') | from_json }}}}"},
        },
    )
    run = ansible_playbook([one], generations.inventory)
    assert run.code == 0, run.output
    assert [outcome.changed for outcome in run.outcomes if outcome.task == "Apply"] == [False] * len(
        generations.devices
    )
    exported = [outcome.result["config"] for outcome in run.outcomes if outcome.task == "Export"]
    texts = [[row.get("description") for row in config["stream_profile"]["profiles"]] for config in exported]
    assert all(evil in found for found in texts)
    assert not (tmp_path / "pwned").exists()
