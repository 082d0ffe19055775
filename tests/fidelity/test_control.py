# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool itself: control port, faults, start and stop, what it promises tests and benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
import yaml
from harness.fleet import SIMULATOR, Fleet, FleetError

NTP, PARAM = "/axis-cgi/ntp.cgi", "/axis-cgi/param.cgi"
GET_INFO = {"apiVersion": "1.0", "method": "getNTPInfo"}
SET = {"apiVersion": "1.0", "method": "setNTPClientConfiguration", "params": {"enabled": False}}


def test_requests_are_logged_and_judged(client, fleet):
    device = client("axis-os-12")
    device.ask("POST", NTP, json=GET_INFO)
    device.ask("POST", NTP, json=SET)
    device.params("list", group="Brand")
    device.params("update", **{"Network.RTP.VideoDSCP": "1"})
    device.ask("GET", "/config/rest/time/v2")
    device.ask("POST", "/config/rest/time/v2/timeZone/iana/getTimeZoneList", json={"data": {}})
    device.ask("PATCH", "/config/rest/time/v2/timeZone/iana/timeZone", json={"data": "UTC"})
    device.ask("POST", "/axis-cgi/pwdgrp.cgi", data={"action": "update", "user": "root", "pwd": "hush"})
    device.ask("POST", "/axis-cgi/other.cgi", json={"apiVersion": "1.0", "method": "getThing"})
    device.ask("POST", "/axis-cgi/other.cgi", json={"apiVersion": "1.0", "method": "setThing", "password": "hush"})
    device.ask("GET", "/axis-cgi/restart.cgi")
    seen = [r for r in fleet.requests(device.device.serial) if r["status"] in (200, 404)]
    assert [(r["operation"], r["write"]) for r in seen[:8]] == [
        ("getNTPInfo", False),
        ("setNTPClientConfiguration", True),
        ("list", False),
        ("update", True),
        ("GET", False),
        ("POST", False),
        ("PATCH", True),
        ("update", True),
    ]
    assert [(r["operation"], r["write"]) for r in seen[8:10]] == [("getThing", False), ("setThing", True)]
    assert "hush" not in json.dumps(fleet.requests())
    assert {r["user"] for r in seen[:8]} == {"root"}
    assert fleet.requests(fleet.device("axis-os-9").serial) == []
    assert [r["operation"] for r in fleet.writes(device.device.serial)].count("PATCH") == 1


def test_reset(client, fleet):
    device = client("axis-os-9")
    start = fleet.state(device.device.serial)
    device.params("update", **{"Network.RTP.VideoDSCP": "9"})
    device.params("add", template="streamprofile", group="StreamProfile")
    fleet.reset(requests_only=True)
    assert fleet.requests() == []
    assert fleet.state(device.device.serial)["parameters"]["Network.RTP.VideoDSCP"] == "9"
    fleet.reset(device.device.serial)
    moving = {"Time.NTP.Server"}
    after = fleet.state(device.device.serial)["parameters"]
    assert {k: v for k, v in after.items() if k not in moving} == {
        k: v for k, v in start["parameters"].items() if k not in moving
    }


def test_states_are_not_shared(client, fleet):
    with Fleet.start(devices=2, profiles=["axis-os-12"]) as twins:
        one, two = twins.devices
        twins.patch(one.serial, {"ntp": {"staticServers": ["a.example.net"]}, "parameters": {"HTTPS.Port": "8443"}})
        assert twins.state(one.serial)["ntp"]["staticServers"] == ["a.example.net"]
        assert twins.state(two.serial)["ntp"]["staticServers"] == []
        assert twins.state(two.serial)["parameters"]["HTTPS.Port"] == "443"


def test_bad_control_requests_say_so(fleet):
    serial = fleet.devices[0].serial
    for changes in (
        {"nope": 1},
        {"parameters": {"Nope": "1"}},
        {"ntp": {"nope": 1}},
        {"clock": "now"},
        {"parameters": {"Time.NTP.VolatileServer": "x"}},
    ):
        with pytest.raises(FleetError):
            fleet.patch(serial, changes)
    with pytest.raises(FleetError):
        fleet.state("000000000000")
    for fault in (
        {"kind": "nope"},
        {"kind": "close", "position": 0},
        {"kind": "close", "device": "x"},
        {"kind": "close", "nope": 1},
    ):
        with pytest.raises(FleetError):
            fleet.fault(**fault)


def test_faults_hit_what_they_are_aimed_at(client, fleet):
    device, other = client("axis-os-12"), client("axis-os-11")
    fleet.fault("status", device=device.device.serial, path=NTP, method="getNTPInfo", position=3, code=503, body="no")
    # The two requests of a Digest login count as two.
    assert [device.ask("POST", NTP, json=GET_INFO).status_code for _round in range(3)] == [200, 503, 200]
    assert other.ask("POST", NTP, json=GET_INFO).status_code == 200
    fleet.clear_faults()
    fleet.fault("html", path="/axis-cgi/*")
    answer = device.ask("POST", NTP, json=GET_INFO)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert device.ask("GET", "/config/discover").json()


def test_truncated_and_garbage(client, fleet):
    device = client("axis-os-12")
    device.ask("POST", NTP, json=GET_INFO)
    whole = device.ask("POST", NTP, json=GET_INFO)
    fleet.fault("truncate", path=NTP)
    cut = device.ask("POST", NTP, json=GET_INFO)
    assert cut.headers["Content-Type"] == whole.headers["Content-Type"]
    assert whole.text.startswith(cut.text[:40]) and 0 < len(cut.text) < len(whole.text)
    with pytest.raises(ValueError):
        cut.json()
    fleet.clear_faults()
    fleet.fault("garbage", path=NTP)
    with pytest.raises(ValueError):
        device.ask("POST", NTP, json=GET_INFO).json()


def test_closed_before_and_after_it_was_applied(client, fleet):
    device = client("axis-os-12")
    serial = device.device.serial
    device.ask("POST", NTP, json=GET_INFO)
    for kind, enabled in (("close", True), ("close_after_apply", False)):
        fleet.fault(kind, path=NTP, method="setNTPClientConfiguration")
        with pytest.raises(requests.ConnectionError):
            device.ask("POST", NTP, json=SET)
        assert fleet.state(serial)["ntp"]["enabled"] is enabled
        fleet.clear_faults()
    assert fleet.writes(serial)[-1]["status"] == 0


def test_ignored_writes(client, fleet):
    device = client("axis-os-12")
    fleet.fault("ignore", path=NTP)
    assert device.ask("POST", NTP, json=SET).json()["data"] == {}
    assert fleet.state(device.device.serial)["ntp"]["enabled"] is True
    fleet.fault("ignore", path=PARAM, method="add")
    device.params("add", template="streamprofile", group="StreamProfile")
    assert not [n for n in fleet.state(device.device.serial)["parameters"] if n.startswith("StreamProfile.S")]


def test_delay_and_hang(client, fleet):
    device = client("axis-os-12")
    device.ask("POST", NTP, json=GET_INFO)
    fleet.fault("delay", path=NTP, ms=300)
    start = time.monotonic()
    assert device.ask("POST", NTP, json=GET_INFO).status_code == 200
    assert time.monotonic() - start >= 0.3
    fleet.clear_faults()
    fleet.fault("hang", path=NTP)
    with pytest.raises(requests.Timeout):
        device.session.post(device.device.url + NTP, json=GET_INFO, timeout=0.3)
    end = time.monotonic() + 5
    while fleet.requests(device.device.serial)[-1]["fault"] != "hang":
        assert time.monotonic() < end, "a request is in the log as soon as its client has given up"


def test_old_devices_close_under_parallel_requests(fleet):
    fleet.fault("delay", device=fleet.device("axis-os-5").serial, ms=500)
    code = (
        "import sys, threading, requests\n"
        "bad = []\n"
        "def ask():\n"
        "    try: requests.get(sys.argv[1], auth=('root', 'pass'), timeout=20)\n"
        "    except requests.ConnectionError: bad.append(1)\n"
        "threads = [threading.Thread(target=ask) for _round in range(12)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(len(bad))\n"
    )
    url = fleet.device("axis-os-5").url + f"{PARAM}?action=list&group=Brand"
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True, timeout=60)
    assert 0 < int(done.stdout) < 12


def test_waiting_for_ready(client, fleet):
    device = client("axis-os-12")
    fleet.patch(device.device.serial, {"ready": False})
    start = time.monotonic()
    answer = device.call("/axis-cgi/systemready.cgi", "systemready", {"timeout": 1})
    assert answer["data"]["systemready"] == "no" and time.monotonic() - start >= 1


def test_inventory(tmp_path):
    with Fleet.start(
        devices=3, https=True, spread="127.77.0.0/24", port=9443, password="canary7", tmp_path=tmp_path
    ) as fleet:
        text = fleet.inventory.read_text()
        group = yaml.safe_load(text)["cameras"]
        assert "canary7" not in text and "canary7" not in fleet.log()
        assert group["vars"]["ansible_password"] == "{{ lookup('ansible.builtin.env', 'AXIS_VAPIX_PASSWORD') }}"
        assert group["vars"]["vapix_scheme"] == "https" and group["vars"]["vapix_ca_path"] == str(fleet.ca_file)
        for device in fleet.devices:
            host = group["hosts"][f"axis-{device.serial.lower()}"]
            assert (host["ansible_host"], host["vapix_port"], host["vapix_serial"]) == (
                device.address,
                9443,
                device.serial,
            )
        assert len({device.address for device in fleet.devices}) == 3
        command = Path(f"/proc/{fleet.pid}/cmdline").read_text()
        assert "canary7" not in command


def test_stops_clean_with_connections_open():
    fleet = Fleet.start(devices=4)
    session = requests.Session()
    session.get(fleet.devices[0].url, timeout=30)
    start = time.monotonic()
    assert fleet.stop() == 0
    assert time.monotonic() - start < 5
    session.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--devices", "0"],
        ["--spread", "127.0.0.0/30", "--port", "1"],
        ["--spread", "127.0.0.0/8"],
        ["--profile", "nope"],
        ["--ca-file", "x"],
        ["--profile", "axis-os-12+nope"],
        ["--profile", "axis-os-5+power"],
    ],
)
def test_bad_options(arguments):
    command = [sys.executable, str(SIMULATOR), "--devices", "9", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "error:" in done.stderr


def test_a_taken_port_is_one_clear_line(fleet):
    port = str(fleet.devices[0].port)
    command = [sys.executable, str(SIMULATOR), "--devices", "1", "--port-base", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("simulator: ") and done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_thousand_devices():
    start = time.monotonic()
    with Fleet.start(devices=1000) as fleet:
        assert len(fleet.devices) == 1000
        assert len({device.serial for device in fleet.devices}) == 1000
        assert time.monotonic() - start < 30
        answer = requests.get(fleet.devices[-1].url + f"{PARAM}?action=list", timeout=30)
        assert answer.status_code == 401


def test_the_simulator_imports_nothing_of_ours():
    for file in SIMULATOR.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "ansible_collections" not in text and "plugins" not in text, file
