# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The SOAP services of a device, all at one address: certificates, the web server's TLS, ONVIF device management.

Sources: VAPIX "Certificate management API", SOAP 1.2, recordings of AXIS OS 12.11. The login is that of HTTP. Failures
are SOAP faults, mostly with HTTP 400 or 500; their reason can be empty.
"""

from __future__ import annotations

import traceback
import typing as t
from xml.etree import ElementTree

from .errors import ApiMissing, DeviceRefused, VapixError, missing_package
from .session import Session, missing_api, unexpected

try:
    from defusedxml import ElementTree as SafeElementTree
    from defusedxml.common import DefusedXmlException
except ImportError:
    DEFUSEDXML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    DEFUSEDXML_IMPORT_ERROR = None

PATH = "/vapix/services"

#: Namespaces by the prefix under which the vendor's pages and devices show them.
NAMESPACES = {
    "env": "http://www.w3.org/2003/05/soap-envelope",
    "acert": "http://www.axis.com/vapix/ws/cert",
    "acertificates": "http://www.axis.com/vapix/ws/certificates",
    "aact": "http://www.axis.com/vapix/ws/action1",
    "aev": "http://www.axis.com/vapix/ws/event1",
    "aweb": "http://www.axis.com/vapix/ws/webserver",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "tns1": "http://www.onvif.org/ver10/topics",
    "tnsaxis": "http://www.axis.com/2009/event/topics",
}

#: Services that want the operation in the header as well ("Event and action services").
_NAMED_BY_HEADER = ("aact", "aev")
#: Prefixes that the texts of these services use, in names of topics.
_IN_TEXTS = ("tns1", "tnsaxis")

#: What is in an element that is sent: a text, other elements (name with prefix, content, and attributes where it has
#: some), or nothing.
Content: t.TypeAlias = "str | t.Sequence[tuple[t.Any, ...]] | None"


class Fault(DeviceRefused):
    """A SOAP fault.

    :param subcode: its innermost code without the prefix, as ``ActionNotSupported``; else the name in its detail.
    """

    def __init__(self, problem: str, *, subcode: str, **where: t.Any) -> None:
        super().__init__(problem, **where)
        self.subcode = subcode


def lacks(error: VapixError) -> bool:
    """Whether an error of a call says that the device does not have the operation, or no SOAP at all."""
    return isinstance(error, ApiMissing) or (isinstance(error, Fault) and error.subcode == "ActionNotSupported")


class Element:
    """An element of an answer, found by names with the prefixes of :data:`NAMESPACES`."""

    def __init__(self, node: t.Any) -> None:
        self._node = node

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return str(self._node.tag).rpartition("}")[2]

    @property
    def children(self) -> list[Element]:
        return [Element(node) for node in self._node if isinstance(node.tag, str)]

    def all(self, path: str) -> list[Element]:
        """Every element at a path below this one, as ``aweb:Ciphers/acert:Cipher``."""
        return [Element(node) for node in self._node.findall(path, NAMESPACES)]

    def find(self, path: str) -> Element | None:
        """The first element at a path."""
        return next(iter(self.all(path)), None)

    def text(self, path: str = ".") -> str | None:
        """The text of the first element at a path, without blanks around it; None where there is no such element."""
        found = self.find(path) if path != "." else self
        return None if found is None else (found._node.text or "").strip()

    def attribute(self, name: str) -> str | None:
        """An attribute, with the prefix of its namespace if it has one; None where it is not there."""
        value = self._node.get(_qualified(name) if ":" in name else name)
        return None if value is None else str(value)

    def texts(self, path: str) -> list[str]:
        """The texts of all elements at a path."""
        return [element.text() or "" for element in self.all(path)]


def call(session: Session, operation: str, content: Content = None, *, safe: bool = False) -> Element:
    """Call an operation and return its response element.

    :param operation: with its prefix, as ``tds:GetCertificates``.
    :param content: what is in its element. :param safe: the operation only reads.
    :raises ApiMissing: the device has no SOAP services.
    :raises Fault: the device refuses, or does not have the operation.
    :raises BadAnswer: the answer is no SOAP envelope with this response.
    """
    if DEFUSEDXML_IMPORT_ERROR:
        raise missing_package("defusedxml")
    where = {"device": str(session.address), "api": PATH, "method": operation}
    body = _envelope(operation, content)
    prefix, _mark, name = operation.partition(":")
    action = f'action="{NAMESPACES[prefix]}/{name}"; ' if prefix in _NAMED_BY_HEADER else ""
    content_type = f"application/soap+xml; {action}charset=utf-8"
    answer = session.request("POST", PATH, body=body, content_type=content_type, safe=safe)
    if answer.status == 404:
        raise missing_api(answer, **where)
    try:
        root = Element(SafeElementTree.fromstring(answer.body))
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise unexpected(answer, f"the answer is no XML ({type(exc).__name__})", **where) from exc
    fault = root.find("env:Body/env:Fault")
    if fault is not None:
        raise _fault(fault, answer.status, where)
    response = root.find(f"env:Body/{operation}Response")
    if response is None or answer.status >= 300:
        raise unexpected(answer, f"the answer holds no {operation}Response", **where)
    return response


def _envelope(operation: str, content: Content) -> bytes:
    root = ElementTree.Element(_qualified("env:Envelope"))
    if operation.partition(":")[0] in _NAMED_BY_HEADER:
        for prefix in _IN_TEXTS:
            root.set(f"xmlns:{prefix}", NAMESPACES[prefix])
    _append(ElementTree.SubElement(root, _qualified("env:Body")), operation, content)
    return t.cast(bytes, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _append(
    parent: ElementTree.Element, name: str, content: Content, attributes: t.Mapping[str, str] | None = None
) -> None:
    element = ElementTree.SubElement(parent, _qualified(name), dict(attributes or {}))
    if isinstance(content, str):
        element.text = content
    else:
        for child in content or ():
            _append(element, *child)


def _qualified(name: str) -> str:
    prefix, _mark, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _fault(fault: Element, status: int, where: t.Mapping[str, str]) -> Fault:
    codes = [(code.text() or "").rpartition(":")[2] for code in fault.all(".//env:Value")]
    reason = fault.text("env:Reason/env:Text") or ""
    detail = fault.find("env:Detail")
    # The event and action services say in the detail what they have no subcode for, as InvalidTopicExpressionFault.
    named = [child.name for child in (detail.children if detail else ()) if child.name.endswith("Fault")]
    if named and len(codes) < 2:
        codes = [*codes, named[0].removesuffix("Fault")]
    told = ": ".join(filter(None, (codes[-1] if codes else "", reason))) or "no reason is given"
    return Fault(
        f"the device refuses ({told})", subcode=codes[-1] if len(codes) > 1 else "", http_status=status, **where
    )
