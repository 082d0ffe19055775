# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module is not done before it has all its parts. Which modules there are is read from the file system."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest
import yaml
from support import ROOT

PLUGINS = ROOT / "plugins"


def names(folder: str) -> list[str]:
    """The plugins of one kind."""
    return sorted(path.stem for path in (PLUGINS / folder).glob("*.py") if not path.stem.startswith("_"))


MODULES = names("modules")


def documentation(path: pathlib.Path) -> dict:
    """The DOCUMENTATION of a plugin, read without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return yaml.safe_load(ast.literal_eval(node.value))
    return {}


def action_group() -> list[str]:
    """The modules that take defaults from module_defaults: group/axis.vapix.vapix."""
    return yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]["vapix"]


def collection_version() -> str:
    """The version galaxy.yml gives."""
    return yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def integration_tests() -> str:
    """All text of the integration tests: Python and playbooks."""
    kinds = (".py", ".yml", ".yaml", ".j2")
    paths = (ROOT / "tests" / "integration").rglob("*")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.suffix in kinds)


def as_key(version: str) -> tuple[int, ...]:
    """Make versions comparable."""
    return tuple(int(number) for number in re.findall(r"\d+", str(version))[:3])


def test_there_are_modules():
    """Without this, the tests below could all pass on nothing."""
    assert MODULES


@pytest.mark.parametrize("module", MODULES)
def test_module_has_an_action_stub(module):
    """Without the stub a task starts a process of its own for each host: more than ten times slower."""
    assert (PLUGINS / "action" / f"{module}.py").is_file()


@pytest.mark.parametrize("action", names("action"))
def test_action_has_a_module(action):
    """An action without a module has no documentation, and cannot run where a task is delegated to."""
    assert action in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_module_is_in_the_action_group(module):
    """Else its connection options do not come from module_defaults."""
    assert module in action_group()


def test_action_group_names_only_modules():
    """A name that is no module is a typo or a removed module."""
    assert set(action_group()) <= set(MODULES)


@pytest.mark.parametrize(
    "folder, plugin", [(kind, name) for kind in ("modules", "inventory", "filter") for name in names(kind)]
)
def test_plugin_says_since_when(folder, plugin):
    """The changelog lists new plugins by version_added; a version to come would never be listed."""
    added = documentation(PLUGINS / folder / f"{plugin}.py").get("version_added")
    assert added, "no version_added in DOCUMENTATION"
    version = collection_version()
    assert as_key(added) <= as_key(version), f"added in {added}, but the collection is {version}"


@pytest.mark.parametrize("module", MODULES)
def test_module_has_an_integration_test(module):
    """It has a proof, whose first step real ansible-playbook runs, or is named by its full name in a playbook."""
    proven = (ROOT / "tests" / "resources" / f"{module}.py").is_file()
    assert proven or re.search(rf"\baxis\.vapix\.{re.escape(module)}\b", integration_tests())
