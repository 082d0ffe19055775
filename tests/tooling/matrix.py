# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast part of the suite on every supported pair of ansible-core and Python but the default one.

    python tests/tooling/matrix.py [CORE/PYTHON ...]     for example 2.20/3.12; all by default

Each pair has its own environment below .cache/matrix, and runs the unit tests, ansible-test sanity (compile and import
on its own Python; the tests that do not depend on Python once for each core) and the integration smoke tests. Three
pairs run at a time, as much of it is waiting. The last line says which ran.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import threading
import time

import sanity
from support import CACHE, CORES, REPORTS, ROOT, default_pair, interpreters, pairs, version_key

WORK = CACHE / "matrix"
REQUIREMENTS = ROOT / "tests" / "requirements"
WORKERS = 3
# ansible-test keeps environments of its own, by Python and content, and does not expect company when it makes one.
SANITY_LOCKS = {python: threading.Lock() for python in interpreters()}
PRINT_LOCK = threading.Lock()


class Pair:
    """One core series on one Python."""

    def __init__(self, core: str, python: str) -> None:
        self.core, self.python = core, python
        # Some other pair runs all of this core's sanity tests.
        self.repeats = False
        self.name = f"{core}/{python}"
        self.folder = WORK / f"{core}-py{python}"
        self.environment = self.folder / "venv"
        self.log = self.folder / "output.log"
        self.times: dict[str, float] = {}
        self.failed = ""

    def prepare(self) -> None:
        """Make the environment, unless there is one of these very requirements."""
        wanted = ["--constraint", REQUIREMENTS / "constraints.txt", "--requirement", REQUIREMENTS / "test.txt"]
        content = b"".join(path.read_bytes() for path in (wanted[1], wanted[3]))
        core = f"ansible-core=={CORES[self.core][0]}"
        stamp = self.environment / f"ready-{hashlib.sha256(content + core.encode()).hexdigest()[:12]}"
        if stamp.exists():
            return
        shutil.rmtree(self.environment, ignore_errors=True)
        # The outer pip installs: no time for another one, and none of the too old ones that some Pythons bring.
        self.run(interpreters()[self.python], "-m", "venv", "--without-pip", self.environment)
        pip = [sys.executable, "-m", "pip", "--python", self.environment / "bin" / "python", "install", "--quiet"]
        self.run(*pip, *wanted, core)
        stamp.touch()

    def run(self, *command: object, **environment: str) -> None:
        """Run one command, its output into the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(map(str, command))}\n")
            log.flush()
            env = {**os.environ, **environment}
            subprocess.run(list(map(str, command)), cwd=ROOT, env=env, stdout=log, stderr=log, check=True)

    def pytest(self, part: str, *args: str) -> None:
        """Run some tests in the pair's environment."""
        report = REPORTS / f"matrix-{self.core}-py{self.python}-{part}.xml"
        cache = f"cache_dir={self.folder / 'pytest'}"
        self.run(self.environment / "bin" / "python", "-m", "pytest", "-o", cache, f"--junitxml={report}", *args)

    def sanity(self) -> None:
        """Run ansible-test's checks with the pair's controller, on the pair's Python."""
        script = ROOT / "tests" / "tooling" / "sanity.py"
        options = ["--environment", self.environment, "--core", self.core, "--python", self.python]
        options += ["--only-by-python"] if self.repeats else []
        with SANITY_LOCKS[self.python]:
            self.run(sys.executable, script, *options)

    def check(self) -> None:
        """Run every part, also after a failed one, and say how it went."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.write_text("", encoding="utf-8")
        parts = {
            "prepare": self.prepare,
            "unit": lambda: self.pytest("unit", "tests/unit", "--hypothesis-profile=few"),
            "sanity": self.sanity,
            "smoke": lambda: self.pytest("smoke", "tests/integration", "-m", "smoke"),
        }
        for name, part in parts.items():
            begin = time.monotonic()
            try:
                part()
            except subprocess.CalledProcessError as error:
                self.failed += f" {name} (exit code {error.returncode})"
            self.times[name] = time.monotonic() - begin
            if name == "prepare" and self.failed:
                break
        took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.times.items())
        with PRINT_LOCK:
            print(f"matrix: {self.name} {'FAILED in' + self.failed if self.failed else 'passed'} ({took})", flush=True)
            if self.failed:
                print("".join(f"    {line}\n" for line in self.log.read_text(encoding="utf-8").splitlines()[-150:]))


def main(chosen: list[str]) -> int:
    """Run the pairs; return an exit code."""
    possible = [pair for pair in pairs() if pair[1] in interpreters() and pair != default_pair()]
    # Neighbours in the queue have different Pythons, so that they do not wait for each other's lock.
    possible.sort(key=lambda pair: (version_key(pair[0]), version_key(pair[1])))
    todo = [pair for pair in itertools.starmap(Pair, possible) if not chosen or pair.name in chosen]
    complete = {default_pair()[0]}
    for pair in todo:
        pair.repeats = pair.core in complete and not chosen
        complete.add(pair.core)
    REPORTS.mkdir(parents=True, exist_ok=True)
    for report in REPORTS.glob("matrix-*.xml"):
        report.unlink()
    sanity.prepare_home()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(Pair.check, todo))
    failed = [pair.name for pair in todo if pair.failed]
    absent = [pair for pair in pairs() if pair[1] not in interpreters()]
    left_out = [f"{core}/{python} (no interpreter installed)" for core, python in absent]
    left_out.append("{}/{} (the default pair: it runs the whole suite)".format(*default_pair()))
    if chosen:
        left_out.append("what the command line did not name")
    ran = ", ".join(pair.name for pair in todo) or "none"
    print(f"matrix: ran {ran}; failed: {', '.join(failed) or 'none'}; left out: {', '.join(left_out)}")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
