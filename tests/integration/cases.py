# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that declare no state are proven with. Those that do have a proof in tests/resources."""

from __future__ import annotations

#: Modules that only read: they must never write and never claim a change.
QUERIES = {
    "facts": ({}, {"gather_subset": ["all"]}, {"gather_subset": ["apis"], "query": "apis.json.ntp[0]"}),
    "wait": ({}, {"wait_timeout": 9.5}),
}

#: Others, and the test that proves them.
COMMANDS = {
    "api": "test_running.py::test_api",
    "device": "test_device.py::test_a_document",
    "export": "test_device.py::test_a_device_is_exported_and_brought_back",
    "factory_default": "test_power.py::test_factory_default",
    "reboot": "test_power.py::test_reboot",
}
