# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The action service: templates, and parameters as it lists them.

Source: VAPIX "Event and action services". A template names the parameters of a kind of action or recipient; a
configuration has to give all of them, those without use as an empty text. The answers are in the form that clients of
others read.
"""

from __future__ import annotations

import typing as t

from . import soap
from .session import Session


class Template(t.NamedTuple):
    """A kind of action or recipient.

    :param parameters: their names. :param recipient: the template whose parameters are needed as well; or empty.
    """

    parameters: tuple[str, ...]
    recipient: str


def templates(session: Session, kind: str) -> dict[str, Template]:
    """The templates of a device by token. :param kind: ``Action`` or ``Recipient``.

    :raises VapixError: as :func:`.soap.call`.
    """
    answer = soap.call(session, f"aact:Get{kind}Templates", safe=True)
    found = {}
    for element in answer.all(f"aact:{kind}Templates/aact:{kind}Template"):
        names = (one.attribute("Name") for one in element.all("aact:Parameters/aact:Parameter"))
        recipient = element.text("aact:RecipientTemplate") or ""
        found[element.text("aact:TemplateToken") or ""] = Template(tuple(filter(None, names)), recipient)
    return found


def parameters(element: soap.Element) -> dict[str, str]:
    """The parameters of a configuration by name."""
    listed = element.all("aact:Parameters/aact:Parameter")
    return {one.attribute("Name") or "": one.attribute("Value") or "" for one in listed}


def content(values: t.Mapping[str, str]) -> list[tuple[t.Any, ...]]:
    """The parameters of a new configuration, as :data:`.soap.Content`."""
    return [("aact:Parameter", None, {"Name": name, "Value": value}) for name, value in values.items()]
