# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web servers of simulated cameras with a port for HTTP and one for HTTPS, seen by openssl and curl, which are not
ours.

Each test begins with cameras as new, which show a certificate of the simulator's CA, and have others by our own CA:
"site" with its chain, "short" without the certificate between it and the root.
"""

from __future__ import annotations

import base64
import collections.abc
import contextlib
import hashlib
import pathlib
import re
import shutil
import socket
import subprocess
import typing as t

import pytest
import yaml
from harness.authority import Identity, make
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, OtherMachine, Outcome, Run, play
from integration.state import settings

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("curl")), reason="NOT CHECKED: curl or openssl is not installed"
)

Playbook = t.Callable[..., Run]
Args = dict[str, t.Any]

MODERN = ("axis-os-12", "axis-os-11", "axis-os-9")
#: With both kinds of keys. AXIS OS 9 begins with a list of which clients of today speak none.
CIPHERS = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]
FACTORY = "Simulator HTTPS"
SERVICES = "/vapix/services"
#: Over HTTP, where the simulated cameras have another port for HTTPS than they tell.
HTTP = {"scheme": "http", "port": "{{ http_port }}", "https_port": "{{ vapix_port }}"}


class Authority(t.NamedTuple):
    """Our own CA.

    :param ca: itself. :param root: a file with its certificate.
    :param both: a file with that and the one of the simulator's CA.
    :param certificates: what is put into a camera, by alias. :param fingerprint: SHA-256 of "site".
    """

    ca: Identity
    root: pathlib.Path
    both: pathlib.Path
    certificates: dict[str, dict[str, str]]
    fingerprint: str


@pytest.fixture(scope="session")
def _doors(scratch: pathlib.Path) -> collections.abc.Iterator[tuple[Fleet, Authority]]:
    root = make("CN=Our root", ca=True)
    middle = make("CN=Our CA", root, ca=True)
    leaf = make("CN=camera", middle, names=["127.0.0.1"])
    profiles = (*MODERN, "axis-os-5")
    with Fleet.start(devices=5, profiles=profiles, https="both", password=CANARY, tmp_path=scratch) as fleet:
        assert fleet.ca_file is not None
        own, both = scratch / "our-root.pem", scratch / "both-roots.pem"
        own.write_text(root.pem)
        both.write_text(root.pem + fleet.ca_file.read_text())
        certificates = {
            "site": {"certificate": leaf.pem + middle.pem, "private_key": leaf.key_pem()},
            "short": {"certificate": leaf.pem, "private_key": leaf.key_pem()},
            "above": {"certificate": middle.pem},
        }
        yield fleet, Authority(root, own, both, certificates, hashlib.sha256(leaf.der).hexdigest())


@pytest.fixture
def doors(_doors: tuple[Fleet, Authority]) -> Fleet:
    """Five cameras, two of them with AXIS OS 12, as new."""
    fleet, authority = _doors
    fleet.clear_faults()
    for device in fleet.devices:
        fleet.patch(device.serial, {"plan": {"web_server_returns": True}})
    fleet.reset()
    for device in fleet.devices:
        if device.profile in MODERN:
            fleet.patch(device.serial, {"certificates": {"put": authority.certificates}})
    return fleet


@pytest.fixture
def authority(_doors: tuple[Fleet, Authority]) -> Authority:
    return _doors[1]


def task(fail: bool = False, **args: t.Any) -> dict[str, t.Any]:
    """A task that sets web servers. :param fail: it may."""
    return {"name": "Web server", "axis.vapix.web_server": {"reconnect_timeout": 20} | args, "ignore_errors": fail}


def run(
    playbook: Playbook, fleet: Fleet, devices: t.Sequence[SimulatedDevice], *options: str, **args: t.Any
) -> list[dict[str, t.Any]]:
    """Run one task on some cameras, which has to go well; the results in their order."""
    hosts = ",".join(device.host_name for device in devices)
    done = playbook([play([task(**args)], hosts=hosts)], fleet.inventory, *options)
    assert (done.code, done.warnings) == (0, []), done.output
    return [done.of(device.host_name).result for device in devices]


def failed(playbook: Playbook, fleet: Fleet, device: SimulatedDevice, **args: t.Any) -> Outcome:
    """Run one task on a camera, which has to fail."""
    plays = [play([task(fail=True, **args)], hosts=device.host_name)]
    outcome = playbook(plays, fleet.inventory).of(device.host_name)
    assert outcome.status == "failed" and not outcome.changed, outcome
    return outcome


def openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run openssl."""
    return subprocess.run(["openssl", *arguments], input="", capture_output=True, text=True, timeout=20, check=False)


def chain_shown(device: SimulatedDevice, port: int | None = None) -> list[str]:
    """SHA-256 fingerprints of what HTTPS shows, by openssl."""
    where = f"{device.address}:{port or device.ports['https']}"
    told = openssl("s_client", "-connect", where, "-showcerts").stdout
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", told, re.DOTALL)
    return [hashlib.sha256(base64.b64decode(block)).hexdigest() for block in blocks]


def verifies(device: SimulatedDevice, root: pathlib.Path) -> bool:
    """Whether openssl can follow the chain up to a root, for that address."""
    where = f"{device.address}:{device.ports['https']}"
    trust = ["-CAfile", str(root), "-verify_ip", device.address, "-verify_return_error"]
    return openssl("s_client", "-connect", where, *trust).returncode == 0


def curl(device: SimulatedDevice, scheme: str, login: str = "--anyauth") -> str:
    """The status curl gets with the right login; 000 where nobody answers."""
    url = f"{device.url_of(scheme)}/axis-cgi/param.cgi?action=list&group=Brand"
    options = ["--user", f"root:{CANARY}", login, "--insecure", "--noproxy", "*", "--max-time", "10"]
    command = ["curl", "--silent", *options, "--output", "/dev/null", "--write-out", "%{http_code}", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout


def shown_by(fleet: Fleet, device: SimulatedDevice) -> str:
    """The alias of the certificate that the camera is set to."""
    return t.cast(str, fleet.state(device.serial)["web_server"]["certificates"][0])


# -- the promises
def test_life(doors: Fleet, authority: Authority, ansible_playbook: Playbook) -> None:
    """Certificate and HTTPS only from plain HTTP, back to both, another login, and the first certificate again.

    Each step is predicted by check mode, which writes nothing, and unchanged the second time. Two cameras of the same
    kind go the same way at the same time.
    """
    devices = [device for device in doors.devices if device.profile in MODERN]
    only = {"policy": {"administrator": "https"}}
    both = {"policy": dict.fromkeys(("administrator", "operator", "viewer"), "http_and_https")}
    ca: Args = {"ca_path": str(authority.both)}
    steps: list[tuple[Args, set[str]]] = [
        (
            HTTP | ca | {"certificate": "site", "ciphers": CIPHERS} | only,
            {"certificate", "ciphers", "policy.administrator"},
        ),
        (ca | both | {"authentication": "basic"}, {"policy.administrator", "authentication"}),
        (ca | {"certificate": FACTORY, "minimum_tls": "1.2", "on_unsupported": "warn"}, {"certificate"}),
    ]
    for number, (args, paths) in enumerate(steps):
        before = [settings(doors, device.serial) for device in devices]
        doors.reset(requests_only=True)
        plays = [play([task(**args)], hosts=",".join(device.host_name for device in devices))]
        runs = [ansible_playbook(plays, doors.inventory, "--check", "--diff")]
        assert doors.writes() == [] and before == [settings(doors, device.serial) for device in devices]
        runs.append(ansible_playbook(plays, doors.inventory, "--diff"))
        assert doors.writes()
        doors.reset(requests_only=True)
        runs.append(ansible_playbook(plays, doors.inventory))
        assert doors.writes() == []
        assert [done.code for done in runs] == [0, 0, 0], runs[1].output
        for device in devices:
            predicted, done, again = (one.of(device.host_name).result for one in runs)
            assert predicted == done and done["changed"]
            told = {change["path"] for change in done["changes"]}
            assert told == paths | ({"minimum_tls"} if number == 2 and device.profile == "axis-os-9" else set())
            assert again["changes"] == [] and again["served"] == done["served"]
            assert done["connection"] == {"scheme": "https", "port": device.ports["https"], "fingerprint": None}
            assert done["served"]["verified_by"] == "ca"
            assert done["served"]["fingerprint_sha256"] == chain_shown(device)[0]
            assert verifies(device, authority.root) == (number < 2)
            # AXIS OS 12 closes the port, others send clients to HTTPS.
            assert (curl(device, "http") == "200") == (number > 0), number
            assert curl(device, "https") == "200"
            if number == 0:
                assert len(chain_shown(device)) == 2 and chain_shown(device)[0] == authority.fingerprint
            if number == 1:
                assert curl(device, "https", "--digest") == "401" and curl(device, "https", "--basic") == "200"
    assert [shown_by(doors, device) for device in devices] == [FACTORY] * len(devices)


def test_old_device(doors: Fleet, authority: Authority, ansible_playbook: Playbook) -> None:
    """AXIS OS 5.51 has no service for it, and a policy for each role."""
    device = doors.device("axis-os-5")
    args: Args = HTTP | {"ca_path": str(doors.ca_file)}
    (done,) = run(ansible_playbook, doors, [device], **args, policy={"viewer": "http_and_https"}, ports={"http": None})
    assert [change["path"] for change in done["changes"]] == ["policy.viewer"] and done["api"] == "param.cgi"
    assert done["connection"]["scheme"] == "http"
    (done,) = run(ansible_playbook, doors, [device], **args, policy={"administrator": "https"})
    parameters = doors.state(device.serial)["parameters"]
    roles = ("admin", "operator", "viewer")
    assert [parameters[f"System.BoaGroupPolicy.{role}"] for role in roles] == ["https", "http", "both"]
    assert done["connection"]["scheme"] == "https" and done["served"]["verified_by"] == "ca"
    assert curl(device, "http") != "200" and curl(device, "https") == "200"
    refused = failed(ansible_playbook, doors, device, certificate="site", ca_path=str(doors.ca_file))
    assert "cannot set certificate" in refused.message


def test_the_play_goes_on(doors: Fleet, authority: Authority, ansible_playbook: Playbook) -> None:
    """What the result tells of the connection is what the next task needs, also with a certificate nobody trusts."""
    devices = [device for device in doors.devices if device.profile == "axis-os-12"]
    take = {f"vapix_{name}": f"{{{{ web.connection.{name} }}}}" for name in ("scheme", "port", "fingerprint")}
    pinned = task(certificate="site", pin_certificate=True, policy={"administrator": "https"}, **HTTP)
    tasks = [
        pinned | {"register": "web"},
        {"name": "Take", "ansible.builtin.set_fact": take},
        {"name": "Facts", "axis.vapix.facts": {"gather_subset": ["identity"]}},
        # The other way round: from the one that is pinned to one that the simulator's CA has signed.
        task(certificate=FACTORY, pin_certificate=True) | {"name": "Back", "register": "web"},
        {"name": "Take again", "ansible.builtin.set_fact": take},
        {"name": "Facts again", "axis.vapix.facts": {"gather_subset": ["identity"]}},
    ]
    done = ansible_playbook(
        [play(tasks, hosts=",".join(device.host_name for device in devices), serial=1)], doors.inventory
    )
    assert (done.code, done.warnings) == (0, []), done.output
    for device in devices:
        first, back = (done.of(device.host_name, name).result for name in ("Web server", "Back"))
        assert first["connection"]["fingerprint"] == authority.fingerprint
        assert first["served"]["verified_by"] == "fingerprint"
        assert back["connection"]["fingerprint"] == device.fingerprint_sha256 == chain_shown(device)[0]
        assert curl(device, "http") == "000"


def test_from_the_key_to_https_only(
    doors: Fleet, authority: Authority, tmp_path: pathlib.Path, ansible_playbook: Playbook
) -> None:
    """With the module certificate: a key made on the device, signed by our CA, shown, and HTTP closed."""
    device = doors.device("axis-os-12")
    # Secrets come from a file, as from a vault: around an error Ansible shows lines of the playbook itself.
    secrets = tmp_path / "secrets.yml"
    secrets.write_text(yaml.safe_dump({"our_ca": authority.ca.pem, "our_key": authority.ca.key_pem()}))
    alias = {"alias": "made here"}
    signed = "{{ made.csr | axis.vapix.csr_sign(ca_certificate=our_ca, ca_private_key=our_key) }}"
    tasks: list[dict[str, t.Any]] = [
        {
            "name": "Key",
            "axis.vapix.certificate": alias | {"subject": "CN=gate", "subject_alt_names": [f"IP:{device.address}"]},
            "register": "made",
        },
        {"name": "Signed", "axis.vapix.certificate": alias | {"certificate": signed}, "when": "made.csr is not none"},
        task(certificate="made here", policy={"administrator": "https"}),
    ]
    keywords = {"vars_files": [str(secrets)], "vars": {"vapix_ca_path": str(authority.both)}}
    plays = [play(tasks, hosts=device.host_name, **keywords)]
    done = ansible_playbook(plays, doors.inventory)
    assert (done.code, done.warnings) == (0, []), done.output
    assert done.of(device.host_name, "Web server").result["served"]["issuer"] == "CN=Our root"
    assert verifies(device, authority.root) and curl(device, "http") == "000" and curl(device, "https") == "200"
    doors.reset(requests_only=True)
    again = ansible_playbook(plays, doors.inventory)
    assert again.code == 0 and not any(outcome.changed for outcome in again.outcomes), again.output
    assert doors.writes() == []


def test_limit_and_delegation(
    doors: Fleet, authority: Authority, other_machine: OtherMachine, ansible_playbook: Playbook
) -> None:
    """As an ordinary module on another machine, and on one host only."""
    one, other = (device for device in doors.devices if device.profile == "axis-os-12")
    there = task(certificate="site", ca_path=str(authority.both)) | {"delegate_to": "jump"}
    plays = [play([there], hosts=f"{one.host_name},{other.host_name}")]
    inventories = [doors.inventory, other_machine.inventory]
    checked = ansible_playbook(plays, inventories, "--limit", f"{one.host_name},jump", "--check", "--diff")
    assert checked.of(one.host_name).changed and doors.writes() == []
    done = ansible_playbook(plays, inventories, "--limit", f"{one.host_name},jump")
    assert done.code == 0 and other_machine.trace.read_text().count("run") >= 2, done.output
    result = done.of(one.host_name).result
    assert {name: result[name] for name in ("connection", "served", "changes")} == {
        name: checked.of(one.host_name).result[name] for name in ("connection", "served", "changes")
    }
    assert (chain_shown(one)[0], chain_shown(other)[0]) == (authority.fingerprint, other.fingerprint_sha256)


def test_ports(doors: Fleet, ansible_playbook: Playbook) -> None:
    """The port of HTTPS by way of HTTP, and then the one in use; a second run finds the device there. Then HTTP."""
    device = doors.device("axis-os-12")
    with contextlib.ExitStack() as free:
        holders = [free.enter_context(socket.create_server((device.address, 0))) for _number in range(3)]
        first, second, third = (holder.getsockname()[1] for holder in holders)
    ca = {"ca_path": str(doors.ca_file)}
    run(ansible_playbook, doors, [device], **ca, scheme="http", port=device.ports["http"], ports={"https": first})
    assert chain_shown(device, first)[0] == device.fingerprint_sha256
    (done,) = run(ansible_playbook, doors, [device], **ca, port=first, ports={"https": second})
    assert done["connection"]["port"] == done["served"]["port"] == second
    assert chain_shown(device, first) == [] and chain_shown(device, second)[0] == device.fingerprint_sha256
    doors.reset(requests_only=True)
    (again,) = run(ansible_playbook, doors, [device], **ca, port=first, ports={"https": second})
    assert again["changes"] == [] and again["connection"] == done["connection"] and doors.writes() == []
    (done,) = run(ansible_playbook, doors, [device], **ca, port=second, ports={"http": first})
    assert done["connection"]["port"] == second
    (done,) = run(ansible_playbook, doors, [device], scheme="http", port=first, ports={"http": third})
    assert done["connection"] == {"scheme": "http", "port": third, "fingerprint": None}
    assert doors.state(device.serial)["parameters"]["System.BoaPort"] == str(third)


# -- what goes wrong
def test_faults(doors: Fleet, authority: Authority, ansible_playbook: Playbook) -> None:
    """Each on a camera of its own, at the same time."""
    keeps, away, cut, _old, refuses = doors.devices
    doors.patch(keeps.serial, {"plan": {"web_server_keeps_certificate": True}})
    doors.patch(away.serial, {"plan": {"web_server_returns": False}})
    doors.patch(refuses.serial, {"certificates": {"refuse": "web_server"}})
    setter = {"path": SERVICES, "method": "SetWebServerTlsConfiguration"}
    doors.fault("close_after_apply", device=cut.serial, position="all", **setter)
    args = HTTP | {"certificate": "site", "ciphers": CIPHERS, "ca_path": str(authority.both), "reconnect_timeout": 3}
    hosts = ",".join(device.host_name for device in (keeps, away, cut, refuses))
    done = ansible_playbook([play([task(fail=True, **args)], hosts=hosts)], doors.inventory)
    outcome = done.of(keeps.host_name)
    assert not outcome.changed and outcome.result["failure"]["not_applied"] == ["certificate", "ciphers"]
    assert "does not show the certificate after 3 seconds: it shows another one" in outcome.message
    assert "What was set (certificate, ciphers) was put back" in outcome.message
    assert keeps.fingerprint_sha256 in outcome.message and shown_by(doors, keeps) == FACTORY

    outcome = done.of(away.host_name)
    # Nobody can be asked, so nobody can say.
    failure = outcome.result["failure"]
    assert (failure["applied"], failure["unknown"]) == ([], ["certificate", "ciphers"]) and outcome.changed
    assert "What may have been set (certificate, ciphers) could not be put back" in outcome.message
    assert f"The values were certificate: {FACTORY}" in outcome.message

    assert done.of(cut.host_name).changed and chain_shown(cut)[0] == authority.fingerprint

    outcome = done.of(refuses.host_name)
    assert outcome.status == "failed" and not outcome.changed and shown_by(doors, refuses) == FACTORY
    assert "the device refuses" in outcome.message and "put back" not in outcome.message
    assert doors.state(refuses.serial)["web_server"]["restarts"] == 0


def test_nothing_is_closed_before_https_has_worked(
    doors: Fleet, authority: Authority, ansible_playbook: Playbook
) -> None:
    """HTTPS is not reached, or shows a chain that lacks a certificate, which only a handshake can tell."""
    device = doors.device("axis-os-12")
    only = HTTP | {"policy": {"administrator": "https"}, "ca_path": str(authority.both), "reconnect_timeout": 2}
    doors.patch(device.serial, {"doors": {"https": False}})
    outcome = failed(ansible_playbook, doors, device, **only)
    assert f"nothing listens at port {device.ports['https']}, where it has to prove itself" in outcome.message
    doors.patch(device.serial, {"doors": {"https": True}})
    assert curl(device, "http") == "200" and doors.writes() == []

    plays = [play([task(fail=True, certificate="short", **only)], hosts=device.host_name)]
    outcome = ansible_playbook(plays, doors.inventory).of(device.host_name)
    assert "HTTP was not closed, because the device's certificate is not trusted" in outcome.message
    assert outcome.changed and outcome.result["failure"]["applied"] == ["certificate"]
    assert outcome.result["failure"]["not_applied"] == ["policy.administrator"]
    assert curl(device, "http") == "200" and shown_by(doors, device) == "short"


def test_a_certificate_that_we_do_not_trust_is_taken_back(
    doors: Fleet, authority: Authority, ansible_playbook: Playbook
) -> None:
    """Over HTTPS: refused before if that can be known, else put back by a connection that is pinned."""
    device = doors.device("axis-os-12")
    outcome = failed(ansible_playbook, doors, device, certificate="site")
    assert "no CA that is trusted here" in outcome.message and authority.fingerprint in outcome.message
    pinned = failed(ansible_playbook, doors, device, certificate="site", fingerprint=device.fingerprint_sha256)
    assert "the option fingerprint pins another one" in pinned.message
    assert doors.writes() == []

    outcome = failed(ansible_playbook, doors, device, certificate="short", ca_path=str(authority.both))
    assert "the device's certificate is not trusted" in outcome.message
    assert "What was set (certificate) was put back" in outcome.message
    assert shown_by(doors, device) == FACTORY and chain_shown(device)[0] == device.fingerprint_sha256


def test_refused_before_anything_is_sent(doors: Fleet, ansible_playbook: Playbook) -> None:
    wrong: dict[str, Args] = {
        "has none with the alias 'nobody'. It has": {"certificate": "nobody"},
        "'above' is the certificate of a CA": {"certificate": "above"},
        "neither the device nor OpenSSL here has a cipher suite 'HIGH'": {"ciphers": ["HIGH"]},
        "OpenSSL here speaks none of ECDHE-RSA-AES128-GCM-SHA256 that suits": {"ciphers": CIPHERS[1:]},
        "https: false would close the connection in use": {"https": False},
        "cannot have another policy.viewer": {"policy": {"administrator": "https", "viewer": "http"}},
        "policy.administrator is https, but HTTPS is off": HTTP
        | {"https": False, "policy": {"administrator": "https"}},
        "send the password in clear": HTTP | {"authentication": "basic"},
        "certificate cannot be null": {"certificate": None},
    }
    device = doors.device("axis-os-12")
    tasks = [task(fail=True, **args) | {"name": said} for said, args in wrong.items()]
    done = ansible_playbook([play(tasks, hosts=device.host_name)], doors.inventory)
    for said in wrong:
        outcome = done.of(device.host_name, said)
        assert outcome.status == "failed" and said in outcome.message, outcome
        assert f"{device.address}:" in outcome.message
    assert doors.writes() == []
