# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The forms most VAPIX settings have. A resource of such a form is mostly data.

A :class:`DocumentResource` names its options once and, for every API that can hold them, a form: where to read, where
to write, and which member of that API each option is. The first form the device has is used, so the order of the forms
is the order of preference.
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ..device.device import Device
from ..wire import rest
from ..wire.errors import ApiMissing, BadAnswer, NotSupported
from ..wire.json_cgi import JsonApi
from .compare import differences, flatten
from .declaration import Change, Document, Option, Resource, Target


def _same(value: t.Any) -> t.Any:
    return value


@dataclasses.dataclass(frozen=True)
class Field:
    """Where an option lives in an API.

    :param key: the member there; dots lead into objects.
    :param decode: from the API's value to the option's. :param encode: the other way.
    """

    key: str
    decode: t.Callable[[t.Any], t.Any] = _same
    encode: t.Callable[[t.Any], t.Any] = _same

    @classmethod
    def choice(cls, key: str, words: t.Mapping[t.Any, str]) -> Field:
        """A field whose API has its own words for the option's choices. Words are read in any letter case,
        and those it does not have are passed through."""
        back = {word.casefold(): choice for choice, word in words.items()}
        if len(back) != len(words):
            raise ValueError(f"{key}: two choices have the same word")
        return cls(key, lambda value: back.get(str(value).casefold(), value), lambda value: words.get(value, value))


@dataclasses.dataclass(frozen=True)
class Form(abc.ABC):
    """One API that can hold a resource."""

    #: Fields by path of the option.
    fields: t.Mapping[str, Field]

    @property
    @abc.abstractmethod
    def api(self) -> str:
        """Its name, for results and errors."""

    @abc.abstractmethod
    def read(self, device: Device) -> Document | None:
        """The API's document, or None when the device does not have the API.

        :raises VapixError: the device has it, but reading failed.
        """

    @abc.abstractmethod
    def write(self, device: Device, members: Document, document: Document) -> None:
        """Set members of the document, given by the keys of the fields.

        :param document: what was read last, for APIs that want more than the changes.
        """

    def decode(self, document: Document, device: Device) -> Document:
        """Translate the API's document into the words of the options; members it does not have are left out."""
        flat: Document = {}
        for path, field in self.fields.items():
            value = dig(document, field.key)
            if value is not MISSING:
                try:
                    flat[path] = field.decode(value)
                except (TypeError, ValueError) as exc:
                    raise BadAnswer(
                        f"the answer has an unusable {field.key!r}: {value!r}", device=str(device), api=self.api
                    ) from exc
        return flat


class _Missing:
    """Marks a member that is not there, as opposed to null."""


MISSING = _Missing()


def dig(document: t.Any, key: str) -> t.Any:
    """The member at a dotted key, or :data:`MISSING`."""
    for part in key.split(".") if key else ():
        if not isinstance(document, dict) or part not in document:
            return MISSING
        document = document[part]
    return document


def nest(members: t.Mapping[str, t.Any]) -> Document:
    """Turn dotted keys into nested objects."""
    document: Document = {}
    for key, value in members.items():
        *parents, last = key.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return document


@dataclasses.dataclass(frozen=True)
class RestDocument(Form):
    """An entity under ``/config/rest`` (PATCH merges: only what changes is sent).

    :param name: id in ``/config/discover``. :param major: its major version.
    :param entity: dotted place of the entity inside the API.
    """

    name: str
    major: int
    entity: str = ""

    @property
    def api(self) -> str:
        return f"{self.name} v{self.major}"

    def read(self, device: Device) -> Document | None:
        found = device.released_rest_api(self.name, self.major)
        if found is None:
            return None
        # The whole API is read: its root nests each entity once, on every device; single entities differ in that.
        document = dig(rest.get(device.session, found.path), self.entity)
        if not isinstance(document, dict):
            raise BadAnswer(f"the answer has no {self.entity}", device=str(device), api=self.api, method="GET")
        return document

    def write(self, device: Device, members: Document, document: Document) -> None:
        found = device.released_rest_api(self.name, self.major)
        if found is None:
            raise ApiMissing("the device no longer has this API", device=str(device), api=self.api)
        path = "/".join(filter(None, (found.path, self.entity.replace(".", "/"))))
        rest.patch(device.session, path, nest(members), old_verbs=device.old_rest_verbs)


@dataclasses.dataclass(frozen=True)
class JsonDocument(Form):
    """A JSON CGI with one getter and one setter.

    :param member: dotted place of the document in the getter's data.
    :param complete: the setter wants all writable members, not only those that change.
    """

    cgi: JsonApi
    getter: str
    setter: str
    member: str = ""
    complete: bool = False

    @property
    def api(self) -> str:
        return self.cgi.name

    def read(self, device: Device) -> Document | None:
        try:
            data = device.call(self.cgi, self.getter, safe=True)
        except ApiMissing:
            return None
        document = dig(data, self.member)
        # A device may have the CGI without the function: then the object is missing.
        return document if isinstance(document, dict) else None

    def write(self, device: Device, members: Document, document: Document) -> None:
        if self.complete:
            kept = {field.key: dig(document, field.key) for field in self.fields.values()}
            members = {key: value for key, value in kept.items() if value is not MISSING} | members
        device.call(self.cgi, self.setter, nest(members))


@dataclasses.dataclass(frozen=True)
class ParamDocument(Form):
    """Parameters of one group, for devices without a newer API.

    :param group: the group without ``root.``; the keys of the fields are names inside it.
    """

    group: str

    @property
    def api(self) -> str:
        return f"param.cgi {self.group}"

    def read(self, device: Device) -> Document | None:
        prefix = f"{self.group}."
        values = device.param.list(self.group)
        return (
            nest({name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)})
            or None
        )

    def write(self, device: Device, members: Document, document: Document) -> None:
        device.param.update({f"{self.group}.{key}": value for key, value in members.items()})


class DocumentResource(Resource):
    """A resource that is one document, held by the first of several APIs that the device has."""

    forms: tuple[Form, ...]

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        """Check the declaration when it is made: nonsense shall not wait for a customer's device."""
        super().__init_subclass__(**kwargs)
        known = set(flatten_options(cls.options))
        for form in cls.forms:
            strangers = form.fields.keys() - known
            if strangers:
                raise ValueError(f"{cls.__name__}, {form.api}: fields of no option: {sorted(strangers)}")
        unreachable = known - {path for form in cls.forms for path in form.fields} - set(cls.steering())
        if unreachable:
            raise ValueError(f"{cls.__name__}: options of no form: {sorted(unreachable)}")

    @classmethod
    def steering(cls) -> frozenset[str]:
        """Options that steer the module and are no state of the device."""
        return frozenset(name for name, option in cls.options.items() if option.default is not None)

    def on(self, device: Device, wanted: Document) -> DocumentTarget:
        for form in self.forms:
            document = form.read(device)
            if document is not None:
                return DocumentTarget(self, device, wanted, form, document)
        raise NotSupported(
            f"the device has none of the APIs for {self.name} ({', '.join(form.api for form in self.forms)})",
            remedy="The product or its AXIS OS does not offer this",
            device=str(device),
        )

    def check(self, wanted: Document, reading: Document, target: DocumentTarget) -> None:
        """Refuse what cannot be right for this device; called with flat documents before anything is planned."""

    def check_changes(self, changes: t.Sequence[Change], target: DocumentTarget) -> None:
        """Refuse changes that exceed what the device can hold; may ask the device, as only a change costs that."""


class DocumentTarget(Target):
    """A document resource on one device."""

    def __init__(
        self, resource: DocumentResource, device: Device, wanted: Document, form: Form, document: Document
    ) -> None:
        super().__init__(device, form.api, wanted.get("on_unsupported") == "warn")
        self._resource = resource
        self.form = form
        self._options = flatten_options(resource.options)
        self._wanted = self._complete(wanted)
        self.document = document
        self._fresh = True

    def _complete(self, wanted: Document) -> Document:
        """Flatten, replace null by what it stands for and refuse what this API cannot hold."""
        flat = {path: value for path, value in flatten(wanted).items() if path not in self._resource.steering()}
        flat = resolve_nulls(flat, self._options, self)
        missing = [
            path for path, value in flat.items() if path not in self.form.fields and value != self._default(path)
        ]
        if missing:
            self.unsupported(f"hold {', '.join(missing)}")
        return {path: value for path, value in flat.items() if path in self.form.fields}

    def _default(self, path: str) -> t.Any:
        return self._options[path].null

    def read(self) -> Document:
        # The first reading was made already, to find out which API the device has.
        document = self.document if self._fresh else self.form.read(self.device)
        self._fresh = False
        if document is None:
            raise ApiMissing("the API is gone since the first reading", device=str(self.device), api=self.api)
        self.document = document
        return document

    def plan(self, reading: Document) -> list[Change]:
        current = self.form.decode(reading, self.device)
        # What is wanted as it is by default is no loss where the device does not have it.
        absent = [path for path, value in self._wanted.items() if path not in current and value != self._default(path)]
        if absent:
            self.unsupported(f"hold {', '.join(absent)}")
        wanted = {path: value for path, value in self._wanted.items() if path in current}
        self._resource.check(wanted, current, self)
        changes = differences(current, wanted, self._options)
        if changes:
            self._resource.check_changes(changes, self)
        return changes

    def write(self, changes: t.Sequence[Change]) -> None:
        fields = self.form.fields
        members = {fields[change.path].key: fields[change.path].encode(change.after) for change in changes}
        self.form.write(self.device, members, self.document)


def resolve_nulls(flat: Document, options: t.Mapping[str, Option], target: Target) -> Document:
    """A flat document with what each null stands for.

    :param options: by path. :raises InvalidOption: null stands for nothing there.
    """
    for path, value in flat.items():
        if value is None and options[path].null is None:
            raise target.invalid(
                f"{path} cannot be null: the device documents no default for it",
                "Leave the option out to leave the setting alone",
            )
    return {path: options[path].null if value is None else value for path, value in flat.items()}


def flatten_options(options: t.Mapping[str, Option], prefix: str = "") -> dict[str, Option]:
    """Options by path, those of a ``dict`` in place of itself."""
    flat: dict[str, Option] = {}
    for name, option in options.items():
        if option.type == "dict" and option.options:
            flat.update(flatten_options(option.options, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = option
    return flat
