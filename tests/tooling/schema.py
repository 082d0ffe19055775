# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of the document that axis.vapix.device takes: editors complete and check the YAML by it."""

from __future__ import annotations

import json
import re
import typing as t

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "dict": "object", "list": "array"}
#: Ansible fills it in before the module sees it.
_TEMPLATE = {"$ref": "#/$defs/template"}


def schema(resources: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The schema of a document. :param resources: by name."""
    return {
        "$schema": DRAFT,
        "title": "axis.vapix device",
        "description": "The desired state of an Axis device, as the option config of axis.vapix.device takes it.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: _section(name) for name in resources},
        "$defs": {"template": {"type": "string", "pattern": r"\{\{.*\}\}"}}
        | {name: _block(resource.options) | {"minProperties": 1} for name, resource in resources.items()},
    }


def text(resources: t.Mapping[str, t.Any]) -> str:
    """The schema as a file."""
    return json.dumps(schema(resources), indent=2, ensure_ascii=False) + "\n"


def _section(name: str) -> dict[str, t.Any]:
    """The options of a resource, or a list of them."""
    block = {"$ref": f"#/$defs/{name}"}
    return {"anyOf": [block, {"type": "array", "items": block, "minItems": 1}, _TEMPLATE]}


def _block(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    properties = {}
    for name, option in options.items():
        for spelling in (name, *option.aliases):
            properties[spelling] = _option(option) | ({"deprecated": True} if spelling != name else {})
    required = [name for name, option in options.items() if option.required]
    found: dict[str, t.Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return found | ({"required": required} if required else {})


def _option(option: t.Any) -> dict[str, t.Any]:
    kinds = [_list(option) if option.type == "list" else _one(option, option.type), _TEMPLATE]
    if option.is_state and not option.required:
        kinds.append({"type": "null"})
    found: dict[str, t.Any] = {"anyOf": kinds}
    if option.paragraphs:
        found["description"] = " ".join(map(_plain, option.paragraphs))
    default = option.null if option.null is not None else option.default
    return found if default is None else found | {"default": default}


def _list(option: t.Any) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {"type": "array", "items": {"anyOf": [_one(option, option.elements), _TEMPLATE]}}
    if option.length is not None:
        shortest, longest = option.length
        found |= {"minItems": shortest} | ({} if longest is None else {"maxItems": longest})
    return found


def _one(option: t.Any, kind: str) -> dict[str, t.Any]:
    """One value of an option, or one element of a list."""
    if option.choices:
        return {"enum": [*option.choices, *option.words]}
    if kind == "dict":
        return _block(option.options) if option.options else {"type": "object"}
    if kind in ("str", "path", "raw"):
        # Ansible takes numbers for texts.
        found: dict[str, t.Any] = {} if kind == "raw" else {"type": ["string", "number"]}
        if option.pattern is not None:
            found["pattern"] = f"^(?:{option.pattern})$"
        if option.length is not None and option.type != "list":
            shortest, longest = option.length
            found |= {"minLength": shortest} | ({} if longest is None else {"maxLength": longest})
        return found
    found = {"type": _TYPES[kind]}
    for key, limit in zip(("minimum", "maximum"), option.range or (None, None), strict=True):
        if limit is not None:
            found[key] = limit
    return found


def _plain(paragraph: str) -> str:
    """A paragraph of documentation without Ansible's markup."""
    return re.sub(r"\b(?:[BCIMOPV]|RV|E)\(([^()]*)\)", r"\1", paragraph)
