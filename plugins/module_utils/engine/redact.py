# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keep secrets out of everything that is shown.

Nothing of ours puts a secret into a result on purpose. This is the net below: device texts can echo what was sent, and
up to ansible-core 2.21 nobody else masks the results of actions. From 2.22 on Ansible does, if it is told the secrets.
"""

from __future__ import annotations

import typing as t

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # before ansible-core 2.22
    register_secrets = None

HIDDEN = "********"
#: Shorter strings are part of too many harmless words to be replaced in texts; as a whole value they are hidden too.
SHORTEST_INSIDE_TEXT = 4


def register(secrets: t.Iterable[str]) -> None:
    """Tell Ansible the secrets of the task, where it wants to know them."""
    if register_secrets is not None:
        register_secrets(secrets)


def scrub(value: t.Any, secrets: t.Collection[str]) -> t.Any:
    """A copy of a result (or any part of one) without the secrets."""
    found = sorted((secret for secret in secrets if secret), key=len, reverse=True)
    return _scrub(value, found) if found else value


def _scrub(value: t.Any, secrets: list[str]) -> t.Any:
    if isinstance(value, dict):
        return {_scrub(key, secrets): _scrub(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrub(item, secrets) for item in value]
    if isinstance(value, str):
        for secret in secrets:
            if value == secret:
                return HIDDEN
            if len(secret) >= SHORTEST_INSIDE_TEXT:
                value = value.replace(secret, HIDDEN)
    return value
