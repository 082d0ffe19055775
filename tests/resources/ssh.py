# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH, by its CGI; the parameter shows the same."""

from __future__ import annotations

from resources.proof import Bad, Case, Proof, Step

PROOF = Proof(
    "ssh",
    cases=(
        Case(
            profiles=("axis-os-12", "axis-os-11"),
            steps=(
                Step({"enabled": True}, {"documents.ssh.enabled": True}),
                Step({"enabled": None}, {}),
            ),
        ),
    ),
    bad=(Bad({"enabled": "perhaps"}, "enabled is 'perhaps', not a yes or no"),),
    without=("axis-os-9", "axis-os-5"),
    mirrors=("parameters.Network.SSH.",),
)
