# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The certificates of a device by alias: those with a private key, which services use, and those of CAs.

There is one store with one name space, behind two APIs: REST (AXIS OS 11.11 and later) and SOAP, where an alias is
called an id. Neither ever tells a private key.

Sources: VAPIX "Certificate management" (REST), "Certificate management API" (SOAP), ONVIF device management; recordings
of AXIS OS 12.11.
"""

from __future__ import annotations

import abc
import typing as t

from ..wire import pem, rest, soap
from ..wire.device import Device
from ..wire.errors import ApiMissing, BadAnswer, NotSupported, VapixError


class Stored(t.NamedTuple):
    """A certificate on a device.

    :param chain: the certificate and after it those that the device keeps with it, in DER.
    :param keystore: where its private key is; None for a CA, and where the API does not tell.
    """

    alias: str
    chain: tuple[bytes, ...]
    keystore: str | None = None

    @property
    def der(self) -> bytes:
        return self.chain[0]


class CertificateStore(abc.ABC):
    """The certificates of one device.

    :param api: the API it is reached by, for results and errors.
    """

    api: str

    def __init__(self, device: Device) -> None:
        self.device = device

    @abc.abstractmethod
    def certificates(self) -> dict[str, Stored]:
        """Those with a private key, by alias. :raises NotSupported: the device has no API for certificates."""

    @abc.abstractmethod
    def ca_certificates(self) -> dict[str, Stored]:
        """Those of CAs, by alias. :raises NotSupported: the device has no API for certificates."""

    def _bad(self, problem: str, method: str) -> BadAnswer:
        return BadAnswer(problem, device=str(self.device), api=self.api, method=method)


def store_of(device: Device) -> CertificateStore:
    """The store of a device, by the newest API it has."""
    api = device.released_rest_api("cert", 1)
    return SoapStore(device) if api is None else RestStore(device, api.path)


class RestStore(CertificateStore):
    """By REST. :param path: where the API is."""

    api = "cert v1"

    def __init__(self, device: Device, path: str) -> None:
        super().__init__(device)
        self._path = path

    def certificates(self) -> dict[str, Stored]:
        return self._list("certificates")

    def ca_certificates(self) -> dict[str, Stored]:
        return self._list("ca_certificates")

    def _list(self, collection: str) -> dict[str, Stored]:
        entries = rest.get(self.device.session, f"{self._path}/{collection}")
        if not isinstance(entries, list):
            raise self._bad(f"{collection} is no list of certificates", "GET")
        try:
            return {
                entry["alias"]: Stored(
                    entry["alias"],
                    tuple(pem.blocks(entry["certificate"], pem.CERTIFICATE)),
                    entry.get("keystore"),
                )
                for entry in entries
            }
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise self._bad(f"{collection} is no list of certificates ({type(exc).__name__}: {exc})", "GET") from exc


class SoapStore(CertificateStore):
    """By SOAP."""

    api = "certificate management (SOAP)"

    def certificates(self) -> dict[str, Stored]:
        return self._list("tds:GetCertificates")

    def ca_certificates(self) -> dict[str, Stored]:
        return self._list("tds:GetCACertificates")

    def _list(self, operation: str) -> dict[str, Stored]:
        try:
            answer = soap.call(self.device.session, operation, safe=True)
        except (ApiMissing, soap.Fault) as exc:
            if lacks(exc):
                raise NotSupported(
                    "the device has no API for certificates",
                    remedy="The product or its AXIS OS does not offer this",
                    device=str(self.device),
                ) from exc
            raise
        found = {}
        for entry in answer.children:
            alias, data = entry.text("tt:CertificateID"), entry.text("tt:Certificate/tt:Data")
            try:
                found[alias or ""] = Stored(alias or "", (pem.base64_bytes(data or ""),))
            except ValueError as exc:
                raise self._bad(f"the certificate {alias!r} cannot be read: {exc}", operation) from exc
        return found


def lacks(error: VapixError) -> bool:
    """Whether an error of a SOAP call says that the device does not have the operation, or no SOAP at all."""
    return isinstance(error, ApiMissing) or (isinstance(error, soap.Fault) and error.subcode == "ActionNotSupported")
