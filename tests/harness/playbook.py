# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs real ansible-playbook and tells what each task returned for each host."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import itertools
import json
import os
import pathlib
import re
import subprocess
import typing as t

import yaml

from harness.ansible_environment import CACHE, ansible_environment
from harness.warm import WarmAnsible

#: Everything a run printed is kept here, for the gate that looks for secrets.
OUTPUT = CACHE / "output"
#: The password of all simulated devices. It must not turn up in any output.
CANARY = "hunter2-CANARY-7f3a"

_NUMBER = itertools.count()
# What Ansible itself has to say of an inventory and Python that are ours.
_HARMLESS = re.compile(
    r"ansible-core .* (end of life|no longer)|Python \d|deprecated in a future|discovered Python interpreter"
)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one task returned for one host."""

    status: str
    host: str
    task: str
    result: dict[str, t.Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def message(self) -> str:
        return str(self.result.get("msg", ""))


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run of ansible-playbook."""

    code: int
    output: str
    outcomes: list[Outcome]

    def of(self, host: str, task: str | None = None) -> Outcome:
        """The outcome of a host, of the task named or of its only one."""
        found = [o for o in self.outcomes if o.host == host and (task is None or o.task == task)]
        assert len(found) == 1, f"{len(found)} outcomes of {host}, {task or 'any task'}:\n{self.output}"
        return found[0]

    @property
    def warnings(self) -> list[str]:
        """Warnings and deprecations, each on one line."""
        return warnings_in(self.output)


def warnings_in(output: str) -> list[str]:
    """Warnings and deprecations, each on one line, but for those that are none of our business."""
    found = re.findall(
        r"^\[(?:WARNING|DEPRECATION WARNING|ERROR)\]:.*(?:\n(?!\s*$|TASK|PLAY|ok:|changed:|\[).*)*", output, re.M
    )
    lines = [" ".join(warning.split()) for warning in found]
    return [line for line in lines if not _HARMLESS.search(line)]


class OtherMachine(t.NamedTuple):
    """A machine named jump, to delegate to. :param trace: gets a line each time its Python runs."""

    inventory: pathlib.Path
    trace: pathlib.Path


def play(tasks: list[dict[str, t.Any]], hosts: str = "cameras", **keywords: t.Any) -> dict[str, t.Any]:
    """A play on the cameras."""
    return {"name": "Test", "hosts": hosts, "gather_facts": False, "tasks": tasks, **keywords}


def run_playbook(
    plays: list[dict[str, t.Any]] | pathlib.Path,
    inventory: pathlib.Path | str | t.Sequence[pathlib.Path | str],
    *options: str,
    scratch: pathlib.Path,
    environment: t.Mapping[str, str] | None = None,
    timeout: float = 240,
) -> Run:
    """Run plays (or a playbook file) and return what came of them."""
    number = next(_NUMBER)
    results = scratch / f"results-{number}.jsonl"
    if isinstance(plays, pathlib.Path):
        playbook = plays
    else:
        playbook = scratch / f"playbook-{number}.yml"
        playbook.write_text(yaml.safe_dump(plays, sort_keys=False))
    sources = [inventory] if isinstance(inventory, (str, pathlib.Path)) else list(inventory)
    arguments = [*itertools.chain(*(("-i", str(source)) for source in sources)), str(playbook), *options]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    output = scratch / f"output-{number}.txt"
    code = _run(arguments, dict(environment or {}), {"AXIS_RESULTS": str(results)}, output, timeout)
    text = output.read_text(encoding="utf-8")
    lines = results.read_text().splitlines() if results.exists() else []
    keep(text + "\n".join(lines))
    return Run(code, text, [Outcome(**json.loads(line)) for line in lines])


def _run(
    arguments: list[str],
    environment: dict[str, str],
    variables: dict[str, str],
    output: pathlib.Path,
    timeout: float,
) -> int:
    if not environment:
        return _warm().run(arguments, variables, output, timeout)
    with output.open("wb") as file:
        done = subprocess.run(
            ["ansible-playbook", *arguments],
            env=_environment() | environment | variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
    return done.returncode


@functools.cache
def _warm() -> WarmAnsible:
    warm = WarmAnsible(_environment())
    atexit.register(warm.close)
    return warm


def _environment() -> dict[str, str]:
    return ansible_environment(CANARY) | {
        "ANSIBLE_CALLBACK_PLUGINS": str(pathlib.Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "axis_results",
        "ANSIBLE_FORKS": "4",
        "ANSIBLE_ASYNC_DIR": str(OUTPUT / "async"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(OUTPUT / f"facts-{os.getpid()}"),
        "ANSIBLE_LOG_PATH": str(OUTPUT / f"ansible-{os.getpid()}.log"),
    }


def keep(text: str) -> None:
    """Keep what was printed for the gate that looks for secrets."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with (OUTPUT / f"playbook-{os.getpid()}.txt").open("a", encoding="utf-8") as file:
        file.write(text)
