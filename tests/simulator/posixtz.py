# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""POSIX time zone strings: which are valid and what offset from UTC they give at a moment.

Forms seen on devices: ``CET-1CEST,M3.5.0,M10.5.0/3``, ``EST5EDT,M3.2.0,M11.1.0``, ``GMT0BST,M3.5.0/1,M10.5.0`` and,
on 12.11, ``<UTC1>-1<UTC2>-2,M3.5.0/2:00:00,M10.5.0/3:00:00`` (recorded). The ``:file`` form is refused, as the
System settings page says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_NAME = r"(?:[A-Za-z]{3,6}|<[A-Za-z0-9+-]{3,}>)"
_TIME = r"[+-]?\d{1,3}(?::\d{2}(?::\d{2})?)?"
_RULE = rf"(?:M\d{{1,2}}\.[1-5]\.[0-6]|J\d{{1,3}}|\d{{1,3}})(?:/{_TIME})?"
_ZONE = re.compile(rf"({_NAME})({_TIME})(?:({_NAME})({_TIME})?(?:,({_RULE}),({_RULE}))?)?")
# POSIX leaves the rule to the system when it is missing; C libraries use the American one.
_DEFAULT_RULES = ("M3.2.0", "M11.1.0")


class BadZone(ValueError):
    """The text is no POSIX time zone."""


def _seconds(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    return sign * sum(part * scale for part, scale in zip(parts, (3600, 60, 1), strict=False))


@lru_cache(maxsize=1024)
def _parse(text: str) -> tuple[int, int | None, str, str]:
    match = _ZONE.fullmatch(text)
    if not match:
        raise BadZone(text)
    _std, std_offset, dst, dst_offset, start, end = match.groups()
    if abs(_seconds(std_offset)) > 24 * 3600:
        raise BadZone(text)
    standard = -_seconds(std_offset)
    if dst is None:
        return standard, None, "", ""
    summer = -_seconds(dst_offset) if dst_offset else standard + 3600
    for rule in (start, end):
        if rule and rule.startswith("M") and not 1 <= int(rule[1:].split(".")[0]) <= 12:
            raise BadZone(text)
    return standard, summer, start or _DEFAULT_RULES[0], end or _DEFAULT_RULES[1]


def is_valid(text: str) -> bool:
    """Whether the text is a POSIX time zone."""
    try:
        _parse(text)
    except BadZone:
        return False
    return True


def _transition(rule: str, year: int) -> datetime:
    """The local wall-clock moment a rule names in a year."""
    day, _mark, at = rule.partition("/")
    seconds = _seconds(at) if at else 2 * 3600
    if day.startswith("M"):
        month, week, weekday = (int(part) for part in day[1:].split("."))
        first = datetime(year, month, 1)
        date = first + timedelta(days=(weekday - (first.weekday() + 1) % 7) % 7 + 7 * (week - 1))
        while date.month != month:
            date -= timedelta(days=7)
    elif day.startswith("J"):
        number = int(day[1:])
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        date = datetime(year, 1, 1) + timedelta(days=number - 1 + (1 if leap and number > 59 else 0))
    else:
        date = datetime(year, 1, 1) + timedelta(days=int(day))
    return date + timedelta(seconds=seconds)


def offset(text: str, utc: datetime, dst_enabled: bool = True) -> timedelta:
    """Offset from UTC at a moment; without DST the standard offset always."""
    standard, summer, start_rule, end_rule = _parse(text)
    if summer is None or not dst_enabled:
        return timedelta(seconds=standard)
    naive = utc.astimezone(UTC).replace(tzinfo=None)
    start = _transition(start_rule, naive.year) - timedelta(seconds=standard)
    end = _transition(end_rule, naive.year) - timedelta(seconds=summer)
    in_summer = start <= naive < end if start < end else not end <= naive < start
    return timedelta(seconds=summer if in_summer else standard)
