# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what follows from the declarations: make modules. With --check it only says what is not up to date.

From a declaration follow, in plugins/modules, the options, the requirements, the return values and the code; the action
stub; the action group in meta/runtime.yml; the table of modules in the README; and docs/schema/device.json. Written by
hand stay, in plugins/modules, the other keys of DOCUMENTATION (short_description, version_added, description, notes
...) and EXAMPLES.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import importlib
import pathlib
import pkgutil
import re
import sys
import textwrap
import typing as t

import schema
import yaml

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]
from harness.ansible_environment import collections_path  # noqa: E402

sys.path[:0] = [collections_path()]

PACKAGE = "ansible_collections.axis.vapix.plugins"
ROOMS = ("resources", "commands")
#: Width of generated documentation.
WIDTH = 110
#: Top-level keys of DOCUMENTATION that are generated; others are written by hand.
GENERATED = ("author", "extends_documentation_fragment", "requirements", "options")

HEADER = """\
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""

MODULE = """\
#!/usr/bin/python
{header}
from __future__ import annotations

DOCUMENTATION = r\"\"\"
{documentation}
\"\"\"

EXAMPLES = r\"\"\"
{examples}
\"\"\"

RETURN = r\"\"\"
{returned}
\"\"\"

{imports}


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
"""

ACTION = """\
{header}
from __future__ import annotations

{imports}


class ActionModule({base}):
    declared = DECLARED


def main() -> None:
    \"\"\"For ansible-lint: it finds this file before the module, and checks options where there is a main.\"\"\"
    from {package}.modules.{name} import main as main_of_module

    main_of_module()
"""

REGISTRY = """\
# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

\"\"\"All resources by name. Made by: make modules.\"\"\"

from __future__ import annotations

from ..model.resource import Resource
{imports}

RESOURCES: dict[str, Resource] = {{
{rows}
}}
"""

REGISTRY_FILE = ROOT / "plugins" / "module_utils" / "document" / "registry.py"

Rows = dict[str, t.Any]


def declarations(rooms: t.Sequence[str] = ROOMS) -> dict[str, tuple[str, t.Any]]:
    """Room and declaration of every module, by name."""
    found = {}
    for room in rooms:
        package = importlib.import_module(f"{PACKAGE}.module_utils.{room}")
        for module in pkgutil.iter_modules(package.__path__):
            declared = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "DECLARED", None)
            if declared is not None:
                assert declared.name == module.name, f"{room}/{module.name} declares {declared.name!r}"
                found[declared.name] = (room, declared)
    return dict(sorted(found.items()))


# --- documentation ----------------------------------------------------------------------------------------------------


def option_rows(declared: t.Any, options: t.Mapping[str, t.Any]) -> Rows:
    """Options as DOCUMENTATION has them."""
    rows: Rows = {}
    for name, option in options.items():
        row: Rows = {"description": paragraphs(declared, option), "type": option.type}
        if option.elements:
            row["elements"] = option.elements
        if option.required:
            row["required"] = True
        if option.choices:
            row["choices"] = list(option.choices)
        if option.default is not None:
            row["default"] = option.default
        if option.aliases:
            row["aliases"] = list(option.aliases)
        if option.options:
            row["suboptions"] = option_rows(declared, option.options)
        rows[name] = row
    return rows


def paragraphs(declared: t.Any, option: t.Any) -> list[str]:
    """The text of an option: what is written, and what follows from its row."""
    text = list(option.paragraphs)
    limits = " ".join(filter(None, (_range(option), _length(option))))
    if limits:
        text.append(limits)
    if option.null is not None:
        text.append(f"V(null) sets the documented default, {_shown(option.null)}.")
    if option.write_only and "update_secrets" in declared.options:
        text.append("The device never shows it: O(update_secrets) says when it is sent.")
    risk = {
        "restarts_service": "A change restarts a service of the device.",
        "moves_address": "A change can move the device to another address.",
        "reboots": "A change takes a restart of the device.",
    }.get(option.risk)
    return [*text, risk] if risk else text


def _range(option: t.Any) -> str:
    if option.range is None:
        return f"In {option.unit}." if option.unit else ""
    low, high = option.range
    unit = f" {option.unit}" if option.unit else ""
    if high is None:
        return f"At least {low:g}{unit}."
    return f"At most {high:g}{unit}." if low is None else f"Between {low:g} and {high:g}{unit}."


def _length(option: t.Any) -> str:
    if option.length is None:
        return ""
    low, high = option.length
    what = "entries" if option.type == "list" else "characters"
    if high is None:
        return f"At least {low} {what}."
    return f"At most {high} {what}." if low < 2 else f"Between {low} and {high} {what}."


def _shown(value: t.Any) -> str:
    if value in ([], {}, ""):
        return {"list": "an empty list", "dict": "an empty mapping", "str": "an empty text"}[type(value).__name__]
    return f"V({str(value).lower() if isinstance(value, bool) else value})"


def return_rows(room: str, declared: t.Any) -> Rows:
    """Return values as RETURN has them."""
    reconcile = importlib.import_module(f"{PACKAGE}.module_utils.engine.reconcile")
    task = importlib.import_module(f"{PACKAGE}.module_utils.engine.task")
    returns = dict(declared.returns)
    if room == "resources":
        api = dataclasses.replace(reconcile.RETURNS["api"], sample=next(iter(declared.apis), None))
        returns = reconcile.RETURNS | {"api": api} | returns
    return {name: returned_row(row) for name, row in (returns | {"failure": task.FAILURE}).items()}


def returned_row(row: t.Any) -> Rows:
    """One return value."""
    text = row.doc if isinstance(row.doc, str) else list(row.doc)
    found: Rows = {"description": text, "returned": row.returned, "type": row.type}
    if row.elements:
        found["elements"] = row.elements
    if row.contains:
        found["contains"] = {
            name: {key: value for key, value in returned_row(inner).items() if (key, value) != ("returned", "success")}
            for name, inner in row.contains.items()
        }
    if row.sample is not None:
        found["sample"] = row.sample
    return found


def as_yaml(value: t.Any, indent: int = 0, key: str = "") -> str:
    """Rows as YAML, long texts wrapped."""
    space = " " * indent
    if isinstance(value, dict) and value and key != "sample":
        return "\n".join(f"{space}{name}:{_value(item, indent + 2, name)}" for name, item in value.items())
    assert isinstance(value, list)
    return "\n".join(f"{space}- {_text(str(item), indent + 2)}" for item in value)


def _value(value: t.Any, indent: int, key: str) -> str:
    if isinstance(value, dict) and value and key not in ("sample", "default"):
        return "\n" + as_yaml(value, indent, key)
    if isinstance(value, (list, tuple)) and key in ("description", "requirements"):
        return "\n" + as_yaml(list(value), indent)
    if isinstance(value, str):
        return " " + _text(value, indent)
    flow = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    flow = flow.strip().removesuffix("...").strip()
    if len(flow) + indent + len(key) < WIDTH:
        return f" {flow}"
    block = yaml.safe_dump(value, default_flow_style=False, width=WIDTH - indent, sort_keys=False, allow_unicode=True)
    return "\n" + textwrap.indent(block.rstrip(), " " * indent)


def _text(text: str, indent: int) -> str:
    """A text as a plain scalar where YAML reads it back, else as a folded block or quoted."""
    lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False) or ['""']
    plain = f"\n{' ' * indent}".join(lines)
    try:
        if yaml.safe_load(f"- {plain}") == [text]:
            return plain
    except yaml.YAMLError:
        pass
    if len(lines) == 1:
        return yaml.safe_dump(text, default_style='"', width=10_000, allow_unicode=True).strip()
    return f">-\n{' ' * indent}" + f"\n{' ' * indent}".join(lines)


# --- files ------------------------------------------------------------------------------------------------------------


def by_hand(path: pathlib.Path) -> tuple[dict[str, str], str]:
    """What is written by hand in a module: the blocks of DOCUMENTATION by key, and EXAMPLES."""
    texts = {
        node.targets[0].id: ast.literal_eval(node.value).strip("\n")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    parts = re.split(r"^(?=[a-z_]+:)", texts["DOCUMENTATION"], flags=re.MULTILINE)
    blocks = {part.partition(":")[0]: part.rstrip("\n") for part in parts if part.strip()}
    for key in {"description", "notes"} & blocks.keys():
        blocks[key] = f"{key}:\n{as_yaml(yaml.safe_load(blocks[key])[key], 2)}"  # wraps the lines
    return {key: text for key, text in blocks.items() if key not in GENERATED}, texts["EXAMPLES"]


def module_text(room: str, declared: t.Any) -> str:
    """A file of plugins/modules."""
    path = ROOT / "plugins" / "modules" / f"{declared.name}.py"
    if not path.is_file():
        sys.exit(
            f"{path.relative_to(ROOT)} is missing. Write it with DOCUMENTATION (module, short_description, "
            "version_added, description) and EXAMPLES; the rest is written for you."
        )
    hand, examples = by_hand(path)
    fragments = ["axis.vapix.attributes", "axis.vapix.connection"]
    if "attributes" not in hand:
        fragments.insert(1, f"axis.vapix.attributes.{declared.attributes}")
    more = [name for name in declared.requirements if name != "requests"]
    generated: Rows = {
        "author": ["axis.vapix authors (@axis-vapix)"],
        "extends_documentation_fragment": fragments,
    }
    if more:
        generated["requirements"] = more
    head = [hand[key] for key in ("module", "short_description", "version_added", "description")]
    tail = [text for key, text in hand.items() if text not in head]
    blocks = [f"{key}:\n{as_yaml(value, 2)}" for key, value in generated.items()]
    options = f"options:\n{as_yaml(option_rows(declared, declared.options), 2)}" if declared.options else "options: {}"
    return MODULE.format(
        header=HEADER,
        documentation="\n".join([*head, *blocks, *tail, options]),
        examples=examples,
        returned=as_yaml(return_rows(room, declared)),
        imports="\n".join(
            sorted(
                (
                    f"from {PACKAGE}.module_utils.engine.module import run_module",
                    f"from {PACKAGE}.module_utils.{room}.{declared.name} import DECLARED",
                )
            )
        ),
    )


def action_text(room: str, declared: t.Any) -> str:
    """A file of plugins/action. A module with checks between hosts has its action in plugin_utils/actions."""
    own = ROOT / "plugins" / "plugin_utils" / f"action_{declared.name}.py"
    base = f"{declared.name.title().replace('_', '')}Action" if own.is_file() else "VapixAction"
    home = f"action_{declared.name}" if own.is_file() else "action"
    imports = [
        f"from {PACKAGE}.module_utils.{room}.{declared.name} import DECLARED",
        f"from {PACKAGE}.plugin_utils.{home} import {base}",
    ]
    return ACTION.format(header=HEADER, imports="\n".join(imports), base=base, package=PACKAGE, name=declared.name)


def registry_text() -> str:
    """The table of all resources."""
    names = list(declarations(("resources",)))
    imports = "\n".join(f"from ..resources.{name} import DECLARED as {name}" for name in names)
    rows = "\n".join(f'    "{name}": {name},' for name in names)
    return REGISTRY.format(imports=imports, rows=rows)


def runtime_text(names: t.Iterable[str]) -> str:
    """meta/runtime.yml with the action group."""
    text = (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")
    rows = "".join(f"    - {name}\n" for name in names)
    return re.sub(r"(?<=^  vapix:\n)(    - .*\n)*", rows, text, flags=re.MULTILINE)


def readme_text(found: t.Mapping[str, tuple[str, t.Any]]) -> str:
    """README.md with the table of modules."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    rows = ["| Module | What it does | APIs, newest first |", "| --- | --- | --- |"]
    for name, (room, declared) in found.items():
        hand, _examples = by_hand(ROOT / "plugins" / "modules" / f"{name}.py")
        short = yaml.safe_load(hand["short_description"])["short_description"]
        apis = ", ".join(f"`{api}`" for api in declared.apis) if room == "resources" else ""
        rows.append(f"| `{name}` | {short} | {apis} |")
    begin, end = "<!-- modules: made by make modules -->\n", "<!-- end of modules -->"
    before, mark, rest = text.partition(begin)
    _old, mark_end, after = rest.partition(end)
    assert mark and mark_end, "README.md has no place for the table of modules"
    return f"{before}{begin}" + "\n".join(rows) + f"\n{end}{after}"


def documented(options: t.Mapping[str, t.Any]) -> bool:
    """Whether every option has a text."""
    return all(option.paragraphs and documented(option.options or {}) for option in options.values())


def files() -> dict[pathlib.Path, str]:
    """Every generated file and what is to be in it."""
    found = declarations()
    for name, (_room, declared) in found.items():
        assert documented(declared.options), f"{name}: an option has no text"
    texts: dict[pathlib.Path, str] = {}
    for name, (room, declared) in found.items():
        texts[ROOT / "plugins" / "modules" / f"{name}.py"] = module_text(room, declared)
        texts[ROOT / "plugins" / "action" / f"{name}.py"] = action_text(room, declared)
    texts[REGISTRY_FILE] = registry_text()
    modules = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    texts[ROOT / "meta" / "runtime.yml"] = runtime_text(modules)
    texts[ROOT / "README.md"] = readme_text(found)
    resources = {name: declared for name, (room, declared) in found.items() if room == "resources"}
    texts[ROOT / "docs" / "schema" / "device.json"] = schema.text(resources)
    return texts


def stale() -> dict[pathlib.Path, str]:
    """Files that are not up to date, with the difference."""
    found = {}
    for path, text in files().items():
        now = path.read_text(encoding="utf-8") if path.is_file() else ""
        if now != text:
            found[path] = "".join(difflib.unified_diff(now.splitlines(True), text.splitlines(True), "now", "wanted"))
    return found


def main() -> None:
    if "--check" in sys.argv[1:]:
        found = stale()
        for path, difference in found.items():
            print(f"{path.relative_to(ROOT)} is not up to date:\n{difference}")
        sys.exit("Run: make modules" if found else 0)
    REGISTRY_FILE.write_text(registry_text(), encoding="utf-8")  # commands import it
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
