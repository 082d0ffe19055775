# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of single APIs share: calls, accounts, and recorded exchanges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GENERATIONS = ("axis-os-5", "axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12")


def code(device, path, method, params=None, **members):
    """A method of a JSON CGI: its error code, or None; the answer must be HTTP 200 and JSON."""
    return device.call(path, method, params, **members).get("error", {}).get("code")


def data(device, path, method, params=None, **members):
    """A method of a JSON CGI that must succeed: its data."""
    answer = device.call(path, method, params, **members)
    assert "error" not in answer, answer
    return answer["data"]


def accounts(fleet, device, *roles):
    """Accounts named like their role, beside root; the password of each is ``pass``."""
    groups = {"viewer": ["viewer"], "operator": ["operator", "viewer"]}
    users = {"root": {"password": "pass", "groups": ["admin", "operator", "viewer", "ptz"], "primary": "root"}}
    users |= {role: {"password": "pass", "groups": groups[role]} for role in roles}
    fleet.patch(device.serial, {"users": users})


def where_it_is(make, method, path, **arguments):
    """The generations whose device knows a path."""
    return [name for name in GENERATIONS if make(name).ask(method, path, **arguments).status_code != 404]


def exchanges(recorded: Path, case: str):
    """A recorded case, device by device: name, and (verb, path, body, status, answer) in order."""
    folders = sorted((recorded / "rs4acap" / case).iterdir())
    assert folders, case
    for folder in folders:
        steps = []
        for file in sorted(folder.glob("*-request.txt")):
            head, _gap, body = file.read_text(encoding="utf-8").partition("\n\n")
            verb, path = head.splitlines()[0].split(" ", 1)
            (answer,) = folder.glob(f"{file.name[:3]}-response-*")
            status = int(answer.stem.rpartition("-")[2])
            steps.append((verb, f"/{path}", body.strip(), status, answer.read_text(encoding="utf-8")))
        yield folder.name, steps


def recording(recorded: Path, name: str) -> dict:
    """One recorded JSON answer."""
    return json.loads((recorded / name).read_text(encoding="utf-8"))


def not_recorded(what: str) -> None:
    """Say loudly that no real device stands behind a comparison."""
    pytest.skip(f"NOT CHECKED: no recording of {what}; it follows the page and the assumptions of its handler")
