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

from ...device.changeover import Request
from ...device.device import Device
from ...model.field import INT_TEXT, YES_NO, Choice, Field, Kind, Separated
from ...model.option import Document
from ...wire import soap
from ...wire.errors import ApiMissing, BadAnswer
from . import tls_service
from .tls_service import TlsConfiguration

#: From this AXIS OS on there is the SOAP service: a device that answers 404 is starting up.
HAS_SOAP = (6, 50)
#: From this AXIS OS on there is one policy for all roles, and those of operators and viewers must not be sent.
ONE_POLICY = (7, 10)

BOTH = "http_and_https"
ADMINISTRATOR = "policy.administrator"
ROLES = {ADMINISTRATOR: "Admin", "policy.operator": "Operator", "policy.viewer": "Viewer"}
PARAMETERS = "param.cgi"
APIS = (tls_service.API, PARAMETERS)

#: What SOAP holds, where there is that service; the rest is in parameters.
_BY_SOAP = ("certificate", "https", "ciphers", *ROLES)
_SOAP_POLICY = Choice({"http": "Http", "https": "Https", BOTH: "HttpAndHttps"})
_PARAM_POLICY = Choice({"http": "http", "https": "https", BOTH: "both"})
_GROUPS = ("HTTPS", "System.BoaGroupPolicy", "System.BoaPort", "Network.HTTP")
_FIELDS = {
    "https": Field("HTTPS.Enabled", YES_NO),
    "ciphers": Field("HTTPS.Ciphers", Separated(":")),
    ADMINISTRATOR: Field("System.BoaGroupPolicy.admin", _PARAM_POLICY),
    "policy.operator": Field("System.BoaGroupPolicy.operator", _PARAM_POLICY),
    "policy.viewer": Field("System.BoaGroupPolicy.viewer", _PARAM_POLICY),
    "authentication": Field("Network.HTTP.AuthenticationPolicy", Kind(str.casefold)),
    "ports.http": Field("System.BoaPort", INT_TEXT),
    "ports.https": Field("HTTPS.Port", INT_TEXT),
}
#: Parameters that allow old versions of TLS, oldest first. Allowing one allows those that follow.
_ALLOW = {"ssl 3": "HTTPS.AllowSSLV3", "1.0": "HTTPS.AllowTLS1", "1.1": "HTTPS.AllowTLS11"}

#: All parameters that are set here.
OWNED = (*(field.key for field in _FIELDS.values()), *_ALLOW.values())


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the web server is set to.

    :param soap: by SOAP; None where the device has no such service. :param parameters: by name.
    :param values: by path of the option; those the device does not have are left out.
    """

    soap: TlsConfiguration | None
    parameters: t.Mapping[str, str]
    values: Document

    @property
    def api(self) -> str:
        """The API that holds most of it."""
        return PARAMETERS if self.soap is None else tls_service.API


def read(device: Device) -> Settings:
    """Read a device."""
    parameters = device.param.list(*_GROUPS)
    try:
        configuration: TlsConfiguration | None = _read_soap(device)
    except (ApiMissing, soap.Fault) as exc:
        if not soap.lacks(exc):
            raise
        if isinstance(exc, ApiMissing) and device.axis_os >= HAS_SOAP:
            exc.remedy = "The device may be starting up: try again"
            raise
        configuration = None
    return Settings(configuration, parameters, _values(configuration, parameters, device))


def _values(configuration: TlsConfiguration | None, told: t.Mapping[str, str], device: Device) -> Document:
    """The settings by path of the option."""
    found: Document = {}
    for path, field in _FIELDS.items():
        if field.key in told and (configuration is None or path not in _BY_SOAP):
            try:
                found[path] = field.decode(told[field.key])
            except ValueError as exc:
                problem = f"the answer has an unusable {field.key} ({exc})"
                raise BadAnswer(problem, device=str(device), api=PARAMETERS) from exc
    if _ALLOW["1.0"] in told:
        found["minimum_tls"] = next((version for version, name in _ALLOW.items() if told.get(name) == "yes"), "1.2")
    if configuration is None:
        return found
    policies = {path: configuration.policies[role] for path, role in ROLES.items() if role in configuration.policies}
    return found | {
        "certificate": next(iter(configuration.certificates), None),
        "https": configuration.tls,
        "ciphers": list(configuration.ciphers),
        **{path: _SOAP_POLICY.decode(policy) for path, policy in policies.items()},
    }


def requests(now: Settings, values: Document, back: Document) -> list[Request]:
    """The requests that set some options, in their order: parameters, then SOAP.

    :param values: by path. :param back: the values that put them back.
    """
    by_soap = tuple(path for path in values if path in _BY_SOAP and now.soap is not None)
    by_parameters = tuple(path for path in values if path not in by_soap)
    found = []
    for api, paths in ((PARAMETERS, by_parameters), (tls_service.API, by_soap)):
        if paths:
            wanted, former = ({path: one[path] for path in paths} for one in (values, back))
            words = _parameters if api == PARAMETERS else _as_they_are
            found.append(Request(api, words(wanted, now), words(former, now), former))
    return found


def send(device: Device, api: str, values: Document) -> None:
    """Send what a request sets.

    :param values: parameters by name; for SOAP, options by path.
    """
    if api == PARAMETERS:
        device.param.update(values)
    else:
        # The whole structure is replaced, so what does not change goes back as it is.
        tls_service.write(device.session, _replaced(_read_soap(device), values))


def logins(device: Device) -> tuple[str, ...]:
    """The authentication policies that a device has, as it writes them; empty where it does not tell."""
    field = _FIELDS["authentication"]
    definition = device.param.definitions("Network.HTTP").get(field.key)
    return () if definition is None else definition.choices


def _as_they_are(values: Document, now: Settings) -> Document:
    return values


def _parameters(values: Document, now: Settings) -> Document:
    """Options as parameters by name."""
    found: Document = {}
    for path, value in values.items():
        found |= _allowing(value, now.parameters) if path == "minimum_tls" else _parameter(path, value)
    return found


def _parameter(path: str, value: t.Any) -> Document:
    return {_FIELDS[path].key: _FIELDS[path].encode(value)}


def _allowing(oldest: str, parameters: t.Mapping[str, str]) -> Document:
    """The parameters that allow TLS from some version on."""
    versions = list(_ALLOW)
    allowed = versions[versions.index(oldest) :] if oldest in versions else []
    return {name: "yes" if version in allowed else "no" for version, name in _ALLOW.items() if name in parameters}


def _read_soap(device: Device) -> TlsConfiguration:
    found = tls_service.read(device.session)
    if len(found.policies) > 1 and device.axis_os >= ONE_POLICY:
        policies = {role: policy for role, policy in found.policies.items() if role == ROLES[ADMINISTRATOR]}
        return dataclasses.replace(found, policies=policies)
    return found


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
