# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated cameras of all generations, and real ansible-playbook runs against them."""

from __future__ import annotations

import collections.abc
import functools
import pathlib
import sys
import typing as t

import pytest
import yaml
from harness.fleet import Fleet
from harness.playbook import CANARY, OtherMachine, Run, run_playbook

PROFILES = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder for playbooks and logs."""
    return tmp_path_factory.mktemp("integration")


@pytest.fixture(scope="session")
def _generations(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    with Fleet.start(devices=len(PROFILES), profiles=PROFILES, password=CANARY, tmp_path=scratch) as fleet:
        yield fleet


@pytest.fixture
def generations(_generations: Fleet) -> Fleet:
    """One camera of each profile, as new, over HTTP."""
    _generations.clear_faults()
    _generations.reset()
    return _generations


@pytest.fixture(scope="session")
def _secured(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    with Fleet.start(devices=2, profiles=PROFILES[:1], password=CANARY, https=True, tmp_path=scratch) as fleet:
        yield fleet


@pytest.fixture
def secured(_secured: Fleet) -> Fleet:
    """Two cameras with AXIS OS 12, as new, over HTTPS."""
    _secured.clear_faults()
    _secured.reset()
    return _secured


@pytest.fixture
def other_machine(tmp_path: pathlib.Path) -> OtherMachine:
    """Another machine, as far as Ansible can tell: it has a Python of its own."""
    machine = OtherMachine(tmp_path / "jump.yml", tmp_path / "trace")
    python = tmp_path / "python-there"
    python.write_text(f'#!/bin/sh\necho run >> {machine.trace}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    jump = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    machine.inventory.write_text(yaml.safe_dump({"all": {"hosts": {"jump": jump}}}))
    return machine


@pytest.fixture
def ansible_playbook(scratch: pathlib.Path) -> t.Callable[..., Run]:
    """Run plays on an inventory."""
    return functools.partial(run_playbook, scratch=scratch)
