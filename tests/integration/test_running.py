# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which Ansible runs a task: in the worker, elsewhere, later, in loops, with defaults from everywhere."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import time
import typing as t

import pytest
import yaml
from harness.ansible_environment import ansible_environment
from harness.fleet import SIMULATOR, Fleet
from harness.playbook import CANARY, OtherMachine, Run, play

Playbook = t.Callable[..., Run]
SERVERS = {"servers": ["ntp.example.net"]}


@pytest.mark.smoke
def test_every_module_on_every_generation(generations: Fleet, ansible_playbook: Playbook) -> None:
    """The short proof that all of it works on this pair of ansible-core and Python: change, then nothing to change."""
    tasks = [
        {"name": "facts", "axis.vapix.facts": {"gather_subset": ["all"]}},
        {
            "name": "param",
            "axis.vapix.param": {
                "parameters": {"Network.Bonjour.FriendlyName": "Gate 4"},
                "groups": [{"parent": "StreamProfile", "present": [{"Name": "wall", "Parameters": "fps=5"}]}],
            },
        },
        {"name": "ntp", "axis.vapix.ntp": {"source": "static"} | SERVERS},
        {"name": "time", "axis.vapix.time": {"timezone": "Asia/Tokyo"}},
        {"name": "api", "axis.vapix.api": {"dialect": "param", "method": "list", "params": {"group": "Brand"}}},
    ]
    hosts = [device.host_name for device in generations.devices]
    resources = ("param", "ntp", "time")
    predicted = ansible_playbook([play(tasks)], generations.inventory, "--check", "--diff")
    assert (predicted.code, predicted.warnings, generations.writes()) == (0, [], []), predicted.output
    done = ansible_playbook([play(tasks)], generations.inventory, "--diff")
    assert (done.code, done.warnings) == (0, []), done.output
    for host in hosts:
        assert "Brand.Brand=AXIS" in done.of(host, "api").result["response"]
        assert done.of(host, "facts").result["ansible_facts"]["vapix"]["serial"] == host.removeprefix("axis-").upper()
        for task in resources:
            assert done.of(host, task).changed
            assert predicted.of(host, task).result == done.of(host, task).result
    generations.reset(requests_only=True)
    again = ansible_playbook([play(tasks)], generations.inventory)
    assert (again.code, again.warnings, generations.writes()) == (0, [], []), again.output
    assert not any(outcome.changed for outcome in again.outcomes)


@pytest.mark.smoke
def test_delegated_to_another_machine(
    generations: Fleet, other_machine: OtherMachine, ansible_playbook: Playbook
) -> None:
    """The real module runs there, with the connection of the camera, and returns the same as in the worker."""
    device = generations.device("axis-os-12")
    jump, trace = other_machine
    inventories = [generations.inventory, jump]
    task = {"name": "Set", "axis.vapix.ntp": SERVERS}
    delegated = task | {"delegate_to": "jump"}
    here = ansible_playbook([play([task], hosts=device.host_name)], inventories, "--check").of(device.host_name).result
    checked = ansible_playbook([play([delegated], hosts=device.host_name)], inventories, "--check")
    assert checked.code == 0 and checked.warnings == [], checked.output
    result = checked.of(device.host_name).result
    assert {key: result[key] for key in here} == here
    assert generations.writes() == []
    # The other machine's Python is one that leaves a trace: the module ran there, and in the worker it does not.
    assert ansible_playbook([play([delegated], hosts=device.host_name)], inventories).of(device.host_name).changed
    assert trace.read_text()
    trace.unlink()
    assert not ansible_playbook([play([task], hosts=device.host_name)], inventories).of(device.host_name).changed
    assert not trace.exists()
    null = task | {"axis.vapix.ntp": {"servers": None, "source": None}, "delegate_to": "jump"}
    assert ansible_playbook([play([null], hosts=device.host_name)], inventories).of(device.host_name).changed
    assert generations.state(device.serial)["ntp"]["staticServers"] == []
    wrong = task | {"axis.vapix.ntp": {"source": "static"}, "delegate_to": "jump", "ignore_errors": True}
    outcome = ansible_playbook([play([wrong], hosts=device.host_name)], inventories).of(device.host_name)
    assert "there are no servers" in outcome.message and outcome.result["failure"]["api"]


def test_environment_of_the_controller_counts_elsewhere_too(
    generations: Fleet, scratch: pathlib.Path, ansible_playbook: Playbook
) -> None:
    """A delegated task gets its password from the controller's environment, which the other machine does not have."""
    device = generations.device("axis-os-12")
    python, inventory = scratch / "python-without", scratch / "elsewhere.yml"
    python.write_text(f'#!/bin/sh\nexec env -u AXIS_VAPIX_PASSWORD {sys.executable} "$@"\n')
    python.chmod(0o755)
    camera = {"ansible_host": device.address, "vapix_port": device.port, "vapix_scheme": "http", "ansible_user": "root"}
    jump = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    inventory.write_text(
        yaml.safe_dump({"cameras": {"hosts": {"camera": camera}}, "others": {"hosts": {"jump": jump}}})
    )
    ask = {"name": "Ask", "axis.vapix.facts": {"query": "model"}, "delegate_to": "jump"}
    assert ansible_playbook([play([ask])], inventory).of("camera").result.get("value") == "P3265-V"


def test_delegated_to_localhost(generations: Fleet, ansible_playbook: Playbook) -> None:
    """That is where it runs anyway."""
    device = generations.device("axis-os-12")
    task = {"name": "Set", "axis.vapix.ntp": SERVERS, "delegate_to": "localhost"}
    run = ansible_playbook([play([task], hosts=device.host_name)], generations.inventory, "-vvv")
    assert (
        run.code == 0
        and run.of(device.host_name).changed
        and "AnsiballZ" not in run.output
        and "EXEC" not in run.output
    )


def test_asynchronous(generations: Fleet, ansible_playbook: Playbook) -> None:
    """With async the real module runs on the machine it is delegated to; the camera is never asked to run it."""
    device = generations.device("axis-os-9")
    task = {"name": "Set", "axis.vapix.ntp": SERVERS, "async": 60, "poll": 1}
    alone = task | {"name": "Alone", "ignore_errors": True}
    plays = [play([alone, task | {"delegate_to": "localhost"}], hosts=device.host_name)]
    # Ansible asks for the outcome with the interpreter of the camera, so to say.
    python = f"ansible_python_interpreter={sys.executable}"
    run = ansible_playbook(plays, generations.inventory, "--extra-vars", python)
    assert "delegate_to: localhost" in run.of(device.host_name, "Alone").message
    assert run.code == 0 and run.of(device.host_name, "Set").changed, run.output
    assert generations.state(device.serial)["ntp"]["staticServers"] == ["ntp.example.net"]


def test_loop_leaves_arguments_alone(generations: Fleet, ansible_playbook: Playbook) -> None:
    """Each round of a loop sees its own arguments and the defaults of the host, not those of the round before."""
    device = generations.device("axis-os-12")
    task = {
        "name": "Set",
        "axis.vapix.param": {"parameters": {"Network.Bonjour.FriendlyName": "{{ item }}"}},
        "loop": ["one", "two", "three"],
    }
    run = ansible_playbook([play([task], hosts=device.host_name)], generations.inventory)
    rounds = run.of(device.host_name).result["results"]
    assert [entry["changes"][0]["after"] for entry in rounds] == ["one", "two", "three"]
    assert [entry["changes"][0]["before"] for entry in rounds][1:] == ["one", "two"]


def test_where_connection_options_come_from(
    generations: Fleet, scratch: pathlib.Path, ansible_playbook: Playbook
) -> None:
    """Task before module_defaults before host variables before the environment."""
    device = generations.device("axis-os-12")
    good = {"host": device.address, "port": device.port, "scheme": "http", "username": "root"}
    bare = scratch / "bare.yml"
    bare.write_text(yaml.safe_dump({"cameras": {"hosts": {"camera": {}, "variables": {
        "ansible_host": device.address, "vapix_port": device.port, "vapix_scheme": "http", "ansible_user": "nobody",
        "vapix_username": "{{ account }}", "account": "root", "ansible_password": CANARY,
    }}}}))  # fmt: skip
    ask = {"name": "Ask", "axis.vapix.facts": {"query": "model"}}
    defaults = {"module_defaults": {"group/axis.vapix.vapix": good}}
    wrong_defaults = {"module_defaults": {"group/axis.vapix.vapix": good | {"port": 1}}}
    plays = [
        play([ask | {"name": "defaults"}], hosts="camera", **defaults),
        play(
            [ask | {"name": "task", "axis.vapix.facts": ask["axis.vapix.facts"] | good}],
            hosts="camera",
            **wrong_defaults,
        ),
        play([ask | {"name": "variables"}], hosts="variables"),
    ]
    run = ansible_playbook(plays, bare)
    assert run.code == 0, run.output
    assert [outcome.result["value"] for outcome in run.outcomes] == ["P3265-V"] * 3
    environment = {
        "AXIS_VAPIX_HOST": "192.0.2.1",
        "AXIS_VAPIX_PORT": str(device.port),
        "AXIS_VAPIX_SCHEME": "http",
        "AXIS_VAPIX_USERNAME": "root",
    }
    run = ansible_playbook(
        [play([ask | {"axis.vapix.facts": {"query": "model", "host": device.address}}], hosts="camera")],
        bare,
        environment=environment,
    )
    assert run.of("camera").result["value"] == "P3265-V", run.output


def test_vaulted_password(generations: Fleet, scratch: pathlib.Path, ansible_playbook: Playbook) -> None:
    """A password that is a vaulted string in the inventory."""
    device = generations.device("axis-os-12")
    key = scratch / "vault-key"
    key.write_text("vault-key-CANARY")
    vaulted = subprocess.run(
        ["ansible-vault", "encrypt_string", "--vault-password-file", str(key), CANARY, "--name", "ansible_password"],
        env=ansible_environment(CANARY), text=True, capture_output=True, check=True,
    ).stdout  # fmt: skip
    inventory = scratch / "vaulted.yml"
    lines = [
        f"ansible_host: {device.address}",
        f"vapix_port: {device.port}",
        "vapix_scheme: http",
        "ansible_user: root",
    ]
    block = "\n".join([*lines, *vaulted.splitlines()])
    inventory.write_text(
        "cameras:\n  hosts:\n    camera:\n" + "\n".join(f"      {line}" for line in block.splitlines())
    )
    tasks = [{"name": "Ask", "axis.vapix.facts": {"query": "model"}}]
    run = ansible_playbook(
        [play(tasks)], inventory, "--vault-password-file", str(key), environment={"AXIS_VAPIX_PASSWORD": ""}
    )
    assert run.of("camera").result.get("value") == "P3265-V", run.output


def test_no_secret_is_shown(generations: Fleet, scratch: pathlib.Path, ansible_playbook: Playbook) -> None:
    """Not the password, nor a secret parameter, before or after, however talkative Ansible is asked to be."""
    communities = ["community-CANARY-one", "community-CANARY-two"]
    tasks = [
        {
            "name": f"Set {number}",
            "axis.vapix.param": {"parameters": {"SNMP.V1ReadCommunity": f"{{{{ communities[{number}] }}}}"}},
        }
        for number in range(2)
    ]
    # The password as an option of the task, and an error in which the device could echo what was sent.
    tasks.append({"name": "Wrong", "axis.vapix.ntp": {"servers": ["{{ ansible_password }} x"]}, "ignore_errors": True})
    kept = scratch / "secrets.yml"  # as in a vault: Ansible shows lines of the playbook itself around an error
    kept.write_text(yaml.safe_dump({"communities": communities}))
    run = ansible_playbook([play(tasks)], generations.inventory, "--diff", "-vvv", "--extra-vars", f"@{kept}")
    assert len([outcome for outcome in run.outcomes if outcome.changed]) == 2 * len(generations.devices)
    told = [outcome.result for outcome in run.outcomes if outcome.task.startswith("Set")]
    assert not any(secret in str(told) for secret in (CANARY, *communities))
    assert CANARY not in run.output
    assert not any(community in run.output for community in communities)


def test_api(generations: Fleet, ansible_playbook: Playbook) -> None:
    """Raw calls: reading ones are made in check mode, others reported and not sent."""
    device = generations.device("axis-os-12")
    zone = "/config/rest/time/v2/timeZone/iana"
    static = {"enabled": True, "NTSEnabled": False, "serversSource": "static", "staticServers": ["a.example.net"]}
    calls: dict[str, tuple[dict[str, t.Any], bool]] = {
        "json get": ({"dialect": "json", "path": "ntp.cgi", "method": "getNTPInfo"}, False),
        "json set": (
            {"dialect": "json", "path": "/axis-cgi/ntp.cgi", "method": "setNTPClientConfiguration", "params": static},
            True,
        ),
        "rest get": ({"dialect": "rest", "path": "/config/rest/time/v2", "method": "GET"}, False),
        "rest patch": ({"dialect": "rest", "path": f"{zone}/timeZone", "method": "PATCH", "params": "UTC"}, True),
        "rest action": (
            {"dialect": "rest", "path": f"{zone}/getTimeZoneList", "method": "POST", "params": {}, "read_only": True},
            False,
        ),
        "param list": ({"dialect": "param", "method": "list", "params": {"group": "root.Brand"}}, False),
        "param update": ({"dialect": "param", "method": "update", "params": {"Network.UPnP.Enabled": True}}, True),
        "cgi": ({"dialect": "cgi", "path": "usergroup.cgi", "method": "GET", "read_only": True}, False),
    }  # fmt: skip
    tasks = [{"name": name, "axis.vapix.api": args} for name, (args, _writes) in calls.items()]
    checked = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory, "--check")
    assert checked.code == 0 and checked.warnings == [], checked.output
    assert generations.writes() == []
    done = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory)
    assert done.code == 0 and done.warnings == [], done.output
    for name, (_args, writes) in calls.items():
        for run, sent in ((checked, not writes), (done, True)):
            result = run.of(device.host_name, name).result
            assert (result["changed"], result["sent"]) == (writes, sent), name
    assert done.of(device.host_name, "json get").result["response"]["client"]["enabled"] is True
    assert "root.Brand.Brand=AXIS" in done.of(device.host_name, "param list").result["response"]
    state = generations.state(device.serial)
    assert state["ntp"]["staticServers"] == ["a.example.net"] and state["time"]["iana"] == "UTC"
    assert state["parameters"]["Network.UPnP.Enabled"] == "yes"


def test_clock(generations: Fleet, ansible_playbook: Playbook) -> None:
    """The clock is set when it is off by more than what is allowed, and then left alone."""
    devices = [generations.device(profile) for profile in ("axis-os-12", "axis-os-11", "axis-os-9")]
    hosts = ",".join(device.host_name for device in devices)
    for device in devices:
        generations.patch(device.serial, {"clock_offset": -86400})
    tasks = [{"name": "Set", "axis.vapix.time": {"sync_clock": True}}]
    patient = [{"name": "Leave", "axis.vapix.time": {"sync_clock": True, "max_clock_error": 90000}}]
    left = ansible_playbook([play(patient, hosts=hosts)], generations.inventory)
    assert not any(outcome.changed for outcome in left.outcomes) and len(left.outcomes) == len(devices)
    predicted = ansible_playbook([play(tasks, hosts=hosts)], generations.inventory, "--check")
    assert generations.writes() == []
    done = ansible_playbook([play(tasks, hosts=hosts)], generations.inventory)
    for device in devices:
        assert predicted.of(device.host_name).result == done.of(device.host_name).result
        assert [change["path"] for change in done.of(device.host_name).result["changes"]] == ["sync_clock"]
        assert abs(generations.state(device.serial)["time"]["clock_offset"]) <= 3
    generations.reset(requests_only=True)
    again = ansible_playbook([play(tasks, hosts=hosts)], generations.inventory)
    assert not any(outcome.changed for outcome in again.outcomes) and generations.writes() == []


def test_facts_tell_the_same_on_all_generations(generations: Fleet, ansible_playbook: Playbook) -> None:
    tasks = [{"name": "Ask", "axis.vapix.facts": {"gather_subset": ["all"]}}]
    run = ansible_playbook([play(tasks)], generations.inventory)
    facts = {
        device.profile: run.of(device.host_name).result["ansible_facts"]["vapix"] for device in generations.devices
    }
    assert len({tuple(sorted(told)) for told in facts.values()}) == 1
    for device in generations.devices:
        told = facts[device.profile]
        assert (told["serial"], told["axis_os"], told["brand"]) == (device.serial, device.axis_os, "AXIS")
        assert told["model"] in device.model
    assert facts["axis-os-12"]["apis"]["rest"]["time"] == ["2.0.1"] and facts["axis-os-12"]["state"]["ready"] is True
    assert facts["axis-os-5"]["apis"] == {"json": {}, "rest": {}} and facts["axis-os-5"]["state"]["ready"] is None
    assert facts["axis-os-5"]["capabilities"]["ptz"] is True
    assert [facts[profile]["capabilities"]["digital_ptz"] for profile in ("axis-os-5", "axis-os-12")] == [False, True]


def test_unsupported_settings_are_left_out_where_asked(generations: Fleet, ansible_playbook: Playbook) -> None:
    """For a fleet of all ages: what an old camera cannot hold is skipped with a warning, the rest is not."""
    device = generations.device("axis-os-5")
    args = SERVERS | {"nts": {"enabled": True, "servers": ["nts.example.net"]}, "on_unsupported": "warn"}
    clock = {"timezone": "Asia/Tokyo", "sync_clock": True, "on_unsupported": "warn"}
    old = ansible_playbook(
        [play([{"name": "Set", "axis.vapix.time": clock}], hosts=device.host_name)], generations.inventory
    )
    assert old.of(device.host_name).changed and "cannot set the clock" in old.warnings[0]
    run = ansible_playbook(
        [play([{"name": "Set", "axis.vapix.ntp": args}], hosts=device.host_name)], generations.inventory
    )
    assert run.code == 0 and run.of(device.host_name).changed
    assert len(run.warnings) == 1 and "cannot hold nts.enabled, nts.servers" in run.warnings[0]


def test_certificates_of_nts_servers(generations: Fleet, ansible_playbook: Playbook) -> None:
    """CA certificates by their names on the device, in any order."""
    device = generations.device("axis-os-12")
    generations.patch(device.serial, {"ca_certificates": ["corp-root", "lab-root"]})
    nts = {"enabled": True, "servers": ["nts.example.net"], "ca_certificates": ["corp-root", "lab-root"]}
    tasks = [
        {"name": "set", "axis.vapix.ntp": {"nts": nts}},
        {"name": "same", "axis.vapix.ntp": {"nts": nts | {"ca_certificates": ["lab-root", "corp-root"]}}},
        {"name": "fewer", "axis.vapix.ntp": {"nts": {"ca_certificates": ["lab-root"]}}},
        {"name": "unknown", "axis.vapix.ntp": {"nts": {"ca_certificates": ["nope"]}}, "ignore_errors": True},
    ]
    run = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory)
    assert [run.of(device.host_name, task["name"]).changed for task in tasks] == [True, False, True, False]
    assert run.of(device.host_name, "unknown").status == "failed"
    assert generations.state(device.serial)["ntp"]["NTSKEServerCACerts"] == ["lab-root"]


def test_write_only_parameters(generations: Fleet, ansible_playbook: Playbook) -> None:
    """Refused unless they shall be sent each time; never shown."""
    device = generations.device("axis-os-12")
    parameters = {"Network.Interface.I0.dot1x.EAPTLS.PrivateKeyPassword": "key-CANARY-77"}
    tasks = [
        {"name": "refuse", "axis.vapix.param": {"parameters": parameters}, "ignore_errors": True, "no_log": False},
        {"name": "send", "axis.vapix.param": {"parameters": parameters, "write_only": "send"}},
        {"name": "again", "axis.vapix.param": {"parameters": parameters, "write_only": "send"}},
    ]
    kept = [task | {"axis.vapix.param": task["axis.vapix.param"] | {"parameters": "{{ kept }}"}} for task in tasks]
    plays = [play(kept, hosts=device.host_name, vars={"kept": parameters})]
    run = ansible_playbook(plays, generations.inventory)
    assert "write-only" in run.of(device.host_name, "refuse").message
    assert run.of(device.host_name, "send").changed and run.of(device.host_name, "again").changed
    assert "key-CANARY" not in str([outcome.result for outcome in run.outcomes])
    assert len(generations.writes(device.serial)) == 2


def test_someone_changes_it_back(generations: Fleet, ansible_playbook: Playbook) -> None:
    """Drift is seen and mended."""
    device = generations.device("axis-os-12")
    tasks = [{"name": "Set", "axis.vapix.param": {"parameters": {"Network.Bonjour.FriendlyName": "Gate 4"}}}]
    run = [play(tasks, hosts=device.host_name)]
    assert ansible_playbook(run, generations.inventory).of(device.host_name).changed
    generations.patch(device.serial, {"parameters": {"Network.Bonjour.FriendlyName": "by hand"}})
    outcome = ansible_playbook(run, generations.inventory).of(device.host_name)
    assert outcome.result["diff"] == {
        "before": {"Network.Bonjour.FriendlyName": "by hand"},
        "after": {"Network.Bonjour.FriendlyName": "Gate 4"},
    }


@pytest.mark.smoke
def test_https(secured: Fleet, ansible_playbook: Playbook) -> None:
    """HTTPS with verification, and the credentials only as the device wants them there."""
    tasks = [{"name": "Set", "axis.vapix.ntp": SERVERS}]
    run = ansible_playbook([play(tasks)], secured.inventory)
    assert run.code == 0 and all(outcome.changed for outcome in run.outcomes), run.output
    assert not any(
        o.changed for o in ansible_playbook([play(tasks)], secured.inventory, "--limit", "cameras[0]").outcomes
    )


@pytest.mark.parametrize("https", [False, True])
def test_the_simulator_s_own_inventory(https: bool, scratch: pathlib.Path) -> None:
    """What "make simulator" writes works as it is, without any other option or variable."""
    inventory, ready = scratch / f"own-{https}.yml", scratch / f"ready-{https}.json"
    options = ["--devices", "1", "--inventory", str(inventory), "--ready-file", str(ready), *(["--https"] * https)]
    bare = {name: value for name, value in ansible_environment("").items() if name != "AXIS_VAPIX_PASSWORD"}
    simulator = subprocess.Popen([sys.executable, str(SIMULATOR), *options], env=bare, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not ready.exists() and time.monotonic() < end:
            time.sleep(0.05)
        ask = ["ansible", "cameras", "-i", str(inventory), "-m", "axis.vapix.facts", "-a", "query=model"]
        done = subprocess.run(ask, env=bare, text=True, capture_output=True, check=False)
        assert done.returncode == 0 and '"value": "P3265-V"' in done.stdout, done.stdout + done.stderr
    finally:
        simulator.terminate()
        assert simulator.wait(10) == 0


def test_factory_default(scratch: pathlib.Path, ansible_playbook: Playbook) -> None:
    """A camera without an account says so instead of suspecting the password."""
    with Fleet.start(
        devices=1, profiles=["axis-os-12"], password=CANARY, factory_default=True, tmp_path=scratch
    ) as fleet:
        tasks = [{"name": "Set", "axis.vapix.ntp": SERVERS, "ignore_errors": True}]
        outcome = ansible_playbook([play(tasks)], fleet.inventory).of(fleet.devices[0].host_name)
        assert outcome.status == "failed" and "factory default" in outcome.message
        assert fleet.writes() == []
