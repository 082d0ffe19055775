# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One device: its session, its dialects and what it says it is and can do.

Everything here is read at most once and only when somebody asks, so that a module pays for what it uses.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ..wire import json_cgi, rest
from ..wire.errors import ApiMissing, BadAnswer, DeviceRefused, NotAllowed
from ..wire.json_cgi import JsonApi
from ..wire.param_cgi import ParamCgi
from ..wire.session import Session

BASIC_DEVICE_INFO = JsonApi("/axis-cgi/basicdeviceinfo.cgi", "basic-device-info", "1.0", json_cgi.EARLY_CODES)
API_DISCOVERY = JsonApi("/axis-cgi/apidiscovery.cgi", "api-discovery", "1.0", json_cgi.EARLY_CODES)
SYSTEM_READY = JsonApi("/axis-cgi/systemready.cgi", "systemready", "1.0", json_cgi.EARLY_CODES)
FIRMWARE_CGI = JsonApi(
    "/axis-cgi/firmwaremanagement.cgi",
    "fwmgr",
    "1.0",
    {
        400: "malformed request or unknown parameter",
        404: "there is no firmware to go back to",
        405: "the method does not exist",
        409: "an older version needs a hard factory default",
        410: "this version was revoked",
        412: "the running firmware is not committed",
        415: "the image is not valid",
        417: "the API version is not supported",
        421: "the image is for another product",
        422: "the image is not signed",
        423: "busy",
        424: "the image refers to a custom firmware certificate the device does not have",
        500: "internal error",
    },
)

# Where devices without basicdeviceinfo.cgi (before AXIS OS 8.40) keep the same facts.
_IDENTITY_PARAMETERS = {
    "Brand": "Brand.Brand",
    "ProdFullName": "Brand.ProdFullName",
    "ProdNbr": "Brand.ProdNbr",
    "ProdShortName": "Brand.ProdShortName",
    "ProdType": "Brand.ProdType",
    "ProdVariant": "Brand.ProdVariant",
    "Architecture": "Properties.System.Architecture",
    "HardwareID": "Properties.System.HardwareID",
    "SerialNumber": "Properties.System.SerialNumber",
    "Soc": "Properties.System.Soc",
    "Version": "Properties.Firmware.Version",
    "BuildDate": "Properties.Firmware.BuildDate",
}


def version_numbers(version: str) -> tuple[int, ...]:
    """An AXIS OS version as numbers, which compare as versions do: (12, 11, 77)."""
    return tuple(int(number) for number in re.findall("[0-9]+", version))


class Device:
    """A device behind a session.

    :param progress: shows a line about work that takes long.
    :param warn: shows a warning.
    """

    def __init__(
        self,
        session: Session,
        progress: t.Callable[[str], None] = lambda text: None,
        warn: t.Callable[[str], None] = lambda text: None,
    ) -> None:
        self.session = session
        self.progress = progress
        self.warn = warn
        self.param = ParamCgi(session)

    def __str__(self) -> str:
        return str(self.session.address)

    def remember(self) -> None:
        """Ask the same question only once, until the first request that can change something."""
        self.session.remember()

    def forget(self) -> None:
        """Forget what was read: after a restart the device can be another one, so to say."""
        for name, member in vars(type(self)).items():
            if isinstance(member, functools.cached_property):
                self.__dict__.pop(name, None)

    def call(self, api: JsonApi, method: str, params: t.Mapping[str, t.Any] | None = None, **options: bool) -> t.Any:
        """Call a method of a JSON CGI, see :func:`json_cgi.call`."""
        return json_cgi.call(self.session, api, method, params, **options)

    @functools.cached_property
    def identity(self) -> dict[str, str]:
        """Model, serial number and versions, under the names of basicdeviceinfo.cgi on every AXIS OS.

        Some devices answer 401 to the full list although the account is right; they still tell the unrestricted part.
        """
        try:
            data = self.call(BASIC_DEVICE_INFO, "getAllProperties", safe=True)
        except ApiMissing:
            values = self.param.list("Brand", "Properties.System", "Properties.Firmware")
            return {key: values[name] for key, name in _IDENTITY_PARAMETERS.items() if name in values}
        except NotAllowed as refused:
            try:
                data = self.call(BASIC_DEVICE_INFO, "getAllUnrestrictedProperties", safe=True)
            except (DeviceRefused, NotAllowed):
                raise refused from None  # this one is older than the unrestricted part
        return json_cgi.member(data, "propertyList", dict, BASIC_DEVICE_INFO.name, str(self))

    def unrestricted_identity(self) -> dict[str, str]:
        """What the device tells of its identity without a login; empty where it tells nothing."""
        try:
            data = self.call(BASIC_DEVICE_INFO, "getAllUnrestrictedProperties", safe=True, anonymous=True)
        except (ApiMissing, DeviceRefused, BadAnswer):
            return {}
        found = data.get("propertyList") if isinstance(data, dict) else None
        return found if isinstance(found, dict) else {}

    @functools.cached_property
    def is_administrator(self) -> bool:
        """Whether our account is one of an administrator, by usergroup.cgi; where the device does not tell, it is."""
        answer = self.session.request("GET", "/axis-cgi/usergroup.cgi", safe=True)
        groups = " ".join(answer.text.splitlines()[1:]).split()  # the first line is the name of the account
        return answer.status >= 300 or "admin" in groups or not groups

    @functools.cached_property
    def json_apis(self) -> dict[str, list[str]]:
        """Versions by id of the CGIs in the API list; an id can have several. Empty before AXIS OS 8.50."""
        try:
            data = self.call(API_DISCOVERY, "getApiList", {}, safe=True)
        except ApiMissing:
            return {}
        found: dict[str, list[str]] = {}
        for entry in json_cgi.member(data, "apiList", list, API_DISCOVERY.name, str(self)):
            if isinstance(entry, dict) and "id" in entry:
                versions = found.setdefault(str(entry["id"]), [])
                version = str(entry.get("version", ""))
                if version not in versions:
                    versions.append(version)
        return found

    @functools.cached_property
    def rest_apis(self) -> dict[str, list[rest.RestApi]]:
        """The REST APIs by id, newest major first. Empty before AXIS OS 11.8, and for accounts that may not see them.

        :raises ApiMissing: the API list has them, but the device answers 404: it may be starting up.
        """
        try:
            found = rest.discover(self.session)
        except NotAllowed:
            if self.is_administrator:
                raise
            return {}
        if found is None:
            missing = ApiMissing("", device=str(self), api=rest.DISCOVER, method="GET", http_status=404)
            self.confirm_missing(missing, "device-config")
        return found or {}

    @functools.cached_property
    def axis_os(self) -> tuple[int, ...]:
        """The AXIS OS version as numbers, for example (12, 11, 77); empty when it is not told."""
        return version_numbers(self.identity.get("Version", ""))

    def rest_api(self, name: str, major: int, states: t.Collection[str] = ("released",)) -> rest.RestApi | None:
        """The REST API of that name and major version, if the device has it in one of these states.

        :param states: as ``/config/discover`` names them: ``released``, ``beta``, ``alpha``.
        """
        return next((api for api in self.rest_apis.get(name, []) if api.major == major and api.state in states), None)

    def released_rest_api(self, name: str, major: int) -> rest.RestApi | None:
        """The same, if it is no beta."""
        return self.rest_api(name, major)

    def confirm_missing(self, exc: ApiMissing, discovery_id: str) -> None:
        """Believe a 404 only if the device's own API list does not have the API: a device that starts up answers 404.

        :raises ApiMissing: the list has it.
        """
        if discovery_id and discovery_id in self.json_apis:
            exc.problem = "the device lists this API, but does not answer it (HTTP 404)"
            exc.remedy = "It may be starting up: try again"
            raise exc

    @property
    def old_rest_verbs(self) -> bool:
        """True up to AXIS OS 11.10, where REST is set and triggered with PUT."""
        return bool(self.axis_os) and self.axis_os < (11, 11)

    def system_ready(self) -> dict[str, str]:
        """What systemready.cgi tells without a login, all values strings; empty before AXIS OS 9.50."""
        try:
            data = self.call(SYSTEM_READY, "systemready", {"timeout": 0}, safe=True, anonymous=True)
        except ApiMissing:
            return {}
        return data if isinstance(data, dict) else {}
