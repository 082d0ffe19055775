# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""All resources by name. Made by: make modules."""

from __future__ import annotations

from ..model.resource import Resource
from ..resources.action_rule import DECLARED as action_rule
from ..resources.ca_certificate import DECLARED as ca_certificate
from ..resources.certificate import DECLARED as certificate
from ..resources.firmware import DECLARED as firmware
from ..resources.geolocation import DECLARED as geolocation
from ..resources.http_header import DECLARED as http_header
from ..resources.network import DECLARED as network
from ..resources.ntp import DECLARED as ntp
from ..resources.param import DECLARED as param
from ..resources.recipient import DECLARED as recipient
from ..resources.schedule import DECLARED as schedule
from ..resources.ssh import DECLARED as ssh
from ..resources.stream_profile import DECLARED as stream_profile
from ..resources.syslog import DECLARED as syslog
from ..resources.time import DECLARED as time
from ..resources.user import DECLARED as user
from ..resources.web_server import DECLARED as web_server

RESOURCES: dict[str, Resource] = {
    "action_rule": action_rule,
    "ca_certificate": ca_certificate,
    "certificate": certificate,
    "firmware": firmware,
    "geolocation": geolocation,
    "http_header": http_header,
    "network": network,
    "ntp": ntp,
    "param": param,
    "recipient": recipient,
    "schedule": schedule,
    "ssh": ssh,
    "stream_profile": stream_profile,
    "syslog": syslog,
    "time": time,
    "user": user,
    "web_server": web_server,
}
