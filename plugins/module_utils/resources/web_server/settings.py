# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a device's web server is set to: read and set by SOAP where there is that service, else by parameters.

Sources: VAPIX "Certificate management API" (SOAP), "Network settings" (authentication policy); parameter definitions
recorded on AXIS OS 9.80 and 12.11, none of them read-only.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...device.device import Device
from ...model.legacy import Document, Field
from ...wire import soap
from ...wire.errors import ApiMissing
from . import tls_service as web_tls
from .tls_service import TlsConfiguration

#: From this AXIS OS on there is one policy for all roles, and those of operators and viewers must not be sent.
ONE_POLICY = (7, 10)

BOTH = "http_and_https"
ADMINISTRATOR = "policy.administrator"
ROLES = {ADMINISTRATOR: "Admin", "policy.operator": "Operator", "policy.viewer": "Viewer"}
PARAMETERS = "param.cgi"

#: What SOAP holds, where there is that service; the rest is in parameters.
_BY_SOAP = ("certificate", "https", "ciphers", *ROLES)
_SOAP_POLICY = Field.choice("", {"http": "Http", "https": "Https", BOTH: "HttpAndHttps"})
_PARAM_POLICIES = {"http": "http", "https": "https", BOTH: "both"}
_GROUPS = ("HTTPS", "System.BoaGroupPolicy", "System.BoaPort", "Network.HTTP")
_FIELDS = {
    "https": Field("HTTPS.Enabled", lambda text: text == "yes", lambda on: "yes" if on else "no"),
    "ciphers": Field("HTTPS.Ciphers", lambda text: list(filter(None, text.split(":"))), ":".join),
    ADMINISTRATOR: Field.choice("System.BoaGroupPolicy.admin", _PARAM_POLICIES),
    "policy.operator": Field.choice("System.BoaGroupPolicy.operator", _PARAM_POLICIES),
    "policy.viewer": Field.choice("System.BoaGroupPolicy.viewer", _PARAM_POLICIES),
    "authentication": Field("Network.HTTP.AuthenticationPolicy", str.casefold),
    "ports.http": Field("System.BoaPort", int, str),
    "ports.https": Field("HTTPS.Port", int, str),
}
#: Parameters that allow old versions of TLS, oldest first. Allowing one allows those that follow.
_ALLOW = {"ssl 3": "HTTPS.AllowSSLV3", "1.0": "HTTPS.AllowTLS1", "1.1": "HTTPS.AllowTLS11"}


@dataclasses.dataclass(frozen=True)
class Reading:
    """What the web server is set to.

    :param soap: by SOAP; None where the device has no such service. :param parameters: by name.
    """

    soap: TlsConfiguration | None
    parameters: t.Mapping[str, str]

    @property
    def api(self) -> str:
        """The API that holds most of it."""
        return PARAMETERS if self.soap is None else web_tls.API

    @property
    def current(self) -> Document:
        """The settings by path of the option; those the device does not have are left out."""
        told = self.parameters
        found = {path: field.decode(told[field.key]) for path, field in _FIELDS.items() if field.key in told}
        if _ALLOW["1.0"] in told:
            found["minimum_tls"] = next((version for version, name in _ALLOW.items() if told.get(name) == "yes"), "1.2")
        if self.soap is None:
            return found
        policies = {path: self.soap.policies[role] for path, role in ROLES.items() if role in self.soap.policies}
        return {path: value for path, value in found.items() if path not in _BY_SOAP} | {
            "certificate": next(iter(self.soap.certificates), None),
            "https": self.soap.tls,
            "ciphers": list(self.soap.ciphers),
            **{path: _SOAP_POLICY.decode(policy) for path, policy in policies.items()},
        }


def read(device: Device) -> Reading:
    """Read a device."""
    parameters = device.param.list(*_GROUPS)
    try:
        return Reading(_read_soap(device), parameters)
    except (ApiMissing, soap.Fault) as exc:
        if not soap.lacks(exc):
            raise
        return Reading(None, parameters)


def by_request(reading: Reading, values: Document) -> list[Document]:
    """Some options by the request that sets them, in the order of the requests: parameters, then SOAP."""
    by_soap = _by_soap(reading, values)
    parameters = {path: value for path, value in values.items() if path not in by_soap}
    return [part for part in (parameters, by_soap) if part]


def write(device: Device, reading: Reading, values: Document) -> None:
    """Set some options, by path. :param reading: any of this device, which tells by what they are set."""
    by_soap = _by_soap(reading, values)
    parameters: dict[str, str] = {}
    for path, value in values.items():
        if path == "minimum_tls":
            parameters |= _allowing(value, reading.parameters)
        elif path not in by_soap:
            parameters[_FIELDS[path].key] = _FIELDS[path].encode(value)
    if parameters:
        device.param.update(parameters)
    if by_soap:
        # The whole structure is replaced, so what does not change goes back as it is.
        web_tls.write(device.session, _replaced(_read_soap(device), by_soap))


def logins(device: Device) -> tuple[str, ...]:
    """The authentication policies that a device has, as it writes them; empty where it does not tell."""
    field = _FIELDS["authentication"]
    definition = device.param.definitions("Network.HTTP").get(field.key)
    return () if definition is None else definition.choices


def _by_soap(reading: Reading, values: Document) -> Document:
    """Those of some options that are set by SOAP."""
    return {path: value for path, value in values.items() if path in _BY_SOAP and reading.soap is not None}


def _read_soap(device: Device) -> TlsConfiguration:
    found = web_tls.read(device.session)
    if len(found.policies) > 1 and device.axis_os >= ONE_POLICY:
        policies = {role: policy for role, policy in found.policies.items() if role == ROLES[ADMINISTRATOR]}
        return dataclasses.replace(found, policies=policies)
    return found


def _allowing(oldest: str, parameters: t.Mapping[str, str]) -> dict[str, str]:
    """The parameters that allow TLS from some version on."""
    versions = list(_ALLOW)
    allowed = versions[versions.index(oldest) :] if oldest in versions else []
    return {name: "yes" if version in allowed else "no" for version, name in _ALLOW.items() if name in parameters}


def _replaced(former: TlsConfiguration, values: Document) -> TlsConfiguration:
    """A configuration with some options in it."""
    policies = {role: _SOAP_POLICY.encode(values[path]) for path, role in ROLES.items() if path in values}
    changes: dict[str, t.Any] = {"policies": {**former.policies, **policies}}
    if "https" in values:
        changes["tls"] = values["https"]
    if "ciphers" in values:
        changes["ciphers"] = tuple(values["ciphers"])
    if "certificate" in values:
        changes["certificates"] = tuple(filter(None, (values["certificate"],)))
    return dataclasses.replace(former, **changes)
