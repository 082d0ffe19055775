# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters that are views of something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from state import State


class Live:
    """A parameter that is a view of something else; ``write`` says False to a value the device refuses."""

    __slots__ = ("read", "write")

    def __init__(self, read: Callable[[State], str], write: Callable[[State, str], bool] | None = None) -> None:
        self.read, self.write = read, write


def yes(flag: bool) -> str:
    """yes or no."""
    return "yes" if flag else "no"
