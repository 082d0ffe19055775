# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""SSH: whether a device can be reached by it.

Sources: VAPIX "SSH" and, where a device does not have its CGI, the parameter ``Network.SSH.Enabled``.
"""

from __future__ import annotations

from ..model.field import BOOL, YES_NO, Field
from ..model.forms.json_cgi import JsonDocument, Setter
from ..model.forms.param_cgi import ParamDocument
from ..model.option import Option
from ..model.shapes.document import DocumentResource
from ..wire import json_cgi
from ..wire.json_cgi import JsonApi

CGI = JsonApi("/axis-cgi/ssh.cgi", "ssh", "1.0", json_cgi.NETWORK_CODES)

DECLARED = DocumentResource(
    "ssh",
    options={"enabled": Option("bool", null=False, doc="Whether the SSH server of the device runs.")},
    forms=(
        JsonDocument(
            CGI,
            getter="getSshInfo",
            setters=(Setter("setSshConfiguration", {"enabled": Field("enabled", BOOL)}),),
        ),
        ParamDocument("Network.SSH", {"enabled": Field("Enabled", YES_NO)}),
    ),
)
