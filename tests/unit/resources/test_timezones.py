# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that POSIX time zones are read as IEEE 1003.1 writes them, and that every IANA zone has one or is reported."""

from __future__ import annotations

import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, P3265

from ansible_collections.axis.vapix.plugins.module_utils.resources.time.timezones import (
    namesake,
    of_iana,
    parse,
    same,
)

RECORDED = "<UTC1>-1<UTC2>-2,M3.5.0/2:00:00,M10.5.0/3:00:00"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("UTC0", ("UTC", 0, None, None, None, None, None, None)),
        ("CET-1CEST,M3.5.0,M10.5.0/3", ("CET", -3600, "CEST", -7200, "M3.5.0", 7200, "M10.5.0", 10800)),
        ("GMT0BST,M3.5.0/1,M10.5.0", ("GMT", 0, "BST", -3600, "M3.5.0", 3600, "M10.5.0", 7200)),
        ("EST5EDT", ("EST", 18000, "EDT", 14400, None, None, None, None)),
        ("<-03>3", ("-03", 10800, None, None, None, None, None, None)),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", ("IST", -3600, "GMT", 0, "M10.5.0", 7200, "M3.5.0", 3600)),
        (RECORDED, ("UTC1", -3600, "UTC2", -7200, "M3.5.0", 7200, "M10.5.0", 10800)),
        ("<+0330>-3:30", ("+0330", -12600, None, None, None, None, None, None)),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", ("EET", -7200, "EEST", -10800, "M3.4.4", 180000, "M10.4.4", 180000)),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", ("-02", 7200, "-01", 3600, "M3.5.0", -3600, "M10.5.0", 0)),
        ("AAA3BBB,J60,300", ("AAA", 10800, "BBB", 7200, "J60", 7200, "300", 7200)),
    ],
)
def test_reading(text: str, values: tuple[object, ...]) -> None:
    assert tuple(parse(text)) == values
    assert parse(text).has_dst is (values[2] is not None)


@pytest.mark.parametrize(
    "text",
    ["", "UTC", "Europe/Stockholm", "AB1", "CET-1CEST,M3.5.0", "CET-1,M3.5.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0,x"]
    + ["1CET", "CET--1", "<CET-1", "CET-1:2:3:4", "CET-1\nCEST", "CET-1CEST,M3.5.0/,M10.5.0"],
)
def test_no_zone(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M0.5.0,M10.5.0"]
    + ["CET-1CEST,M3.0.0,M10.5.0", "CET-25", "CET-1:60", "CET-1CEST,J0,J100", "CET-1CEST,J366,J100", "CET-1CEST,366,1"]
    + ["CET-1CEST,M3.5.0/168,M10.5.0", "UTC999"],
)
def test_no_date_or_time_that_is_not_in_the_calendar(text: str) -> None:
    """What cannot be right is refused before it is sent; a camera may swallow month 13."""
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (RECORDED, "<UTC1>-1<UTC2>,M3.5.0,M10.5.0/3", True),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "CET-01:00CEST-2,M3.5.0/02:00:00,M10.5.0/3:00", True),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "<CET>-1<CEST>,M03.5.0,M10.5.0/3", True),
        ("AAA3BBB,J60,J300", "AAA3BBB,J060,J300", True),
        (" CET-1 ", "CET-1", True),
        ("CET-1", "CET+1", False),
        ("CET-1", "MET-1", False),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0", False),
        ("EST5EDT", "EST5EDT,M3.2.0,M11.1.0", False),
        (None, None, True),
        (None, "UTC0", False),
        ("nonsense", "nonsense ", True),
        ("nonsense", "UTC0", False),
    ],
)
def test_same(one: str | None, other: str | None, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(*reversed((one, other))) is equal


NAME = st.from_regex(r"[A-Z]{3,5}|<[A-Z0-9+-]{3,5}>", fullmatch=True)
HOURS = st.integers(-24, 24)
MINUTES = st.integers(0, 59)
DATE = st.builds("M{}.{}.{}".format, st.integers(1, 12), st.integers(1, 5), st.integers(0, 6)) | st.integers(
    1, 365
).map("J{}".format)


@given(NAME, HOURS, MINUTES, MINUTES, NAME, DATE, DATE, st.integers(0, 167))
def test_spelling_does_not_change_the_meaning(
    std: str, hours: int, minutes: int, seconds: int, dst: str, start: str, end: str, at: int
) -> None:
    short = f"{std}{hours}:{minutes}:{seconds}{dst},{start},{end}/{at}"
    sign, size = "-" if hours < 0 else "+", abs(hours)
    long = f"{std}{sign}{size:02}:{minutes:02}:{seconds:02}{dst},{start}/2:00,{end}/{at}:00:00"
    if hours or not (minutes or seconds):
        assert same(short, long)
    zone = parse(short)
    assert abs(zone.offset) == size * 3600 + minutes * 60 + seconds
    assert zone.dst_offset == zone.offset - 3600
    assert zone.end_time == at * 3600


@given(st.text(st.sampled_from("CETM0135.,/<>-+:J "), max_size=25))
def test_any_text_is_a_zone_or_a_value_error(text: str) -> None:
    try:
        zone = parse(text)
    except ValueError:
        return
    assert len(zone.std) >= 3


#: Old names that tzdata keeps without rules for the future would be listed here; there are none.
WITHOUT_RULES: frozenset[str] = frozenset()


def test_every_iana_zone_has_a_posix_string() -> None:
    zones = zoneinfo.available_timezones() - {"localtime"}
    assert len(zones) > 400
    found = {zone: of_iana(zone) for zone in zones}
    assert {zone for zone, posix in found.items() if posix is None} == WITHOUT_RULES
    for posix in found.values():
        parse(str(posix))


@NEEDS_RECORDINGS
def test_every_zone_a_real_device_lists() -> None:
    names = (P3265 / "rest-time-v2-getTimeZoneList.txt").read_text().split()
    assert len(names) == 313
    known = zoneinfo.available_timezones()
    assert [name for name in names if name in known and of_iana(name) is None] == []
    assert len(set(names) - known) < 10


def test_well_known_zones() -> None:
    assert same(of_iana("Europe/Stockholm"), "CET-1CEST,M3.5.0,M10.5.0/3")
    assert same(of_iana("America/New_York"), "EST5EDT,M3.2.0,M11.1.0")
    assert same(of_iana("Asia/Tokyo"), "JST-9")
    assert same(of_iana("UTC"), "UTC0")


@pytest.mark.parametrize(
    "zone",
    [
        "Mars/Phobos",
        "",
        "Europe",
        "Europe/",
        "../../etc/passwd",
        "/etc/localtime",
        "\0",
        "zone.tab",
        "a" * 300,
        "é",
        ".",
        "..",
    ],
)
def test_what_is_no_zone(zone: str) -> None:
    assert of_iana(zone) is None


def test_a_zone_by_another_name() -> None:
    assert namesake("Europe/Stockholm", ["Europe/Paris", "Europe/Berlin"]) == "Europe/Berlin"
    assert namesake("Asia/Calcutta", ["Asia/Tokyo", "Asia/Kolkata"]) == "Asia/Kolkata"
    assert namesake("Europe/Stockholm", ["Europe/Paris"]) is None, "the same rules today, others in 1975"
    assert namesake("Mars/Phobos", ["Europe/Paris"]) is None
    assert namesake("Europe/Stockholm", ["Mars/Phobos", ""]) is None
