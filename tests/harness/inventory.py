# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs real ansible-inventory and tells which hosts and groups it found."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import os
import pathlib
import subprocess
import typing as t

import yaml

from harness.ansible_environment import ansible_environment
from harness.playbook import CANARY, OUTPUT, keep, warnings_in

#: Runs a command somewhere and returns its output as text: here, or in a network namespace.
Runner: t.TypeAlias = "collections.abc.Callable[..., subprocess.CompletedProcess[str]]"


@dataclasses.dataclass(frozen=True)
class Inventory:
    """What ansible-inventory lists. :param output: everything it printed."""

    code: int
    output: str
    hosts: dict[str, dict[str, t.Any]]
    groups: dict[str, list[str]]

    @property
    def warnings(self) -> list[str]:
        """Warnings and deprecations, each on one line."""
        return warnings_in(self.output)


def write(path: pathlib.Path, **options: t.Any) -> pathlib.Path:
    """An inventory file of the plugin; nothing is listened to unless it is asked for."""
    path.write_text(yaml.safe_dump({"plugin": "axis.vapix.discover", "listen": []} | options, sort_keys=False))
    return path


def cached(place: pathlib.Path) -> dict[str, t.Any]:
    """Options of a cache below the folder where the gate for secrets looks."""
    folder = OUTPUT / f"discovered-{os.getpid()}-{place.parent.name}-{place.name}"
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder)}


def list_inventory(
    source: pathlib.Path,
    *options: str,
    runner: Runner = subprocess.run,
    environment: t.Mapping[str, str] | None = None,
) -> Inventory:
    """Run ansible-inventory --list."""
    done = runner(
        ["ansible-inventory", "--inventory", str(source), "--list", *options],
        env=ansible_environment(CANARY) | dict(environment or {}),
        text=True,
        capture_output=True,
        timeout=120,
    )
    keep(done.stdout + done.stderr)
    start = done.stdout.find("{\n")
    listed = _plain(json.loads(done.stdout[start:])) if start >= 0 else {}
    hosts = listed.pop("_meta", {}).get("hostvars", {})
    groups = {name: group.get("hosts", []) for name, group in listed.items()}
    return Inventory(done.returncode, done.stdout + done.stderr, hosts, groups)


def _plain(value: t.Any) -> t.Any:
    """Without the marks of texts that are no templates."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if "__ansible_unsafe" in value else {k: _plain(v) for k, v in value.items()}
    return value
