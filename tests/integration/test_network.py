# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings of simulated cameras, which really go to other addresses."""

from __future__ import annotations

import typing as t

from harness.fleet import Fleet
from harness.playbook import Run, play

Playbook = t.Callable[..., Run]


def test_life(generations: Fleet, ansible_playbook: Playbook) -> None:
    """By parameters: predicted, set, and unchanged the second time."""
    device = generations.device("axis-os-5")
    args = {"hostname": {"source": "static", "name": "gate"}, "dns": {"servers": ["192.0.2.53"]}}
    plays = [play([{"name": "Network", "axis.vapix.network": args}], hosts=device.host_name)]
    predicted = ansible_playbook(plays, generations.inventory, "--check", "--diff").of(device.host_name)
    assert predicted.changed and generations.writes() == []
    done = ansible_playbook(plays, generations.inventory, "--diff")
    assert (done.code, done.warnings) == (0, []), done.output
    assert done.of(device.host_name).result == predicted.result
    assert predicted.result["address"] == device.address and predicted.result["interface"] == "eth0"
    parameters = generations.state(device.serial)["parameters"]
    assert (parameters["Network.HostName"], parameters["Network.DNSServer1"]) == ("gate", "192.0.2.53")
    generations.reset(requests_only=True)
    again = ansible_playbook(plays, generations.inventory)
    assert not again.of(device.host_name).changed and generations.writes() == []
