# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment in which tests, demo and bench start Ansible: ours, and nothing of the user's own."""

from __future__ import annotations

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"


def link_collection() -> pathlib.Path:
    """Make the checkout importable as ansible_collections.axis.vapix; return the collections path."""
    link = CACHE / "collections" / "ansible_collections" / "axis" / "vapix"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(ROOT, target_is_directory=True)
    except FileExistsError:
        # Somebody else (another xdist worker) made it, or the checkout was moved.
        if link.resolve() != ROOT:
            link.unlink()
            link.symlink_to(ROOT, target_is_directory=True)
    return CACHE / "collections"


def collections_path() -> str:
    """Where the collection under test is: the checkout, or the tarball installed where the variable says."""
    return os.environ.get("AXIS_VAPIX_COLLECTIONS_PATH") or str(link_collection())


def ansible_environment(password: str) -> dict[str, str]:
    """Environment variables for ansible commands that talk to simulated devices."""
    return os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": collections_path(),
        "ANSIBLE_CONFIG": str(ROOT / "tests" / "ansible.cfg"),
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "AXIS_VAPIX_PASSWORD": password,
        # ansible-playbook is found beside the Python that runs this, whichever virtual environment that is.
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]),
    }


if __name__ == "__main__":
    print(collections_path())
