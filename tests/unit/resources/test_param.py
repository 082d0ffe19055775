# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves what is planned and written for parameters and dynamic groups, and what is refused before anything is sent."""

from __future__ import annotations

import typing as t
from xml.sax.saxutils import quoteattr

import pytest
from unit.fake import PARAM, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.resources.param import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption, NotSupported, VapixError

TYPES = {
    "bool": '<bool true="yes" false="no"/>',
    "int": '<int min="1" max="10"/>',
    "string": '<string maxlen="40"/>',
    "password": "<password/>",
}


class Camera:
    """Just enough of param.cgi to be told something: definitions, update, add and remove."""

    def __init__(self, axis_os: str = "11.11.77") -> None:
        self.rows: dict[str, tuple[str, str, str]] = {
            "Network.UPnP.Enabled": ("yes", "bool", ""),
            "Network.UPnP.FriendlyName": ("AXIS", "string", ""),
            "Network.UPnP.Count": ("3", "int", ""),
            "Network.UPnP.Locked": ("yes", "bool", "readonly"),
            "Network.Routing.DefaultRouter": ("192.0.2.1", "string", ""),
            "SNMP.V1ReadCommunity": ("public-one", "string", ""),
            "SNMP.V1WriteCommunity": ("write-one", "string", "readonly"),
            "SOCKS.Password": ("******", "string", ""),
            "FTP.Pass": ("", "password", ""),
            "StreamProfile.MaxGroups": ("4", "int", ""),
            "Image.I0.Source": ("0", "int", ""),
        }
        for number, name in enumerate(("live", "phone", "wall")):
            self.entry(f"StreamProfile.S{number}", name)
        device, session = fake_device({PARAM: self._serve})
        self.device, self.session = device, session
        session.routes["/axis-cgi/basicdeviceinfo.cgi"] = json_answer({"data": {"propertyList": {"Version": axis_os}}})

    def entry(self, group: str, name: str, **more: str) -> None:
        for key, value in ({"Name": name, "Description": "", "Parameters": "fps=5"} | more).items():
            self.rows[f"{group}.{key}"] = (value, "string", "")

    def _serve(self, request: t.Any) -> t.Any:
        form = request.form
        return {"listdefinitions": self._definitions, "list": self._list}.get(form["action"], self._write)(form)

    def _list(self, form: dict[str, str]) -> t.Any:
        return answer("".join(f"root.{name}={row[0]}\n" for name, row in self.rows.items()))

    def _definitions(self, form: dict[str, str]) -> t.Any:
        wanted = [group.removeprefix("root.") for group in form["group"].split(",")]
        parts = []
        for name, (value, kind, flag) in self.rows.items():
            if any(name.startswith(f"{group}.") for group in wanted):
                *groups, last = name.split(".")
                flags = f' {flag}="true"' if flag else ""
                inner = f"<type{flags}>{TYPES[kind]}</type>"
                parts.append("".join(f'<group name="{group}">' for group in groups))
                parts.append(
                    f'<parameter name="{last}" value={quoteattr(value)} securityLevel="6766">{inner}</parameter>'
                )
                parts.append("</group>" * len(groups))
        if not parts:
            return answer(f"# Error: Error -1 getting param in group '{form['group']}'\n")
        return answer(f"<parameterDefinitions>{''.join(parts)}</parameterDefinitions>", content_type="text/xml")

    def _write(self, form: dict[str, str]) -> t.Any:
        action = form.pop("action")
        if action == "remove":
            for group in form["group"].split(","):
                prefix = f"{group.removeprefix('root.')}."
                self.rows = {name: row for name, row in self.rows.items() if not name.startswith(prefix)}
            return answer("OK")
        if action == "add":
            numbers = {name.split(".")[1] for name in self.rows if name.startswith("StreamProfile.S")}
            number = next(i for i in range(99) if f"S{i}" not in numbers)
            values = {name.split(".")[-1]: value for name, value in form.items() if name.startswith("StreamProfile.")}
            self.entry(f"StreamProfile.S{number}", "", **values)
            return answer(f"S{number} OK")
        for name, value in form.items():
            self.rows[name.removeprefix("root.")] = (value, *self.rows[name.removeprefix("root.")][1:])
        return answer("OK")

    def value(self, name: str) -> str:
        return self.rows[name][0]

    def want(self, parameters: t.Any = None, *groups: t.Any, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        rows = [{"identity": "Name", "exclusive": False, "parent": "StreamProfile"} | group for group in groups]
        wanted = {"parameters": parameters, "groups": rows or None, "update_secrets": "refuse"} | more
        return reconcile(DECLARED.on(self.device, wanted), check)

    @property
    def written(self) -> list[dict[str, str]]:
        return [sent.form for sent in self.session.writes]


def paths(result: dict[str, t.Any]) -> list[str]:
    return [change["path"] for change in result["changes"]]


@pytest.fixture
def camera() -> Camera:
    return Camera()


def test_what_is_right_is_not_touched(camera: Camera) -> None:
    result = camera.want({"Network.UPnP.Enabled": True, "root.Network.UPnP.Count": 3})
    assert not result["changed"] and result["changes"] == [] and camera.written == []


def test_check_mode_predicts_and_writes_nothing(camera: Camera) -> None:
    predicted = camera.want({"Network.UPnP.Enabled": "Off", "Network.UPnP.Count": "7"}, check=True)
    assert camera.written == []
    assert camera.want({"Network.UPnP.Enabled": "Off", "Network.UPnP.Count": "7"}) == predicted
    assert camera.written == [{"action": "update", "root.Network.UPnP.Enabled": "no", "root.Network.UPnP.Count": "7"}]
    assert predicted["changes"][0] == {"path": "Network.UPnP.Enabled", "before": "yes", "after": "no", "risk": "none"}
    assert not camera.want({"Network.UPnP.Enabled": "Off", "Network.UPnP.Count": "7"})["changed"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Network.UPnP.Enabeld": True}, "Did you mean Network.UPnP.Enabled"),
        ({"Network.upnp.Enabled": True}, "no parameter"),
        ({"Nowhere.At.All": 1}, "no parameter Nowhere.At.All"),
        ({"Network": 1}, "no name of a parameter"),
        ({"Network.UPnP.Count": 11}, "between 1 and 10"),
        ({"Network.UPnP.Count": "x"}, "no whole number"),
        ({"Network.UPnP.Enabled": "maybe"}, "neither 'yes' nor 'no'"),
        ({"Network.UPnP.Enabled": None}, "null"),
        ({"Network.UPnP.FriendlyName": "x" * 41}, "longer than the 40"),
        ({"Network.UPnP.Locked": False}, "read-only"),
        ({"SOCKS.Password": "new"}, "write-only"),
        ({"FTP.Pass": "new"}, "write-only"),
        ({"Network.UPnP.FriendlyName": "*****"}, "instead of a secret"),
        ({"Network.Routing.DefaultRouter": "192.0.2.2"}, "changes|state"),
        ({"Network.UPnP.Enabled": False, "root.Network.UPnP.Enabled": True}, "twice"),
    ],
)
def test_bad_input_is_a_named_error_and_nothing_is_written(camera: Camera, parameters: t.Any, words: str) -> None:
    with pytest.raises(InvalidOption, match=words) as caught:
        camera.want({"Network.UPnP.FriendlyName": "other"} | parameters)
    assert str(caught.value).startswith("192.0.2.7:443: ") and caught.value.remedy
    assert camera.written == []


def test_what_moves_by_itself_is_refused_even_with_its_value_of_now(camera: Camera) -> None:
    """The documentation says such parameters are refused; a play that works until the value moves helps nobody."""
    with pytest.raises(InvalidOption):
        camera.want({"Network.Routing.DefaultRouter": "192.0.2.1"})


@pytest.mark.parametrize(("axis_os", "allowed"), [("11.11.77", True), ("12.11.77", False)])
def test_protected_from_axis_os_12_on(axis_os: str, allowed: bool) -> None:
    camera = Camera(axis_os)
    if allowed:
        assert camera.want({"Image.I0.Source": 1})["changed"]
    else:
        with pytest.raises(InvalidOption, match="refuses"):
            camera.want({"Image.I0.Source": 1})
        assert camera.written == []


def test_secrets_are_hidden_in_changes_and_diff(camera: Camera) -> None:
    result = camera.want({"SNMP.V1ReadCommunity": "new-secret"})
    assert camera.value("SNMP.V1ReadCommunity") == "new-secret"
    assert "public-one" not in str(result) and "new-secret" not in str(result)
    assert DECLARED.secrets({"parameters": {"SNMP.V1ReadCommunity": "new-secret", "A.B": "c"}}) == ["new-secret"]


def test_the_secret_a_device_holds_is_not_in_an_error(camera: Camera) -> None:
    with pytest.raises(InvalidOption, match="read-only") as caught:
        camera.want({"SNMP.V1WriteCommunity": "mine"})
    assert "write-one" not in str(caught.value)


def test_secrets_of_a_removed_entry_are_hidden(camera: Camera) -> None:
    camera.entry("StreamProfile.S3", "ftp", Password="held-by-device")
    result = camera.want(None, {"absent": ["ftp"]})
    assert paths(result) == ["StreamProfile[Name=ftp]"]
    assert "held-by-device" not in str(result)


def test_write_only_is_sent_on_every_run(camera: Camera) -> None:
    for _run in range(2):
        result = camera.want({"FTP.Pass": "topsecret"}, update_secrets="always")
        assert result["changed"] and "topsecret" not in str(result)
    assert camera.written == [{"action": "update", "root.FTP.Pass": "topsecret"}] * 2


# --- groups -----------------------------------------------------------------------------------------------------------


def test_an_entry_is_found_by_its_identity(camera: Camera) -> None:
    result = camera.want(None, {"present": [{"Name": "phone", "Description": "small"}]})
    assert paths(result) == ["StreamProfile[Name=phone].Description"]
    assert camera.written == [{"action": "update", "root.StreamProfile.S1.Description": "small"}]
    assert not camera.want(None, {"present": [{"Name": "phone", "Description": "small"}]})["changed"]


def test_removed_first_to_make_room(camera: Camera) -> None:
    group = {"present": [{"Name": "new"}, {"Name": "live", "Description": "x"}], "absent": ["wall"]}
    predicted = camera.want(None, group, check=True)
    result = camera.want({"Network.UPnP.Enabled": False}, group)
    assert [form["action"] for form in camera.written] == ["remove", "add", "update"]
    assert set(paths(result)) == {*paths(predicted), "Network.UPnP.Enabled"}
    assert not camera.want(None, group)["changed"]


def test_exclusive_removes_the_rest(camera: Camera) -> None:
    result = camera.want(None, {"present": [{"Name": "phone"}], "exclusive": True})
    assert paths(result) == ["StreamProfile[Name=live]", "StreamProfile[Name=wall]"]
    assert [name for name in camera.rows if name.startswith("StreamProfile.S")] == [
        f"StreamProfile.S1.{key}" for key in ("Name", "Description", "Parameters")
    ]


def test_left_alone_unless_exclusive(camera: Camera) -> None:
    assert not camera.want(None, {"present": [{"Name": "phone"}]})["changed"]


def test_duplicates_on_the_device_are_told_and_can_be_removed(camera: Camera) -> None:
    camera.entry("StreamProfile.S3", "phone")
    with pytest.raises(InvalidOption, match="S1, StreamProfile.S3 all have Name 'phone'"):
        camera.want(None, {"present": [{"Name": "phone"}]})
    assert camera.written == []
    camera.want(None, {"absent": ["phone"]})
    assert not [name for name in camera.rows if name.startswith(("StreamProfile.S1.", "StreamProfile.S3."))]


def test_no_room(camera: Camera) -> None:
    two = [{"Name": "a"}, {"Name": "b"}]
    with pytest.raises(InvalidOption, match="5 entries, the device holds 4"):
        camera.want(None, {"present": two})
    assert camera.written == []
    assert camera.want(None, {"present": two, "absent": ["live"]})["changed"]


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"present": [{"Description": "x"}]}, "has no Name"),
        ({"present": [{"Name": "a"}, {"Name": "a"}]}, "twice"),
        ({"present": [{"Name": "a"}], "absent": ["a"]}, "twice"),
        ({"present": [{"Name": "a", "Colour": "x"}]}, "no parameter Colour"),
        ({"present": [{"Name": "live", "Colour": "x"}]}, "no parameter"),
        ({"present": [{"Name": "a" * 41}]}, "longer"),
        ({"present": [{"Name": "a", "Description": "*****"}]}, "instead of a secret"),
        ({"parent": "Network.UPnP", "present": [{"Name": "a"}]}, "template"),
    ],
)
def test_bad_groups_are_refused(camera: Camera, group: t.Any, words: str) -> None:
    with pytest.raises(InvalidOption, match=words):
        camera.want({"Network.UPnP.Enabled": False}, group)
    assert camera.written == []


def test_a_group_the_device_does_not_have(camera: Camera) -> None:
    with pytest.raises(NotSupported, match="no parameter group GuardTour"):
        camera.want(None, {"parent": "GuardTour", "present": [{"Name": "a"}]})


def test_absent_named_twice_is_one_change(camera: Camera) -> None:
    assert paths(camera.want(None, {"absent": ["live", "live"]})) == ["StreamProfile[Name=live]"]


def test_a_trailing_blank_in_the_identity_does_not_make_a_second_entry(camera: Camera) -> None:
    """Trailing blanks are cut on reading, so an identity with one would be made on every run."""
    assert not camera.want(None, {"present": [{"Name": "live "}]})["changed"]


def test_the_same_entry_in_two_blocks_is_not_made_twice(camera: Camera) -> None:
    block = {"present": [{"Name": "new"}]}
    try:
        camera.want(None, block, {"parent": "root.StreamProfile", **block})
    except VapixError:
        assert camera.written == []
    else:
        assert [form["action"] for form in camera.written] == ["add"]


def test_the_first_entry_of_a_group(camera: Camera) -> None:
    camera.want(None, {"absent": ["live", "phone", "wall"]})
    assert paths(camera.want(None, {"present": [{"Name": "first"}]})) == ["StreamProfile[Name=first]"]
    assert camera.value("StreamProfile.S0.Name") == "first"


def test_numbers_and_words_in_an_identity(camera: Camera) -> None:
    camera.want(None, {"present": [{"Name": 5}]})
    assert not camera.want(None, {"present": [{"Name": "5"}]})["changed"]
