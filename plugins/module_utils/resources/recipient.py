# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Recipients: servers that a device sends images, video clips and notifications to.

Source: VAPIX "Event and action services". They are an address book: an action has a copy of what it needs. There is no
call that changes a recipient: a new one is made, and then the old one is removed.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ..device.device import Device
from ..model.compare import nest
from ..model.field import INT_TEXT, IS_SET, TEXT, Choice, Field, Kind, Words
from ..model.forms.base import Items
from ..model.forms.soap import SoapCollection
from ..model.option import Document, Option
from ..model.shapes.collection import CollectionResource
from ..wire import action_service, soap
from ..wire.action_service import Template

PREFIX = "com.axis.recipient."
#: The settings of each type; without those that the page calls not supported.
WEB = ("upload_url", "login", "password", "proxy_host", "proxy_port", "proxy_login", "proxy_password", "qos")
TYPES = {
    "ftp": ("host", "upload_path", "port", "login", "password", "passive", "temporary", "qos"),
    "sftp": (
        "host", "upload_path", "port", "login", "password", "ssh_host_pub_key_md5", "ssh_host_pub_key_sha256", "qos"
    ),
    "http": WEB,
    "https": (*WEB, "validate_server_cert"),
    "networkshare": ("upload_path", "share_id", "qos"),
    "smtp": (
        "email_to", "email_from", "host", "port", "login", "password", "pop_host", "pop_port", "pop_login",
        "pop_password", "qos", "encryption", "validate_server_cert",
    ),
    "tcp": ("host", "port", "qos"),
}  # fmt: skip
REQUIRED = {"ftp": "host", "sftp": "host", "http": "upload_url", "https": "upload_url", "tcp": "host"}
KEYS = ("ssh_host_pub_key_md5", "ssh_host_pub_key_sha256")
#: What a type needs that is no choice: SFTP takes a password and no key.
FIXED = {"ssh_auth_type": "2"}

PORT = Option("int", range=(1, 65535), doc="Port. Left out, the device takes the usual one.")
ITEM = {
    "name": Option(required=True, pattern=r"\S|\S.*\S", like="a text without blanks around it", doc="Name."),
    "type": Option(choices=tuple(TYPES), doc="What it is. Needed for a new recipient."),
    "host": Option(format="host", doc="Host name or IP address of the server. For FTP, SFTP, SMTP and TCP."),
    "port": dataclasses.replace(PORT, doc="Port. Left out, a device takes the usual one, 21 for FTP and 22 for SFTP."),
    "upload_path": Option(null="", doc="Directory on the server, which must exist. For FTP, SFTP and network shares."),
    "upload_url": Option(doc="URL of what takes the upload. For HTTP and HTTPS."),
    "login": Option(null="", doc="User name on the server."),
    "password": Option(secret=True, write_only=True, doc="Password on the server."),
    "passive": Option("bool", doc="Whether the device opens the connection for the data as well. For FTP."),
    "temporary": Option(
        "bool", doc="Whether files get their name only when they are complete. For FTP, AXIS OS 5.70 and later."
    ),
    "ssh_host_pub_key_md5": Option(
        null="",
        pattern="[0-9A-Fa-f]{32}|",
        like="32 hexadecimal digits",
        doc="MD5 of the server's public key. SFTP needs this one or O(recipients[].ssh_host_pub_key_sha256).",
    ),
    "ssh_host_pub_key_sha256": Option(null="", doc="SHA256 of the server's public key. For SFTP."),
    "proxy_host": Option(null="", doc="Host name or IP address of a proxy. For HTTP and HTTPS."),
    "proxy_port": dataclasses.replace(PORT, doc="Port of the proxy."),
    "proxy_login": Option(null="", doc="User name at the proxy."),
    "proxy_password": Option(secret=True, write_only=True, doc="Password at the proxy."),
    "share_id": Option(doc="ID of the network share, as the device names it."),
    "email_to": Option(doc="Address that messages go to. For SMTP."),
    "email_from": Option(null="", doc="Address that messages come from. For SMTP."),
    "pop_host": Option(null="", doc="Host name or IP address of a POP server to log in to first. For SMTP."),
    "pop_port": dataclasses.replace(PORT, doc="Port of the POP server."),
    "pop_login": Option(null="", doc="User name at the POP server."),
    "pop_password": Option(secret=True, write_only=True, doc="Password at the POP server."),
    "encryption": Option(choices=("none", "ssl", "tls"), doc="How the connection is protected. For SMTP."),
    "validate_server_cert": Option(
        "bool",
        doc="Whether the certificate of the server has to be trusted by one that the device holds. For HTTPS and SMTP.",
    ),
    "qos": Option("int", null=0, range=(0, 63), doc="DSCP value of what is sent."),
}

ONE_ZERO = Words("1", "0")
KINDS: dict[str, Kind] = {
    "port": INT_TEXT,
    "proxy_port": INT_TEXT,
    "pop_port": INT_TEXT,
    "qos": INT_TEXT,
    "passive": ONE_ZERO,
    "temporary": ONE_ZERO,
    "validate_server_cert": ONE_ZERO,
    "password": IS_SET,
    "proxy_password": IS_SET,
    "pop_password": IS_SET,
    # A user may write it either way.
    "ssh_host_pub_key_md5": Kind(str.lower, str.lower, str.lower),
}
#: Settings that an empty text says something about.
CAN_BE_EMPTY = frozenset(name for name, option in ITEM.items() if option.null == "" or option.secret)


@dataclasses.dataclass(frozen=True)
class Recipients(SoapCollection):
    """The recipients of a device. :param templates: what this device needs to know of each type."""

    templates: t.Mapping[str, Template] = dataclasses.field(default_factory=dict)

    def read_items(self, device: Device) -> list[t.Any] | None:
        found = super().read_items(device)
        if found is None:
            return None
        here = dataclasses.replace(self, templates=action_service.templates(device.session, "Recipient"))
        return Items(found, form=here)

    def holds(self, item: Document) -> t.Collection[str]:
        template = self.templates.get(PREFIX + item.get("type", ""))
        return {"name", "type", *template.parameters} & self.fields.keys() if template else ()

    def encode(self, members: Document) -> Document:
        document = nest(super().encode(members))
        names = self.templates[document["template"]].parameters
        given = document.get("parameters", {})
        values = {name: given.get(name, FIXED.get(name, "")) for name in names}
        return {"name": document["name"], "template": document["template"], "parameters": values}


def unpack(element: soap.Element) -> Document:
    """A recipient. An empty text stands for what it has no use for, or for no password."""
    given = action_service.parameters(element)
    return {
        "id": element.text("aact:ConfigurationID") or "",
        "name": element.text("aact:Name") or "",
        "template": element.text("aact:TemplateToken") or "",
        "parameters": {name: value for name, value in given.items() if value or name in CAN_BE_EMPTY},
    }


def pack(recipient: Document) -> soap.Content:
    """A new recipient."""
    return [
        ("aact:Name", recipient["name"]),
        ("aact:TemplateToken", recipient["template"]),
        ("aact:Parameters", action_service.content(recipient["parameters"])),
    ]


def check(wanted: Document, current: Document | None) -> t.Iterator[tuple[str, str]]:
    """Refuse what does not belong to the type, and what it cannot be without."""
    after = (current or {}) | wanted
    kind = after["type"]
    for name, value in wanted.items():
        if name not in ("name", "type", *TYPES.get(kind, ITEM)) and value != ITEM[name].null:
            yield f"{name} is no setting of the type {kind}", f"It has {', '.join(TYPES[kind])}"
    needed = REQUIRED.get(kind, "")
    if needed and not after.get(needed):
        yield f"the type {kind} needs {needed}", "Add it"
    if kind == "sftp" and not any(after.get(key) for key in KEYS):
        yield f"the type sftp needs {' or '.join(KEYS)}", "Add the one that the server shows"


DECLARED = CollectionResource(
    "recipient",
    items="recipients",
    key="name",
    item=ITEM,
    items_doc="The recipients.",
    kind="recipient",
    needed=("type",),
    check=check,
    forms=(
        Recipients(
            service="action service",
            lister="aact:GetRecipientConfigurations",
            item="aact:RecipientConfigurations/aact:RecipientConfiguration",
            unpack=unpack,
            added="aact:AddRecipientConfiguration",
            element="aact:NewRecipientConfiguration",
            pack=pack,
            removed="aact:RemoveRecipientConfiguration",
            id="aact:ConfigurationID",
            id_key="id",
            fields={
                "name": Field("name", TEXT),
                "type": Field("template", Choice({kind: f"{PREFIX}{kind}" for kind in TYPES})),
                **{
                    name: Field(f"parameters.{name}", KINDS.get(name, TEXT))
                    for name in ITEM
                    if name not in ("name", "type")
                },
            },
        ),
    ),
    requirements=("requests", "defusedxml"),
)
