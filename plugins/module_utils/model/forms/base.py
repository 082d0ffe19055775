# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Forms: where a state lives in an API, how it is read, and which calls change it.

A form is data: the API, its getter and setters, and a :class:`~..field.Field` for each option. Two shapes of state use
forms: a document (:class:`DocumentForm`) and a collection of items with a key (:class:`CollectionForm`).
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ...device.device import Device
from ...wire.errors import BadAnswer
from ..change import Call, Secret
from ..field import MISSING, Field, dig
from ..option import Document, Option


@dataclasses.dataclass(frozen=True)
class Held:
    """What a form holds on a device now.

    :param native: the API's own document. :param values: the same in the words of the options, by path; what the device
        does not have is not in it.
    """

    form: DocumentForm
    native: t.Any
    values: Document

    @property
    def parts(self) -> tuple[Held, ...]:
        """What it is made of: itself, or the parts of :class:`AllOf`."""
        return self.native if isinstance(self.native, tuple) else (self,)


@dataclasses.dataclass(frozen=True)
class Edit:
    """What is to be set.

    :param values: by path, only what changes. :param wanted: by path, all that the user wants.
    :param options: by path.
    """

    values: Document
    wanted: Document
    options: t.Mapping[str, Option]


class Request(t.NamedTuple):
    """The calls that set some options together. :param paths: of the options."""

    paths: tuple[str, ...]
    calls: tuple[Call, ...]


class Form(abc.ABC):
    """One API that can hold a state."""

    @property
    @abc.abstractmethod
    def api(self) -> str:
        """Its name, for calls, results and errors."""

    @abc.abstractmethod
    def send(self, device: Device, arguments: Document) -> None:
        """Carry out one of this form's calls."""

    def leaves(self) -> t.Iterator[Form]:
        """The forms that this one is made of: itself."""
        yield self

    @property
    def parameters(self) -> tuple[str, ...]:
        """Patterns of the parameters that it holds."""
        return ()


class DocumentForm(Form):
    """A form that holds a document."""

    #: Fields by path of the option.
    fields: t.Mapping[str, Field]

    @abc.abstractmethod
    def read(self, device: Device, wanted: Document) -> Held | None:
        """What the device holds, or None if it does not have the API.

        :param wanted: by path, what the user wants: it can choose what is read (a channel, a mode).
        :raises VapixError: the device has it, but reading failed.
        """

    @abc.abstractmethod
    def requests(self, held: Held, edit: Edit) -> list[Request]:
        """The requests that set something, in order. Pure: nothing is sent."""

    def held(self, native: Document, device: Device) -> Held:
        """A reading of this form."""
        return Held(self, native, decode(self.fields, native, device, self.api))


class Items(list[t.Any]):
    """Items as an API shows them.

    :param most: how many the device holds, if it says so.
    :param form: the form with what this device says about what it takes, where a form needs that.
    """

    def __init__(self, items: t.Iterable[t.Any], most: int | None = None, form: CollectionForm | None = None) -> None:
        super().__init__(items)
        self.most = most
        self.form = form


class CollectionForm(Form):
    """A form that holds a collection of items with a key."""

    #: Fields by name of the item's option.
    fields: t.Mapping[str, Field]
    #: Whether it makes an item anew before it removes the old one: an interruption in between leaves both.
    leaves_both: t.ClassVar[bool] = False

    @abc.abstractmethod
    def read_items(self, device: Device) -> list[t.Any] | None:
        """The items as the API shows them, or None if the device does not have the API."""

    @abc.abstractmethod
    def add(self, item: Document) -> Call:
        """The call that makes an item. :param item: by name of the option, spelled as wanted."""

    @abc.abstractmethod
    def change(self, native: t.Any, item: Document, members: Document) -> Call | None:
        """The call that changes an item; None where the API has none and the item is made anew.

        :param native: the item as it was read. :param item: all of it as it is to be. :param members: what changes.
        """

    @abc.abstractmethod
    def remove(self, native: t.Any) -> Call:
        """The call that removes an item."""

    def renew(self, native: t.Any, item: Document) -> list[Call]:
        """The calls that make an item anew, where none changes it. :param item: all of it as it is to be."""
        return [self.remove(native), self.add(item)]

    def holds(self, item: Document) -> t.Collection[str]:
        """The options that this device has a place for in such an item; none if it has no such items at all."""
        return self.fields.keys()

    def encode(self, members: Document) -> Document:
        """Members of an item by the API's names."""
        return {self.fields[name].written: self.fields[name].encode(value) for name, value in members.items()}

    def decode(self, native: t.Any, device: Device) -> Document:
        """An item in the words of the options."""
        return decode(self.fields, native, device, self.api)


def decode(fields: t.Mapping[str, Field], native: t.Any, device: Device, api: str) -> Document:
    """Translate an API's document into the words of the options; members it does not have are left out.

    :raises BadAnswer: a member is of another type. Its value is not shown, as it can be a secret.
    """
    flat: Document = {}
    for path, field in fields.items():
        value = dig(native, field.key)
        if value is not MISSING:
            try:
                flat[path] = field.decode(value) if not field.flag or _says_yes(dig(native, field.flag)) else None
            except (AttributeError, KeyError, TypeError, ValueError) as exc:
                raise BadAnswer(
                    f"the answer has an unusable {field.key!r} ({exc})",
                    remedy="Report this with the device's model and AXIS OS version",
                    device=str(device),
                    api=api,
                ) from None
    return flat


def _says_yes(flag: t.Any) -> bool:
    """Whether a flag is set; one that is not there is."""
    return flag is MISSING or str(flag).casefold() not in ("false", "no", "0")


def encoded(fields: t.Mapping[str, Field], values: Document) -> Document:
    """Some options by the members that set them. Later ones win where several share a member."""
    return {fields[path].written: fields[path].encode(value) for path, value in values.items()}


def complete(fields: t.Mapping[str, Field], held: Held, edit: Edit) -> Document:
    """All members of a setter that wants them all: what is there, and what changes. Masks are never sent back.

    A secret that does not change is sent if the user gave it.
    """
    members: Document = {}
    for path, field in fields.items():
        option = edit.options.get(path)
        if option is not None and option.secret:
            if path in edit.wanted and path not in edit.values:
                members[field.written] = Secret(path)
        elif (value := dig(held.native, field.key)) is not MISSING:
            members[field.written] = value
    return members | encoded(fields, edit.values)


@dataclasses.dataclass(frozen=True)
class AllOf(DocumentForm):
    """Complementary parts: each holds some of the options, and a device can lack any of them."""

    parts: tuple[DocumentForm, ...]

    def __post_init__(self) -> None:
        paths = [path for part in self.parts for path in part.fields]
        if len(set(paths)) < len(paths):
            raise ValueError(f"two parts hold the same option: {sorted(paths)}")

    @property
    def api(self) -> str:
        return self.parts[0].api

    @property
    def fields(self) -> t.Mapping[str, Field]:  # type: ignore[override]
        return {path: field for part in self.parts for path, field in part.fields.items()}

    def leaves(self) -> t.Iterator[Form]:
        for part in self.parts:
            yield from part.leaves()

    def read(self, device: Device, wanted: Document) -> Held | None:
        """Only the parts that something is wanted of are read; all of them if nothing is."""
        parts = [part for part in self.parts if part.fields.keys() & wanted.keys()] or self.parts
        found = [held for part in parts if (held := part.read(device, wanted)) is not None]
        if not found:
            return None
        return Held(self, tuple(found), {path: value for held in found for path, value in held.values.items()})

    def requests(self, held: Held, edit: Edit) -> list[Request]:
        found = []
        for part in held.native:
            own = {path: value for path, value in edit.values.items() if path in part.form.fields}
            if own:
                found += part.form.requests(part, dataclasses.replace(edit, values=own))
        return found

    def send(self, device: Device, arguments: Document) -> None:
        raise NotImplementedError("the parts send")


@dataclasses.dataclass(frozen=True)
class FirstOf(DocumentForm):
    """Alternatives for a part of :class:`AllOf`: the first that the device has answers."""

    forms: tuple[DocumentForm, ...]

    @property
    def api(self) -> str:
        return self.forms[0].api

    @property
    def fields(self) -> t.Mapping[str, Field]:  # type: ignore[override]
        return {path: field for form in reversed(self.forms) for path, field in form.fields.items()}

    def leaves(self) -> t.Iterator[Form]:
        for form in self.forms:
            yield from form.leaves()

    def read(self, device: Device, wanted: Document) -> Held | None:
        return next(filter(None, (form.read(device, wanted) for form in self.forms)), None)

    def requests(self, held: Held, edit: Edit) -> list[Request]:
        return held.form.requests(held, edit)

    def send(self, device: Device, arguments: Document) -> None:
        raise NotImplementedError("the alternatives send")
