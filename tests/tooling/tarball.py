# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection's tarball, look into it, install it to a clean path, and use it from there.

The checkout is on no path in the second half: what works here works for users.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from sanity import git_files
from support import CACHE, ROOT

WORK = CACHE / "tarball"
INSTALLED = WORK / "installed"
COLLECTION = INSTALLED / "ansible_collections" / "axis" / "vapix"
# All that may be at the top of the tarball.
ALLOWED = {
    *("MANIFEST.json", "FILES.json", "README.md", "CHANGELOG.rst", "CONTRIBUTING.md"),
    *("COPYING", "LICENSES", "REUSE.toml"),
    *("changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles"),
}
# What must be in it as it is in git.
SHIPPED = ("meta/", "playbooks/", "plugins/", "roles/")
# Kinds of plugins with documentation of their own.
DOCUMENTED = {"modules": "module", "inventory": "inventory", "filter": "filter", "lookup": "lookup"}


def clean_environment() -> dict[str, str]:
    """An environment whose only collections path is the installed one."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON"))}
    env["ANSIBLE_COLLECTIONS_PATH"] = str(INSTALLED)
    env["ANSIBLE_HOME"] = str(WORK / "home")
    env["ANSIBLE_CONFIG"] = str(ROOT / "tests" / "ansible.cfg")
    return env


def galaxy(*args: str) -> None:
    """Run ansible-galaxy collection, quietly."""
    command = ["ansible-galaxy", "collection", *args]
    subprocess.run(command, cwd=ROOT, env=clean_environment(), check=True, stdout=subprocess.DEVNULL)


def build() -> pathlib.Path:
    """Build from the checkout, with all the litter a developer's checkout has."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    galaxy("build", "--output-path", str(WORK))
    return next(WORK.glob("axis-vapix-*.tar.gz"))


def contents_problems(tarball: pathlib.Path) -> list[str]:
    """What is in the tarball but should not be, and the reverse."""
    with tarfile.open(tarball) as archive:
        names = {member.name for member in archive.getmembers() if not member.isdir()}
    tracked = set(git_files())
    problems = [f"should not be in the tarball: {name}" for name in names if name.split("/")[0] not in ALLOWED]
    made = {"MANIFEST.json", "FILES.json"}
    problems += [f"in the tarball, but not in git: {name}" for name in names - tracked - made]
    problems += [f"missing in the tarball: {name}" for name in tracked - names if name.startswith(SHIPPED)]
    problems += [f"missing in the tarball: {name}" for name in ("README.md", "COPYING") if name not in names]
    return sorted(set(problems))


def run(*command: str) -> subprocess.CompletedProcess:
    """Run a command far from the checkout."""
    return subprocess.run(command, cwd=WORK, env=clean_environment(), capture_output=True, text=True, check=False)


def documentation_problems() -> list[str]:
    """Let ansible-doc show every plugin."""
    problems = []
    for folder, kind in DOCUMENTED.items():
        for path in sorted((COLLECTION / "plugins" / folder).glob("[!_]*.py")):
            name = f"axis.vapix.{path.stem}"
            answer = run("ansible-doc", "--type", kind, "--json", name)
            shown = json.loads(answer.stdout) if answer.returncode == 0 else {}
            source = shown.get(name, {}).get("doc", {}).get("filename", "")
            if not pathlib.Path(source).is_relative_to(INSTALLED) or answer.stderr.strip():
                problems.append(f"ansible-doc {name}: {answer.stderr.strip() or 'no documentation'}")
    return problems


def import_problems() -> list[str]:
    """Import everything of plugins/, from the installed collection and nowhere else."""
    plugins = COLLECTION / "plugins"
    names = [
        ".".join(("ansible_collections.axis.vapix", *path.relative_to(COLLECTION).with_suffix("").parts))
        for path in sorted(plugins.rglob("*.py"))
        if path.name != "__init__.py" and "doc_fragments" not in path.parts
    ]
    script = (
        "import importlib, sys\n"
        f"sys.path.insert(0, {str(INSTALLED)!r})\n"
        f"for name in {names!r}:\n"
        f"    assert importlib.import_module(name).__file__.startswith({str(INSTALLED)!r}), name\n"
    )
    answer = run(sys.executable, "-W", "error", "-c", script)
    return [f"import: {answer.stderr.strip()}"] if answer.returncode else []


def main() -> int:
    """Print each problem; return an exit code."""
    tarball = build()
    problems = contents_problems(tarball)
    galaxy("install", "--offline", "--collections-path", str(INSTALLED), str(tarball))
    if not list((COLLECTION / "plugins" / "modules").glob("*.py")):
        problems.append("there is no module in it")
    problems += documentation_problems() + import_problems()
    for problem in problems:
        print(f"tarball: {problem}")
    if not problems:
        print(f"tarball: {tarball.name} is complete, clean, documented and importable")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
