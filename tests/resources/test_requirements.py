# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each resource works with the Python packages that it names, and no others."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from harness.fleet import Fleet
from resources.bench import RESOURCES, Bench, declared
from resources.table import PROOFS

#: By the name under which they are installed, what they are imported as.
PACKAGES = {
    "requests": "requests",
    "requests-toolbelt": "requests_toolbelt",
    "jmespath": "jmespath",
    "deepdiff": "deepdiff",
    "cryptography": "cryptography",
    "defusedxml": "defusedxml",
}

#: Runs a task twice where some packages cannot be imported.
SCRIPT = """
import importlib, json, sys
path, name, written, blocked = json.loads(sys.stdin.read())

class Blocker:
    def find_spec(self, module, *args):
        if module.split(".")[0] in blocked:
            raise ImportError(f"{module} is not there")

sys.meta_path.insert(0, Blocker())
sys.path[:0] = path
declared = importlib.import_module(name).DECLARED
engine = "ansible_collections.axis.vapix.plugins.module_utils.engine."
options, task = importlib.import_module(engine + "options"), importlib.import_module(engine + "task")
for changed in (True, False):
    found = options.understand(declared, written)
    assert not found.problems, found.problems
    result = task.perform(declared, task.Task(found.written, found.params))
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is changed
"""


@pytest.mark.parametrize("name", [name for name, proof in PROOFS.items() if proof.cases])
def test_a_resource_needs_what_it_names(name: str, fleet: Fleet) -> None:
    case = next(case for case in PROOFS[name].cases)
    bench = Bench(fleet, case.profiles[0], PROOFS[name])
    needed = declared(name).requirements
    assert set(needed) <= set(PACKAGES)
    blocked = [module for package, module in PACKAGES.items() if package not in needed]
    job = (sys.path, f"{RESOURCES}.{name}", bench.written(case.steps[0].args), blocked)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(job), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
