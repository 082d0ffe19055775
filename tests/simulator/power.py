# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots in time: the old boot answers on for a moment, then nobody does, then a device that is not ready yet.

Verified by others on devices: the old boot says "ready" with its old boot id for some seconds; a device is back after
18 s to 2 minutes. The shares of the phases are assumed. A handler only notes the wish (``state.pending``), so that the
faults "ignore" and "close_after_apply" act on reboots as on any other change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from mover import Mover
from state import Device, Reboot
from webserver import WebServers

# Shares of the whole: the old boot lingers, the device is away, the new boot is not ready.
_LINGER, _AWAY, _BOOTING = 0.2, 0.4, 0.4


class Power:
    """Reboots devices and rolls uncommitted firmware back."""

    def __init__(self, reboot_seconds: float, network_seconds: float) -> None:
        self.seconds = reboot_seconds
        self.web = WebServers()
        self.mover = Mover(network_seconds)
        self._lives: dict[str, asyncio.Task] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        # Called when a device goes down without a word, and when it is there again.
        self.left: Callable[[Device], None] = lambda _device: None
        self.returned: Callable[[Device], None] = lambda _device: None

    def look(self, device: Device) -> None:
        """Start what a request or a test asked for."""
        self.web.look(device)
        state = device.state
        timer = self._timers.pop(device.serial, None)
        if timer is not None:
            timer.cancel()
        firmware = state.firmware
        if firmware.rollback_is_due() and state.pending is None:
            state.pending = Reboot(rollback=True)
        elif firmware.rollback_at is not None:
            wait = max(0.0, firmware.rollback_at - time.monotonic()) + 0.01
            self._timers[device.serial] = asyncio.get_running_loop().call_later(wait, self.look, device)
        if device.serial not in self._lives:
            self.mover.look(device)
        pending = state.pending
        if pending is None:
            return
        if pending.cut:
            self.cancel(device)
        if device.serial not in self._lives:
            state.pending, state.rebooting = None, True
            task = self._lives[device.serial] = asyncio.ensure_future(self._reboot(device, pending))
            task.add_done_callback(lambda done: self._ended(device, done))

    def _ended(self, device: Device, done: asyncio.Task) -> None:
        if self._lives.get(device.serial) is done:
            del self._lives[device.serial]
            # Somebody may have asked for the next one while the device was starting.
            self.look(device)

    def cancel(self, device: Device) -> bool:
        """Forget a reboot, if one is under way; the doors stay as they are."""
        task = self._lives.pop(device.serial, None)
        return task is not None and task.cancel()

    def reset(self, device: Device) -> None:
        """The device is as at the start, and answers."""
        away = self.mover.reset(device)
        away = self.cancel(device) or away
        self.web.cancel(device)
        device.reset()
        for door in device.doors.values():
            door.reset()
        if away:
            self.returned(device)

    async def _reboot(self, device: Device, reboot: Reboot) -> None:
        if reboot.lingers and not reboot.cut:
            await asyncio.sleep(self.seconds * _LINGER)
        self.web.cancel(device)
        self.mover.cancel(device)
        device.shut()
        self.left(device)
        start = time.monotonic()
        # The plan is read again and again: a test may let a lost device come back.
        while not device.state.plan["returns"] or time.monotonic() < start + self._away(device):
            await asyncio.sleep(0.02)
        device.state.boot(reboot)
        self.web.boot(device)
        self.look(device)
        self.mover.boot(device)
        self.returned(device)
        await asyncio.sleep(self.seconds * _BOOTING)
        device.state.started()

    def _away(self, device: Device) -> float:
        seconds = device.state.plan["away_seconds"]
        return self.seconds * _AWAY if seconds is None else seconds

    async def close(self) -> None:
        """The simulator ends."""
        await self.mover.close()
        for timer in self._timers.values():
            timer.cancel()
        tasks = list(self._lives.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
