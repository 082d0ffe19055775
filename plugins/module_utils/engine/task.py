# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One task on one device, the same in the Ansible worker and in a module that runs elsewhere."""

from __future__ import annotations

import dataclasses
import traceback
import typing as t

from ..device.device import Device
from ..model.declaration import Command, Declared, Document, Resource
from ..wire.errors import BadAnswer, NotSupported, VapixError
from .connection import open_session
from .options import wanted
from .reconcile import nothing_to_do, reconcile
from .redact import register, scrub


@dataclasses.dataclass(frozen=True)
class Task:
    """What Ansible hands over.

    :param written: the options as the user wrote them. :param params: the same after validation.
    :param progress: shows a line about work that takes long, where somebody can see it.
    :param warn: shows a warning.
    """

    written: t.Mapping[str, t.Any]
    params: t.Mapping[str, t.Any]
    check_mode: bool = False
    progress: t.Callable[[str], None] = lambda text: None
    warn: t.Callable[[str], None] = lambda text: None


def secrets(declared: Declared, task: Task) -> list[str]:
    """All values of a task that must not be shown."""
    own = declared.secrets(wanted(declared.options, task.written, task.params))
    return [str(secret) for secret in (task.params.get("password"), task.params.get("proxy"), *own) if secret]


def perform(declared: Resource | Command, task: Task) -> Document:
    """Do the task and return its result, with C(failed) and C(msg) in it when it failed."""
    hidden = secrets(declared, task)
    register(hidden)
    try:
        result = _run(declared, task)
    except VapixError as exc:
        result = _failure(exc)
    except Exception as exc:  # whatever a device answers: the message shall name it, and be scrubbed
        problem = f"the device answered something nobody thought of ({type(exc).__name__}: {exc})"
        remedy = "Report this with the device's model and AXIS OS version"
        result = _failure(BadAnswer(problem, remedy=remedy, device=str(task.params.get("host")), api=declared.name))
        result["exception"] = traceback.format_exc()
    return scrub(result, hidden)


def _failure(exc: VapixError) -> Document:
    return {"failed": True, "changed": bool(exc.applied), "msg": str(exc), "failure": exc.as_failure()}


def _run(declared: Resource | Command, task: Task) -> Document:
    document = wanted(declared.options, task.written, task.params)
    with open_session(task.params) as session:
        device = Device(session, task.progress, task.warn)
        if isinstance(declared, Command):
            return declared.run(device, document, task.check_mode)
        try:
            target = declared.on(device, document)
        except NotSupported as exc:
            if document.get("on_unsupported") != "warn":
                raise
            device.warn(f"{exc}. It is left out.")
            return nothing_to_do()
        return reconcile(target, task.check_mode)
