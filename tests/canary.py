# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate for secrets: every password and other secret in the tests has the word below in it; no output may have it.

It reads what the sessions before it left behind: everything ansible-playbook printed, each task result, logs, fact
caches, async results, test reports, Ansible's home folder and the built collection. Without any such output it fails.
"""

from __future__ import annotations

import pathlib
import sys
import tarfile
import typing as t

from harness.ansible_environment import CACHE

WORD = b"CANARY"
PLACES = ("output", "ansible", "reports", "tarball")


def texts(place: pathlib.Path) -> t.Iterator[tuple[str, bytes]]:
    """All files below a folder, with those inside archives."""
    for path in sorted(place.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive:
                    content = archive.extractfile(member)
                    if content is not None:
                        yield f"{path}:{member.name}", content.read()
        else:
            yield str(path), path.read_bytes()


def leaks(folder: pathlib.Path) -> tuple[list[str], int]:
    """Where the word stands below the places of a folder, and how many files were read."""
    found, read = [], 0
    for place in PLACES:
        for name, content in texts(folder / place):
            read += 1
            for number, line in enumerate(content.split(b"\n"), 1):
                if WORD in line:
                    found.append(f"{name}:{number}")
    return found, read


def main() -> int:
    """Print what was found; 0 when there is no leak."""
    if not any((CACHE / "output").glob("playbook-*.txt")):
        print(f"There is no output in {CACHE / 'output'}: run the integration tests first.")
        return 1
    found, read = leaks(CACHE)
    print(f"{read} files read, {len(found)} lines with a secret" + "".join(f"\n  {where}" for where in found[:50]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
