# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Facts: what a device is and can do, and JMESPath expressions over them.

Sources: VAPIX "Basic device information", "API Discovery service", "Systemready API", "Device Configuration APIs".
"""

from __future__ import annotations

import re
import traceback
import typing as t

from ..wire.errors import InvalidOption, missing_package
from .device import Device

try:
    import jmespath
except ImportError:
    JMESPATH_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    JMESPATH_IMPORT_ERROR = None

SUBSETS = ("identity", "state", "apis", "capabilities")

_IDENTITY = {
    "brand": "Brand",
    "model": "ProdNbr",
    "name": "ProdFullName",
    "product_type": "ProdType",
    "variant": "ProdVariant",
    "serial": "SerialNumber",
    "axis_os": "Version",
    "build_date": "BuildDate",
    "hardware_id": "HardwareID",
    "architecture": "Architecture",
    "soc": "Soc",
}

# Capability by the parameter that announces it; what is not announced is not there.
_CAPABILITIES = {
    "acap": "Properties.EmbeddedDevelopment.EmbeddedDevelopment",
    "audio": "Properties.Audio.Audio",
    "digital_ptz": "Properties.PTZ.DigitalPTZ",
    "https": "Properties.HTTPS.HTTPS",
    "io_ports": "Properties.IO.Input",
    "light_control": "Properties.LightControl.LightControl2",
    "local_storage": "Properties.LocalStorage.LocalStorage",
    "motion_detection": "Properties.Motion.Motion",
    "ptz": "Properties.PTZ.PTZ",
    "rtsp": "Properties.API.RTSP.Version",
}
_NOT = frozenset({"", "no", "none", "0", "false"})


def compile_query(query: str) -> t.Any:
    """A JMESPath expression, ready to search facts.

    :raises InvalidOption: it is none.
    """
    if JMESPATH_IMPORT_ERROR:
        raise missing_package("jmespath")
    try:
        return jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as exc:
        raise InvalidOption(
            f"query: {query!r} is no JMESPath expression ({' '.join(str(exc).split())})",
            remedy="See https://jmespath.org",
        ) from exc


def find(expression: t.Any, facts: t.Mapping[str, t.Any]) -> t.Any:
    """What a compiled expression finds in the facts.

    :raises InvalidOption: it does not fit them.
    """
    try:
        return expression.search(facts)
    except jmespath.exceptions.JMESPathError as exc:
        raise InvalidOption(
            f"query: {expression.expression!r} does not fit these facts ({' '.join(str(exc).split())})",
            remedy="A device may not tell some of them",
        ) from exc


def holds(expression: t.Any, facts: t.Mapping[str, t.Any]) -> bool:
    """Whether a compiled expression finds something true in the facts; one that does not fit them does not hold."""
    try:
        return bool(expression.search(facts))
    except jmespath.exceptions.JMESPathError:
        return False


def gather(device: Device, subsets: t.Collection[str]) -> dict[str, t.Any]:
    """The facts of the given subsets; members a device does not tell are null."""
    facts: dict[str, t.Any] = {}
    if "identity" in subsets:
        facts |= {fact: device.identity.get(key) for fact, key in _IDENTITY.items()}
        facts["serial"] = str(facts["serial"] or "").upper() or None
    if "state" in subsets:
        facts["state"] = _state(device)
    if "apis" in subsets:
        facts["apis"] = {
            "json": device.json_apis,
            "rest": {name: [f"{api.version}" for api in apis] for name, apis in device.rest_apis.items()},
        }
    if "capabilities" in subsets:
        values = device.param.list("Properties")
        facts["capabilities"] = {
            name: values.get(parameter, "").casefold() not in _NOT for name, parameter in _CAPABILITIES.items()
        }
    return facts


def _state(device: Device) -> dict[str, t.Any]:
    told = device.system_ready()
    uptime = str(told.get("uptime", ""))
    return {
        "ready": told["systemready"] == "yes" if "systemready" in told else None,
        "needs_setup": told["needsetup"] == "yes" if "needsetup" in told else None,
        "uptime": int(uptime) if re.fullmatch("[0-9]+", uptime) else None,
        "boot_id": told.get("bootid"),
    }
