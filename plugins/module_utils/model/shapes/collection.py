# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A collection: items with a key, each present or absent, held by the first of several forms that the device has."""

from __future__ import annotations

import typing as t

from ...device.device import Device
from ..change import Call, Change, Phase, Plan, Secret
from ..compare import differences, write_only
from ..field import IS_SET, MISSING
from ..forms.base import CollectionForm
from ..option import ON_UNSUPPORTED, Document, Option, update_secrets
from ..resource import Hidden, Planner, Resource, Returned, Target, World
from .document import normal

#: Checks what is wanted of one item, and the item now (None for a new one); yields problem and remedy.
Check: t.TypeAlias = "t.Callable[[Document, Document | None], t.Iterable[tuple[str, str]]]"
#: Checks items that are new or change, as they are to be, by asking the device; yields problem and remedy.
AskingCheck = t.Callable[[Device, t.Sequence[Document]], t.Iterable[tuple[str, str]]]


class CollectionResource(Resource):
    """A resource that is a collection.

    :param items: the option that lists the items. :param key: the item's option that identifies it.
    :param item: the options of an item. :param fold: brings keys that mean the same into one spelling.
    :param items_doc: what the list is, for the documentation.
    :param kind: what an item promises to others in the same plan, for example ``stream_profile``.
    :param needed: options without which no item can be made. What lacks one on a device can be the remnant of an item.
    :param protected: whether an item cannot be removed. :param check: refuses what cannot be right on this device.
    :param verify: the same for what only the device can say.
    """

    def __init__(
        self,
        name: str,
        *,
        items: str,
        key: str,
        item: t.Mapping[str, Option],
        forms: t.Sequence[CollectionForm],
        items_doc: str = "",
        fold: t.Callable[[str], str] = str,
        kind: str = "",
        needed: tuple[str, ...] = (),
        protected: t.Callable[[Document], str | None] = lambda native: None,
        check: Check | None = None,
        verify: AskingCheck | None = None,
        after: tuple[str, ...] = (),
        returns: t.Mapping[str, Returned] | None = None,
        requirements: tuple[str, ...] = ("requests",),
    ) -> None:
        self.name = name
        self.items = items
        self.key = key
        self.state = {option: row for option, row in item.items() if row.is_state}
        self.forms = tuple(forms)
        leaves = [leaf for form in forms for leaf in form.leaves()]
        self.apis = tuple(dict.fromkeys(leaf.api for leaf in leaves))
        self.parameters = tuple(name for leaf in leaves for name in leaf.parameters)
        self.fold = fold
        self.kind = kind
        self.needed = needed
        self.protected = protected
        self.check = check
        self.verify = verify
        self.after = after
        self.returns = returns or {}
        self.requirements = requirements
        state = Option(
            choices=("present", "absent"),
            default="present",
            doc="Whether the entry exists. An entry that exists is changed only where its options say so.",
        )
        self.options = {
            items: Option("list", elements="dict", options={**item, "state": state}, doc=items_doc),
            "exclusive": Option(
                "bool", default=False, doc=f"Whether to remove every entry that O({items}) does not list."
            ),
        }
        if any(row.write_only for row in item.values()):
            self.options["update_secrets"] = update_secrets()
        self.options["on_unsupported"] = ON_UNSUPPORTED
        self._validate()

    def _validate(self) -> None:
        if self.key not in self.state or not self.state[self.key].required:
            raise ValueError(f"{self.name}: the key {self.key!r} is a required option of the item")
        for form in self.forms:
            strangers = form.fields.keys() - self.state.keys()
            if strangers or self.key not in form.fields:
                raise ValueError(f"{self.name}, {form.api}: fields of no option, or no key: {sorted(strangers)}")
        unreachable = self.state.keys() - {path for form in self.forms for path in form.fields}
        if unreachable:
            raise ValueError(f"{self.name}: options of no form: {sorted(unreachable)}")

    def on(self, device: Device, wanted: Document) -> CollectionTarget:
        return CollectionTarget(self, device, wanted)


#: The call that removes what a step has made.
_REMOVE = "remove"


class Entry(t.NamedTuple):
    """An item on a device: as the API shows it, and in the words of the options."""

    native: t.Any
    values: Document


class Reading(t.NamedTuple):
    """The items of a device by key; several can have the same one.

    :param form: with what this device says about it. :param most: how many it holds, if it says so.
    """

    form: CollectionForm
    entries: t.Mapping[str, t.Sequence[Entry]]
    most: int | None = None


class CollectionTarget(Target):
    """A collection on one device."""

    resource: CollectionResource

    def __init__(self, resource: CollectionResource, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self.always = wanted.get("update_secrets") == "always"
        self.present: dict[str, Document] = {}
        self.absent: dict[str, str] = {}
        for item in wanted.get(resource.items) or ():
            self._declare(item)

    def _declare(self, item: Document) -> None:
        resource = self.resource
        name = str(item[resource.key])
        key = resource.fold(name)
        if not name:
            raise self.invalid(f"{resource.items}: an entry has an empty {resource.key}", "Name it")
        if key in self.present or key in self.absent:
            raise self.invalid(f"{resource.items}: {name!r} is there twice", "Give each entry once")
        if item.get("state") == "absent":
            self.absent[key] = name
            return
        values = {}
        for option, value in item.items():
            if option not in resource.state:
                continue
            if value is None and resource.state[option].null is None:
                raise self.invalid(
                    f"{self._path(name, option)} cannot be null: the device documents no default for it",
                    "Leave the option out to leave the setting alone",
                )
            values[option] = resource.state[option].null if value is None else value
        self.present[key] = values

    def _path(self, name: str, option: str = "") -> str:
        """How an item, or an option of one, is shown."""
        return f"{self.resource.items}[{name}]{f'.{option}' if option else ''}"

    def api_of(self, reading: Reading) -> str:
        return reading.form.api

    def secrets(self) -> t.Mapping[str, t.Any]:
        return {
            self._path(str(item[self.resource.key]), option): value
            for item in self.present.values()
            for option, value in item.items()
            if self.resource.state[option].secret
        }

    def read(self) -> Reading:
        for form in self.resource.forms:
            items = form.read_items(self.device)
            if items is not None:
                entries: dict[str, list[Entry]] = {}
                for native in items:
                    entry = Entry(native, form.decode(native, self.device))
                    if self.resource.key in entry.values:
                        entries.setdefault(self.resource.fold(str(entry.values[self.resource.key])), []).append(entry)
                return Reading(getattr(items, "form", None) or form, entries, getattr(items, "most", None))
        raise self.lacking(form.api for form in self.resource.forms)

    def current(self, reading: Reading) -> Document:
        state = self.resource.state
        found = [
            {option: value for option, value in entry.values.items() if not state[option].secret}
            for entry in self._items(reading)
        ]
        return {self.resource.items: found}

    def hidden(self, reading: Reading) -> list[Hidden]:
        items, key = self.resource.items, self.resource.key
        return [
            Hidden((items, number, option), f"{items}_{entry.values[key]}_{option}")
            for number, entry in enumerate(self._items(reading))
            for option, row in self.resource.state.items()
            if row.secret and option in reading.form.fields and self._holds(reading.form, entry, option)
        ]

    def _holds(self, form: CollectionForm, entry: Entry, option: str) -> bool:
        """Whether an item has a secret. Where the API tells that, no word of it is a no."""
        return bool(entry.values.get(option, form.fields[option].kind is not IS_SET))

    def _items(self, reading: Reading) -> list[Entry]:
        """The items of a device, without what an interrupted change left of one."""
        entries = [entry for several in reading.entries.values() for entry in several]
        return [entry for entry in entries if self._is_whole(reading.form, entry)]

    def _is_whole(self, form: CollectionForm, entry: Entry) -> bool:
        """Whether it is an item, and not what an interrupted change left of one."""
        return not form.leaves_both or all(option in entry.values for option in self.resource.needed)

    def shows(self, change: Change, reading: Reading) -> t.Any:
        for entries in reading.entries.values():
            for entry in entries:
                place, name = self._path(str(entry.values[self.resource.key])), change.path
                if name == place:
                    return entry.values
                if name.startswith(f"{place}."):
                    return entry.values.get(name.removeprefix(f"{place}."), MISSING)
        return MISSING

    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        form, resource = reading.form, self.resource
        lost = sorted(
            {
                option
                for item in self.present.values()
                for option, value in item.items()
                if option not in form.fields and value != resource.state[option].null
            }
        )
        if lost:
            planner.unsupported(f"hold {', '.join(lost)}", *(f"{resource.items}.{option}" for option in lost))
        for key, item in self.present.items():
            name, wanted = str(item[resource.key]), self._normal(form, item)
            there, remnants = self._sorted_out(form, reading.entries.get(key, ()), wanted)
            self._refuse(wanted, there)
            wanted = self._possible(form, name, wanted, there, planner)
            promises = [(resource.kind, name)] if resource.kind else []
            if wanted and there:
                changes, do, undo = self._correction(form, there[0], wanted)
                planner.step(changes, do, undo, Phase.SETTINGS, promises)
            elif wanted:
                planner.step(*self._creation(form, wanted), Phase.GIVE, promises)
            for entry in remnants:
                planner.step([self._without(entry, "remnant")], [form.remove(entry.native)], (), Phase.TAKE)
        for entry in self._surplus(reading):
            whole = self._is_whole(form, entry)
            undo = [form.add(entry.values)] if whole and not self._has_secrets(form) else []
            gone = self._without(entry, "" if whole else "remnant")
            planner.step([gone], [form.remove(entry.native)], undo, Phase.TAKE)
        self._refuse_too_many(reading, planner.plan())
        return planner.plan()

    def _normal(self, form: CollectionForm, item: Document) -> Document:
        """What is wanted of an item as the device would show it, as far as its API has it."""
        name = str(item[self.resource.key])
        return {
            option: normal(form.fields[option], value, self._path(name, option), self)
            for option, value in item.items()
            if option in form.fields
        }

    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        if self.resource.verify is None:
            return
        changed = {change.path for change in plan.changes}
        items = []
        for key, item in self.present.items():
            wanted, place = self._normal(reading.form, item), self._path(str(item[self.resource.key]))
            there, _remnants = self._sorted_out(reading.form, reading.entries.get(key, ()), wanted)
            if any(path == place or path.startswith(f"{place}.") for path in changed):
                items.append((there[0].values if there else {}) | wanted)
        if items:
            for problem, remedy in self.resource.verify(self.device, items):
                raise self.invalid(f"{self.resource.items}: {problem}", remedy)

    def _without(self, entry: Entry, what: str) -> Change:
        """The change that takes an entry away. :param what: of the item, if it is not the item itself."""
        name = str(entry.values[self.resource.key])
        note = "left by a change that was interrupted" if what else ""
        return Change(self._path(name, what), self._shown(entry.values), None, note=note)

    def _sorted_out(
        self, form: CollectionForm, there: t.Sequence[Entry], wanted: Document
    ) -> tuple[t.Sequence[Entry], t.Sequence[Entry]]:
        """The entries of one key, and those that an interrupted change left.

        Of several that are whole, the last one that is as wanted counts, where a change can leave both.
        """
        whole = [entry for entry in there if self._is_whole(form, entry)]
        if len(whole) > 1 and form.leaves_both:
            state = self.resource.state
            right = [entry for entry in whole if not differences(entry.values, self._own(entry, wanted), state)]
            whole = right[-1:] or whole
        return whole, [entry for entry in there if not any(entry is one for one in whole)]

    def _possible(
        self, form: CollectionForm, name: str, wanted: Document, there: t.Sequence[Entry], planner: Planner
    ) -> Document:
        """What is wanted of an item, without what this device cannot hold; nothing if it has no such items."""
        places = form.holds((there[0].values if there else {}) | wanted)
        if not places:
            planner.unsupported(f"hold {self._path(name)}", self._path(name))
            return {}
        state = self.resource.state
        lost = [option for option, value in wanted.items() if option not in places and value != state[option].null]
        if lost:
            planner.unsupported(f"hold {', '.join(lost)}", *(self._path(name, option) for option in lost))
        return {option: value for option, value in wanted.items() if option in places}

    def _own(self, entry: Entry, wanted: Document) -> Document:
        """What is wanted of an item that is there, without defaults of what it does not have."""
        state = self.resource.state
        return {
            option: value
            for option, value in wanted.items()
            if option != self.resource.key
            and (option in entry.values or state[option].write_only or value != state[option].null)
        }

    def _refuse_too_many(self, reading: Reading, plan: Plan) -> None:
        """Refuse more items than the device holds."""
        new = sum(change.before is None for change in plan.changes if change.path.endswith("]"))
        gone = sum(change.after is None for change in plan.changes if change.path.endswith("]"))
        there = sum(map(len, reading.entries.values()))
        if new and reading.most is not None and there + new - gone > reading.most:
            raise self.invalid(
                f"{self.resource.items}: {there + new - gone} entries are too many, the device holds {reading.most}",
                "Remove some",
            )

    def _refuse(self, wanted: Document, there: t.Sequence[Entry]) -> None:
        """Refuse an item that cannot be right on this device."""
        name, items = str(wanted[self.resource.key]), self.resource.items
        if len(there) > 1:
            raise self.invalid(
                f"{items}: the device has {len(there)} entries {name!r}",
                "Remove them with state: absent, then declare the one you want",
            )
        missing = [] if there else [option for option in self.resource.needed if wanted.get(option) is None]
        if missing:
            raise self.invalid(f"{items}: {name!r} does not exist and needs {' and '.join(missing)}", "Add it")
        if self.resource.check is not None:
            for problem, remedy in self.resource.check(wanted, there[0].values if there else None):
                raise self.invalid(f"{items}: {name!r}: {problem}", remedy)

    def _creation(self, form: CollectionForm, wanted: Document) -> tuple[list[Change], list[Call], list[Call]]:
        name = str(wanted[self.resource.key])
        item = self._with_defaults(form, wanted)
        # The device may give it an identifier of its own, which only a reading tells.
        undo = [Call(_REMOVE, {"api": form.api, "key": self.resource.fold(name)})]
        return [Change(self._path(name), None, self._shown(item))], [form.add(self._sent(name, item))], undo

    def _correction(
        self, form: CollectionForm, entry: Entry, wanted: Document
    ) -> tuple[list[Change], list[Call], list[Call]]:
        state, name = self.resource.state, str(entry.values[self.resource.key])
        own = self._own(entry, wanted)
        found = differences(entry.values, own, state)
        found += write_only(entry.values, own, state, {change.path for change in found}, self.always)
        if not found:
            return [], [], []
        members = {change.path: own[change.path] for change in found}
        after = {
            option: value
            for option, value in (entry.values | own | {self.resource.key: name}).items()
            if option in own or not state[option].secret
        }
        do = form.change(entry.native, self._sent(name, after), self._sent(name, members))
        hidden = [
            option
            for option in set(form.holds(after)) & set(form.holds(entry.values))
            if state[option].secret and option not in own and entry.values.get(option, True)
        ]
        if do is None and hidden:
            raise self.invalid(
                f"{self._path(name)} can only be changed by making it anew, which takes {' and '.join(sorted(hidden))}",
                "Give it",
            )
        calls = form.renew(entry.native, self._sent(name, after)) if do is None else [do]
        changes = [
            Change(
                self._path(name, change.path),
                change.before,
                Secret(self._path(name, change.path)) if change.secret else change.after,
                change.secret,
                change.risk,
                change.provable,
            )
            for change in found
        ]
        undo: list[Call] = []
        if do is not None and not any(change.secret or change.before is None for change in changes):
            before = {change.path: entry.values[change.path] for change in found}
            back = form.change(entry.native, entry.values, before)
            undo = [] if back is None else [back]
        return changes, calls, undo

    def _surplus(self, reading: Reading) -> list[Entry]:
        """Items to remove."""
        found = []
        for key, entries in reading.entries.items():
            wanted = key in self.absent
            if wanted or (self.wanted.get("exclusive") and key not in self.present):
                for entry in entries:
                    name = str(entry.values[self.resource.key])
                    reason = self.resource.protected(entry.native)
                    if reason and wanted:
                        raise self.invalid(f"{self.resource.items}: {name!r} cannot be removed: {reason}", "Keep it")
                    if not reason:
                        found.append(entry)
        return found

    def _with_defaults(self, form: CollectionForm, wanted: Document) -> Document:
        """An item to be made, with what null stands for where an option is left out."""
        state = self.resource.state
        places = form.holds(wanted)
        defaults = {option: row.null for option, row in state.items() if row.null is not None and option in places}
        return defaults | wanted

    def _sent(self, name: str, item: Document) -> Document:
        """An item with the names of its secrets."""
        state = self.resource.state
        return {
            option: Secret(self._path(name, option)) if state[option].secret else value
            for option, value in item.items()
        }

    def _shown(self, item: Document) -> Document:
        """An item as a change shows it: without secrets."""
        state = self.resource.state
        return {option: value for option, value in item.items() if not state[option].secret}

    def _has_secrets(self, form: CollectionForm) -> bool:
        return any(self.resource.state[option].secret for option in form.fields)

    def do(self, call: Call) -> None:
        if call.name == _REMOVE:
            form = self._form(call.arguments["api"])
            for native in form.read_items(self.device) or ():
                name = form.decode(native, self.device).get(self.resource.key)
                if name is not None and self.resource.fold(str(name)) == call.arguments["key"]:
                    self.do(form.remove(native))
        else:
            self._form(call.name).send(self.device, call.arguments)

    def _form(self, api: str) -> CollectionForm:
        return next(form for form in self.resource.forms if form.api == api)
