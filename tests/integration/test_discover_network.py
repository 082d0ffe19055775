# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding simulated devices with real ansible-inventory over real multicast, among dead addresses and strangers."""

from __future__ import annotations

import collections.abc
import contextlib
import functools
import http.server
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import typing as t

import pytest
from harness.ansible_environment import ansible_environment
from harness.fleet import SIMULATOR, Fleet
from harness.inventory import Inventory, cached, list_inventory, write
from harness.namespaces import INTERFACE, Namespace, Namespaces
from harness.playbook import CANARY, keep

PROFILES = ("axis-os-12", "axis-os-11", "axis-os-10", "axis-os-9", "axis-os-5")
ADDRESSES = (
    ["10.77.0.5"],
    ["10.77.0.6", "10.77.1.6"],
    ["fd77::7", "fe80::7"],
    ["10.77.0.8"],
    ["10.77.0.9"],
    ["fe80::b"],  # the first profile again
)
#: Long enough for an answer to the second question: a device does not repeat what it has said a second ago.
LISTEN = {"listen": ["mdns", "ssdp", "ws_discovery"], "listen_seconds": 2}


@pytest.fixture(scope="module")
def net() -> collections.abc.Iterator[Namespaces]:
    """A site and a controller."""
    with Namespaces.start() as net:
        yield net


@pytest.fixture(scope="module")
def _site(net: Namespaces) -> collections.abc.Iterator[Fleet]:
    with net.fleet(ADDRESSES, profiles=PROFILES, discovery=True, password=CANARY) as fleet:
        yield fleet


@pytest.fixture
def site(_site: Fleet) -> Fleet:
    """A camera of each generation: one with two addresses, one with IPv6 only; and one with a link-local address."""
    _site.reset()
    return _site


@pytest.fixture
def inventory(net: Namespaces, tmp_path: pathlib.Path) -> t.Callable[..., Inventory]:
    """List an inventory of these options on the controller."""

    def run(*arguments: str, **options: t.Any) -> Inventory:
        return list_inventory(write(tmp_path / "site.axis.yml", **options), *arguments, runner=net.run)

    return run


def test_every_source(net: Namespaces, site: Fleet, tmp_path: pathlib.Path) -> None:
    """Each device is one host, whoever saw it and at however many addresses, and the modules reach it."""
    source = write(tmp_path / "site.axis.yml", **LISTEN)
    found = list_inventory(source, runner=net.run)
    assert (found.code, found.warnings) == (0, []), found.output
    seen = {serial: values["vapix_sources"] for serial, values in found.hosts.items()}
    assert seen == {
        site.device("axis-os-12").serial: ["mdns"],
        site.device("axis-os-11").serial: ["mdns", "ws_discovery"],
        site.device("axis-os-10").serial: ["mdns", "ws_discovery"],
        site.device("axis-os-9").serial: ["mdns", "ws_discovery"],
        site.device("axis-os-5").serial: ["mdns", "ssdp"],
        site.devices[-1].serial: ["mdns"],
    }
    for device in site.devices:
        values = found.hosts[device.serial]
        assert values["vapix_model"] == device.model.removeprefix("AXIS ")
        assert values["ansible_host"].partition("%")[0] == device.addresses[0].partition("%")[0]
        assert (values["vapix_scheme"], values["vapix_port"]) == ("http", 80)
    two = found.hosts[site.device("axis-os-11").serial]["vapix_addresses"]
    assert two[:2] == ["10.77.0.6", "10.77.1.6"]
    arguments = ["-m", "axis.vapix.facts", "-a", "username=root query=serial"]
    asked = net.run(["ansible", "axis", "-i", str(source), *arguments], env=ansible_environment(CANARY))
    keep(asked.stdout + asked.stderr)
    assert all(f'"value": "{device.serial}"' in asked.stdout for device in site.devices), asked.stdout


@pytest.mark.parametrize(
    "name, profiles",
    [("mdns", PROFILES), ("ssdp", ["axis-os-5"]), ("ws_discovery", ["axis-os-9", "axis-os-10", "axis-os-11"])],
)
def test_one_source(site: Fleet, inventory: t.Callable[..., Inventory], name: str, profiles: t.Collection[str]) -> None:
    """Each source finds its devices alone, on the interface that is named."""
    found = inventory(**LISTEN | {"listen": [name]}, interfaces=[INTERFACE])
    wanted = {device.serial for device in site.devices if device.profile in profiles}
    assert (set(found.hosts), found.warnings) == (wanted, [])
    assert all(values["vapix_sources"] == [name] and values["vapix_model"] for values in found.hosts.values())


def test_sweep_among_dead_addresses(net: Namespaces, site: Fleet, inventory: t.Callable[..., Inventory]) -> None:
    """Live ones are found among addresses that nobody has, that refuse, and that say yes to everything; IPv6, too."""
    net.give("10.77.0.17")
    with yes_to_everything(net, "10.77.0.18"):
        found = inventory(
            sweep=["10.77.0.0/27", "10.77.1.6", "fd77::1-fd77::f"], timeout=0.5, group_by=["subnet"], ipv4_prefix=22
        )
    assert (set(found.hosts), found.warnings) == ({device.serial for device in site.devices[:-1]}, [])
    assert len(found.groups["subnet_10_77_0_0_22"]) == 4
    assert found.groups["subnet_fd77_64"] == [site.device("axis-os-10").serial]
    assert found.hosts[site.device("axis-os-11").serial]["vapix_addresses"] == ["10.77.0.6", "10.77.1.6"]


class _Yes(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"status": "success", "data": {"propertyList": {"Brand": "AXIS", "SerialNumber": "yes"}}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_arguments: object) -> None:
        """Silence."""


@contextlib.contextmanager
def yes_to_everything(net: Namespaces, address: str) -> collections.abc.Iterator[None]:
    """A web server that says yes to everything."""
    net.give(address)
    with net.site.call(http.server.ThreadingHTTPServer, (address, 80), _Yes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def test_a_device_that_moved(net: Namespaces, inventory: t.Callable[..., Inventory], tmp_path: pathlib.Path) -> None:
    """It is the same host at another address, also where its old one belongs to another device now."""
    options = LISTEN | {"listen": ["mdns"], "interfaces": [INTERFACE]} | cached(tmp_path)
    profiles = {"profiles": ["axis-os-12"], "discovery": True, "password": CANARY}
    with Namespaces.start() as other:
        source = write(tmp_path / "site.axis.yml", **options)
        with other.fleet([["10.77.0.5"], ["10.77.0.6"]], **profiles):
            before = list_inventory(source, runner=other.run)
        with other.fleet([["10.77.0.7"], ["10.77.0.5"]], **profiles):
            after = list_inventory(source, "--flush-cache", runner=other.run)
        first, second = sorted(before.hosts)
        places = [[listed.hosts[serial]["ansible_host"] for serial in (first, second)] for listed in (before, after)]
        assert places == [["10.77.0.5", "10.77.0.6"], ["10.77.0.7", "10.77.0.5"]]
        assert after.warnings == [] and len(after.hosts) == 2
        # And when nobody announces anything any more, the network is dead and the inventory is not.
        dead = list_inventory(source, "--flush-cache", runner=other.run)
        assert set(dead.hosts) == {first, second} and "not there now and are kept" in dead.warnings[0]


def test_hostile_names(net: Namespaces, site: Fleet, tmp_path: pathlib.Path) -> None:
    """What a device is called is text: in variables, in names of hosts, in the output."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:  # a short name: mDNS has room for little
        attack = f"{{{{ lookup('pipe', 'touch {folder}/x') }}}}"
        names = [attack, "localhost", "all\u202e\u2066", "axis", "Gate\x1b[31m", "Yard"]
        for device, name in zip(site.devices, names, strict=True):
            on = ("Network.Bonjour.FriendlyName", "Network.UPnP.FriendlyName")
            site.patch(device.serial, {"parameters": dict.fromkeys(on, name)})
        source = write(tmp_path / "site.axis.yml", **LISTEN, hostname="name", group_by=["model"])
        listed = list_inventory(source, runner=net.run)
        # The library refuses control characters; by SSDP that device is heard all the same.
        told = [warning for warning in listed.warnings if "the service Gate [31m" in warning]
        assert len(listed.hosts) == 6 and len(told) == 1, listed.output
        assert attack in {values.get("vapix_name") for values in listed.hosts.values()}
        for host, values in listed.hosts.items():
            assert host not in ("localhost", "all", "axis") and "{" not in host
            assert values.get("vapix_name", "").isprintable()  # SSDP has no place for control characters either
        assert "\x1b" not in listed.output
        arguments = ["-m", "ansible.builtin.debug", "-a", "msg='{{ vapix_name }} {{ inventory_hostname }}'"]
        shown = net.run(["ansible", "axis", "-i", str(source), *arguments], env=ansible_environment(CANARY))
        keep(shown.stdout + shown.stderr)
        assert "lookup(" in shown.stdout and not list(pathlib.Path(folder).iterdir()), shown.stdout


def test_interfaces_that_cannot(net: Namespaces, site: Fleet, inventory: t.Callable[..., Inventory]) -> None:
    """One that is not there and one that is down are told; the third still answers."""
    net.controller.ip("link add down0 type veth peer name down1")
    try:
        found = inventory(**LISTEN, interfaces=[INTERFACE, "down0", "eth9"])
    finally:
        net.controller.ip("link del down0")
    assert len(found.hosts) == 6
    told = " ".join(found.warnings)
    assert "interface eth9: there is none of this name here; there are lo, " in told, told
    for name in LISTEN["listen"]:
        assert f"{name}, interface down0: nothing can be sent to the multicast group" in told, told


def test_a_machine_without_multicast(tmp_path: pathlib.Path) -> None:
    """Every source says that it cannot, and the list still counts."""
    alone = _alone()
    try:
        (tmp_path / "list.csv").write_text("address,name\n192.0.2.1,Gate\n")
        source = write(tmp_path / "site.axis.yml", **LISTEN, static_file="list.csv", hostname="name", timeout=0.2)
        found = list_inventory(source, runner=functools.partial(alone.call, subprocess.run))
    finally:
        alone.close()
    assert set(found.hosts) == {"Gate"}
    told = " ".join(found.warnings)
    for name in LISTEN["listen"]:
        assert f"{name}, multicast: no interface can send to the group" in told, found.output


def _alone() -> Namespace:
    if not shutil.which("ip"):
        pytest.skip("NOT CHECKED: a machine without multicast: the command ip (iproute2) is missing")
    try:
        return Namespace()
    except OSError as error:
        pytest.skip(f"NOT CHECKED: a machine without multicast: {error}")


def test_hostile_neighbours(net: Namespaces, site: Fleet, inventory: t.Callable[..., Inventory]) -> None:
    """All that strangers can do at once: lie, flood, hang, never end, entities, templates. The devices are found."""
    kinds = subprocess.run(
        [sys.executable, str(SIMULATOR / "hostile.py"), "--help"], text=True, capture_output=True, check=True
    ).stdout.partition("KINDS: ")[2].split()  # fmt: skip
    # Who names a serial number where a login is wanted is taken for a device until the login.
    lot = [kind for kind in kinds if not kind.endswith("-realm")]
    assert len(lot) > 80
    places = [f"{kind}@10.77.3.{number}" for number, kind in enumerate(lot, 1)]
    begin = time.monotonic()
    with net.hostile(*places):
        found = inventory(**LISTEN, sweep=["10.77.3.0/25"], timeout=0.5, hostname="name", group_by=["model"])
    assert {values["vapix_serial"] for values in found.hosts.values()} == {device.serial for device in site.devices}
    assert time.monotonic() - begin < 60
    assert not any(values["ansible_host"].startswith(("10.77.3.", "127.")) for values in found.hosts.values())
    # Each source tells of the first it ignores, and one line of all that do not answer.
    assert len(found.warnings) <= 6 and "Traceback" not in found.output, found.warnings
    assert any("heard of, but not answering when asked" in warning for warning in found.warnings)


def test_strangers_that_send_junk(net: Namespaces, site: Fleet, inventory: t.Callable[..., Inventory]) -> None:
    """Packets that make no sense are told once a source; the devices are found all the same."""
    net.give("10.77.0.20")
    with junk(net, "10.77.0.20", 1900), junk(net, "10.77.0.20", 3702), junk(net, "10.77.0.20", 5353):
        found = inventory(**LISTEN)
    assert len(found.hosts) == 6
    assert sorted(warning.partition("discover: ")[2].partition(" sends")[0] for warning in found.warnings) == [
        "ssdp: what 10.77.0.20",
        "ws_discovery: what 10.77.0.20",
    ], found.output


@contextlib.contextmanager
def junk(net: Namespaces, address: str, port: int) -> collections.abc.Iterator[None]:
    """Somebody who answers every question to a multicast group with rubbish."""
    group = {1900: "239.255.255.250", 3702: "239.255.255.250", 5353: "224.0.0.251"}[port]
    sock = net.site.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("", port))
        membership = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(address))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        sender = net.site.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
        with sender:
            sender.bind((address, 0))
            threading.Thread(target=_answer, args=(sock, sender), daemon=True).start()
            yield


def _answer(sock: socket.socket, sender: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            _data, asker = sock.recvfrom(9000)
            for rubbish in (b"\x00", b"<" * 3000, b"HTTP/1.1 200 OK\r\n\r\n" + b"\xff" * 9000, bytes(range(256)) * 8):
                sender.sendto(rubbish, asker)
