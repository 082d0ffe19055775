# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Run what a module declares as a real Ansible module: on a jump host, asynchronously, or by hand."""

from __future__ import annotations

import copy
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ..model.resource import Command, Declared, Resource
from .options import argument_spec, without_nulls
from .task import Task, perform, secrets


class _Module(AnsibleModule):
    """AnsibleModule that remembers what was written: validation fills every gap with null."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        super().__init__(argument_spec=argument_spec(declared), supports_check_mode=True, **declared.constraints)

    def _load_params(self) -> None:
        super()._load_params()
        self.written: dict[str, t.Any] = copy.deepcopy(self.params)
        self.params = without_nulls(self._declared.options, self.params)


def run_module(declared: Resource | Command) -> None:
    """The whole main() of a module."""
    module = _Module(declared)
    task = Task(module.written, module.params, module.check_mode, warn=module.warn)
    # Also keeps them out of the arguments that Ansible echoes with the result.
    module.no_log_values.update(secrets(declared, task))
    result = perform(declared, task)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
