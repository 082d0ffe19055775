# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the three protocols have in common: who lives where, who is present, and who hears which question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from discovery.links import Datagram, Group, held_addresses, interface_of
from state import Device

Presence = TypeVar("Presence")
Query = TypeVar("Query")


class Home:
    """A device on a link, with its addresses there."""

    def __init__(self, device: Device, interface: int, addresses: list[str]) -> None:
        self.device, self.interface, self.addresses = device, interface, addresses
        # By version of IP, the address it speaks from: a link-local one where it can choose.
        self.sources: dict[int, str] = {}
        for address in sorted(addresses, key=lambda address: not address.startswith("fe80:")):
            self.sources.setdefault(6 if ":" in address else 4, address)


def homes_of(device: Device, interface: int | None) -> list[Home]:
    """The links the device is on; all on the interface given, else those that hold its addresses."""
    held = held_addresses()
    links: dict[int, list[str]] = {}
    for address in device.plain_addresses:
        links.setdefault(interface_of(address, held) if interface is None else interface, []).append(address)
    return [Home(device, link, addresses) for link, addresses in links.items()]


class Protocol(Generic[Presence, Query]):
    """A way of being found. A presence is what a device shows there; devices without one are silent."""

    # The multicast group of each version of IP.
    GROUPS: ClassVar[dict[int, str]]
    PORT: ClassVar[int]
    HOPS: ClassVar[int]

    def __init__(self) -> None:
        self._groups: dict[int, Group] = {}
        self._homes: dict[str, list[Home]] = {}
        self._shown: dict[str, Presence] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    # -- what each protocol says
    def presence(self, device: Device) -> Presence | None:
        """What the device shows now; None: nothing."""
        raise NotImplementedError

    def greet(self, home: Home, now: Presence) -> None:
        """Announce."""
        raise NotImplementedError

    def leave(self, home: Home, before: Presence, now: Presence | None) -> None:
        """Take back what is no longer true."""
        raise NotImplementedError

    def read(self, datagram: Datagram) -> Query | None:
        """A question to the devices; None: there is nothing to answer (now)."""
        raise NotImplementedError

    def reply(self, home: Home, shown: Presence, query: Query, datagram: Datagram) -> None:
        """One device's answer."""
        raise NotImplementedError

    # -- the rest
    def look(self, device: Device, homes: list[Home]) -> None:
        """The device may have changed: announce what is new, take back what is gone."""
        before, now = self._shown.get(device.serial), self.presence(device)
        self._homes[device.serial] = homes
        for home in homes:
            for version in self.GROUPS:
                if version in home.sources:
                    self._group(version).join(home.interface)
        if now == before:
            return
        self._shown.pop(device.serial, None)
        if now is not None:
            self._shown[device.serial] = now
        for home in homes:
            if before is not None:
                self.leave(home, before, now)
            if now is not None:
                self.greet(home, now)

    def forget(self, device: Device) -> None:
        """The device is away without a word; the next look announces it again."""
        self._shown.pop(device.serial, None)

    def _group(self, version: int) -> Group:
        if version not in self._groups:
            self._groups[version] = Group(self.GROUPS[version], self.PORT, self.HOPS, self._hear)
        return self._groups[version]

    def _hear(self, datagram: Datagram) -> None:
        query = self.read(datagram)
        if query is not None:
            self.spread(query, datagram)

    def spread(self, query: Query, datagram: Datagram) -> None:
        """Give a question to every device that it reached."""
        to_all = datagram.destination in self.GROUPS.values()
        for serial, shown in list(self._shown.items()):
            for home in self._homes[serial]:
                reached = to_all or datagram.destination in home.addresses
                if reached and home.interface == datagram.interface and datagram.version in home.sources:
                    self.reply(home, shown, query, datagram)

    def reply_later(
        self, home: Home, shown: Presence, seconds: float, function: Callable[..., None], *arguments: Any
    ) -> None:
        """Call it then, if the device still shows the same."""

        def call() -> None:
            if self._shown.get(home.device.serial) == shown:
                function(*arguments)

        self.later(seconds, call)

    def send(self, home: Home, data: bytes, to: Datagram | None = None) -> None:
        """Send to whoever asked, or to the group on every version of IP the home has."""
        for version in self._groups if to is None else (to.version,):
            if version in home.sources:
                sender = to.sender if to is not None else None
                self._groups[version].send(data, home.sources[version], home.interface, sender)

    def later(self, seconds: float, function: Callable[..., None], *arguments: Any) -> None:
        """Call it then, unless all ends before."""

        def call() -> None:
            self._timers.discard(timer)
            function(*arguments)

        timer = asyncio.get_running_loop().call_later(seconds, call)
        self._timers.add(timer)

    def close(self) -> None:
        """All devices leave."""
        for timer in self._timers:
            timer.cancel()
        for serial, before in self._shown.items():
            for home in self._homes[serial]:
                self.leave(home, before, None)
        for group in self._groups.values():
            group.close()
