# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rebooting a device.

Sources: VAPIX "Firmware management API" (from AXIS OS 7.40), "System settings" (restart.cgi, before that).
"""

from __future__ import annotations

import dataclasses
import typing as t

from ..device.boot import Arrival, look, wait_until_rebooted
from ..device.device import FIRMWARE_CGI, Device
from ..model.option import Document, Option
from ..model.resource import Command, Returned
from ..wire.errors import ApiMissing, BadAnswer, ConnectionFailed, DeviceRefused, VapixError
from ..wire.session import missing_api, unexpected
from .wait import STATE, arrived, wait_timeout

_NO_SUCH_METHOD = 405
_RESTART = "/axis-cgi/restart.cgi"

_NOT_KNOWN = "Null in check mode and without waiting."
#: What is returned by a command after which a device reboots.
RETURNS = {
    "api": Returned(
        "str", "The API of the device that took the command, null in check mode.", sample=FIRMWARE_CGI.name
    ),
    **{name: dataclasses.replace(row, doc=f"{row.doc} {_NOT_KNOWN}") for name, row in STATE.items()},
    "proof": Returned(
        "str",
        (
            "What proved that the device has rebooted. V(boot_id) for another boot id, V(uptime) for an uptime that "
            "began later, V(away) for a device that was away and came back, which is all that can be seen before "
            "AXIS OS 11.",
            _NOT_KNOWN,
        ),
    ),
}


def wait(doc: str) -> Option:
    """The option whether to wait."""
    return Option(
        "bool",
        default=True,
        doc=f"{doc} With V(false) the task ends when the device has accepted the command, and a command that is not "
        "answered is a failure.",
    )


class Reboot(Command):
    """Options of rebooting."""

    name = "reboot"
    options = {
        "wait": wait("Whether to wait for the reboot."),
        "wait_timeout": wait_timeout(300.0, "How long the reboot may take."),
    }
    returns = RETURNS

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        before = look(device)
        if check_mode:
            return not_done()
        command = Restarting(device, "reboot", None, _RESTART)
        command.send(patiently=wanted["wait"])
        if not wanted["wait"]:
            return command.started()
        return command.proven(lambda: wait_until_rebooted(device, before, wanted["wait_timeout"]))


class Restarting:
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
        return not_done() | {"api": self.api}

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
        return {"changed": True, "api": self.api, **arrived(arrival), "proof": arrival.proof}


def not_done() -> Document:
    """The result while nothing is known of what comes of it."""
    return {"changed": True, **dict.fromkeys(RETURNS)}


DECLARED = Reboot()
