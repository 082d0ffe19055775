# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The time zone and, when asked, the clock.

A device has its zone in one of three modes: an IANA name, a POSIX string, or what DHCP (else the factory) says. Setting
one clears the others.
"""

from __future__ import annotations

import difflib
import typing as t

from ...device.device import Device
from ...model.change import Call, Change, Plan
from ...model.field import MISSING
from ...model.option import ON_UNSUPPORTED, Document, Option
from ...model.resource import Planner, Resource, Target, World
from ...wire.errors import InvalidOption
from . import timezones
from .apis import APIS, Reading


class Time(Resource):
    """Options of the time zone and the clock."""

    name = "time"
    apis = tuple(APIS)
    parameters = ("Time.POSIXTimeZone", "Time.DST.Enabled")
    options = {
        "timezone": Option(
            doc=(
                "Time zone by its IANA name, for example V(Europe/Stockholm). V(null) takes what DHCP says, else the "
                "factory's zone; that needs AXIS OS 12.",
                "Before AXIS OS 9.30 devices know no names. There, the POSIX string of the zone is set, as this "
                "controller knows it.",
                "Devices list the names that IANA keeps for zones and not their other names. Such a name is set by the "
                "one that is listed.",
            )
        ),
        "posix_timezone": Option(
            doc="Time zone as a POSIX string, for example V(CET-1CEST,M3.5.0,M10.5.0/3). What it means is compared."
        ),
        "dst": Option(
            "bool",
            null=True,
            doc="Whether to use the daylight saving time that O(posix_timezone) describes. Left out, a new zone uses "
            "it if it has one.",
        ),
        "sync_clock": Option(
            "bool",
            default=False,
            doc="Whether to set the clock of the device to that of the controller if it is off by more than "
            "O(max_clock_error). Needs AXIS OS 9.30. A device that uses NTP does that by itself.",
        ),
        "max_clock_error": Option(
            "int",
            default=5,
            unit="seconds",
            range=(2, None),
            doc="How far the clock may be off before O(sync_clock) sets it.",
        ),
        "on_unsupported": ON_UNSUPPORTED,
    }
    constraints = {"mutually_exclusive": [("timezone", "posix_timezone")]}

    def on(self, device: Device, wanted: Document) -> TimeTarget:
        return TimeTarget(self, device, wanted)


class TimeTarget(Target):
    """The time settings of one device."""

    def __init__(self, resource: Time, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._dst: bool | None = True if wanted.get("dst", True) is None else wanted.get("dst")
        if "dst" in wanted and "posix_timezone" not in wanted:
            raise self.invalid(
                "dst belongs to posix_timezone; an IANA zone brings its own daylight saving rules",
                "Give posix_timezone, or leave dst out",
            )
        if "posix_timezone" in wanted:
            self._check_posix(wanted["posix_timezone"])

    def _check_posix(self, zone: str | None) -> None:
        try:
            timezones.parse(zone or "")
        except ValueError as exc:
            raise self.invalid(
                f"posix_timezone: {zone!r} is no POSIX time zone",
                "Write it like CET-1CEST,M3.5.0,M10.5.0/3, or give an IANA name in the option timezone",
            ) from exc

    def api_of(self, reading: Reading) -> str:
        return reading.api

    def read(self) -> Reading:
        for api in APIS.values():
            reading = api.read(self.device)
            if reading is not None:
                zone = self.wanted.get("timezone")
                asked = zone is not None and api.modern and reading.iana != zone
                return reading._replace(zones=tuple(api.zones(self.device))) if asked else reading
        raise self.lacking(APIS)

    def current(self, reading: Reading) -> Document:
        if reading.from_dhcp or reading.iana:
            return {"timezone": None if reading.from_dhcp else reading.iana}
        if reading.posix is None:
            return {}  # it comes from DHCP, but the API cannot be told so
        return {"posix_timezone": reading.posix, "dst": reading.dst is not False}

    def shows(self, change: Change, reading: Reading) -> t.Any:
        shown = {"timezone": reading.iana, "posix_timezone": reading.posix, "dst": reading.dst}
        return shown.get(change.path, MISSING)

    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        if "timezone" in self.wanted:
            self._plan_zone(planner, reading, self.wanted["timezone"])
        elif "posix_timezone" in self.wanted:
            self._plan_posix(planner, reading, self.wanted["posix_timezone"], self._dst)
        if self.wanted.get("sync_clock"):
            self._plan_clock(planner, reading)
        return planner.plan()

    def _plan_zone(self, planner: Planner, reading: Reading, zone: str | None) -> None:
        if zone is None:
            if reading.from_dhcp is None:
                planner.unsupported("tell whether the zone comes from DHCP", "timezone")
            elif not reading.from_dhcp:
                path, before = ("timezone", reading.iana) if reading.iana else ("posix_timezone", reading.posix)
                change = Change(path, before, None, note="the zone comes from DHCP")
                planner.step([change], [Call(reading.api, {"dhcp": True})], _way_back(reading))
        elif not APIS[reading.api].modern:
            posix = timezones.of_iana(zone)
            if posix is None:
                raise self._unknown_zone(zone, ())
            self._plan_posix(planner, reading, posix, timezones.parse(posix).has_dst or None)
        elif reading.iana != zone:
            listed = zone
            if reading.zones and zone not in reading.zones:
                listed = timezones.namesake(zone, list(reading.zones)) or ""
            if not listed:
                raise self._unknown_zone(zone, reading.zones)
            if reading.iana != listed:
                change = Change("timezone", reading.iana, listed, note=_instead(reading))
                planner.step([change], [Call(reading.api, {"iana": listed})], _way_back(reading))

    def _unknown_zone(self, zone: str, known: t.Sequence[str]) -> InvalidOption:
        close = difflib.get_close_matches(zone, known, n=3)
        return self.invalid(
            f"timezone: {zone!r} is not known {'to the device' if known else 'on this controller'}",
            f"Did you mean {' or '.join(close)}?" if close else "Give an IANA name like Europe/Stockholm",
        )

    def _plan_posix(self, planner: Planner, reading: Reading, zone: str, dst: bool | None) -> None:
        changes = []
        new = not timezones.same(reading.posix, zone)
        if new:
            changes.append(Change("posix_timezone", reading.posix, zone, note=_instead(reading, "iana")))
            if dst is None:
                # Not said: for a new zone it follows from the string, as it does for an IANA zone.
                dst = timezones.parse(zone).has_dst or None
        if dst is not None and reading.dst != dst:
            changes.append(Change("dst", reading.dst, dst))
        # Where only the daylight saving changes, the zone keeps the device's own spelling.
        arguments = {
            "posix": zone if new else str(reading.posix),
            "dst": reading.dst is not False if dst is None else dst,
        }
        planner.step(changes, [Call(reading.api, arguments)], _way_back(reading))

    def _plan_clock(self, planner: Planner, reading: Reading) -> None:
        limit = self.wanted["max_clock_error"]
        if reading.clock_error is None:
            planner.unsupported("set the clock", "sync_clock")
        elif abs(reading.clock_error) > limit:
            note = f"the clock is more than {limit} seconds off"
            # The time is that of the moment when it is sent.
            planner.step([Change("sync_clock", False, True, note=note)], [Call(reading.api, {"clock": True})])

    def do(self, call: Call) -> None:
        APIS[call.name].send(self.device, call.arguments)


def _way_back(reading: Reading) -> list[Call]:
    """The call that sets the zone that a reading shows; none where the API cannot be told so."""
    if reading.iana:
        return [Call(reading.api, {"iana": reading.iana})]
    if reading.from_dhcp:
        return [Call(reading.api, {"dhcp": True})]
    if reading.posix is None:
        return []
    return [Call(reading.api, {"posix": reading.posix, "dst": reading.dst is not False})]


def _instead(reading: Reading, *modes: str) -> str:
    """What else was in force before."""
    if reading.iana and "iana" in modes:
        return f"instead of the IANA zone {reading.iana}"
    if reading.posix and not modes:
        return f"instead of the POSIX zone {reading.posix}"
    return "instead of the zone from DHCP" if not reading.iana and not reading.posix else ""


DECLARED = Time()
