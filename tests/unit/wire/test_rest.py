# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how REST APIs are found, spoken to by the verbs of each release, and how their errors are read."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fake import DISCOVER, NEEDS_RECORDINGS, P3265, FakeSession, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.wire import rest
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ApiMissing,
    BadAnswer,
    DeviceRefused,
    NotAllowed,
    VapixError,
)

PATH = "/config/rest/x/v1"


def session_with(reply: t.Any, path: str = PATH) -> t.Any:
    return FakeSession({path: reply})


def entry(path: str, state: str = "released", version: str = "1.0.0") -> dict[str, str]:
    return {"rest_api": path, "state": state, "version": version}


def test_discovery_keeps_the_path_and_sorts_by_major() -> None:
    listed = {"param": {"v2": entry("/config/rest/param/v2beta", "beta"), "v1": entry("/devconf/rest/param/v1")}}
    found = rest.discover(session_with(json_answer({"apis": listed}), DISCOVER))["param"]
    assert [(api.major, api.path, api.released) for api in found] == [
        (2, "/config/rest/param/v2beta", False),
        (1, "/devconf/rest/param/v1", True),
    ]


def test_a_device_without_discovery_has_no_rest_apis() -> None:
    assert rest.discover(session_with(answer("<HTML>", 404, "text/html"), DISCOVER)) is None


@pytest.mark.parametrize("reply", [answer("<html>login", 200, "text/html"), json_answer([]), json_answer({"apis": []})])
def test_a_page_is_no_discovery(reply: t.Any) -> None:
    with pytest.raises(BadAnswer, match="^192.0.2.7:443: /config/discover GET: "):
        rest.discover(session_with(reply, DISCOVER))


TEXT = st.text(max_size=6)
ODD = st.none() | st.integers() | TEXT | st.lists(TEXT, max_size=2) | st.dictionaries(TEXT, TEXT, max_size=2)


@given(
    st.dictionaries(
        TEXT,
        st.dictionaries(
            st.sampled_from(["v1", "v2", "v", "v2beta", "v\u00b2", "w1", ""]),
            st.fixed_dictionaries({}, optional={"rest_api": TEXT, "state": ODD, "version": ODD}) | ODD,
            max_size=3,
        )
        | ODD,
        max_size=3,
    )
)
@example({"a": {"v\u00b2": {"rest_api": "/x"}}})
def test_any_list_of_apis_is_survived(listed: t.Any) -> None:
    try:
        found = rest.discover(session_with(json_answer({"apis": listed}), DISCOVER))
    except VapixError:
        return
    assert all(api.major == int(f"{api.major}") for apis in found.values() for api in apis)


@NEEDS_RECORDINGS
def test_the_recorded_discovery() -> None:
    found = rest.discover(session_with(answer((P3265 / "config-discover.json").read_bytes()), DISCOVER))
    assert len(found) >= 30
    assert found["network-time-sync"][0].released and found["network-time-sync"][0].major == 1
    assert found["param"][0].path.endswith("v2beta") and not found["param"][0].released
    assert [api.major for api in found["ssh"]] == [2, 1]
    assert all(api.path.startswith("/config/rest/") for apis in found.values() for api in apis)


@NEEDS_RECORDINGS
def test_every_recorded_rest_answer_is_read() -> None:
    names = sorted(P3265.glob("rest-*.json"))
    assert len(names) > 10
    for path in names:
        assert rest.get(session_with(answer(path.read_bytes())), PATH) is not None, path.name


@pytest.mark.parametrize(("old", "set_verb", "run_verb"), [(False, "PATCH", "POST"), (True, "PUT", "PUT")])
def test_the_verbs_of_each_release(old: bool, set_verb: str, run_verb: str) -> None:
    session = session_with(json_answer({"status": "success", "data": 7}))
    assert rest.get(session, PATH) == 7
    rest.patch(session, PATH, {"a": 1}, old_verbs=old)
    assert rest.trigger(session, PATH, old_verbs=old, safe=True) == 7
    assert [sent.method for sent in session.sent] == ["GET", set_verb, run_verb]
    assert [sent.safe for sent in session.sent] == [True, False, True]
    assert session.sent[0].body == b""
    assert [sent.json for sent in session.sent[1:]] == [{"data": {"a": 1}}, {"data": {}}]


@pytest.mark.parametrize(
    ("version", "old"),
    [("11.8.61", True), ("11.10.5", True), ("11.11.124", False), ("12.0.91", False), ("9.80.2.2", True), ("", False)],
)
def test_the_release_decides(version: str, old: bool) -> None:
    device, dummy = fake_device(
        {"/axis-cgi/basicdeviceinfo.cgi": json_answer({"data": {"propertyList": {"Version": version}}})}
    )
    assert device.old_rest_verbs is old


@pytest.mark.parametrize("data", [None, False, 0, "", []])
def test_any_value_can_be_set(data: t.Any) -> None:
    session = session_with(json_answer({"status": "success"}))
    rest.patch(session, PATH, data)
    assert session.sent[0].json == {"data": data}


def test_delete_has_no_body() -> None:
    session = session_with(answer("", 204))
    assert rest.send(session, "DELETE", PATH, {"x": 1}) is None
    assert session.sent[0].body == b"" and not session.sent[0].safe


def envelope(code: t.Any, message: str) -> str:
    return json.dumps({"status": "error", "error": {"code": code, "message": message}})


def test_the_error_envelope() -> None:
    with pytest.raises(DeviceRefused) as caught:
        rest.patch(session_with(answer(envelope(5, "Bad value"), 400)), PATH, {})
    error = caught.value
    assert (error.code, error.http_status, error.method) == (5, 400, "PATCH")
    assert str(error).startswith(f"192.0.2.7:443: {PATH} PATCH: ") and "Bad value" in str(error)


@pytest.mark.parametrize("body", [envelope(1, "Resource not found: x"), "<HTML>404</HTML>", ""])
def test_404_is_a_missing_api(body: str) -> None:
    with pytest.raises(ApiMissing):
        rest.get(session_with(answer(body, 404)), PATH)


@pytest.mark.parametrize(
    ("body", "status"),
    [("<html>login</html>", 200), ('{"status": "success", "da', 200), ("", 500), ("<HTML>405", 405), ("[]", 200)],
)
def test_what_is_no_rest_answer(body: str, status: int) -> None:
    with pytest.raises(BadAnswer):
        rest.patch(session_with(answer(body, status, "text/html")), PATH, {})


def test_an_error_inside_http_200_is_an_error() -> None:
    with pytest.raises(DeviceRefused):
        rest.patch(session_with(answer(envelope(5, "no"))), PATH, {})


def test_a_success_with_a_failing_status_is_none() -> None:
    with pytest.raises(VapixError):
        rest.patch(session_with(json_answer({"status": "success"}, 500)), PATH, {})


def test_an_account_that_may_not_discover_has_no_rest_apis() -> None:
    groups = answer("operator\noperator viewer")
    device, dummy = fake_device({DISCOVER: NotAllowed("no"), "/axis-cgi/usergroup.cgi": groups})
    assert device.rest_apis == {}


def test_an_administrator_that_may_not_discover_is_an_error() -> None:
    groups = answer("root\nroot admin operator viewer ptz")
    device, dummy = fake_device({DISCOVER: NotAllowed("no"), "/axis-cgi/usergroup.cgi": groups})
    with pytest.raises(NotAllowed):
        len(device.rest_apis)


def test_one_404_is_not_a_device_without_rest_apis() -> None:
    """A device that starts up answers 404 to what its own API list has."""
    listed = json_answer({"data": {"apiList": [{"id": "device-config", "version": "1.0"}]}})
    device, dummy = fake_device({DISCOVER: answer("", 404), "/axis-cgi/apidiscovery.cgi": listed})
    with pytest.raises(ApiMissing, match="lists this API, but does not answer it"):
        len(device.rest_apis)


def test_a_beta_is_not_a_released_api() -> None:
    listed = {"a": {"v1": entry("/config/rest/a/v1beta", "beta")}, "b": {"v1": entry("/config/rest/b/v1")}}
    device, dummy = fake_device({DISCOVER: json_answer({"apis": listed})})
    assert device.released_rest_api("a", 1) is None
    assert device.released_rest_api("b", 2) is None
    found = device.released_rest_api("b", 1)
    assert found is not None and found.path == "/config/rest/b/v1"
