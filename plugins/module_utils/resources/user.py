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
from ..model.change import Call, Change, Phase, Plan, Secret
from ..model.field import MISSING
from ..model.option import Document, Option
from ..model.resource import Hidden, Planner, Resource, Target, World
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
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_ROOT = "root"
_ROOT_IS_THERE = "Properties.API.Browser.RootPwdSetValue"


ACCOUNT = {
    "name": Option(
        required=True,
        length=(1, 64),
        doc="Name of the account. A new one has 1 to 14 of the characters a-z, A-Z and 0-9. It cannot be changed.",
    ),
    "state": Option(choices=("present", "absent"), default="present", doc="Whether the account exists."),
    "role": Option(
        choices=tuple(ROLES),
        doc=(
            "What the account may do. An V(operator) may also do what a V(viewer) may, and an V(administrator) may do "
            "everything.",
            "A new account needs one.",
        ),
    ),
    "ptz": Option(
        "bool",
        null=False,
        doc="Whether the account may move the camera (pan, tilt, zoom). The first account of a device always may.",
    ),
    "password": Option(
        secret=True,
        length=(1, 64),
        pattern="[ -~]*",
        like="printable ASCII characters",
        doc=(
            "The password. AXIS OS 12 can want a strong one. It refuses a weak one, and so does this module before it "
            "changes anything.",
            "A new account needs one.",
        ),
    ),
    "comment": Option(
        steers=True,
        doc="A comment. It is only written with a new account, because devices do not show it. The first account of a "
        "device gets none, because devices before AXIS OS 11.5 refuse it.",
    ),
}


class User(Resource):
    """Options of the accounts."""

    name = "user"
    apis = ("pwdgrp.cgi",)
    options = {
        "users": Option("list", elements="dict", required=True, options=ACCOUNT, doc="The accounts."),
        "exclusive": Option(
            "bool",
            default=False,
            doc="Whether to remove every account that O(users) does not list. The account in use has to be listed, be "
            "it only by its name.",
        ),
        "update_secrets": Option(
            choices=("on_change", "on_create"),
            default="on_change",
            aliases=("update_password",),
            words={"always": "on_change"},
            doc="V(on_change) finds out by one login whether the password of an account is the wanted one, and sets it "
            "if not. V(on_create) only sets the passwords of new accounts.",
        ),
    }

    def on(self, device: Device, wanted: Document) -> UserTarget:
        return UserTarget(self, device, wanted)


@dataclasses.dataclass(frozen=True)
class Reading:
    """The accounts of a device.

    :param accounts: by name; None for a device in factory default state, which has none yet.
    :param right: whether the wanted password of an account is the one it has, as far as it was tried.
    :param version: AXIS OS of a device without accounts, as numbers; empty where it is not told without a login.
    """

    accounts: t.Mapping[str, Account] | None
    right: t.Mapping[str, bool]
    version: tuple[int, ...] = ()


class UserTarget(Target):
    """The accounts of one device."""

    def __init__(self, resource: User, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._cgi = PwdGrp(device.session)
        self._wanted: dict[str, Document] = {}
        for user in wanted.get("users") or ():
            self._declare(user)
        self._exclusive: bool = wanted.get("exclusive", False)
        self._asks = wanted.get("update_secrets") != "on_create"
        # What is known of passwords, so that no login is tried more often than needed.
        self._right: dict[str, bool] = {}
        self._logins: dict[str, int] = {}
        self._refusals = 0

    @property
    def _own(self) -> str | None:
        """The account we log in with."""
        return self.device.session.username

    # -- what is wanted
    def _declare(self, user: Document) -> None:
        name = user["name"]
        if name in self._wanted:
            raise self.invalid(f"users: {name!r} is there twice", "Give each account once")
        # Left out and null are the same, but for ptz: there null is the default, which is no.
        self._wanted[name] = {key: value for key, value in user.items() if value is not None or key == "ptz"}
        if self._wanted[name].get("ptz", False) is None:
            self._wanted[name]["ptz"] = False

    def _present(self) -> dict[str, Document]:
        return {name: user for name, user in self._wanted.items() if user.get("state") != "absent"}

    def secrets(self) -> t.Mapping[str, t.Any]:
        return {_path(name, "password"): user["password"] for name, user in self._wanted.items() if "password" in user}

    def api_of(self, reading: Reading) -> str:
        return "pwdgrp.cgi"

    # -- reading
    def read(self) -> Reading:
        try:
            self._prove_own()
            accounts = self._cgi.accounts()
        except AuthenticationFailed:
            if not boot.needs_setup(self.device):
                raise
            accounts = {}
        if not accounts:  # before AXIS OS 9, a device without accounts asks nobody for a login
            return Reading(None, {}, version_numbers(str(self.device.unrestricted_identity().get("Version", ""))))
        for name, user in self._present().items():
            # A password that was just set is proven in any case.
            asked = user.get("password") and (self._asks or name in self._right)
            if asked and name in accounts and name != self._own:
                self._prove(name, user["password"])
        return Reading(accounts, dict(self._right))

    def _prove_own(self) -> None:
        """Find out which password our own account has, when another one than that of the connection is wanted.

        The wanted one is tried first: once it is set, no run logs in with a wrong one.
        """
        own = self._own
        password = self._present().get(own, {}).get("password") if own else None
        if own is None or password is None or not self._asks:
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

    def current(self, reading: Reading) -> Document:
        listed = [{"name": name} | _shown(account) for name, account in (reading.accounts or {}).items()]
        return {"users": [{key: value for key, value in user.items() if value is not None} for user in listed]}

    def hidden(self, reading: Reading) -> list[Hidden]:
        return [
            Hidden(("users", number, "password"), f"{name}_password")
            for number, name in enumerate(reading.accounts or {})
        ]

    def shows(self, change: Change, reading: Reading) -> t.Any:
        for name, account in (reading.accounts or {}).items():
            if change.path == _path(name):
                return _shown(account)
            if change.path.startswith(_path(name, "")):
                return _shown(account).get(change.path.removeprefix(_path(name, "")), MISSING)
        return MISSING

    # -- planning
    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        if reading.accounts is None:
            first = self._first(reading.version)
            present = self._present()
            self._create(planner, first, present[first] | {"ptz": True}, "first")
            for name in present:
                if name != first:
                    self._create(planner, name, present[name])
            return planner.plan()
        for name, user in self._present().items():
            account = reading.accounts.get(name)
            if account is None:
                self._create(planner, name, user)
            else:
                self._correct(planner, account, user, reading)
        for name, account in reading.accounts.items():
            listed = self._wanted.get(name)
            if (self._exclusive and listed is None) or (listed is not None and listed.get("state") == "absent"):
                gone = [Change(_path(name), _shown(account), None)]
                planner.step(gone, [Call("remove", {"name": name})], phase=Phase.TAKE)
        plan = planner.plan()
        self._check_safety(reading.accounts, plan.changes)
        return plan

    def _create(self, planner: Planner, name: str, user: Document, call: str = "add") -> None:
        if not _NAME.fullmatch(name):
            raise self.invalid(f"users: {name!r} is not 1 to 14 of the characters a-z, A-Z, 0-9", "Choose another name")
        missing = [option for option in ("role", "password") if not user.get(option)]
        if missing:
            raise self.invalid(
                f"users: {name!r} does not exist and cannot be created without {' and '.join(missing)}", "Add it"
            )
        password = Secret(_path(name, "password"))
        wanted = {"role": user["role"], "ptz": user.get("ptz", False), "password": password}
        arguments = {"name": name} | wanted | {"comment": user.get("comment")}
        planner.step(
            [Change(_path(name), None, wanted)],
            [Call(call, arguments)],
            # Without its first account, a device does not let us in to remove it.
            [Call("remove", {"name": name})] if call == "add" else [],
            Phase.GIVE,
            [("user", name)],
        )

    def _correct(self, planner: Planner, account: Account, user: Document, reading: Reading) -> None:
        now, name = _shown(account), account.name
        changes = [
            Change(_path(name, option), now[option], user[option])
            for option in ("role", "ptz")
            if option in user and user[option] != now[option]
        ]
        if changes and account.role is None and "role" not in user:
            raise self.invalid(f"users: {name!r} has no role", "Give it one")
        arguments: Document = {"name": name}
        undo = []
        if changes:
            arguments["sgrp"] = secondary_groups(user.get("role", account.role), user.get("ptz", account.ptz))
            if account.role is not None:
                undo = [Call("update", {"name": name, "sgrp": secondary_groups(account.role, account.ptz)})]
        if reading.right.get(name) is False:
            arguments["pwd"] = Secret(_path(name, "password"))
            changes.append(Change(_path(name, "password"), "another", "wanted", secret=True))
            undo = []
        phase = Phase.ACCESS if name == self._own else Phase.SETTINGS
        planner.step(changes, [Call("update", arguments)], undo, phase, [("user", name)])

    def _check_safety(self, accounts: t.Mapping[str, Account], changes: t.Sequence[Change]) -> None:
        """Refuse what would lock us out, or what the device does not do."""
        removed = {
            name for name in accounts for change in changes if change.path == _path(name) and change.after is None
        }
        roles = {name: change.after for name in accounts for change in changes if change.path == _path(name, "role")}
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
        after = {name: account.role for name, account in accounts.items() if name not in removed} | roles
        after |= {name: user["role"] for name, user in self._present().items() if name not in accounts}
        had_one = any(account.role == "administrator" for account in accounts.values())
        if had_one and "administrator" not in after.values():
            raise self.invalid("users: no administrator would be left", "Keep one, or the device cannot be managed")

    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        """Refuse what only the device's version and its own policy for passwords tell."""
        gone = any(change.path == _path(_ROOT) and change.after is None for change in plan.changes)
        if gone and (not self.device.axis_os or self.device.axis_os < ROOT_IS_ORDINARY):
            raise self.invalid(
                "users: the account root cannot be removed before AXIS OS 11.5",
                "List it with its name only to leave it alone",
            )
        sent = [call.arguments["name"] for step in plan.steps for call in step.do if _sends_password(call)]
        policy = self.device.system_ready().get("passphrasepolicy") if sent else None  # up to AXIS OS 11 there is none
        for name in sent:
            password = self._wanted[name]["password"]
            if policy == "length" and len(password) < 15:
                lacks = "at least 15 characters"
            elif policy == "complex" and (len(password) < 12 or not all(re.search(c, password) for c in _CLASSES)):
                lacks = "at least 12 characters, of lower case, upper case, digits and others"
            else:
                continue
            raise self.invalid(f"users: the password of {name!r} is too weak for this device", f"It wants {lacks}")

    def _first(self, version: tuple[int, ...]) -> str:
        """Which account of a device in factory default state is to be the first. It is made without a login."""
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
    def do(self, call: Call) -> None:
        arguments = dict(call.arguments)
        name = arguments.pop("name")
        if call.name == "remove":
            self._cgi.remove(name)
        elif call.name == "first":
            self._make_first(name, arguments["password"])
        else:
            if _sends_password(call):
                self._expect_login(name)
            if call.name == "add":
                self._cgi.add(name, **arguments)
            else:
                self._cgi.update(name, arguments)

    def _expect_login(self, name: str) -> None:
        """From here on the password may be the wanted one: what was found out before does not count."""
        self._right[name] = False
        self._logins[name] = PROOFS
        self._refusals = min(self._refusals, MOST_REFUSALS - PROOFS)

    def _make_first(self, name: str, password: str) -> None:
        """Make the first account and wait until it is there. The door closes behind it at once."""
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


def _path(name: str, option: str | None = None) -> str:
    """How an account, or an option of one, is shown."""
    return f"users[{name}]" if option is None else f"users[{name}].{option}"


def _sends_password(call: Call) -> bool:
    return bool(call.arguments.keys() & {"password", "pwd"})


def _shown(account: Account) -> Document:
    return {"role": account.role, "ptz": account.ptz}


DECLARED = User()
