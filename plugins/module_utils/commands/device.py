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
from ..model.resource import Command


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
        "on_unsupported": Option(
            choices=("fail", "warn", "skip"),
            default="fail",
            doc="What to do if the device does not have a setting or a whole API. It holds for the sections that do "
            "not say it themselves.",
        ),
    }
    returns = reconcile.ALL_RETURNS
    requirements = ("requests", "deepdiff", "jmespath", "cryptography", "defusedxml", "requests-toolbelt")

    def secrets(self, wanted: Document) -> list[str]:
        return sections.secret_values(wanted.get("config"))

    def words(self) -> set[str]:
        return super().words().union(*(resource.words() for resource in RESOURCES.values()))

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        found = sections.sections(wanted["config"], wanted["restrict"])
        targets = sections.bind(device, found, wanted["on_unsupported"])
        return reconcile.results(reconcile.run(targets, check_mode, wanted["on_failure"]))


DECLARED = WholeDevice()
