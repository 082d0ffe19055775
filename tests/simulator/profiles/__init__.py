# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of devices there are, as data. One file per profile; see ``_profile.py`` for the fields, ``_products.py``
for what products add to them."""

from __future__ import annotations

from functools import cache

from profiles import m3045_9_80, m3206_10_12, p3245_11_11, p3265_12_11, p5512_5_51
from profiles._products import PRODUCTS, combine
from profiles._profile import FOLDER, Profile

__all__ = ["FOLDER", "PROFILES", "Profile", "every", "get"]

PROFILES: dict[str, Profile] = {
    module.PROFILE.name: module.PROFILE for module in (p3265_12_11, p3245_11_11, m3045_9_80, p5512_5_51, m3206_10_12)
}


@cache
def get(name: str) -> Profile:
    """The profile of a name, with its products: ``axis-os-12+power``; ``KeyError`` says what there is."""
    base, *products = name.split("+")
    if base not in PROFILES:
        raise KeyError(f"no profile {base}; there are: {', '.join(PROFILES)}")
    return combine(PROFILES[base], *products)


def every() -> list[Profile]:
    """Each profile plain, and with each product it can have."""
    with_products = [
        combine(PROFILES[generation], product) for product, additions in PRODUCTS.items() for generation in additions
    ]
    return [*PROFILES.values(), *with_products]
