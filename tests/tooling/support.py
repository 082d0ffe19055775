# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this collection supports, and what of that this machine has. Everything else in here builds on these tables."""

from __future__ import annotations

import functools
import glob
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
REPORTS = CACHE / "reports"

# ansible-core series: (the pinned patch release, controller Pythons, Pythons a module may run on)
CORES = {
    "2.18": ("2.18.19", ("3.11", "3.12", "3.13"), ("3.11", "3.12", "3.13")),
    "2.19": ("2.19.14", ("3.11", "3.12", "3.13"), ("3.11", "3.12", "3.13")),
    "2.20": ("2.20.10", ("3.12", "3.13", "3.14"), ("3.11", "3.12", "3.13", "3.14")),
    "2.21": ("2.21.5", ("3.12", "3.13", "3.14"), ("3.11", "3.12", "3.13", "3.14")),
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def version_key(version: str) -> tuple[int, ...]:
    """Sort 3.9 before 3.10."""
    return tuple(int(part) for part in version.split("."))


def newest_core(python: str) -> str:
    """The newest core series whose controller runs on this Python."""
    return max((series for series, core in CORES.items() if python in core[1]), key=version_key)


def default_pair() -> tuple[str, str]:
    """(core series, Python) of the .venv this runs in."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return newest_core(python), python


def pairs() -> list[tuple[str, str]]:
    """All (core series, Python) we support, installed or not."""
    return [(series, python) for series, core in CORES.items() for python in core[1]]


def _candidates() -> list[str]:
    """Folders that may hold interpreters: what we run in, PATH, and pyenv's versions."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    folders = [os.path.join(sys.base_prefix, "bin"), *os.environ.get("PATH", "").split(os.pathsep)]
    installed = glob.glob(os.path.join(glob.escape(pyenv), "versions", "*", "bin"))
    return folders + sorted(installed, reverse=True)


@functools.cache
def interpreters() -> dict[str, pathlib.Path]:
    """Python version -> the real interpreter, for every supported version found.

    Each candidate is asked where it really lives: pyenv's shims and virtual environments are only doors to another one,
    and ansible-test cannot use them. An interpreter that cannot make virtual environments is of no use either.
    """
    ask = "import sys, venv, ensurepip; print(sys.base_prefix)"
    found: dict[str, pathlib.Path] = {}
    for version in PYTHONS:
        for folder in _candidates():
            path = os.path.join(folder, f"python{version}")
            if not os.access(path, os.X_OK):
                continue
            answer = subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False)
            real = pathlib.Path(answer.stdout.strip(), "bin", f"python{version}")
            if answer.returncode == 0 and real.exists():
                found[version] = real
                break
    return found


def real_path() -> str:
    """A PATH that begins with the real interpreters and has no pyenv shims."""
    real = [str(path.parent) for path in interpreters().values()]
    rest = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join([*real, *(folder for folder in rest if not folder.endswith("/shims"))])


if __name__ == "__main__":
    for version, where in interpreters().items():
        print(version, where)
