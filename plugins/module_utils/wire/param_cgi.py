# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""param.cgi: the device's parameters by name.

Source: VAPIX "Parameter management", and what real devices do beside it: failures are ``# Error`` lines inside
HTTP 200; a requested leaf comes back without ``root.`` while a group has it; text may be Latin-1; long GETs are
refused, so everything goes as a POST form. Names are used without ``root.`` everywhere above this file.
"""

from __future__ import annotations

import dataclasses
import re
import traceback
import typing as t
from urllib.parse import quote_plus

from .errors import BadAnswer, DeviceRefused, VapixError, missing_package
from .session import Answer, Session, missing_api, post_form, unexpected

try:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException
except ImportError:
    DEFUSEDXML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    DEFUSEDXML_IMPORT_ERROR = None

PATH = "/axis-cgi/param.cgi"
#: Bytes of name=value pairs in one update. Far above what a play sets, far below what old web servers take.
CHUNK = 8000

_ERROR = re.compile(r"^#\s*(?:Error|Request failed):\s*(?P<text>.*)$")
_ERROR_READING = re.compile(r"getting param in group '(?P<name>[^']*)'")
_ERROR_SETTING = re.compile(r"Error setting '(?P<name>[^']*)'")
_LINE = re.compile(r"^(?:root\.)?(?P<name>[A-Za-z][\w-]*(?:\.[\w-]+)*)=(?P<value>.*)$", re.DOTALL)
_XMLNS = "{http://www.axis.com/ParameterDefinitionsSchema}"


def bare(name: str) -> str:
    """A parameter or group name without the leading ``root.``."""
    return name.removeprefix("root.")


@dataclasses.dataclass(frozen=True)
class Definition:
    """What a device says of one parameter.

    :param kind: ``string``, ``int``, ``bool``, ``enum``, ``password``, ``ip``, ``hostname`` or another of the
        device.
    :param value: the value now, as the device spells it.
    :param choices: of an enum, the values; of a bool, the spelling of true and of false.
    :param ranges: of an int, the ranges allowed, ends included; None for no limit. Empty where all are.
    :param flags: ``readonly``, ``const``, ``hidden``, ``internal``, ``writeonly``, ``nosync``, ``dynamic``.
    :param security_level: four digits: who may create, delete, read and write (6 administrator, 7 nobody outside).
    """

    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    ranges: tuple[tuple[int | None, int | None], ...] = ()
    max_length: int | None = None
    flags: frozenset[str] = frozenset()
    security_level: str = ""

    @property
    def writable(self) -> bool:
        return not self.flags & {"readonly", "const"} and self.security_level[3:4] != "7"

    @property
    def write_only(self) -> bool:
        return "writeonly" in self.flags or self.kind == "password"


def parse_list(text: str) -> tuple[dict[str, str], list[str]]:
    """Parse the answer of ``action=list`` into values by bare name and the names of unknown groups.

    Trailing blanks (AXIS OS 5) are cut. A line that starts neither a parameter nor an error continues the value before.
    """
    values: dict[str, str] = {}
    unknown: list[str] = []
    last = None
    for line in text.replace("\r\n", "\n").split("\n"):
        error = _ERROR.match(line)
        pair = _LINE.match(line)
        if error:
            name = _ERROR_READING.search(error["text"])
            unknown.append(bare(name["name"]) if name else error["text"])
            last = None
        elif pair:
            last = pair["name"]
            values[last] = pair["value"].rstrip()
        elif last is not None and line:
            values[last] = f"{values[last]}\n{line}"
    return values, unknown


def parse_definitions(text: str) -> dict[str, Definition]:
    """Parse the XML of ``action=listdefinitions`` into definitions by bare name.

    A group can appear several times in one document; an outer group ``root`` is there on newer devices only.

    :raises BadAnswer: it is not such a document.
    """
    if DEFUSEDXML_IMPORT_ERROR:
        raise missing_package("defusedxml")
    try:
        # The declared encoding is wrong where text is UTF-8 already; we have decoded it.
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as exc:
        raise BadAnswer(f"the parameter definitions are not well-formed XML ({exc})") from exc
    found: dict[str, Definition] = {}

    def walk(node: t.Any, path: tuple[str, ...]) -> None:
        for child in node:
            tag, name = child.tag.removeprefix(_XMLNS), child.get("name", "")
            if tag == "group":
                walk(child, path if not path and name == "root" else (*path, name))
            elif tag == "parameter":
                definition = _definition(".".join((*path, name)), child)
                found[definition.name] = definition

    walk(root, ())
    return found


def _definition(name: str, node: t.Any) -> Definition:
    kind = "string"
    choices: tuple[str, ...] = ()
    ranges: tuple[tuple[int | None, int | None], ...] = ()
    max_length: int | None = None
    flags: set[str] = set()
    type_node = next((child for child in node if child.tag.removeprefix(_XMLNS) == "type"), None)
    if type_node is not None:
        flags = {flag for flag, value in type_node.attrib.items() if value == "true"}
        for detail in type_node:
            kind = detail.tag.removeprefix(_XMLNS)
            max_length = _number(detail.get("maxlen"))
            if kind == "bool":
                choices = (detail.get("true", "yes"), detail.get("false", "no"))
            elif kind == "enum":
                choices = tuple(entry.get("value", "") for entry in detail)
            elif kind == "int":
                ranges = _ranges(detail)
    return Definition(
        name=name,
        kind=kind,
        value=(node.get("value") or "").rstrip(),
        choices=choices,
        ranges=ranges,
        max_length=max_length,
        flags=frozenset(flags),
        security_level=node.get("securityLevel", ""),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"-?[0-9]+", text) else None


def _ranges(node: t.Any) -> tuple[tuple[int | None, int | None], ...]:
    """The ranges of an int: attributes min and max, or entries such as ``0`` and ``1024-65534``."""
    entries = [re.fullmatch(r"(-?[0-9]+)(?:-(-?[0-9]+))?", entry.get("value", "")) for entry in node]
    if entries and all(entries):
        return tuple((int(entry[1]), int(entry[2] or entry[1])) for entry in entries if entry)
    low, high = _number(node.get("min")), _number(node.get("max"))
    return () if low is None and high is None else ((low, high),)


class ParamCgi:
    """param.cgi of one device."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, *groups: str) -> dict[str, str]:
        """Values by bare name of the given groups and parameters; those the device does not know are left out.

        :raises BadAnswer: the answer is not that of param.cgi.
        """
        values, unknown = parse_list(self._list(groups))
        if not values and not unknown and len(groups) > 1:
            # AXIS OS 5.20 answers nothing at all to several names at once.
            for group in groups:
                values.update(parse_list(self._list((group,)))[0])
        return values

    def _list(self, groups: t.Sequence[str]) -> str:
        answer = self._post("list", [("group", ",".join(groups))] if groups else [], safe=True)
        if answer.is_html or not (answer.body.strip() == b"" or _looks_like_parameters(answer.text)):
            raise unexpected(answer, "the answer is no list of parameters", **self._where("list"))
        return answer.text

    def definitions(self, *groups: str) -> dict[str, Definition]:
        """Definitions, with values, by bare name; groups the device does not know are left out."""
        arguments = [("listformat", "xmlschema")]
        if groups:
            arguments.append(("group", ",".join(groups)))
        answer = self._post("listdefinitions", arguments, safe=True)
        text = answer.text
        if len(groups) > 1 and (not text.strip() or _ERROR.match(text.lstrip())):
            # AXIS OS 5.20 answers nothing at all to several names at once; one unknown name may spoil the others.
            return {name: one for group in groups for name, one in self.definitions(group).items()}
        if "<parameterDefinitions" in text:
            try:
                found = parse_definitions(text[text.index("<parameterDefinitions") :])
            except BadAnswer as exc:
                exc.located(**self._where("listdefinitions"))
                raise
            # A list of groups is not documented here: ask alone for each that was left out.
            for group in groups if len(groups) > 1 else ():
                if not any(name.startswith(f"{bare(group)}.") for name in found):
                    found.update(self.definitions(group))
            return found
        if not _ERROR.match(text.lstrip()):
            raise unexpected(answer, "the answer is no list of definitions", **self._where("listdefinitions"))
        return {}

    def update(self, values: t.Mapping[str, str]) -> None:
        """Set parameters, in as few requests as their size allows.

        :raises DeviceRefused: the device refused some; the error names them. Others may have been set.
        """
        chunk: list[tuple[str, str]] = []
        size = 0
        for name, value in values.items():
            length = len(name) + len(quote_plus(value)) + len("&root.=")
            if chunk and size + length > CHUNK:
                self._expect_ok("update", chunk)
                chunk, size = [], 0
            chunk.append((f"root.{name}", value))
            size += length
        if chunk:
            self._expect_ok("update", chunk)

    def add(self, template: str, parent: str, values: t.Mapping[str, str]) -> str | None:
        """Create an entry of a dynamic group and return its name, for example ``StreamProfile.S4``.

        Some devices do not tell the name; then it is None.

        :param values: by name inside the entry, for example ``Name``.
        :raises DeviceRefused: nothing was created. (An entry that was created with some values refused is removed.)
        """
        prefix = f"{parent}.{parent.rsplit('.', 1)[-1][0].upper()}"
        arguments = [("template", template), ("group", parent)]
        arguments += [(f"{prefix}.{name}", value) for name, value in values.items()]
        answer = self._post("add", arguments)
        created = re.search(r"^(?:(?P<entry>\w+) )?OK\s*$", answer.text, re.MULTILINE)
        entry = f"{parent}.{created['entry']}" if created and created["entry"] else None
        errors = _errors(answer.text)
        if created and not errors:
            return entry
        refused = self._refused("add", answer, errors)
        if entry:
            try:
                self.remove(entry)
            except VapixError:
                refused.remedy = f"Remove {entry}, which was made all the same and could not be removed again"
        raise refused

    def remove(self, *entries: str) -> None:
        """Remove entries of dynamic groups.

        :raises DeviceRefused: the device refused.
        """
        self._expect_ok("remove", [("group", ",".join(entries))])

    def _expect_ok(self, action: str, arguments: t.Sequence[tuple[str, str]]) -> None:
        answer = self._post(action, arguments)
        if answer.status >= 300 or answer.text.strip() != "OK":
            raise self._refused(action, answer, _errors(answer.text))

    def _post(self, action: str, arguments: t.Sequence[tuple[str, str]], safe: bool = False) -> Answer:
        answer = post_form(self._session, PATH, [("action", action), *arguments], safe=safe)
        if answer.status == 404:
            raise missing_api(answer, **self._where(action))
        if answer.status >= 300 and (safe or not _errors(answer.text)):
            raise unexpected(answer, "the request failed", **self._where(action))
        return answer

    def _refused(self, action: str, answer: Answer, errors: t.Sequence[str]) -> DeviceRefused | BadAnswer:
        if not errors:
            return unexpected(answer, "the answer is neither success nor error", **self._where(action))
        named = [match["name"] for match in map(_ERROR_SETTING.search, errors) if match]
        text = "the device refuses " + (", ".join(map(bare, named)) if named else f"({'; '.join(errors)})")
        return DeviceRefused(
            text,
            remedy="Check value and state: some parameters are refused while another setting is in force",
            http_status=answer.status,
            **self._where(action),
        )

    def _where(self, action: str) -> dict[str, t.Any]:
        return {"device": str(self._session.address), "api": "param.cgi", "method": action}


def _errors(text: str) -> list[str]:
    return [match["text"] for match in map(_ERROR.match, text.splitlines()) if match]


def _looks_like_parameters(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0].rstrip("\r")
    return bool(_ERROR.match(first) or _LINE.match(first))
