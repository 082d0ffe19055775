# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/pwdgrp.cgi``: System settings page, section on accounts.

Recorded: the lines of ``get`` on 12.11 and older, the page "User accounts" with "Created account root." on 10.12.
Assumed: the HTML around the other texts is the same.
"""
from __future__ import annotations

import re
from typing import Any

from exchange import Answer, Request, text_answer
from handlers._base import ADMIN, ANONYMOUS, Handler
from state import State, User

_NAME = re.compile(r"[A-Za-z0-9]{1,14}")
_STRICT = re.compile(r"[\x20-\x7e]{1,64}")
_ROLES = (
    {"viewer"}, {"viewer", "ptz"}, {"operator", "viewer"}, {"operator", "viewer", "ptz"},
    {"admin", "operator", "viewer"}, {"admin", "operator", "viewer", "ptz"},
)
_ORDER = ("admin", "operator", "viewer", "ptz")


def page(text: str, status: int = 200) -> Answer:
    """The HTML page every answer but ``get`` is wrapped in."""
    html = f"<html>\n<head>\n<title>User accounts</title>\n</head>\n<body>\n{text}\n</body>\n</html>\n"
    return text_answer(html, "text/html", status)


class PwdGrp(Handler):
    """pwdgrp.cgi."""

    path = "/axis-cgi/pwdgrp.cgi"

    def level(self, request: Request) -> int:
        # Without any account nobody could log in; answer() allows nothing but the first one then.
        return ANONYMOUS if request.state.needs_setup else ADMIN

    def is_write(self, request: Request) -> bool:
        return request.argument("action") in ("add", "update", "remove")

    def operation(self, request: Request) -> str:
        return request.argument("action") or request.method

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        action, name = request.argument("action"), request.argument("user") or ""
        if request.state.needs_setup:
            return self._first(request, action, name)
        if action == "get":
            return self._get(request.state)
        if action not in ("add", "update", "remove"):
            return page("Error: action operation type.")
        if not _NAME.fullmatch(name):
            return page("Error: account user name.")
        return getattr(self, f"_{action}")(request, name)

    def _first(self, request: Request, action: str | None, name: str) -> Answer:
        if action != "add":
            return page("Error: initial admin user must be created first.", 401)
        profile = request.device.profile
        groups = set((request.argument("sgrp") or "").split(":"))
        good = groups == set(_ORDER) and bool(request.argument("pwd")) and bool(_NAME.fullmatch(name))
        if profile.first_user_must_be_root:
            # No comment field at all, not even an empty one, worked for the author who tried (real-devices.md 2);
            # the page allows an empty one.
            good = good and name == "root" and request.argument("grp") == "root" and not request.argument("comment")
        if not good:
            return page("Error: not a valid initial admin user.", 401)
        return self._add(request, name)

    @staticmethod
    def _get(state: State) -> Answer:
        lines = []
        for group in _ORDER:
            members = ",".join(name for name, user in state.users.items() if group in user.groups)
            lines.append(f'{group}="{members}"\n')
        lines.append(f'digusers="{",".join(state.users)}"\n')
        return text_answer("".join(lines))

    @staticmethod
    def _secrets(request: Request) -> tuple[str | None, tuple[str, ...] | None, bool]:
        """Password and groups of an add or update, and whether what was sent is good."""
        password, roles = request.argument("pwd"), request.argument("sgrp")
        groups = set(roles.split(":")) if roles is not None else None
        good = (password is None or bool(password)) and (groups is None or groups in _ROLES)
        if request.argument("strict_pwd") == "1" and password is not None:
            good = good and bool(_STRICT.fullmatch(password))
        return password, tuple(g for g in _ORDER if g in groups) if groups is not None else None, good

    def _add(self, request: Request, name: str) -> Answer:
        users = request.state.users
        if name in users:
            return page("Error: this user name already exists, consult the system log file")
        password, groups, good = self._secrets(request)
        if not good or password is None or groups is None or not request.argument("grp"):
            return page("Error: consult the system log file.")
        users[name] = User(password, groups)
        return page(f"Created account {name}.")

    def _update(self, request: Request, name: str) -> Answer:
        users = request.state.users
        if name not in users:
            return page("Error: malformed action operation, update.")
        password, groups, good = self._secrets(request)
        if not good:
            return page("Error: consult the system log file.")
        old = users[name]
        users[name] = User(old.password if password is None else password, old.groups if groups is None else groups)
        return page(f"Modified account {name}.")

    @staticmethod
    def _remove(request: Request, name: str) -> Answer:
        users, profile = request.state.users, request.device.profile
        if name not in users or (name == "root" and profile.first_user_must_be_root):
            return page("Error: malformed action operation, remove.")
        del users[name]
        return page(f"Removed account {name}.")


HANDLER = PwdGrp()
