# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``virtualhost.v1``: Virtual Host page; the root document of a device without hosts of its own is recorded on 12.11.

Recorded: ``defaulthosts``, which the page does not have, and what is in them. Assumed: a name or port that is taken is
code 5, ``oidc`` needs nothing first. Not simulated: listening at the port of such a host.
"""

from __future__ import annotations

import re
from typing import Any

import webserver
from exchange import Request
from handlers._base import ADMIN
from handlers._rest import Action, Collection, Entity, Invalid, Property, RestApi, members

_NAME = re.compile(r"[A-Za-z0-9.-]{1,64}")
_KINDS = ("basic", "digest", "oidc")
_MEMBERS = ("active", "auth_type", "port", "server_name")
_DEFAULTS = {"default-http": "http", "default-https": "https"}


def _checked(request: Request, wanted: dict[str, Any], own_name: str | None) -> dict[str, Any]:
    """The host, if it can be."""
    if not isinstance(wanted["active"], bool):
        raise Invalid("active")
    if wanted["auth_type"] not in _KINDS:
        raise Invalid("auth_type")
    port, name = wanted["port"], wanted["server_name"]
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise Invalid("port")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Invalid("server_name")
    others = [host for host in request.state.virtual_hosts if host["server_name"] != own_name]
    if name in _DEFAULTS or any(host["server_name"] == name for host in others):
        raise Invalid("server_name is taken")
    ports = [webserver.port(request.state, scheme) for scheme in _DEFAULTS.values()]
    if port in [*ports, *(host["port"] for host in others)]:
        raise Invalid("port is taken")
    return wanted


def _create(request: Request, data: Any) -> None:
    given = members(data, _MEMBERS)
    request.state.virtual_hosts.append(_checked(request, {name: given[name] for name in _MEMBERS}, None))


def _find(request: Request, name: str) -> dict[str, Any]:
    return next(host for host in request.state.virtual_hosts if host["server_name"] == name)


def _host(name: str) -> Entity:
    def change(request: Request, data: dict[str, Any]) -> None:
        host = _find(request, name)
        host.update(_checked(request, {**host, **data}, name))

    def member(key: str) -> Property:
        return Property(lambda request: _find(request, name)[key], lambda request, data: change(request, {key: data}))

    return Entity(
        {key: member(key) for key in _MEMBERS},
        change,
        lambda request: request.state.virtual_hosts.remove(_find(request, name)),
    )


def _default_host(name: str) -> Entity:
    scheme = _DEFAULTS[name]

    return Entity(
        {
            "active": Property(lambda request: webserver.is_on(request.state, scheme)),
            "auth_type": Property(lambda request: webserver.login(request.state, scheme)),
            "port": Property(lambda request: webserver.port(request.state, scheme)),
            "secure": Property(lambda request: scheme == "https"),
            "server_name": Property(lambda request: name),
        }
    )


ROOT = Entity(
    {
        "create_virtualHost": Action(_create, ADMIN, write=True),
        "defaulthosts": Collection(lambda request: _DEFAULTS, _default_host),
        "virtualhosts": Collection(
            lambda request: [host["server_name"] for host in request.state.virtual_hosts], _host
        ),
    }
)

REST = RestApi("virtualhost", "v1", ROOT, {"axis-os-12": "1.2.0"}, admin_reads=True)
