# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""New cameras, from their box to the state the inventory describes: the playbook axis.vapix.provision, witnessed by
openssl and curl."""

from __future__ import annotations

import datetime
import pathlib
import subprocess
import typing as t

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from harness.ansible_environment import ROOT
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, Run
from simulator.firmware_image import make

PLAYBOOK = ROOT / "playbooks" / "provision.yml"
ROOT_PASSWORD = "of-root-CANARY-51c2"
FIRMWARE = {"axis-os-12": "12.12.5", "axis-os-11": "11.11.200", "axis-os-9": "9.80.99"}


def authority(folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    """A CA: the file with its certificate, and its key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Camera CA")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "camera-ca.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return path, pem.decode()


class Site:
    """Cameras as they came out of their box, and the inventory that says what is to become of them."""

    def __init__(self, fleet: Fleet, folder: pathlib.Path) -> None:
        self.fleet = fleet
        self.ca, self.key = authority(folder)
        self.addresses = {device.host_name: f"127.0.7.{10 + n}" for n, device in enumerate(fleet.devices)}
        hosts = {}
        for device in fleet.devices:
            image = folder / f"{device.profile}.bin"
            make(image, device.model, FIRMWARE[device.profile], 100_000)
            address = self.addresses[device.host_name]
            # One as in a static inventory, the others as they are discovered while they are new.
            listed = {"ansible_host": address, "provision_from": device.address}
            found = {"ansible_host": device.address, "provision_address": address}
            hosts[device.host_name] = (found if hosts else listed) | {
                "vapix_port": device.ports["https"],
                "provision_firmware": {
                    "version": FIRMWARE[device.profile], "image": str(image), "models": [device.model]
                },
            }  # fmt: skip
            if device.profile == "axis-os-9":
                hosts[device.host_name]["provision_ciphers"] = ["ECDHE-RSA-AES128-GCM-SHA256"]
        self.inventory = folder / "site.yml"
        common = {
            "ansible_user": "fleet",
            "ansible_password": CANARY,
            "vapix_ca_path": str(self.ca),
            "provision_root_password": ROOT_PASSWORD,
            "provision_prefix": 24,
            "provision_gateway": "127.0.7.1",
            "provision_ca_certificate": self.ca.read_text(),
            "provision_ca_private_key": self.key,
            "provision_ntp_servers": ["ntp.example.net"],
            "provision_name_servers": ["192.0.2.53"],
            "provision_patience": 2,
        }
        self.inventory.write_text(yaml.safe_dump({"cameras": {"hosts": hosts, "vars": common}}))


@pytest.fixture
def site(tmp_path: pathlib.Path) -> t.Iterator[Site]:
    profiles = list(FIRMWARE)
    with Fleet.start(
        devices=len(profiles),
        profiles=profiles,
        https="both",
        password=CANARY,
        factory_default=True,
        reboot_seconds=2,
        tmp_path=tmp_path,
    ) as fleet:
        yield Site(fleet, tmp_path)


def openssl(site: Site, device: SimulatedDevice) -> str:
    """What somebody sees who trusts nothing but our CA."""
    address = site.addresses[device.host_name]
    command = [
        "openssl", "s_client", "-connect", f"{address}:{device.ports['https']}", "-CAfile", str(site.ca),
        "-verify_return_error", "-verify_ip", address, "-showcerts",
    ]  # fmt: skip
    done = subprocess.run(command, input="", text=True, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Shown(t.NamedTuple):
    """What curl got: an HTTP status, 000 for no answer, and a body."""

    status: str
    body: str


def curl(url: str, *options: str, user: str | None = None) -> Shown:
    """Get a page. The user goes over standard input, since command lines can be read by everybody."""
    command = ["curl", "--silent", "--max-time", "5", "--write-out", "\n%{http_code}", "--config", "-", *options, url]
    config = f'user = "{user}"\n' if user else ""
    done = subprocess.run(command, input=config, capture_output=True, text=True, check=False)
    body, _mark, status = done.stdout.rpartition("\n")
    return Shown(status, body)


def check_device(site: Site, device: SimulatedDevice) -> None:
    """It is as the inventory says, by its own account and by that of others."""
    state = site.fleet.state(device.serial)
    assert set(state["users"]) == {"root", "fleet"}
    firmware = state["firmware"]
    assert (firmware["active"], firmware["committed"]) == (FIRMWARE[device.profile], True)
    assert state["ntp"]["staticServers"] == ["ntp.example.net"]
    shown = openssl(site, device)
    assert "Verify return code: 0 (ok)" in shown and f"CN = {device.host_name}" in shown, shown
    # HTTP is closed, or leads to HTTPS; where it was before there is nothing.
    there = site.addresses[device.host_name]
    assert curl(f"http://{device.address}:{device.ports['http']}/axis-cgi/usergroup.cgi").status == "000"
    assert curl(f"http://{there}:{device.ports['http']}/axis-cgi/usergroup.cgi").status in ("000", "301")
    shown = curl(
        f"https://{there}:{device.ports['https']}/axis-cgi/param.cgi?action=list&group=Network",
        "--cacert", str(site.ca), "--anyauth", user=f"root:{ROOT_PASSWORD}",
    )  # fmt: skip
    assert shown.status == "200"
    assert f"root.Network.IPAddress={there}" in shown.body and f"root.Network.HostName={device.host_name}" in shown.body


def test_from_the_box(
    site: Site, ansible_playbook: t.Callable[..., Run], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One camera first, then the others one at a time; after that nothing changes and nothing is written."""
    first, *others = site.fleet.devices

    def run(*options: str) -> Run:
        site.fleet.reset(requests_only=True)
        done = ansible_playbook(PLAYBOOK, site.inventory, *options)
        assert done.code == 0, done.output
        # The request that an old device makes has no names in it. Our CA puts them in.
        assert all("cannot put subject_alt_names" in warning for warning in done.warnings), done.output
        assert "CANARY" not in done.output
        return done

    checked = run("--check", "--diff")
    assert site.fleet.writes() == []
    assert all(checked.of(device.host_name, "Set up the accounts").changed for device in site.fleet.devices)

    run("--limit", first.host_name, "--diff")
    assert {request["device"] for request in site.fleet.requests()} == {first.serial}
    check_device(site, first)

    run("-e", "provision_serial=1")
    assert site.fleet.writes(first.serial) == []
    for device in others:
        check_device(site, device)

    for options in (("-e", "provision_new=false"), ("--check", "--diff")):
        again = run(*options)
        assert again.warnings == []
        assert [outcome.task for outcome in again.outcomes if outcome.changed] == []
        assert site.fleet.writes() == []

    # One that cannot prove itself is not sent anything, where it cannot be new; and a mistyped path makes none new.
    foreign = authority(tmp_path_factory.mktemp("foreign"))[0]
    for wrong, said in (
        (f"provision_new=false vapix_ca_path={foreign}", "not trusted"),
        (f"vapix_ca_path={foreign}.missing", "no CA certificate could be read"),
    ):
        site.fleet.reset(requests_only=True)
        refused = ansible_playbook(PLAYBOOK, site.inventory, "-e", wrong)
        failures = [outcome for outcome in refused.outcomes if outcome.status == "failed"]
        assert {outcome.host for outcome in failures if said in outcome.message} == set(site.addresses), refused.output
        assert site.fleet.requests() == []
