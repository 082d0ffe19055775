# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how the text and XML of param.cgi are read, and what is made of its many ways to say no."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qsl
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, P3265, PARAM, RECORDED, FakeSession, answer

from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ApiMissing,
    BadAnswer,
    DeviceRefused,
    VapixError,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.param_cgi import (
    CHUNK,
    ParamCgi,
    bare,
    parse_definitions,
    parse_list,
)

NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+){1,3}", fullmatch=True).filter(
    lambda name: not name.startswith("root.")
)
VALUE = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=30).map(str.rstrip)


def param(reply: t.Any) -> tuple[ParamCgi, FakeSession]:
    session = FakeSession({PARAM: reply})
    return ParamCgi(t.cast(t.Any, session)), session


# --- reading ----------------------------------------------------------------------------------------------------------


@given(st.dictionaries(NAME, VALUE, max_size=8), st.booleans(), st.sampled_from(["\n", "\r\n"]))
@example({"A.B": "half\x85other"}, True, "\n")
@example({"A.B": "a=b&c%2F <x> # Error: no"}, False, "\r\n")
def test_a_list_survives(values: dict[str, str], rooted: bool, end: str) -> None:
    text = "".join(f"{'root.' if rooted else ''}{name}={value}{end}" for name, value in values.items())
    assert parse_list(text) == (values, [])


def test_mixed_prefixes_errors_inline_and_trailing_blanks() -> None:
    text = (
        "Network.BootProto=dhcp\r\n"
        "# Error: Error -1 getting param in group 'Does.Not.Exist'\r\n"
        "root.Network.Resolver.NameServerList=10.0.0.1 10.0.0.2 \r\n"
        "root.A.Empty=\r\n"
    )
    assert parse_list(text) == (
        {"Network.BootProto": "dhcp", "Network.Resolver.NameServerList": "10.0.0.1 10.0.0.2", "A.Empty": ""},
        ["Does.Not.Exist"],
    )


def test_a_value_over_several_lines_is_kept() -> None:
    assert parse_list("root.A.B=one\ntwo\nroot.A.C=x")[0] == {"A.B": "one\ntwo", "A.C": "x"}


def test_a_line_after_an_error_belongs_to_nothing() -> None:
    values, unknown = parse_list("root.A.B=one\n# Error: Error -1 getting param in group 'root.X'\nstray\n")
    assert (values, unknown) == ({"A.B": "one"}, ["X"])


@pytest.mark.parametrize(("name", "short"), [("root.A.B", "A.B"), ("A.B", "A.B"), ("root.root.A", "root.A")])
def test_bare(name: str, short: str) -> None:
    assert bare(name) == short


@NEEDS_RECORDINGS
@pytest.mark.parametrize(
    "path", sorted(RECORDED.rglob("param-*.txt")), ids=lambda path: str(path.relative_to(RECORDED))
)
def test_every_recorded_list_is_read_without_a_rest(path: t.Any) -> None:
    """Each line that looks like name=value comes back, and nothing but unknown groups is left over."""
    body = path.read_bytes()
    device, dummy = param(answer(body))
    text = answer(body).text
    lines = [line for line in re.split(r"\r?\n", text) if line.strip()]
    values, unknown = parse_list(text)
    assert len(values) + len(unknown) == len({line.split("=")[0].removeprefix("root.") for line in lines})
    for line in lines:
        if not line.startswith("#"):
            name, dummy, value = line.partition("=")
            assert values[name.strip().removeprefix("root.")] == value.rstrip()
    assert device.list("root.X") == values


def test_latin_1() -> None:
    device, dummy = param(answer(b"root.Image.I0.Name=caf\xe9\n"))
    assert device.list("Image") == {"Image.I0.Name": "caf\xe9"}


def test_reading_is_a_safe_post() -> None:
    device, session = param(answer("root.A.B=1\n"))
    device.list("root.A", "root.C")
    assert session.sent[0].form == {"action": "list", "group": "root.A,root.C"} and session.sent[0].safe


def test_axis_os_5_20_answers_nothing_to_several_names() -> None:
    def reply(request: t.Any) -> t.Any:
        group = request.form["group"]
        return answer("" if "," in group else f"{group}=1\n")

    device, session = param(reply)
    assert device.list("A.B", "C.D") == {"A.B": "1", "C.D": "1"}
    assert [sent.form["group"] for sent in session.sent] == ["A.B,C.D", "A.B", "C.D"]


def test_unknown_groups_are_left_out_without_asking_again() -> None:
    device, session = param(answer("# Error: Error -1 getting param in group 'A'\n"))
    assert device.list("A", "B") == {}
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answer("<html>login</html>", 200, "text/html"),
        answer("root.A=<b>", 200, "text/html"),
        answer("hello", 200),
        answer("Internal error", 500),
    ],
)
def test_what_is_no_list(reply: t.Any) -> None:
    device, dummy = param(reply)
    with pytest.raises(BadAnswer, match="^192.0.2.7:443: param.cgi list: "):
        device.list("A")


def test_404_is_a_missing_api() -> None:
    device, dummy = param(answer("<HTML>", 404, "text/html"))
    with pytest.raises(ApiMissing):
        device.list("A")


# --- definitions ------------------------------------------------------------------------------------------------------

HEAD = '<?xml version="1.0" encoding="iso-8859-1" ?>\n'
OPEN = '<parameterDefinitions xmlns="http://www.axis.com/ParameterDefinitionsSchema" version="1.0">'
CLOSE = "</parameterDefinitions>"


def definitions(inner: str, *, rooted: bool = True) -> str:
    return HEAD + OPEN + (f'<group name="root">{inner}</group>' if rooted else inner) + CLOSE


INNER = """<group name="Network">
<parameter name="Name" value="caf\xe9 " securityLevel="6766"><type><string maxlen="9"/></type></parameter></group>
<group name="Network"><group name="UPnP"><parameter name="Enabled" value="On" securityLevel="7744">
<type><bool true="On" false="Off"/></type></parameter></group>
<parameter name="Port" value="80"><type readonly="true" const="false"><int min="1" max="65535"/></type></parameter>
<parameter name="Pass" value="" ><type writeonly="true"><password/></type></parameter>
<parameter name="Mode" value="b"><type><enum><entry value="a"/><entry value="b"/></enum></type></parameter>
<parameter name="Bare" value="x" securityLevel="7747"/></group>"""


@pytest.mark.parametrize("rooted", [True, False])
def test_definitions(rooted: bool) -> None:
    found = parse_definitions(definitions(INNER, rooted=rooted))
    assert list(found) == [f"Network.{name}" for name in ("Name", "UPnP.Enabled", "Port", "Pass", "Mode", "Bare")]
    name, upnp, port, password, mode, rest = list(found.values())
    assert (name.kind, name.value, name.max_length, name.writable) == ("string", "caf\xe9", 9, True)
    assert (upnp.kind, upnp.choices, upnp.security_level) == ("bool", ("On", "Off"), "7744")
    assert (port.kind, port.ranges, port.flags, port.writable) == ("int", ((1, 65535),), {"readonly"}, False)
    assert password.write_only and not name.write_only
    assert (mode.kind, mode.choices) == ("enum", ("a", "b"))
    assert (rest.kind, rest.writable) == ("string", False)


XML_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0xD7FF, blacklist_categories=["Cc", "Cs"]), max_size=20
)


@given(st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,9}", fullmatch=True), XML_TEXT, max_size=5))
def test_any_value_in_definitions_survives(values: dict[str, str]) -> None:
    inner = "".join(f"<parameter name={quoteattr(name)} value={quoteattr(text)}/>" for name, text in values.items())
    found = parse_definitions(definitions(f'<group name="G">{inner}</group>'))
    assert {name: one.value for name, one in found.items()} == {f"G.{n}": v.rstrip() for n, v in values.items()}


@given(st.text(max_size=80))
def test_any_text_is_definitions_or_our_error(text: str) -> None:
    try:
        parse_definitions(text)
    except VapixError as exc:
        assert "well-formed" in str(exc)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("dtd", [BOMB, EXTERNAL])
def test_entities_and_dtds_are_refused(dtd: str) -> None:
    with pytest.raises(BadAnswer):
        parse_definitions(f'{dtd}{OPEN}<group name="A"><parameter name="B" value="x"/></group>{CLOSE}')
    device, dummy = param(answer(f'{HEAD}{dtd}{OPEN}<parameter name="B" value="&a;"/>{CLOSE}'))
    with pytest.raises(BadAnswer, match="^192.0.2.7:443: param.cgi listdefinitions: "):
        device.definitions("A")


@NEEDS_RECORDINGS
def test_recorded_definitions_agree_with_recorded_lists() -> None:
    body = (P3265 / "param-listdefinitions-dot1x-HTTPS-NetworkHTTP.xml").read_bytes()
    device, session = param(answer(body, content_type="text/xml"))
    found = device.definitions("root.Network.HTTP")
    assert session.sent[0].form == {
        "action": "listdefinitions",
        "listformat": "xmlschema",
        "group": "root.Network.HTTP",
    }
    assert len(found) == len(re.findall(rb"<parameter ", body))
    assert not found["Network.Interface.I0.dot1x.Status"].writable
    assert found["Network.Interface.I0.dot1x.Enabled"].choices == ("yes", "no")
    for name in ("param-list-HTTPS.txt", "param-list-Network.HTTP.txt"):
        for key, value in parse_list((P3265 / name).read_text())[0].items():
            assert key in found, key
            if not found[key].write_only:
                assert found[key].value == value


def test_unknown_groups_in_definitions() -> None:
    device, dummy = param(answer("# Error: Error -1 getting param in group 'root.X'\n"))
    assert device.definitions("root.X") == {}


def test_several_groups_of_which_one_is_unknown() -> None:
    def reply(request: t.Any) -> t.Any:
        if request.form["group"] == "root.A":
            return answer(definitions('<group name="A"><parameter name="B" value="1"/></group>'))
        return answer("# Error: Error -1 getting param in group 'root.X'\n")

    device, dummy = param(reply)
    assert list(device.definitions("root.A", "root.X")) == ["A.B"]


def test_definitions_after_an_error_line() -> None:
    text = "# Error: Error -1 getting param in group 'root.X'\n" + definitions('<parameter name="B" value="1"/>')
    device, dummy = param(answer(text))
    assert list(device.definitions("root.B", "root.X")) == ["B"]


def test_nothing_answered_to_several_groups_is_asked_one_by_one() -> None:
    """AXIS OS 5.20 answers nothing to a list of names; definitions are asked by the same list."""

    def reply(request: t.Any) -> t.Any:
        group = request.form["group"]
        name = group.removeprefix("root.")
        return answer(
            "" if "," in group else definitions(f'<group name="{name}"><parameter name="P" value="1"/></group>')
        )

    device, dummy = param(reply)
    assert list(device.definitions("root.A", "root.B")) == ["A.P", "B.P"]


@pytest.mark.parametrize(
    "reply", [answer("<html>x</html>", 200, "text/html"), answer(OPEN + "<group"), answer("", 200), answer("x", 500)]
)
def test_what_is_no_definition(reply: t.Any) -> None:
    device, dummy = param(reply)
    with pytest.raises(BadAnswer, match="^192.0.2.7:443: param.cgi listdefinitions: "):
        device.definitions("root.A")


@pytest.mark.parametrize(
    ("inside", "ranges"),
    [
        ('<int min="0" max="100"/>', ((0, 100),)),
        ('<int min="-3"/>', ((-3, None),)),
        ("<int/>", ()),
        ('<int><rangeEntry value="0"/><rangeEntry value="1024-65534"/></int>', ((0, 0), (1024, 65534))),
    ],
)
def test_ranges_of_an_int(inside: str, ranges: t.Any) -> None:
    """Ports are written as a list of ranges in the definitions of AXIS OS 5.51 and 9.80."""
    xml = definitions(f'<group name="A"><parameter name="P" value="1"><type>{inside}</type></parameter></group>')
    device, _log = param(answer(xml))
    assert device.definitions("root.A")["A.P"].ranges == ranges


# --- writing ----------------------------------------------------------------------------------------------------------


def test_an_update() -> None:
    device, session = param(answer("OK\r\n"))
    device.update({"A.B": "a b&c=d\xe9", "A.C": ""})
    (sent,) = session.sent
    assert sent.form == {"action": "update", "root.A.B": "a b&c=d\xe9", "root.A.C": ""} and not sent.safe


def test_no_update_of_nothing() -> None:
    device, session = param(answer("OK"))
    device.update({})
    assert session.sent == []


@given(st.dictionaries(NAME, st.text(st.sampled_from("ax /&%+\xe9\u65e5"), max_size=700), min_size=1, max_size=40))
@example({f"A.P{i}": "/" * 2000 for i in range(4)})
@example({f"A.P{i}": "x" * 100 for i in range(340)})
def test_updates_are_cut_into_pieces_without_loss(values: dict[str, str]) -> None:
    device, session = param(answer("OK"))
    device.update(values)
    together: list[tuple[str, str]] = []
    for sent in session.sent:
        pairs = parse_qsl(sent.body.decode("ascii"), keep_blank_values=True)
        assert pairs[0] == ("action", "update")
        together += pairs[1:]
        if len(pairs) > 2:
            assert len(sent.body) - len("action=update&") <= CHUNK
    assert dict(together) == {f"root.{name}": value for name, value in values.items()}
    assert len(together) == len(values)


def test_a_refused_parameter_is_named() -> None:
    device, dummy = param(
        answer("# Error: Error setting 'root.A.B' to 'secret'!\n# Error: Error setting 'A.C' to ''!\n")
    )
    with pytest.raises(DeviceRefused, match="^192.0.2.7:443: param.cgi update: the device refuses A.B, A.C") as caught:
        device.update({"A.B": "secret"})
    assert "secret" not in str(caught.value) and caught.value.remedy


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_text_is_read_whatever_the_status(status: int) -> None:
    device, dummy = param(answer("# Request failed: Error setting 'root.A.B' to 'x'!", status))
    with pytest.raises(DeviceRefused, match="A.B") as caught:
        device.update({"A.B": "x"})
    assert caught.value.http_status == status


@pytest.mark.parametrize("reply", [answer(""), answer("<html>", 200, "text/html"), answer("OK?"), answer("no", 500)])
def test_what_is_neither_success_nor_error(reply: t.Any) -> None:
    device, dummy = param(reply)
    with pytest.raises(BadAnswer):
        device.update({"A.B": "x"})


def test_after_a_failed_piece_no_more_is_sent() -> None:
    device, session = param(answer("# Error: Error setting 'root.A.P0' to 'x'!"))
    with pytest.raises(DeviceRefused):
        device.update({f"A.P{i}": "x" * 1000 for i in range(30)})
    assert len(session.sent) == 1


def test_an_entry_is_added() -> None:
    device, session = param(answer("S4 OK\r\n"))
    assert device.add("streamprofile", "StreamProfile", {"Name": "a", "Parameters": "x=1&y=2"}) == "StreamProfile.S4"
    assert session.sent[0].form == {
        "action": "add",
        "template": "streamprofile",
        "group": "StreamProfile",
        "StreamProfile.S.Name": "a",
        "StreamProfile.S.Parameters": "x=1&y=2",
    }


def test_an_entry_is_added_and_not_named() -> None:
    """Some devices answer just OK (real-devices.md, section 3); what is there is found by its identity anyway."""
    device, dummy = param(answer("OK\n"))
    device.add("streamprofile", "StreamProfile", {"Name": "a"})


def test_an_entry_made_with_a_value_refused_is_removed_again() -> None:
    replies = [answer("# Error: Error setting 'root.StreamProfile.S4.Parameters' to 'x'!\nS4 OK\n"), answer("OK\n")]
    device, session = param(lambda request: replies.pop(0))
    with pytest.raises(DeviceRefused, match="StreamProfile.S4.Parameters"):
        device.add("streamprofile", "StreamProfile", {"Name": "a", "Parameters": "x"})
    assert session.sent[1].form["action"] == "remove"
    assert session.sent[1].form["group"].removeprefix("root.") == "StreamProfile.S4"


def test_when_the_removal_fails_too_the_first_error_is_told() -> None:
    replies = [answer("# Error: Error setting 'root.S.S4.Parameters' to 'x'!\nS4 OK\n"), answer("# Error: busy\n")]
    device, dummy = param(lambda request: replies.pop(0))
    with pytest.raises(DeviceRefused, match="S.S4.Parameters"):
        device.add("streamprofile", "S", {"Parameters": "x"})


def test_an_entry_is_not_added() -> None:
    device, session = param(answer("# Error: Unable to add a new group\n"))
    with pytest.raises(DeviceRefused, match="Unable to add"):
        device.add("streamprofile", "StreamProfile", {})
    assert len(session.sent) == 1


def test_entries_are_removed() -> None:
    device, session = param(answer("OK"))
    device.remove("root.StreamProfile.S0", "root.StreamProfile.S2")
    assert session.sent[0].form == {"action": "remove", "group": "root.StreamProfile.S0,root.StreamProfile.S2"}
