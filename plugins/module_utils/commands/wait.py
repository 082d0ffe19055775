# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting until a device is ready. Source: VAPIX "Systemready API"."""

from __future__ import annotations

from ..device.boot import Arrival, Boot, look, wait_until_ready
from ..device.device import Device
from ..model.option import Document, Option
from ..model.resource import Command, Returned
from ..wire.errors import AuthenticationFailed, InvalidOption, VapixError

#: How a device is, as results tell it.
STATE = {
    "ready": Returned("bool", "Whether all services of the device run."),
    "needs_setup": Returned("bool", "Whether the device is in factory default state, without an account."),
    "boot_id": Returned(
        "str",
        "Identifier of the boot that the device is in, null where the device tells none.",
        sample="ebe1fa05-2ff7-4062-874c-68a466a9eaed",
    ),
    "uptime": Returned("int", "Time since the boot in seconds, null where the device tells none."),
    "seconds": Returned("float", "How long it took, in seconds."),
}


def wait_timeout(default: float, doc: str) -> Option:
    """The option for the longest wait. :param default: in seconds."""
    return Option(
        "float",
        default=default,
        unit="seconds",
        range=(0.1, None),
        doc=(
            f"{doc} The connection option O(timeout) is the time for a single request.",
            "A request that is under way when the time is over is finished first, which takes up to 5 seconds more.",
        ),
    )


class Wait(Command):
    """Options of waiting."""

    name = "wait"
    attributes = "query"
    options = {"wait_timeout": wait_timeout(300.0, "How long to wait at most.")}
    returns = STATE

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        if not check_mode:
            return {"changed": False, **arrived(wait_until_ready(device, wanted["wait_timeout"]))}
        try:
            boot: Boot | None = look(device)
        except (AuthenticationFailed, InvalidOption):
            raise
        except VapixError:
            boot = None
        return {"changed": False, **_state(boot), "seconds": 0.0}


def _state(boot: Boot | None) -> Document:
    return {
        "ready": boot is not None and boot.ready,
        "needs_setup": boot.needs_setup if boot else None,
        "boot_id": boot.boot_id if boot else None,
        "uptime": boot.uptime if boot else None,
    }


def arrived(arrival: Arrival) -> Document:
    """How a device is after a wait, see :data:`STATE`."""
    return {**_state(arrival.boot), "seconds": arrival.seconds}


DECLARED = Wait()
