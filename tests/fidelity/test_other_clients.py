# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that are not ours: the library Home Assistant uses (PyPI: axis), and curl."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess

import pytest
from harness.fleet import Fleet, SimulatedDevice

pytest.importorskip("axis", reason="NOT CHECKED: the PyPI package axis is not installed")
httpx = pytest.importorskip("httpx", reason="NOT CHECKED: the PyPI package httpx is not installed")

from axis.device import AxisDevice  # noqa: E402
from axis.errors import Unauthorized  # noqa: E402
from axis.models.configuration import Configuration  # noqa: E402

CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="NOT CHECKED: curl is not installed")


def with_axis(device: SimulatedDevice, work, password: str = "pass"):
    """Run a coroutine function with Home Assistant's client."""

    async def run():
        # HTTP: that client only knows Digest, which AXIS OS 12 offers there only.
        async with httpx.AsyncClient(trust_env=False) as session:
            configuration = Configuration(session, device.address, port=device.port, username="root", password=password)
            return await work(AxisDevice(configuration).vapix)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "profile, count", [("axis-os-12", 72), ("axis-os-11", 50), ("axis-os-9", 33), ("axis-os-5", 0)]
)
def test_axis_initialises(profile: str, count: int, fleet: Fleet) -> None:
    device = fleet.device(profile)
    if profile == "axis-os-5":
        # That client reads parameters as UTF-8 only; the Latin-1 preset name is what HA #116223 is about.
        fleet.patch(device.serial, {"parameters": {"PTZ.Preset.P0.Name": "Gate"}})

    async def work(vapix):
        await vapix.initialize()
        return vapix

    vapix = with_axis(device, work)
    assert vapix.serial_number == device.serial
    assert vapix.firmware_version == device.axis_os
    assert vapix.product_number == device.model
    # It keeps one entry an id: the two ids that come twice count once.
    assert len(vapix.api_discovery) >= count - 2 if count else len(vapix.api_discovery) == 0
    assert vapix.basic_device_info.initialized is bool(count)
    assert vapix.params.property_handler.initialized
    properties = vapix.params.property_handler["0"]
    assert properties.firmware_version == device.axis_os
    if profile == "axis-os-5":
        assert vapix.params.brand_handler["0"].product_number == device.model
        assert {port.name for port in vapix.ports.values()} == {"Input 1", "Input 2"}
        assert [p.name for p in vapix.streaming_profiles] == ["Quality", "Bandwidth"]
        assert vapix.params.ptz_handler.initialized


def test_axis_reads_users_and_rights(fleet: Fleet) -> None:
    async def work(vapix):
        await vapix.initialize_users()
        await vapix.load_user_groups()
        return vapix

    vapix = with_axis(fleet.device("axis-os-12"), work)
    assert list(vapix.users) == ["root"]
    assert vapix.users["root"].admin and vapix.users["root"].ptz


def test_axis_reads_stream_profiles_added_by_somebody(fleet: Fleet, client) -> None:
    client("axis-os-9").params(
        "add", template="streamprofile", group="StreamProfile", **{"StreamProfile.S.Name": "lowbw"}
    )

    async def work(vapix):
        await vapix.params.stream_profile_handler.update()
        return vapix.params.stream_profile_handler["0"].stream_profiles

    assert [profile.name for profile in with_axis(fleet.device("axis-os-9"), work)] == ["lowbw"]


def test_axis_with_a_wrong_password(fleet: Fleet) -> None:
    async def work(vapix):
        await vapix.params.property_handler._update()

    with pytest.raises(Unauthorized):
        with_axis(fleet.device("axis-os-12"), work, password="wrong")


def curl(*arguments: str) -> str:
    assert CURL is not None
    done = subprocess.run(
        [CURL, "--silent", "--show-error", "--noproxy", "*", "--max-time", "30", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@needs_curl
@pytest.mark.parametrize("login", ["--anyauth", "--digest"])
def test_curl_reads_and_writes(login: str, fleet: Fleet) -> None:
    for profile in ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5"):
        url = fleet.device(profile).url
        account = (login, "--user", "root:pass")
        assert curl(*account, f"{url}/axis-cgi/param.cgi?action=list&group=Brand.Brand").endswith("Brand.Brand=AXIS\n")
        form = (
            "--data",
            "action=update",
            "--data-urlencode",
            "Image.I0.Text.String=a=b&c",
            "--data",
            "Network.UPnP.FriendlyName=x y",
        )
        answer = curl(*account, *form, f"{url}/axis-cgi/param.cgi")
        # The overlay text is gone on newer firmware.
        gone = "# Error: Error setting 'root.Image.I0.Text.String' to 'a=b&c'!\n"
        assert answer == ("OK\n" if profile in ("axis-os-9", "axis-os-5") else gone)
        assert fleet.state(fleet.device(profile).serial)["parameters"]["Network.UPnP.FriendlyName"] == "x y"


@needs_curl
def test_curl_json_and_rest(fleet: Fleet) -> None:
    url = fleet.device("axis-os-12").url
    account = ("--anyauth", "--user", "root:pass", "--header", "Content-Type: application/json")
    wanted = {
        "apiVersion": "1.0",
        "method": "setNTPClientConfiguration",
        "params": {"enabled": True, "serversSource": "static", "staticServers": ["ntp.example.net"]},
    }
    assert json.loads(curl(*account, "--data", json.dumps(wanted), f"{url}/axis-cgi/ntp.cgi"))["data"] == {}
    client_ = json.loads(curl(*account, f"{url}/config/rest/network-time-sync/v1/ntp/client"))["data"]
    assert (client_["serversSource"], client_["staticServers"]) == ("STATIC", ["ntp.example.net"])
    answer = curl(
        *account,
        "--request",
        "PATCH",
        "--data",
        '{"data": "Europe/Prague"}',
        f"{url}/config/rest/time/v2/timeZone/iana/timeZone",
    )
    assert json.loads(answer) == {"status": "success"}
    seen = [(r["method"], r["write"]) for r in fleet.requests(fleet.device("axis-os-12").serial) if r["status"] == 200]
    assert seen == [("POST", True), ("GET", False), ("PATCH", True)]


@needs_curl
def test_curl_verifies_the_certificate(tmp_path) -> None:
    with Fleet.start(devices=1, profiles=["axis-os-12"], https=True, tmp_path=tmp_path) as fleet:
        url = f"{fleet.devices[0].url}/axis-cgi/usergroup.cgi"
        text = curl("--cacert", str(fleet.ca_file), "--anyauth", "--user", "root:pass", url)
        assert text == "root\nadmin operator viewer ptz\n"
        with pytest.raises(subprocess.CalledProcessError) as failure:
            curl("--anyauth", "--user", "root:pass", url)
        assert failure.value.returncode == 60
        plain = curl("--include", url.replace("https", "http"))
        assert plain.startswith("HTTP/1.1 400") and "SSL-enabled" in plain


@needs_curl
def test_curl_tls_on_a_plain_port(fleet: Fleet) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        curl("--insecure", fleet.device("axis-os-12").url.replace("http", "https"))
    assert failure.value.returncode == 35
