# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session for every kind of check; "make test" runs them all, "make help" and "nox --list" list them.

Sessions run in the one .venv that the Makefile prepares. Only the matrix makes environments of its own.
"""

import os
import pathlib
import sys

import nox

ROOT = pathlib.Path(__file__).parent
CACHE = ROOT / ".cache"

nox.options.default_venv_backend = "none"
nox.options.error_on_external_run = False
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
os.environ["ANSIBLE_HOME"] = str(CACHE / "ansible")
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(CACHE / "collections")


def pytest(session: nox.Session, *args: str) -> None:
    """Run pytest, with a report for the summary. It fails by itself where it finds no test."""
    for name in args:
        if name.startswith("tests/") and not (ROOT / name).is_dir():
            session.error(f"{name} is missing: these tests have yet to be written")
    report = CACHE / "reports" / f"{session.name}.xml"
    session.run("python", "-m", "pytest", f"--junitxml={report}", *args, *session.posargs)


def tool(session: nox.Session, name: str, *args: str) -> None:
    """Run one of our helper scripts."""
    session.run("python", f"tests/tooling/{name}.py", *args, *session.posargs)


@nox.session
def ruff(session: nox.Session) -> None:
    """Python style: form, line length, import order, likely mistakes."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly, of what the rest stands on: model, engine and wire."""
    session.run("python", "tests/harness/ansible_environment.py")  # links the collection
    session.run("python", "-m", "mypy")


@nox.session
def ansible_lint(session: nox.Session) -> None:
    """ansible-lint, production profile, warnings included."""
    session.run("python", "tests/harness/ansible_environment.py")  # links the collection, so that playbooks find it
    session.run("ansible-lint", "--profile", "production", "--offline", "--strict", "--nocolor")


@nox.session
def docs(session: nox.Session) -> None:
    """Documentation of plugins and collection."""
    options = ["--plugin-docs", "--validate-collection-refs", "self", "--skip-rstcheck"]
    session.run("antsibull-docs", "lint-collection-docs", *options, ".")


@nox.session
def changelog(session: nox.Session) -> None:
    """Changelog fragments and configuration."""
    session.run("antsibull-changelog", "lint")


@nox.session
def license(session: nox.Session) -> None:
    """Every file says under which licence it is."""
    session.run("reuse", "lint", "--lines")


@nox.session
def unit(session: nox.Session) -> None:
    """Unit tests, and the gates that no part of a module is missing."""
    pytest(session, "tests/unit", "tests/tooling", "--numprocesses=auto")


@nox.session
def resources(session: nox.Session) -> None:
    """The promises of every resource on every generation, and every fault at every request."""
    pytest(session, "tests/resources", "--numprocesses=auto")


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Every kind of fault at every request of every resource; "resources" leaves out some of those that take long."""
    session.env["AXIS_VAPIX_ALL_FAULTS"] = "1"
    pytest(session, "tests/resources", "-k", "test_faults", "--numprocesses=auto")


@nox.session
def fidelity(session: nox.Session) -> None:
    """The simulator against recordings of real devices and against a client that is not ours."""
    pytest(session, "tests/fidelity", "--numprocesses=auto")


@nox.session
def integration(session: nox.Session) -> None:
    """Real ansible-playbook against the simulator."""
    # More than the cores: most of it is waiting for restarts.
    pytest(session, "tests/integration", "--numprocesses=4")


@nox.session
def tarball(session: nox.Session) -> None:
    """The collection as users get it: built, installed to a clean path, documented, imported, used."""
    tool(session, "tarball")
    session.env["AXIS_VAPIX_COLLECTIONS_PATH"] = str(CACHE / "tarball" / "installed")
    pytest(session, "tests/integration", "-m", "smoke", "--numprocesses=auto")


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test sanity on every interpreter installed."""
    tool(session, "sanity")


@nox.session
def matrix(session: nox.Session) -> None:
    """Unit, sanity and integration smoke on every other pair of ansible-core and Python."""
    tool(session, "matrix")


@nox.session
def canary(session: nox.Session) -> None:
    """No secret in any output: the last gate, it also reads what the sessions before it left behind."""
    script = "tests/canary.py"
    if not (ROOT / script).is_file():
        session.error(f"{script} is missing: it has yet to be written")
    session.run("python", script, *session.posargs)
