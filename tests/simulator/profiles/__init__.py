# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of devices there are, as data. One file per profile; see ``_profile.py`` for the fields."""
from __future__ import annotations

from profiles import m3045_9_80, m3206_10_12, p3245_11_11, p3265_12_11, p5512_5_51
from profiles._profile import FOLDER, Profile

__all__ = ["FOLDER", "PROFILES", "Profile"]

PROFILES: dict[str, Profile] = {
    module.PROFILE.name: module.PROFILE
    for module in (p3265_12_11, p3245_11_11, m3045_9_80, p5512_5_51, m3206_10_12)
}
