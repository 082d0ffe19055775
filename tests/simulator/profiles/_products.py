# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products: what some devices have on top of their generation. ``axis-os-12+power`` is the 12.11 camera with it.

A product is data: lines of the API lists and parameter tables, paths of CGIs, and what its documents leave the factory
with, for each generation it exists on. Several can be combined: ``axis-os-12+power+io``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from profiles._profile import Profile, api_table, rest_table


@dataclass(frozen=True)
class Addition:
    """What a product adds on one generation; tables as in the profiles."""

    apis: str = ""
    rest: str = ""
    params: str = ""
    # CGI path -> options, for handlers that the API list does not name.
    paths: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def on(self, profile: Profile, name: str) -> Profile:
        """The profile with it; an API it lists takes the place of the same version of that API."""
        api_list = api_table(self.apis, status="official")
        documents = {key: {**profile.documents.get(key, {}), **members} for key, members in self.documents.items()}
        return replace(
            profile,
            name=f"{profile.name}+{name}",
            api_list=profile.api_list + api_list,
            rest_list=profile.rest_list + rest_table(self.rest),
            more_params=(*profile.more_params, *self.params.strip().splitlines()),
            apis={**profile.apis, **self.paths},
            documents={**profile.documents, **documents},
        )


# A camera with a heater behind its window, and power over Ethernet of two classes.
_POWER = {
    "power": {
        "supported": [
            "powerSavingSupport",
            "delayedPowerDownSupport",
            "powerProfileSupport",
            "powerConsumerSupport",
            "powerStatusSupport",
            "powerConfigurationSupport",
            "dynamicPowerModeSupport",
            "powerHistorySupport",
            "disablePowerWarningOverlaySupport",
            "ioPortPowerSupport",
        ],
    },
}

PRODUCTS: dict[str, dict[str, Addition]] = {
    "power": {
        # The plain 11.11 cameras that were recorded do not list it.
        "axis-os-11": Addition(apis="power-settings 1.6 | Power Settings", documents=_POWER),
        "axis-os-12": Addition(documents=_POWER),
    },
}


def combine(profile: Profile, *names: str) -> Profile:
    """A profile with products; ``KeyError`` says what there is."""
    generation = profile.generation
    for name in names:
        if generation not in PRODUCTS.get(name, {}):
            there = sorted(product for product, additions in PRODUCTS.items() if generation in additions)
            raise KeyError(f"no product {name} on {generation}; there are: {', '.join(there) or 'none'}")
        profile = PRODUCTS[name][generation].on(profile, name)
    return profile
