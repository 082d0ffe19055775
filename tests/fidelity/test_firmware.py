# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware: what recordings show, what the vendor's page shows with curl, slots, timers, and what goes wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import requests
from harness.fleet import Fleet, SimulatedDevice
from simulator.firmware_image import make

from .recordings import shape

FWMGR, UPGRADE = "/axis-cgi/firmwaremanagement.cgi", "/axis-cgi/firmwareupgrade.cgi"
READY, PARAM = "/axis-cgi/systemready.cgi", "/axis-cgi/param.cgi"
P3265 = "oadm/P3265-V-12.11.77"
ALL = ("axis-os-12", "axis-os-11", "axis-os-10", "axis-os-9", "axis-os-5")
MODERN = ALL[:4]
OLD, NEW = "12.11.77", "12.12.5"
SECONDS = 1.0
CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="NOT CHECKED: curl is not installed")


@pytest.fixture(scope="module")
def cameras(tmp_path_factory):
    """One of each generation; a reboot takes 1 s, a minute of the timer 1 s."""
    with Fleet.start(
        devices=5, profiles=ALL, reboot_seconds=SECONDS, minute_seconds=1, tmp_path=tmp_path_factory.mktemp("fleet")
    ) as fleet:
        yield fleet


@pytest.fixture
def fast(cameras):
    """Fresh for every test."""
    cameras.clear_faults()
    cameras.reset()
    yield cameras
    cameras.clear_faults()
    assert "Traceback" not in cameras.log(), cameras.log()


class Camera:
    """One device and what a client does with it."""

    def __init__(self, fleet: Fleet, profile: str) -> None:
        self.fleet, self.device = fleet, fleet.device(profile)
        self.serial, self.url = self.device.serial, self.device.url
        fleet.patch(self.serial, {"plan": {"early_401": 0}})

    @property
    def state(self) -> dict:
        return self.fleet.state(self.serial)

    @property
    def slots(self) -> tuple:
        firmware = self.state["firmware"]
        return firmware["active"], firmware["inactive"], firmware["committed"]

    def call(self, method: str, params: dict | None = None, user: str = "root", **members: object) -> dict:
        document = {"apiVersion": "1.0", "method": method, **members}
        if params is not None:
            document["params"] = params
        answer = requests.post(self.url + FWMGR, json=document, auth=digest(user), timeout=30)
        assert answer.status_code == 200
        return answer.json()

    def upload(self, image: Path, params: dict | None = None, filename: str | None = None) -> requests.Response:
        document = json.dumps({"apiVersion": "1.0", "context": "u", "method": "upgrade", "params": params or {}})
        with image.open("rb") as file:
            files = [
                ("json", (filename, document, "application/json")),
                ("file", ("new.bin", file, "application/octet-stream")),
            ]
            # Log in with something small: requests would send the image twice.
            auth = digest()
            session = requests.Session()
            with session:
                session.get(f"{self.url}{PARAM}?action=list&group=Brand.Brand", auth=auth, timeout=30)
                return session.post(self.url + FWMGR, files=files, auth=auth, timeout=60)

    def error(self, image: Path, params: dict | None = None) -> int:
        return self.upload(image, params).json()["error"]["code"]

    def wait(self, reboots: int = 1) -> dict:
        """Until so many reboots are over; the state then."""
        return self.fleet.wait_for_boot(self.serial, reboots)


def digest(user: str = "root") -> requests.auth.HTTPDigestAuth:
    return requests.auth.HTTPDigestAuth(user, "pass")


@pytest.fixture
def camera(fast):
    """camera(profile)"""
    return lambda profile="axis-os-12": Camera(fast, profile)


@pytest.fixture
def image(tmp_path):
    """image(version, model, ...): a file."""

    def build(version=NEW, model="P3265-V", size=100_000, **flags):
        return make(tmp_path / f"{version}.bin", model, version, size, **flags)

    return build


# -- beside recordings


def load(recorded, name):
    return json.loads((recorded / P3265 / name).read_text(encoding="utf-8"))


def test_recorded_status(recorded, camera):
    real = load(recorded, "fwmgr-status.json")
    own = camera().call("status")
    assert shape(own) == shape(real)
    assert own["data"]["activeFirmwareVersion"] == real["data"]["activeFirmwareVersion"]
    assert own["apiVersion"] == real["apiVersion"]


def test_recorded_versions_and_unknown_method(recorded, camera):
    assert camera().call("getSupportedVersions") == load(recorded, "fwmgr-getSupportedVersions.json")
    assert camera().call("bogus") == load(recorded, "fwmgr-error-405.json")


def test_recorded_text_of_a_downgrade(recorded, camera, image):
    real = (recorded / "vapx/fwmgr-upgrade-error-409.txt").read_text().strip()
    answer = camera("axis-os-11").upload(image("11.8.0", "P3245-LV")).json()
    assert f"VAPIX error {answer['error']['code']}: {answer['error']['message']}" == real
    assert list(answer) == ["apiVersion", "context", "method", "error"]


# -- as the vendor's page shows it


def curl(*arguments: str) -> str:
    assert CURL is not None
    command = [CURL, "--silent", "--show-error", "--noproxy", "*", "--max-time", "60", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@needs_curl
@pytest.mark.parametrize(
    "profile, model, old, new",
    [
        ("axis-os-12", "P3265-V", OLD, NEW),
        ("axis-os-11", "P3245-LV", "11.11.114", "12.0.1"),
        ("axis-os-9", "M3045-V", "9.80.2.2", "9.80.10"),
    ],
)
def test_curl_upgrades(profile, model, old, new, camera, image):
    """The page's commands; the body is sent once; the new version shows everywhere."""
    device = camera(profile)
    account = ("--request", "POST", "--anyauth", "--user", "root:pass")
    file = image(new, model, 3_000_000)
    answer = json.loads(
        curl(
            *account,
            "--form",
            'json={"apiVersion": "1.0","context": "abc","method": "upgrade"};type=application/json',
            "--form",
            f"file=@{file};type=application/octet-stream",
            device.url + FWMGR,
        )
    )
    assert (answer["context"], answer["method"]) == ("abc", "upgrade")
    assert answer["data"] == {"firmwareVersion": new}
    state = device.wait()
    assert state["uploads"] == {"count": 1, "bytes": file.stat().st_size, "outcomes": ["accepted"]}
    status = json.loads(
        curl(
            *account,
            "--header",
            "Content-Type: application/json",
            device.url + FWMGR,
            "--data",
            '{"apiVersion": "1.0","context": "abc","method": "status"}',
        )
    )["data"]
    assert list(status)[:5] == [
        "activeFirmwareVersion",
        "activeFirmwarePart",
        "inactiveFirmwareVersion",
        "isCommited",
        "lastUpgradeAt",
    ]
    assert (status["activeFirmwareVersion"], status["inactiveFirmwareVersion"]) == (new, old)
    assert status["isCommited"] is True and "timeToRollback" not in status
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", status["lastUpgradeAt"])
    listed = curl("--anyauth", "--user", "root:pass", f"{device.url}{PARAM}?action=list&group=root.Properties.Firmware")
    assert f"root.Properties.Firmware.Version={new}\n" in listed
    xml = curl(
        "--anyauth",
        "--user",
        "root:pass",
        f"{device.url}{PARAM}?action=listdefinitions&listformat=xmlschema&group=Brand",
    )
    assert f"<firmwareVersion>{new}</firmwareVersion>" in xml
    info = {"apiVersion": "1.0", "method": "getAllProperties"}
    info = requests.post(device.url + "/axis-cgi/basicdeviceinfo.cgi", json=info, auth=digest(), timeout=30).json()
    assert info["data"]["propertyList"]["Version"] == new


@needs_curl
def test_curl_digest_and_old_cgi(camera, image):
    """firmwareupgrade.cgi never answers: the connection is cut when all has arrived."""
    device = camera("axis-os-5")
    assert requests.post(device.url + FWMGR, json={}, auth=digest(), timeout=30).status_code == 404
    file = image("5.51.8", "P5512")
    command = (
        "--request",
        "POST",
        "--digest",
        "--user",
        "root:pass",
        "--form",
        f"file=@{file};type=application/octet-stream",
        f"{device.url}{UPGRADE}?type=normal",
    )
    with pytest.raises(subprocess.CalledProcessError) as failure:
        curl(*command)
    # curl tries once more when a connection it used before is cut, and is refused then.
    assert failure.value.returncode in (7, 52, 56)
    device.wait()
    assert device.slots == ("5.51.8", None, True)
    assert device.state["uploads"] == {"count": 1, "bytes": file.stat().st_size, "outcomes": ["accepted"]}
    wrong = image("5.51.9", "P9999")
    text = curl(*command[:-2], f"file=@{wrong};type=application/octet-stream", command[-1])
    assert "Error: Upgrade failed due to image not matching device." in text


@needs_curl
def test_a_large_image_takes_no_memory_and_is_sent_once(camera, image):
    device = camera()
    file = image(NEW, size=250 * 1024 * 1024)
    page = Path(f"/proc/{device.fleet.pid}/status")

    def resident() -> int:
        return int(re.search(r"VmHWM:\s+(\d+)", page.read_text())[1])

    before = resident()
    start = time.monotonic()
    curl(
        "--anyauth",
        "--user",
        "root:pass",
        "--form",
        'json={"apiVersion": "1.0","method": "upgrade"};type=application/json',
        "--form",
        f"file=@{file}",
        device.url + FWMGR,
    )
    assert resident() - before < 30 * 1024
    assert time.monotonic() - start < 60
    assert device.state["uploads"] == {"count": 1, "bytes": file.stat().st_size, "outcomes": ["accepted"]}
    assert [r["file_bytes"] for r in device.fleet.requests(device.serial) if r["path"] == FWMGR][-1] == (
        file.stat().st_size
    )


def test_an_image_sent_before_the_login_is_counted(camera, image):
    device = camera()
    with image().open("rb") as file:
        answer = requests.post(device.url + FWMGR, files={"file": file}, timeout=30)
    assert answer.status_code == 401
    uploads = device.state["uploads"]
    assert uploads["count"] == 1 and uploads["bytes"] > 100_000 and uploads["outcomes"] == ["refused 401"]


# -- what is refused


@pytest.mark.parametrize(
    "code, fields",
    [
        (415, {"corrupt": True}),
        (415, {"truncate": True}),
        (421, {"model": "M3045-V"}),
        (422, {"signed": False}),
        (424, {"certificate": True}),
        (410, {"revoked": True}),
        (409, {"version": "12.9.1"}),
    ],
)
def test_refused_images(code, fields, camera, image):
    device = camera()
    device.fleet.patch(device.serial, {"firmware": {"inactive": "12.10.1"}})
    assert device.error(image(**fields)) == code
    assert device.slots == (OLD, None, True), "the fallback image is gone although the upgrade failed"
    assert device.state["uploads"]["outcomes"] == [f"refused {code}"]
    assert "data" in device.call("status")


def test_no_image_at_all(camera, tmp_path):
    file = tmp_path / "x.bin"
    for content in (b"", b"x" * 5000):
        file.write_bytes(content)
        assert camera().error(file) == 415


@pytest.mark.parametrize(
    "params",
    [
        {"autoCommit": "always"},
        {"autoRollback": 10},
        {"autoRollback": "soon"},
        {"autoRollback": "0"},
        {"other": "x"},
        {"factoryDefaultMode": "all"},
    ],
)
def test_refused_parameters(params, camera, image):
    device = camera()
    assert device.error(image(), params) == 400
    assert device.slots == (OLD, None, True)


def test_order_and_form_of_the_parts(camera, image):
    device = camera()
    answer = device.upload(image(), filename="message.json").json()
    assert answer["error"] == {"code": 400, "message": "Only string objects allowed."}
    with image().open("rb") as file:
        document = json.dumps({"apiVersion": "1.0", "method": "upgrade"})
        files = [("file", ("new.bin", file)), ("json", (None, document, "application/json"))]
        session = requests.Session()
        session.auth = digest()
        session.post(device.url + FWMGR, json={}, timeout=30)
        assert session.post(device.url + FWMGR, files=files, timeout=30).json()["error"]["code"] == 400
        session.close()
    assert device.call("upgrade")["error"]["code"] == 400, "no image"
    assert device.state["reboots"] == 0


def test_general_errors(camera):
    for profile in MODERN:
        device = camera(profile)
        assert device.call("status", apiVersion="2.0")["error"] == {
            "code": 417,
            "message": "API version not compatible.",
        }
        assert device.call("status", {"x": 1})["error"]["code"] == 400
        assert device.call("factoryDefault", {"factoryDefaultMode": "none"})["error"]["code"] == 400
        assert device.call("rollback")["error"]["code"] == 404
        answer = requests.post(device.url + FWMGR, data="{", auth=digest(), timeout=30).json()
        assert answer["error"]["code"] == 400
        assert device.call("commit")["data"] == {"firmwareVersion": device.device.axis_os}
        assert device.call("purge")["data"] == {}
        assert device.state["reboots"] == 0


@pytest.mark.parametrize("profile, status", [("axis-os-12", 403), ("axis-os-9", 401)])
def test_administrators_only(profile, status, camera, image):
    device = camera(profile)
    device.fleet.patch(
        device.serial,
        {
            "users": {
                "op": {"password": "pass", "groups": ["operator", "viewer"]},
                "root": {"password": "pass", "groups": ["admin", "operator", "viewer"]},
            }
        },
    )
    for method in ("status", "getSupportedVersions", "reboot", "factoryDefault"):
        document = {"apiVersion": "1.0", "method": method}
        assert requests.post(device.url + FWMGR, json=document, timeout=30).status_code == 401
        answer = requests.post(device.url + FWMGR, json=document, auth=digest("op"), timeout=30)
        assert answer.status_code == status


def test_busy_on_the_way_down(camera):
    device = camera()
    assert device.call("reboot")["data"] == {}
    assert device.call("purge")["error"]["code"] == 423
    assert device.call("status")["data"]["activeFirmwareVersion"] == OLD
    assert device.wait()["reboots"] == 1


# -- slots and timers


def test_started_commits_by_itself(camera, image):
    device = camera()
    device.upload(image())
    end = time.monotonic() + 20
    while device.state["reboots"] == 0 and time.monotonic() < end:
        time.sleep(0.01)
    seen = device.call("status")["data"]
    assert (seen["isCommited"], seen["pendingCommit"]) == (False, "started") and 500 < seen["timeToRollback"] <= 600
    device.wait()
    seen = device.call("status")["data"]
    assert seen["isCommited"] is True and not {"pendingCommit", "timeToRollback"} & set(seen)


@pytest.mark.parametrize(
    "params, committed, seconds",
    [
        ({"autoCommit": "never"}, False, None),
        ({"autoCommit": "boot"}, True, None),
        ({"autoCommit": "started"}, True, None),
        ({"autoRollback": "never"}, False, None),
        ({"autoRollback": "15"}, False, 900),
        ({"autoCommit": "never", "autoRollback": "15"}, False, 900),
        ({"autoCommit": "started", "autoRollback": "15"}, True, None),
        ({"factoryDefaultMode": "hard"}, True, None),
    ],
)
def test_defaults_of_commit_and_rollback(params, committed, seconds, camera, image):
    device = camera()
    device.upload(image(), params)
    state = device.wait()
    assert state["firmware"]["committed"] is committed
    left = state["firmware"]["seconds_to_rollback"]
    assert left is None if seconds is None else seconds - 300 < left <= seconds
    assert state["needs_setup"] is ("factoryDefaultMode" in params)


def test_commit_before_the_timer(camera, image):
    device = camera()
    device.upload(image(), {"autoCommit": "never", "autoRollback": "3"})
    device.wait()
    assert device.call("upgrade")["error"]["code"] == 400
    assert device.error(image("12.13.1")) == 412
    assert device.call("purge")["error"] == {"code": 412, "message": "Active firmware is not committed."}
    assert device.call("commit")["data"] == {"firmwareVersion": NEW}
    time.sleep(3.5)
    assert device.slots == (NEW, OLD, True) and device.state["reboots"] == 1
    assert device.call("purge")["data"] == {} and device.slots == (NEW, None, True)
    assert device.call("rollback")["error"]["code"] == 404


def test_the_timer_rolls_back_with_the_settings(camera, image):
    device = camera()
    device.fleet.patch(device.serial, {"parameters": {"Network.UPnP.FriendlyName": "before"}})
    device.upload(image(), {"autoRollback": "2"})
    device.wait()
    assert device.slots == (NEW, OLD, False)
    device.fleet.patch(device.serial, {"parameters": {"Network.UPnP.FriendlyName": "after"}})
    state = device.wait(reboots=2)
    assert device.slots == (OLD, None, True)
    assert state["parameters"]["Network.UPnP.FriendlyName"] == "before"
    assert state["parameters"]["Properties.Firmware.Version"] == OLD


def test_stopped_timer_and_reboot_of_an_uncommitted_image(camera, image):
    device = camera()
    device.upload(image(), {"autoRollback": "3"})
    device.wait()
    device.call("reboot")
    state = device.wait(reboots=2)
    assert device.slots == (NEW, OLD, False) and state["firmware"]["seconds_to_rollback"] is not None
    assert device.call("stopAuto")["data"] == {}
    assert "timeToRollback" not in device.call("status")["data"]
    time.sleep(3)
    assert device.slots == (NEW, OLD, False), "stopped, not committed"
    # A factory default commits it then.
    assert device.call("factoryDefault")["data"] == {}
    assert device.wait(reboots=3)["needs_setup"] is True
    assert device.slots == (NEW, None, True)


def test_rollback_by_hand(camera, image):
    device = camera()
    device.upload(image())
    device.wait()
    assert device.call("rollback")["data"] == {}
    device.wait(reboots=2)
    assert device.slots == (OLD, None, True)
    assert set(device.call("status")["data"]) == {"activeFirmwareVersion", "activeFirmwarePart", "resetSource"}


def test_downgrade_with_a_hard_default(camera, image):
    device = camera("axis-os-11")
    assert "data" in device.upload(image("10.12.338", "P3245-LV"), {"factoryDefaultMode": "hard"}).json()
    assert device.wait()["needs_setup"] is True
    assert device.slots[0] == "10.12.338"


# -- faults


def test_cut_in_the_middle(camera, image):
    device = camera()
    device.fleet.fault("close_midway", path=FWMGR, method="upgrade", bytes=300_000)
    with pytest.raises(requests.ConnectionError):
        device.upload(image(size=8_000_000))
    uploads = device.state["uploads"]
    assert uploads["outcomes"] == ["dropped"] and 300_000 <= uploads["bytes"] < 1_000_000
    time.sleep(SECONDS * 0.5)
    assert device.slots == (OLD, None, True) and device.state["reboots"] == 0
    device.fleet.clear_faults()
    assert "data" in device.upload(image()).json(), "no longer busy"


def test_cut_after_the_whole_image(camera, image):
    device = camera()
    device.fleet.fault("close_after_apply", path=FWMGR, method="upgrade")
    with pytest.raises(requests.ConnectionError):
        device.upload(image())
    device.wait()
    assert device.slots == (NEW, OLD, True)


def test_power_loss_before_the_commit(camera, image):
    device = camera()
    device.upload(image(), {"autoCommit": "never", "autoRollback": "never"})
    device.wait()
    device.fleet.patch(device.serial, {"power": "cut"})
    device.wait(reboots=2)
    assert device.slots == (OLD, None, True)


def test_refused_commit(camera, image):
    device = camera()
    device.upload(image(), {"autoCommit": "never"})
    device.wait()
    device.fleet.patch(device.serial, {"firmware": {"commit_error": 500}})
    assert device.call("commit")["error"] == {"code": 500, "message": "Unexpected internal error."}
    assert device.slots == (NEW, OLD, False)


@pytest.mark.parametrize("how", ["image", "device"])
def test_it_comes_back_with_the_old_version(how, camera, image):
    device = camera()
    if how == "device":
        device.fleet.patch(device.serial, {"firmware": {"boot_fails": True}})
    assert "data" in device.upload(image(boots=how == "device")).json()
    device.wait()
    assert device.slots == (OLD, None, True)


def test_the_image_tool(tmp_path):
    file = tmp_path / "x.bin"
    tool = Path(__file__).resolve().parents[1] / "simulator" / "firmware_image.py"
    command = ["python3", str(tool), str(file), "--model", "P3265-V", "--version", NEW, "--size", "2M", "--unsigned"]
    subprocess.run(command, check=True, capture_output=True)
    head = json.loads(file.read_bytes()[:1024].splitlines()[1])
    assert file.stat().st_size == 1024 + 2 * 1024 * 1024
    assert (head["model"], head["version"], head["signed"], head["size"]) == ("P3265-V", NEW, False, 2 * 1024 * 1024)


def test_devices_are_described_with_the_version_they_run(camera):
    device = camera()
    assert isinstance(device.device, SimulatedDevice) and device.device.axis_os == OLD
    device.fleet.patch(device.serial, {"firmware": {"active": "12.0.9"}})
    assert device.state["parameters"]["Properties.Firmware.Version"] == "12.0.9"
