# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read, compare, plan, apply, read back: the same for every resource."""

from __future__ import annotations

import time
import typing as t

from ..model.declaration import Change, Document, Target
from ..wire.errors import NotTaken, VapixError

#: Pauses between readings while a change has not shown yet, in seconds: some setters answer before they take effect.
SETTLE = (0.2, 0.5, 1.0, 2.0)

HIDDEN_BEFORE, HIDDEN_AFTER = "<hidden>", "<hidden, to be set>"


def reconcile(target: Target, check_mode: bool) -> Document:
    """Bring a resource on a device to what is wanted and return the result of the task.

    :raises VapixError: with ``applied`` and ``not_applied`` filled when it happened after the first write.
    """
    plan = target.plan(target.read())
    if plan and not check_mode:
        _apply(target, plan)
    return _result(target.api, plan) | target.outcome()


def nothing_to_do() -> Document:
    """The result where a device does not have the resource, and the user wants to go on then."""
    return _result(None, [])


def _result(api: str | None, plan: t.Sequence[Change]) -> Document:
    return {
        "changed": bool(plan),
        "api": api,
        "changes": [_shown(change) for change in plan],
        "diff": _diff(plan),
        "reboot_required": any(change.risk == "reboots" for change in plan),
    }


def _apply(target: Target, plan: list[Change]) -> None:
    try:
        target.write(plan)
    except VapixError as exc:
        if exc.applied is None:
            exc.applied, exc.not_applied = _account(target, plan)
        exc.located(api=target.api)
        raise
    try:
        left = _open_after(target, plan, SETTLE)
    except VapixError as exc:
        exc.applied, exc.not_applied = [], [change.path for change in plan]
        exc.located(api=target.api)
        raise
    if left:
        paths = [change.path for change in left]
        error = NotTaken(
            f"the device answered success, but these did not take: {', '.join(paths)}",
            remedy="Another setting may overrule them, or the device ignores the value",
            device=str(target.device),
            api=target.api,
        )
        error.applied = [change.path for change in plan if change.path not in paths]
        error.not_applied = paths
        raise error


def _open_after(target: Target, plan: list[Change], pauses: t.Sequence[float]) -> list[Change]:
    """The changes that are still to be made after writing, given some time to take effect."""
    for pause in (*pauses, None):
        left = [change for change in target.plan(target.read()) if change.provable]
        if not left or pause is None:
            return left
        time.sleep(pause)
    return []


def _account(target: Target, plan: list[Change]) -> tuple[list[str], list[str]]:
    """After a failure, read what really was applied; when that fails too, claim nothing."""
    try:
        left = {change.path for change in target.plan(target.read())}
    except VapixError:
        return [], [change.path for change in plan]
    paths = [change.path for change in plan]
    return [path for path in paths if path not in left], [path for path in paths if path in left]


def _shown(change: Change) -> Document:
    before, after = _values(change)
    return {"path": change.path, "before": before, "after": after, "risk": change.risk}


def _values(change: Change) -> tuple[t.Any, t.Any]:
    if not change.secret:
        return change.before, change.after
    return (
        None if change.before is None else HIDDEN_BEFORE,
        None if change.after is None else HIDDEN_AFTER,
    )


def _diff(plan: t.Sequence[Change]) -> Document:
    """The plan as Ansible shows differences: only what changes, by path."""
    before: Document = {}
    after: Document = {}
    for change in plan:
        old, new = _values(change)
        if old is not None:
            before[change.path] = old
        if new is not None:
            after[change.path] = new
    return {"before": before, "after": after}
