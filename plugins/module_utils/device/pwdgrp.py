# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""pwdgrp.cgi: the accounts of a device.

Source: VAPIX "System settings", and recordings from several generations. Whether something was done is told by a
sentence in an HTML page inside HTTP 200. Passwords, comments and primary groups can be written and never read.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ..wire.errors import BadAnswer, DeviceRefused
from ..wire.session import Answer, Session, missing_api, post_form, unexpected

PATH = "/axis-cgi/pwdgrp.cgi"

#: The groups that make a role, from least to most rights. PTZ control is a group beside them.
ROLES = {
    "viewer": ("viewer",),
    "operator": ("operator", "viewer"),
    "administrator": ("admin", "operator", "viewer"),
}

_GROUP = re.compile(r'(?P<name>[\w-]+)="(?P<members>[^"]*)"')
_DONE = re.compile(r"\b(?:Created|Modified|Removed)\s+(?:the\s+)?account\b", re.IGNORECASE)
_ERROR = re.compile(r"\bError:\s*(?P<text>[^<\r\n]*)", re.IGNORECASE)
# What is said while there is no account yet, whatever the request asks for.
_FIRST_ACCOUNT = re.compile(r"\binitial admin user\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Account:
    """An account as the device shows it. :param role: one of :data:`ROLES`; None for an account without any."""

    name: str
    role: str | None
    ptz: bool


def parse_accounts(text: str) -> dict[str, Account]:
    """Parse the answer of ``action=get`` into accounts by name, in the order of the device.

    Up to AXIS OS 11 the answer lists all groups of the system with their own users; accounts are those in
    ``digusers``. A list can end with a comma.

    :raises BadAnswer: it is no such list.
    """
    groups = {
        match["name"]: [name.strip() for name in match["members"].split(",") if name.strip()]
        for match in _GROUP.finditer(text)
    }
    if "digusers" not in groups:
        raise BadAnswer(
            "the answer is no list of accounts", remedy="Report this with the device's model and AXIS OS version"
        )
    accounts = {}
    for name in groups["digusers"]:
        role = next((role for role, needed in reversed(ROLES.items()) if name in groups.get(needed[0], ())), None)
        accounts[name] = Account(name, role, name in groups.get("ptz", ()))
    return accounts


def secondary_groups(role: str, ptz: bool) -> str:
    """The argument ``sgrp``."""
    return ":".join((*ROLES[role], *(("ptz",) if ptz else ())))


class PwdGrp:
    """pwdgrp.cgi of one device. Arguments go in the body, since a URL ends up in logs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def accounts(self) -> dict[str, Account]:
        """The accounts by name.

        :raises BadAnswer: the answer is no list of accounts.
        """
        answer = self._post("get", {}, safe=True)
        if answer.status >= 300:
            raise unexpected(answer, "the request failed", **self._where("get"))
        try:
            return parse_accounts(answer.text)
        except BadAnswer as exc:
            exc.located(**self._where("get"))
            raise

    def needs_first_account(self) -> bool:
        """Whether there is no account yet, so that everybody may make the first one. Asked without credentials."""
        answer = self._post("get", {}, safe=True, anonymous=True)
        if answer.status < 300:
            # Old devices without a password answer everybody.
            return "digusers" in answer.text
        return answer.status == 401 and _FIRST_ACCOUNT.search(answer.text) is not None

    def add_first(self, name: str, password: str) -> None:
        """Make the first account, an administrator with PTZ control. Nobody has to log in for it.

        It has no comment: up to AXIS OS 11.4 even an empty one is refused.

        :raises DeviceRefused: the device refused, or has an account already.
        """
        groups = secondary_groups("administrator", True)
        self._write("add", {"user": name, "pwd": password, "grp": "root", "sgrp": groups}, anonymous=True)

    def add(self, name: str, password: str, role: str, ptz: bool, comment: str | None = None) -> None:
        """Make an account.

        :raises DeviceRefused: the device refused.
        """
        values = {"user": name, "pwd": password, "grp": "users", "sgrp": secondary_groups(role, ptz)}
        # Until 2019 devices wanted a comment, be it an empty one.
        self._write("add", values | {"comment": comment or ""})

    def update(self, name: str, values: t.Mapping[str, str]) -> None:
        """Set ``pwd``, ``sgrp`` or ``comment`` of an account and leave the others alone.

        :raises DeviceRefused: the device refused.
        """
        self._write("update", {"user": name, **values})

    def remove(self, name: str) -> None:
        """Remove an account.

        :raises DeviceRefused: the device refused.
        """
        self._write("remove", {"user": name})

    def _write(self, action: str, values: t.Mapping[str, str], anonymous: bool = False) -> None:
        answer = self._post(action, values, anonymous=anonymous)
        error = _ERROR.search(answer.text)
        if error or answer.status == 401:
            text = error["text"].strip().rstrip(".") if error else "there is an account already"
            raise DeviceRefused(
                f"the device refuses ({text})",
                remedy="Check name, password and role; the device's system log may say more",
                http_status=answer.status,
                **self._where(action),
            )
        if answer.status >= 300 or not _DONE.search(answer.text):
            raise unexpected(answer, "the answer is neither success nor error", **self._where(action))

    def _post(self, action: str, values: t.Mapping[str, str], *, safe: bool = False, anonymous: bool = False) -> Answer:
        answer = post_form(self._session, PATH, {"action": action, **values}, safe=safe, anonymous=anonymous)
        if answer.status == 404:
            raise missing_api(answer, **self._where(action))
        return answer

    def _where(self, action: str) -> dict[str, str]:
        return {"device": str(self._session.address), "api": "pwdgrp.cgi", "method": action}
