# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/pwdgrp.cgi``: System settings page, section on accounts.

Recorded: the listings of 12.11 (five lines), of 10.12 (all system groups), an older one and a newer one with CRLF; the
page "User accounts" with "Created account root." on 10.12. Assumed: the HTML around the other texts is the same, and
what README.md lists.
"""

from __future__ import annotations

import random
import re
from functools import cache
from typing import Any

from exchange import Answer, Request, text_answer
from handlers._base import ADMIN, ANONYMOUS, Handler
from profiles import FOLDER
from state import State, User

_NAME = re.compile(r"[A-Za-z0-9]{1,14}")
_STRICT = re.compile(r"[\x20-\x7e]{1,64}")
_ROLES = (
    {"viewer"},
    {"viewer", "ptz"},
    {"operator", "viewer"},
    {"operator", "viewer", "ptz"},
    {"admin", "operator", "viewer"},
    {"admin", "operator", "viewer", "ptz"},
)
_ORDER = ("admin", "operator", "viewer", "ptz")
_PRIMARY = ("users", "root")
_MOST_ACCOUNTS = 100
# The passphrase policies of AXIS OS 12: least length, and whether all four classes of characters are wanted.
_POLICIES = {"none": (1, False), "length": (15, False), "complex": (12, True)}
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^A-Za-z0-9]"))
_CONSULT = "Error: consult the system log file."


def page(text: str, status: int = 200) -> Answer:
    """The HTML page every answer but ``get`` is wrapped in."""
    html = f"<html>\n<head>\n<title>User accounts</title>\n</head>\n<body>\n{text}\n</body>\n</html>\n"
    return text_answer(html, "text/html", status)


@cache
def system_groups(file: str) -> dict[str, list[str]]:
    """The system groups of a firmware and their members, without accounts."""
    lines = (FOLDER / file).read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: members.split(",") for name, _mark, members in pairs}


class PwdGrp(Handler):
    """pwdgrp.cgi. Options: ``groups`` (file of system groups), ``crlf``, ``needs_comment``."""

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
        if request.state.needs_setup and not (action == "get" and request.device.profile.open_without_password):
            return self._first(request, action, name)
        if action == "get":
            return self._get(request.state, options)
        if action not in ("add", "update", "remove"):
            return page("Error: action operation type.")
        if not _NAME.fullmatch(name):
            return page("Error: account user name.")
        return getattr(self, f"_{action}")(request, name, options)

    def _first(self, request: Request, action: str | None, name: str) -> Answer:
        if action != "add":
            return page("Error: initial admin user must be created first.", 401)
        state, profile = request.state, request.device.profile
        password, groups, good = self._secrets(request)
        good = good and groups == _ORDER and password is not None and bool(_NAME.fullmatch(name))
        good = good and request.argument("grp") in _PRIMARY
        if profile.first_user_must_be_root:
            # No comment field at all, not even an empty one, worked for the author who tried (real-devices.md 2);
            # the page allows an empty one.
            good = good and name == "root" and request.argument("grp") == "root" and not request.argument("comment")
        if not good or password is None:
            return page("Error: not a valid initial admin user.", 401)
        state.users[name] = User(password, _ORDER, request.argument("grp") or "users")
        state.created_first_account()
        return page(f"Created account {name}.")

    @staticmethod
    def _get(state: State, options: dict[str, Any]) -> Answer:
        """One line a group; the order of the members changes from read to read."""
        state.reads += 1
        mixer = random.Random(state.reads)
        file, users = options.get("groups"), state.users
        listed = system_groups(file) if file else {group: ["{}"] for group in _ORDER}
        lines = []
        for group, members in listed.items():
            if "{}" in members:
                kind = "primary" if group in _PRIMARY else "groups"
                own = [
                    name
                    for name, user in users.items()
                    if (user.primary == group if kind == "primary" else group in user.groups)
                ]
                members = [*members[:-1], *own]
                mixer.shuffle(members)
            lines.append(f'{group}="{",".join(members)}"')
        lines.append(f'digusers="{",".join(users)}"')
        end = "\r\n" if options.get("crlf") else "\n"
        return text_answer("".join(line + end for line in lines) + options.get("tail", ""))

    @staticmethod
    def _secrets(request: Request) -> tuple[str | None, tuple[str, ...] | None, bool]:
        """Password and groups of an add or update, and whether what was sent is good."""
        password, roles = request.argument("pwd"), request.argument("sgrp")
        groups = set(roles.split(":")) if roles is not None else None
        good = groups is None or groups in _ROLES
        if password is not None:
            least, classes = _POLICIES.get(request.state.passphrase_policy, (1, False))
            good = good and len(password) >= least
            good = good and not (classes and not all(kind.search(password) for kind in _CLASSES))
            if request.argument("strict_pwd") == "1":
                good = good and bool(_STRICT.fullmatch(password))
        return password, tuple(g for g in _ORDER if g in groups) if groups is not None else None, good

    def _add(self, request: Request, name: str, options: dict[str, Any]) -> Answer:
        users = request.state.users
        taken = system_groups(options["groups"]).values() if options.get("groups") else ()
        if name in users or any(name in members for members in taken):
            return page("Error: this user name already exists, consult the system log file")
        password, groups, good = self._secrets(request)
        primary = request.argument("grp")
        if options.get("needs_comment") and request.argument("comment") is None:
            good = False
        if not good or password is None or groups is None or primary not in _PRIMARY or len(users) >= _MOST_ACCOUNTS:
            return page(_CONSULT)
        users[name] = User(password, groups, primary)
        return page(f"Created account {name}.")

    def _update(self, request: Request, name: str, _options: dict[str, Any]) -> Answer:
        users = request.state.users
        if name not in users:
            return page("Error: malformed action operation, update.")
        password, groups, good = self._secrets(request)
        old = users[name]
        if groups is not None and "admin" not in groups and self._is_needed(request, name):
            good = False
        if not good:
            return page(_CONSULT)
        users[name] = User(
            old.password if password is None else password, old.groups if groups is None else groups, old.primary
        )
        return page(f"Modified account {name}.")

    def _remove(self, request: Request, name: str, _options: dict[str, Any]) -> Answer:
        users, profile = request.state.users, request.device.profile
        if name not in users or (name == "root" and profile.first_user_must_be_root):
            return page("Error: malformed action operation, remove.")
        if self._is_needed(request, name):
            return page(_CONSULT)
        del users[name]
        return page(f"Removed account {name}.")

    @staticmethod
    def _is_needed(request: Request, name: str) -> bool:
        """The last administrator, or root where it must exist, keeps the role (assumed)."""
        if name == "root" and request.device.profile.first_user_must_be_root:
            return True
        return [other for other, user in request.state.users.items() if "admin" in user.groups] == [name]


HANDLER = PwdGrp()
