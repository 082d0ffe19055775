# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A whole device: all sections of a document are planned together, and made in an order that is safe."""

from __future__ import annotations

from ..device.device import Device
from ..document import sections
from ..document.registry import RESOURCES
from ..engine import reconcile
from ..model.option import Document, Option
from ..model.resource import Command, Returned
from ..wire.errors import VapixError
from . import reboot


class WholeDevice(Command):
    """Options of a document."""

    name = "device"
    options = {
        "config": Option(
            "dict",
            required=True,
            doc=(
                "The wanted state: the names of the modules of this collection that declare a state, each with its "
                "options. What is left out is left alone.",
                "A list in the place of the options is the same module several times, for example for certificates.",
            ),
        ),
        "restrict": Option(
            "list", elements="str", default=[], doc="Names of the sections to look at. With an empty list, all."
        ),
        "on_failure": Option(
            choices=("stop", "continue", "rollback"),
            default="stop",
            doc="What to do when a change fails. V(stop) makes no more changes. V(continue) makes those that do not "
            "stand on the section that failed. V(rollback) takes back what this task changed, the last change first, "
            "as far as it can be taken back, and says what could not.",
        ),
        "reboot": Option(
            choices=("never", "when_required"),
            default="never",
            doc="Whether to restart the device, once and at the end, if a change needs that to take effect. V(never) "
            "only "
            "tells it in RV(reboot_required).",
        ),
        "reboot_timeout": Option(
            "float", default=300.0, unit="seconds", range=(0.1, 86400), doc="How long the restart may take."
        ),
        "on_unsupported": Option(
            choices=("fail", "warn", "skip"),
            default="fail",
            doc="What to do if the device does not have a setting or a whole API. It holds for the sections that do "
            "not say it themselves.",
        ),
    }
    returns = reconcile.ALL_RETURNS | {
        "rebooted": Returned("bool", "Whether the device was restarted at the end, or in check mode would be.")
    }
    requirements = ("requests", "deepdiff", "jmespath", "cryptography", "defusedxml", "requests-toolbelt")

    def secrets(self, wanted: Document) -> list[str]:
        return sections.secret_values(wanted.get("config"))

    def words(self) -> set[str]:
        return super().words().union(*(resource.words() for resource in RESOURCES.values()))

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        found = sections.sections(wanted["config"], wanted["restrict"])
        targets = sections.bind(device, found, wanted["on_unsupported"])
        result = reconcile.results(reconcile.run(targets, check_mode, wanted["on_failure"]))
        due = result["reboot_required"] and wanted["reboot"] == "when_required"
        if due and not check_mode:
            _reboot(device, wanted["reboot_timeout"], [f"{row['section']}.{row['path']}" for row in result["changes"]])
        return result | {"rebooted": due, "reboot_required": result["reboot_required"] and not due}


def _reboot(device: Device, timeout: float, made: list[str]) -> None:
    """Restart the device. :param made: paths of the changes, for the account if it does not come back."""
    try:
        reboot.DECLARED.run(device, {"wait": True, "wait_timeout": timeout}, False)
    except VapixError as exc:
        exc.applied, exc.not_applied, exc.unknown = made, [], []
        raise


DECLARED = WholeDevice()
