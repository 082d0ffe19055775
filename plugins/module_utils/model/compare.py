# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Compare what is with what is wanted."""

from __future__ import annotations

import traceback
import typing as t

from ..wire.errors import missing_package
from .declaration import Change, Option

try:
    from deepdiff import DeepDiff
except ImportError:
    DEEPDIFF_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    DEEPDIFF_IMPORT_ERROR = None


def flatten(document: t.Mapping[str, t.Any], prefix: str = "") -> dict[str, t.Any]:
    """Leaves of a nested document by dotted path. Lists are leaves."""
    flat: dict[str, t.Any] = {}
    for key, value in document.items():
        if isinstance(value, t.Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def equal(before: t.Any, after: t.Any, ordered: bool = True) -> bool:
    """Whether two values mean the same. Of a list the order counts, unless told otherwise; numbers compare by value."""
    if not isinstance(before, (list, dict)) or not isinstance(after, (list, dict)):
        return before == after and isinstance(before, bool) == isinstance(after, bool)
    if DEEPDIFF_IMPORT_ERROR:
        raise missing_package("deepdiff")
    return not DeepDiff(_whole(before), _whole(after), ignore_order=not ordered, report_repetition=True)


def _whole(value: t.Any) -> t.Any:
    """With 2.0 as 2, which JSON does not tell apart, and with true unlike 1, which Python does not."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, bool):
        return (value,)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def differences(
    current: t.Mapping[str, t.Any], wanted: t.Mapping[str, t.Any], options: t.Mapping[str, Option]
) -> list[Change]:
    """The changes from one flat document to another; only what is wanted is looked at, in the order of the options."""
    return [
        Change(path, current.get(path), wanted[path], secret=option.secret)
        for path, option in options.items()
        if path in wanted and not equal(current.get(path), wanted[path], option.ordered)
    ]
