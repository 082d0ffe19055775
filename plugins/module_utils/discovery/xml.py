# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""XML that strangers send: parsed without entities, external references and document types."""

from __future__ import annotations

import traceback
import typing as t
import xml.etree.ElementTree  # for the type of its error only

from .multicast import Malformed

try:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException
except ImportError:
    DEFUSEDXML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    DEFUSEDXML_IMPORT_ERROR = None


def parse(data: bytes) -> t.Any:
    """The root element of a document.

    :raises Malformed: it is no XML, or has what these documents never have.
    """
    try:
        return ElementTree.fromstring(data, forbid_dtd=True)
    except (xml.etree.ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise Malformed(f"no proper XML: {type(exc).__name__}") from exc


def texts(root: t.Any, name: str) -> list[str]:
    """The texts of all elements of that name, in whatever namespace."""
    found = (node for node in root.iter() if isinstance(node.tag, str) and node.tag.rpartition("}")[2] == name)
    return [node.text or "" for node in found]
