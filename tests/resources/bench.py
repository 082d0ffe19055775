# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a task as the action does, without a playbook around it, against a simulated device over HTTP."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import json
import typing as t

from harness.fleet import Fleet, SimulatedDevice
from resources.proof import CANARY, GONE, HTTPS_PORT, Args, Proof

from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.engine.connection import open_session
from ansible_collections.axis.vapix.plugins.module_utils.engine.options import understand, wanted
from ansible_collections.axis.vapix.plugins.module_utils.engine.task import Task, perform
from ansible_collections.axis.vapix.plugins.module_utils.model.change import fill
from ansible_collections.axis.vapix.plugins.module_utils.model.option import flatten_options

RESOURCES = "ansible_collections.axis.vapix.plugins.module_utils.resources"

#: Accounts of the simulated devices by role.
GROUPS = {
    "administrator": ["root", "admin", "operator", "viewer", "ptz"],
    "operator": ["operator", "viewer"],
    "viewer": ["viewer"],
}
#: What moves without anybody's doing.
_MOVING = (
    "time.utc",
    "time.local",
    "time.active",
    "time.clock_offset",
    "parameters.Time.",
    "parameters.SNMP.EngineBoots",
    "parameters.Network.eth0.",
    "parameters.Network.DHCP.",
    "parameters.Network.Routing.",
    "parameters.Properties.",
    "parameters.PTZ.PTZDriver",
)
_PARTS = ("parameters", "documents", "ntp", "network", "time", "users", "certificates", "ca_certificates", "firmware")


def declared(name: str) -> t.Any:
    """The declaration of a resource."""
    return importlib.import_module(f"{RESOURCES}.{name}").DECLARED


@dataclasses.dataclass
class Outcome:
    """What a task said."""

    result: dict[str, t.Any]
    warnings: list[str]

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    @property
    def text(self) -> str:
        """All of it."""
        return json.dumps([self.result, self.warnings])


class Bench:
    """One simulated device, as new, and the tasks that are run on it."""

    def __init__(self, fleet: Fleet, profile: str, proof: Proof, what: t.Any = None) -> None:
        self.fleet, self.proof, self.profile = fleet, proof, profile
        self.device: SimulatedDevice = fleet.device(profile)
        self.declared = what or declared(proof.resource)
        self.factory: dict[str, t.Any] = {}
        #: How the device is reached, as the last result told it.
        self.way: dict[str, t.Any] = {}
        self.renew()

    def renew(self) -> None:
        """Back to the factory's state and what is given, without faults."""
        self.fleet.clear_faults()
        self.fleet.reset(self.device.serial)
        self.fleet.patch(self.device.serial, {"plan": {"web_server_seconds": 0}})
        self.way = {"scheme": "http", "port": self.device.ports["http"]}
        if self.proof.given:
            self.fleet.patch(self.device.serial, self.proof.given)
        self.factory = self.state()

    def add_accounts(self) -> None:
        """An account for each role, beside the one of the fleet."""
        accounts = {self.fleet.user: {"password": self.fleet.password, "groups": GROUPS["administrator"]}}
        accounts |= {role: {"password": self.fleet.password, "groups": GROUPS[role]} for role in ("operator", "viewer")}
        self.fleet.patch(self.device.serial, {"users": accounts})

    def run(self, args: Args, check: bool = False, username: str = "", timeout: float = 10) -> Outcome:
        """Run the task. No output may hold a secret."""
        understood = understand(self.declared, self.written(args, username, timeout))
        if understood.problems:
            return Outcome({"failed": True, "msg": "; ".join(understood.problems)}, [])
        warnings: list[str] = []
        task = Task(understood.written, understood.params, check, warn=warnings.append)
        outcome = Outcome(perform(self.declared, task), warnings)
        if not check:
            self.way |= outcome.result.get("connection") or {}
        assert CANARY not in outcome.text, "a secret came out"
        assert self.fleet.password not in outcome.text, "the password came out"
        return outcome

    def written(self, args: Args, username: str = "", timeout: float = 10) -> Args:
        """Options of a task with those of the connection."""
        return {
            "host": self.device.address,
            "username": username or self.fleet.user,
            "password": self.fleet.password,
            "ca_path": str(self.fleet.ca_file),
            "timeout": timeout,
            **self.way,
        } | with_port(self.proof.always | copy.deepcopy(args), self.device.ports["https"])

    def there_and_back(self, args: Args) -> bool:
        """Make all steps of a task and take back each that says how, the last first; whether all of them say it."""
        understood = understand(self.declared, self.written(args))
        with self.on_device() as session:
            options = wanted(self.declared.options, understood.written, understood.params)
            (course,) = reconcile.run([self.declared.on(Device(session), options)], check_mode=False)
            for step in reversed(course.finished):
                for call in step.undo:
                    course.target.do(dataclasses.replace(call, arguments=fill(call.arguments, course.target.secrets())))
        return all(step.undo for step in course.plan.steps)

    def on_device(self) -> t.Any:
        """A session with the device, as a context."""
        params = {"validate_certs": True, "fingerprint": None, "proxy": None} | self.written({})
        return open_session(params)

    def exported(self) -> list[Args]:
        """The state of the device in the words of the options, as sections of a document."""
        with self.on_device() as session:
            return [part.document for part in self.declared.exports(Device(session))]

    def state(self) -> dict[str, t.Any]:
        """What of the device's state somebody can set, by path."""
        state = self.fleet.state(self.device.serial)
        flat = flatten({part: state[part] for part in _PARTS if part in state})
        ignored = _MOVING + self.proof.mirrors
        return {path: value for path, value in flat.items() if not path.startswith(ignored)}

    def shows(self) -> dict[str, t.Any]:
        """What differs from the factory's state."""
        now = self.state()
        changed = {path: value for path, value in now.items() if self.factory.get(path, GONE) != value}
        return changed | {path: GONE for path in self.factory if path not in now}

    def writes(self) -> list[dict[str, t.Any]]:
        """Requests since the last look that could change the device."""
        found = self.fleet.writes(self.device.serial)
        self.fleet.reset(self.device.serial, requests_only=True)
        return found

    def foretold(self, outcome: Outcome) -> dict[str, t.Any]:
        """A result without what check mode cannot tell."""
        return {name: value for name, value in outcome.result.items() if name not in self.proof.only_done}

    def nulls(self) -> Args:
        """Null for every option whose default is documented."""
        args: Args = dict(self.proof.beside_null)
        for path, option in flatten_options(self.declared.options).items():
            if option.is_state and option.null is not None:
                *blocks, name = path.split(".")
                place = args
                for block in blocks:
                    place = place.setdefault(block, {})
                place[name] = None
        return args


def with_port(value: t.Any, port: int) -> t.Any:
    """Arguments with the port of HTTPS in them."""
    if isinstance(value, dict):
        return {name: with_port(item, port) for name, item in value.items()}
    if isinstance(value, list):
        return [with_port(item, port) for item in value]
    return port if value == HTTPS_PORT else value


def flatten(value: t.Any, path: str = "") -> dict[str, t.Any]:
    """Leaves by dotted path. Lists are leaves; an empty object has none."""
    if not isinstance(value, dict):
        return {path: value}
    found: dict[str, t.Any] = {}
    for key, item in value.items():
        found |= flatten(item, f"{path}.{key}" if path else str(key))
    return found
