# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves what is planned and written for NTP and time on each API that can hold them, limits and null included."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest
from unit.fake import DISCOVER, NEEDS_RECORDINGS, NTP, P3265, PARAM, TIME, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.commands import api as raw
from ansible_collections.axis.vapix.plugins.module_utils.commands import facts
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.resources import ntp
from ansible_collections.axis.vapix.plugins.module_utils.resources import time as time_resource
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    BadAnswer,
    DeviceRefused,
    InvalidOption,
    NotSupported,
)

SYNC = "/config/rest/network-time-sync/v1"
CLOCK = "/config/rest/time/v2"
VERSION = json_answer({"data": {"propertyList": {"Version": "12.11.77"}}})


def discovery(*apis: tuple[str, str, str]) -> t.Any:
    return json_answer(
        {"apis": {name: {key: {"rest_api": path, "state": "released", "version": "1.0"}} for name, key, path in apis}}
    )


class Store:
    """A document behind an API, and what was written to it."""

    def __init__(self, document: t.Any) -> None:
        self.document = document
        self.writes: list[t.Any] = []


def merge(target: dict[str, t.Any], change: t.Mapping[str, t.Any]) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        else:
            target[key] = value


def rest_ntp(**client: t.Any) -> tuple[t.Any, Store]:
    default = {"enabled": True, "serversSource": "DHCP", "staticServers": [""], "minimumPoll": 6, "maximumPoll": 10}
    nts = {"enabled": False, "staticServers": [""], "caCertificates": []}
    store = Store(default | {"nts": nts} | client)

    def change(request: t.Any) -> t.Any:
        store.writes.append((request.method, request.json))
        merge(store.document, request.json["data"])
        return json_answer({"status": "success"})

    device, dummy = fake_device(
        {
            DISCOVER: discovery(("network-time-sync", "v1", SYNC)),
            "/axis-cgi/basicdeviceinfo.cgi": VERSION,
            SYNC: lambda request: json_answer({"status": "success", "data": {"ntp": {"client": store.document}}}),
            f"{SYNC}/ntp/client": change,
            NTP: json_answer({"data": {"client": {"maxSupportedStaticServers": 2}}}),
        }
    )
    return device, store


def cgi_ntp(**client: t.Any) -> tuple[t.Any, Store]:
    store = Store(
        {"enabled": True, "serversSource": "DHCP", "staticServers": [], "maxSupportedStaticServers": 5, "synced": True}
        | client
    )

    def serve(request: t.Any) -> t.Any:
        if request.json["method"] == "getNTPInfo":
            return json_answer({"apiVersion": "1.5", "data": {"client": store.document}})
        store.writes.append(request.json)
        store.document |= request.json["params"]
        return json_answer({"apiVersion": "1.5", "method": "setNTPClientConfiguration", "data": {}})

    return fake_device({NTP: serve})[0], store


def param_time(**rows: str) -> tuple[t.Any, Store]:
    default = {"SyncSource": "NTP", "ObtainFromDHCP": "yes", "NTP.Server": "0.0.0.0", "POSIXTimeZone": "CET-1"}
    store = Store(default | {"DST.Enabled": "no"} | rows)

    def serve(request: t.Any) -> t.Any:
        form = request.form
        if form.pop("action") == "list":
            return answer("".join(f"root.Time.{name}={value}\n" for name, value in store.document.items()))
        store.writes.append(form)
        store.document |= {name.removeprefix("root.Time."): value for name, value in form.items()}
        return answer("OK")

    return fake_device({PARAM: serve})[0], store


def run(declared: t.Any, device: t.Any, check: bool = False, **wanted: t.Any) -> dict[str, t.Any]:
    return reconcile(declared.on(device, wanted), check)


def paths(result: dict[str, t.Any]) -> list[str]:
    return [change["path"] for change in result["changes"]]


# --- NTP --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [rest_ntp, cgi_ntp])
def test_static_servers(make: t.Any) -> None:
    device, store = make()
    wanted = {"source": "static", "servers": ["a.example", "192.0.2.1"]}
    predicted = run(ntp.DECLARED, device, True, **wanted)
    assert store.writes == []
    assert run(ntp.DECLARED, device, **wanted) == predicted
    assert paths(predicted) == ["source", "servers"] and len(store.writes) == 1
    assert not run(ntp.DECLARED, device, **wanted)["changed"] and len(store.writes) == 1
    swapped = run(ntp.DECLARED, device, servers=["192.0.2.1", "a.example"])
    assert paths(swapped) == ["servers"], "the order of servers means something"


def test_rest_is_sent_only_what_changes() -> None:
    device, store = rest_ntp()
    run(ntp.DECLARED, device, minpoll=7, enabled=True, nts={"enabled": True, "servers": ["nts.example"]})
    data = {"minimumPoll": 7, "nts": {"enabled": True, "staticServers": ["nts.example"]}}
    assert store.writes == [("PATCH", {"data": data})]


def test_the_cgi_is_sent_all_writable_members_it_has() -> None:
    device, store = cgi_ntp(minpoll=6)
    run(ntp.DECLARED, device, minpoll=7)
    assert store.writes[0]["method"] == "setNTPClientConfiguration"
    assert store.writes[0]["params"] == {"enabled": True, "serversSource": "DHCP", "staticServers": [], "minpoll": 7}


@pytest.mark.parametrize(("make", "limit"), [(rest_ntp, 2), (cgi_ntp, 5), (param_time, 1)])
def test_more_servers_than_the_device_holds(make: t.Any, limit: int) -> None:
    device, store = make()
    fits = [f"ntp{i}.example" for i in range(limit)]
    with pytest.raises(InvalidOption, match=f"{limit + 1} (servers|entries) are given, the device holds {limit}"):
        run(ntp.DECLARED, device, servers=[*fits, "one.more"])
    assert store.writes == []
    assert run(ntp.DECLARED, device, servers=fits)["changed"]


def test_null_is_the_documented_default() -> None:
    device, store = rest_ntp(minimumPoll=3, serversSource="STATIC", staticServers=["a"], enabled=False)
    nts = {"enabled": None, "servers": None, "ca_certificates": None}
    result = run(ntp.DECLARED, device, enabled=None, source=None, servers=None, minpoll=None, maxpoll=None, nts=nts)
    assert paths(result) == ["enabled", "source", "servers", "minpoll"]
    assert (store.document["minimumPoll"], store.document["staticServers"]) == (6, [])


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"servers": ["a b"]}, "not a host name or an IP address"),
        ({"servers": [""]}, "not a host name"),
        ({"servers": ["192.0.2.300"]}, "not a host name"),
        ({"servers": ["a", "A"]}, "twice"),
        ({"nts": {"servers": ["http://x"]}}, "nts.servers"),
        ({"minpoll": 25}, "between 0 and 24"),
        ({"maxpoll": -1}, "between 0 and 24"),
        ({"minpoll": 9, "maxpoll": 8}, "larger than maxpoll"),
        ({"minpoll": 11}, "larger than maxpoll"),
        ({"source": "static"}, "no servers"),
        ({"source": "static", "servers": []}, "no servers"),
    ],
)
def test_bad_ntp_is_refused(wanted: t.Any, words: str) -> None:
    device, store = rest_ntp()
    with pytest.raises(InvalidOption, match=words) as caught:
        run(ntp.DECLARED, device, **wanted)
    assert store.writes == [] and str(caught.value).startswith("192.0.2.7:443: ")


def test_static_without_servers_is_fine_where_nts_replaces_them() -> None:
    """While NTS is enabled, source and servers are not used, says the documentation of the module."""
    device, store = rest_ntp(
        serversSource="STATIC", nts={"enabled": True, "staticServers": ["n"], "caCertificates": []}
    )
    assert not run(ntp.DECLARED, device, source="static")["changed"]


def test_old_firmware_holds_one_server_and_no_poll() -> None:
    device, store = param_time()
    run(ntp.DECLARED, device, source="static", servers=["ntp.example"], enabled=True, minpoll=None)
    assert store.writes == [{"root.Time.ObtainFromDHCP": "no", "root.Time.NTP.Server": "ntp.example"}]
    with pytest.raises(NotSupported, match="cannot hold minpoll"):
        run(ntp.DECLARED, device, minpoll=5)


def test_what_a_device_does_not_have_is_left_out_with_one_warning_where_asked() -> None:
    device, store = param_time()
    warnings: list[str] = []
    device.warn = warnings.append
    options = {"servers": ["ntp.example"], "minpoll": 5, "nts": {"enabled": True}, "on_unsupported": "warn"}
    assert run(ntp.DECLARED, device, **options)["changed"]
    assert store.writes == [{"root.Time.NTP.Server": "ntp.example"}]
    assert len(warnings) == 1 and "cannot hold minpoll, nts.enabled" in warnings[0]
    wanted = {"sync_clock": True, "max_clock_error": 5, "timezone": "Asia/Tokyo", "on_unsupported": "warn"}
    assert [change["path"] for change in run(time_resource.DECLARED, device, **wanted)["changes"]] == ["posix_timezone"]
    assert len(warnings) == 2 and "cannot set the clock" in warnings[1]


def test_what_the_api_of_a_device_does_not_report() -> None:
    device, store = cgi_ntp()
    with pytest.raises(NotSupported, match="cannot hold nts.enabled"):
        run(ntp.DECLARED, device, nts={"enabled": True})
    assert store.writes == []


def test_no_api_at_all() -> None:
    device, dummy = fake_device({PARAM: answer("# Error: Error -1 getting param in group 'Time'\n")})
    with pytest.raises(NotSupported, match="none of the APIs for ntp"):
        run(ntp.DECLARED, device, enabled=True)


def test_an_answer_without_the_document() -> None:
    device, dummy = rest_ntp()
    device.session.routes[SYNC] = json_answer({"status": "success", "data": {"ptp": {}}})
    with pytest.raises(BadAnswer, match="ntp.client"):
        run(ntp.DECLARED, device, enabled=True)


@NEEDS_RECORDINGS
def test_recorded_ntp_answers() -> None:
    routes = {DISCOVER: answer((P3265 / "config-discover.json").read_bytes())}
    routes[SYNC] = answer((P3265 / "rest-network-time-sync-v1.json").read_bytes())
    wanted = {"enabled": True, "source": "static", "minpoll": 6, "maxpoll": 10}
    wanted["nts"] = {"enabled": False, "servers": [], "ca_certificates": []}
    device, session = fake_device(routes)
    result = run(ntp.DECLARED, device, servers=["10.0.0.17", "ts1.univie.ac.at"], **wanted)
    assert (result["api"], result["changed"], session.writes) == ("network-time-sync v1", False, [])
    for name, servers in (("ntp-getNTPInfo.json", 1), ("ntp-getNTPInfo-2.json", 2)):
        device, session = fake_device({NTP: answer((P3265 / name).read_bytes())})
        result = run(ntp.DECLARED, device, servers=["10.0.0.17", "ts1.univie.ac.at"][:servers], **wanted)
        assert (result["api"], result["changed"]) == ("ntp.cgi", False)


# --- time -------------------------------------------------------------------------------------------------------------

POSIX = "CET-1CEST,M3.5.0,M10.5.0/3"


def rest_time(iana: str | None = None, posix: str | None = None, off: int = 0, dst: bool = True) -> tuple[t.Any, Store]:
    store = Store({"iana": iana, "posix": posix, "dst": dst, "off": off})

    def read(request: t.Any) -> t.Any:
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=store.document["off"])
        zone = {
            "iana": {"timeZone": store.document["iana"]},
            "posix": {"timeZone": store.document["posix"], "dstEnabled": store.document["dst"]},
            "dhcp": {"enabled": not (store.document["iana"] or store.document["posix"])},
        }
        data = {"time": {"dateTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}, "timeZone": zone}
        return json_answer({"status": "success", "data": data})

    def setter(**fixed: t.Any) -> t.Any:
        def change(request: t.Any) -> t.Any:
            data = request.json["data"]
            store.writes.append((request.method, request.target.removeprefix(CLOCK), data))
            store.document |= {key: value(data) if callable(value) else value for key, value in fixed.items()}
            return json_answer({"status": "success"})

        return change

    device, dummy = fake_device(
        {
            DISCOVER: discovery(("time", "v2", CLOCK)),
            "/axis-cgi/basicdeviceinfo.cgi": VERSION,
            CLOCK: read,
            f"{CLOCK}/timeZone/iana/getTimeZoneList": json_answer(
                {"status": "success", "data": [{"timeZone": "Europe/Berlin"}, {"timeZone": "UTC"}]}
            ),
            f"{CLOCK}/timeZone/iana/timeZone": setter(iana=str, posix=None),
            f"{CLOCK}/timeZone/posix": setter(
                iana=None, posix=lambda data: data["timeZone"], dst=lambda data: data["dstEnabled"]
            ),
            f"{CLOCK}/timeZone/dhcp/enabled": setter(iana=None, posix=None),
            f"{CLOCK}/time/dateTime": setter(off=0),
        }
    )
    return device, store


def want_time(device: t.Any, check: bool = False, **wanted: t.Any) -> dict[str, t.Any]:
    return run(time_resource.DECLARED, device, check, **({"sync_clock": False, "max_clock_error": 5} | wanted))


def test_an_iana_zone() -> None:
    device, store = rest_time(posix=POSIX)
    predicted = want_time(device, True, timezone="Europe/Berlin")
    assert store.writes == []
    assert want_time(device, timezone="Europe/Berlin") == predicted
    assert store.writes == [("PATCH", "/timeZone/iana/timeZone", "Europe/Berlin")]
    assert not want_time(device, timezone="Europe/Berlin")["changed"]


def test_an_unknown_zone_is_refused_with_a_hint() -> None:
    device, store = rest_time()
    with pytest.raises(InvalidOption, match="Did you mean Europe/Berlin"):
        want_time(device, timezone="Europe/Berlim")
    assert store.writes == []


def test_a_zone_by_another_name_is_set_once() -> None:
    device, store = rest_time()
    want_time(device, timezone="Europe/Stockholm")
    assert store.document["iana"] == "Europe/Berlin"
    assert not want_time(device, timezone="Europe/Stockholm")["changed"]


def test_null_is_the_zone_of_dhcp() -> None:
    device, store = rest_time("Europe/Berlin")
    want_time(device, timezone=None)
    assert store.writes == [("PATCH", "/timeZone/dhcp/enabled", True)]
    assert not want_time(device, timezone=None)["changed"]


def test_a_posix_zone_in_another_spelling_is_the_same() -> None:
    shown = "CET-01:00CEST,M3.5.0/2:00:00,M10.5.0/3:00"
    device, store = rest_time(posix=shown)
    assert not want_time(device, posix_timezone=POSIX)["changed"]
    result = want_time(device, posix_timezone=POSIX, dst=False)
    assert paths(result) == ["dst"]
    assert store.writes == [("PATCH", "/timeZone/posix", {"timeZone": shown, "dstEnabled": False})], "only what changes"
    assert not want_time(device, posix_timezone=POSIX, dst=False)["changed"]
    assert not want_time(device, posix_timezone=POSIX)["changed"], "left out means left alone"
    assert paths(want_time(device, posix_timezone=POSIX, dst=None)) == ["dst"], "null means true"


@pytest.mark.parametrize(("off", "changed"), [(0, False), (3, False), (-3, False), (30, True), (-3600, True)])
def test_the_clock(off: int, changed: bool) -> None:
    device, store = rest_time("UTC", off=off)
    assert not want_time(device)["changed"]
    assert want_time(device, sync_clock=True)["changed"] is changed
    assert [write[1] for write in store.writes] == (["/time/dateTime"] if changed else [])


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"posix_timezone": "Europe/Berlin"}, "no POSIX time zone"),
        ({"posix_timezone": None}, "no POSIX time zone"),
        ({"timezone": "UTC", "dst": True}, "dst belongs to posix_timezone"),
        ({"dst": True}, "dst belongs"),
        ({"sync_clock": True, "max_clock_error": 1}, "not at least 2"),
    ],
)
def test_bad_time_is_refused(wanted: t.Any, words: str) -> None:
    device, store = rest_time()
    with pytest.raises(InvalidOption, match=words):
        want_time(device, **wanted)
    assert store.writes == []


def test_old_firmware_gets_the_rules_of_an_iana_zone() -> None:
    device, store = param_time()
    want_time(device, timezone="Europe/Stockholm")
    assert store.writes == [{"root.Time.POSIXTimeZone": POSIX, "root.Time.DST.Enabled": "yes"}]
    assert not want_time(device, timezone="Europe/Stockholm")["changed"]
    with pytest.raises(InvalidOption, match="Mars/Phobos"):
        want_time(device, timezone="Mars/Phobos")
    for wanted in ({"timezone": None}, {"sync_clock": True}):
        with pytest.raises(NotSupported):
            want_time(device, **wanted)


def test_on_old_firmware_a_zone_that_is_set_keeps_its_dst() -> None:
    """Documented for dst left out: a zone that is already set keeps what it has."""
    device, store = param_time(POSIXTimeZone=POSIX)
    assert not want_time(device, posix_timezone=POSIX)["changed"]


@pytest.mark.parametrize(
    ("data", "wanted", "changed"),
    [
        ({"timeZone": "UTC", "posixTimeZone": "UTC0", "dstEnabled": True}, {"timezone": "UTC"}, False),
        ({"posixTimeZone": POSIX, "dstEnabled": True}, {"posix_timezone": POSIX}, False),
        ({"timeZone": "UTC", "posixTimeZone": "UTC0", "dhcpTimeZoneUtilized": True}, {"timezone": "UTC"}, True),
        ({"timeZone": "Europe/Berlin", "posixTimeZone": POSIX}, {"posix_timezone": POSIX}, True),
    ],
)
def test_time_cgi(data: t.Any, wanted: t.Any, changed: bool) -> None:
    def serve(request: t.Any) -> t.Any:
        if request.json["method"] == "getAll":
            return json_answer({"data": {"timeZones": ["UTC"]}})
        return json_answer({"apiVersion": "1.1", "data": data | {"dateTime": "2026-10-07T16:24:23Z"}})

    device, session = fake_device({TIME: serve})
    assert want_time(device, True, **wanted)["changed"] is changed
    assert session.writes == []


@NEEDS_RECORDINGS
def test_the_recorded_time() -> None:
    recorded = (P3265 / "rest-time-v2.json").read_bytes()
    routes = {DISCOVER: answer((P3265 / "config-discover.json").read_bytes()), CLOCK: answer(recorded)}
    device, session = fake_device(routes)
    posix = json.loads(recorded)["data"]["timeZone"]["posix"]["timeZone"]
    result = want_time(device, posix_timezone=posix.replace("/2:00:00", "").replace(":00:00", ""), dst=True)
    assert (result["api"], result["changed"], session.writes) == ("time v2", False, [])


@pytest.mark.parametrize("broken", [{}, {"time": {}}, {"time": {"dateTime": "x"}, "timeZone": {}}, None, []])
def test_an_unusable_time(broken: t.Any) -> None:
    device, dummy = rest_time()
    device.session.routes[CLOCK] = json_answer({"status": "success", "data": broken})
    with pytest.raises(BadAnswer, match="^192.0.2.7:443: time v2"):
        want_time(device, timezone="UTC")


# --- raw calls and facts ----------------------------------------------------------------------------------------------


def call(device: t.Any, check: bool = False, **wanted: t.Any) -> dict[str, t.Any]:
    return raw.DECLARED.run(device, {"api_version": "1.0"} | wanted, check)


@pytest.mark.parametrize(
    ("wanted", "reads"),
    [
        ({"dialect": "json", "path": "x.cgi", "method": "getX"}, True),
        ({"dialect": "json", "path": "x.cgi", "method": "setX"}, False),
        ({"dialect": "json", "path": "x.cgi", "method": "getaway"}, False),
        ({"dialect": "json", "path": "x.cgi", "method": "setX", "read_only": True}, True),
        ({"dialect": "json", "path": "x.cgi", "method": "getX", "read_only": False}, False),
        ({"dialect": "rest", "path": "/config/rest/x", "method": "get"}, True),
        ({"dialect": "rest", "path": "/config/rest/x", "method": "PATCH"}, False),
        ({"dialect": "param", "method": "list", "params": {"group": "A"}}, True),
        ({"dialect": "param", "method": "update", "params": {"A.B": 1}}, False),
        ({"dialect": "param", "method": "list", "params": {"action": "update", "A.B": 1}}, False),
        ({"dialect": "cgi", "path": "restart.cgi", "method": "GET"}, False),
    ],
)
def test_only_calls_that_read_are_sent_in_check_mode(wanted: t.Any, reads: bool) -> None:
    device, session = fake_device(
        {
            "/axis-cgi/x.cgi": json_answer({"data": {"a": 1}}),
            "/config/rest/x": json_answer({"status": "success", "data": 1}),
            PARAM: answer("root.A.B=1"),
        }
    )
    try:
        result = call(device, True, **wanted)
    except InvalidOption:
        assert not reads and session.sent == []
        return
    assert result["changed"] is not reads and result["sent"] is reads
    assert len(session.sent) == int(reads)


@pytest.mark.parametrize(
    "wanted",
    [
        {"dialect": "json", "method": "getX"},
        {"dialect": "rest", "path": "/axis-cgi/x.cgi", "method": "GET"},
        {"dialect": "rest", "path": "/config/rest/x", "method": "getX"},
        {"dialect": "cgi", "path": "x.cgi", "method": "list"},
        {"dialect": "param", "method": "list", "params": "group=A"},
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_calls_that_do_not_fit_the_dialect(wanted: t.Any, check: bool) -> None:
    device, session = fake_device()
    with pytest.raises(InvalidOption):
        call(device, check, **wanted)
    assert session.sent == []


def test_what_raw_calls_send() -> None:
    device, session = fake_device(
        {"/axis-cgi/x.cgi?a=b+c&n=1&on=yes": answer("x"), "/axis-cgi/y.cgi": answer("y"), PARAM: answer("OK")}
    )
    assert (
        call(device, dialect="cgi", path="x.cgi", method="get", params={"a": "b c", "n": 1, "on": True})["response"]
        == "x"
    )
    assert call(device, dialect="cgi", path="/axis-cgi/y.cgi", method="POST", params={"a": "é"})["response"] == "y"
    assert call(device, dialect="param", method="update", params={"A.B": False})["response"] == "OK"
    assert [sent.form for sent in session.sent[1:]] == [{"a": "é"}, {"action": "update", "A.B": "no"}]


@NEEDS_RECORDINGS
def test_a_json_api_whose_data_is_a_list_can_be_called() -> None:
    """daynight.cgi of AXIS OS 12.11 answers a list."""
    body = (P3265 / "daynight-getConfiguration.json").read_bytes()
    device, dummy = fake_device({"/axis-cgi/daynight.cgi": answer(body)})
    result = call(device, dialect="json", path="daynight.cgi", method="getConfiguration")
    assert result["response"] == json.loads(body)["data"]


def test_a_refused_raw_call() -> None:
    device, dummy = fake_device({"/axis-cgi/x.cgi": json_answer({"error": {"code": 2102, "message": "no"}})})
    with pytest.raises(DeviceRefused, match="2102"):
        call(device, dialect="json", path="x.cgi", method="getX")


READY = "/axis-cgi/systemready.cgi"


def gather(query: str | None = None, **routes: t.Any) -> dict[str, t.Any]:
    info = json_answer({"data": {"propertyList": {"ProdNbr": "P3265-V", "SerialNumber": "b8a44f000001"}}})
    ready = {"systemready": "yes", "needsetup": "no", "uptime": "12"}
    device, dummy = fake_device({"/axis-cgi/basicdeviceinfo.cgi": info, READY: json_answer({"data": ready})} | routes)
    wanted: dict[str, t.Any] = {"gather_subset": ["identity", "state"]}
    return facts.DECLARED.run(device, wanted | ({"query": query} if query else {}), False)


def test_facts() -> None:
    found = gather()["ansible_facts"]["vapix"]
    assert (found["model"], found["serial"], found["soc"]) == ("P3265-V", "B8A44F000001", None)
    assert found["state"] == {"ready": True, "needs_setup": False, "uptime": 12, "boot_id": None}
    assert gather("state.uptime") == {"changed": False, "value": 12}
    assert gather("nothing.here")["value"] is None


@pytest.mark.parametrize("query", ["[", "foo(", "nofunction(model)", "length(soc)", "sum(model)"])
def test_a_senseless_query_is_a_clear_error(query: str) -> None:
    with pytest.raises(InvalidOption, match="query"):
        gather(query)


@pytest.mark.parametrize("uptime", [12, "12", None, "soon", 1.5])
def test_an_uptime_of_any_type(uptime: t.Any) -> None:
    found = gather(**{READY: json_answer({"data": {"systemready": "yes", "uptime": uptime}})})
    assert found["ansible_facts"]["vapix"]["state"]["uptime"] in (12, None, 1)
