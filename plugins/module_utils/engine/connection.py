# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The connection options, which every module takes, and the session they make.

Left out, an option comes from the variables of the host (in the worker only: a module that runs elsewhere gets them
handed over), then from the environment.
"""

from __future__ import annotations

import math
import typing as t

from ansible.module_utils.basic import env_fallback

from ..model.option import Option
from ..wire.address import DEFAULT_PORTS, Address
from ..wire.errors import InvalidOption
from ..wire.session import Session


class ConnectionOption(t.NamedTuple):
    """An option, the host variables it defaults to (the first that is set wins) and its environment variable."""

    option: Option
    variables: tuple[str, ...]
    environment: str


OPTIONS: dict[str, ConnectionOption] = {
    "host": ConnectionOption(Option(), ("vapix_host", "ansible_host", "inventory_hostname"), "AXIS_VAPIX_HOST"),
    "port": ConnectionOption(Option("int"), ("vapix_port",), "AXIS_VAPIX_PORT"),
    "scheme": ConnectionOption(
        Option(choices=("https", "http"), default="https"), ("vapix_scheme",), "AXIS_VAPIX_SCHEME"
    ),
    "username": ConnectionOption(Option(), ("vapix_username", "ansible_user"), "AXIS_VAPIX_USERNAME"),
    "password": ConnectionOption(Option(secret=True), ("vapix_password", "ansible_password"), "AXIS_VAPIX_PASSWORD"),
    "validate_certs": ConnectionOption(
        Option("bool", default=True), ("vapix_validate_certs",), "AXIS_VAPIX_VALIDATE_CERTS"
    ),
    "ca_path": ConnectionOption(Option("path"), ("vapix_ca_path",), "AXIS_VAPIX_CA_PATH"),
    "fingerprint": ConnectionOption(Option(), ("vapix_fingerprint",), "AXIS_VAPIX_FINGERPRINT"),
    "timeout": ConnectionOption(Option("float", default=10.0), ("vapix_timeout",), "AXIS_VAPIX_TIMEOUT"),
    "proxy": ConnectionOption(Option(secret=True), ("vapix_proxy",), "AXIS_VAPIX_PROXY"),
}


def argument_spec() -> dict[str, t.Any]:
    """The Ansible argument spec of the connection options."""
    return {
        name: row.option.argument_spec() | {"fallback": (env_fallback, [row.environment])}
        for name, row in OPTIONS.items()
    }


def open_session(params: t.Mapping[str, t.Any]) -> Session:
    """A session by validated options; nothing is sent yet.

    :raises InvalidOption: an option is missing or makes no sense.
    """
    host, port, scheme, timeout = params["host"], params["port"], params["scheme"], params["timeout"]
    if not host:
        raise InvalidOption(
            "there is no host to connect to", remedy="Set the option host (or the variable ansible_host)"
        )
    if port is not None and not 1 <= port <= 65535:
        raise InvalidOption(f"port {port} is not between 1 and 65535", remedy="Correct the option port")
    if not 0 < timeout < math.inf:
        raise InvalidOption(f"timeout {timeout:g} is not a time above 0", remedy="Give it in seconds")
    if params["fingerprint"] and scheme == "http":
        raise InvalidOption("a fingerprint is pinned, but scheme is http", remedy="Set scheme: https")
    address = Address(
        host=host.strip("[]"),
        port=port or DEFAULT_PORTS[scheme],
        scheme=scheme,
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"],
        fingerprint=params["fingerprint"],
        timeout=timeout,
        proxy=params["proxy"],
    )
    return Session(address, params["username"], params["password"])
