# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How simulated devices are found: multicast DNS, SSDP and WS-Discovery, each as the device's parameters say."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from discovery._protocol import Home, homes_of
from discovery.mdns import Mdns
from discovery.ssdp import Ssdp
from discovery.ws_discovery import WsDiscovery
from state import Device


class Discovery:
    """All responders. ``interface``: only there; None: on those that hold the devices' addresses."""

    def __init__(self, interface: str | None) -> None:
        self._interface = None if interface is None else socket.if_nametoindex(interface)
        self._protocols = (Mdns(), Ssdp(), WsDiscovery())
        self._homes: dict[str, tuple[tuple[str, ...], list[Home]]] = {}
        self._away: set[str] = set()

    def start(self, devices: Iterable[Device]) -> None:
        """Announce the devices."""
        for device in devices:
            self.look(device)

    def look(self, device: Device) -> None:
        """The device may have changed, by a request or by hand."""
        if device.serial in self._away:
            return
        addresses, homes = self._homes.get(device.serial, ((), []))
        if addresses != device.addresses:
            homes = homes_of(device, self._interface)
            self._homes[device.serial] = device.addresses, homes
        for protocol in self._protocols:
            protocol.look(device, homes)

    def left(self, device: Device) -> None:
        """The device went down, without a goodbye."""
        self._away.add(device.serial)
        for protocol in self._protocols:
            protocol.forget(device)

    def returned(self, device: Device) -> None:
        """The device is there again."""
        self._away.discard(device.serial)
        self.look(device)

    def close(self) -> None:
        """All devices say goodbye."""
        for protocol in self._protocols:
            protocol.close()
