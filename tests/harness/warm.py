# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook or ansible-inventory, several hundred times: Python and Ansible are loaded once, each run is a fork
of that process.

Half of a short run is spent on loading. What a run does is the same: it is Ansible's own main(), with its own arguments
and output, and it loads the collection anew. Only runs in the same environment share a process, because Ansible takes
its configuration from the environment when it is loaded.

    python warm.py playbook          asked over standard input by WarmAnsible below
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import typing as t


class WarmAnsible:
    """A loaded command of Ansible.

    :param environment: all environment variables, for every run. :param command: ``playbook`` or ``inventory``.
    """

    def __init__(self, environment: t.Mapping[str, str], command: str = "playbook") -> None:
        self.environment = dict(environment)
        self._command = command
        self._process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).resolve()), command],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: t.Sequence[str], variables: t.Mapping[str, str], output: pathlib.Path, limit: float
    ) -> int:
        """Run it and return its exit code.

        :param variables: environment variables that Ansible itself does not read.
        :param output: file that gets everything it prints. :param limit: seconds after which it is killed.
        :raises TimeoutError: it was.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        order = {"arguments": list(arguments), "variables": dict(variables), "output": str(output), "limit": limit}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process that loads Ansible ended with {self._process.wait()}")
        code = int(answer)
        if code == -signal.SIGALRM:
            raise TimeoutError(f"ansible-{self._command} {' '.join(arguments)} took more than {limit:g} seconds")
        return code

    def close(self) -> None:
        """End the process; there is no run under way."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve(command: str) -> None:
    main = importlib.import_module(f"ansible.cli.{command}").main
    answers = os.fdopen(os.dup(1), "w")
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order, f"ansible-{command}", main)
        _pid, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _become(order: dict[str, t.Any], name: str, main: t.Callable[[list[str]], t.Any]) -> t.NoReturn:
    """The run itself. The alarm's default action ends the process."""
    from ansible import constants

    # Ansible makes it when it is loaded, and each run has one of its own.
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(dir=constants.DEFAULT_LOCAL_TMP)
    signal.setitimer(signal.ITIMER_REAL, order["limit"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, target)
    os.environ.update(order["variables"])
    sys.argv = [name, *order["arguments"]]
    try:
        code = main(sys.argv)
    except SystemExit as exc:
        code = exc.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _serve(sys.argv[1])
