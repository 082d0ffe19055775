# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/ssh.cgi``: SSH page; the parameter ``Network.SSH.Enabled`` shows the same.

Recorded: 10.12, 11.11 and 12.9 have ``ssh 1.0`` in their API lists, and the parameter, which can be set; 9.80 and 5.51
have neither. Assumed: off when it leaves the factory; unknown parameters are ignored.
"""

from __future__ import annotations

from documents import view
from handlers._base import NETWORK
from handlers._fields import Bool
from handlers._json import DocumentCgi, getter, setter

DOCUMENTS = {"ssh": {"enabled": False}}
VIEWS = {"Network.SSH.Enabled": view("ssh", "enabled")}
HANDLER = DocumentCgi(
    "/axis-cgi/ssh.cgi",
    "ssh",
    dict.fromkeys(("axis-os-10", "axis-os-11", "axis-os-12"), "1.0"),
    NETWORK,
    "ssh",
    {"getSshInfo": getter("enabled"), "setSshConfiguration": setter({"enabled": Bool(required=True)})},
)
