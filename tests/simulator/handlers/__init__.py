# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file per API. A handler file ends with ``HANDLER = ...`` (or a tuple, ``HANDLERS``); this list is the only other
place that names it.

A profile says which paths exist on a device and with which options (version, fields); the handler says what happens.
"""
from __future__ import annotations

from handlers import (
    apidiscovery,
    basicdeviceinfo,
    config_discover,
    config_rest,
    firmwaremanagement,
    firmwareupgrade,
    network_settings,
    ntp,
    param_cgi,
    pwdgrp,
    restart,
    services,
    systemready,
    time,
    usergroup,
)
from handlers._base import Handler

HANDLERS: tuple[Handler, ...] = (
    apidiscovery.HANDLER,
    basicdeviceinfo.HANDLER,
    config_discover.HANDLER,
    config_rest.HANDLER,
    firmwaremanagement.HANDLER,
    firmwareupgrade.HANDLER,
    network_settings.HANDLER,
    ntp.HANDLER,
    param_cgi.HANDLER,
    pwdgrp.HANDLER,
    *restart.HANDLERS,
    services.HANDLER,
    systemready.HANDLER,
    time.HANDLER,
    usergroup.HANDLER,
)
BY_PATH: dict[str, Handler] = {handler.path: handler for handler in HANDLERS}


def find(path: str) -> Handler | None:
    """The handler of a path: exact, or of the tree it lies in (``/config/rest/...``)."""
    handler = BY_PATH.get(path)
    while handler is None and path.count("/") > 1:
        path = path.rpartition("/")[0]
        handler = BY_PATH.get(path)
        if handler is not None and not handler.is_tree:
            return None
    return handler
