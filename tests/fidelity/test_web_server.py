# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server really does what it is told: certificate, ciphers, TLS versions, HTTP or HTTPS. openssl looks."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time

import pytest
import requests

from .conftest import Client
from .services import CIPHERS, cert_set, delete, fault, load_ca, rest, set_web_server, soap, texts

P3265 = "oadm/P3265-V-12.11.77"
BRAND = "/axis-cgi/param.cgi?action=list&group=Brand.Brand"
HOSTS = "/config/rest/virtualhost/v1"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT CHECKED: openssl is not installed")


class WebServer:
    """A device, asked by HTTP; its HTTPS is looked at by openssl."""

    def __init__(self, fleet, profile):
        self.fleet, self.device = fleet, fleet.device(profile)
        self.client = Client(self.device, scheme="http")
        self.restarts = 0
        self.patch(plan={"web_server_seconds": 0.05})

    def set(self, *arguments, **options):
        """SetWebServerTlsConfiguration, and wait for the restart."""
        self.after_restart(soap(self.client, set_web_server(*arguments, **options)))

    def after_restart(self, answer=None):
        """Wait until the web server has restarted once more."""
        assert answer is None or answer.status_code == 200, answer.text
        self.restarts += 1
        self.fleet.wait_for_web_server(self.device.serial, self.restarts)

    @property
    def state(self):
        return self.fleet.state(self.device.serial)

    def patch(self, **changes):
        self.fleet.patch(self.device.serial, changes)

    def openssl(self, *options):
        """What ``openssl s_client`` says; None when there is no handshake."""
        place = f"{self.device.address}:{self.device.ports['https']}"
        command = ["openssl", "s_client", "-connect", place, "-showcerts", *options]
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=30, check=False)
        return done.stdout if done.returncode == 0 else None

    def shown(self):
        """How many certificates are shown, and the SHA-256 of the first."""
        certificates = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", self.openssl(), re.DOTALL)
        command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
        text = subprocess.run(command, input=certificates[0], capture_output=True, text=True, check=True).stdout
        return len(certificates), text.partition("=")[2].strip().replace(":", "").lower()

    def policies(self):
        listed = self.client.params("list", group="System.BoaGroupPolicy")
        return {line.partition("=")[2] for line in listed.split()}


@pytest.fixture
def web(pair):
    """web("axis-os-12"): that device."""
    made = []

    def make(profile):
        made.append(WebServer(pair, profile))
        return made[-1]

    yield make
    for one in made:
        one.client.close()


def add(web, alias, pki, pem=None):
    web.patch(certificates={"put": {alias: {"certificate": pem or pki.chain, "private_key": pki.key}}})


def refused(web, scheme):
    try:
        socket.create_connection((web.device.address, web.device.ports[scheme]), timeout=30).close()
    except (ConnectionRefusedError, ConnectionResetError):
        # Reset: the door closed while we came in.
        return True
    return False


# -- the certificate


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9"])
def test_the_chosen_chain_is_shown(profile, web, pki):
    web = web(profile)
    before = web.shown()
    assert before == (1, web.device.fingerprint_sha256)
    add(web, "new", pki)
    assert web.shown() == before
    web.set("new")
    verify = ("-verify_return_error", "-CAfile", f"{pki.folder}/root.pem", "-verify_ip", "127.0.0.1")
    assert "Verify return code: 0 (ok)" in web.openssl(*verify)
    count, fingerprint = web.shown()
    state = web.state
    assert (count, fingerprint) == (2, state["certificates"]["new"]["fingerprint_sha256"])
    assert state["web_server"]["fingerprint_sha256"] == fingerprint
    assert state["web_server"]["certificates"] == ["new"]
    assert state["certificates"]["new"]["used_by"] == ["WebServer"]
    assert web.openssl(*verify[:2], str(web.fleet.ca_file)) is None


def test_the_device_id_comes_with_its_intermediate_ca(web, tmp_path):
    web = web("axis-os-12")
    roots = rest(web.client, "GET", "ca_certificates").json()["data"]
    (tmp_path / "roots.pem").write_text("".join(entry["certificate"] for entry in roots))
    for kind in ("ECC-P256", "RSA-4096"):
        web.set(f"Axis device ID {kind} (802.1AR)", ciphers=CIPHERS)
        said = web.openssl("-verify_return_error", "-CAfile", str(tmp_path / "roots.pem"))
        assert "Verify return code: 0 (ok)" in said and f"axis-{web.device.serial.lower()}-" in said
        assert web.shown()[0] == 2


def test_intermediate_ca_by_the_set(web, pki):
    """Older interfaces take one certificate at a time; what is above comes from the CA certificates of the set."""
    web = web("axis-os-9")
    add(web, "new", pki, pki.leaf)
    assert soap(web.client, load_ca("middle", "".join(pki.middle.split("\n")[1:-2]))).status_code == 200
    web.set("new")
    assert web.shown()[0] == 1
    web.set("new", ca=["middle"])
    assert web.shown()[0] == 2


def test_a_renewed_certificate_is_shown(web, pki):
    web = web("axis-os-12")
    add(web, "new", pki, pki.leaf)
    web.set("new")
    count = web.shown()[0]
    web.after_restart(rest(web.client, "PATCH", "certificates/new", {"certificate": pki.chain}))
    assert (count, web.shown()[0]) == (1, 2)


def test_what_the_web_server_uses_stays(web, pki):
    web = web("axis-os-12")
    assert rest(web.client, "DELETE", "certificates/Simulator%20HTTPS").json()["error"]["code"] == 5
    assert fault(soap(web.client, delete("Simulator HTTPS"))) == (500, ["ter:Action"], "The certificate is in use")
    add(web, "new", pki)
    web.set("new")
    assert rest(web.client, "DELETE", "certificates/Simulator%20HTTPS").status_code == 200
    answer = soap(web.client, "<tds:GetCertificatesStatus/>")
    assert dict(zip(texts(answer, "tt:CertificateID"), texts(answer, "tt:Status"), strict=True))["new"] == "true"


def test_it_survives_a_reboot_but_no_factory_default(web, pki):
    web = web("axis-os-12")
    add(web, "new", pki)
    web.set("new")
    chosen = web.shown()
    web.patch(power="reboot", plan={"early_401": 0})
    web.fleet.wait_for_boot(web.device.serial)
    assert web.shown() == chosen
    assert web.client.ask("GET", "/axis-cgi/factorydefault.cgi").status_code == 200
    web.fleet.wait_for_boot(web.device.serial, reboots=2)
    assert web.shown() == (1, web.device.fingerprint_sha256)
    assert "new" not in web.state["certificates"]


# -- the restart


def test_a_restart_breaks_connections_and_answers_nobody_for_a_moment(web, pki):
    web = web("axis-os-12")
    web.patch(plan={"web_server_seconds": 0.8})
    add(web, "new", pki)
    with socket.create_connection((web.device.address, web.device.ports["http"]), timeout=30) as idle:
        assert soap(web.client, set_web_server("new")).status_code == 200
        try:
            assert idle.recv(1) == b""
        except ConnectionResetError:
            pass
    assert refused(web, "http") and refused(web, "https")
    web.after_restart()
    assert not refused(web, "http") and not refused(web, "https")


def test_nothing_changes_nothing_restarts(web):
    web = web("axis-os-12")
    ciphers = web.state["parameters"]["HTTPS.Ciphers"].split(":")
    assert soap(web.client, set_web_server("Simulator HTTPS", ciphers=ciphers)).status_code == 200
    assert web.client.params("update", **{"HTTPS.Enabled": "yes"}) == "OK\n"
    assert web.state["web_server"]["restarts"] == 0


def test_plans(web, pki):
    web = web("axis-os-12")
    add(web, "new", pki)
    web.patch(plan={"web_server_keeps_certificate": True})
    old = web.shown()
    web.set("new")
    answer = soap(web.client, "<aweb:GetWebServerTlsConfiguration/>")
    assert texts(answer, "acert:Id") == ["new"] and web.shown() == old
    web.patch(certificates={"refuse": "web_server"})
    assert fault(soap(web.client, set_web_server("Simulator HTTPS"))) == (400, ["ter:InvalidArgVal"], "Invalid ID")
    web.patch(certificates={"refuse": None}, plan={"web_server_returns": False, "web_server_seconds": 0})
    assert soap(web.client, set_web_server("Simulator HTTPS")).status_code == 200
    end = time.monotonic() + 10
    while not refused(web, "http"):
        assert time.monotonic() < end
    assert refused(web, "https")
    web.patch(plan={"web_server_returns": True})
    web.after_restart()
    assert not refused(web, "http")


def test_ignored_and_unanswered(web, pki):
    web = web("axis-os-12")
    add(web, "new", pki)
    web.fleet.fault("ignore", method="SetWebServerTlsConfiguration")
    assert soap(web.client, set_web_server("new")).status_code == 200
    state = web.state["web_server"]
    assert (state["certificates"], state["restarts"]) == (["Simulator HTTPS"], 0)
    web.fleet.clear_faults()
    web.fleet.fault("close_after_apply", method="SetWebServerTlsConfiguration")
    with pytest.raises(requests.ConnectionError):
        # The login is of the request before, so that the fault hits the first of these.
        soap(web.client, set_web_server("new"))
    web.after_restart()
    assert web.state["web_server"]["certificates"] == ["new"]


# -- ciphers and versions


def test_ciphers_are_enforced(web):
    web = web("axis-os-12")
    small, large = (f"ECDHE-ECDSA-{name}" for name in ("AES128-GCM-SHA256", "AES256-GCM-SHA384"))

    def speaks(cipher):
        return web.openssl("-tls1_2", "-cipher", cipher) is not None

    assert (speaks(small), speaks(large), speaks("ECDHE-ECDSA-AES256-SHA")) == (True, True, False)
    web.set("Simulator HTTPS", ciphers=[large])
    assert (speaks(small), speaks(large)) == (False, True)
    assert web.client.params("list", group="HTTPS.Ciphers") == f"HTTPS.Ciphers={large}\n"
    web.client.params("update", **{"HTTPS.Ciphers": small})
    web.after_restart()
    assert (speaks(small), speaks(large)) == (True, False)
    assert texts(soap(web.client, "<aweb:GetWebServerTlsConfiguration/>"), "acert:Cipher") == [small]


def test_versions_are_enforced(web):
    old, new = web("axis-os-9"), web("axis-os-12")
    low = ("-cipher", "ALL:@SECLEVEL=0")

    def versions(one):
        return [name for name in ("tls1", "tls1_1", "tls1_2", "tls1_3") if one.openssl(f"-{name}", *low) is not None]

    assert versions(new) == ["tls1_2", "tls1_3"]
    assert versions(old) == ["tls1", "tls1_1", "tls1_2", "tls1_3"]
    old.client.params("update", **{"HTTPS.AllowTLS1": "no"})
    old.after_restart()
    assert versions(old) == ["tls1_1", "tls1_2", "tls1_3"]
    old.client.params("update", **{"HTTPS.AllowTLS11": "no"})
    old.after_restart()
    assert versions(old) == ["tls1_2", "tls1_3"]


# -- HTTP and HTTPS


def test_https_only_closes_port_80_on_12(web):
    web = web("axis-os-12")
    assert web.policies() == {"both"}
    web.set("Simulator HTTPS", "Https")
    assert refused(web, "http") and not refused(web, "https")
    parameters = web.state["parameters"]
    assert {parameters[f"System.BoaGroupPolicy.{role}"] for role in ("admin", "operator", "viewer")} == {"https"}
    answer = requests.get(web.device.url + HOSTS, auth=("root", "pass"), verify=str(web.fleet.ca_file), timeout=30)
    assert [host["active"] for host in answer.json()["data"]["defaulthosts"]] == [False, True]
    web.fleet.reset(web.device.serial)
    assert not refused(web, "http")


def test_https_only_redirects_on_older_ones(web):
    web = web("axis-os-9")
    web.set("Simulator HTTPS", "Https")
    answer = requests.get(web.device.url_of("http") + BRAND, allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (301, web.device.url + BRAND)
    digest = requests.auth.HTTPDigestAuth("root", "pass")
    answer = requests.get(web.device.url + BRAND, auth=digest, verify=str(web.fleet.ca_file), timeout=30)
    assert answer.status_code == 200


@pytest.mark.parametrize("options", [{"policy": "Http"}, {"policy": "Http", "tls": "false"}])
def test_http_only(options, web):
    web = web("axis-os-12")
    web.set("Simulator HTTPS", **options)
    assert refused(web, "https") and web.policies() == {"http"}
    enabled = web.client.params("list", group="HTTPS.Enabled").strip().partition("=")[2]
    answer = soap(web.client, "<aweb:GetWebServerTlsConfiguration/>")
    assert texts(answer, "aweb:Tls") == [options.get("tls", "true")] and texts(answer, "aweb:Admin") == ["Http"]
    assert enabled == ("no" if "tls" in options else "yes")


def test_a_policy_for_one_role(web):
    web = web("axis-os-9")
    web.patch(
        users={
            "root": {"password": "pass", "groups": ["admin", "operator", "viewer", "ptz"]},
            "view": {"password": "pass", "groups": ["viewer"]},
        }
    )
    viewer = Client(web.device, user="view", scheme="http")
    assert viewer.ask("GET", BRAND).status_code == 200
    web.client.params("update", **{"System.BoaGroupPolicy.viewer": "https"})
    web.after_restart()
    assert viewer.ask("GET", BRAND).status_code == 403
    assert web.client.ask("GET", BRAND).status_code == 200
    viewer.close()


def test_the_port_can_be_another(web):
    web = web("axis-os-12")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web.client.params("update", **{"HTTPS.Port": str(port)})
    web.after_restart()
    assert refused(web, "https")
    url = f"https://{web.device.address}:{port}"
    answer = requests.get(url + HOSTS, auth=("root", "pass"), verify=str(web.fleet.ca_file), timeout=30)
    assert answer.json()["data"]["defaulthosts"][1]["port"] == port
    web.client.params("update", **{"HTTPS.Port": "443"})
    web.after_restart()
    assert not refused(web, "https")


# -- what is refused


@pytest.mark.parametrize(
    "options, codes",
    [
        ({"alias": "nope"}, ["ter:InvalidArgVal"]),
        ({"alias": ""}, ["ter:InvalidArgVal"]),
        ({"alias": "Axis device ID Root CA ECC"}, ["ter:InvalidArgVal"]),
        ({"policy": "both"}, ["ter:InvalidArgVal"]),
        ({"ciphers": ()}, ["ter:InvalidArgVal"]),
        ({"ciphers": ("NO-SUCH-CIPHER",)}, ["ter:InvalidArgVal"]),
        ({"tls": "false", "policy": "Https"}, ["ter:InvalidArgVal"]),
        ({"tls": "on"}, ["ter:InvalidArgVal"]),
    ],
)
def test_refused_settings(options, codes, client, fleet):
    device = client("axis-os-12")
    answer = soap(device, set_web_server(**{"alias": "Axis device ID ECC-P256 (802.1AR)", **options}))
    assert fault(answer)[:2] == (400, codes)
    assert fleet.state(device.device.serial)["web_server"]["restarts"] == 0


@pytest.mark.parametrize(
    "before, after",
    [
        ("<aweb:Configuration>", "<Configuration>"),
        ("<aweb:Tls>true</aweb:Tls>", ""),
        # Only before AXIS OS 7.10.
        ("</aweb:Admin>", "</aweb:Admin><aweb:Operator>Https</aweb:Operator>"),
        ("aweb:Ciphers>", "acert:Ciphers>"),
    ],
)
def test_members_must_match(before, after, client):
    content = set_web_server("Axis device ID ECC-P256 (802.1AR)")
    if before == "<aweb:Configuration>":
        content = content.replace("</aweb:Configuration>", "</Configuration>")
    answer = soap(client("axis-os-12"), content.replace(before, after))
    assert fault(answer)[:2] == (400, ["ter:TagMismatch"])


def test_a_set_is_the_same_thing(web, pki):
    web = web("axis-os-12")
    add(web, "new", pki)
    wanted = (
        "<acertificates:SetCertSet><acertificates:CertSetName>WebServer</acertificates:CertSetName>"
        f"<acertificates:CertSet>{cert_set(['new'])}</acertificates:CertSet></acertificates:SetCertSet>"
    )
    web.after_restart(soap(web.client, wanted))
    assert texts(soap(web.client, "<aweb:GetWebServerTlsConfiguration/>"), "acert:Id") == ["new"]
    assert web.shown()[1] == web.state["certificates"]["new"]["fingerprint_sha256"]


# -- virtual hosts


def test_virtual_hosts_recorded(recorded, client):
    real = json.loads((recorded / P3265 / "rest-virtualhost-v1.json").read_text())
    assert client("axis-os-12").ask("GET", HOSTS).json() == real


def test_virtual_hosts(client):
    device = client("axis-os-12")
    host = {"active": True, "auth_type": "basic", "port": 8081, "server_name": "example-2"}

    def ask(method, path, data=None):
        return device.ask(method, f"{HOSTS}/{path}", **({} if method == "DELETE" else {"json": {"data": data}})).json()

    assert ask("POST", "create_virtualHost", host) == {"status": "success"}
    for change in (
        {},
        {"server_name": "x", "port": 443},
        {"server_name": "default-http", "port": 1},
        {"server_name": "a b", "port": 1},
        {"auth_type": "ntlm", "server_name": "x", "port": 1},
        {"port": 0, "server_name": "x"},
        {"active": "yes", "server_name": "x", "port": 1},
    ):
        assert ask("POST", "create_virtualHost", {**host, **change})["error"]["code"] == 5, change
    assert ask("POST", "create_virtualHost", {"server_name": "x"})["error"]["code"] == 5
    assert ask("PATCH", "virtualhosts/example-2/port", 8082) == {"status": "success"}
    assert ask("PATCH", "virtualhosts/example-2", {"server_name": "other", "active": False}) == {"status": "success"}
    assert device.ask("GET", HOSTS).json()["data"]["virtualhosts"] == [
        {**host, "active": False, "port": 8082, "server_name": "other"}
    ]
    assert ask("POST", "virtualhosts", host)["error"]["code"] == 4
    assert ask("DELETE", "defaulthosts/default-http")["error"]["code"] == 4
    assert ask("DELETE", "virtualhosts/example-2")["error"]["code"] == 1
    assert ask("DELETE", "virtualhosts/other") == {"status": "success"}
    assert device.ask("GET", f"{HOSTS}/virtualhosts").json()["data"] == []
