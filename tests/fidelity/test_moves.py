# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device really moves to another address, and what can go wrong on the way; seen with curl and plain sockets."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time

import pytest
import requests
from harness.fleet import Fleet

CGI, PARAM = "/axis-cgi/network_settings.cgi", "/axis-cgi/param.cgi"
BRAND = f"{PARAM}?action=list&group=Brand"
CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="NOT CHECKED: curl is not installed")
# Nobody has an address of the documentation's networks.
NOWHERE = "198.51.100.9"
SECONDS = 0.2


@pytest.fixture(scope="module")
def _movers(tmp_path_factory):
    with Fleet.start(
        devices=3,
        profiles=["axis-os-12", "axis-os-9", "axis-os-5"],
        https="both",
        reboot_seconds=0.4,
        network_seconds=SECONDS,
        tmp_path=tmp_path_factory.mktemp("movers"),
    ) as fleet:
        yield fleet
        assert "Traceback" not in fleet.log(), fleet.log()


@pytest.fixture
def movers(_movers):
    """A camera of each generation with two doors, fresh for every test."""
    yield _movers
    _movers.clear_faults()
    _movers.reset()


@pytest.fixture
def camera(movers):
    """The one with AXIS OS 12; no good login is refused after a boot."""
    device = movers.device("axis-os-12")
    movers.patch(device.serial, {"plan": {"early_401": 0}})
    return device


def login():
    return requests.auth.HTTPDigestAuth("root", "pass")


def call(device, method, params=None, address=None):
    """A JSON call by HTTP; the whole answer."""
    url = f"http://{address or device.address}:{device.ports['http']}{CGI}"
    document = {"apiVersion": "1.21", "method": method, "params": params or {}}
    return requests.post(url, json=document, auth=login(), timeout=30).json()


def static(address, **members):
    return {
        "deviceName": "eth0",
        "configurationMode": "static",
        "staticAddressConfigurations": [{"address": address, "prefixLength": 16}],
        **members,
    }


def open_doors(device, address):
    """The schemes somebody listens for at an address, at the device's ports."""
    found = set()
    for scheme, port in device.ports.items():
        try:
            socket.create_connection((address, port), timeout=30).close()
            found.add(scheme)
        except ConnectionRefusedError:
            pass
    return found


BOTH = {"http", "https"}


def moved(fleet, device, address):
    """Wait until the device is there, and nowhere else."""
    now = fleet.wait_for_network(device.serial)
    assert now.address == address and fleet.state(device.serial)["link"]["address"] == address
    assert open_doors(device, address) == BOTH
    assert address == device.address or open_doors(device, device.address) == set()


def ipv4(device, address):
    return call(device, "getNetworkInfo", address=address)["data"]["devices"][0]["IPv4"]


# -- moving


@needs_curl
@pytest.mark.parametrize("scheme, login", [("http", "--digest"), ("https", "--basic")])
def test_curl_moves_a_camera(scheme, login, movers, camera):
    def curl(address, document, *arguments):
        data = ("--data", json.dumps(document), "--header", "Content-Type: application/json")
        url = f"{scheme}://{address}:{camera.ports[scheme]}"
        command = [
            CURL,
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--max-time",
            "30",
            "--cacert",
            str(movers.ca_file),
            login,
            "--user",
            "root:pass",
            *data,
            *arguments,
            url + CGI,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    read = {"apiVersion": "1.0", "method": "getNetworkInfo"}
    before = json.loads(curl(camera.address, read).stdout)["data"]["devices"][0]["IPv4"]
    assert (before["configurationMode"], before["addresses"][0]["origin"]) == ("dhcp", "dhcp")
    write = {"apiVersion": "1.0", "method": "setIPv4AddressConfiguration", "params": static("127.31.0.7")}
    assert json.loads(curl(camera.address, write).stdout)["data"] == {}
    moved(movers, camera, "127.31.0.7")
    assert curl(camera.address, read).returncode == 7, "refused"
    # The certificate names the old address: a real device does not get another one either.
    trust = ("--connect-to", f"::127.31.0.7:{camera.ports[scheme]}")
    after = json.loads(curl(camera.address, read, *trust).stdout)["data"]["devices"][0]["IPv4"]
    assert after["configurationMode"] == "static"
    assert after["addresses"][0] == {
        "address": "127.31.0.7",
        "prefixLength": 16,
        "origin": "static",
        "scope": "global",
        "broadcast": "127.31.255.255",
    }
    assert movers.look(camera.serial).fingerprint_sha256 == camera.fingerprint_sha256


def test_the_answer_comes_first_and_connections_break(movers, camera):
    movers.patch(camera.serial, {"plan": {"network_seconds": 1.5}})
    with requests.Session() as session:
        session.auth = login()
        url = camera.url_of("http")
        document = {"apiVersion": "1.0", "method": "setIPv4AddressConfiguration", "params": static("127.31.0.8")}
        assert session.post(url + CGI, json=document, timeout=30).json()["data"] == {}
        assert open_doors(camera, camera.address) == BOTH, "the old address answers a moment longer"
        info = session.post(url + CGI, json={"apiVersion": "1.0", "method": "getNetworkInfo"}, timeout=30).json()
        assert info["data"]["devices"][0]["IPv4"]["configurationMode"] == "static"
        moved(movers, camera, "127.31.0.8")
        with pytest.raises(requests.ConnectionError):
            session.get(url + BRAND, timeout=30)


def test_the_old_address_is_listed_for_a_while(movers, camera):
    movers.patch(camera.serial, {"plan": {"network_seconds": 0.8}})
    call(camera, "setIPv4AddressConfiguration", static("127.31.0.9"))
    movers.wait_for_network(camera.serial)
    addresses = ipv4(camera, "127.31.0.9")["addresses"]
    assert [(a["address"], a["origin"], a["scope"]) for a in addresses] == [
        ("127.31.0.9", "static", "global"),
        (camera.address, "static", "nowhere"),
    ]
    end = time.monotonic() + 20
    while len(ipv4(camera, "127.31.0.9")["addresses"]) > 1:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_from_dhcp_to_static_and_back(movers, camera):
    call(camera, "setIPv4AddressConfiguration", static("127.31.0.10"))
    moved(movers, camera, "127.31.0.10")
    call(camera, "setIPv4AddressConfiguration", {"deviceName": "eth0", "configurationMode": "dhcp"}, "127.31.0.10")
    moved(movers, camera, camera.address)
    own = ipv4(camera, camera.address)
    assert own["staticAddressConfigurations"][0]["address"] == "127.31.0.10", "the static side stays stored"


def test_another_lease(movers, camera):
    movers.patch(camera.serial, {"plan": {"lease": {"address": "127.31.0.11", "router": "127.31.0.1"}}})
    assert movers.look(camera.serial).address == camera.address, "not before it asks again"
    movers.patch(camera.serial, {"power": "reboot"})
    movers.wait_for_boot(camera.serial)
    moved(movers, camera, "127.31.0.11")
    assert ipv4(camera, "127.31.0.11")["defaultRouter"] == "127.31.0.1"


def test_the_same_address_by_hand_breaks_nothing(movers, camera):
    with requests.Session() as session:
        session.auth = login()
        document = {"apiVersion": "1.0", "method": "setIPv4AddressConfiguration", "params": static(camera.address)}
        session.post(camera.url_of("http") + CGI, json=document, timeout=30)
        movers.wait_for_network(camera.serial)
        assert session.get(camera.url_of("http") + BRAND, timeout=30).status_code == 200
    assert ipv4(camera, camera.address)["addresses"][0]["origin"] == "static"


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9", "axis-os-5"])
def test_several_parameters_are_one_change(profile, movers):
    device = movers.device(profile)
    wanted = {
        "action": "update",
        "Network.BootProto": "none",
        "Network.IPAddress": "127.31.1.5",
        "Network.SubnetMask": "255.255.255.0",
        "Network.DefaultRouter": "127.31.1.1",
    }
    assert requests.post(device.url_of("http") + PARAM, data=wanted, auth=login(), timeout=30).text == "OK\n"
    moved(movers, device, "127.31.1.5")
    url = f"http://127.31.1.5:{device.ports['http']}{PARAM}?action=list&group=root.Network.eth0,root.Network.Routing"
    text = requests.get(url, auth=login(), timeout=30).text
    assert "root.Network.eth0.IPAddress=127.31.1.5\n" in text and "Broadcast=127.31.1.255\n" in text
    assert "root.Network.Routing.DefaultRouter=127.31.1.1\n" in text
    back = {"action": "update", "Network.BootProto": "dhcp"}
    requests.post(f"http://127.31.1.5:{device.ports['http']}{PARAM}", data=back, auth=login(), timeout=30)
    moved(movers, device, device.address)


def test_somebody_else_moves_it(movers, camera):
    movers.patch(
        camera.serial, {"network": {"interfaces": {"eth0": {"ipv4": {"mode": "static", "address": "127.31.0.12"}}}}}
    )
    moved(movers, camera, "127.31.0.12")
    movers.reset(camera.serial)
    moved(movers, camera, camera.address)


def test_a_reboot_keeps_the_address(movers, camera):
    call(camera, "setIPv4AddressConfiguration", static("127.31.0.13"))
    moved(movers, camera, "127.31.0.13")
    movers.patch(camera.serial, {"power": "reboot"})
    movers.wait_for_boot(camera.serial)
    moved(movers, camera, "127.31.0.13")


@pytest.mark.parametrize("cgi, address", [("factorydefault", "127.31.0.14"), ("hardfactorydefault", None)])
def test_factory_defaults(cgi, address, movers, camera):
    call(camera, "setHostnameConfiguration", {"staticHostname": "gate"})
    call(camera, "setWired8021XConfiguration", {"deviceName": "eth0", "identity": "cam-17"})
    call(camera, "setIPv4AddressConfiguration", static("127.31.0.14"))
    moved(movers, camera, "127.31.0.14")
    url = f"http://127.31.0.14:{camera.ports['http']}/axis-cgi/{cgi}.cgi"
    assert requests.get(url, auth=login(), timeout=30).status_code == 200
    movers.wait_for_boot(camera.serial)
    moved(movers, camera, address or camera.address)
    state = movers.state(camera.serial)
    assert state["network"]["host_name"] == camera.host_name
    identity = state["network"]["dot1x"]["configurations"]["WPA-Enterprise-EAPTLS"]["identity"]
    assert (identity == "cam-17") is (cgi == "factorydefault"), "802.1X is kept by a soft one"
    assert state["parameters"]["Network.BootProto"] == ("none" if address else "dhcp")


# -- what goes wrong


def test_a_change_that_is_rolled_back(movers, camera):
    movers.patch(camera.serial, {"plan": {"network": "rolls_back"}})
    before = movers.state(camera.serial)["network"]
    assert call(camera, "setIPv4AddressConfiguration", static("127.31.0.15"))["data"] == {}
    moved(movers, camera, camera.address)
    assert movers.state(camera.serial)["network"] == before
    assert ipv4(camera, camera.address)["configurationMode"] == "dhcp"


@pytest.mark.parametrize("address, plan", [("127.31.0.16", {"network": "lost"}), (NOWHERE, {})])
def test_a_device_that_is_lost(address, plan, movers, camera):
    movers.patch(camera.serial, {"plan": plan})
    call(camera, "setIPv4AddressConfiguration", static(address))
    movers.wait_for_network(camera.serial)
    state = movers.state(camera.serial)
    assert state["link"]["lost"] and not state["listening"]
    assert open_doors(camera, camera.address) == set()
    if not plan.get("network"):
        movers.patch(camera.serial, {"power": "cut"})
        end = time.monotonic() + 20
        while not movers.state(camera.serial)["reboots"]:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert open_doors(camera, camera.address) == set(), "a reboot does not help"
    else:
        assert open_doors(camera, address) == set()
    movers.reset(camera.serial)
    moved(movers, camera, camera.address)


@pytest.mark.parametrize(
    "method, params, plan",
    [
        ("setDeviceConfiguration", {"staticState": "down"}, {}),
        ("setWired8021XConfiguration", {"enabled": True}, {"switch": "refuses"}),
        ("setIPv4AddressConfiguration", {"linkLocalMode": "on"}, {"lease": None}),
    ],
)
def test_other_ways_to_be_lost(method, params, plan, movers, camera):
    movers.patch(camera.serial, {"plan": plan})
    assert call(camera, method, {"deviceName": "eth0", **params})["data"] == {}
    movers.wait_for_network(camera.serial)
    assert movers.state(camera.serial)["link"]["lost"] and open_doors(camera, camera.address) == set()


def test_without_a_lease_the_static_address_is_the_fallback(movers, camera):
    call(
        camera,
        "setIPv4AddressConfiguration",
        {
            "deviceName": "eth0",
            "useStaticDHCPFallback": True,
            "staticAddressConfigurations": [{"address": "127.31.0.17", "prefixLength": 24}],
        },
    )
    moved(movers, camera, camera.address)
    movers.patch(camera.serial, {"plan": {"lease": None}, "power": "reboot"})
    movers.wait_for_boot(camera.serial)
    moved(movers, camera, "127.31.0.17")


def test_an_ignored_change_moves_nothing(movers, camera):
    movers.fault("ignore", path=CGI, method="setIPv4AddressConfiguration")
    assert call(camera, "setIPv4AddressConfiguration", static("127.31.0.18"))["data"] == {}
    assert not movers.state(camera.serial)["link"]["changing"]
    moved(movers, camera, camera.address)


def test_two_changes_end_at_the_second(movers, camera):
    movers.patch(camera.serial, {"plan": {"network_seconds": 0.6}})
    for last in (19, 20):
        call(camera, "setIPv4AddressConfiguration", static(f"127.31.0.{last}"))
    moved(movers, camera, "127.31.0.20")
    assert open_doors(camera, "127.31.0.19") == set()


def test_one_door_stays_shut_through_a_move(movers, camera):
    movers.patch(camera.serial, {"doors": {"https": False}})
    call(camera, "setIPv4AddressConfiguration", static("127.31.0.21"))
    movers.wait_for_network(camera.serial)
    assert open_doors(camera, "127.31.0.21") == {"http"}
