# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that can go wrong with a device, as one hierarchy of exceptions.

Every message says which device, which API and method, what happened and what to do about it. The same facts are kept
as attributes, so that callers and playbooks can decide without parsing text (see :meth:`VapixError.as_failure`).
"""

from __future__ import annotations

import re
import typing as t

#: Characters that move the cursor, clear the screen or begin a line: a device can forge lines of a log with them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def printable(text: str) -> str:
    """A text of a device on one line, without control characters."""
    return _UNPRINTABLE.sub(" ", text)


class VapixError(Exception):
    """Base of all errors of this collection.

    :param problem: what happened, one sentence without a final stop.
    :param remedy: what the user can do about it, a sentence.
    :param device: ``host:port`` of the device.
    :param api: the API that was called, for example ``ntp.cgi`` or ``param.cgi``.
    :param method: the method, action or HTTP verb.
    :param http_status: HTTP status of the answer, if there was one.
    :param code: error code in the API's own numbering.
    """

    def __init__(
        self,
        problem: str,
        *,
        remedy: str | None = None,
        device: str | None = None,
        api: str | None = None,
        method: str | None = None,
        http_status: int | None = None,
        code: int | None = None,
    ) -> None:
        problem = printable(problem)
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.device = device
        self.api = api
        self.method = method
        self.http_status = http_status
        self.code = code
        #: Paths of the changes that were made, that were not, and of which nobody can say; None before the first write.
        self.applied: list[str] | None = None
        self.not_applied: list[str] | None = None
        self.unknown: list[str] | None = None

    def located(self, *, device: str | None = None, api: str | None = None, method: str | None = None) -> VapixError:
        """Fill in where it happened, keeping what is known already, and return the same error."""
        self.device = self.device or device
        self.api = self.api or api
        self.method = self.method or method
        return self

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.device, " ".join(filter(None, (self.api, self.method)))) if part)
        text = f"{where}: {self.problem}" if where else self.problem
        return printable(f"{text}. {self.remedy}" if self.remedy else f"{text}.")

    def as_failure(self) -> dict[str, t.Any]:
        """The facts of the error for the task result."""
        return {
            "api": self.api,
            "method": self.method,
            "http_status": self.http_status,
            "code": self.code,
            "message": self.problem,
            "applied": self.applied or [],
            "not_applied": self.not_applied or [],
            "unknown": self.unknown or [],
        }


class ConnectionFailed(VapixError):
    """No answer: name not resolved, refused, reset, timed out, proxy failed."""


class BrokenConnection(ConnectionFailed):
    """The connection broke after it was made; a request that changes nothing may be repeated."""


class NoAnswerInTime(ConnectionFailed):
    """The request was sent and no answer came in time. The device may have done what it says."""


class TlsFailed(ConnectionFailed):
    """The TLS handshake failed or the device's certificate is not trusted."""


class Untrusted(TlsFailed):
    """The device's certificate is not trusted, or not the pinned one."""


class AuthenticationFailed(VapixError):
    """The device does not accept the credentials, or wants some and has been given none."""


class NotAllowed(VapixError):
    """The credentials are right, the operation is refused: missing role, or a protected parameter (HTTP 401 or 403)."""


class ApiMissing(VapixError):
    """The device does not have this API or resource (HTTP 404)."""


class BadAnswer(VapixError):
    """The answer is not what the API promises: HTML, truncated JSON, nothing, too large."""


class DeviceRefused(VapixError):
    """The device understood the request and answered with an error of its API."""


class InvalidOption(VapixError):
    """What the user asks for cannot be right for this device. Raised before anything is written."""


class NotSupported(VapixError):
    """The device has no API for what the user asks for. Raised before anything is written."""


class RolledBack(VapixError):
    """A change was made, did not prove itself, and was taken back."""


class NotTaken(VapixError):
    """The device answered success, but reading back shows another state."""


def missing_package(name: str) -> InvalidOption:
    """The error where a Python package that the task needs is not installed."""
    return InvalidOption(
        f"the Python package {name!r} is missing where this task runs",
        remedy=f"Install it there: python -m pip install {name}",
    )
