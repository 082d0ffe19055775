# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of all action stubs: a module's own code, run inside the Ansible worker.

An ordinary module costs about 200 ms of controller CPU for each host and task, this about 12 ms. Everything heavy is
imported at the top of this file, so that the parent process loads it once, before it forks.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.axis.vapix.plugins.module_utils.engine import connection
from ansible_collections.axis.vapix.plugins.module_utils.engine.options import understand
from ansible_collections.axis.vapix.plugins.module_utils.engine.task import Task, perform
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import Command, Resource

_ASYNC_NEEDS_A_MACHINE = (
    "with async the task has to be delegated to a machine that runs it, because a device runs no Python. "
    "Add delegate_to: localhost to the task."
)


class VapixAction(ActionBase):
    """An action that does what the module of the same name declares."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_async = True  # by handing over to the real module

    #: What the module declares; set by each stub.
    declared: Resource | Command

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        self._origins: dict[str, str] = {}
        args = self._with_defaults(plain(self._task.args), task_vars)
        problem = self.conflict(args, str(task_vars.get("inventory_hostname")))
        if problem is not None:
            return {"failed": True, "changed": False, "msg": self._explain([problem])}
        if self._task.async_val or self._runs_elsewhere(task_vars.get("inventory_hostname")):
            return self._hand_over(args, task_vars)
        understood = understand(self.declared, args)
        if understood.problems:
            return {"failed": True, "changed": False, "msg": self._explain(understood.problems)}
        for text in understood.deprecated:
            self._display.warning(f"axis.vapix.{self.declared.name}: {text}. Use the new one.")
        host = task_vars.get("inventory_hostname")
        task = Task(
            understood.written,
            understood.params,
            bool(self._task.check_mode),
            progress=lambda text: self._display.display(f"[{host}] {text}"),
            warn=lambda text: self._display.warning(f"[{host}] {text}"),
        )
        return perform(self.declared, task)

    def conflict(self, args: t.Mapping[str, t.Any], host: str) -> str | None:
        """What is wrong between hosts of the run, which no device can know; None for nothing.

        :param args: as the user wrote them, not validated yet. :param host: name in the inventory.
        """
        return None

    def _runs_elsewhere(self, host: str | None) -> bool:
        """Whether the task is delegated to another machine, from which the device is to be reached."""
        return bool(self._task.delegate_to) and self._task.delegate_to not in (*C.LOCALHOST, host)

    def _with_defaults(self, args: dict[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Fill connection options that the task leaves out from the variables of the host, then from the environment.

        The environment is that of the controller, wherever the task runs.
        """
        filled = dict(args)
        for name, row in connection.OPTIONS.items():
            if filled.get(name) is not None:
                continue
            variable = next((variable for variable in row.variables if task_vars.get(variable) is not None), None)
            if variable is not None:
                try:
                    filled[name] = plain(self._templar.template(task_vars[variable]))
                except AnsibleError as exc:
                    raise AnsibleActionFail(f"the variable {variable}, needed for the option {name}: {exc}") from exc
                self._origins[name] = f"the variable {variable}"
            elif row.environment in os.environ:
                filled[name] = os.environ[row.environment]
                self._origins[name] = f"the environment variable {row.environment}"
        return filled

    def _hand_over(self, args: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Run the real module on the machine the task is delegated to."""
        if not self._task.delegate_to and self._connection.transport != "local":
            # Ansible asks for the outcome of an asynchronous task over the connection of the host itself.
            return {"failed": True, "changed": False, "msg": self._explain([_ASYNC_NEEDS_A_MACHINE])}
        return self._execute_module(
            module_name=self._task.action,
            module_args=args,
            task_vars=task_vars,
            wrap_async=bool(self._task.async_val),
        )

    def _explain(self, messages: t.Sequence[str]) -> str:
        """The messages, with where an option comes from that the task does not show."""
        text = "; ".join(messages)
        named = [f"{name} is {origin}" for name, origin in self._origins.items() if re.search(rf"\b{name}\b", text)]
        return f"axis.vapix.{self.declared.name}: {text}{' (' + ', '.join(named) + ')' if named else ''}"


def plain(value: t.Any) -> t.Any:
    """A copy without what the templating engine attached to values (origin, trust, encryption)."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return "".join(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)  # dates, vaulted strings
