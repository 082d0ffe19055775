# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots and factory defaults, seen from outside."""

from __future__ import annotations

import json
import socket
import ssl
import time

import pytest
import requests
from harness.fleet import Fleet

from .recordings import shape

READY, NTP, PARAM = "/axis-cgi/systemready.cgi", "/axis-cgi/ntp.cgi", "/axis-cgi/param.cgi"
ASK = {"apiVersion": "1.0", "method": "systemready"}
ALL = ("axis-os-12", "axis-os-11", "axis-os-10", "axis-os-9", "axis-os-5")
# Long enough to see every phase on a busy machine.
SECONDS = 1.5


@pytest.fixture(scope="module")
def cameras(tmp_path_factory):
    """A camera of each generation that reboots fast."""
    with Fleet.start(devices=5, profiles=ALL, reboot_seconds=SECONDS, tmp_path=tmp_path_factory.mktemp("f")) as fleet:
        yield fleet


@pytest.fixture
def fast(cameras):
    """Fresh for every test."""
    cameras.reset()
    cameras.clear_faults()
    yield cameras
    assert "Traceback" not in cameras.log(), cameras.log()


def login():
    return requests.auth.HTTPDigestAuth("root", "pass")


def look(url, **arguments):
    """What systemready says, or ``refused``."""
    try:
        return requests.post(url + READY, json=ASK, timeout=30, **arguments).json()["data"]
    except requests.ConnectionError:
        return "refused"


def watch(fleet, device, until=lambda seen: seen[-1] == "yes", seconds=20.0, **arguments):
    """The phases of a reboot, in order, and the last answer."""
    phases, data = [], "refused"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = look(device.url, **arguments)
        phase = data if data == "refused" else data["systemready"]
        if not phases or phases[-1] != phase:
            phases.append(phase)
        if len(phases) > 1 and until(phases):
            break
        time.sleep(0.02)
    return phases, data


def test_systemready_of_each_version(recorded, fast):
    """10.12 answers exactly as recorded; each later version adds its keys."""
    real = json.loads((recorded / "oadm/M3206-LVE-10.12/systemready.json").read_text())
    assert requests.post(fast.device("axis-os-10").url + READY, json=ASK, timeout=30).json() == real
    old = json.loads((recorded / "vapx/systemready-data-C-Cube-LW-M3045-V.json").read_text())
    assert all(look(fast.device(profile).url) == old for profile in ("axis-os-9", "axis-os-10"))
    configured = json.loads((recorded / "vapx/systemready-data-configured-12.json").read_text())
    twelve, eleven = (look(fast.device(profile).url) for profile in ("axis-os-12", "axis-os-11"))
    # The recording was trimmed: no boot id.
    assert shape({key: value for key, value in twelve.items() if key != "bootid"}) == shape(configured)
    assert list(eleven) == [key for key in twelve if key != "passphrasepolicy"]


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-11", "axis-os-10"])
def test_a_reboot_from_outside(profile, fast):
    device = fast.device(profile)
    before = look(device.url)
    start = time.monotonic()
    assert requests.get(device.url + "/axis-cgi/restart.cgi", auth=login(), timeout=30).status_code == 200
    assert {**look(device.url), "uptime": 0} == {**before, "uptime": 0}, "the old boot still answers"
    phases, after = watch(fast, device)
    assert phases == ["yes", "refused", "no", "yes"]
    assert time.monotonic() - start >= SECONDS * 0.9
    assert fast.state(device.serial)["reboots"] == 1
    if profile == "axis-os-10":
        assert after == before, "neither boot id nor uptime tell of the reboot"
    else:
        assert after["bootid"] != before["bootid"] and int(after["uptime"]) <= 3 < int(before["uptime"])


def test_https_comes_back_with_the_same_certificate(tmp_path):
    with Fleet.start(profiles=["axis-os-12"], https=True, reboot_seconds=SECONDS, tmp_path=tmp_path) as fleet:
        device = fleet.devices[0]
        fleet.patch(device.serial, {"power": "reboot"})
        assert watch(fleet, device, verify=str(fleet.ca_file))[0] == ["yes", "refused", "no", "yes"]
        # A connection that had said nothing before the reboot is none after it.
        with socket.create_connection((device.address, device.port)) as silent:
            fleet.patch(device.serial, {"power": "cut", "plan": {"away_seconds": 0}})
            for number in range(2, 5):
                fleet.wait_for_boot(device.serial, number)
                assert look(device.url, verify=str(fleet.ca_file))["systemready"] == "yes"
                fleet.patch(device.serial, {"power": "cut"})
            context = ssl.create_default_context(cafile=str(fleet.ca_file))
            with pytest.raises(OSError):
                context.wrap_socket(silent, server_hostname=device.address).close()


def test_settings_survive_and_volatile_state_does_not(fast):
    device = fast.device("axis-os-12")
    update = {"action": "update", "Network.UPnP.FriendlyName": "Gate"}
    requests.post(device.url + PARAM, data=update, auth=login(), timeout=30)
    session = requests.Session()
    session.auth = login()
    session.get(device.url + PARAM, timeout=30)
    assert requests.get(device.url + PARAM, auth=requests.auth.HTTPDigestAuth("root", "no"), timeout=30).status_code
    fast.patch(device.serial, {"power": "reboot"})
    watch(fast, device)
    state = fast.state(device.serial)
    assert state["parameters"]["Network.UPnP.FriendlyName"] == "Gate"
    assert state["logins"] == {"failed": 0, "blocked": {}}
    url = f"{device.url}{PARAM}?action=list&group=Brand.Brand"
    statuses = [requests.get(url, auth=login(), timeout=30).status_code for _round in range(3)]
    assert statuses == [401, 200, 200], "just after the boot a good login may be refused once"
    session.close()


@pytest.mark.parametrize("profile, html", [("axis-os-12", False), ("axis-os-9", True), ("axis-os-5", True)])
def test_answers_of_the_old_cgis(profile, html, fast):
    device = fast.device(profile)
    for name, message in (("restart", "restartMessage.shtml"), ("factorydefault", "factoryMessage.shtml")):
        answer = requests.get(f"{device.url}/axis-cgi/{name}.cgi", auth=login(), timeout=30)
        assert answer.status_code == 200
        assert (message in answer.text, answer.text == "") == (html, not html)
        fast.reset(device.serial)
    assert requests.get(device.url + "/axis-cgi/restart.cgi", timeout=30).status_code == 401


def test_only_administrators_reboot(fast):
    for profile in ALL:
        device = fast.device(profile)
        fast.patch(device.serial, {"users": {"op": {"password": "pass", "groups": ["operator", "viewer"]}}})
        operator = requests.auth.HTTPDigestAuth("op", "pass")
        answer = requests.get(device.url + "/axis-cgi/restart.cgi", auth=operator, timeout=30)
        assert answer.status_code in (401, 403)
    time.sleep(SECONDS * 0.5)
    assert all(fast.state(device.serial)["listening"] for device in fast.devices)


@pytest.mark.parametrize("cgi, kept", [("factorydefault", "none"), ("hardfactorydefault", "dhcp")])
def test_factory_default_puts_everything_back(cgi, kept, fast):
    device = fast.device("axis-os-12")
    start = fast.state(device.serial)
    fast.patch(
        device.serial,
        {
            "parameters": {"Network.UPnP.FriendlyName": "Gate"},
            "ntp": {"staticServers": ["a.example.net"]},
            "zone": {"mode": "iana", "iana": "Europe/Prague"},
            "clock_offset": 5000,
        },
    )
    # A static address, the one it has.
    fast.patch(device.serial, {"parameters": {"Network.BootProto": "none", "Network.IPAddress": device.address}})
    requests.get(f"{device.url}/axis-cgi/{cgi}.cgi", auth=login(), timeout=30)
    _phases, data = watch(fast, device)
    assert data["needsetup"] == "yes" and data["previewmode"] == "7200"
    state = fast.state(device.serial)
    assert state["users"] == {} and state["ntp"] == start["ntp"]
    assert state["parameters"]["Network.UPnP.FriendlyName"] == start["parameters"]["Network.UPnP.FriendlyName"]
    assert state["time"]["mode"] == start["time"]["mode"]
    assert (state["time"]["clock_offset"] > 4000) is (cgi == "factorydefault")
    assert state["parameters"]["Network.BootProto"] == kept
    form = {"action": "add", "user": "root", "pwd": "x", "grp": "root", "sgrp": "admin:operator:viewer:ptz"}
    assert "Created account" in requests.post(device.url + "/axis-cgi/pwdgrp.cgi", data=form, timeout=30).text


def test_faults_of_a_reboot(fast):
    device = fast.device("axis-os-12")
    before = look(device.url)
    # Answered, but nothing happens.
    fast.fault("ignore", path="/axis-cgi/restart.cgi")
    requests.get(device.url + "/axis-cgi/restart.cgi", auth=login(), timeout=30)
    time.sleep(SECONDS * 0.5)
    assert look(device.url)["bootid"] == before["bootid"]
    fast.clear_faults()
    # The connection breaks, and it reboots all the same; it keeps its boot id and stays away longer.
    fast.patch(device.serial, {"plan": {"away_seconds": 2, "new_boot_id": False, "early_401": 0}})
    fast.fault("close_after_apply", path="/axis-cgi/restart.cgi", position=2)
    start = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        requests.get(device.url + "/axis-cgi/restart.cgi", auth=login(), timeout=30)
    phases, data = watch(fast, device)
    assert phases[-3:] == ["refused", "no", "yes"] and time.monotonic() - start > 2
    assert data["bootid"] == before["bootid"]
    assert requests.get(device.url + "/axis-cgi/usergroup.cgi", auth=login(), timeout=30).status_code == 200
    # It never comes back, until somebody pulls it up; the power went without a lingering boot.
    fast.patch(device.serial, {"plan": {"returns": False, "away_seconds": None}, "power": "cut"})
    time.sleep(SECONDS)
    assert look(device.url) == "refused" and fast.state(device.serial)["listening"] is False
    fast.patch(device.serial, {"plan": {"returns": True}})
    assert watch(fast, device)[0][-1] == "yes"
    fast.patch(device.serial, {"plan": {"returns": False}, "power": "cut"})
    time.sleep(0.1)
    fast.reset(device.serial)
    assert look(device.url)["systemready"] == "yes", "a reset brings everything back"
