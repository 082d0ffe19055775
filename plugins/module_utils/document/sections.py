# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A document: the wanted state of a whole device, a section for each resource.

A section is named by its resource and holds its options; a list of them is there several times (certificates). All that
can be said without a device is said at once.
"""

from __future__ import annotations

import fnmatch
import typing as t

from ..device.device import Device
from ..engine.options import Understood, understand, wanted
from ..model.option import Document, no_such, problems, secrets
from ..model.resource import Resource, Target
from ..wire.errors import InvalidOption
from .registry import RESOURCES

#: The section that sets parameters by name, and its option.
_PARAM = ("param", "parameters")


class Section(t.NamedTuple):
    """One section. :param path: how it is shown, ``ntp`` or ``certificate[1]``."""

    path: str
    resource: Resource
    understood: Understood

    @property
    def wanted(self) -> Document:
        """The options in the words of today."""
        return wanted(self.resource.options, self.understood.written, self.understood.params)

    def with_default(self, **options: t.Any) -> Document:
        """The options, with values for those that the section does not give."""
        own = {name: value for name, value in options.items() if name not in self.understood.written}
        return self.wanted | {name: value for name, value in own.items() if name in self.resource.options}


def sections(config: t.Mapping[t.Any, t.Any], restrict: t.Collection[str] = ()) -> list[Section]:
    """Read a document.

    :param restrict: names of the sections that count; empty for all.
    :raises InvalidOption: it is wrong: all problems, each with its place.
    """
    found, wrong = [], []
    if not config:
        wrong.append("config is empty: name at least one section")
    for name in restrict:
        if name not in config:
            wrong.append(f"restrict: {name!r} {no_such('section of this document', name, map(str, config))}")
    for path, resource, written in _written(config, wrong):
        if restrict and resource.name not in restrict:
            continue
        section = Section(path, resource, understand(resource, written, connected=False))
        wrong += [f"{path}: {problem}" for problem in section.understood.problems]
        if not section.understood.problems:
            # The problems that a target tells one at a time.
            told = problems(resource.options, section.wanted)
            wrong += [f"{path}: {place} {problem}" for place, problem in told]
        found.append(section)
    _refuse(wrong or [*_named_twice(found), *_claimed_twice(found)])
    return found


def bind(device: Device, found: t.Sequence[Section], on_unsupported: str = "fail") -> list[Target]:
    """Bind the sections to a device. Nothing is sent.

    :param on_unsupported: for sections that do not say it.
    :raises InvalidOption: what no device can be told, in the words of the resources: all problems.
    """
    bound, wrong = [], []
    for section in found:
        try:
            target = section.resource.on(device, section.with_default(on_unsupported=on_unsupported))
        except InvalidOption as exc:
            wrong.append(f"{section.path}: {exc.problem}")
        else:
            target.section = section.path
            bound.append(target)
    if len(bound) > 1:
        wrong += [f"{target.section}: {target.alone}; give it a task of its own" for target in bound if target.alone]
    _refuse(wrong)
    return bound


def secret_values(config: t.Any) -> list[str]:
    """All values of a document, right or wrong, that must never be shown."""
    if not isinstance(config, dict):
        return []
    values: list[str] = []
    for _path, resource, written in _written(config, []):
        values += _secrets(resource, written)
    return values


def _secrets(resource: Resource, written: t.Mapping[str, t.Any]) -> list[str]:
    understood = understand(resource, written, connected=False)
    found = list(secrets(resource.options, understood.written).values())
    if not understood.problems:
        found += resource.secrets(wanted(resource.options, understood.written, understood.params))
    return found


def _written(config: t.Mapping[t.Any, t.Any], wrong: list[str]) -> t.Iterator[tuple[str, Resource, dict[str, t.Any]]]:
    """Path, resource and options of every section; what is none is told in ``wrong``."""
    for name, value in config.items():
        resource = RESOURCES.get(name) if isinstance(name, str) else None
        if resource is None:
            wrong.append(f"{name} {no_such('section', str(name), RESOURCES)}")
            continue
        blocks = value if isinstance(value, list) else [value]
        if not blocks:
            wrong.append(f"{name}: the list is empty: leave the section out")
        for number, block in enumerate(blocks):
            path = f"{name}[{number}]" if isinstance(value, list) else name
            if isinstance(block, dict) and block:
                yield path, resource, block
            else:
                wrong.append(f"{path}: {'is empty' if block in ({}, None) else 'is no block of options'}")


def _named_twice(found: t.Sequence[Section]) -> t.Iterator[str]:
    """Sections of one resource that are about the same thing: what its required options name."""
    seen: dict[tuple[t.Any, ...], str] = {}
    for section in found:
        options = section.resource.options
        names = [name for name, option in options.items() if option.required and option.type == "str"]
        key = (section.resource.name, *(section.wanted[name] for name in names))
        if key in seen:
            what = " and ".join(f"{name} {section.wanted[name]!r}" for name in names)
            yield f"{section.path}: {seen[key]} is about {what or 'the same'} already; put both into one"
        seen.setdefault(key, section.path)


def _claimed_twice(found: t.Sequence[Section]) -> t.Iterator[str]:
    """Parameters that the section ``param`` sets although another section owns them."""
    name, option = _PARAM
    for section in found:
        if section.resource.name != name:
            continue
        for parameter in section.wanted.get(option) or ():
            bare = parameter.removeprefix("root.")
            for other in found:
                if any(fnmatch.fnmatchcase(bare, pattern) for pattern in other.resource.parameters):
                    yield f"{section.path}: {parameter} belongs to the section {other.path}; set it there"


def _refuse(wrong: t.Sequence[str]) -> None:
    """Tell all problems at once."""
    if wrong:
        count = "a problem" if len(wrong) == 1 else f"{len(wrong)} problems"
        raise InvalidOption(f"the document has {count}: {'; '.join(wrong)}", remedy="Nothing was sent")
