# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras that go to other addresses: followed, recognised, and accounted for when they do not arrive."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import socket
import subprocess
import typing as t

import pytest
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, OtherMachine, Outcome, Run, play

Playbook = t.Callable[..., Run]
Args = dict[str, t.Any]

GENERATIONS = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")
CGI, PARAM = "/axis-cgi/network_settings.cgi", "/axis-cgi/param.cgi"
SET_IPV4 = {"path": CGI, "method": "setIPv4AddressConfiguration"}
#: Free addresses in the subnet of the cameras, and their router.
NEW, OTHER, ROUTER = "127.31.0.101", "127.31.0.102", "127.31.0.254"
DHCP = {"ipv4": {"source": "dhcp"}}
SHORT = {"reconnect_timeout": 0.8}


@pytest.fixture(scope="module")
def _street(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    with socket.create_server(("127.31.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Fleet.start(
        devices=len(GENERATIONS),
        profiles=GENERATIONS,
        spread="127.31.0.0/24",
        port=port,
        network_seconds=0.3,
        password=CANARY,
        tmp_path=scratch,
    ) as fleet:
        yield fleet


@pytest.fixture
def street(_street: Fleet) -> Fleet:
    """A camera of each generation at an address of its own, all at the same port, as new."""
    _street.clear_faults()
    _street.reset()
    return _street


@pytest.fixture
def one(ansible_playbook: Playbook) -> t.Callable[..., Outcome]:
    """Run the module on one device, which can have moved."""

    def run(fleet: Fleet, device: SimulatedDevice, args: Args, *options: str, **keywords: t.Any) -> Outcome:
        task = {
            "name": "Network",
            "axis.vapix.network": {"host": fleet.look(device.serial).address} | args,
            "ignore_errors": True,
            **keywords,
        }
        run = ansible_playbook([play([task], hosts=device.host_name)], fleet.inventory, *options)
        return run.of(device.host_name)

    return run


def static(address: str, **more: t.Any) -> Args:
    return {"ipv4": {"source": "static", "addresses": [f"{address}/24"], "gateway": ROUTER}, **more}


def writes(fleet: Fleet, device: SimulatedDevice) -> list[str]:
    return [request["operation"] for request in fleet.writes(device.serial)]


def curl(url: str, data: str) -> str:
    """An independent client, which sends JSON or a form."""
    command = ["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "10", "--anyauth"]
    if data.startswith("{"):
        command += ["--header", "Content-Type: application/json"]
    command += ["--config", "-", "--data", data, url]
    # The password goes in by standard input: command lines can be read by everybody.
    return subprocess.run(
        command, input=f'user = "root:{CANARY}"', text=True, capture_output=True, check=True, timeout=20
    ).stdout


def network_info(url: str) -> Args:
    """What a device tells it."""
    return json.loads(curl(url + CGI, '{"apiVersion": "1.0", "method": "getNetworkInfo"}'))["data"]


# -- moving ----------------------------------------------------------------------------------------------------------


def test_all_move_in_parallel(street: Fleet, ansible_playbook: Playbook, scratch: pathlib.Path) -> None:
    """To where they were told to, in one run; the play goes on there, and the second run is unchanged."""
    there = {device.host_name: f"127.31.0.{110 + number}" for number, device in enumerate(street.devices)}
    file = scratch / "there.json"
    file.write_text(json.dumps({"there": there}))
    move = {"name": "Move", "axis.vapix.network": static("{{ there[inventory_hostname] }}"), "register": "network"}
    go_on = {"name": "Go on", "ansible.builtin.set_fact": {"ansible_host": "{{ network.address }}"}}
    after = {"name": "After", "axis.vapix.ntp": {"servers": ["ntp.example.net"]}}
    extra = f"--extra-vars=@{file}"
    checked = ansible_playbook([play([move])], street.inventory, extra, "--check", "--diff")
    assert street.writes() == []
    done = ansible_playbook([play([move, go_on, after])], street.inventory, extra, "--diff")
    assert (done.code, done.warnings) == (0, []), done.output
    for device in street.devices:
        outcome, host = done.of(device.host_name, "Move"), there[device.host_name]
        assert outcome.result == checked.of(device.host_name).result and outcome.result["address"] == host
        assert street.look(device.serial).address == host and done.of(device.host_name, "After").changed
        risks = {change["path"]: change["risk"] for change in outcome.result["changes"]}
        assert risks == dict.fromkeys(("ipv4.source", "ipv4.addresses", "ipv4.gateway"), "moves_address")
        assert f"[{device.host_name}] looking for it at {host} and {device.address}" in done.output
        assert f"[{device.host_name}] found it at {host}" in done.output
        url = f"http://{host}:{device.port}"
        values = dict(
            line.removeprefix("root.").split("=", 1)
            for line in curl(url + PARAM, "action=list&group=root.Network").splitlines()
        )
        assert (values["Network.BootProto"], values["Network.IPAddress"]) == ("none", host)
        assert (values["Network.DefaultRouter"], values["Network.Broadcast"]) == (ROUTER, "127.31.0.255")
        if device.profile != "axis-os-5":
            ipv4 = network_info(url)["devices"][0]["IPv4"]
            assert (ipv4["configurationMode"], ipv4["staticDefaultRouter"]) == ("static", ROUTER)
    street.reset(requests_only=True)
    move["axis.vapix.network"]["host"] = "{{ there[inventory_hostname] }}"
    again = ansible_playbook([play([move])], street.inventory, extra)
    assert not any(outcome.changed for outcome in again.outcomes) and street.writes() == []


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-5"])
def test_from_static_to_dhcp(profile: str, street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Nobody can know the lease; it is found where it was told to look."""
    device = street.device(profile)
    assert one(street, device, static(NEW)).result["address"] == NEW
    args = DHCP | {"reconnect_hosts": [OTHER, device.address]}
    predicted = one(street, device, args, "--check")
    assert predicted.changed and predicted.result["address"] is None
    done = one(street, device, args)
    assert done.status == "ok" and done.result["address"] == device.address, done.message
    assert street.look(device.serial).address == device.address
    assert done.result["changes"] == predicted.result["changes"]
    assert not one(street, device, args).changed
    # The same lease as the static address: nothing moves, and that is seen.
    assert one(street, device, static(device.address)).result["address"] == device.address
    done = one(street, device, DHCP | SHORT)
    assert done.changed and done.result["address"] == device.address


def test_from_the_address_it_has_as_new(street: Fleet, ansible_playbook: Playbook) -> None:
    """To that in the inventory, as the examples have it; the second run finds it there."""
    device = street.device("axis-os-12")
    ask = {"name": "Ask", "axis.vapix.facts": {"gather_subset": ["identity"]}, "register": "there"}
    move = {
        "name": "Move",
        "axis.vapix.network": static("{{ ansible_host }}")
        | {"host": "{{ omit if there.ansible_facts is defined else first_address }}"},
    }
    variables = {"ansible_host": NEW, "first_address": device.address}
    plays = [play([ask | {"failed_when": False}, move], hosts=device.host_name, vars=variables)]
    for changed in (True, False):
        run = ansible_playbook(plays, street.inventory)
        outcome = run.of(device.host_name, "Move")
        assert (run.code, run.warnings) == (0, []), run.output
        assert outcome.changed is changed and outcome.result["address"] == NEW


def test_a_lease_that_nobody_told_of(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = street.device("axis-os-12")
    assert one(street, device, static(NEW)).changed
    street.patch(device.serial, {"plan": {"lease": {"address": OTHER}}})
    outcome = one(street, device, DHCP | SHORT)
    assert outcome.status == "failed" and "reconnect_hosts" in outcome.message
    assert f"at {NEW}: nothing listens" in outcome.message
    assert outcome.result["failure"]["unknown"] == ["ipv4.source"]
    assert not one(street, device, DHCP).changed, "it is there, and as it should be"


def test_names_first_then_the_address(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = street.device("axis-os-12")
    args = static(NEW) | {"hostname": {"name": "gate"}, "ipv6": {"enabled": True}, "vlans": [{"id": 3}]}
    assert one(street, device, args).result["address"] == NEW
    assert writes(street, device) == [
        "setHostnameConfiguration", "setIPv6AddressConfiguration", "addVlan", "setIPv4AddressConfiguration",
    ]  # fmt: skip


# -- not arriving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-5"])
def test_taken_back(profile: str, street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """The device is where it was, and what was set before stays."""
    device = street.device(profile)
    street.patch(device.serial, {"plan": {"network": "rolls_back"}})
    outcome = one(street, device, static(NEW) | SHORT | {"hostname": {"name": "gate"}})
    assert outcome.status == "failed" and outcome.changed
    assert "took the change of its address back" in outcome.message
    assert f"at {NEW}: nothing listens" in outcome.message
    assert f"at {device.address}: it still has its old settings" in outcome.message
    failure = outcome.result["failure"]
    assert failure["applied"] == ["hostname.name"]
    assert failure["not_applied"] == ["ipv4.source", "ipv4.addresses", "ipv4.gateway"]
    assert street.look(device.serial).address == device.address
    street.patch(device.serial, {"plan": {"network": "applies"}})
    assert one(street, device, static(NEW)).result["address"] == NEW


def test_it_never_comes(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = street.device("axis-os-12")
    street.patch(device.serial, {"plan": {"network": "lost"}})
    outcome = one(street, device, static(NEW) | SHORT | {"hostname": {"name": "gate"}})
    assert outcome.status == "failed" and outcome.changed
    for host in (NEW, device.address):
        assert f"at {host}: nothing listens on port {device.port}" in outcome.message
    failure = outcome.result["failure"]
    assert failure["applied"] == ["hostname.name"]
    assert failure["unknown"] == ["ipv4.source", "ipv4.addresses", "ipv4.gateway"]


def test_another_camera_has_the_address(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """It is seen in time, in check mode too; the other one gets no login."""
    device, other = street.device("axis-os-12"), street.device("axis-os-9")
    for options in (("--check",), ()):
        outcome = one(street, device, static(other.address), *options)
        assert outcome.status == "failed"
        said = f"something else answers at {other.address} already (serial number {other.serial})"
        assert said in outcome.message, outcome.message
    assert street.writes() == []
    assert street.requests(other.serial) and not any(request["user"] for request in street.requests(other.serial))


def test_another_camera_comes_to_the_address(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """While ours is lost on the way: it is told from ours, and gets no login."""
    device, other = street.device("axis-os-12"), street.device("axis-os-9")
    street.patch(device.serial, {"plan": {"network": "lost"}})
    for position in (1, 2, 3):  # the look at the free address, which is repeated
        street.fault("close", device=other.serial, path="*", position=position)
    outcome = one(street, device, static(other.address) | SHORT)
    assert outcome.status == "failed", outcome.message
    assert f"at {other.address}: another device, with serial number {other.serial}" in outcome.message
    assert not any(request["user"] for request in street.requests(other.serial))


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-5"])
def test_the_command_goes_wrong(profile: str, street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """What is told is what is so, and the address is never set twice."""
    device = street.device(profile)
    request = {"path": PARAM, "method": "update"} if profile == "axis-os-5" else SET_IPV4
    for kind, fields, moved in (
        ("close_after_apply", {}, True),
        ("ignore", {}, False),
        ("close", {}, False),
        ("status", {"code": 500, "body": "no"}, False),
    ):
        street.clear_faults()
        street.reset(device.serial)
        street.fault(kind, device=device.serial, position="all", **request, **fields)
        outcome = one(street, device, static(NEW) | ({} if moved else SHORT))
        assert len(writes(street, device)) == 1, kind
        assert (outcome.status == "ok") is moved and outcome.changed is moved, (kind, outcome.message)
        assert street.wait_for_network(device.serial).address == (NEW if moved else device.address), kind
        if kind == "close":
            assert "and the command was not answered" in outcome.message
        if not moved:
            assert "ipv4.addresses" in outcome.result["failure"]["not_applied"], kind


def test_802_1x_cuts_it_off(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """A switch that lets nobody in; and one that does."""
    device = street.device("axis-os-12")
    args = {"dot1x": {"enabled": True, "mode": "eap_tls", "identity": "gate"}}
    street.patch(device.serial, {"plan": {"switch": "accepts"}})
    assert one(street, device, args).changed and not one(street, device, args).changed
    street.reset(device.serial)
    street.patch(device.serial, {"plan": {"switch": "refuses"}})
    outcome = one(street, device, args | SHORT)
    assert outcome.status == "failed" and f"at {device.address}: nothing listens" in outcome.message


def test_certificates(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """802.1X with certificates of the device, as it tells somebody else."""
    device = street.device("axis-os-12")
    client, ca = "Axis device ID RSA-2048 (802.1AR)", "Axis device ID Root CA RSA"
    ours = {"client_certificate": client, "ca_certificates": [ca]}
    args = {"dot1x": {"enabled": True, "mode": "eap_tls", **ours}}
    done = one(street, device, args)
    assert [change["path"] for change in done.result["changes"]] == [
        "dot1x.enabled", "dot1x.client_certificate", "dot1x.ca_certificates"
    ]  # fmt: skip
    told = network_info(device.url)["devices"][0]["wired"]["8021X"]
    params = next(entry["params"] for entry in told["configurations"] if entry["mode"] == told["mode"])
    assert told["enabled"] and (params["certClient"], params["certsCA"]) == (client, [ca])
    assert not one(street, device, args).changed
    nothing = {"dot1x": {"enabled": False, "client_certificate": None, "ca_certificates": None}}
    assert one(street, device, nothing).changed and not one(street, device, nothing).changed


# -- HTTPS -----------------------------------------------------------------------------------------------------------


def test_https(secured: Fleet, ansible_playbook: Playbook) -> None:
    """By CA it stays proven, with a warning for what comes next; pinned or unchecked there is nothing to warn of."""
    device = secured.devices[0]
    trust: dict[str, Args] = {
        "ca": {"ca_path": str(secured.ca_file)},
        "pin": {"fingerprint": device.fingerprint_sha256},
        "nothing": {"validate_certs": False},
    }
    for name, options in trust.items():
        secured.reset(device.serial)
        args = {"ipv4": {"source": "static", "addresses": ["127.0.7.7/24"], "gateway": "127.0.7.1"}}
        tasks = [
            {"name": "Move", "axis.vapix.network": args | options},
            {"name": "Next", "axis.vapix.network": args | options | {"host": "127.0.7.7"}, "ignore_errors": True},
        ]
        run = ansible_playbook([play(tasks, hosts=device.host_name)], secured.inventory)
        assert run.of(device.host_name, "Move").result["address"] == "127.0.7.7", run.output
        following = run.of(device.host_name, "Next")
        warned = [warning for warning in run.warnings if "WARNING" in warning]
        if name == "ca":
            assert len(warned) == 1 and "its certificate is for 127.0.0.1" in warned[0]
            assert following.status == "failed" and "is not trusted" in following.message
        else:
            assert warned == [] and following.status == "ok" and not following.changed


# -- several hosts ---------------------------------------------------------------------------------------------------


def test_an_address_for_two(street: Fleet, ansible_playbook: Playbook, other_machine: OtherMachine) -> None:
    """One of them gets it, in whatever way they are run; behind another machine is another network."""
    task = {"name": "Move", "axis.vapix.network": static(NEW), "ignore_errors": True}
    hosts = [device.host_name for device in street.devices[:2]]

    def run(*options: str, **keywords: t.Any) -> list[Outcome]:
        plays = [play([task | keywords.pop("task", {})], hosts=",".join(hosts), **keywords)]
        inventories = [street.inventory, other_machine.inventory]
        return ansible_playbook(plays, inventories, "--check", *options).outcomes

    for outcomes in (run(), run(serial=1)):
        refused = [outcome for outcome in outcomes if outcome.status == "failed"]
        assert len(outcomes) == 2 and len(refused) == 1
        winner = next(host for host in hosts if host != refused[0].host)
        assert f"the address {NEW} is declared for {winner}, too. Nothing was sent" in refused[0].message
    assert [outcome.status for outcome in run("--limit", hosts[1])] == ["ok"]
    apart = {"delegate_to": "{{ 'jump' if inventory_hostname == '" + hosts[0] + "' else omit }}"}
    assert [outcome.status for outcome in run(task=apart)] == ["ok", "ok"]
    other = {"axis.vapix.network": static("127.31.0.{{ 200 if inventory_hostname == '" + hosts[0] + "' else 201 }}")}
    assert [outcome.status for outcome in run(task=other)] == ["ok", "ok"]
    assert street.writes() == []


def test_delegated_to_another_machine(street: Fleet, other_machine: OtherMachine, ansible_playbook: Playbook) -> None:
    """The real module runs there, follows the device, and tells no secret."""
    device = street.device("axis-os-12")
    dot1x = {"mode": "peap_mschapv2", "identity": "gate", "password": "CANARY-dot1x"}
    proxy = {"http": "http://user:CANARY-proxy@proxy.example.net:3128"}
    task = {
        "name": "Move",
        "axis.vapix.network": static(NEW, dot1x=dot1x, global_proxy=proxy),
        "delegate_to": "jump",
        "no_log": False,
    }
    plays = [play([task], hosts=device.host_name)]
    inventories = [street.inventory, other_machine.inventory]
    assert ansible_playbook(plays, inventories, "--check").of(device.host_name).result["address"] == NEW
    assert street.writes() == []
    done = ansible_playbook(plays, inventories, "-v")
    assert (done.code, done.warnings) == (0, []) and "CANARY" not in done.output, done.output
    assert done.of(device.host_name).result["address"] == NEW and other_machine.trace.read_text()
    task["axis.vapix.network"]["host"] = NEW
    assert not ansible_playbook(plays, inventories).of(device.host_name).changed


# -- what devices lack, and what they do not tell --------------------------------------------------------------------


def test_old_devices(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    """What they lack is refused, or left out where asked."""
    device = street.device("axis-os-5")
    args = {"vlans": [{"id": 3}], "dns": {"search_domains": ["example.net"]}, "hostname": {"name": "gate"}}
    outcome = one(street, device, args)
    assert outcome.status == "failed" and "cannot hold dns.search_domains, vlans" in outcome.message
    assert street.writes() == []
    outcome = one(street, device, args | {"on_unsupported": "warn"})
    assert [change["path"] for change in outcome.result["changes"]] == ["hostname.name"]


def test_interface(street: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = street.device("axis-os-12")
    outcome = one(street, device, {"interface": "eth0", "ipv4": {"static_fallback": True}})
    assert outcome.changed and outcome.result["interface"] == "eth0"


def test_secrets(street: Fleet, ansible_playbook: Playbook, tmp_path: pathlib.Path) -> None:
    """Sent once, or always where asked, and never shown; the password of a proxy is not compared."""
    device = street.device("axis-os-12")
    kept = tmp_path / "secrets.json"
    url = "http://user:{}@proxy.example.net:3128"
    kept.write_text(json.dumps({
        "one": "CANARY-one", "two": "CANARY-two", "cak": "00112233445566778899aabbccddeeff",
        "proxy_one": url.format("CANARY-three"), "proxy_two": url.format("CANARY-four"),
    }))  # fmt: skip

    def run(password: str, proxy: str, **more: t.Any) -> list[str]:
        peap = {"enabled": True, "mode": "peap_mschapv2", "identity": "gate", "password": password}
        args = {"dot1x": peap, "global_proxy": {"http": proxy}, **more}
        plays = [play([{"name": "Network", "axis.vapix.network": args}], hosts=device.host_name)]
        done = ansible_playbook(plays, street.inventory, f"--extra-vars=@{kept}", "--diff", "-vvv")
        shown = "\n".join(line for line in done.output.splitlines() if not line.startswith("EXEC"))
        assert done.code == 0 and "CANARY" not in shown, done.output
        return [change["path"] for change in done.of(device.host_name).result["changes"]]

    first = ["global_proxy.http", "dot1x.enabled", "dot1x.mode", "dot1x.identity", "dot1x.password"]
    assert run("{{ one }}", "{{ proxy_one }}") == first
    assert run("{{ two }}", "{{ proxy_two }}") == []
    assert run("{{ two }}", "{{ proxy_two }}", update_password="always") == ["global_proxy.http", "dot1x.password"]
    sent = [json.loads(request["body"])["params"] for request in street.writes(device.serial)]
    assert os.fsencode(json.dumps(sent)).count(b"proxy.example.net") == 2
