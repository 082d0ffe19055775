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
import re
import typing as t

from ..device import facts
from ..device.boot import Boot, look, wait_until_rebooted
from ..device.device import FIRMWARE_CGI, Device, version_numbers
from ..model.legacy import Change, Document, Option, Resource, Target
from ..wire import json_cgi
from ..wire.errors import ApiMissing, NotSupported, NotTaken, RolledBack, VapixError
from ..wire.json_cgi import member

_OLD_CGI = "/axis-cgi/firmwareupgrade.cgi"


class Reading(t.NamedTuple):
    """The firmware of a device now.

    :param inactive: version of the other image; None when there is none.
    :param committed: whether the running one is permanent.
    """

    active: str
    inactive: str | None
    committed: bool


class Firmware(Resource):
    """Options of the firmware."""

    name = "firmware"
    options = {
        "state": Option(choices=("installed", "committed", "rolled_back", "purged"), default="installed"),
        "version": Option(),
        "image": Option("path"),
        "sha256": Option(),
        "models": Option("list", elements="str"),
        "allow_downgrade": Option("bool", default=False),
        "factory_default": Option(choices=("none", "soft", "hard"), default="none"),
        "commit": Option("bool", default=True),
        "auto_rollback": Option("int", default=20),
        "health_checks": Option("list", elements="str"),
        "upload_timeout": Option("int", default=1200),
        "reboot_timeout": Option("int", default=600),
    }
    constraints = {
        "required_if": [("state", "installed", ("version",)), ("state", "rolled_back", ("version",))],
    }

    def on(self, device: Device, wanted: Document) -> FirmwareTarget:
        return FirmwareTarget(device, wanted)


class FirmwareTarget(Target):
    """The firmware of one device."""

    def __init__(self, device: Device, wanted: Document) -> None:
        super().__init__(device, FIRMWARE_CGI.name)
        self._wanted = wanted
        self._version: str | None = wanted.get("version")
        for name in ("auto_rollback", "upload_timeout", "reboot_timeout"):
            if wanted[name] < 1:
                raise self.invalid(f"{name} is {wanted[name]}", "Give 1 or more")
        if self._version is not None and not re.fullmatch(r"\d+(\.\d+)+\S*", self._version):
            raise self.invalid(f"version: {self._version!r} is no AXIS OS version", "Write it like 12.11.77")
        self._checks = [(text, facts.compile_query(text)) for text in wanted.get("health_checks") or ()]

    def read(self) -> Reading:
        try:
            data = self.device.call(FIRMWARE_CGI, "status", safe=True)
        except ApiMissing:
            self.api = "firmwareupgrade.cgi"
            return Reading(self.device.identity.get("Version", ""), None, True)
        active = member(data, "activeFirmwareVersion", str, self.api, str(self.device))
        # isCommited is there only beside a second image (and really has one t).
        return Reading(active, data.get("inactiveFirmwareVersion"), bool(data.get("isCommited", True)))

    def plan(self, reading: Reading) -> list[Change]:
        return {
            "installed": self._plan_installed,
            "committed": self._plan_committed,
            "rolled_back": self._plan_rolled_back,
            "purged": self._plan_purged,
        }[self._wanted["state"]](reading)

    def _plan_installed(self, reading: Reading) -> list[Change]:
        if reading.active == self._version:
            return self._plan_committed(reading) if self._wanted["commit"] else []
        self._check_upgrade(reading)
        return [Change("version", reading.active, self._version, risk="reboots")]

    def _check_upgrade(self, reading: Reading) -> None:
        if not reading.committed:
            raise self.invalid(
                f"{reading.active} is running, but not committed; the device takes no other firmware before it is",
                "Commit it, or roll it back",
            )
        if _older(self._version or "", reading.active):
            if not self._wanted["allow_downgrade"]:
                raise self.invalid(
                    f"{self._version} is older than {reading.active}, which is running",
                    "Set allow_downgrade if this is meant; the device then has to be set to factory default",
                )
            if self._wanted["factory_default"] != "hard":
                raise self.invalid(
                    "a device takes an older version only together with a hard factory default",
                    "Set factory_default: hard. All settings and accounts are lost",
                )
        self._check_image()

    def _check_image(self) -> None:
        """Look at the image before anything is sent."""
        image = self._wanted.get("image")
        if not image:
            raise self.invalid(f"{self._version} is not running and no image is given", "Give the option image")
        if not pathlib.Path(image).is_file() or not pathlib.Path(image).stat().st_size:
            raise self.invalid(f"image: {image!r} is no file, or an empty one", "Give the path of a firmware image")
        models = self._wanted.get("models")
        model = self.device.identity.get("ProdNbr", "")
        if models and model.casefold() not in map(str.casefold, models):
            raise self.invalid(
                f"the image is for {', '.join(models)}, the device is a {model}", "Choose the image by model"
            )
        wanted = self._wanted.get("sha256")
        if wanted:
            with open(image, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != wanted.strip().lower():
                raise self.invalid(f"image: its SHA-256 is {found}, not {wanted}", "Fetch the image again")

    def _plan_committed(self, reading: Reading) -> list[Change]:
        if self._version is not None and reading.active != self._version:
            raise self.invalid(f"{reading.active} is running, not {self._version}", "Install it first")
        return [] if reading.committed else [Change("committed", False, True)]

    def _plan_rolled_back(self, reading: Reading) -> list[Change]:
        if reading.active == self._version:
            return []
        if reading.inactive not in (self._version, "UNKNOWN"):
            raise self.invalid(
                f"the device cannot go back to {self._version}: "
                + (f"its other image is {reading.inactive}" if reading.inactive else "it has no other image"),
                "Install that version, if it has to be",
            )
        return [Change("version", reading.active, self._version, risk="reboots")]

    def _plan_purged(self, reading: Reading) -> list[Change]:
        if reading.inactive is None:
            return []
        if not reading.committed:
            raise self.invalid(f"{reading.active} is not committed; purging would leave no way back", "Commit it first")
        return [Change("inactive_version", reading.inactive, None)]

    def write(self, changes: t.Sequence[Change]) -> None:
        if self._wanted["state"] == "purged":
            self.device.call(FIRMWARE_CGI, "purge")
        elif changes[0].path == "committed":
            self._prove_and_commit()
        elif self._wanted["state"] == "rolled_back":
            self._roll_back()
        else:
            self._upgrade()

    def _upgrade(self) -> None:
        before = look(self.device)
        self._upload()
        self._restarted(before)
        if self._wanted["factory_default"] != "none":
            self._check_new_device()
            return
        running = self.read().active
        if running != self._version:
            raise self._not_taken(
                f"the device runs {running} after the upgrade to {self._version}",
                "It fell back by itself: a step over several AXIS OS tracks has to be made in smaller ones, "
                "or the image did not start. Its log says more",
            )
        if self.api == FIRMWARE_CGI.name:
            self._prove_and_commit()

    def _upload(self) -> None:
        modern = self.api == FIRMWARE_CGI.name
        with open(self._wanted["image"], "rb") as image:
            parts: list[tuple[str, tuple[str | None, t.Any, str]]] = []
            if modern:
                call = {"apiVersion": FIRMWARE_CGI.version, "method": "upgrade", "params": self._parameters()}
                # Some AXIS OS versions refuse this part if it has a file name.
                parts.append(("json", (None, json.dumps(call), "application/json")))
            parts.append(("file", ("firmware.bin", image, "application/octet-stream")))
            answer = self.device.session.upload(
                FIRMWARE_CGI.path if modern else f"{_OLD_CGI}?type={self._old_type()}",
                parts,
                self._wanted["upload_timeout"],
                lambda percent: self.device.progress(f"uploading, {percent} %") if percent % 10 == 0 else None,
            )
        if answer is None or not modern:
            return  # devices that hang up after the last byte are about to restart, which is proven next
        where = {"device": str(self.device), "api": self.api, "method": "upgrade"}
        told = json_cgi.interpret(FIRMWARE_CGI, answer, where)
        version = told.get("firmwareVersion") if isinstance(told, dict) else None
        if version not in (None, self._version):
            self.device.progress(f"the image holds {version}, not {self._version}")

    def _parameters(self) -> dict[str, str]:
        """All three are always given: what the device takes for granted depends on which of them are left out."""
        mode = self._wanted["factory_default"]
        if mode != "none":
            # After a factory default nobody has an account to commit with.
            return {"factoryDefaultMode": mode, "autoCommit": "boot", "autoRollback": "never"}
        return {"factoryDefaultMode": mode, "autoCommit": "never", "autoRollback": str(self._wanted["auto_rollback"])}

    def _old_type(self) -> str:
        return "normal" if self._wanted["factory_default"] == "none" else "factorydefault"

    def _restarted(self, before: Boot) -> None:
        # Unpacking an image can take minutes before there is a sign of a restart.
        wait_until_rebooted(
            self.device,
            before,
            self._wanted["reboot_timeout"],
            start_within=None,
            unverified=self._wanted["factory_default"] == "hard",
        )
        self.device.forget()

    def _check_new_device(self) -> None:
        """Without an account only the unrestricted part can be read."""
        running = self.device.unrestricted_identity().get("Version")
        if running is not None and running != self._version:
            raise self._not_taken(f"the device runs {running} after the upgrade to {self._version}", "See its log")

    def _prove_and_commit(self) -> None:
        failed = self._failed_checks()
        if failed:
            self._give_up(failed)
        if self._wanted["commit"]:
            self.device.call(FIRMWARE_CGI, "commit")

    def _failed_checks(self) -> list[str]:
        if not self._checks:
            return []
        told = facts.gather(self.device, facts.SUBSETS)
        return [text for text, expression in self._checks if not facts.holds(expression, told)]

    def _give_up(self, failed: list[str]) -> t.NoReturn:
        reading = self.read()
        problem = f"{reading.active} does not pass the health checks ({'; '.join(failed)})"
        if reading.committed or reading.inactive is None:
            raise self._not_taken(f"{problem} and there is no way back", "Look at the device")
        try:
            self._roll_back()
        except VapixError as exc:
            raise self._not_taken(
                f"{problem}, and rolling back failed ({exc.problem})",
                "The device goes back by itself, if it was given a time for that",
            ) from exc
        raise RolledBack(
            f"{problem}; the device was rolled back to {self.read().active}",
            remedy="Find out what is wrong with the new version, or with the checks",
            device=str(self.device),
            api=self.api,
        )

    def _not_taken(self, problem: str, remedy: str) -> NotTaken:
        return NotTaken(problem, remedy=remedy, device=str(self.device), api=self.api)

    def _roll_back(self) -> None:
        if self.api != FIRMWARE_CGI.name:
            raise NotSupported("the device keeps no former firmware", device=str(self.device), api=self.api)
        before = look(self.device)
        self.device.call(FIRMWARE_CGI, "rollback")
        self._restarted(before)


def _older(one: str, other: str) -> bool:
    """Whether a version is older than another, by its numbers."""
    return version_numbers(one) < version_numbers(other)


DECLARED = Firmware()
