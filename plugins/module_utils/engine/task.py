# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One task on one device, the same in the Ansible worker and in a module that runs elsewhere."""

from __future__ import annotations

import dataclasses
import traceback
import typing as t

from ..device.device import Device
from ..model.option import Document
from ..model.option import secrets as secret_options
from ..model.resource import Command, Declared, Resource, Returned
from ..wire.errors import BadAnswer, VapixError, printable
from .connection import open_session
from .options import wanted
from .reconcile import reconcile, unforeseen
from .redact import Redactor, register

#: What a task returns that failed, for the documentation. The account is there where something is changed.
FAILURE = Returned(
    "dict",
    "The facts of a failure, for programs. The text for people is in RV(ignore:msg).",
    returned="failure",
    contains={
        "api": Returned("str", "The API that failed."),
        "method": Returned("str", "Its method, action or HTTP verb."),
        "http_status": Returned("int", "Status of the HTTP answer."),
        "code": Returned("int", "Error code of the API."),
        "message": Returned("str", "What happened."),
        "applied": Returned("list", "Paths of the changes that were made before the failure.", elements="str"),
        "not_applied": Returned("list", "Paths of the changes that were not made.", elements="str"),
        "unknown": Returned(
            "list", "Paths of the changes of which nobody can say whether they were made.", elements="str"
        ),
    },
)


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
    document = wanted(declared.options, task.written, task.params)
    own = [*secret_options(declared.options, document).values(), *declared.secrets(document)]
    return [str(secret) for secret in (task.params.get("password"), task.params.get("proxy"), *own) if secret]


def perform(declared: Resource | Command, task: Task) -> Document:
    """Do the task and return its result, with C(failed) and C(msg) in it when it failed."""
    hidden = secrets(declared, task)
    register(hidden)
    redactor = Redactor(hidden, accounts=[str(task.params.get("username") or "")], words=declared.words())
    try:
        result = _run(declared, _quiet(task, redactor))
    except VapixError as exc:
        result = _failure(exc)
    except Exception as exc:  # whatever a device answers: the message names it, and is scrubbed
        result = _failure(unforeseen(exc).located(device=str(task.params.get("host")), api=declared.name), exc)
    return t.cast(Document, redactor.value(result))


def _quiet(task: Task, redactor: Redactor) -> Task:
    """The task with lines and warnings that tell no secret, on one line."""
    return dataclasses.replace(
        task,
        progress=lambda text: task.progress(redactor.text(printable(text))),
        warn=lambda text: task.warn(redactor.text(printable(text))),
    )


def _failure(error: VapixError, cause: BaseException | None = None) -> Document:
    result = {
        "failed": True,
        "changed": bool(error.applied or error.unknown),
        "msg": str(error),
        "failure": error.as_failure(),
    }
    cause = cause or error.__cause__
    if isinstance(error, BadAnswer) and cause is not None and not isinstance(cause, VapixError):
        result["exception"] = "".join(traceback.format_exception(cause))
    return result


def _run(declared: Resource | Command, task: Task) -> Document:
    document = wanted(declared.options, task.written, task.params)
    with open_session(task.params) as session:
        device = Device(session, task.progress, task.warn)
        if isinstance(declared, Command):
            declared.refuse(document, device)
            return declared.run(device, document, task.check_mode)
        return reconcile(declared.on(device, document), task.check_mode)
