# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A live device as a document, which :mod:`.device` can bring back."""

from __future__ import annotations

from ..device.device import Device
from ..document import export
from ..document.registry import RESOURCES
from ..model.option import Document, Option
from ..model.resource import Command, Returned
from ..wire.errors import InvalidOption


class ExportCommand(Command):
    """Options of an export."""

    name = "export"
    attributes = "query"
    options = {
        "sections": Option(
            "list",
            elements="str",
            choices=tuple(RESOURCES),
            default=[],
            doc="Names of the sections to read. With an empty list, all that a device has.",
        ),
        "include": Option(
            "list",
            elements="str",
            choices=("defaults", "identity"),
            default=[],
            doc=(
                "What to keep that is left out otherwise.",
                "V(defaults) keeps what is as documented when a device leaves the factory. V(identity) keeps what "
                "belongs to this one device, for example its name, its address and its place.",
            ),
        ),
        "split": Option(
            choices=("shared", "identity"),
            doc="V(shared) is what devices alike share. V(identity) is only what belongs to this one device. With "
            "both, in two tasks, a device is told in two files.",
        ),
        "path": Option(
            "path",
            doc="File on the controller to write the document to, as YAML. It is written as a whole or not at all, and "
            "only if it changes. Left out, the document is only returned.",
        ),
        "variable": Option(
            default="axis_config_camera",
            pattern="[A-Za-z_][A-Za-z0-9_]*",
            like="axis_config_camera",
            doc="Name of the variable that holds the document in the file.",
        ),
    }
    returns = {
        "config": Returned(
            "dict", "The document, as M(axis.vapix.device) takes it.", sample={"ssh": {"enabled": True}}
        ),
        "secrets": Returned(
            "list",
            "Names of the variables that are to hold the secrets of the document. Devices do not show secrets.",
            elements="str",
            sample=["vault_user_users_anna_password"],
        ),
        "unread": Returned("dict", "Sections that could not be read, and why.", sample={}),
    }
    requirements = ("requests", "deepdiff", "jmespath", "cryptography", "defusedxml", "requests-toolbelt", "PyYAML")

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        include, split = wanted["include"], wanted.get("split")
        if split and "identity" in include:
            raise InvalidOption("split and include: identity contradict each other", remedy="Leave out one of them")
        half: export.Half = split or ("all" if "identity" in include else "shared")
        found = export.export(device, wanted["sections"], half, "defaults" in include)
        for name, why in found.unread.items():
            device.warn(f"{name} could not be read and is not in the document: {why}")
        changed = False
        if wanted.get("path"):
            text = export.as_yaml(found, wanted["variable"], _head(device))
            write = export.differs if check_mode else export.write
            changed = write(wanted["path"], text)
        return {"changed": changed, "config": found.config, "secrets": found.secrets, "unread": found.unread}


def _head(device: Device) -> list[str]:
    told = device.identity
    return [f"{told.get('ProdFullName', 'Axis device')}, AXIS OS {told.get('Version', 'unknown')}"]


DECLARED = ExportCommand()
