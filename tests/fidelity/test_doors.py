# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP and HTTPS of one device at the same time."""

from __future__ import annotations

import asyncio
import importlib
import runpy
import socket
import ssl
import time

import pytest
import requests
import yaml
from harness.fleet import SIMULATOR

READY, PARAM = "/axis-cgi/systemready.cgi", "/axis-cgi/param.cgi"
BRAND = f"{PARAM}?action=list&group=Brand.Brand"
DIGEST, BASIC = requests.auth.HTTPDigestAuth("root", "pass"), ("root", "pass")


@pytest.fixture
def simulator(monkeypatch):
    """The names of the simulator's command, in this process."""
    monkeypatch.syspath_prepend(str(SIMULATOR))
    return runpy.run_path(str(SIMULATOR / "__main__.py"), run_name="simulator")


def get(fleet, device, scheme, **arguments):
    return requests.get(device.url_of(scheme) + BRAND, timeout=30, verify=str(fleet.ca_file), **arguments)


def listens(device, scheme):
    try:
        socket.create_connection((device.address, device.ports[scheme]), timeout=30).close()
    except ConnectionRefusedError:
        return False
    return True


def test_each_door_asks_for_its_own_login(pair):
    """Recorded on 12.11: Digest on port 80, Basic on 443 of the same device."""
    device = pair.device("axis-os-12")
    assert get(pair, device, "http").headers["WWW-Authenticate"].startswith("Digest ")
    assert get(pair, device, "https").headers["WWW-Authenticate"].startswith("Basic ")
    statuses = [
        get(pair, device, scheme, auth=auth).status_code for scheme in ("http", "https") for auth in (DIGEST, BASIC)
    ]
    assert statuses == [200, 401, 401, 200]
    older = pair.device("axis-os-9")
    assert [get(pair, older, scheme, auth=DIGEST).status_code for scheme in ("http", "https")] == [200, 200]


def test_both_ports_are_told(pair):
    group = yaml.safe_load(pair.inventory.read_text())["cameras"]
    assert group["vars"]["vapix_scheme"] == "https" and group["vars"]["vapix_ca_path"] == str(pair.ca_file)
    for device in pair.devices:
        assert (device.scheme, device.port) == ("https", device.ports["https"])
        assert device.url == f"https://{device.address}:{device.port}"
        host = group["hosts"][device.host_name]
        assert (host["vapix_port"], host["http_port"]) == (device.ports["https"], device.ports["http"])
        assert {scheme: door["port"] for scheme, door in pair.state(device.serial)["doors"].items()} == device.ports


def test_one_state_behind_both(pair):
    device = pair.device("axis-os-12")
    form = {"action": "update", "Network.UPnP.FriendlyName": "Gate"}
    requests.post(device.url_of("http") + PARAM, data=form, auth=DIGEST, timeout=30)
    url = f"{device.url_of('https')}{PARAM}?action=list&group=Network.UPnP.FriendlyName"
    assert requests.get(url, auth=BASIC, timeout=30, verify=str(pair.ca_file)).text.endswith("=Gate\n")


def test_a_reboot_shuts_and_opens_both(pair):
    device = pair.device("axis-os-12")
    pair.patch(device.serial, {"power": "cut", "plan": {"returns": False, "early_401": 0}})
    end = time.monotonic() + 10
    while pair.state(device.serial)["listening"]:
        assert time.monotonic() < end
    assert not any(listens(device, scheme) for scheme in device.ports)
    pair.patch(device.serial, {"plan": {"returns": True}})
    pair.wait_for_boot(device.serial)
    for scheme, auth in (("http", DIGEST), ("https", BASIC)):
        assert get(pair, device, scheme, auth=auth).status_code == 200


def test_one_door_alone(pair):
    device = pair.device("axis-os-12")
    pair.patch(device.serial, {"doors": {"http": False}})
    assert (listens(device, "http"), listens(device, "https")) == (False, True)
    pair.patch(device.serial, {"power": "cut"})
    pair.wait_for_boot(device.serial)
    assert (listens(device, "http"), listens(device, "https")) == (False, True)
    pair.patch(device.serial, {"doors": {"http": True, "https": False}})
    assert (listens(device, "http"), listens(device, "https")) == (True, False)
    pair.reset(device.serial)
    assert all(listens(device, scheme) for scheme in device.ports)


@pytest.mark.parametrize(
    "arguments",
    [["--https", "--both"], ["--both", "--http-port", "1"], ["--http-port", "80"], ["--both", "--port-base", "65535"]],
)
def test_bad_options(arguments, simulator, capsys):
    with pytest.raises(SystemExit):
        simulator["options"]([*arguments, "--devices", "1"])
    assert "error:" in capsys.readouterr().err


def test_chosen_ports(simulator):
    options, port_of, make = (simulator[name] for name in ("options", "port_of", "make_devices"))
    for arguments, wanted in (
        (["--port-base", "7000"], [(7000, 7002), (7001, 7003)]),
        (["--spread", "127.9.0.0/29", "--port", "7443", "--http-port", "7080"], [(7443, 7080)] * 2),
        ([], [(0, 0)] * 2),
    ):
        chosen = options(["--both", "--devices", "2", *arguments])
        ports = [(port_of(chosen, device, "https"), port_of(chosen, device, "http")) for device in make(chosen)]
        assert ports == wanted


@pytest.mark.parametrize("drop", [False, True])
def test_another_certificate(drop, simulator):
    """New connections see the new one; open ones stay or break."""
    authority = simulator["Authority"]()
    seen = []

    def shown(place):
        context = ssl.create_default_context(cadata=authority.pem().decode())
        tls = context.wrap_socket(socket.create_connection(place, timeout=30), server_hostname=place[0])
        seen.append(tls.getpeercert(binary_form=True))
        return tls

    def alive(tls):
        tls.sendall(b"GET /axis-cgi/usergroup.cgi HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            return tls.recv(20).startswith(b"HTTP/1.1 401")
        except ConnectionResetError:
            return False

    async def run():
        [device] = simulator["make_devices"](simulator["options"](["--devices", "1", "--profile", "axis-os-12"]))
        server = simulator["Server"]([device], 0, simulator["Power"](1, 1))
        server.listen(device, "https", 0, authority)
        door = device.doors["https"]
        before = await asyncio.to_thread(shown, (door.address, door.port))
        old = device.leaf_fingerprint
        door.use(importlib.import_module("webserver").first_chain(device, authority), drop=drop)
        assert device.leaf_fingerprint != old
        assert await asyncio.to_thread(alive, before) is not drop
        (await asyncio.to_thread(shown, (door.address, door.port))).close()
        door.reset()
        assert device.leaf_fingerprint == old
        (await asyncio.to_thread(shown, (door.address, door.port))).close()
        before.close()
        await server.close()

    asyncio.run(run())
    assert seen[0] == seen[2] != seen[1]
