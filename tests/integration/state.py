# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a simulated device's state somebody can set."""

from __future__ import annotations

import typing as t

from harness.fleet import Fleet

# What moves without anybody's doing.
_CLOCKWORK = {"utc", "local", "active"}
_MOVING = (
    "Time.",
    "SNMP.EngineBoots",
    "Network.eth0.",
    "Network.DHCP.",
    "Network.Routing.",
    "Properties.",
    "PTZ.PTZDriver",
)


def settings(fleet: Fleet, serial: str) -> dict[str, t.Any]:
    """The settings of a device, without what moves."""
    state = fleet.state(serial)
    kept = {k: v for k, v in state["parameters"].items() if not k.startswith(_MOVING)}
    clock = {k: v for k, v in state["time"].items() if k not in _CLOCKWORK}
    parts = {part: state[part] for part in ("ntp", "users", "network")}
    return {"parameters": kept, "time": clock, **parts}
