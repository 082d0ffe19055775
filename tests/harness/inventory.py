# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs real ansible-inventory and tells which hosts and groups it found."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import json
import os
import pathlib
import subprocess
import typing as t

import yaml

from harness.ansible_environment import ansible_environment
from harness.playbook import CANARY, OUTPUT, keep, warnings_in
from harness.warm import WarmAnsible

#: Runs a command somewhere and returns its output as text: here, or in a network namespace.
Runner: t.TypeAlias = t.Callable[..., subprocess.CompletedProcess[str]]


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


def list_inventory(source: pathlib.Path, *options: str, runner: Runner | None = None) -> Inventory:
    """Run ansible-inventory --list. :param runner: runs commands elsewhere, with the options of subprocess.run."""
    arguments = ["--inventory", str(source), "--list", *options]
    if runner is None:
        printed = source.with_suffix(".out")
        code = _warm().run(arguments, {}, printed, 120)
        output = printed.read_text(encoding="utf-8")
    else:
        done = runner(
            ["ansible-inventory", *arguments],
            env=ansible_environment(CANARY), text=True, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        code, output = done.returncode, done.stderr + done.stdout
    keep(output)
    start = output.find("{\n")
    listed = plain(json.JSONDecoder().raw_decode(output, start)[0]) if start >= 0 else {}
    hosts = listed.pop("_meta", {}).get("hostvars", {})
    groups = {name: group.get("hosts", []) for name, group in listed.items()}
    return Inventory(code, output, hosts, groups)


@functools.cache
def _warm() -> WarmAnsible:
    warm = WarmAnsible(ansible_environment(CANARY), "inventory")
    atexit.register(warm.close)
    return warm


def plain(value: t.Any) -> t.Any:
    """Without the marks of texts that are no templates."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if "__ansible_unsafe" in value else {k: plain(v) for k, v in value.items()}
    return value
