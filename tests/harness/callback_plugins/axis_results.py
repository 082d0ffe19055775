# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each task result as a line of JSON, for the tests."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: axis_results
type: aggregate
short_description: Task results as lines of JSON
description: Appends one JSON object for each task and host to the file that AXIS_RESULTS names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "axis_results"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, status: str, outcome: object) -> None:
        # ansible-core 2.19 gave the attributes public names.
        host = getattr(outcome, "host", None) or outcome._host
        task = getattr(outcome, "task", None) or outcome._task
        result = getattr(outcome, "result", None)
        result = outcome._result if result is None else result
        line = {"status": status, "host": host.get_name(), "task": task.get_name(), "result": result}
        with open(os.environ["AXIS_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: object) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: object, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_skipped(self, result: object) -> None:
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result: object) -> None:
        self._record("unreachable", result)
