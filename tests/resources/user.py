# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts."""

from __future__ import annotations

from resources.proof import CANARY, Bad, Case, Proof, Step

NEW = f"Aa1-{CANARY}-x"
VIEWER = {"name": "guard", "role": "viewer", "password": NEW}

PROOF = Proof(
    "user",
    cases=(
        Case(
            title="life",
            steps=(
                Step(
                    {"users": [VIEWER | {"comment": "gate"}], "update_secrets": "on_change"},
                    {"users.guard": ["viewer"]},
                ),
                Step(
                    {"users": [{"name": "guard", "role": "operator", "ptz": True}]},
                    {"users.guard": ["operator", "viewer", "ptz"]},
                ),
                Step(
                    {"users": [{"name": "guard", "password": NEW + "2"}]},
                    {"users.guard": ["operator", "viewer", "ptz"]},
                ),
                Step({"users": [{"name": "root"}, {"name": "guard", "state": "absent"}], "exclusive": False}, {}),
            ),
        ),
        Case(
            title="exclusive",
            steps=(
                Step({"users": [VIEWER]}, {"users.guard": ["viewer"]}),
                Step({"users": [{"name": "root"}], "exclusive": True, "update_secrets": "on_create"}, {}),
            ),
        ),
    ),
    bad=(
        Bad({"users": [{"name": "guard", "role": "viewer"}]}, "cannot be created without password"),
        Bad({"users": [{"name": "a b", "role": "viewer", "password": NEW}]}, "'a b' is not 1 to 14 of the characters"),
        Bad({"users": [{"name": "root", "role": "viewer"}]}, "is the account in use and would become viewer"),
        Bad({"users": [], "exclusive": True}, "is the account in use and would be removed"),
        Bad({"users": [{"name": "root", "state": "absent"}]}, "is the account in use and would be removed"),
        Bad({"users": [VIEWER, VIEWER]}, "'guard' is there twice"),
        Bad({"users": [VIEWER | {"password": "\u00e4"}]}, "is not of the form printable ASCII characters"),
        Bad({"users": [VIEWER | {"role": "boss"}]}, "role must be one of"),
    ),
)
