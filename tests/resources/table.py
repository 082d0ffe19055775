# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All proofs: the files of this folder that have one."""

from __future__ import annotations

import importlib
import pathlib

from resources.proof import HTTPS_PORT, Proof

_OURS = {"bench", "conftest", "proof", "table"}
HERE = pathlib.Path(__file__).parent

PROOFS: dict[str, Proof] = {
    path.stem: importlib.import_module(f"resources.{path.stem}").PROOF
    for path in sorted(HERE.glob("*.py"))
    if path.stem not in _OURS and not path.stem.startswith("test_")
}

#: Those that need no port for HTTPS beside that for HTTP, which the playbooks of the integration tests have not.
IN_PLAYBOOKS = {name: proof for name, proof in PROOFS.items() if HTTPS_PORT not in proof.always.values()}
