# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves the promises of every form in both shapes, on devices that are a table: create, repeat, change, revert."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import DISCOVER, PARAM, Sent, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile as engine
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.model.change import Phase, from_json, to_json
from ansible_collections.axis.vapix.plugins.module_utils.model.compare import write_only
from ansible_collections.axis.vapix.plugins.module_utils.model.field import (
    BOOL,
    FLOAT_TEXT,
    INT,
    INT_TEXT,
    IS_SET,
    TEXT,
    TEXTS,
    TRUE_FALSE,
    YES_NO,
    Choice,
    Field,
    ListOf,
    Object,
    Separated,
    Words,
)
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.base import AllOf, FirstOf, Items
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.json_cgi import (
    JsonCollection,
    JsonDocument,
    Setter,
    Switch,
)
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.param_cgi import ParamCollection, ParamDocument
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.rest import RestCollection, RestDocument
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.soap import SoapCollection
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.xml_cgi import XmlCollection, XmlDocument
from ansible_collections.axis.vapix.plugins.module_utils.model.option import Option
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import World
from ansible_collections.axis.vapix.plugins.module_utils.model.shapes.collection import CollectionResource
from ansible_collections.axis.vapix.plugins.module_utils.model.shapes.document import DocumentResource
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ApiMissing,
    BadAnswer,
    DeviceRefused,
    InvalidOption,
    NotSupported,
    NotTaken,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.json_cgi import JsonApi
from ansible_collections.axis.vapix.plugins.module_utils.wire.xml_cgi import XmlApi

Doc = dict[str, t.Any]
ROOT = "/axis-cgi/lamp.cgi"
LAMP = JsonApi(ROOT, "lamp", "1.0")
LIST = "/axis-cgi/apidiscovery.cgi"
INFO = "/axis-cgi/basicdeviceinfo.cgi"
VERSION = json_answer({"data": {"propertyList": {"Version": "12.11.77"}}})
NO_PARAMETERS = answer("# Error: Error -1 getting param in group 'Lamp'\n")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.time, "sleep", lambda seconds: None)


# --- documents --------------------------------------------------------------------------------------------------------

OPTIONS = {
    "on": Option("bool", null=False),
    "level": Option("int", null=10, range=(0, 100)),
    "names": Option("list", elements="str", null=[]),
    "mode": Option(choices=("day", "night"), risk="restarts_service"),
    "key": Option(secret=True, write_only=True),
}


class Lamp:
    """A device with one lamp, in several dialects."""

    def __init__(self, **state: t.Any) -> None:
        self.state: Doc = {"on": False, "level": 10, "names": [], "mode": "DAY", "key": ""} | state
        self.calls: list[t.Any] = []

    def json(self, request: Sent) -> t.Any:
        asked = request.json
        method, params = asked["method"], asked.get("params", {})
        if method == "getLamp":
            shown = {name: value for name, value in self.state.items() if name != "key"}
            return json_answer({"data": {"lamp": shown | {"maxNames": 3, "modes": ["DAY", "NIGHT"]}}})
        self.calls.append((method, params))
        if method == "setLamp":
            self.state |= params
        elif method == "setUp":
            self.state |= {"names": params["names"], "on": True}
        elif method in ("enable", "disable"):
            self.state["on"] = method == "enable"
        else:
            return json_answer({"error": {"code": 2102, "message": "Method not found"}})
        return json_answer({"data": {}})

    def rest(self, request: Sent) -> t.Any:
        if request.method == "GET":
            shown = {name: value for name, value in self.state.items() if name != "key"}
            return json_answer({"status": "success", "data": {"lamp": shown}})
        self.calls.append((request.target, request.json["data"]))
        self.state |= request.json["data"]
        return json_answer({"status": "success"})

    def param(self, request: Sent) -> t.Any:
        form = request.form
        if form.pop("action") == "list":
            rows = {"On": "yes" if self.state["on"] else "no", "Level": self.state["level"], "Mode": self.state["mode"]}
            return answer("".join(f"root.Lamp.{name}={value}\n" for name, value in rows.items()))
        self.calls.append(form)
        for name, value in form.items():
            key = name.removeprefix("root.Lamp.").lower()
            self.state[key] = value == "yes" if key == "on" else int(value) if key == "level" else value
        return answer("OK")

    def xml(self, request: Sent) -> t.Any:
        if request.target.endswith("get.cgi"):
            state = self.state
            inner = f"<On>{'true' if state['on'] else 'false'}</On><Level>{state['level']}</Level><Mode>DAY</Mode>"
            return answer(f'<?xml version="1.0"?><R xmlns="urn:x"><GetSuccess><Lamp>{inner}</Lamp></GetSuccess></R>')
        self.calls.append(request.form)
        if request.form.get("level") == "99":
            return answer(
                "<R><Error><ErrorCode>7</ErrorCode><ErrorDescription>too bright</ErrorDescription></Error></R>"
            )
        for name, value in request.form.items():
            self.state[name] = value == "true" if name == "on" else int(value) if name == "level" else value
        return answer("<R><Success/></R>")


MODES = Choice({"day": "DAY", "night": "NIGHT"})
JSON_FIELDS = {
    "on": Field("on", BOOL),
    "level": Field("level", INT),
    "names": Field("names", TEXTS, most="maxNames"),
    "mode": Field("mode", MODES, choices="modes"),
    "key": Field("key", TEXT),
}
JSON_FORM = JsonDocument(cgi=LAMP, getter="getLamp", member="lamp", setters=(Setter("setLamp", JSON_FIELDS),))
SWITCHED = JsonDocument(
    cgi=LAMP,
    getter="getLamp",
    member="lamp",
    setters=(
        Setter("setUp", {"names": JSON_FIELDS["names"]}, complete=True, resets=("on",)),
        Switch("on", JSON_FIELDS["on"], on="enable", off="disable"),
    ),
)
REST_FORM = RestDocument(name="lamp", major=1, entity="lamp", fields=JSON_FIELDS)
PARAM_FORM = ParamDocument(
    group="Lamp", fields={"on": Field("On", YES_NO), "level": Field("Level", INT_TEXT), "mode": Field("Mode", MODES)}
)
XML_FORM = XmlDocument(
    cgi=XmlApi("/axis-cgi/lamp"),
    getter="get.cgi",
    setter="set.cgi",
    root="GetSuccess/Lamp",
    fields={"on": Field("On", TRUE_FALSE, set_as="on"), "level": Field("Level", INT_TEXT, set_as="level")},
)
DISCOVERY = {"apis": {"lamp": {"v1": {"rest_api": "/config/rest/lamp/v1", "state": "released", "version": "1.0"}}}}


def lamp(form: t.Any, **state: t.Any) -> tuple[DocumentResource, t.Any, Lamp]:
    """A resource with one form, and a device that has it."""
    resource = DocumentResource("lamp", options={k: v for k, v in OPTIONS.items() if k in form.fields}, forms=[form])
    there = Lamp(**state)
    routes: Doc = {ROOT: there.json}
    if isinstance(form, RestDocument):
        routes = (
            {DISCOVER: json_answer(DISCOVERY)}
            | dict.fromkeys(["/config/rest/lamp/v1", "/config/rest/lamp/v1/lamp"], there.rest)
            | {INFO: VERSION}
        )
    elif isinstance(form, ParamDocument):
        routes = {PARAM: there.param}
    elif isinstance(form, XmlDocument):
        routes = dict.fromkeys(["/axis-cgi/lamp/get.cgi", "/axis-cgi/lamp/set.cgi"], there.xml)
    return resource, fake_device(routes)[0], there


@pytest.mark.parametrize("form", [JSON_FORM, REST_FORM, PARAM_FORM, XML_FORM], ids=lambda form: type(form).__name__)
def test_a_document_in_every_form(form: t.Any) -> None:
    resource, device, there = lamp(form)
    wanted = {"on": True, "level": 20}
    predicted = reconcile(resource.on(device, wanted), True)
    assert there.calls == [] and [change["path"] for change in predicted["changes"]] == ["on", "level"]
    assert reconcile(resource.on(device, wanted), False) == predicted
    assert (there.state["on"], there.state["level"]) == (True, 20)
    made = len(there.calls)
    assert not reconcile(resource.on(device, wanted), False)["changed"] and len(there.calls) == made
    assert reconcile(resource.on(device, {"on": None, "level": None}), False)["changed"], "back to the defaults"
    assert (there.state["on"], there.state["level"]) == (False, 10)
    target = resource.on(device, {})
    current = target.current(target.read())
    assert {"on": False, "level": 10}.items() <= current.items() and "key" not in current


@pytest.mark.parametrize("form", [JSON_FORM, REST_FORM, PARAM_FORM, XML_FORM], ids=lambda form: type(form).__name__)
def test_a_plan_can_be_undone_and_stored(form: t.Any) -> None:
    resource, device, there = lamp(form, on=True, level=5)
    before = dict(there.state)
    target = resource.on(device, {"on": False, "level": 7})
    reading = target.read()
    plan = target.plan(reading, World())
    assert plan == target.plan(reading, World()) == from_json(json.loads(json.dumps(to_json(plan))))
    for step in plan.steps:
        for call in step.do:
            target.do(call)
    assert (there.state["on"], there.state["level"]) == (False, 7)
    for step in reversed(plan.steps):
        for call in step.undo:
            target.do(call)
    assert there.state == before


@pytest.mark.parametrize(
    ("form", "wanted", "words"),
    [
        (JSON_FORM, {"level": 101}, "level: 101 is not between 0 and 100"),
        (JSON_FORM, {"names": ["a", "b", "c", "d"]}, "names: 4 entries are given, the device holds 3"),
        (JSON_FORM, {"names": ["a\x00"]}, "control character"),
        (JSON_FORM, {"mode": None}, "mode cannot be null"),
        (PARAM_FORM, {"level": -1}, "level"),
    ],
)
def test_bad_values_are_refused_before_anything_is_sent(form: t.Any, wanted: Doc, words: str) -> None:
    resource, device, there = lamp(form)
    with pytest.raises(InvalidOption, match=words):
        reconcile(resource.on(device, wanted), False)
    assert there.calls == []


def test_a_choice_that_this_device_does_not_take() -> None:
    resource, device, there = lamp(JSON_FORM)
    original = there.json
    device.session.routes[ROOT] = lambda request: json_answer(
        {"data": {"lamp": json.loads(original(request).body)["data"]["lamp"] | {"modes": ["DAY"]}}}
    )
    with pytest.raises(InvalidOption, match="mode: the device does not take 'night', it takes day"):
        reconcile(resource.on(device, {"mode": "night"}), False)
    assert there.calls == []


def test_a_setter_that_resets_an_option_is_followed_by_the_one_that_sets_it_again() -> None:
    """As remote syslog: setup switches it on."""
    resource, device, there = lamp(SWITCHED)
    reconcile(resource.on(device, {"names": ["a"]}), False)
    assert [call[0] for call in there.calls] == ["setUp", "disable"] and there.state["on"] is False
    there.calls.clear()
    reconcile(resource.on(device, {"names": ["b"], "on": True}), False)
    assert [call[0] for call in there.calls] == ["setUp", "enable"]
    assert (there.state["names"], there.state["on"]) == (["b"], True)


def test_a_secret_is_sent_when_its_neighbours_change_or_always() -> None:
    resource, device, there = lamp(JSON_FORM)
    assert "update_secrets" in resource.options
    wanted = {"key": "topsecret", "level": 10}
    assert not reconcile(resource.on(device, wanted), False)["changed"]
    result = reconcile(resource.on(device, wanted | {"level": 11}), False)
    assert there.calls == [("setLamp", {"level": 11, "key": "topsecret"})] and "topsecret" not in str(result)
    result = reconcile(resource.on(device, wanted | {"level": 11, "update_secrets": "always"}), False)
    assert result["changed"] and there.calls[1:] == [("setLamp", {"key": "topsecret"})]
    target = resource.on(device, wanted | {"update_secrets": "always"})
    assert "topsecret" not in json.dumps(to_json(target.plan(target.read(), World())))


def test_risks_decide_the_phase() -> None:
    resource, device, dummy = lamp(JSON_FORM)
    target = resource.on(device, {"mode": "night"})
    step = target.plan(target.read(), World()).steps[0]
    assert step.phase == Phase.RESTARTS and step.changes[0].risk == "restarts_service"


def test_the_first_form_that_a_device_has_answers() -> None:
    options = {name: OPTIONS[name] for name in ("on", "level", "mode", "names", "key")}
    resource = DocumentResource("lamp", options=options, forms=[REST_FORM, JSON_FORM, PARAM_FORM])
    there = Lamp()
    device, session = fake_device({PARAM: there.param})
    result = reconcile(resource.on(device, {"level": 3}), False)
    assert result["api"] == "param.cgi Lamp" and there.state["level"] == 3
    with pytest.raises(NotSupported, match="cannot hold names"):
        reconcile(resource.on(device, {"names": ["a"]}), False)
    warned: list[str] = []
    device.warn = warned.append
    result = reconcile(resource.on(device, {"names": ["a"], "level": 4, "on_unsupported": "warn"}), False)
    assert [skipped["path"] for skipped in result["unsupported"]] == ["names"] and len(warned) == 1
    assert there.state["level"] == 4
    bare, dummy = fake_device({PARAM: NO_PARAMETERS})
    with pytest.raises(NotSupported, match="none of the APIs"):
        reconcile(resource.on(bare, {"level": 3}), False)
    result = reconcile(resource.on(bare, {"level": 3, "on_unsupported": "warn"}), False)
    assert (result["changed"], result["api"]) == (False, None) and result["unsupported"][0]["path"] == "lamp"


def test_a_404_is_not_believed_where_the_device_lists_the_api() -> None:
    """A device that starts up answers 404: then an older API must not be taken."""
    resource, device, dummy = lamp(JSON_FORM)
    del device.session.routes[ROOT]
    device.session.routes[LIST] = json_answer({"data": {"apiList": [{"id": "lamp", "version": "1.0"}]}})
    with pytest.raises(ApiMissing, match="lists this API, but does not answer it"):
        reconcile(resource.on(device, {"level": 1}), False)


@pytest.mark.parametrize(("code", "missing"), [(2102, True), (2100, True), (2104, False)])
def test_a_method_or_a_version_that_is_missing(code: int, missing: bool) -> None:
    resource, device, dummy = lamp(JSON_FORM)
    device.session.routes[ROOT] = json_answer({"error": {"code": code, "message": "x"}})
    with pytest.raises(NotSupported if missing else DeviceRefused):
        reconcile(resource.on(device, {"level": 1}), False)


def test_parts_that_complement_each_other() -> None:
    younger = JsonDocument(cgi=JsonApi("/axis-cgi/more.cgi", "more", "1.0"), getter="getX", setters=())
    form = AllOf((JSON_FORM, FirstOf((younger, ParamDocument("Extra", {"extra": Field("A", YES_NO)})))))
    resource = DocumentResource("lamp", options=OPTIONS | {"extra": Option("bool")}, forms=[form])
    there = Lamp()
    rows = {"root.Extra.A": "no"}

    def param(request: Sent) -> t.Any:
        form = request.form
        if form.pop("action") == "update":
            rows.update(form)
            return answer("OK")
        return answer("".join(f"{name}={value}\n" for name, value in rows.items()))

    device, session = fake_device({ROOT: there.json, PARAM: param})
    reconcile(resource.on(device, {"extra": True, "level": 3}), False)
    assert rows == {"root.Extra.A": "yes"} and there.state["level"] == 3
    session.sent.clear()
    assert not reconcile(resource.on(device, {"extra": True}), False)["changed"]
    assert {request.target for request in session.sent} == {"/axis-cgi/more.cgi", PARAM}, "the lamp is not asked"
    target = resource.on(device, {})
    assert target.current(target.read()).keys() >= {"extra", "level"}, "nothing wanted: all of it is read"


@pytest.mark.parametrize("value", ["soon", None, [], 1.5])
def test_a_member_of_another_type_is_a_bad_answer_that_does_not_show_it(value: t.Any) -> None:
    resource, device, dummy = lamp(JSON_FORM, level=value)
    with pytest.raises(BadAnswer, match="unusable 'level'") as caught:
        reconcile(resource.on(device, {"level": 1}), False)
    assert "soon" not in str(caught.value)


def test_an_error_of_an_xml_cgi() -> None:
    resource, device, dummy = lamp(XML_FORM)
    with pytest.raises(DeviceRefused, match=r"code 7 \(too bright\)") as caught:
        reconcile(resource.on(device, {"level": 99}), False)
    assert caught.value.not_applied == ["level"]


# --- collections ------------------------------------------------------------------------------------------------------

ITEM = {
    "name": Option(required=True),
    "size": Option("int", null=1),
    "note": Option(null=""),
    "password": Option(secret=True, write_only=True),
}
PLAIN = {name: ITEM[name] for name in ("name", "size", "note")}


class Shelf:
    """A device with boxes, in several dialects."""

    def __init__(self, *boxes: Doc) -> None:
        self.boxes = [dict(box) for box in boxes]
        self.calls: list[t.Any] = []

    def _find(self, name: str) -> Doc:
        return next(box for box in self.boxes if box["name"] == name)

    def json(self, request: Sent) -> t.Any:
        method, params = request.json["method"], request.json.get("params", {})
        if method == "list":
            shown = [{k: v for k, v in box.items() if k != "password"} for box in self.boxes]
            return json_answer({"data": {"boxes": shown}})
        self.calls.append((method, params))
        if method == "add":
            self.boxes.append(dict(params["box"]))
        elif method == "change":
            self._find(params["box"]["name"]).update(params["box"])
        elif method == "remove":
            self.boxes.remove(self._find(params["name"]))
        return json_answer({"data": {}})

    def rest(self, request: Sent) -> t.Any:
        name = request.target.removeprefix("/config/rest/shelf/v1/boxes").strip("/")
        if request.method == "GET":
            shown = [{k: v for k, v in box.items() if k != "password"} for box in self.boxes]
            return json_answer({"status": "success", "data": shown})
        self.calls.append((request.method, name))
        if request.method == "DELETE":
            self.boxes.remove(self._find(name))
        elif name:
            self._find(name).update(request.json["data"])
        else:
            self.boxes.append({"size": 1, "note": ""} | request.json["data"])
        return json_answer({"status": "success"})

    def param(self, request: Sent) -> t.Any:
        form = request.form
        action = form.pop("action")
        if action == "list":
            rows = ["root.Shelf.MaxGroups=20\n"] + [
                f"root.Shelf.S{number}.Name={box['name']}\nroot.Shelf.S{number}.Size={box['size']}\n"
                for number, box in enumerate(self.boxes)
                if box
            ]
            return answer("".join(rows))
        self.calls.append((action, form))
        if action == "add":
            inner = {key.rpartition(".")[2].lower(): value for key, value in form.items() if key.startswith("Shelf.S.")}
            self.boxes.append(
                {"size": 1, "note": ""} | inner | ({"size": int(inner["size"])} if "size" in inner else {})
            )
            return answer(f"S{len(self.boxes) - 1} OK")
        if action == "remove":
            self.boxes[int(form["group"].rpartition("S")[2])] = {}
            return answer("OK")
        for key, value in form.items():
            number, name = key.removeprefix("root.Shelf.S").split(".")
            self.boxes[int(number)][name.lower()] = int(value) if name == "Size" else value
        return answer("OK")

    def soap(self, request: Sent) -> t.Any:
        text = request.body.decode()
        if "GetRecipientConfigurations" in text:
            inner = "".join(
                f'<aa:Box id="{number}"><aa:Name>{box["name"]}</aa:Name><aa:Size>{box["size"]}</aa:Size></aa:Box>'
                for number, box in enumerate(self.boxes)
                if box
            )
            return soap_answer("GetRecipientConfigurations", inner)
        from xml.etree import ElementTree

        found = {node.tag.rpartition("}")[2]: node.text or "" for node in ElementTree.fromstring(text).iter()}
        if "AddRecipientConfiguration" in text:
            self.calls.append(("add", found["Name"]))
            self.boxes.append({"name": found["Name"], "size": int(found["Size"]), "note": ""})
            number = f"<aa:ConfigurationID>{len(self.boxes) - 1}</aa:ConfigurationID>"
            return soap_answer("AddRecipientConfiguration", number)
        self.calls.append(("remove", found["ConfigurationID"]))
        self.boxes[int(found["ConfigurationID"])] = {}
        return soap_answer("RemoveRecipientConfiguration", "")

    def xml(self, request: Sent) -> t.Any:
        cgi, form = request.target.rpartition("/")[2], request.form
        if cgi == "list.cgi":
            inner = "".join(
                f'<Box id="{number}"><Name>{box["name"]}</Name><Size>{box["size"]}</Size></Box>'
                for number, box in enumerate(self.boxes)
                if box
            )
            return answer(f"<R>{inner}</R>")
        self.calls.append((cgi, form))
        if cgi == "add.cgi":
            self.boxes.append({"name": form["name"], "size": int(form.get("size", 1)), "note": ""})
        elif cgi == "change.cgi":
            self.boxes[int(form["id"])].update({"size": int(form["size"])})
        else:
            self.boxes[int(form["id"])] = {}
        return answer("<R><Success/></R>")


def soap_answer(operation: str, inner: str) -> t.Any:
    space = "http://www.w3.org/2003/05/soap-envelope"
    return answer(
        f'<e:Envelope xmlns:e="{space}" xmlns:aa="http://www.axis.com/vapix/ws/action1"><e:Body>'
        f"<aa:{operation}Response>{inner}</aa:{operation}Response></e:Body></e:Envelope>"
    )


BOX_FIELDS = {"name": Field("name", TEXT), "size": Field("size", INT), "note": Field("note", TEXT)}
JSON_BOXES = JsonCollection(
    cgi=JsonApi("/axis-cgi/shelf.cgi", "shelf", "1.0"),
    fields=BOX_FIELDS,
    lister=("list", None),
    member="boxes",
    added="add",
    changed="change",
    removed="remove",
    pack=lambda box: {"box": box},
    name=lambda box: {"name": box["name"]},
)
SECRET_BOXES = JsonCollection(
    cgi=JsonApi("/axis-cgi/shelf.cgi", "shelf", "1.0"),
    fields=BOX_FIELDS | {"password": Field("password", TEXT)},
    lister=("list", None),
    member="boxes",
    added="add",
    removed="remove",
    pack=lambda box: {"box": box},
    name=lambda box: {"name": box["name"]},
)
REST_BOXES = RestCollection(name="shelf", major=1, entity="boxes", fields=BOX_FIELDS, key="name")
PARAM_BOXES = ParamCollection("Shelf", "shelf", {"name": Field("Name", TEXT), "size": Field("Size", INT_TEXT)})
XML_BOXES = XmlCollection(
    cgi=XmlApi("/axis-cgi/shelf"),
    lister="list.cgi",
    item="Box",
    added="add.cgi",
    changed="change.cgi",
    removed="remove.cgi",
    id="id",
    id_key="@id",
    fields={"name": Field("Name", TEXT, set_as="name"), "size": Field("Size", INT_TEXT, set_as="size")},
)
SOAP_BOXES = SoapCollection(
    service="action1",
    lister="aact:GetRecipientConfigurations",
    item="aact:Box",
    unpack=lambda box: {"id": box.attribute("id"), "name": box.text("aact:Name"), "size": box.text("aact:Size")},
    added="aact:AddRecipientConfiguration",
    element="aact:New",
    pack=lambda box: [("aact:Name", box["name"]), ("aact:Size", box["size"])],
    removed="aact:RemoveRecipientConfiguration",
    id="aact:ConfigurationID",
    id_key="id",
    fields={"name": Field("name", TEXT), "size": Field("size", INT_TEXT)},
)
SHELF_DISCOVERY = {"apis": {"shelf": {"v1": {"rest_api": "/config/rest/shelf/v1", "state": "beta", "version": "1"}}}}
COLLECTIONS = [JSON_BOXES, REST_BOXES, PARAM_BOXES, XML_BOXES, SOAP_BOXES]


class AnyTarget(dict[str, t.Any]):
    """Routes of one folder."""

    def __init__(self, routes: Doc, folder: str, route: t.Any) -> None:
        super().__init__(routes)
        self.folder, self.route = folder, route

    def get(self, target: t.Any, default: t.Any = None) -> t.Any:
        return self.route if target.startswith(self.folder) else super().get(target, default)


def shelf(form: t.Any, *boxes: Doc, item: Doc = PLAIN, **how: t.Any) -> tuple[CollectionResource, t.Any, Shelf]:
    there = Shelf(*boxes)
    device, session = fake_device({DISCOVER: json_answer(SHELF_DISCOVERY), INFO: VERSION})
    routes = {
        "JsonCollection": ("/axis-cgi/shelf.cgi", there.json),
        "RestCollection": ("/config/rest/shelf/v1", there.rest),
        "ParamCollection": (PARAM, there.param),
        "XmlCollection": ("/axis-cgi/shelf/", there.xml),
        "SoapCollection": ("/vapix/services", there.soap),
    }
    kind = next(base.__name__ for base in type(form).__mro__ if base.__name__ in routes)
    session.routes = AnyTarget(session.routes, *routes[kind])
    options = {name: row for name, row in item.items() if name in form.fields}
    resource = CollectionResource("shelf", items="boxes", key="name", item=options, forms=[form], **how)
    return resource, device, there


def beta(form: t.Any) -> t.Any:
    """REST in its beta state, as this device has it."""
    import dataclasses

    return dataclasses.replace(form, states=("released", "beta")) if isinstance(form, RestCollection) else form


@pytest.mark.parametrize("form", COLLECTIONS, ids=lambda form: type(form).__name__)
def test_a_collection_in_every_form(form: t.Any) -> None:
    resource, device, there = shelf(beta(form), {"name": "old", "size": 3, "note": ""})
    wanted = {"boxes": [{"name": "a", "size": 2}, {"name": "old", "size": 4}]}
    predicted = reconcile(resource.on(device, wanted), True)
    assert there.calls == []
    paths = [change["path"] for change in predicted["changes"]]
    assert paths == ["boxes[a]", "boxes[old].size"]
    assert reconcile(resource.on(device, wanted), False) == predicted
    made = len(there.calls)
    assert not reconcile(resource.on(device, wanted), False)["changed"] and len(there.calls) == made
    target = resource.on(device, {})
    assert sorted((box["name"], box["size"]) for box in target.current(target.read())["boxes"]) == [
        ("a", 2),
        ("old", 4),
    ]
    gone = {"boxes": [{"name": "old", "state": "absent"}, {"name": "never", "state": "absent"}]}
    result = reconcile(resource.on(device, gone), False)
    assert [change["path"] for change in result["changes"]] == ["boxes[old]"] and result["changes"][0]["after"] is None
    assert not reconcile(resource.on(device, gone), False)["changed"]
    only = {"boxes": [{"name": "b"}], "exclusive": True}
    reconcile(resource.on(device, only), False)
    assert [box["name"] for box in target.current(target.read())["boxes"]] == ["b"]
    assert not reconcile(resource.on(device, only), False)["changed"]


@pytest.mark.parametrize("form", COLLECTIONS, ids=lambda form: type(form).__name__)
def test_plans_of_collections_are_pure_and_stored(form: t.Any) -> None:
    resource, device, dummy = shelf(beta(form), {"name": "x", "size": 3, "note": ""})
    target = resource.on(device, {"boxes": [{"name": "a", "size": 2}], "exclusive": True})
    reading = target.read()
    plan = target.plan(reading, World())
    assert plan == target.plan(reading, World()) == from_json(json.loads(json.dumps(to_json(plan))))
    assert [step.phase for step in plan.steps] == [Phase.GIVE, Phase.TAKE]


def test_a_beta_api_is_used_only_where_that_is_declared_and_then_with_a_warning() -> None:
    resource, device, dummy = shelf(REST_BOXES)
    with pytest.raises(NotSupported):
        reconcile(resource.on(device, {"boxes": []}), True)
    resource, device, dummy = shelf(beta(REST_BOXES))
    warned: list[str] = []
    device.warn = warned.append
    reconcile(resource.on(device, {"boxes": []}), True)
    assert warned == ["shelf v1 is beta on this device: the vendor may change it."]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([{"name": ""}], "an entry has an empty name"),
        ([{"name": "a"}, {"name": "A"}], "'A' is there twice"),
        ([{"name": "a"}, {"name": "a", "state": "absent"}], "twice"),
        ([{"name": "two"}], "the device has 2 entries 'two'"),
        ([{"name": "new"}], "'new' does not exist and needs size"),
        ([{"name": "x", "state": "absent"}], "'x' cannot be removed: it is bolted"),
        ([{"name": "two", "size": "a\x01"}], "control character"),
    ],
)
def test_bad_items(wanted: list[Doc], words: str) -> None:
    item = PLAIN | {"size": Option(null="1")}
    form = JsonCollection(**{**vars(JSON_BOXES), "fields": BOX_FIELDS | {"size": Field("size", TEXT)}})
    boxes = [{"name": name, "size": "1", "note": ""} for name in ("two", "two", "x")]
    bolted: t.Any = lambda native: "it is bolted" if native["name"] == "x" else None  # noqa: E731
    resource, device, there = shelf(form, *boxes, item=item, fold=str.casefold, needed=("size",), protected=bolted)
    with pytest.raises(InvalidOption, match=words):
        reconcile(resource.on(device, {"boxes": wanted}), False)
    assert there.calls == []


def test_secrets_of_items() -> None:
    resource, device, there = shelf(SECRET_BOXES, item=ITEM, kind="box")
    wanted = {"boxes": [{"name": "a", "password": "topsecret"}]}
    target = resource.on(device, wanted)
    plan = target.plan(target.read(), World())
    assert "topsecret" not in json.dumps(to_json(plan)) and plan.steps[0].promises == (("box", "a"),)
    result = reconcile(resource.on(device, wanted), False)
    assert there.boxes[0]["password"] == "topsecret" and "topsecret" not in str(result)
    assert not reconcile(resource.on(device, wanted), False)["changed"]
    changed = {"boxes": [{"name": "a", "password": "topsecret", "size": 5}]}
    assert [c["path"] for c in reconcile(resource.on(device, changed), False)["changes"]] == [
        "boxes[a].size",
        "boxes[a].password",
    ]
    assert [call[0] for call in there.calls] == ["add", "remove", "add"]
    with pytest.raises(InvalidOption, match="by making it anew, which takes password"):
        reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 6}]}), False)
    always = reconcile(resource.on(device, changed | {"update_secrets": "always"}), False)
    assert [change["path"] for change in always["changes"]] == ["boxes[a].password"]


def test_an_item_of_a_soap_service_stays_until_the_new_one_is_there() -> None:
    resource, device, there = shelf(SOAP_BOXES, {"name": "a", "size": 1, "note": ""})
    reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 2}]}), False)
    assert there.calls == [("add", "a"), ("remove", "0")]


def test_a_device_that_makes_nothing_loses_nothing() -> None:
    resource, device, there = shelf(SOAP_BOXES, {"name": "a", "size": 1, "note": ""})
    there.boxes = Full(there.boxes)
    with pytest.raises(NotTaken, match="the old one is kept"):
        reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 2}]}), False)
    assert there.calls == [("add", "a")] and [box["size"] for box in there.boxes] == [1]


class Full(list[Doc]):
    """A list that takes nothing more, without a word."""

    def append(self, box: Doc) -> None:
        return

    def __len__(self) -> int:
        return super().__len__() + 1


def test_what_an_interrupted_change_left_is_taken_away() -> None:
    boxes = [{"name": "a", "size": size, "note": ""} for size in (2, 1, 2)]
    resource, device, there = shelf(SOAP_BOXES, *boxes)
    wanted = {"boxes": [{"name": "a", "size": 2}]}
    result = reconcile(resource.on(device, wanted), False)
    assert [change["path"] for change in result["changes"]] == ["boxes[a].remnant"] * 2
    assert [change["note"] for change in result["changes"]] == ["left by a change that was interrupted"] * 2
    assert there.calls == [("remove", "0"), ("remove", "1")]
    assert not reconcile(resource.on(device, wanted), False)["changed"]
    resource, device, there = shelf(SOAP_BOXES, *boxes)
    with pytest.raises(InvalidOption, match="the device has 3 entries 'a'"):
        reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 5}]}), False)


def test_half_an_item_is_taken_away_and_never_exported() -> None:
    half = SoapCollection(
        **{
            **vars(SOAP_BOXES),
            "unpack": lambda box: {
                key: value for key, value in SOAP_BOXES.unpack(box).items() if (key, value) != ("size", "0")
            },
        }
    )
    boxes = [{"name": "a", "size": 0, "note": ""}, {"name": "b", "size": 0, "note": ""}]
    resource, device, there = shelf(half, *boxes, needed=("size",))
    target = resource.on(device, {"boxes": [{"name": "a", "size": 3}, {"name": "b", "state": "absent"}]})
    assert target.current(target.read()) == {"boxes": []}
    result = reconcile(target, False)
    assert [change["path"] for change in result["changes"]] == ["boxes[a]", "boxes[a].remnant", "boxes[b].remnant"]
    assert [box["size"] for box in there.boxes if box] == [3]


class Choosy(SoapCollection):
    """A form that learns from the device what it takes."""

    def read_items(self, device: t.Any) -> t.Any:
        bound = Bound(**vars(self))
        return Items(super().read_items(device) or [], form=bound)


class Bound(SoapCollection):
    """The same on one device."""

    def holds(self, item: Doc) -> t.Collection[str]:
        return () if item["name"] == "never" else {"name"} if item["name"] == "small" else self.fields.keys()


def test_a_form_says_what_this_device_holds() -> None:
    item = PLAIN | {"size": Option("int", null=1)}
    resource, device, there = shelf(Choosy(**vars(SOAP_BOXES)), item=item)
    for name, words in (("never", r"cannot hold boxes\[never\]"), ("small", "cannot hold size")):
        with pytest.raises(NotSupported, match=words):
            reconcile(resource.on(device, {"boxes": [{"name": name, "size": 2}]}), False)
        warned = {"boxes": [{"name": name, "size": 2}], "on_unsupported": "warn"}
        skipped = reconcile(resource.on(device, warned), True)
        assert [row["path"] for row in skipped["unsupported"]] == [
            f"boxes[{name}]" + (".size" if name == "small" else "")
        ]
    assert there.calls == []
    reconcile(resource.on(device, {"boxes": [{"name": "large", "size": 2}]}), False)
    assert there.calls == [("add", "large")]


def test_what_only_the_device_can_say_is_asked_about_items_that_change() -> None:
    asked: list[Doc] = []

    def verify(device: t.Any, items: t.Any) -> t.Iterator[tuple[str, str]]:
        asked.extend(items)
        yield from (("it is too large", "Shrink it") for item in items if item["size"] > 5)

    resource, device, there = shelf(SOAP_BOXES, {"name": "a", "size": 1, "note": ""}, verify=verify)
    reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 1}]}), False)
    assert asked == []
    reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]}), True)
    assert asked == [{"name": "b", "size": 2}]
    with pytest.raises(InvalidOption, match="boxes: it is too large. Shrink it"):
        reconcile(resource.on(device, {"boxes": [{"name": "a", "size": 6}]}), False)
    assert there.calls == []


def test_an_empty_secret_is_not_missing() -> None:
    hidden = {"password": Option(secret=True, write_only=True)}
    assert write_only({"password": False}, {"password": ""}, hidden, (), always=False) == []
    assert len(write_only({"password": True}, {"password": ""}, hidden, (), always=True)) == 1
    assert len(write_only({"password": False}, {"password": "x"}, hidden, (), always=False)) == 1


BOXES = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcd"), "size": st.integers(0, 3)}),
    unique_by=lambda box: box["name"],
    max_size=4,
)


@given(BOXES, BOXES, st.booleans())
def test_any_two_collections_meet(there: list[Doc], wanted: list[Doc], exclusive: bool) -> None:
    """What a plan shows comes out, nothing else is touched, and the second run finds nothing to do."""
    resource, device, box = shelf(JSON_BOXES, *[one | {"note": ""} for one in there])
    options = {"boxes": wanted, "exclusive": exclusive}
    plan = reconcile(resource.on(device, options), True)
    assert reconcile(resource.on(device, options), False) == plan
    assert not reconcile(resource.on(device, options), False)["changed"]
    names = {one["name"]: one["size"] for one in box.boxes}
    before = {} if exclusive else {one["name"]: one["size"] for one in there}
    assert names == before | {one["name"]: one["size"] for one in wanted}


# --- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        (BOOL, [(True, True), (False, False)]),
        (TEXT, [("", ""), ("a", "a")]),
        (INT, [(0, 0), (-5, -5)]),
        (INT_TEXT, [(0, "0"), (-5, "-5")]),
        (FLOAT_TEXT, [(0.5, "0.5"), (2.0, "2")]),
        (TEXTS, [([], []), (["a"], ["a"])]),
        (YES_NO, [(True, "yes"), (False, "no")]),
        (Words("NTP", "None"), [(True, "NTP"), (False, "None")]),
        (Separated(","), [([], ""), (["a", "b"], "a,b")]),
        (ListOf(INT_TEXT), [([1, 2], ["1", "2"])]),
        (Object({"a": Field("A", INT_TEXT), "b": Field("B", YES_NO)}), [({"a": 1, "b": True}, {"A": "1", "B": "yes"})]),
    ],
)
def test_a_kind_reads_what_it_writes(kind: t.Any, pairs: list[tuple[t.Any, t.Any]]) -> None:
    for value, spelled in pairs:
        assert kind.encode(value) == spelled and kind.decode(spelled) == value


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (BOOL, ["true", 1, None]),
        (TEXT, [1, None, []]),
        (INT, ["x", None, True, 1.5, "1" * 40, float("inf")]),
        (TEXTS, ["a", None, [1], {}]),
        (YES_NO, ["maybe", None, ""]),
        (Separated(","), [None, ["a"], 1]),
        (ListOf(INT_TEXT), ["1", None, ["x"]]),
        (Object({"a": Field("A", INT_TEXT)}), [[], None, {"A": "x"}]),
    ],
)
def test_a_kind_refuses_another_type_without_showing_it(kind: t.Any, wrong: list[t.Any]) -> None:
    for value in wrong:
        with pytest.raises((TypeError, ValueError, OverflowError)) as caught:
            kind.decode(value)
        assert not isinstance(value, str) or len(value) < 3 or value not in str(caught.value)


def test_whether_a_secret_is_set() -> None:
    assert [IS_SET.decode(value) for value in ("", None, "no", "******", True)] == [False, False, False, True, True]


@given(st.lists(st.text("abc", min_size=1, max_size=3), max_size=4))
def test_separated_texts_come_back(words: list[str]) -> None:
    kind = Separated(",", also=" ")
    assert kind.decode(kind.encode(words)) == words
