# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Compare what is with what is wanted."""

from __future__ import annotations

import traceback
import typing as t

from ..wire.errors import missing_package
from .change import Change, Secret
from .option import Option

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


def nest(members: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Turn dotted keys into nested objects."""
    document: dict[str, t.Any] = {}
    for key, value in members.items():
        *parents, last = key.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return document


def equal(before: t.Any, after: t.Any, ordered: bool = True) -> bool:
    """Whether two values mean the same. Of a list the order counts, unless told otherwise; numbers compare by value.

    Without order only the outermost list is meant: what is inside its entries keeps its order.
    """
    if not isinstance(before, (list, dict)) or not isinstance(after, (list, dict)):
        return before == after and isinstance(before, bool) == isinstance(after, bool)
    if DEEPDIFF_IMPORT_ERROR:
        raise missing_package("deepdiff")
    return not DeepDiff(
        _whole(before),
        _whole(after),
        report_repetition=True,
        ignore_order_func=lambda level: not ordered and level.up is None,
    )


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
    """The changes from one flat document to another; only what is wanted is looked at, in the order of the options.

    What a device never shows is not compared, see :func:`write_only`.
    """
    return [
        Change(path, current.get(path), Secret(path) if option.secret else wanted[path], option.secret, option.risk)
        for path, option in options.items()
        if path in wanted and not option.write_only and not equal(current.get(path), wanted[path], option.ordered)
    ]


def write_only(
    current: t.Mapping[str, t.Any],
    wanted: t.Mapping[str, t.Any],
    options: t.Mapping[str, Option],
    changed: t.Collection[str],
    always: bool,
) -> list[Change]:
    """The changes of what a device never shows: it is sent if none is set, if its neighbours change, or always.

    :param current: whether one is set, by path; missing where the device does not say.
    :param changed: paths that change anyway.
    """
    found = []
    for path, option in options.items():
        if path not in wanted or not option.write_only:
            continue
        block = path.rpartition(".")[0]
        beside = any(other.rpartition(".")[0] == block for other in changed)
        is_set = bool(current.get(path, True))
        if not wanted[path] and not is_set:
            continue  # empty, as it is wanted
        if always or beside or not is_set:
            before = True if is_set else None
            found.append(Change(path, before, Secret(path), True, option.risk, provable=not is_set))
    return found
