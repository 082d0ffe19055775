# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources of one plan that stand on each other."""

from __future__ import annotations

import pytest
from harness.fleet import Fleet
from resources.bench import Bench, declared
from resources.proof import Args
from resources.table import PROOFS

from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.engine.options import understand, wanted
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption

MADE = {"alias": "made here", "subject": "CN=gate"}
ONLY = {"certificate": "made here", "policy": {"administrator": "https"}}


def run(bench: Bench, *sections: tuple[str, Args]) -> list[reconcile.Course]:
    """Bring several resources of the device to what is wanted, by one plan."""
    with bench.on_device() as session:
        device = Device(session)
        targets = []
        for name, args in sections:
            resource = declared(name)
            found = understand(resource, args, connected=False)
            targets.append(resource.on(device, wanted(resource.options, found.written, found.params)))
        return reconcile.run(targets, check_mode=False)


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-11"])
def test_a_certificate_is_made_and_shown(profile: str, fleet: Fleet) -> None:
    """Nobody knows it when the plan is made. It is proven from the outside all the same, and pinned."""
    bench = Bench(fleet, profile, PROOFS["web_server"])
    always = {"https_port": bench.device.ports["https"], "reconnect_timeout": 5}
    courses = run(bench, ("web_server", ONLY | always | {"pin_certificate": True}), ("certificate", MADE))
    assert [course.target.resource.name for course in courses] == ["certificate", "web_server"]
    state = fleet.state(bench.device.serial)
    told = reconcile.result(courses[1])
    shown = state["certificates"]["made here"]["fingerprint_sha256"]
    assert state["web_server"]["fingerprint_sha256"] == shown and told["served"]["verified_by"] == "fingerprint"
    assert told["connection"] == {"scheme": "https", "port": bench.device.ports["https"], "fingerprint": shown}


def test_a_certificate_that_is_made_and_not_trusted(fleet: Fleet) -> None:
    """It is refused before the web server is touched."""
    bench = Bench(fleet, "axis-os-12", PROOFS["web_server"])
    always = {"https_port": bench.device.ports["https"], "reconnect_timeout": 5}
    with pytest.raises(InvalidOption, match="this connection does not accept") as raised:
        run(bench, ("web_server", ONLY | always), ("certificate", MADE))
    assert (raised.value.applied, raised.value.unknown) == (["certificate"], [])
    assert raised.value.not_applied == ["certificate", "policy.administrator"]
    state = fleet.state(bench.device.serial)
    assert state["doors"]["http"]["open"] and state["web_server"]["restarts"] == 0
