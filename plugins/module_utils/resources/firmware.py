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

import contextlib
import functools
import hashlib
import json
import pathlib
import typing as t

from ..device import facts
from ..device.boot import Boot, look, needs_setup, wait_until_rebooted
from ..device.device import FIRMWARE_CGI, Device, version_numbers
from ..model.change import Call, Change, Phase, Plan
from ..model.field import MISSING
from ..model.option import ON_UNSUPPORTED, Document, Option
from ..model.resource import Planner, Resource, Returned, Target, World
from ..wire import json_cgi
from ..wire.errors import ApiMissing, AuthenticationFailed, InvalidOption, NotTaken, RolledBack, VapixError
from ..wire.json_cgi import member

_OLD_CGI, _OLD_API = "/axis-cgi/firmwareupgrade.cgi", "firmwareupgrade.cgi"


class Reading(t.NamedTuple):
    """The firmware of a device now.

    :param api: the API that tells. :param inactive: version of the other image; None when there is none.
    :param active: version that runs; empty where a device without an account does not tell it.
    :param committed: whether the running one is permanent. :param claimed: whether the device has an account.
    """

    api: str
    active: str
    inactive: str | None = None
    committed: bool = True
    claimed: bool = True


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
            "version does not run yet, and is then required.",
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
            "sent. The device checks its image as well, but only after it has received all of it.",
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
            "O(auto_rollback), unless O(state=committed) comes first. Devices before AXIS OS 7.40 commit every version "
            "by themselves.",
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
            "version runs, the device is rolled back where it can be, and the task fails.",
        ),
        "upload_timeout": Option(
            "int", default=1200, unit="seconds", range=(1, None), doc="How long sending the image may take."
        ),
        "reboot_timeout": Option(
            "int", default=600, unit="seconds", range=(1, None), doc="How long the device may take to start again."
        ),
        "on_unsupported": ON_UNSUPPORTED,
    }
    returns = {
        "rebooted": Returned("bool", "Whether the device was restarted, or in check mode would be."),
        "reboot_required": Returned(
            "bool", "Always false, since the device restarts by itself where that is needed.", sample=False
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
        #: The API by which we have put the device back to factory default; from then on it has no account.
        self._reset_by: str | None = None
        if wanted.get("factory_default", "none") != "none":
            self.alone = "a factory default takes away what the other sections set"
        for text in wanted.get("health_checks") or ():
            try:
                facts.compile_query(text)
            except InvalidOption as exc:
                raise self.invalid(f"health_checks: {exc.problem}", "See https://jmespath.org") from exc

    def api_of(self, reading: Reading) -> str:
        return reading.api

    def read(self) -> Reading:
        if self._reset_by is not None:
            return self._read_unclaimed(self._reset_by)
        try:
            data = self.device.call(FIRMWARE_CGI, "status", safe=True)
        except ApiMissing as exc:
            self.device.confirm_missing(exc, FIRMWARE_CGI.discovery_id)
            return Reading(_OLD_API, self.device.identity.get("Version", ""))
        except AuthenticationFailed:
            if not needs_setup(self.device):
                raise
            return Reading(FIRMWARE_CGI.name, self.device.unrestricted_identity().get("Version", ""), claimed=False)
        told = functools.partial(member, data, api=FIRMWARE_CGI.name, device=str(self.device))
        active = told("activeFirmwareVersion", str)
        if "inactiveFirmwareVersion" not in data:
            return Reading(FIRMWARE_CGI.name, active)
        # This one is there only beside a second image (and really has one t).
        return Reading(FIRMWARE_CGI.name, active, told("inactiveFirmwareVersion", str), told("isCommited", bool))

    def _read_unclaimed(self, api: str) -> Reading:
        """After a factory default: no account is left, and perhaps another certificate is shown. Nothing secret is
        sent."""
        with self.device.session.again(credentials=(None, None), unverified=True) as session:
            device = Device(session)
            told = device.unrestricted_identity()
            if "Version" not in told:
                with contextlib.suppress(AuthenticationFailed):
                    told = device.identity  # before AXIS OS 7.40 anybody may read it then
        return Reading(api, told.get("Version", ""), claimed=False)

    def current(self, reading: Reading) -> Document:
        told = {"version": reading.active} if reading.active else {}
        return told if reading.committed else told | {"commit": False}

    def shows(self, change: Change, reading: Reading) -> t.Any:
        shown = {
            "version": reading.active or MISSING,
            "committed": reading.committed,
            "inactive_version": reading.inactive,
        }
        return shown.get(change.path, MISSING)

    def result(self, plan: Plan, before: Reading, after: Reading) -> Document:
        return {"rebooted": any(change.risk == "reboots" for change in plan.changes), "reboot_required": False}

    def ends(self, error: VapixError, plan: Plan) -> None:
        if isinstance(error, RolledBack) and [change.path for change in plan.changes] == ["committed"]:
            # Another version is running and committed now, but not the one that was to be committed.
            wanted = self.place("committed")
            others = [[path for path in paths or () if path != wanted] for paths in (error.applied, error.not_applied)]
            error.applied, error.not_applied = [*others[0], self.place("version")], [*others[1], wanted]
            error.unknown = [path for path in error.unknown or () if path != wanted]

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
        if reading.api == _OLD_API and not self.wanted.get("commit", True):
            planner.unsupported("install a version without committing it", "commit")
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
                f"version: {reading.active} is running, but not committed; the device takes no other before it is",
                "Commit it, or roll it back",
            )
        if _older(self._version or "", reading.active):
            if not self.wanted["allow_downgrade"]:
                raise self.invalid(
                    f"version: {self._version} is older than {reading.active}, which is running",
                    "Set allow_downgrade if this is meant; the device then has to be set to factory default",
                )
            if self.wanted["factory_default"] != "hard":
                raise self.invalid(
                    "allow_downgrade: a device takes an older version only together with a hard factory default",
                    "Set factory_default: hard. All settings and accounts are lost",
                )
        if not self.wanted.get("image"):
            raise self.invalid(
                f"version: {self._version} is not running and no image is given", "Give the option image"
            )

    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        """Look at the image before anything is sent."""
        if plan.steps[0].do[0].name != "upgrade":
            return
        if not reading.claimed:
            untold = "" if reading.active else ", and it does not tell which version runs"
            raise self.invalid(
                f"the device has no account, so that nobody can install {self._version}{untold}",
                "Create the first account with axis.vapix.user",
            )
        image = self.wanted["image"]
        if not pathlib.Path(image).is_file() or not pathlib.Path(image).stat().st_size:
            raise self.invalid(f"image: {image!r} is no file, or an empty one", "Give the path of a firmware image")
        models = self.wanted.get("models")
        model = self.device.identity.get("ProdNbr", "")
        if models and model.casefold() not in map(str.casefold, models):
            raise self.invalid(
                f"models: the image is for {', '.join(models)}, the device is a {model}", "Choose the image by model"
            )
        wanted = self.wanted.get("sha256")
        if wanted:
            with open(image, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != wanted.strip().lower():
                raise self.invalid(f"image: its SHA-256 is {found}, not {wanted}", "Fetch the image again")

    def _plan_committed(self, planner: Planner, reading: Reading) -> None:
        if self._version is not None and reading.active != self._version:
            raise self.invalid(f"version: {reading.active} is running, not {self._version}", "Install it first")
        if not reading.committed:
            arguments = self._proving() | {"commit": True}
            planner.step([Change("committed", False, True)], [Call("commit", arguments)], phase=Phase.FIRMWARE)

    def _plan_rolled_back(self, planner: Planner, reading: Reading) -> None:
        if reading.active == self._version:
            return
        if reading.api == _OLD_API:
            planner.unsupported("go back to the version before", "version")
            return
        if reading.inactive not in (self._version, "UNKNOWN"):
            raise self.invalid(
                f"version: the device cannot go back to {self._version}: "
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
            raise self.invalid(
                f"state: {reading.active} is not committed; purging would leave no way back", "Commit it first"
            )
        planner.step([Change("inactive_version", reading.inactive, None)], [Call("purge")], phase=Phase.FIRMWARE)

    def do(self, call: Call) -> None:
        if call.name == "purge":
            self.device.call(FIRMWARE_CGI, "purge")
        elif call.name == "commit":
            self._prove_and_commit(call.arguments, FIRMWARE_CGI.name)
        elif call.name == "roll back":
            self._roll_back(call.arguments["reboot_timeout"])
        else:
            self._upgrade(call.arguments)

    def _upgrade(self, wanted: Document) -> None:
        version, resets = wanted["version"], wanted["factory_default"] != "none"
        before = look(self.device)
        held = self._upload(wanted)
        now = self._restarted(before, wanted["reboot_timeout"], unverified=resets)
        if now.needs_setup:
            self._reset_by = wanted["api"]
        running = self.read().active
        told = bool(running) or not now.needs_setup
        if told and running != version:
            raise self._not_taken(
                f"the device runs {running} after the upgrade to {version}",
                f"The image holds {held}: give the version that it holds"
                if running == held
                else "It fell back by itself: a step over several AXIS OS tracks has to be made in smaller ones, "
                "or the image did not start. Its log says more",
                wanted["api"],
            )
        if resets and not now.needs_setup:
            raise self._not_taken(
                f"the device runs {version}, but it still has accounts",
                "It did not go to factory default: look at its log, or use axis.vapix.factory_default",
                wanted["api"],
            )
        if not resets:
            self._prove_and_commit(wanted, wanted["api"])

    def _upload(self, wanted: Document) -> str | None:
        """Send the image, once. Returns the version that it holds by the device's account, if it says so."""
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
            return None  # devices that hang up after the last byte are about to restart, which is proven next
        where = {"device": str(self.device), "api": FIRMWARE_CGI.name, "method": "upgrade"}
        told = json_cgi.interpret(FIRMWARE_CGI, answer, where)
        version = told.get("firmwareVersion") if isinstance(told, dict) else None
        return version if isinstance(version, str) else None

    def _restarted(self, before: Boot, timeout: int, unverified: bool = False) -> Boot:
        # Unpacking an image can take minutes before there is a sign of a restart.
        arrival = wait_until_rebooted(self.device, before, timeout, start_within=None, unverified=unverified)
        self.device.forget()
        return arrival.boot

    def _prove_and_commit(self, wanted: Document, api: str) -> None:
        failed = self._failed_checks(wanted["health_checks"] or ())
        if failed:
            self._give_up(failed, wanted["reboot_timeout"])
        if wanted["commit"] and api != _OLD_API:
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
            raise self._not_taken(f"{problem} and there is no way back", "Look at the device", reading.api)
        try:
            self._roll_back(timeout)
        except VapixError as exc:
            raise self._not_taken(
                f"{problem}, and rolling back failed ({exc.problem})",
                "The device goes back by itself, if it was given a time for that",
                reading.api,
            ) from exc
        raise RolledBack(
            f"{problem}; the device was rolled back to {self.read().active}",
            remedy="Find out what is wrong with the new version, or with the checks",
            device=str(self.device),
            api=reading.api,
        )

    def _not_taken(self, problem: str, remedy: str, api: str) -> NotTaken:
        return NotTaken(problem, remedy=remedy, device=str(self.device), api=api)

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
