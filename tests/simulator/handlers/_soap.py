# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope, requests and faults of ``/vapix/services``.

Recorded on 12.11: the envelope with all its namespaces, the faults of an operation that does not exist and of an 802.1X
call. Seen by others: an element in no or the wrong namespace is ``ter:TagMismatch``; HTTP 400 and 500. The names and
codes of the other faults are those of the ONVIF Core Specification for ``tds:`` and of the vendor's WSDL for
``acertificates:``. Assumed: how the latter look on the wire, which status goes with which, and that a member nobody
knows is a mismatch, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from exchange import Answer, Request

# Prefixes as recorded, in that order.
NAMESPACES = dict(
    line.split()
    for line in """\
SOAP-ENV http://www.w3.org/2003/05/soap-envelope
SOAP-ENC http://www.w3.org/2003/05/soap-encoding
xsi http://www.w3.org/2001/XMLSchema-instance
xsd http://www.w3.org/2001/XMLSchema
c14n http://www.w3.org/2001/10/xml-exc-c14n#
wsu http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd
ds http://www.w3.org/2000/09/xmldsig#
wsse http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd
wsa5 http://www.w3.org/2005/08/addressing
xmime http://tempuri.org/xmime.xsd
xop http://www.w3.org/2004/08/xop/include
ns1 http://www.onvif.org/ver20/analytics/humanface
ns2 http://www.onvif.org/ver20/analytics/humanbody
wsrfbf http://docs.oasis-open.org/wsrf/bf-2
wstop http://docs.oasis-open.org/wsn/t-1
tt http://www.onvif.org/ver10/schema
acert http://www.axis.com/vapix/ws/cert
wsrfr http://docs.oasis-open.org/wsrf/r-2
aa http://www.axis.com/vapix/ws/action1
acertificates http://www.axis.com/vapix/ws/certificates
aentry http://www.axis.com/vapix/ws/entry
aev http://www.axis.com/vapix/ws/event1
aeva http://www.axis.com/vapix/ws/embeddedvideoanalytics1
apc http://www.axis.com/vapix/ws/panopsiscalibration1
arth http://www.axis.com/vapix/ws/recordedtour1
asd http://www.axis.com/vapix/ws/shockdetection
aweb http://www.axis.com/vapix/ws/webserver
tan1 http://www.onvif.org/ver20/analytics/wsdl/RuleEngineBinding
tan2 http://www.onvif.org/ver20/analytics/wsdl/AnalyticsEngineBinding
tan http://www.onvif.org/ver20/analytics/wsdl
tds http://www.onvif.org/ver10/device/wsdl
tev1 http://www.onvif.org/ver10/events/wsdl/NotificationProducerBinding
tev2 http://www.onvif.org/ver10/events/wsdl/EventBinding
tev3 http://www.onvif.org/ver10/events/wsdl/SubscriptionManagerBinding
tev http://www.onvif.org/ver10/events/wsdl
tev4 http://www.onvif.org/ver10/events/wsdl/PullPointSubscriptionBinding
tev5 http://www.onvif.org/ver10/events/wsdl/NotificationConsumerBinding
tev6 http://www.onvif.org/ver10/events/wsdl/PullPointBinding
tev7 http://www.onvif.org/ver10/events/wsdl/CreatePullPointBinding
tev8 http://www.onvif.org/ver10/events/wsdl/PausableSubscriptionManagerBinding
wsnt http://docs.oasis-open.org/wsn/b-2
timg http://www.onvif.org/ver20/imaging/wsdl
tmd http://www.onvif.org/ver10/deviceIO/wsdl
tptz http://www.onvif.org/ver20/ptz/wsdl
tr2 http://www.onvif.org/ver20/media/wsdl
trc http://www.onvif.org/ver10/recording/wsdl
trp http://www.onvif.org/ver10/replay/wsdl
trt http://www.onvif.org/ver10/media/wsdl
tse http://www.onvif.org/ver10/search/wsdl
ter http://www.onvif.org/ver10/error
tns1 http://www.onvif.org/ver10/topics
tnsaxis http://www.axis.com/2009/event/topics
""".splitlines()
)
_ATTRIBUTES = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMESPACES.items())
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope {_ATTRIBUTES}><SOAP-ENV:Body>'
_TAIL = "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
_CONTENT_TYPE = "application/soap+xml; charset=utf-8"
SENDER, RECEIVER = "Sender", "Receiver"
_STATUS = {SENDER: 400, RECEIVER: 500}


@dataclass
class Fault(Exception):
    """A fault: whose fault it is, the codes below that, the reason (may be empty), and what the detail says."""

    side: str
    subcodes: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""

    def answer(self) -> Answer:
        """The fault as it goes out."""
        subcode = ""
        for code in reversed(self.subcodes):
            subcode = wrap("SOAP-ENV:Subcode", element("SOAP-ENV:Value", code) + subcode)
        text = f'<SOAP-ENV:Text xml:lang="en">{escape(self.reason)}</SOAP-ENV:Text>'
        parts = [
            wrap("SOAP-ENV:Code", element("SOAP-ENV:Value", f"SOAP-ENV:{self.side}") + subcode),
            wrap("SOAP-ENV:Reason", text if self.reason else '<SOAP-ENV:Text xml:lang="en"/>'),
            wrap("SOAP-ENV:Detail", self.detail) if self.detail else "",
        ]
        return envelope(wrap("SOAP-ENV:Fault", "".join(parts)), _STATUS[self.side])


def not_supported() -> Fault:
    """No such operation (recorded)."""
    text = element("SOAP-ENV:Text", "The requested action is optional and is not implemented")
    return Fault(RECEIVER, ("ter:ActionNotSupported",), "Optional action not implemented", text)


def mismatch() -> Fault:
    """An element is missing, unknown, or in another namespace."""
    return Fault(SENDER, ("ter:TagMismatch",), "Tag mismatch")


def invalid(reason: str, *codes: str) -> Fault:
    """An argument is no good."""
    return Fault(SENDER, ("ter:InvalidArgVal", *codes), reason)


def envelope(content: str, status: int = 200) -> Answer:
    """A whole answer."""
    return Answer(f"{_HEAD}{content}{_TAIL}".encode(), _CONTENT_TYPE, status)


def wrap(name: str, content: str) -> str:
    """An element with elements in it."""
    return f"<{name}>{content}</{name}>"


def element(name: str, text: str) -> str:
    """An element with a text in it."""
    return wrap(name, escape(text))


def qualified(name: str) -> str:
    """``tds:GetCertificates`` in the form the parser gives it."""
    prefix, _mark, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def local(node: Element) -> str:
    """The name without its namespace."""
    return node.tag.rpartition("}")[2]


class Members:
    """What is in an element of a request. Names are qualified; whatever nobody asks for is a mismatch."""

    def __init__(self, node: Element, *names: str) -> None:
        known = {qualified(name): name for name in names}
        self._found: dict[str, list[Element]] = {name: [] for name in names}
        for child in node:
            if child.tag not in known:
                raise mismatch()
            self._found[known[child.tag]].append(child)

    def all(self, name: str) -> list[Element]:
        """The elements of a name."""
        return self._found[name]

    def texts(self, name: str) -> tuple[str, ...]:
        """Their texts."""
        return tuple((node.text or "").strip() for node in self._found[name])

    def one(self, name: str) -> Element:
        """The one element of a name."""
        if len(self._found[name]) != 1:
            raise mismatch()
        return self._found[name][0]

    def text(self, name: str) -> str:
        """The text of the one element of a name."""
        return (self.one(name).text or "").strip()


# What an operation does: it answers the content of the response element.
Operation = Callable[[Request, Element], str]


@dataclass(frozen=True)
class SoapApi:
    """Operations by their qualified name, and the generations that have them."""

    operations: Mapping[str, Operation]
    generations: tuple[str, ...] = ("axis-os-9", "axis-os-10", "axis-os-11", "axis-os-12")
    by_tag: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_tag", {qualified(name): name for name in self.operations})


# What the handler files declare; filled when they are loaded.
APIS: list[SoapApi] = []


def find_operation(request: Request, called: Element) -> tuple[str, Operation] | None:
    """Name and operation of an element, where the device has it."""
    generation = request.device.profile.generation
    for api in APIS:
        name = api.by_tag.get(called.tag)
        if name is not None and generation in api.generations:
            return name, api.operations[name]
    return None


def collection(
    item: str,
    key: str,
    document: str,
    read: Callable[[Request, Element], dict[str, Any]],
    show: Callable[[Request, dict[str, Any]], str],
    absent: Callable[[str], Fault],
) -> dict[str, Operation]:
    """``AddThing``, ``GetThings`` and ``RemoveThing`` over a document ``{"items": {number: thing}, "last": number}``.

    ``item`` is the qualified name of the thing, ``key`` that of its number, which the device counts up and never gives
    twice (recorded); they are listed in no order (recorded), here the newest first. ``read`` checks the element of a
    new thing, ``show`` writes what is in it.
    """
    prefix, _mark, name = item.partition(":")

    def add(request: Request, node: Element) -> str:
        held = request.state.documents[document]
        new = read(request, Members(node, f"{prefix}:New{name}").one(f"{prefix}:New{name}"))
        number = new.pop("id", "")
        if not number:
            held["last"] += 1
            number = str(held["last"])
        held["items"][number] = new
        return element(key, number)

    def get(request: Request, node: Element) -> str:
        Members(node)
        held = request.state.documents[document]["items"]
        return wrap(
            f"{item}s", "".join(wrap(item, element(key, one) + show(request, held[one])) for one in [*held][::-1])
        )

    def remove(request: Request, node: Element) -> str:
        held, number = request.state.documents[document]["items"], Members(node, key).text(key)
        if number not in held:
            raise absent(number)
        del held[number]
        return ""

    return {f"{prefix}:Add{name}": add, f"{prefix}:Get{name}s": get, f"{prefix}:Remove{name}": remove}
