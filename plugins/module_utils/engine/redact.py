# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keep secrets out of everything that is shown.

Nothing of ours puts a secret into a result on purpose. This is the net below: device texts can echo what was sent, and
up to ansible-core 2.21 nobody else masks the results of actions. From 2.22 on Ansible does, if it is told the secrets.
"""

from __future__ import annotations

import re
import typing as t

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # before ansible-core 2.22
    register_secrets = None

HIDDEN = "********"
#: Shorter ones are part of too many harmless words: in a text they are replaced where they stand as a word.
SHORTEST_INSIDE_WORDS = 8


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
            if len(secret) >= SHORTEST_INSIDE_WORDS:
                value = value.replace(secret, HIDDEN)
            else:
                value = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", HIDDEN, value)
    return value
