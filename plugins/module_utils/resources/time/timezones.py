# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Time zones: what a POSIX string means, which one an IANA zone has, and which names stand for one zone.

Source: IEEE Std 1003.1, "Environment Variables", TZ; RFC 9636 for the footer of TZif files, which is such a string.
"""

from __future__ import annotations

import datetime
import importlib.resources
import pathlib
import re
import typing as t
import zoneinfo

_NAME = r"(?:<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})"
_TIME = r"[+-]?\d{1,3}(?::\d{1,2}(?::\d{1,2})?)?"
_DATE = r"(?:M\d{1,2}\.\d\.\d|J\d{1,3}|\d{1,3})"
_STRING = re.compile(
    rf"(?P<std>{_NAME})(?P<offset>{_TIME})"
    rf"(?:(?P<dst>{_NAME})(?P<dst_offset>{_TIME})?"
    rf"(?:,(?P<start>{_DATE})(?:/(?P<start_time>{_TIME}))?,(?P<end>{_DATE})(?:/(?P<end_time>{_TIME}))?)?)?"
)
_HOUR = 3600
_CHANGE_TIME = 2 * _HOUR


class PosixZone(t.NamedTuple):
    """The meaning of a string: two spellings of the same rules are equal. Times and offsets in seconds."""

    std: str
    offset: int
    dst: str | None = None
    dst_offset: int | None = None
    start: str | None = None
    start_time: int | None = None
    end: str | None = None
    end_time: int | None = None

    @property
    def has_dst(self) -> bool:
        """Whether the string names a daylight saving time."""
        return self.dst is not None


def parse(text: str) -> PosixZone:
    """Read a POSIX time zone string.

    :raises ValueError: it is none.
    """
    match = _STRING.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no POSIX time zone")
    offset = _seconds(match["offset"], 24)
    if match["dst"] is None:
        return PosixZone(_bare(match["std"]), offset)
    # POSIX counts west as positive, so one hour of daylight saving is one hour less.
    dst_offset = _seconds(match["dst_offset"], 24) if match["dst_offset"] else offset - _HOUR
    zone = PosixZone(_bare(match["std"]), offset, _bare(match["dst"]), dst_offset)
    if match["start"] is None:
        return zone
    start_time, end_time = (
        _seconds(match[key], 167) if match[key] else _CHANGE_TIME for key in ("start_time", "end_time")
    )
    return zone._replace(start=_date(match["start"]), start_time=start_time, end=_date(match["end"]), end_time=end_time)


def same(one: str | None, other: str | None) -> bool:
    """Whether two strings mean the same; strings that cannot be read are compared as they are."""
    if one is None or other is None:
        return one == other
    try:
        return parse(one) == parse(other)
    except ValueError:
        return one.strip() == other.strip()


def of_iana(zone: str) -> str | None:
    """The POSIX string of an IANA zone as this host's time zone database has it; None when it has no such zone."""
    if not zone:
        return None
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None  # a folder, a name that is too long, a path out of the database
    for folder in zoneinfo.TZPATH:
        path = pathlib.Path(folder, zone)
        if path.is_file():
            return _footer(path.read_bytes())
    package = importlib.resources.files("tzdata").joinpath("zoneinfo", *zone.split("/"))
    return _footer(package.read_bytes())


def namesake(zone: str, names: t.Iterable[str]) -> str | None:
    """The name, among those given, of the zone that an IANA name is another name for; None when there is none.

    IANA merges zones that agree since 1970 and keeps one of the names; the others live on as links, such as
    Europe/Stockholm for Europe/Berlin. Devices list the kept names only.
    """
    rules = of_iana(zone)
    return next((name for name in names if rules and of_iana(name) == rules and _agree(zone, name)), None)


def _agree(one: str, other: str) -> bool:
    zones = zoneinfo.ZoneInfo(one), zoneinfo.ZoneInfo(other)
    for year in range(1970, 2038):
        for month in range(1, 13):
            noon = datetime.datetime(year, month, 1, 12)
            if noon.replace(tzinfo=zones[0]).utcoffset() != noon.replace(tzinfo=zones[1]).utcoffset():
                return False
    return True


def _footer(tzif: bytes) -> str | None:
    """The last line of a TZif file of version 2 or later holds the rules for the future."""
    lines = tzif.rstrip(b"\n").rsplit(b"\n", 1)
    footer = lines[-1].decode("ascii", "replace") if len(lines) == 2 else ""
    return footer if _STRING.fullmatch(footer) else None


def _date(text: str) -> str:
    """A date of a rule without leading zeros.

    :raises ValueError: it is not in the calendar.
    """
    if text.startswith("M"):
        numbers = [int(part) for part in text[1:].split(".")]
        ranges: tuple[range, ...] = (range(1, 13), range(1, 6), range(0, 7))  # month, week, day of the week
        text = "M" + ".".join(map(str, numbers))
    else:
        julian = text.startswith("J")
        numbers = [int(text.removeprefix("J"))]
        ranges = (range(1, 366) if julian else range(0, 366),)
        text = f"{'J' if julian else ''}{numbers[0]}"
    if not all(number in allowed for number, allowed in zip(numbers, ranges, strict=True)):
        raise ValueError(f"{text} is no date of a time zone rule")
    return text


def _seconds(text: str, most_hours: int) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    if hours > most_hours or minutes > 59 or seconds > 59:
        raise ValueError(f"{text} is no time of a time zone")
    return sign * (hours * _HOUR + minutes * 60 + seconds)


def _bare(name: str) -> str:
    return name.strip("<>")
