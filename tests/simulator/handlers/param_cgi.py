# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/param.cgi``: Parameter management page; forms recorded on 5.51, 9.80 and 12.11.

Recorded: line forms, the error line of an unknown name inside HTTP 200, bare leaves on 12.11, the XML. Verified by
others on devices: "OK", the line of a refused value, 401 for a batch with a protected name on AXIS OS 12. Assumed:

- good values of a batch are stored although others are refused, each of which gets its line;
- arguments without a dot are unknown CGI arguments and ignored;
- an unknown group gives an empty document in listdefinitions; an unknown action ``# Error: unknown action``;
- what an account may not read is missing from a group, and unknown when asked for alone;
- an account without the level to write gets the error line (AXIS OS 12: 401).
"""

from __future__ import annotations

from html import escape
from typing import Any

import documents
from exchange import Answer, Request, text_answer
from handlers._base import ANONYMOUS, OPERATOR, VIEWER, Handler
from params import Definition
from state import ROLE_LEVELS, State

_KNOWN_ARGUMENTS = {"action", "group", "template", "force", "usergroup", "responseformat", "listformat"}
_ACTIONS = {"list", "listdefinitions", "update", "add", "remove"}
_HEAD = """<?xml version="1.0" encoding="iso-8859-1" ?>
<parameterDefinitions
xmlns="http://www.axis.com/ParameterDefinitionsSchema"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
xsi:schemaLocation="http://www.axis.com/ParameterDefinitionsSchema {url}/pub/parameterdefinitions.xsd"
version="1.0">
  <model>{model}</model>
  <firmwareVersion>{firmware}</firmwareVersion>
"""
_TAIL = "</parameterDefinitions>\n"


def bare(name: str) -> str:
    """A name without ``root.``."""
    return name.removeprefix("root.")


class Protected(Exception):
    """The whole update is answered 401 (AXIS OS 12)."""


class ParamCgi(Handler):
    """param.cgi."""

    path = "/axis-cgi/param.cgi"

    def level(self, request: Request) -> int:
        action = request.argument("action")
        # Reading is open to viewers; beyond an operator's level the parameter itself decides.
        needed = OPERATOR if action in ("update", "add", "remove") else VIEWER
        forced = request.argument("usergroup")
        return max(needed, ROLE_LEVELS.get(forced or "", ANONYMOUS))

    def is_write(self, request: Request) -> bool:
        return request.argument("action") in ("update", "add", "remove")

    def operation(self, request: Request) -> str:
        return request.argument("action") or request.method

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        request.state.reads += 1
        action = request.argument("action")
        if request.method not in ("GET", "POST") or action not in _ACTIONS:
            return text_answer("# Error: unknown action\n")
        return getattr(self, f"do_{action}")(request)

    # -- reading
    def do_list(self, request: Request) -> Answer:
        """``root.Group.Name=value`` lines."""
        state = request.state
        lines = []
        for asked, definitions, leaf in self._groups(request):
            if definitions is None:
                lines.append(f"# Error: Error -1 getting param in group '{asked}'")
                continue
            without = leaf and request.device.profile.bare_leaves and not asked.startswith("root.")
            prefix = "" if without else "root."
            lines += [f"{prefix}{definition.name}={state.value(definition)}" for definition in definitions]
        return text_answer("".join(line + "\n" for line in lines))

    def do_listdefinitions(self, request: Request) -> Answer:
        """The XML form, always with the current values."""
        if request.argument("listformat") != "xmlschema":
            return text_answer("# Error: unknown listformat\n")
        device, state = request.device, request.state
        facts = device.profile.facts
        parts = [_HEAD.format(url=device.url_of(request.scheme), model=facts["short_name"], firmware=device.axis_os)]
        open_groups: list[str] = []
        definitions = [d for _asked, found, _leaf in self._groups(request) for d in found or ()]
        if definitions:
            parts.append('  <group name="root">\n')
        for definition in definitions:
            groups = definition.name.split(".")[:-1]
            common = 0
            while common < min(len(groups), len(open_groups)) and groups[common] == open_groups[common]:
                common += 1
            for depth in range(len(open_groups), common, -1):
                parts.append("  " * (depth + 1) + "</group>\n")
            for depth in range(common, len(groups)):
                parts.append("  " * (depth + 2) + f'<group name="{groups[depth]}">\n')
            open_groups = groups
            now = definition
            if definition.name in device.profile.locked_by_dhcp:
                now = state.find(definition.name) or definition
            head, tail = now.xml()
            parts += (head, escape(state.value(definition)), tail)
        for depth in range(len(open_groups), 0, -1):
            parts.append("  " * (depth + 1) + "</group>\n")
        if definitions:
            parts.append("  </group>\n")
        parts.append(_TAIL)
        return text_answer("".join(parts), "text/xml")

    @staticmethod
    def _groups(request: Request) -> list[tuple[str, list[Definition] | None, bool]]:
        """What was asked for: name as written, the readable parameters (None: unknown), whether it is a leaf."""
        tree = request.state.tree
        group = request.argument("group")
        names = [name for name in group.split(",") if name] if group else ["root"]
        found: list[tuple[str, list[Definition] | None, bool]] = []
        for name in names:
            selected = tree.select("" if name == "root" else bare(name))
            if selected is None:
                found.append((name, None, False))
                continue
            definitions, leaf = selected
            readable = [d for d in definitions if d.read_level <= request.level]
            found.append((name, None if leaf and not readable else readable, leaf))
        return found

    # -- writing
    def do_update(self, request: Request) -> Answer:
        """Each bad value has its line; "OK" when there was none."""
        state, profile = request.state, request.device.profile
        wanted = [(bare(key), value) for key, value in request.form if key not in _KNOWN_ARGUMENTS and "." in key]
        if profile.readonly_is_401 and any(self._is_protected(request, name) for name, _value in wanted):
            raise Protected
        errors = [self._error(name, value) for name, value in wanted if not self._write(state, request, name, value)]
        return text_answer("".join(errors) or "OK\n")

    @staticmethod
    def _is_protected(request: Request, name: str) -> bool:
        definition = request.state.find(name)
        if definition is None:
            return False
        if request.device.profile.protected_name.fullmatch(name):
            return True
        return definition.readonly or definition.write_level > request.level

    @staticmethod
    def _write(state: State, request: Request, name: str, value: str) -> bool:
        definition = state.find(name)
        if definition is None or definition.readonly or definition.write_level > request.level:
            return False
        return definition.type.accepts(value) and state.put(definition, value)

    @staticmethod
    def _error(name: str, value: str) -> str:
        return f"# Error: Error setting 'root.{name}' to '{value}'!\n"

    def do_add(self, request: Request) -> Answer:
        """A new dynamic group with the lowest free number; answers ``S4 OK``."""
        state = request.state
        template = request.device.profile.templates.get(request.argument("template") or "")
        parent = bare(request.argument("group") or "")
        if template is None or parent != template.parent:
            return text_answer("# Request failed: Invalid template or group\n")
        letter = template.prefix[-1]
        groups = state.documents[request.argument("template")]["groups"]
        if len(groups) >= template.limit and request.argument("force") != "yes":
            return text_answer("# Request failed: Maximum number of groups reached\n")
        number = documents.free_number(groups)
        groups[number] = documents.new_group(request.device.profile, request.argument("template"))
        short = f"{parent}.{letter}."
        wanted = [(bare(key), value) for key, value in request.form if bare(key).startswith(short)]
        errors = []
        for key, value in wanted:
            name = f"{parent}.{letter}{number}.{key.removeprefix(short)}"
            if not self._write(state, request, name, value):
                errors.append(self._error(name, value))
        return text_answer("".join([*errors, f"{letter}{number} OK\n"]))

    def do_remove(self, request: Request) -> Answer:
        """Dynamic groups only; nothing is removed when one name is no dynamic group (assumed)."""
        state = request.state
        names = [bare(name) for name in (request.argument("group") or "").split(",") if name]
        found = []
        for name in names:
            place = documents.find_group(request.device.profile, f"{name}.x")
            if place is None or place[1] not in state.documents[place[0]]["groups"]:
                return text_answer(f"# Request failed: Error removing group '{name}'\n")
            found.append(place)
        if not names:
            return text_answer("# Request failed: No group\n")
        for template, number, _leaf in found:
            state.documents[template]["groups"].pop(number, None)
        return text_answer("OK\n")


HANDLER = ParamCgi()
