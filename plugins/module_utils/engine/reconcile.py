# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause


"""Read, plan, apply, read back: the same for every resource, and for several of them on one device."""

from __future__ import annotations

import contextlib
import dataclasses
import graphlib
import time
import typing as t

from ..device.device import Device
from ..model.change import Call, Change, Phase, Plan, Secret, Skipped, Step, Unknown, fill
from ..model.compare import equal
from ..model.field import MISSING
from ..model.option import Document
from ..model.resource import Returned, Target, World
from ..wire.errors import BadAnswer, DeviceRefused, NotSupported, NotTaken, VapixError

#: Pauses between readings while a change has not shown yet, in seconds: some setters answer before they take effect.
SETTLE = (0.2, 0.5, 1.0, 2.0)


#: What :func:`result` returns, for the documentation.
RETURNS = {
    "api": Returned("str", "The API of the device that was used."),
    "changes": Returned(
        "list",
        "What was changed, or in check mode would be, in the order in which it is made.",
        elements="dict",
        contains={
            "path": Returned("str", "The option or parameter."),
            "before": Returned("raw", "The value before, null where there was none."),
            "after": Returned("raw", "The value after, null where it is removed."),
            "risk": Returned("str", "One of V(none), V(restarts_service), V(moves_address) and V(reboots)."),
            "note": Returned("str", "What a reader needs to know beside the values.", returned="if there is something"),
        },
    ),
    "reboot_required": Returned("bool", "Whether the device restarts, or has to, for the changes to take effect."),
    "unsupported": Returned(
        "list",
        "What is wanted and the device does not have.",
        elements="dict",
        contains={
            "path": Returned("str", "The option."),
            "reason": Returned("str", "Why it is left out."),
        },
    ),
}

_SECTION = {"section": Returned("str", "The section of the document.")}
#: What :func:`results` returns, for the documentation.
ALL_RETURNS = {
    **{
        name: dataclasses.replace(row, contains=_SECTION | dict(row.contains)) if row.contains else row
        for name, row in RETURNS.items()
        if name != "api"
    },
    "sections": Returned(
        "dict",
        "What each section found, by its name in the document.",
        sample={"ntp": {"api": "network-time-sync v1", "changed": False, "reboot_required": False}},
    ),
}


@dataclasses.dataclass
class Course:
    """How one target goes through a run.

    :param before: the first reading; None where the device does not have the resource.
    :param plan: what is to be done. :param after: the last reading; the first where nothing was done.
    :param told: what the target returns beside the plan, once it was asked.
    """

    target: Target
    before: t.Any
    plan: Plan
    after: t.Any
    started: list[Step] = dataclasses.field(default_factory=list)
    finished: list[Step] = dataclasses.field(default_factory=list)
    told: Document | None = None

    @property
    def api(self) -> str | None:
        """The API that answers for the resource; None where the device has none."""
        return None if self.before is None else self.target.api_of(self.before)


def reconcile(target: Target, check_mode: bool) -> Document:
    """Bring one resource on a device to what is wanted, and return the result of the task.

    :raises VapixError: with ``applied``, ``not_applied`` and ``unknown`` filled if it happened after the first write.
    """
    return result(run([target], check_mode)[0])


def run(targets: t.Sequence[Target], check_mode: bool, on_failure: str = "stop") -> list[Course]:
    """Bring several resources on one device to what is wanted. All are planned before the first is written.

    :param on_failure: ``stop``: nothing more is done. ``continue``: what does not stand on the resource that failed is
        done. ``rollback``: what was done is taken back as far as it can be, the last first.
    :returns: one course for each target, in the order in which they were planned.
    :raises VapixError: as :func:`reconcile`, over all targets.
    """
    for target in targets:
        target.device.remember()
    courses = plan(targets)
    if not check_mode:
        carry_out(courses, on_failure)
    return courses


def carry_out(courses: t.Sequence[Course], on_failure: str = "stop") -> None:
    """Make the steps of planned courses and read them back, see :func:`run`."""
    failed: list[tuple[Course, Exception]] = []
    for course, step in ordered(courses):
        if not any(_stands_on(course, other) for other, _error in failed):
            try:
                course.started.append(step)
                _carry_out(course.target, step.do)
                course.finished.append(step)
            except Exception as exc:
                failed.append((course, exc))
                if on_failure != "continue":
                    break
    if not failed or on_failure == "continue":
        for course in courses:
            try:
                if not any(course is other for other, _error in failed):
                    if course.plan:
                        _prove(course)
                    # What it costs another question can fail, too: then the account has to be there.
                    course.told = _told(course)
            except Exception as exc:
                failed.append((course, exc))
    if failed:
        _fail(failed, courses, on_failure)


def _stands_on(course: Course, other: Course) -> bool:
    """Whether a course is another one, or declared to come after it."""
    return course is other or other.target.resource.name in course.target.resource.after


def _fail(failed: t.Sequence[tuple[Course, Exception]], courses: t.Sequence[Course], on_failure: str) -> t.NoReturn:
    """Raise the first error, with the account of all courses and what else went wrong."""
    errors = [_located(exc, course) for course, exc in failed]
    first, cause = errors[0], failed[0][1]
    if on_failure == "rollback":
        _take_back(courses)
    if first.applied is None:
        _account(first, courses)
    for course, _exc in failed:
        course.target.ends(first, course.plan)
    for error in errors[1:]:
        courses[0].target.device.warn(f"failed as well: {error}")
    if first is cause:
        raise first
    raise first from cause


def plan(targets: t.Sequence[Target]) -> list[Course]:
    """Read and plan all targets, those first that others stand on. Nothing is written."""
    world = World()
    courses = []
    for target in _by_dependency(targets):
        try:
            reading = target.read()
        except NotSupported as exc:
            if not target.skips:
                raise
            if target.warns:
                target.device.warn(f"{exc} It is left out.")
            skipped = Skipped(target.resource.name, exc.problem, target.resource.name)
            courses.append(Course(target, None, Plan(skipped=(skipped,)), None))
            continue
        try:
            found = target.plan(reading, world)
            if found:
                target.verify(found, reading, world)
        except VapixError as exc:
            if isinstance(exc, NotSupported):
                _mind_the_role(exc, target.device)
            exc.located(device=str(target.device), api=target.api_of(reading))
            raise
        world.expect(found)
        for reason, paths in _by_reason(found.skipped if target.warns else ()).items():
            target.device.warn(f"{target.device}: {reason}. It is left out: {', '.join(paths)}.")
        courses.append(Course(target, reading, found, reading))
    return courses


def ordered(courses: t.Sequence[Course]) -> list[tuple[Course, Step]]:
    """The steps of all courses in the order in which they are made: by phase, then by who stands on whom.

    What others stand on is given first and taken last.
    """
    rows = [
        (step.phase, -place if step.phase == Phase.TAKE else place, number, course, step)
        for place, course in enumerate(courses)
        for number, step in enumerate(course.plan.steps)
    ]
    return [(row[3], row[4]) for row in sorted(rows, key=lambda row: row[:3])]


def result(course: Course) -> Document:
    """The result of a task about one resource."""
    changes = [change for _course, step in ordered([course]) for change in step.changes]
    return {
        "changed": bool(course.plan),
        "api": course.api,
        "changes": [shown(change) for change in changes],
        "diff": diff(changes),
        "unsupported": [{"path": skipped.path, "reason": skipped.reason} for skipped in course.plan.skipped],
        "reboot_required": any(change.risk == "reboots" for change in changes),
    } | (_told(course) if course.told is None else course.told)


def _told(course: Course) -> Document:
    """What the target returns beside the plan."""
    return {} if course.before is None else course.target.result(course.plan, course.before, course.after)


def results(courses: t.Sequence[Course]) -> Document:
    """The result of a task about several resources, each with its section."""
    found = {course.target.section: result(course) for course in courses}
    sides = {
        side: {section: one["diff"][side] for section, one in found.items() if one["diff"][side]}
        for side in ("before", "after")
    }
    return {
        "changed": any(one["changed"] for one in found.values()),
        "changes": [
            {"section": course.target.section} | shown(change)
            for course, step in ordered(courses)
            for change in step.changes
        ],
        "diff": sides,
        "unsupported": [{"section": section} | row for section, one in found.items() for row in one["unsupported"]],
        "reboot_required": any(one["reboot_required"] for one in found.values()),
        "sections": {
            section: {name: value for name, value in one.items() if name not in ("changes", "diff", "unsupported")}
            for section, one in found.items()
        },
    }


def shown(change: Change) -> Document:
    """A change as results show it."""
    before, after = change.values
    row = {"path": change.path, "before": before, "after": after, "risk": change.risk}
    return row | {"note": change.note} if change.note else row


def diff(changes: t.Sequence[Change]) -> Document:
    """Changes as Ansible shows differences: only what changes, by path."""
    sides: tuple[Document, Document] = ({}, {})
    for change in changes:
        for side, value in zip(sides, change.values, strict=True):
            if value is not None:
                side[change.path] = value
    return {"before": sides[0], "after": sides[1]}


def _by_dependency(targets: t.Sequence[Target]) -> list[Target]:
    """Those first that others stand on; the given order where that does not matter."""
    if len(targets) < 2:
        return list(targets)
    names = {target.resource.name for target in targets}
    graph = {target.resource.name: [name for name in target.resource.after if name in names] for target in targets}
    place = {name: number for number, name in enumerate(graphlib.TopologicalSorter(graph).static_order())}
    return sorted(targets, key=lambda target: place[target.resource.name])


def _by_reason(skipped: t.Sequence[Skipped]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in skipped:
        found.setdefault(one.reason, []).append(one.path)
    return found


def _carry_out(target: Target, calls: t.Sequence[Call]) -> None:
    for call in calls:
        target.do(Call(call.name, fill(call.arguments, target.secrets())))


def _prove(course: Course) -> None:
    """Read back. What a plan shows as known has to come out so.

    :raises NotTaken: something did not take.
    """
    course.after, left = _settled(course)
    if left:
        raise NotTaken(
            f"the device answered success, but these did not take: {', '.join(map(course.target.place, left))}",
            remedy="Another setting may overrule them, or the device ignores the value",
        )
    for problem in _surprises(course):
        course.target.device.warn(f"{course.target.device}: {problem}")


def _settled(course: Course) -> tuple[t.Any, list[str]]:
    """The reading after writing and the paths that did not take, given some time; a failing reading is repeated."""
    for pause in (*SETTLE, None):
        try:
            reading = course.target.read()
            left = _left(course, reading)
        except VapixError:
            if pause is None:
                raise
        else:
            if not left or pause is None:
                return reading, left
        time.sleep(pause)
    raise AssertionError("the last pass returns or raises")


def _left(course: Course, reading: t.Any) -> list[str]:
    """Paths that a reading shows as still to be changed."""
    return [change.path for change in course.target.plan(reading, World()).changes if change.provable]


def _surprises(course: Course) -> t.Iterator[str]:
    """Where the plan was wrong although all that is wanted is there."""
    for change in course.plan.changes:
        if change.secret or not change.provable:
            continue
        now = course.target.shows(change, course.after)
        if now is not MISSING and not _came_out(change.after, now):
            planned = shown(change)["after"]
            yield f"{course.target.place(change.path)}: the plan was {planned!r}, the device shows {now!r}"


def _came_out(planned: t.Any, now: t.Any) -> bool:
    """Whether a value is as planned, as far as the plan knew it."""
    if isinstance(planned, (Unknown, Secret)):
        return True
    if isinstance(planned, dict) and isinstance(now, dict):
        return all(_came_out(value, now.get(key)) for key, value in planned.items())
    return equal(planned, now, ordered=False)


def _located(exc: Exception, course: Course) -> VapixError:
    """An error with where it happened."""
    error = exc if isinstance(exc, VapixError) else unforeseen(exc)
    device = course.target.device
    if isinstance(error, DeviceRefused):
        _mind_the_role(error, device)
    return error.located(device=str(device), api=course.api)


def _mind_the_role(error: VapixError, device: Device) -> None:
    """Add that the account may be the reason: devices hide and refuse settings to who is no administrator."""
    with contextlib.suppress(VapixError):
        if not device.is_administrator:
            who = f"user {device.session.username!r}, which is no administrator"
            error.problem += f", or it refuses this operation to {who}"


def unforeseen(exc: Exception) -> VapixError:
    """The error for what nobody thought of."""
    return BadAnswer(
        f"the device answered something nobody thought of ({type(exc).__name__}: {exc})",
        remedy="Report this with the device's model and AXIS OS version",
    )


def _take_back(courses: t.Sequence[Course]) -> None:
    """Undo what was done, the last first. What fails here shows in the account."""
    for course, step in reversed(ordered(courses)):
        if step in course.started and step.undo:
            try:
                _carry_out(course.target, step.undo)
            except VapixError as exc:
                course.target.device.warn(f"taking back failed: {exc}")


def _account(error: VapixError, courses: t.Sequence[Course]) -> None:
    """Put into an error what was made, what was not, and what nobody can say. The device is asked again."""
    error.applied, error.not_applied, error.unknown = [], [], []
    for course in courses:
        if not course.plan:
            continue
        place = course.target.place
        try:
            left: set[str] | None = set(_left(course, course.target.read())) if course.started else None
        except Exception:  # the error that ended the run is the news
            left = None
        for step in course.plan.steps:
            for change in step.changes:
                if left is not None and change.provable:
                    # A step can bring what a later one was to bring.
                    (error.not_applied if change.path in left else error.applied).append(place(change.path))
                elif step not in course.started:
                    error.not_applied.append(place(change.path))
                elif left is not None and step in course.finished:
                    error.applied.append(place(change.path))
                else:
                    error.unknown.append(place(change.path))
