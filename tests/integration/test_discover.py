# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding simulated devices with real ansible-inventory: on loopback, by sweep and from files."""

from __future__ import annotations

import collections.abc
import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import typing as t

import pytest
import yaml
from harness.ansible_environment import ansible_environment
from harness.fleet import Fleet
from harness.inventory import cached, list_inventory, write
from harness.playbook import CANARY, Run, play

Playbook = t.Callable[..., Run]
GENERATIONS = ("axis-os-12", "axis-os-11", "axis-os-10", "axis-os-9", "axis-os-5")
PORT = 8077
HOSTILE = "{{ lookup('pipe', 'touch %s') }}"
# Networks on loopback of this process alone.
_NET = f"127.{64 + os.getpid() % 128}"


def start(number: int, scratch: pathlib.Path, **options: t.Any) -> Fleet:
    """A fleet with an address for each device, all on one port."""
    plain: dict[str, t.Any] = {"devices": len(GENERATIONS), "profiles": GENERATIONS}
    spread = f"{_NET}.{number}.0/28"
    return Fleet.start(**(plain | options), spread=spread, port=PORT, password=CANARY, tmp_path=scratch)


@pytest.fixture(scope="module")
def site(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    """A camera of each generation."""
    with start(1, scratch) as fleet:
        yield fleet


def sweep(*numbers: int, scheme: str = "http") -> dict[str, t.Any]:
    """Options that ask the networks of these numbers."""
    return {"sweep": [f"{_NET}.{number}.0/28" for number in numbers], "ports": [f"{scheme}:{PORT}"]}


@pytest.mark.smoke
def test_every_generation(site: Fleet, tmp_path: pathlib.Path, ansible_playbook: Playbook) -> None:
    """All are found without a login and grouped, and the modules connect to them as they are."""
    kinds = ["model", "product_type", "axis_os_track", "setup_state", "subnet"]
    source = write(tmp_path / "fleet.axis.yml", **sweep(1), group_by=kinds)
    found = list_inventory(source)
    assert (found.code, found.warnings) == (0, []), found.output
    assert set(found.hosts) == {device.serial for device in site.devices} == set(found.groups["axis"])
    newest = site.device("axis-os-12")
    variables = found.hosts[newest.serial]
    assert variables.pop("vapix_last_seen").endswith("Z")
    assert variables == {
        "ansible_host": newest.address,
        "vapix_addresses": [newest.address],
        "vapix_axis_os": newest.axis_os,
        "vapix_model": "P3265-V",
        "vapix_needs_setup": False,
        "vapix_port": PORT,
        "vapix_product_type": "Dome Camera",
        "vapix_scheme": "http",
        "vapix_serial": newest.serial,
        "vapix_sources": ["sweep"],
    }
    assert found.groups["model_p3265_v"] == [newest.serial]
    assert found.groups["axis_os_12_11"] == [newest.serial]
    assert set(found.groups["set_up"]) == set(found.hosts)
    assert set(found.groups[f"subnet_{_NET.replace('.', '_')}_1_0_24"]) == set(found.hosts)
    # Configured devices before 10.12 tell only their serial number.
    assert "vapix_model" not in found.hosts[site.device("axis-os-9").serial]
    ask = {"name": "Ask", "axis.vapix.facts": {"username": "root", "query": "serial"}}
    run = ansible_playbook([play([ask], hosts="axis")], source)
    assert {outcome.host: outcome.result.get("value") for outcome in run.outcomes} == {
        serial: serial for serial in found.hosts
    }


def test_with_an_account(site: Fleet, tmp_path: pathlib.Path) -> None:
    """Then every device tells its model, version and capabilities. The password is in no variable and no cache."""
    source = write(
        tmp_path / "fleet.axis.yml",
        **sweep(1),
        **cached(tmp_path),
        username="root",
        password="{{ lookup('ansible.builtin.env', 'AXIS_VAPIX_PASSWORD') }}",
        groups={"lit": "'light_control' in (vapix_capabilities | default([]))"},
        strict=True,
    )
    found = list_inventory(source, "-vvvv")
    assert (found.code, found.warnings) == (0, []), found.output
    told = {serial: values["vapix_model"] for serial, values in found.hosts.items()}
    assert told == {device.serial: device.model.removeprefix("AXIS ") for device in site.devices}
    assert all("https" in values["vapix_capabilities"] for values in found.hosts.values())
    lit = {serial for serial, values in found.hosts.items() if "light_control" in values["vapix_capabilities"]}
    assert set(found.groups.get("lit", [])) == lit
    (kept,) = pathlib.Path(cached(tmp_path)["cache_connection"]).iterdir()
    assert CANARY not in found.output and CANARY not in kept.read_text()
    # The same from the cache, and not a request more.
    site.reset(requests_only=True)
    again = list_inventory(source)
    assert again.hosts == found.hosts and site.requests() == []
    # Another option that matters is another search.
    site.reset(requests_only=True)
    write(source, **sweep(1), **cached(tmp_path))
    assert "vapix_capabilities" not in list_inventory(source).hosts[told.popitem()[0]] and site.requests() != []


def test_a_login_that_fails(site: Fleet, tmp_path: pathlib.Path) -> None:
    """The devices are found all the same, one warning tells why they told no more, and nobody tries again."""
    source = write(tmp_path / "fleet.axis.yml", **sweep(1), username="root", password="wrong-CANARY")
    site.reset()
    found = list_inventory(source)
    assert len(found.hosts) == len(GENERATIONS)
    (warning,) = found.warnings
    assert "login to " in warning and "the device does not accept the credentials of user 'root'" in warning
    write(source, **sweep(1), username="root", on_error="fail", password="wrong-CANARY")
    site.reset()
    failed = list_inventory(source)
    assert failed.hosts == {} and "does not accept the credentials" in failed.output
    site.reset()


def test_new_devices(scratch: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Devices in factory default state say so to everybody, of each generation."""
    source = write(tmp_path / "new.axis.yaml", **sweep(2), group_by=["setup_state"])
    with start(2, scratch, factory_default=True) as fleet:
        found = list_inventory(source)
        assert found.warnings == [] and set(found.groups["needs_setup"]) == {device.serial for device in fleet.devices}


def test_a_fleet_that_changes(scratch: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A device that moved is the same host; one that is gone is kept and told; a refresh looks again."""
    wanted = {**sweep(3, 4), **cached(tmp_path), "cache_timeout": 3600}
    source = write(tmp_path / "fleet.axis.yml", **wanted)
    with start(3, scratch, devices=3) as fleet:
        before = list_inventory(source)
        assert len(before.hosts) == 3 and before.warnings == []
        gone = fleet.devices[2].serial
    with start(4, scratch, devices=2) as fleet:
        assert list_inventory(source).hosts == before.hosts  # still fresh
        after = list_inventory(source, "--flush-cache")
        assert set(after.hosts) == set(before.hosts)
        for device in fleet.devices:
            assert after.hosts[device.serial]["ansible_host"] == device.address
            assert before.hosts[device.serial]["ansible_host"] != device.address
        assert after.hosts[gone] == before.hosts[gone] | {"vapix_sources": ["cache"]}
        (warning,) = after.warnings
        assert f"1 devices that were found before are not there now and are kept as they were: {gone}" in warning
    # A dead network does not empty the inventory, unless that is what was asked for.
    dead = list_inventory(source, "--flush-cache")
    assert set(dead.hosts) == set(before.hosts)
    write(source, **wanted, on_error="warn")
    dead = list_inventory(source, "--flush-cache")
    assert dead.hosts == {} and "are left out" in dead.warnings[0]


def test_a_cache_that_expires_or_is_spoilt(site: Fleet, tmp_path: pathlib.Path) -> None:
    """What is too old is looked for again and still remembered; what is no cache is told and replaced."""
    wanted = {**sweep(1), **cached(tmp_path)}
    source = write(tmp_path / "fleet.axis.yml", **wanted, cache_timeout=1)
    first = list_inventory(source)
    (kept,) = pathlib.Path(wanted["cache_connection"]).iterdir()
    text = kept.read_text().replace(sorted(first.hosts)[0], "B8A44F999999")
    time.sleep(1.1)
    kept.write_text(text)
    site.reset(requests_only=True)
    again = list_inventory(source)
    assert site.requests() and set(again.hosts) == {*first.hosts, "B8A44F999999"}
    write(source, **wanted)
    kept.write_text(kept.read_text().replace("seen", "sawn"))
    spoilt = list_inventory(source)
    assert set(spoilt.hosts) == set(first.hosts) and "it is ignored" in spoilt.warnings[0], spoilt.output


class _Pretender(http.server.BaseHTTPRequestHandler):
    """A device with texts that are attacks."""

    attack = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        told = dict.fromkeys(("Brand", "ProdNbr", "ProdType", "Version"), self.attack)
        told |= {"SerialNumber": "B8A44F0000EE"}
        body = json.dumps({"data": {"propertyList": told}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Silence."""


@contextlib.contextmanager
def pretender(attack: str) -> collections.abc.Iterator[int]:
    """The port of one."""
    handler = type("Pretender", (_Pretender,), {"attack": attack})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.smoke
def test_nothing_a_device_says_is_evaluated(tmp_path: pathlib.Path, ansible_playbook: Playbook) -> None:
    """Neither its texts nor what is made of them, by us or by templates, in variables, names and groups."""
    folder = tempfile.TemporaryDirectory(prefix="t", dir="/tmp")  # a short name: long texts are cut
    touched = pathlib.Path(folder.name, "x")
    attack = HOSTILE % touched
    assert len(attack) < 64
    listed = tmp_path / "list.yml"
    with pretender(attack) as port:
        listed.write_text(yaml.safe_dump([{"address": "127.0.0.1", "port": port, "scheme": "http", "name": attack}]))
        source = write(
            tmp_path / "fleet.axis.yml",
            static_file="list.yml",
            hostname="name",
            group_by=["model", "product_type", "axis_os_track"],
            compose={"again": "vapix_model", "longer": "vapix_model ~ vapix_name"},
            keyed_groups=[{"key": "vapix_product_type", "prefix": "kind"}],
            strict=True,
            **cached(tmp_path),
        )
        for _round in range(2):  # from the network, from the cache
            found = list_inventory(source)
            ((host, variables),) = found.hosts.items()
            assert variables["vapix_model"] == variables["again"] == variables["vapix_axis_os"] == attack
            assert "{" not in host and not any("{" in name for name in found.groups)
            names = ("vapix_model", "vapix_name", "again", "longer", "inventory_hostname", "group_names", "groups")
            show = {
                "name": "Show",
                "ansible.builtin.debug": {"msg": "{{ [" + ", ".join(names) + "] | string }}"},
            }
            run = ansible_playbook([play([show], hosts="all")], source)
            assert run.code == 0 and "lookup(" in run.of(host).message, run.output
            assert not touched.exists()
    folder.cleanup()


def test_static_file(site: Fleet, tmp_path: pathlib.Path) -> None:
    """A register as CSV: its serial numbers, names and variables, also templates; who is off is there all the same."""
    first, second = site.devices[:2]
    (tmp_path / "cameras.csv").write_text(
        "address,port,scheme,serial,name,site,rack\n"
        f"{first.address},{PORT},http,,Gate,north,\n"
        f'{second.address},{PORT},http,{second.serial},Yard,south,"{{{{ 1 + 1 }}}}"\n'
        f"{_NET}.9.1,{PORT},http,B8A44F0000AA,,south,\n"
        f"{_NET}.9.2,{PORT},http,,Off,,\n"
        "10.0.0.300,,,,,,\n"
    )
    source = write(
        tmp_path / "list.axis.yml",
        static_file="cameras.csv",
        hostname="name",
        keyed_groups=[{"key": "site", "prefix": "", "separator": ""}],
    )
    found = list_inventory(source)
    assert set(found.hosts) == {"Gate", "Yard", "B8A44F0000AA", "Off"}
    assert found.hosts["Gate"]["vapix_serial"] == first.serial and found.hosts["Gate"]["site"] == "north"
    assert set(found.groups["south"]) == {"B8A44F0000AA", "Yard"} and "rack" not in found.hosts["Gate"]
    assert found.hosts["Yard"]["rack"] == "{{ 1 + 1 }}"
    assert [warning.partition("discover: ")[2][:60] for warning in sorted(found.warnings)] == [
        "listed, and not found: B8A44F0000AA",
        "not found and without a serial number, so they are named by ",
        "static_file, device 5: its address '10.0.0.300' is neither a",
    ]


def test_variables_of_a_static_file_stay_templates(
    site: Fleet, tmp_path: pathlib.Path, ansible_playbook: Playbook
) -> None:
    """They are the user's own. The file can be vaulted, and its secrets stay out of the cache."""
    device = site.devices[0]
    row = {"address": device.address, "port": PORT, "scheme": "http", "label": "{{ vapix_model }} here"}
    key = tmp_path / "key"
    key.write_text("vault-key-CANARY")
    listed = tmp_path / "list.yml"
    listed.write_text(yaml.safe_dump([row | {"ansible_password": CANARY}]))
    subprocess.run(
        ["ansible-vault", "encrypt", "--vault-password-file", str(key), str(listed)],
        env=ansible_environment(CANARY), check=True, capture_output=True,
    )  # fmt: skip
    source = write(tmp_path / "list.axis.yml", static_file="list.yml", **cached(tmp_path))
    tasks = [
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ label }}"}},
        {"name": "Ask", "axis.vapix.facts": {"username": "root", "query": "model"}},
    ]
    vault = ("--vault-password-file", str(key))
    for _round in range(2):
        run = ansible_playbook([play(tasks, hosts="axis")], source, *vault, environment={"AXIS_VAPIX_PASSWORD": ""})
        assert run.of(device.serial, "Show").message == "P3265-V here", run.output
        assert run.of(device.serial, "Ask").result["value"] == "P3265-V"
    (kept,) = pathlib.Path(cached(tmp_path)["cache_connection"]).iterdir()
    assert "ansible_password" not in kept.read_text()


def test_names_and_rules(site: Fleet, tmp_path: pathlib.Path) -> None:
    """Names by expression, shared ones with the serial number; rules; excluded addresses are left in peace."""
    silent = site.device("axis-os-11")
    source = write(
        tmp_path / "axis.yml",
        **sweep(1),
        hostname="'cam-' ~ (vapix_axis_os | default('old'))[:3]",
        include=[{"serial": "B8A44F*"}, {"serial": "ACCC8E*"}, {"address": f"{_NET}.1.5"}],
        exclude=[{"address": silent.address}, {"model": "q*"}],
    )
    site.reset(requests_only=True)
    found = list_inventory(source)
    old = [site.device(profile).serial for profile in ("axis-os-10", "axis-os-9", "axis-os-5")]
    assert set(found.hosts) == {"cam-12", *(f"cam-old_{serial}" for serial in old)}
    (warning,) = found.warnings
    assert "the name cam-old is that of 3 devices" in warning
    assert site.requests(silent.serial) == [] and site.requests(old[0]) != []


WRONG: tuple[tuple[dict[str, t.Any], str], ...] = (
    ({"swep": ["10.0.0.0/24"]}, "there is no option 'swep', do you mean 'sweep'?"),
    ({"sweep": ["10.0.0.0/33"]}, "'10.0.0.0/33' is no range of addresses. Write it like 10.20.0.0/22"),
    ({"sweep": ["10.0.0.0/8"]}, "the option sweep has more than 131072 addresses"),
    ({"listen": ["nmap"]}, "nmap"),
    ({"ports": ["ftp:21"]}, "the option ports has 'ftp:21'; write it like https:443 or http:80"),
    ({"timeout": 0}, "the option timeout is 0, it has to be between 0.01 and 300"),
    ({"include": [{"colour": "red"}]}, "include: a rule cannot be about 'colour'"),
    ({"hostname": "{{ vapix_name }}"}, "the option hostname takes an expression without braces"),
    ({"username": "root", "password": "{{ nowhere }}"}, "the option password: "),
    ({"group_by": ["purple"]}, "purple"),
)


def test_wrong_options(tmp_path: pathlib.Path) -> None:
    """A message that says which option and what would be right; other inventories of the same run still count."""
    other = tmp_path / "other.yml"
    other.write_text("cameras: {hosts: {gate: }}")
    more = ["--inventory", str(other)]
    for number, (options, _message) in enumerate(WRONG):
        more += ["--inventory", str(write(tmp_path / f"{number}.axis.yml", **options))]
    found = list_inventory(write(tmp_path / "good.axis.yml"), *more)
    told = " ".join(found.output.split())
    assert [message for _options, message in WRONG if message not in told] == [], found.output
    assert list(found.groups["cameras"]) == ["gate"]


def test_wrong_name_of_the_file(tmp_path: pathlib.Path) -> None:
    """The file says whose it is, so the plugin can say how it has to be called."""
    found = list_inventory(write(tmp_path / "fleet.yml"))
    assert "its name has to end in axis.yml or axis.yaml, like fleet.axis.yml" in " ".join(found.output.split())


def test_sources_that_cannot_work(site: Fleet, tmp_path: pathlib.Path) -> None:
    """A file and an interface that are not there are told; the sweep still answers."""
    source = write(tmp_path / "fleet.axis.yml", **sweep(1), static_file="nowhere.csv", interfaces=["eth99"])
    document = yaml.safe_load(source.read_text()) | {"listen": ["mdns", "ssdp", "ws_discovery"]}
    source.write_text(yaml.safe_dump(document))
    found = list_inventory(source)
    assert len(found.hosts) == len(GENERATIONS)
    told = " ".join(found.warnings)
    assert "nowhere.csv cannot be read" in told and "interface eth99: there is none of this name here" in told
    source.write_text(yaml.safe_dump(document | {"on_error": "fail"}))
    failed = list_inventory(source)
    assert failed.hosts == {} and "interface eth99" in failed.output


def test_progress(site: Fleet, tmp_path: pathlib.Path) -> None:
    """What it does is shown with -v, and only then."""
    source = write(tmp_path / "fleet.axis.yml", **sweep(1))
    assert "devices" not in list_inventory(source).output
    assert "sweep: 14 of 14 addresses asked, 5 devices found" in list_inventory(source, "-v").output


def test_https(scratch: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Found over TLS whoever signed the certificate; the password goes only where it is trusted."""
    with start(5, scratch, devices=2, profiles=GENERATIONS[:1], https=True) as fleet:
        source = write(tmp_path / "fleet.axis.yml", **sweep(5, scheme="https"), username="root")
        untrusted = list_inventory(source)
        assert {values["vapix_scheme"] for values in untrusted.hosts.values()} == {"https"}
        assert len(untrusted.hosts) == 2 and "certificate is not trusted" in untrusted.warnings[0]
        assert not any(request["user"] for request in fleet.requests())
        write(source, **sweep(5, scheme="https"), username="root", ca_path=str(fleet.ca_file))
        trusted = list_inventory(source)
        assert trusted.warnings == [] and all(values["vapix_capabilities"] for values in trusted.hosts.values())
