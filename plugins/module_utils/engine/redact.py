# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause


"""Keep secrets out of everything that is shown.

Nothing of ours puts a secret into a result on purpose. This is the net below: device texts can echo what was sent, in
any spelling, and up to ansible-core 2.21 nobody else masks the results of actions. From 2.22 on Ansible does, if it is
told the secrets.
"""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # before ansible-core 2.22
    register_secrets = None

HIDDEN = "********"
#: Shorter ones are part of too many harmless words: in a text they are replaced where they stand as a word.
SHORTEST_INSIDE_WORDS = 8
#: A number of fewer digits is not taken for a secret.
SHORTEST_NUMBER = 3
#: Parts of a result whose keys come from a device. All other keys are ours.
DEVICE_MADE = frozenset({"ansible_facts", "response", "value"})


def register(secrets: t.Iterable[str]) -> None:
    """Tell Ansible the secrets of the task, where it wants to know them."""
    if register_secrets is not None:
        register_secrets(secrets)


class Redactor:
    """Hides secrets in results and texts.

    :param secrets: the values. :param accounts: names that can stand before a secret in a login (``name:secret``).
    :param words: texts of ours, such as choices of options: they stay, even if a secret is spelled the same.
    """

    def __init__(
        self, secrets: t.Iterable[str], accounts: t.Collection[str] = (), words: t.Collection[str] = ()
    ) -> None:
        self._secrets = {secret for secret in secrets if secret}
        self._words = frozenset(words)
        self._accounts = [account for account in accounts if account]
        found = {spelling for secret in self._secrets for spelling in self._spellings(secret)}
        patterns = [_pattern(spelling) for spelling in sorted(found, key=len, reverse=True)]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def _spellings(self, secret: str) -> set[str]:
        """How a device can write a secret: as it is, or encoded for a URL, a page, a document or a login."""
        pages = html.escape(secret)
        found = {secret, " ".join(secret.split()), pages, pages.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")}
        found |= {pages.replace("&#x27;", "&apos;"), html.escape(secret, quote=False)}
        found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
        found |= {text.replace("/", "\\/") for text in tuple(found)}
        for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret), quote_plus(secret, safe="/:@")):
            found |= {encoded, re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)}
        for text in (secret, *(f"{account}:{secret}" for account in self._accounts)):
            for code in (base64.b64encode, base64.urlsafe_b64encode):
                found.add(code(text.encode()).decode().rstrip("="))
        return {spelling for spelling in found if spelling}

    def text(self, text: str) -> str:
        """A text without the secrets."""
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)

    def value(self, value: t.Any, device_made: bool = False) -> t.Any:
        """A copy of a result, or any part of one, without the secrets.

        :param device_made: keys come from a device, too.
        """
        if self._pattern is None:
            return value
        if isinstance(value, dict):
            return {
                self.text(key) if device_made and isinstance(key, str) else key: self.value(
                    item, device_made or key in DEVICE_MADE
                )
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.value(item, device_made) for item in value]
        if isinstance(value, str):
            return value if value in self._words else self.text(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            shown = str(value)
            return HIDDEN if len(shown) >= SHORTEST_NUMBER and shown in self._secrets else value
        return value


def _pattern(spelling: str) -> str:
    """What finds a spelling in a text."""
    found = re.escape(spelling)
    return found if len(spelling) >= SHORTEST_INSIDE_WORDS else rf"(?<![A-Za-z0-9]){found}(?![A-Za-z0-9])"
