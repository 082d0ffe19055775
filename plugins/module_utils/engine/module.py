# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Run what a module declares as a real Ansible module: on a jump host, asynchronously, or by hand."""

from __future__ import annotations

import copy
import typing as t

from ansible.module_utils import basic

from ..model.resource import Command, Declared, Resource
from .options import argument_spec, in_words_of_today, type_problems, without_nulls
from .task import Task, perform, secrets


def run_module(declared: Resource | Command) -> None:
    """The whole main() of a module."""
    module, written = _module(declared)
    if problems := type_problems(declared, written):
        module.fail_json(msg="; ".join(problems), changed=False)
    task = Task(written, module.params, module.check_mode, warn=module.warn)
    # Also keeps them out of the arguments that Ansible echoes with the result.
    module.no_log_values.update(secrets(declared, task))
    result = perform(declared, task)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def _module(declared: Declared) -> tuple[t.Any, dict[str, t.Any]]:
    """The module, and what was written: validation fills every gap with null."""
    written: dict[str, t.Any] = {}
    deprecated: list[str] = []

    # ansible-lint puts a class of its own in the place of AnsibleModule, which ends here. So the class is looked up
    # when it is needed: no linter reaches a device.
    class Module(basic.AnsibleModule):
        def _load_params(self) -> None:
            super()._load_params()
            found, texts = in_words_of_today(declared.options, copy.deepcopy(self.params))
            # Ansible hands over what it needs itself in the same place.
            written.update((name, value) for name, value in found.items() if not str(name).startswith("_ansible_"))
            deprecated.extend(texts)
            self.params = without_nulls(declared.options, found)

    module = Module(argument_spec=argument_spec(declared), supports_check_mode=True, **declared.constraints)
    for text in deprecated:
        module.warn(f"{text}. Use the new one.")
    return module, written
