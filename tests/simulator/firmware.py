# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two firmware slots of a device: Firmware management page."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from firmware_image import part_number

NEVER = "never"


@dataclass(frozen=True)
class Image:
    """What is in a slot."""

    version: str
    part: str
    boots: bool = True


@dataclass(frozen=True)
class Upgrade:
    """An upgrade that has been accepted and waits for the reboot."""

    image: Image
    # never, boot or started.
    auto_commit: str
    # Minutes, or None for never.
    rollback_minutes: int | None
    # Without it the old image is gone (firmware before 7.40).
    two_slots: bool = True


def number(version: str) -> tuple[int, ...]:
    """A version to compare."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


class Firmware:
    """Slots, commit and the timer."""

    def __init__(self, version: str) -> None:
        self.active = Image(version, part_number(version))
        self.inactive: Image | None = None
        self.committed = True
        self.auto_commit = NEVER
        self.rollback_at: float | None = None
        self.last_upgrade = ""
        # The settings before the upgrade: a rollback brings them back.
        self.saved: dict[str, Any] = {}
        # An upload is being received.
        self.busy = False
        self.reset_source = "power-on"
        # For tests: the code commit fails with; every new image fails to boot.
        self.commit_error: int | None = None
        self.boot_fails = False

    def install(self, upgrade: Upgrade, settings: dict[str, Any], moment: str, minute: float) -> None:
        """The new image boots for the first time."""
        self.inactive = self.active if upgrade.two_slots else None
        self.active, self.saved, self.last_upgrade = upgrade.image, settings, moment
        self.committed, self.auto_commit = False, upgrade.auto_commit
        if upgrade.auto_commit == "boot" or not upgrade.two_slots:
            self.commit()
        elif upgrade.rollback_minutes is not None:
            self.rollback_at = time.monotonic() + upgrade.rollback_minutes * minute

    def commit(self) -> None:
        """Keep the active image."""
        self.committed, self.auto_commit, self.rollback_at = True, NEVER, None

    def purge(self) -> None:
        """No way back any more."""
        self.inactive, self.saved = None, {}

    def rollback(self) -> dict[str, Any]:
        """Back to the other image; returns the settings of its time. The image left is gone (the page's example)."""
        settings = self.saved
        if self.inactive is not None:
            self.active = self.inactive
        self.purge()
        self.commit()
        return settings

    def reset_to_factory(self) -> None:
        """What a factory default means for the slots."""
        if self.rollback_at is None:
            self.commit()
        if self.committed:
            self.purge()

    def rollback_is_due(self) -> bool:
        """The timer has run out."""
        return self.rollback_at is not None and time.monotonic() >= self.rollback_at

    def status(self, minute: float) -> dict[str, Any]:
        """The data of the method "status", without resetSource."""
        data: dict[str, Any] = {
            "activeFirmwareVersion": self.active.version,
            "activeFirmwarePart": self.active.part,
        }
        if self.inactive is not None:
            data["inactiveFirmwareVersion"] = self.inactive.version
            data["isCommited"] = self.committed
            if not self.committed and self.auto_commit == "started":
                data["pendingCommit"] = self.auto_commit
            left = self.seconds_left(minute)
            if left is not None:
                data["timeToRollback"] = left
            data["lastUpgradeAt"] = self.last_upgrade
        return data

    def seconds_left(self, minute: float) -> int | None:
        """The device's seconds until the rollback; a minute of the device takes ``minute`` real seconds."""
        if self.rollback_at is None:
            return None
        return max(0, math.ceil((self.rollback_at - time.monotonic()) * 60 / minute))
