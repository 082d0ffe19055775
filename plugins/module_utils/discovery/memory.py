# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is remembered of devices between two runs, as plain JSON without any secret."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

from .merge import Found
from .sighting import SOURCES

# Raised when what is stored changes its meaning: older documents are forgotten then.
_VERSION = 1

_TEXTS = ("serial", "scheme", "name", "model", "axis_os", "product_type")
_LISTS = ("addresses", "capabilities", "sources")


@dataclasses.dataclass
class Memory:
    """What a run found. :param written: when, in seconds since 1970."""

    written: float
    devices: list[Found]

    def document(self) -> dict[str, t.Any]:
        # Not dataclasses.asdict, which copies deeply: this is for thousands of devices.
        return {
            "version": _VERSION,
            "written": self.written,
            "devices": [dict(vars(device)) for device in self.devices],
        }

    @classmethod
    def parse(cls, document: t.Any) -> Memory | None:
        """What :meth:`document` made; None for anything else. A cache is a file that others may write to."""
        if not isinstance(document, t.Mapping) or document.get("version") != _VERSION:
            return None
        written, devices = document.get("written"), document.get("devices")
        if not isinstance(written, (int, float)) or not isinstance(devices, list):
            return None
        try:
            return cls(float(written), [_device(item) for item in devices])
        except (TypeError, ValueError):
            return None


def _device(item: t.Any) -> Found:
    device = Found(**item)
    values = vars(device)
    texts = all(values[name] is None or isinstance(values[name], str) for name in _TEXTS)
    lists = all(
        isinstance(values[name], list) and all(isinstance(text, str) for text in values[name])
        for name in _LISTS
        if values[name] is not None
    )
    numbers = isinstance(device.seen, int) and (device.port is None or isinstance(device.port, int))
    flag = device.needs_setup is None or isinstance(device.needs_setup, bool)
    if not (texts and lists and numbers and flag and device.addresses and set(device.sources) <= set(SOURCES)):
        raise ValueError("no device")
    return device


def digest(options: t.Any) -> str:
    """A short text that is another one when one of these options is. What is secret does not belong in it."""
    text = json.dumps(options, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
