# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: from the key on the device to the signed certificate and its renewal, and what is brought along.

Private keys are too long a secret to hold a word for the gate: no line of them may be in any output here.
"""

from __future__ import annotations

import collections.abc
import json
import pathlib
import subprocess
import time
import typing as t

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from harness.authority import Identity, make
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, OtherMachine, Outcome, Run, play

from ansible_collections.axis.vapix.plugins.filter import csr_sign

Playbook = t.Callable[..., Run]
Args = dict[str, t.Any]

REST, SOAP, NEITHER = "axis-os-12", "axis-os-9", "axis-os-5"
PROFILES = (REST, "axis-os-11", SOAP, NEITHER)
PASSPHRASE = "archive-CANARY-3"
CA = make("CN=Test CA", ca=True, days=900)
MIDDLE = make("CN=Test Middle", CA, ca=True, days=800)
NAMES = ["gate.example.net", "192.0.2.7"]
LEAF = make("CN=pair", CA, names=NAMES)
RENEWED = make("CN=pair", CA, names=NAMES, key=LEAF.key, days=99)
OTHER = make("CN=pair", CA, names=NAMES)
CHAINED = make("CN=pair", MIDDLE)
RSA = make("CN=rsa", CA, key=rsa.generate_private_key(65537, 2048))
#: Everything secret comes from a file, as from a vault: around an error Ansible shows lines of the playbook itself.
SECRETS = {
    "ca_key": CA.key_pem(),
    "ca_key_locked": CA.key_pem(PASSPHRASE),
    "passphrase": PASSPHRASE,
    "wrong_passphrase": "CANARY-wrong",
    "leaf_key": LEAF.key_pem(),
    "leaf_key_locked": LEAF.key_pem(PASSPHRASE),
    "leaf_key_old": LEAF.key_pem(kind="TraditionalOpenSSL"),
    "other_key": OTHER.key_pem(),
    "chained_key": CHAINED.key_pem(),
    "rsa_key": RSA.key_pem(),
    "archive": OTHER.archive(PASSPHRASE, CA),
}
KEY_LINES = {
    line
    for name, text in SECRETS.items()
    if name.startswith(("ca_key", "leaf", "other", "chained", "rsa", "archive"))
    for line in text.splitlines()
    if len(line) >= 40 and "-----" not in line
}
PAIR = {"alias": "pair", "certificate": LEAF.pem, "private_key": "{{ leaf_key }}"}


@pytest.fixture(scope="module")
def _fleet(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    with Fleet.start(devices=len(PROFILES), profiles=PROFILES, password=CANARY, https=True, tmp_path=scratch) as fleet:
        yield fleet


@pytest.fixture
def fleet(_fleet: Fleet) -> Fleet:
    """One camera of each generation, as new, over HTTPS."""
    _fleet.clear_faults()
    _fleet.reset()
    return _fleet


@pytest.fixture
def run(ansible_playbook: Playbook, fleet: Fleet, scratch: pathlib.Path) -> Playbook:
    """Run tasks on some devices; no secret may come out."""
    kept = scratch / "certificate-secrets.yml"
    kept.write_text(yaml.safe_dump(SECRETS))

    def on(
        devices: t.Sequence[SimulatedDevice],
        tasks: t.Sequence[Args] | pathlib.Path,
        *options: str,
        inventories: t.Sequence[t.Any] = (),
        **keywords: t.Any,
    ) -> Run:
        hosts = ",".join(device.host_name for device in devices)
        plays: t.Any = tasks if isinstance(tasks, pathlib.Path) else [play(list(tasks), hosts=hosts, **keywords)]
        done = ansible_playbook(plays, [fleet.inventory, *inventories], f"--extra-vars=@{kept}", *options)
        shown = done.output + json.dumps([outcome.result for outcome in done.outcomes])
        assert "CANARY" not in shown
        assert not [line for line in KEY_LINES if line in shown]
        return done

    return on


@pytest.fixture
def declare(run: Playbook) -> Playbook:
    """Declare one certificate on some devices."""

    def on(
        devices: t.Sequence[SimulatedDevice], args: Args, *options: str, module: str = "certificate", **keywords: t.Any
    ) -> Run:
        task = {"name": "Declare", f"axis.vapix.{module}": args, "ignore_errors": True, **keywords}
        return run(devices, [task], *options)

    return on


@pytest.fixture
def prove(fleet: Fleet, run: Playbook) -> t.Callable[..., list[Outcome]]:
    """Each step is predicted, done, and unchanged after that; the outcomes of the last are returned.

    One write for each step (two where a key is replaced) leaves none for check mode and for the second run.
    """

    def on(
        devices: t.Sequence[SimulatedDevice], *steps: Args, module: str = "certificate", writes: int | None = None,
        **keywords: t.Any,
    ) -> list[Outcome]:  # fmt: skip
        before = {device.serial: fleet.state(device.serial) for device in devices}
        fleet.reset(requests_only=True)
        tasks = []
        for number, args in enumerate(steps):
            task = {f"axis.vapix.{module}": args, "diff": True, **keywords}
            tasks += [
                {"name": f"{number} predicted", **task, "check_mode": True},
                {"name": f"{number} done", **task},
                {"name": f"{number} again", **task},
            ]
        done = run(devices, tasks)
        assert (done.code, done.warnings) == (0, []), done.output
        for device in devices:
            assert len(fleet.writes(device.serial)) == (writes or len(steps)), device.profile
            for number in range(len(steps)):
                predicted, outcome, again = (
                    done.of(device.host_name, f"{number} {what}") for what in ("predicted", "done", "again")
                )
                assert outcome.changed and outcome.result["changes"], device.profile
                for told in ("changed", "changes", "diff"):
                    assert outcome.result[told] == predicted.result[told], f"{device.profile}, step {number}"
                if predicted.result["certificate"] is not None:
                    assert predicted.result == outcome.result
                assert not again.changed and again.result["certificate"] == outcome.result["certificate"]
            check_effect(outcome, before[device.serial], fleet.state(device.serial), steps)
        return [done.of(device.host_name, f"{len(steps) - 1} done") for device in devices]

    return on


def check_effect(outcome: Outcome, before: Args, after: Args, steps: t.Sequence[Args]) -> None:
    """Nothing but these certificates is another, and the last is the one the result tells."""
    touched, alias = {args["alias"] for args in steps}, steps[-1]["alias"]
    here = after["certificates"]
    assert {name: entry for name, entry in before["certificates"].items() if name not in touched} == {
        name: entry for name, entry in here.items() if name not in touched
    }
    told = outcome.result["certificate"]
    if steps[-1].get("state") == "absent":
        assert alias not in here and told is None
    else:
        assert here[alias]["fingerprint_sha256"] == told["fingerprint_sha256"]
        assert told.get("keystore") in (None, here[alias]["keystore"])
    for part in ("ntp", "users", "web_server"):
        assert before[part] == after[part], part


def able(fleet: Fleet) -> list[SimulatedDevice]:
    """Those that have an API for certificates."""
    return [device for device in fleet.devices if device.profile != NEITHER]


def paths(outcome: Outcome) -> list[str]:
    return [change["path"] for change in outcome.result["changes"]]


def public_key(csr: str) -> t.Any:
    return x509.load_pem_x509_csr(csr.encode()).public_key()


# -- the whole life ----------------------------------------------------------------------------------------------


def test_life(fleet: Fleet, prove: t.Callable[..., list[Outcome]], declare: Playbook) -> None:
    """By REST and SOAP in parallel: key made, signed, renewed on the same key, removed."""
    devices = able(fleet)
    wanted = {"alias": "https (1)/a", "subject": "O=Example,CN=gate"}
    made = prove(devices, wanted)
    for device, outcome in zip(devices, made, strict=True):
        assert outcome.result["needs_signature"] and outcome.result["certificate"]["self_signed"]
        assert outcome.result["api"] == ("cert v1" if device.profile == REST else "certificate management (SOAP)")

    keys = {outcome.host: public_key(outcome.result["csr"]) for outcome in made}
    for days in (90, 99):
        signed = {
            host: make("CN=gate,O=Example", CA, names=NAMES, days=days, public_key=key).pem
            for host, key in keys.items()
        }
        args = {"alias": wanted["alias"], "certificate": "{{ signed[inventory_hostname] }}"}
        installed = prove(devices, args, vars={"signed": signed})
        for outcome in installed:
            assert paths(outcome) == ["certificate"] and not outcome.result["needs_signature"]
            assert outcome.result["certificate"]["issuer"] == "CN=Test CA"
        names = {"subject_alt_names": ["IP:192.0.2.7", "DNS:gate.example.net"]}
        for options in ((), ("--check",)):
            last = declare(devices, wanted | names, *options)
            for device in devices:
                result = last.of(device.host_name).result
                assert (result["changed"], result["needs_signature"], result["csr"]) == (False, False, None)
    prove(devices, {"alias": wanted["alias"], "state": "absent"})


def test_brought_along(fleet: Fleet, prove: t.Callable[..., list[Outcome]]) -> None:
    """Pairs in all forms, another key only where that is asked for, an archive, and renewal without a key."""
    prove(
        able(fleet),
        PAIR,
        {"alias": "pair", "certificate": RENEWED.pem},
        PAIR | {"private_key": "{{ leaf_key_old }}"},
        PAIR | {"certificate": OTHER.pem, "private_key": "{{ other_key }}", "replace_key": True},
        PAIR | {"private_key": "{{ leaf_key_locked }}", "passphrase": "{{ passphrase }}", "replace_key": True},
        {"alias": "pair", "pkcs12": "{{ archive }}", "passphrase": "{{ passphrase }}", "replace_key": True},
        {"alias": "pair", "state": "absent"},
        {"alias": "rsa", "certificate": RSA.pem, "private_key": "{{ rsa_key }}"},
        writes=8 + 3,
    )


def test_choices_of_new_devices(fleet: Fleet, prove: t.Callable[..., list[Outcome]]) -> None:
    device = fleet.device(REST)
    wanted = {
        "alias": "chosen",
        "subject": "CN=gate",
        "subject_alt_names": ["DNS:gate.example.net", "IP:192.0.2.7"],
        "key_type": "EC-P384",
        "keystore": "TEE0",
    }
    (made,) = prove([device], wanted)
    told = made.result["certificate"]
    assert [told[name] for name in ("key_type", "keystore")] == ["EC-P384", "TEE0"]
    assert told["subject_alt_names"] == ["DNS:gate.example.net", "IP:192.0.2.7"]
    (other,) = prove([device], wanted | {"keystore": "SE0", "replace_key": True}, writes=2)
    assert other.result["certificate"]["keystore"] == "SE0"
    chain = {"alias": "chain", "certificate": CHAINED.pem + MIDDLE.pem, "private_key": "{{ chained_key }}"}
    (outcome,) = prove([device], chain)
    assert paths(outcome) == ["certificate", "chain"]


def test_the_documented_loop(fleet: Fleet, run: Playbook, scratch: pathlib.Path) -> None:
    """Key on the device, request, signature by the filter, installation; again and nothing is done; openssl agrees."""
    book = scratch / "loop.yml"
    book.write_text(csr_sign.EXAMPLES)
    (scratch / "loop-ca.pem").write_text(CA.pem)
    device = fleet.device(REST)
    ca = {"ca_certificate": CA.pem, "ca_private_key": SECRETS["ca_key_locked"], "vault_ca_passphrase": PASSPHRASE}
    given = scratch / "loop-variables.yml"
    given.write_text(yaml.safe_dump(ca))
    options = (f"--extra-vars=@{given}", "--limit", device.host_name)
    checked = run([device], book, "--check", "--diff", *options)
    assert (checked.code, checked.warnings, fleet.writes()) == (0, [], []), checked.output
    done = run([device], book, *options)
    assert (done.code, done.warnings) == (0, []) and all(outcome.changed for outcome in done.outcomes), done.output
    fleet.reset(requests_only=True)
    again = run([device], book, *options)
    first, second = again.outcomes
    assert not first.changed and second.status == "skipped" and fleet.writes() == []
    api = {"dialect": "rest", "method": "GET", "path": "/config/rest/cert/v1/certificates/https"}
    read = run([device], [{"name": "Read", "axis.vapix.api": api}]).of(device.host_name)
    (scratch / "loop-leaf.pem").write_text(read.result["response"]["certificate"])
    verified = subprocess.run(
        ["openssl", "verify", "-purpose", "sslserver", "-verify_hostname", device.host_name,
         "-verify_ip", device.address, "-CAfile", "loop-ca.pem", "loop-leaf.pem"],
        cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.stdout.strip() == "loop-leaf.pem: OK", verified.stderr


def test_loop_by_soap(fleet: Fleet, run: Playbook) -> None:
    """The filter puts the names in that old devices cannot ask for; two at a time, one after the other."""
    devices = [device for device in able(fleet) if device.profile != REST]
    names = '["DNS:" ~ inventory_hostname, "IP:" ~ ansible_host]'
    options = "ca_certificate=ca, ca_private_key=ca_key"
    tasks = [
        {
            "name": "Key",
            "axis.vapix.certificate": {"alias": "https", "subject": "CN={{ inventory_hostname }}"},
            "register": "https",
        },
        {
            "name": "Signed",
            "axis.vapix.certificate": {
                "alias": "https",
                "certificate": f"{{{{ https.csr | axis.vapix.csr_sign({options}, subject_alt_names={names}) }}}}",
            },
            "when": "https.csr is not none",
        },
    ]
    done = run(devices, tasks, vars={"ca": CA.pem}, serial=1)
    assert (done.code, done.warnings) == (0, []) and all(outcome.changed for outcome in done.outcomes), done.output
    fleet.reset(requests_only=True)
    again = run(devices, tasks, vars={"ca": CA.pem})
    assert not any(outcome.changed for outcome in again.outcomes) and fleet.writes() == []
    for device in devices:
        told = again.of(device.host_name, "Key").result["certificate"]
        assert told["subject_alt_names"] == [f"DNS:{device.host_name}", f"IP:{device.address}"]


def put(fleet: Fleet, device: SimulatedDevice, alias: str, identity: Identity) -> None:
    """Somebody installs a certificate by hand."""
    entry = {"certificate": identity.pem, "private_key": identity.key_pem()}
    fleet.patch(device.serial, {"certificates": {"put": {alias: entry}}})


def test_near_its_end(fleet: Fleet, declare: Playbook) -> None:
    device = fleet.device(REST)
    put(fleet, device, "https", make("CN=gate", CA, days=20))
    wanted = {"alias": "https", "subject": "CN=gate"}
    for more, needed in (({}, True), ({"renew_before": 10}, False)):
        result = declare([device], wanted | more).of(device.host_name).result
        assert (result["changed"], result["needs_signature"], bool(result["csr"])) == (False, needed, needed)


def test_served_certificate_is_renewed(fleet: Fleet, run: Playbook) -> None:
    """The connection itself is pinned to the certificate that goes: the task goes well and says what to pin now."""
    device = fleet.device(REST)
    alias = "Simulator HTTPS"

    def renew(pinned: str, **args: str) -> Run:
        task = {"name": "Renew", "axis.vapix.certificate": {"alias": alias, **args}}
        return run([device], [task], vars={"vapix_fingerprint": pinned})

    before = str(device.fingerprint_sha256)
    csr = renew(before, subject="CN=gate").of(device.host_name).result["csr"]
    leaf = make("CN=gate", CA, public_key=public_key(csr))
    done = renew(before, certificate=leaf.pem)
    assert done.of(device.host_name).changed
    shown, end = before, time.monotonic() + 20
    while shown == before and time.monotonic() < end:
        time.sleep(0.05)
        shown = fleet.state(device.serial)["web_server"]["fingerprint_sha256"]
    (warning,) = done.warnings
    assert f"Set the option fingerprint to {shown}" in warning
    assert not renew(shown, certificate=leaf.pem).of(device.host_name).changed


# -- what is refused ---------------------------------------------------------------------------------------------

EXPIRED = make("CN=gone", CA, days=-0.5)
REFUSED: dict[str, tuple[Args, str]] = {
    "wrong key": (PAIR | {"private_key": "{{ other_key }}"}, "private_key is not the key of the certificate"),
    "expired": ({"alias": "pair", "certificate": EXPIRED.pem}, "expired on 20"),
    "CA": (PAIR | {"certificate": CA.pem, "private_key": "{{ ca_key }}"}, "is that of a CA"),
    "broken": (PAIR | {"certificate": "abc"}, "certificate: there is no -----BEGIN CERTIFICATE-----"),
    "key in it": (PAIR | {"certificate": LEAF.pem + "{{ leaf_key }}"}, "there is a private key in it"),
    "passphrase": (
        {"alias": "pair", "pkcs12": "{{ archive }}", "passphrase": "{{ wrong_passphrase }}"},
        "pkcs12: the passphrase is wrong",
    ),
    "locked": (PAIR | {"private_key": "{{ leaf_key_locked }}"}, "it is encrypted, and there is no passphrase"),
    "no key": ({"alias": "pair", "certificate": LEAF.pem}, "there is no private key to install one with"),
    "nothing": ({"alias": "pair"}, "any of the following are missing: subject, certificate, pkcs12"),
    "both": ({"alias": "pair", "subject": "CN=a", "certificate": LEAF.pem}, "mutually exclusive"),
    "key alone": ({"alias": "pair", "subject": "CN=a", "private_key": "{{ leaf_key }}"}, "required by 'private_key'"),
    "used": ({"alias": "Simulator HTTPS", "state": "absent"}, "is used by a service of the device and would be rem"),
    "used key": (PAIR | {"alias": "Simulator HTTPS", "replace_key": True}, "is used by a service of the device"),
    "other key": (PAIR | {"alias": "Simulator HTTPS"}, "but its public key is another"),
    "clash": (PAIR | {"alias": "a CA"}, "'a CA' is the certificate of a CA already"),
    "subject": ({"alias": "pair", "subject": "gate"}, "subject: it is not written as in RFC 4514"),
}  # fmt: skip


def test_refused_before_anything_is_written(fleet: Fleet, run: Playbook) -> None:
    devices = [fleet.device(REST), fleet.device(SOAP)]
    for device in devices:
        fleet.patch(device.serial, {"certificates": {"put": {"a CA": {"certificate": CA.pem}}}})
    tasks = [
        {"name": why, "axis.vapix.certificate": args, "ignore_errors": True} for why, (args, _said) in REFUSED.items()
    ]
    done = run(devices, tasks, "-vvv")
    for device in devices:
        for why, (_args, said) in REFUSED.items():
            outcome = done.of(device.host_name, why)
            assert outcome.status == "failed" and not outcome.changed and said in outcome.message, outcome.message
    assert fleet.writes() == []


def test_identity_of_the_factory(fleet: Fleet, declare: Playbook) -> None:
    device = fleet.device(REST)
    alias = "Axis device ID ECC-P256 (802.1AR)"
    assert fleet.state(device.serial)["certificates"][alias]["factory"]
    for args in ({"alias": alias, "state": "absent"}, PAIR | {"alias": alias, "replace_key": True}):
        outcome = declare([device], args).of(device.host_name)
        assert outcome.status == "failed" and "from its factory, which is never touched" in outcome.message
    assert fleet.writes() == []


def test_keys_are_not_sent_in_clear(generations: Fleet, ansible_playbook: Playbook, scratch: pathlib.Path) -> None:
    kept = scratch / "certificate-secrets.yml"
    kept.write_text(yaml.safe_dump(SECRETS))
    task = {"name": "Declare", "axis.vapix.certificate": PAIR}
    hosts = generations.device(REST).host_name
    done = ansible_playbook([play([task], hosts=hosts)], generations.inventory, f"--extra-vars=@{kept}")
    assert "a private key would go over the network in clear" in done.of(hosts).message
    assert generations.writes() == []


# -- devices that cannot, refuse or break ------------------------------------------------------------------------


def test_devices_without_an_api(fleet: Fleet, declare: Playbook) -> None:
    device = fleet.device(NEITHER)
    for module, args in (("certificate", {"subject": "CN=gate"}), ("ca_certificate", {"certificate": CA.pem})):
        outcome = declare([device], args | {"alias": "a"}, module=module).of(device.host_name)
        assert outcome.status == "failed" and "the device has none of the APIs for" in outcome.message
        done = declare([device], args | {"alias": "a", "on_unsupported": "warn"}, module=module)
        assert done.of(device.host_name).status == "ok" and not done.of(device.host_name).changed
        assert ["none of the APIs" in warning for warning in done.warnings] == [True]
    assert fleet.writes() == []


def test_what_old_devices_cannot(fleet: Fleet, declare: Playbook) -> None:
    device = fleet.device(SOAP)
    wanted = {"alias": "a", "subject": "CN=gate"}
    wanted |= {"key_type": "EC-P256", "keystore": "SE0", "subject_alt_names": ["IP:::1"]}
    outcome = declare([device], wanted).of(device.host_name)
    assert outcome.status == "failed" and "cannot choose the key_type" in outcome.message
    chain = PAIR | {"certificate": LEAF.pem + CA.pem}
    assert "cannot take certificates of CAs along" in declare([device], chain).of(device.host_name).message
    assert fleet.writes() == []
    done = declare([device], wanted | {"on_unsupported": "warn"})
    assert done.of(device.host_name).changed
    for said in ("cannot choose the key_type", "cannot choose the keystore", "cannot put subject_alt_names into"):
        assert said in " ".join(done.warnings)
    assert not declare([device], wanted | {"on_unsupported": "warn"}).of(device.host_name).changed


@pytest.mark.parametrize("profile", [REST, SOAP])
def test_device_refuses(profile: str, fleet: Fleet, declare: Playbook) -> None:
    """What a device says is passed on, and nothing is claimed."""
    device = fleet.device(profile)
    for refusal, args in (
        ("limit", {"alias": "a", "subject": "CN=gate"}),
        ("maintenance", {"alias": "a", "subject": "CN=gate"}),
        ("format", PAIR),
    ):
        fleet.patch(device.serial, {"certificates": {"refuse": refusal}})
        outcome = declare([device], args).of(device.host_name)
        assert outcome.status == "failed" and not outcome.changed and "the device refuses" in outcome.message
        assert outcome.result["failure"]["not_applied"] == ["certificate"]
    fleet.patch(device.serial, {"certificates": {"refuse": None}})
    assert declare([device], PAIR).of(device.host_name).changed


def test_replacement_that_the_device_refuses(fleet: Fleet, declare: Playbook) -> None:
    device = fleet.device(REST)
    put(fleet, device, "pair", OTHER)
    fleet.patch(device.serial, {"certificates": {"refuse": "limit"}})
    outcome = declare([device], PAIR | {"replace_key": True}).of(device.host_name)
    assert outcome.status == "failed" and "the certificate that was there is gone, with its key" in outcome.message
    assert "pair" not in fleet.state(device.serial)["certificates"]


@pytest.mark.parametrize(
    "profile, path, method",
    [(REST, "/config/rest/cert/v1/create_certificate", "POST"), (SOAP, "/vapix/services", "CreateCertificate2")],
)
def test_write_fails(profile: str, path: str, method: str, fleet: Fleet, declare: Playbook) -> None:
    """Nothing is claimed that is not so, a write is not repeated, and the next run mends it."""
    device = fleet.device(profile)

    def fault(kind: str, **fields: t.Any) -> Outcome:
        fleet.clear_faults()
        fleet.reset(device.serial)
        fleet.fault(kind, device=device.serial, path=path, method=method, position="all", **fields)
        return declare([device], {"alias": "a", "subject": "CN=gate"}).of(device.host_name)

    outcome = fault("ignore")
    assert outcome.status == "failed" and not outcome.changed and "did not take: certificate" in outcome.message
    outcome = fault("close_after_apply")
    assert outcome.status == "failed" and len(fleet.writes(device.serial)) == 1
    assert outcome.result["failure"]["applied"] == ["certificate"]
    for kind in ("close", "html", "garbage"):
        outcome = fault(kind)
        assert outcome.status == "failed" and not outcome.changed, kind
        assert outcome.result["failure"]["not_applied"] == ["certificate"], kind
    fleet.clear_faults()
    assert declare([device], {"alias": "a", "subject": "CN=gate"}).of(device.host_name).changed


def test_delegated(fleet: Fleet, run: Playbook, other_machine: OtherMachine) -> None:
    """From another machine, with the module itself; the filter works here."""
    device = fleet.device(REST)
    jump, trace = other_machine
    task = {"name": "Declare", "axis.vapix.certificate": PAIR, "delegate_to": "jump"}
    checked = run([device], [task], "--check", inventories=[jump])
    assert checked.of(device.host_name).changed and fleet.writes() == []
    done = run([device], [task], "-vvv", inventories=[jump])
    assert done.of(device.host_name).changed and trace.read_text(), done.output
    assert not run([device], [task], inventories=[jump]).of(device.host_name).changed


# -- CAs ---------------------------------------------------------------------------------------------------------


def test_ca_life(fleet: Fleet, prove: t.Callable[..., list[Outcome]], declare: Playbook) -> None:
    """Installed, renewed on the same key, replaced by another, removed; compared by what it says."""
    devices = able(fleet)
    renewed, other = make("CN=Test CA", ca=True, key=CA.key, days=950), make("CN=Other CA", ca=True)
    steps = [{"alias": "net CA", "certificate": identity.pem} for identity in (CA, renewed, other)]
    for device in devices:
        renewal = 1 if device.profile == REST else 2
        prove([device], *steps, module="ca_certificate", writes=1 + renewal + 2)
    written_otherwise = {"alias": "net CA", "certificate": "words\n" + other.pem.replace("\n", "\r\n")}
    assert not any(outcome.changed for outcome in declare(devices, written_otherwise, module="ca_certificate").outcomes)
    leaf = {"alias": "server", "certificate": LEAF.pem, "allow_leaf": True}
    prove(devices, {"alias": "net CA", "state": "absent"}, leaf, module="ca_certificate")


def test_refused_ca(fleet: Fleet, run: Playbook) -> None:
    device = fleet.device(REST)
    cases: tuple[tuple[Args, str], ...] = (
        ({"certificate": LEAF.pem}, "'CN=pair' is no CA"),
        ({"certificate": MIDDLE.pem + CA.pem}, "there are 2"),
        ({"certificate": CA.pem + "{{ ca_key }}"}, "there is a private key in it"),
        ({"certificate": make("CN=old", ca=True, days=-0.5).pem}, "expired on 20"),
        ({}, "all of the following are missing: certificate"),
        ({"certificate": CA.pem, "alias": "Simulator HTTPS"}, "is a certificate with a private key already"),
    )
    tasks = [
        {"name": said, "axis.vapix.ca_certificate": {"alias": "net CA"} | args, "ignore_errors": True}
        for args, said in cases
    ]
    done = run([device], tasks, "-vvv")
    for _args, said in cases:
        outcome = done.of(device.host_name, said)
        assert outcome.status == "failed" and said in outcome.message, outcome.message
    assert fleet.writes() == []


@pytest.mark.parametrize("profile", [REST, SOAP])
def test_ca_in_use(profile: str, fleet: Fleet, declare: Playbook) -> None:
    """The device's own refusal, with what to do about it."""
    device = fleet.device(profile)
    assert declare([device], {"alias": "net CA", "certificate": CA.pem}, module="ca_certificate").code == 0
    body = (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:c="http://www.axis.com/vapix/ws/certificates" xmlns:a="http://www.axis.com/vapix/ws/cert"><e:Body>'
        "<c:SetCertSet><c:CertSetName>WebServer</c:CertSetName><c:CertSet><a:Certificates><a:Id>Simulator HTTPS</a:Id>"
        "</a:Certificates><a:CACertificates><a:Id>net CA</a:Id></a:CACertificates><a:TrustedCertificates/></c:CertSet>"
        "</c:SetCertSet></e:Body></e:Envelope>"
    )
    answer = subprocess.run(
        ["curl", "--silent", "--noproxy", "*", "--anyauth", "--user", f"root:{CANARY}", "--cacert", str(fleet.ca_file),
         "--header", "Content-Type: application/soap+xml", "--data", body, f"{device.url}/vapix/services"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "SetCertSetResponse" in answer
    fleet.wait_for_web_server(device.serial)
    outcome = declare([device], {"alias": "net CA", "state": "absent"}, module="ca_certificate").of(device.host_name)
    assert outcome.status == "failed" and not outcome.changed
    assert "the device refuses" in outcome.message and "A service may use it" in outcome.message
    assert "net CA" in fleet.state(device.serial)["certificates"]
