# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The firmware (AXIS OS): which version runs, and what becomes of the one before.

An upgrade comes with a safety net: the device is told to go back by itself after some minutes, the new version is
looked at once it has started, and only then made permanent (committed).

Sources: VAPIX "Firmware management API" (from AXIS OS 7.40), "System settings" (firmwareupgrade.cgi, before that);
real devices cut the connection instead of answering, and fall back silently when a step is too large.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import typing as t

from ..device import facts
from ..device.boot import Boot, look, needs_setup, wait_until_rebooted
from ..device.device import FIRMWARE_CGI, Device, version_numbers
from ..model.change import Call, Change, Phase, Plan
from ..model.field import MISSING
from ..model.option import Document, Option
from ..model.resource import Planner, Resource, Target, World
from ..wire import json_cgi
from ..wire.errors import ApiMissing, AuthenticationFailed, InvalidOption, NotTaken, RolledBack, VapixError
from ..wire.json_cgi import member

_OLD_CGI, _OLD_API = "/axis-cgi/firmwareupgrade.cgi", "firmwareupgrade.cgi"


class Reading(t.NamedTuple):
    """The firmware of a device now.

    :param api: the API that tells. :param inactive: version of the other image; None when there is none.
    :param committed: whether the running one is permanent.
    """

    api: str
    active: str
    inactive: str | None
    committed: bool


class Firmware(Resource):
    """Options of the firmware."""

    name = "firmware"
    apis = (FIRMWARE_CGI.name, _OLD_API)
    options = {
        "state": Option(
            choices=("installed", "committed", "rolled_back", "purged"),
            default="installed",
            doc=(
                "V(installed) runs O(version), and commits it unless O(commit) says otherwise.",
                "V(committed) commits the version that runs. If O(version) is given, it has to be that one.",
                "V(rolled_back) goes back to O(version), which has to be the one that ran before.",
                "V(purged) removes the image of the version before. There is no going back then.",
            ),
        ),
        "version": Option(
            pattern=r"\d+(\.\d+)+\S*",
            like="12.11.77",
            risk="reboots",
            doc=(
                "The version, as the device tells it, for example V(12.11.77).",
                "Required for O(state=installed) and O(state=rolled_back).",
            ),
        ),
        "image": Option(
            "path",
            steers=True,
            doc="Path of the image with O(version), on the machine where the task runs. It is read only if that "
            "version "
            "does not run yet, and is then required.",
        ),
        "sha256": Option(
            steers=True,
            pattern="[0-9a-fA-F]{64}",
            like="64 hexadecimal digits",
            doc="SHA-256 of the image, which is checked before it is sent.",
        ),
        "models": Option(
            "list",
            elements="str",
            steers=True,
            doc="Product numbers the image is for, for example V(P3265-V). If the device is none of them, nothing is "
            "sent. "
            "The device checks its image as well, but only after it has received all of it.",
        ),
        "allow_downgrade": Option(
            "bool",
            default=False,
            doc="Whether O(version) may be older than the one that runs. Devices take an older version only with "
            "O(factory_default=hard).",
        ),
        "factory_default": Option(
            choices=("none", "soft", "hard"),
            default="none",
            doc=(
                "V(none) keeps all settings, V(soft) keeps those of the network, V(hard) keeps nothing.",
                "With V(soft) and V(hard) all accounts are lost. The version is then committed when the device starts, "
                "because nobody can commit it afterwards, and O(health_checks) are not made.",
            ),
        ),
        "commit": Option(
            "bool",
            default=True,
            doc="Whether to commit the version once it has proven itself. If not, the device goes back by itself after "
            "O(auto_rollback), unless O(state=committed) comes first.",
        ),
        "auto_rollback": Option(
            "int",
            default=20,
            unit="minutes",
            range=(1, None),
            doc="After what time from its start the device goes back by itself, if the version was not committed by "
            "then.",
        ),
        "health_checks": Option(
            "list",
            elements="str",
            steers=True,
            doc="JMESPath expressions over all facts that M(axis.vapix.facts) knows. If one is not true once the "
            "version "
            "runs, the device is rolled back and the task fails.",
        ),
        "upload_timeout": Option(
            "int", default=1200, unit="seconds", range=(1, None), doc="How long sending the image may take."
        ),
        "reboot_timeout": Option(
            "int", default=600, unit="seconds", range=(1, None), doc="How long the device may take to start again."
        ),
    }
    constraints = {
        "required_if": [("state", "installed", ("version",)), ("state", "rolled_back", ("version",))],
    }
    requirements = ("requests", "requests-toolbelt", "jmespath")

    def on(self, device: Device, wanted: Document) -> FirmwareTarget:
        return FirmwareTarget(self, device, wanted)


class FirmwareTarget(Target):
    """The firmware of one device."""

    def __init__(self, resource: Firmware, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._version: str | None = wanted.get("version")
        self._state: str = wanted.get("state", "installed")
        for text in wanted.get("health_checks") or ():
            try:
                facts.compile_query(text)
            except InvalidOption as exc:
                raise self.invalid(f"health_checks: {exc.problem}", "See https://jmespath.org") from exc

    def api_of(self, reading: Reading) -> str:
        return reading.api

    def read(self) -> Reading:
        try:
            data = self.device.call(FIRMWARE_CGI, "status", safe=True)
        except ApiMissing as exc:
            self.device.confirm_missing(exc, FIRMWARE_CGI.discovery_id)
            return Reading(_OLD_API, self.device.identity.get("Version", ""), None, True)
        except AuthenticationFailed:
            if not needs_setup(self.device):
                raise
            # In factory default state only the unrestricted part can be read; the firmware is committed at its start.
            told = self.device.unrestricted_identity().get("Version", "")
            return Reading(FIRMWARE_CGI.name, told, None, True)
        active = member(data, "activeFirmwareVersion", str, FIRMWARE_CGI.name, str(self.device))
        # isCommited is there only beside a second image (and really has one t).
        return Reading(
            FIRMWARE_CGI.name, active, data.get("inactiveFirmwareVersion"), bool(data.get("isCommited", True))
        )

    def current(self, reading: Reading) -> Document:
        return {"version": reading.active} | ({} if reading.committed else {"commit": False})

    def shows(self, change: Change, reading: Reading) -> t.Any:
        shown = {"version": reading.active, "committed": reading.committed, "inactive_version": reading.inactive}
        return shown.get(change.path, MISSING)

    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        {
            "installed": self._plan_installed,
            "committed": self._plan_committed,
            "rolled_back": self._plan_rolled_back,
            "purged": self._plan_purged,
        }[self._state](planner, reading)
        return planner.plan()

    def _plan_installed(self, planner: Planner, reading: Reading) -> None:
        if reading.active == self._version:
            if self.wanted.get("commit", True):
                self._plan_committed(planner, reading)
            return
        self._check_upgrade(reading)
        # A device in factory default state need not tell its version.
        told = bool(reading.active)
        change = Change("version", reading.active or None, self._version, risk="reboots", provable=told)
        names = ("version", "image", "factory_default", "auto_rollback", "upload_timeout")
        arguments = {name: self.wanted.get(name) for name in names} | self._proving() | {"api": reading.api}
        planner.step([change], [Call("upgrade", arguments)], phase=Phase.FIRMWARE)

    def _proving(self) -> Document:
        """What is needed to prove a version."""
        return {name: self.wanted.get(name) for name in ("commit", "health_checks", "reboot_timeout")}

    def _check_upgrade(self, reading: Reading) -> None:
        if not reading.committed:
            raise self.invalid(
                f"{reading.active} is running, but not committed; the device takes no other firmware before it is",
                "Commit it, or roll it back",
            )
        if _older(self._version or "", reading.active):
            if not self.wanted["allow_downgrade"]:
                raise self.invalid(
                    f"{self._version} is older than {reading.active}, which is running",
                    "Set allow_downgrade if this is meant; the device then has to be set to factory default",
                )
            if self.wanted["factory_default"] != "hard":
                raise self.invalid(
                    "a device takes an older version only together with a hard factory default",
                    "Set factory_default: hard. All settings and accounts are lost",
                )
        if not self.wanted.get("image"):
            raise self.invalid(f"{self._version} is not running and no image is given", "Give the option image")

    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        """Look at the image before anything is sent."""
        if plan.steps[0].do[0].name != "upgrade":
            return
        image = self.wanted["image"]
        if not pathlib.Path(image).is_file() or not pathlib.Path(image).stat().st_size:
            raise self.invalid(f"image: {image!r} is no file, or an empty one", "Give the path of a firmware image")
        models = self.wanted.get("models")
        model = self.device.identity.get("ProdNbr", "")
        if models and model.casefold() not in map(str.casefold, models):
            raise self.invalid(
                f"the image is for {', '.join(models)}, the device is a {model}", "Choose the image by model"
            )
        wanted = self.wanted.get("sha256")
        if wanted:
            with open(image, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != wanted.strip().lower():
                raise self.invalid(f"image: its SHA-256 is {found}, not {wanted}", "Fetch the image again")

    def _plan_committed(self, planner: Planner, reading: Reading) -> None:
        if self._version is not None and reading.active != self._version:
            raise self.invalid(f"{reading.active} is running, not {self._version}", "Install it first")
        if not reading.committed:
            arguments = self._proving() | {"commit": True}
            planner.step([Change("committed", False, True)], [Call("commit", arguments)], phase=Phase.FIRMWARE)

    def _plan_rolled_back(self, planner: Planner, reading: Reading) -> None:
        if reading.active == self._version:
            return
        if reading.inactive not in (self._version, "UNKNOWN"):
            raise self.invalid(
                f"the device cannot go back to {self._version}: "
                + (f"its other image is {reading.inactive}" if reading.inactive else "it has no other image"),
                "Install that version, if it has to be",
            )
        change = Change("version", reading.active, self._version, risk="reboots")
        call = Call("roll back", {"reboot_timeout": self.wanted["reboot_timeout"]})
        planner.step([change], [call], phase=Phase.FIRMWARE)

    def _plan_purged(self, planner: Planner, reading: Reading) -> None:
        if reading.inactive is None:
            return
        if not reading.committed:
            raise self.invalid(f"{reading.active} is not committed; purging would leave no way back", "Commit it first")
        planner.step([Change("inactive_version", reading.inactive, None)], [Call("purge")], phase=Phase.FIRMWARE)

    def do(self, call: Call) -> None:
        if call.name == "purge":
            self.device.call(FIRMWARE_CGI, "purge")
        elif call.name == "commit":
            self._prove_and_commit(call.arguments)
        elif call.name == "roll back":
            self._roll_back(call.arguments["reboot_timeout"])
        else:
            self._upgrade(call.arguments)

    def _upgrade(self, wanted: Document) -> None:
        before = look(self.device)
        self._upload(wanted)
        mode, version = wanted["factory_default"], wanted["version"]
        self._restarted(before, wanted["reboot_timeout"], unverified=mode == "hard")
        if mode != "none":
            self._check_new_device(version)
            return
        running = self.read().active
        if running != version:
            raise self._not_taken(
                f"the device runs {running} after the upgrade to {version}",
                "It fell back by itself: a step over several AXIS OS tracks has to be made in smaller ones, "
                "or the image did not start. Its log says more",
            )
        if wanted["api"] == FIRMWARE_CGI.name:
            self._prove_and_commit(wanted)

    def _upload(self, wanted: Document) -> None:
        modern = wanted["api"] == FIRMWARE_CGI.name
        with open(wanted["image"], "rb") as image:
            parts: list[tuple[str, tuple[str | None, t.Any, str]]] = []
            if modern:
                call = {"apiVersion": FIRMWARE_CGI.version, "method": "upgrade", "params": _parameters(wanted)}
                # Some AXIS OS versions refuse this part if it has a file name.
                parts.append(("json", (None, json.dumps(call), "application/json")))
            parts.append(("file", ("firmware.bin", image, "application/octet-stream")))
            old_type = "normal" if wanted["factory_default"] == "none" else "factorydefault"
            answer = self.device.session.upload(
                FIRMWARE_CGI.path if modern else f"{_OLD_CGI}?type={old_type}",
                parts,
                wanted["upload_timeout"],
                lambda percent: self.device.progress(f"uploading, {percent} %") if percent % 10 == 0 else None,
            )
        if answer is None or not modern:
            return  # devices that hang up after the last byte are about to restart, which is proven next
        where = {"device": str(self.device), "api": FIRMWARE_CGI.name, "method": "upgrade"}
        told = json_cgi.interpret(FIRMWARE_CGI, answer, where)
        version = told.get("firmwareVersion") if isinstance(told, dict) else None
        if version not in (None, wanted["version"]):
            self.device.progress(f"the image holds {version}, not {wanted['version']}")

    def _restarted(self, before: Boot, timeout: int, unverified: bool = False) -> None:
        # Unpacking an image can take minutes before there is a sign of a restart.
        wait_until_rebooted(self.device, before, timeout, start_within=None, unverified=unverified)
        self.device.forget()

    def _check_new_device(self, version: str) -> None:
        """Without an account only the unrestricted part can be read."""
        running = self.device.unrestricted_identity().get("Version")
        if running is not None and running != version:
            raise self._not_taken(f"the device runs {running} after the upgrade to {version}", "See its log")

    def _prove_and_commit(self, wanted: Document) -> None:
        failed = self._failed_checks(wanted["health_checks"] or ())
        if failed:
            self._give_up(failed, wanted["reboot_timeout"])
        if wanted["commit"]:
            self.device.call(FIRMWARE_CGI, "commit")

    def _failed_checks(self, checks: t.Sequence[str]) -> list[str]:
        if not checks:
            return []
        told = facts.gather(self.device, facts.SUBSETS)
        return [text for text in checks if not facts.holds(facts.compile_query(text), told)]

    def _give_up(self, failed: list[str], timeout: int) -> t.NoReturn:
        reading = self.read()
        problem = f"{reading.active} does not pass the health checks ({'; '.join(failed)})"
        if reading.committed or reading.inactive is None:
            raise self._not_taken(f"{problem} and there is no way back", "Look at the device")
        try:
            self._roll_back(timeout)
        except VapixError as exc:
            raise self._not_taken(
                f"{problem}, and rolling back failed ({exc.problem})",
                "The device goes back by itself, if it was given a time for that",
            ) from exc
        raise RolledBack(
            f"{problem}; the device was rolled back to {self.read().active}",
            remedy="Find out what is wrong with the new version, or with the checks",
            device=str(self.device),
            api=reading.api,
        )

    def _not_taken(self, problem: str, remedy: str) -> NotTaken:
        return NotTaken(problem, remedy=remedy, device=str(self.device), api=FIRMWARE_CGI.name)

    def _roll_back(self, timeout: int) -> None:
        before = look(self.device)
        self.device.call(FIRMWARE_CGI, "rollback")
        self._restarted(before, timeout)


def _parameters(wanted: Document) -> dict[str, str]:
    """All three are always given: what the device takes for granted depends on which of them are left out."""
    mode = wanted["factory_default"]
    if mode != "none":
        # After a factory default nobody has an account to commit with.
        return {"factoryDefaultMode": mode, "autoCommit": "boot", "autoRollback": "never"}
    return {"factoryDefaultMode": mode, "autoCommit": "never", "autoRollback": str(wanted["auto_rollback"])}


def _older(one: str, other: str) -> bool:
    """Whether a version is older than another, by its numbers."""
    return version_numbers(one) < version_numbers(other)


DECLARED = Firmware()
