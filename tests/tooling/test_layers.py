# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that the rooms of module_utils import downwards only, as CONTRIBUTING shows them."""

from __future__ import annotations

import ast
import pathlib

import pytest

ROOMS = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "module_utils"
#: What each room may import, beside itself.
BELOW = {
    "wire": set(),
    "crypto": {"wire"},
    "device": {"wire", "crypto"},
    "model": {"wire", "device"},
    "resources": {"wire", "crypto", "device", "model"},
    "engine": {"wire", "device", "model"},
    "document": {"wire", "device", "model", "engine", "resources"},
    "commands": {"wire", "crypto", "device", "model", "engine", "document"},
    "discovery": {"wire", "device"},
}


def imported(path: pathlib.Path) -> set[str]:
    """The rooms that a file imports from."""
    here = path.relative_to(ROOMS).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level > len(here):
            found |= {(node.module or alias.name).split(".")[0] for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(ROOMS.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOMS)))
def test_a_room_stands_on_what_is_below_it(path: pathlib.Path) -> None:
    room = path.relative_to(ROOMS).parts[0]
    assert imported(path) <= BELOW[room]


def test_every_room_has_a_floor() -> None:
    assert {path.name for path in ROOMS.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(BELOW)
