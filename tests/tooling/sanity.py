# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test sanity without containers, and prove that it skipped no Python it could have tested.

    python tests/tooling/sanity.py                         everything, with the ansible-test of this environment
    python tests/tooling/sanity.py --environment DIR --core 2.20 --python 3.12     the same for one pair of the matrix

ansible-test insists on a checkout at .../ansible_collections/axis/vapix, on a home folder, and on a get-pip script from
a server that many networks do not reach. All three are made here, below .cache.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys

from support import CACHE, CORES, ROOT, default_pair, interpreters, real_path

HOME = CACHE / "home"
# Not ensurepip's pip: that of Python 3.12.1 fails on TLS where pip has to use the system's certificates, and starting
# ensurepip costs seconds for each of the many environments ansible-test makes.
PIP = "pip==26.2"
# The names under which the supported versions of ansible-test look for their get-pip script.
GET_PIP_NAMES = ("get_pip_24_2.py", "get_pip_25_2.py")
# The tests that are made again on each Python; the others do not depend on it.
BY_PYTHON = ("compile", "import")
GET_PIP = '''\
"""Stand-in for get-pip.py: unpacks the pip wheel that lies beside this file."""
import glob, os, sysconfig, zipfile

wheel = glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-*.whl"))[0]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(sysconfig.get_path("purelib"))
'''


def pip_settings() -> configparser.RawConfigParser:
    """The outer pip's settings as a file: ansible-test drops its environment, and the home folder is not the user's."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(:env:|\w+)\.([\w-]+)=(.*)$", listing, re.MULTILINE)
    config = configparser.RawConfigParser()
    config.read_dict({"global": {"quiet": "2"}, "install": {"no-compile": "true"}})
    if proxy := os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"):
        config.set("global", "proxy", proxy)
    # The environment last, as it wins in pip.
    for section, option, value in sorted(found, key=lambda item: item[0] == ":env:"):
        section = "global" if section == ":env:" else section
        if not config.has_section(section):
            config.add_section(section)
        config.set(section, option, ast.literal_eval(value))
    return config


def write(path: pathlib.Path, text: str) -> None:
    """Write a file of the home folder, unless it is right already: another pair of the matrix may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # an index address may hold a password
    if path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def prepare_home() -> None:
    """A home folder for ansible-test: pip's settings and the get-pip stand-in. Safe to run again."""
    settings = io.StringIO()
    pip_settings().write(settings)
    write(HOME / ".config" / "pip" / "pip.conf", settings.getvalue())
    scripts = HOME / ".ansible" / "test" / "cache"
    scripts.mkdir(parents=True, exist_ok=True)
    if not list(scripts.glob("pip-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scripts, PIP]
        subprocess.run(command, check=True)
    for name in GET_PIP_NAMES:
        write(scripts / name, GET_PIP)


def git_files() -> list[str]:
    """What a commit of the checkout would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and os.path.lexists(ROOT / name)]


def copy_checkout(target: pathlib.Path, everything: bool) -> None:
    """Make target a git repository with the checkout's files; tests/output in it (ansible-test's cache) survives.

    Not everything: what users get, without the tests. Linting those (most of the time goes into that) once is enough.
    """
    wanted = {name for name in git_files() if everything or not name.startswith("tests/") or name == "tests/config.yml"}
    for folder, _folders, names in os.walk(target):
        for name in names:
            path = pathlib.Path(folder, name)
            relative = path.relative_to(target).as_posix()
            if relative not in wanted and not relative.startswith((".git/", "tests/output/")):
                path.unlink()
    for name in wanted:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(ROOT / name):  # somebody may be working in the checkout
            shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)
    subprocess.run(["git", "add", "--all"], cwd=target, check=True)


def missing_proof(output: str, pythons: list[str]) -> list[str]:
    """Which of the multi-version tests did not run on which of the given Pythons."""
    missing = []
    for test in BY_PYTHON:
        for python in pythons:
            ran = f'Running sanity test "{test}" on Python {python}\n' in output
            skipped = re.search(rf'Skipping sanity test "{test}" on Python {re.escape(python)}\b', output)
            if not ran or skipped:
                missing.append(f"{test} on Python {python}")
    return missing


def ignores() -> list[str]:
    """Lines in sanity ignore files; we want none."""
    found = []
    for path in (ROOT / "tests" / "sanity").glob("ignore-*.txt"):
        found += [f"{path.name}: {line}" for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return found


def run(
    environment: pathlib.Path, core: str, python: str, every_python: bool, only_by_python: bool, extra: list[str]
) -> int:
    """Run sanity with the ansible-test of that environment; return an exit code."""
    prepare_home()
    target = CACHE / "sanity" / f"{core}-py{python}" / "ansible_collections" / "axis" / "vapix"
    copy_checkout(target, every_python)
    pythons = [version for version in interpreters() if version in CORES[core][2]] if every_python else [python]
    only = [] if every_python else ["--python", python]
    only += [option for test in BY_PYTHON for option in ("--test", test)] if only_by_python else []
    programs = environment / "bin"
    command = [programs / "python", programs / "ansible-test", "sanity", "--venv", "--color", "no", "--truncate", "0"]
    env = {**os.environ, "HOME": str(HOME), "PATH": real_path()}
    output_to = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen([*command, *only, *extra], cwd=target, env=env, **output_to)
    output = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        output += line
    failures = [f"ansible-test ended with {code}"] if (code := process.wait()) else []
    if not any(option.startswith(("--test", "--skip-test")) for option in extra):
        failures += [f"not run: {what}" for what in missing_proof(output, pythons)]
    failures += [f"ignored, but nothing may be: {line}" for line in ignores()]
    for failure in failures:
        print(f"sanity: {failure}")
    if not failures:
        part = "" if every_python else " (without tests/)"
        part += ", nothing but what depends on Python" if only_by_python else ""
        print(f"sanity: passed on ansible-core {core}{part}; compile and import ran on Python {', '.join(pythons)}")
    return 1 if failures else 0


def main() -> int:
    """Command line."""
    default_core, default_python = default_pair()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environment", type=pathlib.Path, default=pathlib.Path(sys.prefix))
    parser.add_argument("--core", default=default_core, help="series of the environment's ansible-core")
    parser.add_argument("--python", help="controller's Python; only this one is tested then (default: all installed)")
    parser.add_argument("--only-by-python", action="store_true", help="only the tests whose outcome depends on Python")
    options, extra = parser.parse_known_args()
    python = options.python or default_python
    every_python = not options.python
    return run(options.environment.resolve(), options.core, python, every_python, options.only_by_python, extra)


if __name__ == "__main__":
    sys.exit(main())
