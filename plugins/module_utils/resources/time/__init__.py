# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The time zone and, when asked, the clock.

A device has its zone in one of three modes: an IANA name, a POSIX string, or what DHCP (else the factory) says. Setting
one clears the others.

Sources: VAPIX "Time API" of the Device Configuration APIs (time v2), "Time API" (time.cgi), "System settings" (time
parameters); recordings of AXIS OS 12.11, 9.80.
"""

from __future__ import annotations

import abc
import dataclasses
import datetime
import difflib
import typing as t

from ...device.device import Device
from ...model.legacy import ON_UNSUPPORTED, Change, Document, Option, Resource, Target
from ...wire import json_cgi, rest
from ...wire.errors import ApiMissing, BadAnswer, InvalidOption, NotSupported
from ...wire.json_cgi import JsonApi, member
from . import timezones

TIME_CGI = JsonApi("/axis-cgi/time.cgi", "time-service", "1.0", json_cgi.NETWORK_CODES)

_CLOCK_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclasses.dataclass(frozen=True)
class Reading:
    """The time settings of a device now.

    :param iana: the IANA zone set by hand; None in the other modes.
    :param posix: the POSIX zone set by hand; None in the other modes.
    :param from_dhcp: the zone comes from DHCP or is the factory's; None when the API cannot tell.
    :param clock_error: the device's clock minus ours; None when the API does not show the clock.
    """

    iana: str | None
    posix: str | None
    dst: bool | None
    from_dhcp: bool | None
    clock_error: datetime.timedelta | None


class TimeApi(abc.ABC):
    """One API that can hold the time zone."""

    name: str
    #: Whether it takes IANA names and has a clock to set; the oldest one knows POSIX strings only.
    modern = True

    def __init__(self, device: Device) -> None:
        self.device = device

    @abc.abstractmethod
    def read(self) -> Reading | None:
        """None when the device does not have the API."""

    @abc.abstractmethod
    def zones(self) -> list[str]:
        """The IANA names the device knows."""

    @abc.abstractmethod
    def set_iana(self, zone: str) -> None:
        """Set an IANA zone."""

    @abc.abstractmethod
    def set_posix(self, zone: str, dst: bool) -> None:
        """Set a POSIX zone."""

    @abc.abstractmethod
    def set_dhcp(self) -> None:
        """Take the zone from DHCP, else the factory's."""

    @abc.abstractmethod
    def set_clock(self, now: datetime.datetime) -> None:
        """Set the clock."""


class RestTime(TimeApi):
    """time v2, from AXIS OS 12."""

    name = "time v2"

    @property
    def _path(self) -> str:
        found = self.device.released_rest_api("time", 2)
        if found is None:
            raise ApiMissing("the device does not have this API", device=str(self.device), api=self.name)
        return found.path

    def read(self) -> Reading | None:
        if self.device.released_rest_api("time", 2) is None:
            return None
        data = rest.get(self.device.session, self._path)
        try:
            clock, zone = data["time"], data["timeZone"]
            return Reading(
                iana=zone["iana"]["timeZone"],
                posix=zone["posix"]["timeZone"],
                dst=zone["posix"]["dstEnabled"],
                from_dhcp=zone["dhcp"]["enabled"],
                clock_error=_clock_error(clock["dateTime"]),
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise _unusable(self, exc) from exc

    def zones(self) -> list[str]:
        listed = rest.trigger(
            self.device.session,
            f"{self._path}/timeZone/iana/getTimeZoneList",
            old_verbs=self.device.old_rest_verbs,
            safe=True,
        )
        return [entry["timeZone"] for entry in listed or () if isinstance(entry, dict) and "timeZone" in entry]

    def set_iana(self, zone: str) -> None:
        self._patch("timeZone/iana/timeZone", zone)

    def set_posix(self, zone: str, dst: bool) -> None:
        self._patch("timeZone/posix", {"timeZone": zone, "dstEnabled": dst})

    def set_dhcp(self) -> None:
        self._patch("timeZone/dhcp/enabled", True)

    def set_clock(self, now: datetime.datetime) -> None:
        self._patch("time/dateTime", now.strftime(_CLOCK_FORMAT))

    def _patch(self, place: str, data: t.Any) -> None:
        rest.patch(self.device.session, f"{self._path}/{place}", data, old_verbs=self.device.old_rest_verbs)


class TimeCgi(TimeApi):
    """time.cgi, from AXIS OS 9.30."""

    name = "time.cgi"

    def read(self) -> Reading | None:
        try:
            data = self.device.call(TIME_CGI, "getDateTimeInfo", safe=True)
        except ApiMissing:
            return None
        try:
            # With an IANA zone the getter shows the POSIX string derived from it as well.
            iana = data.get("timeZone")
            # Whether a zone was set by hand is not told; only that DHCP gave it.
            by_dhcp = bool(data.get("dhcpTimeZoneUtilized"))
            return Reading(
                iana=None if by_dhcp else iana,
                posix=None if by_dhcp or iana else data.get("posixTimeZone"),
                dst=data.get("dstEnabled"),
                from_dhcp=None,
                clock_error=_clock_error(data["dateTime"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise _unusable(self, exc) from exc

    def zones(self) -> list[str]:
        data = self.device.call(TIME_CGI, "getAll", safe=True)
        return [str(zone) for zone in member(data, "timeZones", list, TIME_CGI.name, str(self.device))]

    def set_iana(self, zone: str) -> None:
        self.device.call(TIME_CGI, "setTimeZone", {"timeZone": zone})

    def set_posix(self, zone: str, dst: bool) -> None:
        self.device.call(TIME_CGI, "setPosixTimeZone", {"posixTimeZone": zone, "enableDst": dst})

    def set_dhcp(self) -> None:
        raise NotImplementedError("planning refuses it")

    def set_clock(self, now: datetime.datetime) -> None:
        self.device.call(TIME_CGI, "setDateTime", {"dateTime": now.strftime(_CLOCK_FORMAT)})


class TimeParameters(TimeApi):
    """The parameters of group Time, for firmware before 9.30: a POSIX zone and nothing else."""

    name = "param.cgi Time"
    modern = False

    def read(self) -> Reading | None:
        values = self.device.param.list("Time")
        if "Time.POSIXTimeZone" not in values:
            return None
        return Reading(None, values["Time.POSIXTimeZone"], values.get("Time.DST.Enabled") == "yes", None, None)

    def zones(self) -> list[str]:
        return []

    def set_iana(self, zone: str) -> None:
        raise NotImplementedError("planning translates it")

    def set_posix(self, zone: str, dst: bool) -> None:
        self.device.param.update({"Time.POSIXTimeZone": zone, "Time.DST.Enabled": "yes" if dst else "no"})

    def set_dhcp(self) -> None:
        raise NotImplementedError("planning refuses it")

    def set_clock(self, now: datetime.datetime) -> None:
        raise NotImplementedError("planning refuses it")


def _clock_error(text: str) -> datetime.timedelta:
    shown = datetime.datetime.strptime(text, _CLOCK_FORMAT).replace(tzinfo=datetime.UTC)
    return shown - datetime.datetime.now(datetime.UTC)


def _unusable(api: TimeApi, exc: Exception) -> BadAnswer:
    return BadAnswer(
        f"the answer has no usable time ({exc})",
        remedy="Report this with the device's model and AXIS OS version",
        device=str(api.device),
        api=api.name,
    )


class Time(Resource):
    """Options of the time zone and the clock."""

    name = "time"
    options = {
        "timezone": Option(),
        "posix_timezone": Option(),
        "dst": Option("bool", null=True),
        "sync_clock": Option("bool", default=False),
        "max_clock_error": Option("int", default=5),
        "on_unsupported": ON_UNSUPPORTED,
    }
    constraints = {"mutually_exclusive": [("timezone", "posix_timezone")]}

    def on(self, device: Device, wanted: Document) -> TimeTarget:
        for kind in (RestTime, TimeCgi, TimeParameters):
            api = kind(device)
            reading = api.read()
            if reading is not None:
                return TimeTarget(api, wanted, reading)
        raise NotSupported("the device has no API for the time zone", device=str(device))


class TimeTarget(Target):
    """The time settings of one device."""

    def __init__(self, api: TimeApi, wanted: Document, reading: Reading) -> None:
        super().__init__(api.device, api.name, wanted.get("on_unsupported") == "warn")
        self._api = api
        self._wanted = wanted
        self._first: Reading | None = reading
        # What a change of the POSIX zone writes.
        self._posix, self._dst = "", True
        if wanted.get("dst", True) is None:
            self._wanted = wanted | {"dst": True}
        if "dst" in wanted and "posix_timezone" not in wanted:
            raise self.invalid(
                "dst belongs to posix_timezone; an IANA zone brings its own daylight saving rules",
                "Give posix_timezone, or leave dst out",
            )
        if "posix_timezone" in wanted:
            self._check_posix(wanted["posix_timezone"])
        if wanted.get("max_clock_error", 5) < 2:
            raise self.invalid(
                "max_clock_error is less than 2 seconds, which the clock's resolution of one second cannot keep",
                "Give 2 or more",
            )

    def _check_posix(self, zone: str | None) -> None:
        try:
            timezones.parse(zone or "")
        except ValueError as exc:
            raise self.invalid(
                f"posix_timezone: {zone!r} is no POSIX time zone",
                "Write it like CET-1CEST,M3.5.0,M10.5.0/3, or give an IANA name in the option timezone",
            ) from exc

    def read(self) -> Reading:
        reading, self._first = self._first or self._api.read(), None
        if reading is None:
            raise ApiMissing("the API is gone since the first reading", device=str(self.device), api=self.api)
        return reading

    def plan(self, reading: Reading) -> list[Change]:
        changes: list[Change] = []
        if "timezone" in self._wanted:
            changes += self._plan_zone(reading, self._wanted["timezone"])
        elif "posix_timezone" in self._wanted:
            changes += self._plan_posix(reading, self._wanted["posix_timezone"], self._wanted.get("dst"))
        if self._wanted.get("sync_clock"):
            changes += self._plan_clock(reading)
        return changes

    def _plan_zone(self, reading: Reading, zone: str | None) -> list[Change]:
        if zone is None:
            if reading.from_dhcp is None:
                self.unsupported("tell whether the zone comes from DHCP")
                return []
            return [] if reading.from_dhcp else [Change("timezone", reading.iana or reading.posix, "from DHCP")]
        if not self._api.modern:
            posix = timezones.of_iana(zone)
            if posix is None:
                raise self._unknown_zone(zone, [])
            return self._plan_posix(reading, posix, timezones.parse(posix).has_dst or None)
        if reading.iana == zone:
            return []
        known = self._api.zones()
        if known and zone not in known:
            listed = timezones.namesake(zone, known)
            if listed is None:
                raise self._unknown_zone(zone, known)
            if reading.iana == listed:
                return []
            zone = listed
        return [Change("timezone", reading.iana or reading.posix or "from DHCP", zone)]

    def _unknown_zone(self, zone: str, known: list[str]) -> InvalidOption:
        close = difflib.get_close_matches(zone, known, n=3)
        return self.invalid(
            f"timezone: {zone!r} is not known {'to the device' if known else 'on this controller'}",
            f"Did you mean {' or '.join(close)}?" if close else "Give an IANA name like Europe/Stockholm",
        )

    def _plan_posix(self, reading: Reading, zone: str, dst: bool | None) -> list[Change]:
        changes = []
        if not timezones.same(reading.posix, zone):
            changes.append(Change("posix_timezone", reading.posix or reading.iana or "from DHCP", zone))
        if dst is None and changes:
            # Not said: for a new zone it follows from the string, as it does for an IANA zone.
            dst = timezones.parse(zone).has_dst or None
        if dst is not None and reading.dst != dst:
            changes.append(Change("dst", reading.dst, dst))
        # Where only the daylight saving changes, the zone keeps the device's own spelling.
        self._posix = zone if not timezones.same(reading.posix, zone) else str(reading.posix)
        self._dst = reading.dst is not False if dst is None else dst
        return changes

    def _plan_clock(self, reading: Reading) -> list[Change]:
        if reading.clock_error is None:
            self.unsupported("set the clock")
            return []
        limit = self._wanted["max_clock_error"]
        if abs(reading.clock_error.total_seconds()) <= limit:
            return []
        return [Change("clock", f"more than {limit} s off", f"within {limit} s of the controller's clock")]

    def write(self, changes: t.Sequence[Change]) -> None:
        after = {change.path: change.after for change in changes}
        if "timezone" in after:
            if self._wanted["timezone"] is None:
                self._api.set_dhcp()
            else:
                self._api.set_iana(after["timezone"])
        elif "posix_timezone" in after or "dst" in after:
            self._api.set_posix(self._posix, self._dst)
        if "clock" in after:
            self._api.set_clock(datetime.datetime.now(datetime.UTC))


DECLARED = Time()
