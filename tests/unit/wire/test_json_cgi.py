# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that answers of JSON CGIs are read as devices give them: error families, odd shapes, pages of HTML."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, P3265, RECORDED, FakeSession, answer, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.wire import json_cgi
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ApiMissing,
    BadAnswer,
    DeviceRefused,
    VapixError,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.json_cgi import JsonApi, call

API = JsonApi("/axis-cgi/x.cgi", "x", "1.0", sub_codes={3: "servers"})


def ask(reply: t.Any, method: str = "getX", api: JsonApi = API, **more: t.Any) -> dict[str, t.Any]:
    return call(t.cast(t.Any, FakeSession({api.path: reply})), api, method, **more)


def test_what_is_asked() -> None:
    session = FakeSession({API.path: json_answer({"data": {}})})
    call(t.cast(t.Any, session), API, "setX", {"a": 1}, safe=False)
    call(t.cast(t.Any, session), API, "getX", safe=True, anonymous=True)
    call(t.cast(t.Any, session), API, "getSupportedVersions", safe=True)
    first, second, third = session.sent
    assert first.json == {"apiVersion": "1.0", "method": "setX", "params": {"a": 1}}
    assert second.json == {"apiVersion": "1.0", "method": "getX"}
    assert third.json == {"method": "getSupportedVersions"}
    assert [(sent.safe, sent.anonymous) for sent in session.sent] == [(False, False), (True, True), (True, False)]


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ({"apiVersion": "1.37", "method": "getX", "data": {"a": 1}}, {"a": 1}),
        ({"apiVersion": "1.0", "data": {"a": 1}}, {"a": 1}),
        ({"apiVersion": "1.0", "context": "c", "method": "setX"}, {}),
        ({"method": "setX", "data": {}}, {}),
    ],
    ids=["higher version", "no method echo", "no data", "empty data"],
)
def test_good_answers(document: t.Any, data: t.Any) -> None:
    assert ask(json_answer(document)) == data


@pytest.mark.parametrize(
    ("codes", "code", "meaning"),
    [
        (json_cgi.NETWORK_CODES, 4001, "version"),
        (json_cgi.EARLY_CODES, 2003, "version"),
        (json_cgi.GENERAL_CODES, 2100, "version"),
        (json_cgi.NETWORK_CODES, 4000, "method"),
        (json_cgi.EARLY_CODES, 4000, "JSON"),
    ],
)
def test_a_number_means_what_its_family_says(codes: t.Mapping[int, str], code: int, meaning: str) -> None:
    api = JsonApi("/axis-cgi/ntp.cgi", "ntp", "1.0", codes)
    with pytest.raises(DeviceRefused) as caught:
        ask(json_answer({"error": {"code": code, "message": "Oops"}}), api=api)
    error = caught.value
    assert error.code == code and f"code {code} (Oops: " in str(error) and meaning in str(error)
    assert str(error).startswith("192.0.2.7:443: ntp.cgi getX: ")
    assert error.as_failure()["method"] == "getX" and error.http_status == 200


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_code_can_be_a_string_and_the_status_anything(status: int) -> None:
    with pytest.raises(DeviceRefused) as caught:
        ask(json_answer({"error": {"code": "2103", "message": "Required parameter missing"}}, status))
    assert (caught.value.code, caught.value.http_status) == (2103, status)


def test_a_sub_code_is_explained() -> None:
    with pytest.raises(DeviceRefused, match="sub-code 3: servers"):
        ask(json_answer({"error": {"code": 4004, "message": "Invalid", "details": {"subCode": 3}}}))


@pytest.mark.parametrize("error", ["text", None, [], {}, {"code": None}, {"code": "x", "message": None}, {"code": 1e9}])
def test_an_error_of_any_shape_is_a_refusal(error: t.Any) -> None:
    with pytest.raises(DeviceRefused):
        ask(json_answer({"error": error}))


@pytest.mark.parametrize(
    "reply",
    [
        answer("<html><body>Login</body></html>", 200, "text/html"),
        answer('{"data": {"a": 1', 200, "application/json"),
        answer("", 200, "application/json"),
        answer("[]", 200, "application/json"),
        answer("null", 200, "application/json"),
        json_answer({"data": {}}, 500),
        answer("<html>", 500, "text/html"),
    ],
)
def test_what_is_no_answer_of_this_api(reply: t.Any) -> None:
    with pytest.raises(BadAnswer) as caught:
        ask(reply)
    assert str(caught.value).startswith("192.0.2.7:443: x.cgi getX: ") and caught.value.remedy


def test_404_is_a_missing_api() -> None:
    with pytest.raises(ApiMissing) as caught:
        ask(answer("<HTML>404</HTML>", 404, "text/html"))
    assert caught.value.remedy and caught.value.http_status == 404


def test_latin_1_in_json() -> None:
    assert ask(answer(b'{"data": {"name": "caf\xe9"}}')) == {"name": "caf\xe9"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "data": JSON,
            "error": st.fixed_dictionaries(
                {}, optional={"code": JSON, "message": JSON, "details": st.fixed_dictionaries({"subCode": JSON})}
            ),
        },
    )
)
@example({"error": {"code": float("inf")}})
@example({"error": {"code": 1, "details": {"subCode": [1]}}})
@example({"error": {"code": 1, "details": {"subCode": {"a": 1}}}})
def test_any_json_gives_an_answer_or_one_of_our_errors(document: t.Any) -> None:
    try:
        assert ask(answer(json.dumps(document))) == document.get("data", {})
    except VapixError as exc:
        assert str(exc).startswith("192.0.2.7:443: x.cgi getX: ")


@given(st.binary(max_size=60), st.sampled_from([200, 204, 400, 404, 500]))
def test_any_bytes_give_an_answer_or_one_of_our_errors(body: bytes, status: int) -> None:
    try:
        ask(answer(body, status))
    except VapixError as exc:
        assert str(exc).startswith("192.0.2.7:443: x.cgi getX: ")


def test_endless_nesting_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        ask(answer("[" * 100_000))


RECORDED_JSON = sorted((*P3265.glob("*.json"), *(RECORDED / "kane610-axis").glob("*.json")))
# Two recordings are of clients, not of JSON CGIs.
METHODS = [path for path in RECORDED_JSON if not path.name.startswith(("rest-", "config-"))]


@NEEDS_RECORDINGS
def test_every_recorded_answer_of_a_json_cgi_is_read() -> None:
    good, refused = [], []
    for path in METHODS:
        if isinstance(json.loads(path.read_bytes()).get("data", {}), list):
            continue  # for raw calls, see test_settings.py
        try:
            assert ask(answer(path.read_bytes())) != {}, path.name
            good.append(path.name)
        except DeviceRefused as exc:
            assert isinstance(exc.code, int), path.name
            refused.append(path.name)
    assert len(good) > 15
    assert refused == [name for name in (path.name for path in METHODS) if "error" in name]
