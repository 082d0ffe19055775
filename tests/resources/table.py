# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All proofs: the files of this folder that have one."""

from __future__ import annotations

import importlib
import pathlib

from resources.proof import Proof

_OURS = {"bench", "conftest", "proof", "table"}
HERE = pathlib.Path(__file__).parent

PROOFS: dict[str, Proof] = {
    path.stem: importlib.import_module(f"resources.{path.stem}").PROOF
    for path in sorted(HERE.glob("*.py"))
    if path.stem not in _OURS and not path.stem.startswith("test_")
}
