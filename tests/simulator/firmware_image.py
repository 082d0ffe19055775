# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images for simulated firmware upgrades. Nothing of the simulator is imported here, so tests can use it directly.

    python tests/simulator/firmware_image.py --model P3265-V --version 12.12.5 --size 250M new.bin

An image is a head of 1,024 bytes and then filler of any size. The head is the line ``SIMULATED-AXIS-FIRMWARE 1`` and
one line of JSON, padded with blanks before its line end:

=============== ==========================================================
``model``       the model it is for, as the profile's ProdNbr
``version``     the AXIS OS version
``part``        the part number the status shows
``size``        bytes of filler
``sha256``      checksum of the filler
``signed``      false: refused with 422
``revoked``     true: refused with 410
``certificate`` true: signed with an unknown custom certificate, 424
``boots``       false: accepted, but the device comes back with the old one
=============== ==========================================================
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

HEAD_SIZE = 1024
_MAGIC = b"SIMULATED-AXIS-FIRMWARE 1\n"
_BLOCK = hashlib.shake_256(b"filler").digest(65536)
_UNITS = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class Head:
    """What the head of an image says."""

    model: str
    version: str
    part: str = ""
    size: int = 0
    sha256: str = ""
    signed: bool = True
    revoked: bool = False
    certificate: bool = False
    boots: bool = True


class BadImage(Exception):
    """No image, or a broken one."""


def part_number(version: str) -> str:
    """A part number of ten digits, the same for the same version."""
    return str(int(hashlib.sha256(version.encode()).hexdigest(), 16) % 10**9 + 7 * 10**9)


def make(
    path: Path,
    model: str,
    version: str,
    size: int = 100_000,
    *,
    corrupt: bool = False,
    truncate: bool = False,
    **flags: bool,
) -> Path:
    """Write an image; ``corrupt`` spoils its last byte, ``truncate`` takes that byte away."""
    checksum, left = hashlib.sha256(), size
    with path.open("wb") as file:
        file.seek(HEAD_SIZE)
        while left:
            block = _BLOCK[:left]
            checksum.update(block)
            file.write(block)
            left -= len(block)
        head = Head(model, version, part_number(version), size, checksum.hexdigest(), **flags)
        text = json.dumps(asdict(head)).encode()
        file.seek(0)
        file.write(_MAGIC + text.ljust(HEAD_SIZE - len(_MAGIC) - 1) + b"\n")
        end = HEAD_SIZE + size - 1
        if truncate:
            file.truncate(end)
        elif corrupt:
            file.seek(end)
            file.write(bytes((_BLOCK[(size - 1) % len(_BLOCK)] ^ 0xFF,)))
    return path


class Reader:
    """Checks an image as its bytes come; keeps the head only."""

    def __init__(self) -> None:
        self.count = 0
        self._head = b""
        self._checksum = hashlib.sha256()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.count += len(data)
        wanted = HEAD_SIZE - len(self._head)
        if wanted > 0:
            self._head += data[:wanted]
            data = data[wanted:]
        self._checksum.update(data)

    def finish(self) -> Head:
        """The head of a whole and sound image."""
        if len(self._head) < HEAD_SIZE or not self._head.startswith(_MAGIC):
            raise BadImage("no image")
        try:
            head = Head(**json.loads(self._head[len(_MAGIC) :]))
        except (ValueError, TypeError) as error:
            raise BadImage(f"no head: {error}") from None
        if self.count - HEAD_SIZE != head.size or self._checksum.hexdigest() != head.sha256:
            raise BadImage("wrong size or checksum")
        return head


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+)([kMG]?)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"no size: {text}")
    return int(match[1]) * _UNITS[match[2]]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Write an image for a simulated firmware upgrade.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--size", type=_size, default=100_000, help="bytes of filler, as 250M")
    for flag in ("corrupt", "truncate", "revoked", "certificate"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("--unsigned", dest="signed", action="store_false")
    parser.add_argument("--no-boot", dest="boots", action="store_false", help="the device comes back with the old one")
    chosen = vars(parser.parse_args())
    print(make(chosen.pop("file"), **chosen))


if __name__ == "__main__":
    main()
