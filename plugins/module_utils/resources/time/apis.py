# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The APIs that hold the time zone, newest first.

Sources: VAPIX "Time API" of the Device Configuration APIs (time v2), "Time API" (time.cgi), "System settings" (time
parameters); recordings of AXIS OS 12.11, 9.80.
"""

from __future__ import annotations

import abc
import datetime
import typing as t

from ...device.device import Device
from ...model.option import Document
from ...wire import json_cgi, rest
from ...wire.errors import ApiMissing, BadAnswer
from ...wire.json_cgi import JsonApi, member

TIME_CGI = JsonApi("/axis-cgi/time.cgi", "time-service", "1.0", json_cgi.NETWORK_CODES)

_CLOCK_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class Reading(t.NamedTuple):
    """The time settings of a device now. One of ``iana``, ``posix`` and ``from_dhcp`` is in force.

    :param api: name of the API. :param iana: the IANA zone set by hand. :param posix: the POSIX zone set by hand.
    :param dst: whether daylight saving is used with a POSIX zone.
    :param from_dhcp: the zone comes from DHCP or is the factory's; None if the API cannot tell.
    :param clock_error: the device's clock minus ours, in seconds; None if the API does not show the clock.
    :param zones: the IANA zones that the device knows, where they were asked for.
    """

    api: str
    iana: str | None = None
    posix: str | None = None
    dst: bool | None = None
    from_dhcp: bool | None = None
    clock_error: float | None = None
    zones: tuple[str, ...] = ()


class TimeApi(abc.ABC):
    """One API that can hold the time zone."""

    name: str
    #: Whether it takes IANA names and has a clock to set; the oldest one knows POSIX strings only.
    modern = True

    @abc.abstractmethod
    def read(self, device: Device) -> Reading | None:
        """None if the device does not have the API."""

    def zones(self, device: Device) -> list[str]:
        """The IANA names that the device knows."""
        return []

    @abc.abstractmethod
    def send(self, device: Device, arguments: Document) -> None:
        """Set one of ``iana`` (a zone), ``posix`` (a zone, with ``dst``), ``dhcp`` and ``clock``."""


class RestTime(TimeApi):
    """time v2, from AXIS OS 12."""

    name = "time v2"

    def _path(self, device: Device) -> str:
        found = device.rest_api("time", 2)
        if found is None:
            raise ApiMissing("the device does not have this API", device=str(device), api=self.name)
        return found.path

    def read(self, device: Device) -> Reading | None:
        if device.rest_api("time", 2) is None:
            return None
        data = rest.get(device.session, self._path(device))
        try:
            clock, zone = data["time"], data["timeZone"]
            return Reading(
                self.name,
                iana=zone["iana"]["timeZone"],
                posix=zone["posix"]["timeZone"],
                dst=zone["posix"]["dstEnabled"],
                from_dhcp=zone["dhcp"]["enabled"],
                clock_error=_clock_error(clock["dateTime"]),
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise _unusable(device, self, exc) from exc

    def zones(self, device: Device) -> list[str]:
        listed = rest.trigger(
            device.session,
            f"{self._path(device)}/timeZone/iana/getTimeZoneList",
            old_verbs=device.old_rest_verbs,
            safe=True,
        )
        if not isinstance(listed, list):
            raise _unusable(device, self, TypeError("the time zones are no list"))
        return [str(entry["timeZone"]) for entry in listed if isinstance(entry, dict) and "timeZone" in entry]

    def send(self, device: Device, arguments: Document) -> None:
        place, data = {
            "iana": lambda: ("timeZone/iana/timeZone", arguments["iana"]),
            "posix": lambda: ("timeZone/posix", {"timeZone": arguments["posix"], "dstEnabled": arguments["dst"]}),
            "dhcp": lambda: ("timeZone/dhcp/enabled", True),
            "clock": lambda: ("time/dateTime", _now()),
        }[next(iter(arguments))]()
        rest.patch(device.session, f"{self._path(device)}/{place}", data, old_verbs=device.old_rest_verbs)


class TimeCgi(TimeApi):
    """time.cgi, from AXIS OS 9.30."""

    name = "time.cgi"

    def read(self, device: Device) -> Reading | None:
        try:
            data = device.call(TIME_CGI, "getDateTimeInfo", safe=True)
        except ApiMissing as exc:
            device.confirm_missing(exc, TIME_CGI.discovery_id)
            return None
        try:
            # With an IANA zone the getter shows the POSIX string derived from it as well.
            iana = data.get("timeZone")
            # Whether a zone was set by hand is not told; only that DHCP gave it.
            by_dhcp = bool(data.get("dhcpTimeZoneUtilized"))
            return Reading(
                self.name,
                iana=None if by_dhcp else iana,
                posix=None if by_dhcp or iana else data.get("posixTimeZone"),
                dst=data.get("dstEnabled"),
                clock_error=_clock_error(data["dateTime"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise _unusable(device, self, exc) from exc

    def zones(self, device: Device) -> list[str]:
        data = device.call(TIME_CGI, "getAll", safe=True)
        return [str(zone) for zone in member(data, "timeZones", list, TIME_CGI.name, str(device))]

    def send(self, device: Device, arguments: Document) -> None:
        method, params = {
            "iana": lambda: ("setTimeZone", {"timeZone": arguments["iana"]}),
            "posix": lambda: (
                "setPosixTimeZone",
                {"posixTimeZone": arguments["posix"], "enableDst": arguments["dst"]},
            ),
            "clock": lambda: ("setDateTime", {"dateTime": _now()}),
        }[next(iter(arguments))]()
        device.call(TIME_CGI, method, params)


class TimeParameters(TimeApi):
    """The parameters of group Time, before AXIS OS 9.30: a POSIX zone and nothing else."""

    name = "param.cgi Time"
    modern = False

    def read(self, device: Device) -> Reading | None:
        values = device.param.list("Time")
        if "Time.POSIXTimeZone" not in values:
            return None
        dst = values.get("Time.DST.Enabled")
        return Reading(self.name, posix=values["Time.POSIXTimeZone"], dst=None if dst is None else dst == "yes")

    def send(self, device: Device, arguments: Document) -> None:
        dst = "yes" if arguments["dst"] else "no"
        device.param.update({"Time.POSIXTimeZone": arguments["posix"], "Time.DST.Enabled": dst})


APIS: dict[str, TimeApi] = {api.name: api for api in (RestTime(), TimeCgi(), TimeParameters())}


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime(_CLOCK_FORMAT)


def _clock_error(text: str) -> float:
    shown = datetime.datetime.strptime(text, _CLOCK_FORMAT).replace(tzinfo=datetime.UTC)
    return (shown - datetime.datetime.now(datetime.UTC)).total_seconds()


def _unusable(device: Device, api: TimeApi, exc: Exception) -> BadAnswer:
    return BadAnswer(
        f"the answer has no usable time ({exc})",
        remedy="Report this with the device's model and AXIS OS version",
        device=str(device),
        api=api.name,
    )
