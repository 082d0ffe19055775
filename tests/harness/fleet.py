# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start simulated devices for a test and talk to their control port.

    with Fleet.start(devices=3, profiles=["axis-os-12"]) as fleet:
        run_something(fleet.inventory)
        assert fleet.writes() == []

Only the standard library is used here: the simulator runs as a process of its own.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

SIMULATOR = Path(__file__).resolve().parent.parent / "simulator"
PASSWORD_VARIABLE = "AXIS_VAPIX_PASSWORD"
_START_SECONDS, _STOP_SECONDS, _CONTROL_SECONDS = 90.0, 10.0, 60.0


@dataclass(frozen=True)
class SimulatedDevice:
    """One device, as GET /devices describes it."""

    serial: str
    model: str
    axis_os: str
    url: str
    address: str
    # All of them; the first is ``address``.
    addresses: list[str]
    port: int
    ports: dict[str, int]
    scheme: str
    profile: str
    host_name: str
    fingerprint_sha256: str | None

    def url_of(self, scheme: str) -> str:
        """Where it answers over http or https."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{scheme}://{host}:{self.ports[scheme]}"


class FleetError(RuntimeError):
    """The simulator did not start, or refused a control request."""


class Fleet:
    """A running simulator."""

    def __init__(
        self, process: subprocess.Popen, folder: Path, ready: dict[str, Any], user: str, password: str
    ) -> None:
        self._process = process
        self._folder = folder
        self._own_folder: tempfile.TemporaryDirectory | None = None
        # A port on loopback, or the path of a Unix socket.
        self._control: int | str = ready["control"]
        self.devices = [SimulatedDevice(**device) for device in ready["devices"]]
        self.user, self.password = user, password
        self.inventory = folder / "inventory.yml"
        self.ca_file: Path | None = folder / "ca.pem" if (folder / "ca.pem").exists() else None

    @classmethod
    def start(
        cls,
        devices: int = 1,
        profiles: Sequence[str] = (),
        *,
        https: bool | Literal["both"] = False,
        spread: str | None = None,
        port: int | None = None,
        http_port: int = 0,
        addresses: Sequence[Sequence[str]] = (),
        discovery: bool = False,
        control: Path | None = None,
        latency: float = 0,
        user: str = "root",
        password: str = "pass",
        factory_default: bool = False,
        reboot_seconds: float = 3,
        minute_seconds: float | None = None,
        network_seconds: float | None = None,
        tmp_path: Path | None = None,
        python: str = sys.executable,
        arguments: Sequence[str] = (),
    ) -> Fleet:
        """Start a simulator and wait until all its devices listen.

        ``https="both"``: each device has a port for HTTP as well; url, port and inventory are those of HTTPS.
        ``addresses``: those of each device, all on ``port`` (and ``http_port``); ``devices`` does not count then.
        ``control``: a Unix socket for the control port; it can be reached from every network namespace.
        """
        devices = len(addresses) or devices
        own = None if tmp_path is not None else tempfile.TemporaryDirectory(prefix="fleet-")
        folder = Path(own.name) if own is not None else Path(tempfile.mkdtemp(prefix="fleet-", dir=tmp_path))
        ready_file, log = folder / "ready.json", folder / "simulator.log"
        command = [
            python,
            str(SIMULATOR),
            "--devices",
            str(devices),
            "--user",
            user,
            "--latency",
            str(latency),
            "--reboot-seconds",
            str(reboot_seconds),
            "--inventory",
            str(folder / "inventory.yml"),
            "--ready-file",
            str(ready_file),
        ]
        for profile in profiles:
            command += ["--profile", profile]
        if https:
            command += ["--both" if https == "both" else "--https", "--ca-file", str(folder / "ca.pem")]
        if spread is not None:
            command += ["--spread", spread, "--port", str(port)]
        for places in addresses:
            command += ["--address", ",".join(places)]
        if addresses:
            command += ["--port", str(port)]
        if http_port:
            command += ["--http-port", str(http_port)]
        if discovery:
            command.append("--discovery")
        if control is not None:
            command += ["--control", str(control)]
        if minute_seconds is not None:
            command += ["--minute-seconds", str(minute_seconds)]
        if network_seconds is not None:
            command += ["--network-seconds", str(network_seconds)]
        if factory_default:
            command.append("--factory-default")
        # The password travels in the environment: command lines can be read by everybody on the machine.
        environment = {**os.environ, PASSWORD_VARIABLE: password}
        with log.open("wb") as output:
            process = subprocess.Popen([*command, *arguments], stdout=output, stderr=output, env=environment)
        try:
            ready = _wait(process, ready_file, log)
        except BaseException:
            _stop(process)
            if own is not None:
                own.cleanup()
            raise
        fleet = cls(process, folder, ready, user, password)
        fleet._own_folder = own
        return fleet

    def __enter__(self) -> Fleet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """Stop the simulator; returns its exit code."""
        code = _stop(self._process)
        if self._own_folder is not None:
            self._own_folder.cleanup()
            self._own_folder = None
        return code

    @property
    def pid(self) -> int:
        """The simulator's process."""
        return self._process.pid

    def log(self) -> str:
        """What the simulator printed."""
        return (self._folder / "simulator.log").read_text(encoding="utf-8", errors="replace")

    def device(self, profile: str) -> SimulatedDevice:
        """The first device of a profile."""
        return next(device for device in self.devices if device.profile == profile)

    # -- control port
    def requests(self, serial: str | None = None) -> list[dict[str, Any]]:
        """All requests, oldest first, or those of one device."""
        return self._call("GET", "/requests" + (f"?device={serial}" if serial else ""))

    def writes(self, serial: str | None = None) -> list[dict[str, Any]]:
        """The requests that could change a device, whatever the device answered (a refused write is one too)."""
        return [request for request in self.requests(serial) if request["write"]]

    def state(self, serial: str) -> dict[str, Any]:
        """Everything mutable of a device."""
        return self._call("GET", f"/state/{serial}")

    def patch(self, serial: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change a device by hand; returns its state."""
        return self._call("PATCH", f"/state/{serial}", changes)

    def wait_for_boot(self, serial: str, reboots: int = 1, seconds: float = 30) -> dict[str, Any]:
        """Wait until the device has rebooted so often and is ready; returns its state."""
        there = self._wait_for(
            serial, seconds, lambda state: state["reboots"] >= reboots and state["ready"] and state["listening"]
        )
        if not there:
            raise FleetError(f"{serial} has not rebooted {reboots} times in {seconds:.0f} s")
        return there

    def wait_for_web_server(self, serial: str, restarts: int = 1, seconds: float = 30) -> dict[str, Any]:
        """Wait until the web server has restarted so often and listens; returns the state of the device."""
        there = self._wait_for(
            serial, seconds, lambda state: state["web_server"]["restarts"] >= restarts and state["listening"]
        )
        if not there:
            raise FleetError(f"the web server of {serial} has not restarted {restarts} times in {seconds:.0f} s")
        return there

    def look(self, serial: str) -> SimulatedDevice:
        """The device as it is now: its address may have changed."""
        return next(SimulatedDevice(**device) for device in self._call("GET", "/devices") if device["serial"] == serial)

    def wait_for_network(self, serial: str, seconds: float = 30) -> SimulatedDevice:
        """Wait until all network settings are applied, rolled back, or the device is lost; returns it as it is now."""
        if not self._wait_for(serial, seconds, lambda state: state["link"]["lost"] or not state["link"]["changing"]):
            raise FleetError(f"{serial} has not applied its network settings in {seconds:.0f} s")
        return self.look(serial)

    def _wait_for(self, serial: str, seconds: float, there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The state of a device as soon as something holds; empty when the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.state(serial)
            if there(state):
                return state
            time.sleep(0.02)
        return {}

    def reset(self, serial: str | None = None, *, requests_only: bool = False) -> None:
        """Put state and request log back to the start."""
        wanted: dict[str, Any] = {"serial": serial} if serial else {}
        self._call("POST", "/reset", {**wanted, "requests_only": requests_only})

    def fault(self, kind: str, **fields: Any) -> None:
        """Inject a fault; fields: device, path, method, position, code, body, content_type, ms, bytes."""
        self._call("POST", "/faults", {"kind": kind, **fields})

    def clear_faults(self) -> None:
        """Take all faults away."""
        self._call("DELETE", "/faults")

    def _call(self, method: str, path: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document)
        with contextlib.closing(_connect(self._control)) as connection:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        if answer.status != http.HTTPStatus.OK:
            raise FleetError(f"{method} {path}: {text}")
        return json.loads(text)


def _connect(control: int | str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", timeout=_CONTROL_SECONDS)
    if isinstance(control, int):
        connection.port = control
    else:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(_CONTROL_SECONDS)
        connection.sock.connect(control)
    return connection


def _wait(process: subprocess.Popen, ready_file: Path, log: Path) -> dict[str, Any]:
    end = time.monotonic() + _START_SECONDS
    while not ready_file.exists():
        if process.poll() is not None:
            raise FleetError(f"the simulator ended with {process.returncode}: {log.read_text(errors='replace')}")
        if time.monotonic() > end:
            raise FleetError(f"not ready in {_START_SECONDS:.0f} s: {log.read_text(errors='replace')}")
        time.sleep(0.02)
    return json.loads(ready_file.read_text(encoding="utf-8"))


def _stop(process: subprocess.Popen) -> int:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
