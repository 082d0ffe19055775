# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a device is and can do. Small on purpose: facts are kept for every host of a play."""

from __future__ import annotations

from ..device.device import Device
from ..device.facts import SUBSETS, compile_query, find, gather
from ..model.option import Document, Option
from ..model.resource import Command


class Facts(Command):
    """Options of the facts."""

    name = "facts"
    options = {
        "gather_subset": Option("list", elements="str", choices=("all", *SUBSETS), default=["identity", "state"]),
        "query": Option(),
    }
    requirements = ("requests", "jmespath")

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        expression = compile_query(wanted["query"]) if wanted.get("query") else None
        subsets = set(SUBSETS) if "all" in wanted["gather_subset"] else set(wanted["gather_subset"])
        facts = gather(device, subsets)
        found = {"ansible_facts": {"vapix": facts}} if expression is None else {"value": find(expression, facts)}
        return {"changed": False} | found


DECLARED = Facts()
