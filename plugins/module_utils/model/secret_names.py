# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Secrets that no option declares: parameters and members of free-form documents, known by their names."""

from __future__ import annotations

import re

#: How the names of values end that are never shown, although devices tell some of them to everybody who asks.
_SECRET = re.compile(r"(Community|Pass(?:word|wd|phrase)?|Pwd|PSK|Secret|Key)\d*", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether the value of a parameter or member must not be shown. :param name: it can be dotted."""
    last = name.rpartition(".")[2]
    return any(match.end() == len(last) for match in _SECRET.finditer(last))
