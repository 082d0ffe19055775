# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recompute tests/requirements/constraints.txt: the exact version of everything, on every Python installed here."""

from __future__ import annotations

import collections
import subprocess
import sys
import tempfile

from support import PYTHONS, ROOT, interpreters, version_key

TARGET = ROOT / "tests" / "requirements" / "constraints.txt"
INPUTS = ("core", "test", "lint")
HEADER = """\
# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Written by "make pins"; do not edit.
"""
# Older ansible-core series cannot take the newest of these.
EXTRA = ["resolvelib<1.1"]
# Pinned by core.txt and support.py, which differ from pair to pair.
LEFT_OUT = ("ansible-core",)


def freeze(python: str) -> dict[str, str]:
    """Install the inputs into a scratch environment; return what came with them."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([interpreters()[python], "-m", "venv", "--without-pip", scratch], check=True)
        pip = [sys.executable, "-m", "pip", "--python", f"{scratch}/bin/python"]
        files = [f"-r{ROOT}/tests/requirements/{name}.txt" for name in INPUTS]
        subprocess.run([*pip, "install", "--quiet", *files, *EXTRA], check=True)
        lines = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout.split()
    return dict(line.split("==") for line in lines)


def main() -> None:
    """Merge the Pythons' lists, with markers where they differ. The newest Python's pin holds for newer ones, too."""
    pins: dict[str, dict[str, list[str]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    pythons = [python for python in PYTHONS if python in interpreters()]
    for python in pythons:
        for name, version in freeze(python).items():
            pins[name.lower()][version].append(python)
    lines = []
    for name, versions in sorted(pins.items()):
        for version, where in versions.items():
            if name in LEFT_OUT:
                continue
            marker = ""
            if len(where) < len(pythons):
                tests = [f'python_version == "{python}"' for python in where[:-1]]
                last = max(where, key=version_key)
                tests.append(f'python_version {">=" if last == pythons[-1] else "=="} "{last}"')
                marker = "; " + " or ".join(tests)
            lines.append(f"{name}=={version}{marker}\n")
    TARGET.write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
