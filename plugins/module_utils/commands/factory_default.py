# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Putting a device back to factory default.

Sources: VAPIX "Firmware management API" (from AXIS OS 7.40), "System settings" (the CGIs before it).
"""

from __future__ import annotations

from ..device.boot import NotInTime, look, wait_until_rebooted
from ..device.device import Device
from ..model.option import Document, Option
from ..model.resource import Command, Returned
from ..wire import tls
from ..wire.errors import InvalidOption
from .reboot import RETURNS, Restarting, not_done, wait
from .wait import wait_timeout

_RESET = {"soft": "/axis-cgi/factorydefault.cgi", "hard": "/axis-cgi/hardfactorydefault.cgi"}


class FactoryDefault(Command):
    """Options of the factory default."""

    name = "factory_default"
    options = {
        "confirm": Option(
            required=True,
            doc=(
                "The serial number of the device, as on its label, with or without colons or dashes, in upper or lower "
                "case.",
                "Write it down by hand, for each device. Taken from facts of the device it confirms nothing.",
            ),
        ),
        "mode": Option(
            choices=("soft", "hard"),
            default="soft",
            doc=(
                "V(soft) keeps what it takes to reach the device at the same address (boot protocol, static address, "
                "router, subnet mask), the time and the 802.1X settings.",
                "V(hard) keeps nothing. The device may come back at another address. The task then fails when the "
                "time is over unless O(wait=false).",
            ),
        ),
        "wait": wait("Whether to wait for the device."),
        "wait_timeout": wait_timeout(600.0, "How long it may take."),
    }
    returns = {
        **RETURNS,
        "fingerprint": Returned(
            "str",
            "SHA-256 fingerprint of the certificate that the device shows now. Nothing vouches for it but the place "
            "where it was found.",
            returned="over HTTPS without a proxy, after waiting",
        ),
    }

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        seconds, mode = wanted["wait_timeout"], wanted["mode"]
        _confirmed(device, wanted["confirm"])
        before = look(device)
        if check_mode:
            return not_done()
        command = Restarting(device, "factoryDefault", {"factoryDefaultMode": mode}, _RESET[mode])
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


DECLARED = FactoryDefault()
