# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""CGIs that answer XML: arguments in a query or a form, errors mostly inside HTTP 200.

Sources: VAPIX "Edge storage API", "Zipstream", "Geolocation API", "Recording group". Newer ones want ``schemaversion``
in each call. An error is an element that holds ``ErrorCode`` (or ``Code``) and, often, a description; its name differs
from API to API: ``GeneralError``, ``SetError``, ``CreateError``.
"""

from __future__ import annotations

import dataclasses
import re
import traceback
import typing as t
from urllib.parse import urlencode
from xml.etree import ElementTree

from .errors import BadAnswer, DeviceRefused, missing_package
from .session import Answer, Session, missing_api, post_form, unexpected

try:
    from defusedxml import ElementTree as SafeElementTree
    from defusedxml.common import DefusedXmlException
except ImportError:
    DEFUSEDXML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    DEFUSEDXML_IMPORT_ERROR = None


@dataclasses.dataclass(frozen=True)
class XmlApi:
    """What is fixed about a family of XML CGIs.

    :param folder: path of the folder they are in, for example ``/axis-cgi/geolocation``.
    :param discovery_id: its id in the API list; empty where it has none. :param schema: the ``schemaversion`` that is
        sent, if any. :param codes: meaning of its error codes. :param form: arguments go as a form in a POST, so that
        they do not end up in logs; some CGIs take a GET only.
    """

    folder: str
    discovery_id: str = ""
    schema: str = ""
    codes: t.Mapping[int, str] = dataclasses.field(default_factory=dict)
    form: bool = True

    @property
    def name(self) -> str:
        """The API as results and errors name it."""
        return self.folder.rsplit("/", 1)[-1]


class Node:
    """An element of an answer, found by local names: namespaces differ from device to device."""

    def __init__(self, element: t.Any) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return str(self._element.tag).rpartition("}")[2]

    @property
    def text(self) -> str:
        """The text without blanks around it."""
        return (self._element.text or "").strip()

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes by local name."""
        return {str(name).rpartition("}")[2]: value for name, value in self._element.attrib.items()}

    @property
    def children(self) -> list[Node]:
        return [Node(child) for child in self._element if isinstance(child.tag, str)]

    def all(self, path: str) -> list[Node]:
        """Every element at a path below this one, for example ``Location/Lat``."""
        found = [self]
        for part in path.split("/") if path else ():
            found = [child for node in found for child in node.children if child.name == part]
        return found

    def anywhere(self) -> t.Iterator[Node]:
        """This element and all below it."""
        return (Node(element) for element in self._element.iter() if isinstance(element.tag, str))

    def value(self, path: str) -> str | None:
        """The text at a path, or with ``@name`` at its end an attribute; None where it is not there."""
        place, _mark, attribute = path.partition("@")
        found = next(iter(self.all(place.strip("/"))), None)
        if found is None:
            return None
        return found.attributes.get(attribute) if attribute else found.text


def call(
    session: Session, api: XmlApi, cgi: str, arguments: t.Mapping[str, str] | None = None, *, safe: bool = False
) -> Node:
    """Call a CGI and return the root of its answer.

    :param cgi: its file, for example ``get.cgi``. :param safe: the call only reads.
    :raises ApiMissing: the device has no such CGI. :raises DeviceRefused: the answer holds an error.
    :raises BadAnswer: the answer is no XML.
    """
    if DEFUSEDXML_IMPORT_ERROR:
        raise missing_package("defusedxml")
    where = {"device": str(session.address), "api": api.name, "method": cgi}
    path = f"{api.folder}/{cgi}"
    sent = ({"schemaversion": api.schema} if api.schema else {}) | dict(arguments or {})
    if api.form:
        answer = post_form(session, path, sent, safe=safe)
    else:
        answer = session.request("GET", f"{path}?{urlencode(sent)}" if sent else path, safe=safe)
    if answer.status == 404:
        raise missing_api(answer, **where)
    root = _parsed(answer, where)
    for node in root.anywhere():
        if node.name.endswith("Error"):
            _refuse(api, node, answer, where)
    if answer.status >= 300:
        raise unexpected(answer, "the request failed", **where)
    return root


def _parsed(answer: Answer, where: t.Mapping[str, str]) -> Node:
    """The root element. The declared encoding can be wrong; the text was decoded already."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", answer.text)
    try:
        return Node(SafeElementTree.fromstring(text))
    except (ElementTree.ParseError, DefusedXmlException, RecursionError, ValueError) as exc:
        raise unexpected(answer, f"the answer is no XML ({type(exc).__name__})", **where) from exc


def _refuse(api: XmlApi, error: Node, answer: Answer, where: t.Mapping[str, str]) -> None:
    """Raise what an error element says; one that only wraps others says nothing."""
    told = {node.name: node.text for node in error.children}
    told |= error.attributes
    code = next((told[name] for name in ("ErrorCode", "Code", "errorCode", "code") if name in told), None)
    if code is None:
        if not error.children:
            raise BadAnswer("the answer is an error without a code", http_status=answer.status).located(**where)
        return
    number = int(code) if re.fullmatch(r"[0-9]{1,9}", code) else None
    text = next((told[name] for name in ("ErrorDescription", "Description", "description") if name in told), "")
    meaning = text or (api.codes.get(number, "") if number is not None else "") or "no message"
    problem = f"the device refuses with code {number} ({meaning})"
    raise DeviceRefused(problem, http_status=answer.status, code=number).located(**where)
