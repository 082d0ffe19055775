# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting for a device, rebooting it, and putting it back to factory default.

Sources: VAPIX "Firmware management API" (from AXIS OS 7.40), "System settings" (the CGIs before it), "Systemready API".
"""

from __future__ import annotations

import typing as t

from ..device.boot import Arrival, Boot, NotInTime, look, wait_until_ready, wait_until_rebooted
from ..device.device import FIRMWARE_CGI, Device
from ..model.option import Document, Option
from ..model.resource import Command
from ..wire import tls
from ..wire.errors import (
    ApiMissing,
    AuthenticationFailed,
    BadAnswer,
    ConnectionFailed,
    DeviceRefused,
    InvalidOption,
    VapixError,
)
from ..wire.session import missing_api, unexpected

_NO_SUCH_METHOD = 405
_RESTART = "/axis-cgi/restart.cgi"
_RESET = {"soft": "/axis-cgi/factorydefault.cgi", "hard": "/axis-cgi/hardfactorydefault.cgi"}


class Wait(Command):
    """Options of waiting."""

    name = "wait"
    options = {"wait_timeout": Option("float", default=300.0)}

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        seconds = _seconds(wanted)
        if not check_mode:
            return {"changed": False, **_arrival(wait_until_ready(device, seconds))}
        try:
            boot: Boot | None = look(device)
        except (AuthenticationFailed, InvalidOption):
            raise
        except VapixError:
            boot = None
        return {"changed": False, **_state(boot), "seconds": 0.0}


class Reboot(Command):
    """Options of rebooting."""

    name = "reboot"
    options = {"wait": Option("bool", default=True), "wait_timeout": Option("float", default=300.0)}

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        seconds = _seconds(wanted)
        before = look(device)
        if check_mode:
            return _not_done()
        command = _Restarting(device, "reboot", None, _RESTART)
        command.send(patiently=wanted["wait"])
        if not wanted["wait"]:
            return command.started()
        return command.proven(lambda: wait_until_rebooted(device, before, seconds))


class FactoryDefault(Command):
    """Options of the factory default."""

    name = "factory_default"
    options = {
        "confirm": Option(required=True),
        "mode": Option(choices=("soft", "hard"), default="soft"),
        "wait": Option("bool", default=True),
        "wait_timeout": Option("float", default=600.0),
    }

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        seconds, mode = _seconds(wanted), wanted["mode"]
        _confirmed(device, wanted["confirm"])
        before = look(device)
        if check_mode:
            return _not_done()
        command = _Restarting(device, "factoryDefault", {"factoryDefaultMode": mode}, _RESET[mode])
        command.send(patiently=wanted["wait"])
        if not wanted["wait"]:
            return command.started()
        # The old accounts are gone and so may be the certificate: nothing secret is sent from here on.
        result = command.proven(lambda: wait_until_rebooted(device, before, seconds, unverified=True))
        if not result["needs_setup"]:
            raise NotInTime(
                "the device has rebooted, but it still has accounts",
                remedy="It did not go to factory default: look at its log",
                device=str(device),
                api=command.api,
            )
        address = device.session.address
        if address.scheme == "https" and not address.proxy:
            result["fingerprint"] = tls.presented_fingerprint(address.host, address.port, address.timeout)
        return result


class _Restarting:
    """A command after which the device reboots, and what is known of it.

    :param method: of the firmware management API. :param old: path of the CGI on devices without it.
    """

    def __init__(self, device: Device, method: str, params: Document | None, old: str) -> None:
        self._device = device
        self._method = method
        self._params = params
        self._old = old
        self._doubt: VapixError | None = None
        self.api = FIRMWARE_CGI.name

    def send(self, patiently: bool) -> None:
        """Send it, once.

        :param patiently: no answer is no failure yet: the device may be doing it already, which waiting will show.
        :raises VapixError: it was refused, or could not be sent.
        """
        try:
            self._send()
        except (ConnectionFailed, BadAnswer) as exc:
            exc.located(api=self.api, method=self._method)
            if not patiently or (exc.http_status or 0) >= 400:
                raise
            self._doubt = exc

    def _send(self) -> None:
        try:
            self._device.call(FIRMWARE_CGI, self._method, self._params)
        except ApiMissing:
            self._send_old()
        except DeviceRefused as exc:
            if exc.code != _NO_SUCH_METHOD:
                raise
            self._send_old()

    def _send_old(self) -> None:
        self.api = self._old.rsplit("/", 1)[-1]
        where = {"device": str(self._device), "api": self.api, "method": "GET"}
        answer = self._device.session.request("GET", self._old)
        if answer.status == 404:
            raise missing_api(answer, **where)
        if answer.status >= 300:
            raise unexpected(answer, "the request failed", **where)

    def started(self) -> Document:
        """The result when nobody waits."""
        return _not_done() | {"api": self.api}

    def proven(self, wait: t.Callable[[], Arrival]) -> Document:
        """The result after waiting.

        :raises VapixError: it is not proven; with what is known.
        """
        try:
            arrival = wait()
        except VapixError as exc:
            exc.located(api=self.api, method=self._method)
            if self._doubt is not None:
                exc.problem += f" (and the command was not answered: {self._doubt.problem})"
            raise
        return {"changed": True, "api": self.api, **_arrival(arrival), "proof": arrival.proof}


def _confirmed(device: Device, text: str) -> None:
    """Compare the confirmation with the device.

    :raises InvalidOption: it names another one.
    """
    serial = device.identity.get("SerialNumber", "")
    if _digits(text) != _digits(serial) or not serial:
        raise InvalidOption(
            f"confirm: {text!r} is not the serial number of this device",
            remedy="Everything that is set on the device would be lost. If that is what you want, read its serial "
            "number from its label (or with axis.vapix.facts, and look at it) and write it there"
            if serial
            else "The device does not tell its serial number, so nothing can confirm this: use its button",
            device=str(device),
        )


def _digits(serial: str) -> str:
    return serial.replace(":", "").replace("-", "").strip().upper()


def _seconds(wanted: Document) -> float:
    seconds = float(wanted["wait_timeout"])
    if not 0 < seconds < float("inf"):
        raise InvalidOption(f"wait_timeout: {seconds:g} is not a time above 0", remedy="Give it in seconds")
    return seconds


def _state(boot: Boot | None) -> Document:
    return {
        "ready": boot is not None and boot.ready,
        "needs_setup": boot.needs_setup if boot else None,
        "boot_id": boot.boot_id if boot else None,
        "uptime": boot.uptime if boot else None,
    }


def _arrival(arrival: Arrival) -> Document:
    return {**_state(arrival.boot), "seconds": arrival.seconds}


def _not_done() -> Document:
    """The result while nothing is known of what comes of it."""
    return {"changed": True, "api": None, **dict.fromkeys(("ready", "needs_setup", "boot_id", "uptime", "seconds"))} | {
        "proof": None
    }


WAIT, REBOOT, FACTORY_DEFAULT = Wait(), Reboot(), FactoryDefault()
