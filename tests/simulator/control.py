# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control port: for tests only, on loopback, without a login."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

import documents
from certificates import REFUSALS, WEB_SERVER, Material, Store, StoreError, read_key, read_pem, used
from faults import Fault
from firmware import Image
from firmware_image import part_number
from handlers.time import parse_moment
from network import LEASE_MEMBERS, dot1x_status
from server import Server
from state import LIVE, PLAN_WORDS, Device, Reboot, State, User, Zone


class BadRequest(Exception):
    """What the test asked for makes no sense."""


def readable(text: str) -> str:
    """A stored value for JSON: values keep bytes as Latin-1; most are UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def storable(text: str) -> str:
    """The other way: a Latin-1 text stays, anything else is stored as its UTF-8 bytes."""
    try:
        text.encode("latin-1")
    except UnicodeError:
        return text.encode("utf-8").decode("latin-1")
    return text


def describe(device: Device) -> dict[str, Any]:
    """A device of GET /devices."""
    return {
        "serial": device.serial,
        "model": device.profile.facts["model"],
        "axis_os": device.axis_os,
        "url": device.url,
        "address": device.address,
        "addresses": device.plain_addresses,
        "port": device.port,
        "ports": {scheme: door.port for scheme, door in device.doors.items()},
        "scheme": device.scheme,
        "profile": device.profile.name,
        "host_name": device.host_name,
        "fingerprint_sha256": device.leaf_fingerprint,
    }


def show(state: State) -> dict[str, Any]:
    """Everything mutable. Passwords are not shown."""
    zone = state.zone
    return {
        "parameters": {d.name: readable(state.value(d)) for d in state.tree.order},
        "documents": state.documents,
        "ntp": state.ntp,
        "network": asdict(state.network),
        "link": {
            **asdict(state.link.now),
            "lost": state.link.lost,
            "changing": state.link.is_behind(state.network),
            "dot1x_status": dot1x_status(state),
        },
        "time": {
            "mode": zone.mode,
            "iana": zone.iana or None,
            "posix": zone.posix or None,
            "dst": zone.dst,
            "active": state.active_zone(),
            "dhcp_zone": state.dhcp_zone,
            "utc": state.now().isoformat(),
            "local": state.local(),
            "clock_offset": round(state.clock_offset, 3),
        },
        "users": {name: list(user.groups) for name, user in state.users.items()},
        "logins": {"failed": state.device.guard.failed, "blocked": state.device.guard.blocked()},
        "ready": state.ready,
        "listening": state.device.is_listening,
        "doors": {
            scheme: {"address": door.address, "port": door.port, "open": door.is_open}
            for scheme, door in state.device.doors.items()
        },
        "reboots": state.reboots,
        "plan": state.plan,
        "needs_setup": state.needs_setup,
        "boot_id": state.boot_id,
        "uptime": state.uptime(),
        "firmware": show_firmware(state),
        "uploads": {
            "count": len(state.device.uploads),
            "bytes": sum(upload["bytes"] for upload in state.device.uploads),
            "outcomes": [upload["outcome"] for upload in state.device.uploads],
        },
        "certificates": show_certificates(state),
        "web_server": {
            "restarts": state.web_restarts,
            "certificates": list(state.certificates.sets[WEB_SERVER].certificates),
            "fingerprint_sha256": state.device.leaf_fingerprint,
        },
        "passphrase_policy": state.passphrase_policy,
        "ca_certificates": state.ca_certificates,
        "services": state.services,
    }


def show_certificates(state: State) -> dict[str, Any]:
    """The certificates by alias, without their keys."""
    in_use = used(state)
    return {
        entry.alias: {
            "ca": entry.is_ca,
            "keystore": entry.keystore or None,
            "factory": entry.factory,
            "fingerprint_sha256": entry.fingerprint,
            "used_by": in_use.get(entry.alias, []),
        }
        for ca in (True, False)
        for entry in state.certificates.entries(ca)
    }


def change_certificates(store: Store, wanted: dict[str, Any]) -> None:
    """Put in or take away certificates, or refuse what clients will send."""
    for part, value in wanted.items():
        if part == "refuse":
            if value and value not in REFUSALS:
                raise BadRequest(f"refuse is one of {sorted(REFUSALS)}")
            store.refuse = value or ""
        elif part == "put":
            for alias, texts in value.items():
                key = read_key(texts["private_key"].encode(), pem=True) if "private_key" in texts else None
                store.put(alias, Material(read_pem(texts["certificate"]), key))
        elif part == "drop":
            for alias in value:
                store.drop(alias)
        else:
            raise BadRequest(f"no {part} in the certificates")


def show_firmware(state: State) -> dict[str, Any]:
    """The slots."""
    firmware = state.firmware
    return {
        "active": firmware.active.version,
        "inactive": firmware.inactive.version if firmware.inactive is not None else None,
        "committed": firmware.committed,
        "auto_commit": firmware.auto_commit,
        "seconds_to_rollback": firmware.seconds_left(state.device.minute),
        "busy": firmware.busy,
        "commit_error": firmware.commit_error,
        "boot_fails": firmware.boot_fails,
    }


def change_firmware(state: State, wanted: dict[str, Any]) -> None:
    """Set the slots, or what goes wrong with them."""
    firmware = state.firmware
    for part, value in wanted.items():
        if part == "active":
            firmware.active = Image(value, part_number(value))
            state.device.facts = None
        elif part == "inactive":
            firmware.inactive = None if value is None else Image(value, part_number(value))
            firmware.saved = state.settings()
            firmware.last_upgrade = state.local()
        elif part == "seconds_to_rollback":
            firmware.rollback_at = None if value is None else time.monotonic() + value * state.device.minute / 60
        elif part in ("committed", "auto_commit", "commit_error", "boot_fails"):
            setattr(firmware, part, value)
        else:
            raise BadRequest(f"no {part} in the firmware")


def merge(target: Any, wanted: dict[str, Any]) -> None:
    """Set the members of a document of dataclasses and dictionaries."""
    for name, value in wanted.items():
        held = target if isinstance(target, dict) else vars(target)
        if name not in held:
            raise BadRequest(f"no network setting {name}")
        if isinstance(value, dict):
            merge(held[name], value)
        else:
            held[name] = value


def change(state: State, wanted: dict[str, Any]) -> None:
    """Somebody changed the device by hand: set parts of the state without a check of roles or protection."""
    for part, value in wanted.items():
        if part == "parameters":
            for name, text in value.items():
                definition = state.tree.find(name.removeprefix("root."))
                if definition is None:
                    raise BadRequest(f"no parameter {name}")
                if definition.name not in LIVE and state.dynamic(definition.name) is None:
                    state.values[definition.name] = storable(str(text))
                elif not state.put(definition, str(text)):
                    raise BadRequest(f"{name} is only a view; set ntp, zone, clock or network instead")
        elif part == "documents":
            documents.change(state.documents, value)
        elif part == "ntp":
            if unknown := set(value) - set(state.ntp):
                raise BadRequest(f"no NTP settings {sorted(unknown)}")
            state.ntp.update(value)
        elif part == "network":
            merge(state.network, value)
        elif part == "zone":
            state.zone = Zone(**value)
        elif part == "dhcp_zone":
            state.dhcp_zone = value
        elif part == "clock":
            moment = parse_moment(value)
            if moment is None:
                raise BadRequest("clock is a time like 2026-01-31T10:00:00Z")
            state.set_clock(moment)
        elif part == "clock_offset":
            state.set_clock(_real_now(state) + timedelta(seconds=value))
        elif part == "users":
            state.users = {
                name: User(user["password"], tuple(user["groups"]), user.get("primary", "users"))
                for name, user in value.items()
            }
        elif part == "firmware":
            change_firmware(state, value)
        elif part == "certificates":
            change_certificates(state.certificates, value)
        elif part == "doors":
            for scheme, wanted_open in value.items():
                state.device.doors[scheme].want(bool(wanted_open))
        elif part == "plan":
            if unknown := set(value) - set(state.plan):
                raise BadRequest(f"no plan {sorted(unknown)}")
            if unknown := set(value.get("lease") or ()) - LEASE_MEMBERS:
                raise BadRequest(f"no {sorted(unknown)} in a lease")
            for name, words in PLAN_WORDS.items():
                if value.get(name, words[0]) not in words:
                    raise BadRequest(f"the plan for {name} is one of {words}")
            state.plan.update(value)
        elif part == "power":
            if value not in ("cut", "reboot"):
                raise BadRequest("power is cut or reboot")
            state.pending = Reboot(cut=value == "cut")
        elif part in ("ready", "passphrase_policy", "ca_certificates", "services"):
            setattr(state, part, value)
        else:
            raise BadRequest(f"no part {part} in the state")


def _real_now(state: State) -> datetime:
    return state.now() - timedelta(seconds=state.clock_offset)


class Control:
    """The control port's routes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._app = web.Application(middlewares=[_complain])
        self._app.add_routes(
            [
                web.get("/devices", self._devices),
                web.get("/requests", self._requests),
                web.get("/state/{serial}", self._state),
                web.patch("/state/{serial}", self._patch),
                web.post("/reset", self._reset),
                web.get("/faults", self._faults),
                web.post("/faults", self._add_faults),
                web.delete("/faults", self._clear_faults),
            ]
        )
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)

    async def listen(self, place: int | str) -> int | str:
        """Listen at a port on loopback (0: a free one) or at a Unix socket; returns the port or the path."""
        await self._runner.setup()
        if isinstance(place, str):
            await web.UnixSite(self._runner, place).start()
            return place
        await web.TCPSite(self._runner, "127.0.0.1", place).start()
        return self._runner.addresses[0][1]

    async def close(self) -> None:
        """Close the port."""
        await self._runner.cleanup()

    def _device(self, serial: str) -> Device:
        device = self._server.devices.get(serial.upper())
        if device is None:
            raise BadRequest(f"no device {serial}")
        return device

    async def _devices(self, _request: web.Request) -> web.Response:
        return web.json_response([describe(device) for device in self._server.devices.values()])

    async def _requests(self, request: web.Request) -> web.Response:
        serial = request.query.get("device")
        return web.json_response(self._server.journal.entries(self._device(serial).serial if serial else None))

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(show(self._device(request.match_info["serial"]).state))

    async def _patch(self, request: web.Request) -> web.Response:
        device = self._device(request.match_info["serial"])
        state = device.state
        change(state, await _document(request))
        self._server.look(device)
        return web.json_response(show(state))

    async def _reset(self, request: web.Request) -> web.Response:
        wanted = await _document(request)
        serial = self._device(wanted["serial"]).serial if "serial" in wanted else None
        if not wanted.get("requests_only"):
            for device in [self._server.devices[serial]] if serial else self._server.devices.values():
                self._server.power.reset(device)
                self._server.look(device)
        self._server.journal.clear(serial)
        return web.json_response({})

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response([vars(fault) for fault in self._server.faults])

    async def _add_faults(self, request: web.Request) -> web.Response:
        wanted = await _document(request)
        new = [Fault.parse(document) for document in (wanted if isinstance(wanted, list) else [wanted])]
        for fault in new:
            if fault.device != "*":
                fault.device = self._device(fault.device).serial
        self._server.faults.extend(new)
        return web.json_response({"faults": len(self._server.faults)})

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._server.faults.clear()
        return web.json_response({})


async def _document(request: web.Request) -> Any:
    text = await request.text()
    try:
        return json.loads(text) if text else {}
    except ValueError as error:
        raise BadRequest(f"no JSON: {error}") from None


@web.middleware
async def _complain(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except (BadRequest, StoreError, ValueError, TypeError, KeyError, AttributeError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
