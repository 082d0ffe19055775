# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only one host of a run can have, such as an address.

Each host is served by a process of its own, so that they only meet in a folder. A claim is a symbolic link there: made
in one step that fails if it is there already, and pointing to the name of the host that has it.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import typing as t


def claim(folder: pathlib.Path, host: str, things: t.Iterable[str]) -> tuple[str, str] | None:
    """Claim things for a host; what it claimed before and does not now is free again.

    :param folder: the same for all processes of the run.
    :returns: the first thing that another host has, and that host; None when all are ours now.
    """
    folder.mkdir(exist_ok=True)
    links = {_link(folder, "thing", thing): thing for thing in things}
    ours = _link(folder, "host", host)
    before = [folder / name for name in os.readlink(ours).split("/")] if ours.is_symlink() else []
    for link in before:
        if link not in links:
            link.unlink(missing_ok=True)
    ours.unlink(missing_ok=True)
    made = []
    try:
        for link, thing in links.items():
            try:
                link.symlink_to(host)
            except FileExistsError:
                owner = os.readlink(link)
                if owner != host:
                    return thing, owner
            made.append(link.name)
    finally:
        if made:
            ours.symlink_to("/".join(made))
    return None


def _link(folder: pathlib.Path, kind: str, name: str) -> pathlib.Path:
    return folder / f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
