# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings take effect: after the answer, in time, and now and then not at all.

The setter answers before anything is applied; a change that fails is rolled back without a word (Network settings API
page). For a while after it the old address may still be listed (claimed by one author). What is on the wire in between
nobody recorded; assumed: the old address answers for a moment, then nobody, then the new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import network as net
from state import Device

# Shares of the whole: the old address still answers, nobody does.
_LINGER, _AWAY = 0.6, 0.4
# The answer to the request goes out first.
_LEAST = 0.05


class Mover:
    """Applies the network settings of devices."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._changes: dict[str, asyncio.Task] = {}
        # Called when a device goes without a word, and when it is there again.
        self.left: Callable[[Device], None] = lambda _device: None
        self.returned: Callable[[Device], None] = lambda _device: None

    def look(self, device: Device) -> None:
        """Start to apply what is not applied yet."""
        state = device.state
        if device.serial in self._changes or state.link.lost or not state.link.is_behind(state.network):
            return
        task = self._changes[device.serial] = asyncio.ensure_future(self._change(device))
        task.add_done_callback(lambda done: self._ended(device, done))

    def _ended(self, device: Device, done: asyncio.Task) -> None:
        if self._changes.get(device.serial) is done:
            del self._changes[device.serial]
            # Somebody may have asked for the next one.
            self.look(device)

    def cancel(self, device: Device) -> None:
        """Forget a change that is under way."""
        task = self._changes.pop(device.serial, None)
        if task is not None:
            task.cancel()

    def reset(self, device: Device) -> bool:
        """Forget a change; whether the device was away, on the way or for good."""
        away = device.serial in self._changes or device.is_lost
        self.cancel(device)
        return away

    async def _change(self, device: Device) -> None:
        state = device.state
        planned = state.plan["network_seconds"]
        seconds = self.seconds if planned is None else planned
        await asyncio.sleep(max(_LEAST, seconds * _LINGER))
        if state.plan["network"] == "rolls_back":
            state.link.roll_back(state.network)
            return
        there = net.aim(state)
        if state.plan["network"] == "lost":
            there = None
        moves = there is None or there.address != state.link.now.address
        if moves:
            device.shut()
            self.left(device)
            await asyncio.sleep(seconds * _AWAY)
        self._arrive(device, there, seconds)
        if moves and not state.link.lost:
            self.returned(device)

    def boot(self, device: Device) -> None:
        """The device comes up with the settings it has."""
        self._arrive(device, net.aim(device.state), 0)

    @staticmethod
    def _arrive(device: Device, there: net.Address | None, listed_seconds: float) -> None:
        link = device.state.link
        try:
            if there is not None and not link.lost:
                device.move(there.address)
                link.take(device.state.network, there, listed_seconds)
                device.open()
                return
        except OSError:
            # Not an address of this machine: as for a device that went to another network.
            pass
        link.lost = True
        device.shut()

    async def close(self) -> None:
        """The simulator ends."""
        tasks = list(self._changes.values())
        self._changes.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
