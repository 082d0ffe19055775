# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The accounts of a device, among them the one we log in with.

A device never tells a password or a comment. Whether a password is right is found out by one login with it; wrong ones
are counted by the device, which blocks who has too many in a short time, so that there is a limit to them here.

Sources: VAPIX "System settings" (pwdgrp.cgi), "Systemready API" (passphrase policy); what others saw on real devices.
"""

from __future__ import annotations

import dataclasses
import re
import time
import typing as t

from ..device import boot
from ..device.device import Device, version_numbers
from ..device.pwdgrp import ROLES, Account, PwdGrp, secondary_groups
from ..model.legacy import Change, Document, Option, Resource, Target
from ..wire.errors import AuthenticationFailed, NotAllowed, VapixError

#: Wrong passwords that are tried in one run. Passwords after that are taken for wrong and set.
MOST_REFUSALS = 10
#: Pause after each of them, in seconds: devices count them by the second (20 for one page by default).
REFUSAL_PAUSE = 0.25
#: Logins with a password that was just set, until it is taken for not set.
PROOFS = 3
#: Pauses between looking whether the first account is there, in seconds. Each look can be a refused login.
FIRST_PAUSES = (0.2, 0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 8.0)
#: From this AXIS OS on the first account can have any name, and root can be removed.
ROOT_IS_ORDINARY = (11, 5)

_NAME = re.compile(r"[A-Za-z0-9]{1,14}")
_PASSWORD = re.compile(r"[ -~]{1,64}")
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_ROOT = "root"
_ROOT_IS_THERE = "Properties.API.Browser.RootPwdSetValue"
_OPTIONS = ("role", "ptz", "password")


class User(Resource):
    """Options of the accounts."""

    name = "user"
    options = {
        "users": Option(
            "list",
            elements="dict",
            required=True,
            options={
                "name": Option(required=True),
                "state": Option(choices=("present", "absent"), default="present"),
                "role": Option(choices=tuple(ROLES)),
                "ptz": Option("bool", null=False),
                "password": Option(secret=True),
                "comment": Option(),
            },
        ),
        "exclusive": Option("bool", default=False),
        "update_password": Option(choices=("always", "on_create"), default="always"),
    }

    def secrets(self, wanted: Document) -> list[str]:
        return [user["password"] for user in wanted.get("users") or () if user.get("password")]

    def on(self, device: Device, wanted: Document) -> UserTarget:
        return UserTarget(device, wanted)


@dataclasses.dataclass(frozen=True)
class Reading:
    """The accounts of a device.

    :param accounts: by name; None for a device in factory default state, which has none yet.
    :param right: whether the wanted password of an account is the one it has, as far as it was tried.
    """

    accounts: t.Mapping[str, Account] | None
    right: t.Mapping[str, bool]


class UserTarget(Target):
    """The accounts of one device."""

    def __init__(self, device: Device, wanted: Document) -> None:
        super().__init__(device, "pwdgrp.cgi")
        self._cgi = PwdGrp(device.session)
        self._wanted: dict[str, Document] = {}
        for user in wanted.get("users") or ():
            self._declare(user)
        self._exclusive: bool = wanted["exclusive"]
        self._always = wanted["update_password"] == "always"
        self._right: dict[str, bool] = {}
        self._logins: dict[str, int] = {}
        self._refusals = 0
        self._last = Reading({}, {})

    @property
    def _own(self) -> str | None:
        """The account we log in with."""
        return self.device.session.username

    # -- what is wanted
    def _declare(self, user: Document) -> None:
        name = user["name"]
        if name in self._wanted:
            raise self.invalid(f"users: {name!r} is there twice", "Give each account once")
        password = user.get("password")
        if password is not None and not _PASSWORD.fullmatch(password):
            raise self.invalid(
                f"users: the password of {name!r} is not 1 to 64 printable ASCII characters",
                "Choose another: devices take no other characters",
            )
        # Left out and null are the same, but for ptz: there null is the default, which is no.
        self._wanted[name] = {key: value for key, value in user.items() if value is not None or key == "ptz"}
        if self._wanted[name].get("ptz", False) is None:
            self._wanted[name]["ptz"] = False

    def _present(self) -> dict[str, Document]:
        return {name: user for name, user in self._wanted.items() if user["state"] == "present"}

    # -- reading
    def read(self) -> Reading:
        try:
            self._prove_own()
            accounts = self._cgi.accounts()
        except AuthenticationFailed:
            if not boot.needs_setup(self.device):
                raise
            return Reading(None, {})
        if not accounts:
            return Reading(None, {})  # before AXIS OS 9, a device without accounts asks nobody for a login
        for name, user in self._present().items():
            # A password that was just set is proven in any case.
            asked = user.get("password") and (self._always or name in self._right)
            if asked and name in accounts and name != self._own:
                self._prove(name, user["password"])
        return Reading(accounts, dict(self._right))

    def _prove_own(self) -> None:
        """Find out which password our own account has, when another one than that of the connection is wanted.

        The wanted one is tried first: once it is set, no run logs in with a wrong one.
        """
        own = self._own
        password = self._present().get(own, {}).get("password") if own else None
        if own is None or password is None or not self._always:
            return
        session = self.device.session
        if session.has_password(password):
            self._right[own] = True
        elif self._prove(own, password):
            session.log_in(own, password)
            self.device.progress(f"logged in as {own} with the password that is wanted, not that of the connection")

    def _prove(self, name: str, password: str) -> bool:
        """Whether a password is right, by one login as long as nothing was written since."""
        tries = self._logins.setdefault(name, 1)
        if self._right.get(name) or tries < 1 or self._refusals >= MOST_REFUSALS:
            return self._right.setdefault(name, False)
        self._logins[name] -= 1
        self._right[name] = self.device.session.accepts(name, password)
        if not self._right[name]:
            self._refusals += 1
            time.sleep(REFUSAL_PAUSE)
        return self._right[name]

    # -- planning
    def plan(self, reading: Reading) -> list[Change]:
        self._last = reading
        if reading.accounts is None:
            return self._plan_first()
        changes: list[Change] = []
        for name, user in self._present().items():
            account = reading.accounts.get(name)
            changes += self._creation(name, user) if account is None else self._correction(account, user, reading)
        surplus = [name for name, user in self._wanted.items() if user["state"] == "absent"]
        if self._exclusive:
            surplus += [name for name in reading.accounts if name not in self._wanted]
        for name in surplus:
            if name in reading.accounts:
                changes.append(Change(f"users.{name}", _shown(reading.accounts[name]), None))
        self._check_safety(reading.accounts, changes)
        self._check_passwords(changes)
        return _in_order(changes, self._own)

    def _creation(self, name: str, user: Document) -> list[Change]:
        if not _NAME.fullmatch(name):
            raise self.invalid(f"users: {name!r} is not 1 to 14 of the characters a-z, A-Z, 0-9", "Choose another name")
        missing = [option for option in ("role", "password") if not user.get(option)]
        if missing:
            raise self.invalid(
                f"users: {name!r} does not exist and cannot be created without {' and '.join(missing)}", "Add it"
            )
        wanted = {"role": user["role"], "ptz": user.get("ptz", False)}
        return [
            Change(f"users.{name}", None, wanted),
            Change(f"users.{name}.password", None, "wanted", secret=True),
        ]

    def _correction(self, account: Account, user: Document, reading: Reading) -> list[Change]:
        now = _shown(account)
        path = f"users.{account.name}"
        changes = [
            Change(f"{path}.{option}", now[option], user[option])
            for option in ("role", "ptz")
            if option in user and user[option] != now[option]
        ]
        if changes and account.role is None and "role" not in user:
            raise self.invalid(f"users: {account.name!r} has no role", "Give it one")
        if reading.right.get(account.name) is False:
            changes.append(Change(f"{path}.password", "another", "wanted", secret=True))
        return changes

    def _check_safety(self, accounts: t.Mapping[str, Account], changes: t.Sequence[Change]) -> None:
        """Refuse what would lock us out, or what the device does not do."""
        removed = {_parts(change)[0] for change in changes if change.after is None}
        roles = {name: change.after for change in changes for name, option in [_parts(change)] if option == "role"}
        own = self._own
        why = "because exclusive removes what is not listed" if own not in self._wanted else "it is set to absent"
        if own in removed:
            raise self.invalid(
                f"users: {own!r} is the account in use and would be removed ({why})",
                "List it with its name, or log in with another account to remove it",
            )
        if own in roles and accounts[str(own)].role == "administrator":
            raise self.invalid(
                f"users: {own!r} is the account in use and would become {roles[own]}",
                "Leave its role alone, or log in with another account to lower it",
            )
        if _ROOT in removed and (not self.device.axis_os or self.device.axis_os < ROOT_IS_ORDINARY):
            raise self.invalid(
                "users: the account root cannot be removed before AXIS OS 11.5",
                "List it with its name only to leave it alone",
            )
        after = {name: account.role for name, account in accounts.items() if name not in removed} | roles
        after |= {name: user["role"] for name, user in self._present().items() if name not in accounts}
        had_one = any(account.role == "administrator" for account in accounts.values())
        if had_one and "administrator" not in after.values():
            raise self.invalid("users: no administrator would be left", "Keep one, or the device cannot be managed")

    def _check_passwords(self, changes: t.Sequence[Change]) -> None:
        """Refuse passwords that the device's own policy refuses; up to AXIS OS 11 there is none."""
        names = [name for name, option in map(_parts, changes) if option == "password"]
        policy = self.device.system_ready().get("passphrasepolicy") if names else None
        for name in names:
            password = self._wanted[name]["password"]
            if policy == "length" and len(password) < 15:
                lacks = "at least 15 characters"
            elif policy == "complex" and (len(password) < 12 or not all(re.search(c, password) for c in _CLASSES)):
                lacks = "at least 12 characters, of lower case, upper case, digits and others"
            else:
                continue
            raise self.invalid(f"users: the password of {name!r} is too weak for this device", f"It wants {lacks}")

    # -- the first account
    def _plan_first(self) -> list[Change]:
        """All accounts of a device in factory default state; the first one is made without a login."""
        first = self._first()
        present = self._present()
        changes = [
            change
            for name in (first, *(name for name in present if name != first))
            for change in self._creation(name, present[name] | ({"ptz": True} if name == first else {}))
        ]
        self._check_passwords(changes)
        return changes

    def _first(self) -> str:
        """Which account is to be the first."""
        version = version_numbers(str(self.device.unrestricted_identity().get("Version", "")))
        able = [
            name
            for name, user in self._present().items()
            if user.get("role") == "administrator" and user.get("ptz", True) and user.get("password")
        ]
        if version < ROOT_IS_ORDINARY:
            # Also where the device does not tell its version without a login.
            if _ROOT not in able:
                raise self.invalid(
                    "users: the device is in factory default state, and before AXIS OS 11.5 its first account has to "
                    "be root, an administrator with PTZ control and a password",
                    "Add it: {name: root, role: administrator, password: ...}",
                )
            able = [_ROOT]
        if not able:
            raise self.invalid(
                "users: the device is in factory default state, and its first account has to be an administrator "
                "with PTZ control and a password",
                "Add one: {name: ..., role: administrator, password: ...}",
            )
        if self._own is not None and self._own not in self._present():
            raise self.invalid(
                f"users: the device is in factory default state, and the account of the connection, {self._own!r}, "
                "is not among those to be created",
                "Add it, or the next task cannot log in",
            )
        return self._own if self._own in able else able[0]

    # -- writing
    def write(self, changes: t.Sequence[Change]) -> None:
        several: dict[str, dict[str | None, t.Any]] = {}
        for change in changes:
            name, option = _parts(change)
            several.setdefault(name, {})[option] = change.after
        first = self._last.accounts is None
        for name, values in several.items():
            if first:
                self._make_first(name)
                first = False
            elif None not in values:
                self._update(name, values)
            elif values[None] is None:
                self._cgi.remove(name)
            else:
                user = self._wanted[name]
                self._expect_login(name)
                self._cgi.add(name, user["password"], user["role"], user.get("ptz", False), user.get("comment"))

    def _update(self, name: str, values: t.Mapping[str | None, t.Any]) -> None:
        account = (self._last.accounts or {})[name]
        arguments = {}
        if values.keys() & {"role", "ptz"}:
            role, ptz = values.get("role", account.role), values.get("ptz", account.ptz)
            arguments["sgrp"] = secondary_groups(role, ptz)
        if "password" in values:
            arguments["pwd"] = self._wanted[name]["password"]
            self._expect_login(name)
        self._cgi.update(name, arguments)

    def _expect_login(self, name: str) -> None:
        """From here on the password may be the wanted one: what was found out before does not count."""
        self._right[name] = False
        self._logins[name] = PROOFS
        self._refusals = min(self._refusals, MOST_REFUSALS - PROOFS)

    def _make_first(self, name: str) -> None:
        """Make the first account and wait until it is there. The door closes behind it at once."""
        password = self._wanted[name]["password"]
        self._cgi.add_first(name, password)
        self.device.session.log_in(name, password)
        refused: VapixError | None = None
        for pause in (*FIRST_PAUSES, 0.0):
            try:
                told = self.device.param.list(_ROOT_IS_THERE).get(_ROOT_IS_THERE, "yes")
                refused = None
            except (AuthenticationFailed, NotAllowed) as exc:  # the accounts may be a moment late
                refused = exc
            else:
                # It speaks of root; of another first account a good login has to do.
                if told == "yes" or name != _ROOT:
                    return
            time.sleep(pause)
        if refused is not None:
            raise refused


def _parts(change: Change) -> tuple[str, str | None]:
    """The account and the option that a change is about; None for the account as a whole."""
    name = change.path.removeprefix("users.")
    for option in _OPTIONS:
        if name.endswith(f".{option}"):
            return name.removesuffix(f".{option}"), option
    return name, None


def _shown(account: Account) -> Document:
    return {"role": account.role, "ptz": account.ptz}


def _in_order(changes: t.Sequence[Change], own: str | None) -> list[Change]:
    """What gives before what takes; our own account last."""

    def place(change: Change) -> int:
        if _parts(change)[0] == own:
            return 3
        return 2 if change.after is None else 0 if change.before is None else 1

    return sorted(changes, key=place)


DECLARED = User()
