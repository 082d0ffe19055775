# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables in support.py agree with the files that say the same in another form, and the gates can fail."""

from __future__ import annotations

import re
import sys

import sanity
import support
import tarball
import yaml


def read(*parts: str) -> str:
    """Text of a file of the repository."""
    return support.ROOT.joinpath(*parts).read_text(encoding="utf-8")


def test_default_core_is_the_pinned_one():
    """.venv holds the newest core that its Python can run."""
    pinned = dict(re.findall(r'ansible-core==(\S+); python_version (<|>=) "3.12"', read("tests/requirements/core.txt")))
    pinned = {operator: version for version, operator in pinned.items()}
    for python in support.PYTHONS:
        operator = "<" if support.version_key(python) < (3, 12) else ">="
        assert pinned[operator] == support.CORES[support.newest_core(python)][0]


def test_floor_is_the_oldest_core_we_test():
    """meta/runtime.yml promises no core that the matrix does not try."""
    oldest = min(support.CORES, key=support.version_key)
    assert yaml.safe_load(read("meta/runtime.yml"))["requires_ansible"] == f">={oldest}.0"


def test_users_get_what_we_test_with():
    """Each requirement of the execution environment is pinned for the tests, at a version that satisfies it."""
    pins = dict(re.findall(r"^([\w\[\]-]+)==(\S+)$", read("tests/requirements/test.txt"), re.MULTILINE))
    for name, floor in re.findall(r"^([\w\[\]-]+)>=(\S+)$", read("meta/ee-requirements.txt"), re.MULTILINE):
        assert support.version_key(pins[name]) >= support.version_key(floor)


def test_interpreters_are_real():
    """The running Python's version is found, and nothing found is a pyenv shim or in a virtual environment."""
    found = support.interpreters()
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in found
    for path in found.values():
        assert "shims" not in path.parts
        assert not (path.parent.parent / "pyvenv.cfg").exists()


def test_sanity_proof_notices_what_did_not_run():
    """A Python that ansible-test skipped, or never mentioned, is reported."""
    good = 'Running sanity test "compile" on Python 3.11\nRunning sanity test "import" on Python 3.11\n'
    assert sanity.missing_proof(good, ["3.11"]) == []
    assert sanity.missing_proof(good, ["3.11", "3.12"]) == ["compile on Python 3.12", "import on Python 3.12"]
    skipped = 'WARNING: Skipping sanity test "import" on Python 3.11 because it could not be found.\n'
    assert sanity.missing_proof(good + skipped, ["3.11"]) == ["import on Python 3.11"]


def test_tarball_gate_notices_what_should_not_ship(tmp_path):
    """A stray file, a cache and a missing README each give a problem."""
    stray = tmp_path / "stray"
    stray.write_text("x", encoding="utf-8")
    archive = tmp_path / "axis-vapix-0.tar.gz"
    with tarball.tarfile.open(archive, "w:gz") as tar:
        for name in (".venv/pyvenv.cfg", "plugins/__pycache__/x.pyc", "COPYING"):
            tar.add(stray, name)
    problems = tarball.contents_problems(archive)
    assert "should not be in the tarball: .venv/pyvenv.cfg" in problems
    assert "in the tarball, but not in git: plugins/__pycache__/x.pyc" in problems
    assert "missing in the tarball: README.md" in problems
