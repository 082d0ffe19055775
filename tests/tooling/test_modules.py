# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated is up to date, and ansible-lint sees the options of our modules."""

from __future__ import annotations

import graphlib
import json
import pathlib
import socket
import subprocess
import sys

import modules
import pytest
import yaml


def test_generated_files_are_up_to_date() -> None:
    assert modules.stale() == {}, "run: make modules"


@pytest.mark.parametrize(
    "text",
    ["plain", "a: b", "- dash", "it's # no comment", 'with "quotes": and colon ' + "long " * 40, "{brace", "yes"],
)
def test_a_text_is_read_back(text: str) -> None:
    assert yaml.safe_load(f"- {modules._text(text, 2)}") == [text.strip()]


#: Options of tasks and a part of what ansible-lint says about each; "" for nothing.
TASKS = (
    ({"axis.vapix.ntp": {"servers": ["a.example.net"]}}, ""),
    ({"axis.vapix.ntp": {"servers": None}}, ""),
    ({"axis.vapix.ntp": {"enabled": "{{ wanted }}", "host": "127.0.0.1"}}, ""),
    ({"axis.vapix.ntp": {"severs": ["a.example.net"]}}, "Unsupported parameters for (basic.py) module: severs"),
    ({"axis.vapix.ntp": {"source": "dhpc"}}, "value of source must be one of: dhcp, static"),
    ({"axis.vapix.syslog": {"servers": [{"address": "a", "prot": 1}]}}, "prot"),
)


def test_ansible_lint_sees_our_options(tmp_path: pathlib.Path) -> None:
    """A misspelt option is found before anything runs, and linting sends no request."""
    with socket.create_server(("127.0.0.1", 0)) as device:
        address = {"host": "127.0.0.1", "port": device.getsockname()[1], "scheme": "http", "username": "u"}
        tasks = [
            {"name": f"Task {number}"} | {name: address | args for name, args in task.items()}
            for number, (task, _words) in enumerate(TASKS)
        ]
        play = [{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": tasks}]
        (tmp_path / "play.yml").write_text(yaml.safe_dump(play, explicit_start=True, sort_keys=False))
        command = [sys.executable, "-m", "ansiblelint", "--offline", "--nocolor", "-f", "codeclimate", "play.yml"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        device.settimeout(0.1)
        with pytest.raises(TimeoutError):
            device.accept()
    found = [row for row in json.loads(done.stdout) if row["check_name"] == "args[module]"]
    lines = (tmp_path / "play.yml").read_text().splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.lstrip().startswith("- name: Task ")]
    said = dict.fromkeys(range(len(TASKS)), "")
    for row in found:
        line = row["location"].get("lines", row["location"].get("positions", {})).get("begin")
        line = line["line"] if isinstance(line, dict) else line
        said[max(number for number, start in enumerate(starts) if start <= line)] += row["description"]
    for number, (_task, words) in enumerate(TASKS):
        assert (words in said[number]) if words else not said[number], (number, said[number], done.stderr)


def test_resources_stand_on_each_other_in_one_direction() -> None:
    """What a resource comes after exists, and there is no circle."""
    resources = {name: declared for name, (room, declared) in modules.declarations().items() if room == "resources"}
    graph = {name: set(declared.after) for name, declared in resources.items()}
    assert set().union(*graph.values()) <= set(graph)
    list(graphlib.TopologicalSorter(graph).static_order())  # raises where there is a circle
