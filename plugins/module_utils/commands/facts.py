# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a device is and can do. Small on purpose: facts are kept for every host of a play."""

from __future__ import annotations

from ..device.device import Device
from ..device.facts import SUBSETS, compile_query, find, gather
from ..model.option import Document, Option
from ..model.resource import Command, Returned

_IDENTITY = {
    "brand": Returned("str", "Brand of the product.", sample="AXIS"),
    "model": Returned("str", "Product number.", sample="P3265-V"),
    "name": Returned("str", "Full name of the product."),
    "product_type": Returned("str", "Kind of product.", sample="Dome Camera"),
    "variant": Returned("str", "Variant of the product, often empty."),
    "serial": Returned("str", "Serial number, which is the MAC address without separators.", sample="B8A44F000001"),
    "axis_os": Returned("str", "Version of AXIS OS, the firmware.", sample="12.11.77"),
    "build_date": Returned("str", "When that version was built."),
    "hardware_id": Returned("str", "Hardware revision."),
    "architecture": Returned("str", "Processor architecture.", sample="aarch64"),
    "soc": Returned("str", "System on chip."),
}
_STATE = {
    "ready": Returned("bool", "Whether the device has started completely."),
    "needs_setup": Returned("bool", "Whether it is in factory default state and waits for its first account."),
    "uptime": Returned("int", "Time since its start, in seconds."),
    "boot_id": Returned("str", "Identifier of its last start."),
}
_APIS = {
    "json": Returned("dict", "CGIs in the API list.", sample={"ntp": ["1.5"]}),
    "rest": Returned("dict", "Device Configuration APIs.", sample={"time": ["2.0.1"]}),
}
_FACTS = {
    **_IDENTITY,
    "state": Returned(
        "dict",
        "State of the device, in the subset V(state). Its members are null before AXIS OS 9.50.",
        contains=_STATE,
    ),
    "apis": Returned("dict", "Versions by name of the APIs it has, in the subset V(apis).", contains=_APIS),
    "capabilities": Returned("dict", "What it can do by its own account, in the subset V(capabilities)."),
}


class Facts(Command):
    """Options of the facts."""

    name = "facts"
    attributes = "query"
    options = {
        "gather_subset": Option(
            "list",
            elements="str",
            choices=("all", *SUBSETS),
            default=["identity", "state"],
            doc="What to read. Each subset costs one request, except V(apis), which costs two.",
        ),
        "query": Option(
            doc=(
                "A JMESPath expression that picks a value out of the facts. The result is then in RV(value), and no "
                "facts are set.",
                "The expression sees what RV(ansible_facts.vapix) would hold, for the subsets of O(gather_subset).",
            )
        ),
    }
    returns = {
        "ansible_facts": Returned(
            "dict",
            "The facts, unless O(query) was given.",
            contains={
                "vapix": Returned(
                    "dict", "The facts of the device. What a device does not tell is null.", contains=_FACTS
                )
            },
        ),
        "value": Returned("raw", "What O(query) picked.", returned="when O(query) is given"),
    }
    requirements = ("requests", "jmespath")

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        expression = compile_query(wanted["query"]) if wanted.get("query") else None
        subsets = set(SUBSETS) if "all" in wanted["gather_subset"] else set(wanted["gather_subset"])
        facts = gather(device, subsets)
        found = {"ansible_facts": {"vapix": facts}} if expression is None else {"value": find(expression, facts)}
        return {"changed": False} | found


DECLARED = Facts()
