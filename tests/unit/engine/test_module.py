# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that a module runs as Ansible runs it elsewhere: arguments on standard input, one JSON document as result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

import pytest
from harness.authority import make
from unit.scripted import Expect, Server, challenge, digest, ok_json, text

NTP = "/axis-cgi/ntp.cgi"
GET = {"apiVersion": "1.0", "method": "getNTPInfo"}
MISSING = text("<HTML>404</HTML>", 404)
COLLECTIONS = os.environ["ANSIBLE_COLLECTIONS_PATH"]


def client(*servers: str) -> dict[str, t.Any]:
    return {"enabled": True, "serversSource": "static", "staticServers": list(servers), "maxSupportedStaticServers": 5}


def info(*servers: str) -> t.Any:
    return ok_json({"apiVersion": "1.5", "method": "getNTPInfo", "data": {"client": client(*servers)}})


def run(server: Server, name: str = "ntp", **args: t.Any) -> tuple[int, dict[str, t.Any], str]:
    args = {"host": "127.0.0.1", "port": server.port, "scheme": "http", "username": "root"} | args
    args = {"password": "secret-pass", "timeout": 5, "_ansible_check_mode": False} | args
    done = subprocess.run(
        [sys.executable, "-m", f"ansible_collections.axis.vapix.plugins.modules.{name}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": args}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": COLLECTIONS, "PYTHONWARNINGS": "error"},
    )
    assert "secret-pass" not in done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def login(*more: Expect) -> list[Expect]:
    return [
        Expect("GET", "/config/discover", challenge()),
        Expect("GET", "/config/discover", MISSING, check=digest(count=1)),
        Expect("POST", "/axis-cgi/apidiscovery.cgi", MISSING, check=digest(count=2)),  # it does not list it either
        *more,
    ]


def test_a_change() -> None:
    change = {"serversSource": "static", "enabled": True, "staticServers": ["b.example"]}
    with Server(
        *login(
            Expect("POST", NTP, info("a.example"), json=GET, check=digest(count=3)),
            Expect(
                "POST",
                NTP,
                ok_json({"apiVersion": "1.5", "data": {}}),
                json={"apiVersion": "1.0", "method": "setNTPClientConfiguration", "params": change},
                check=digest(count=4),
            ),
            Expect("POST", NTP, info("b.example"), json=GET),
        )
    ) as server:
        code, result, errors = run(server, servers=["b.example"])
    assert (code, result["changed"], result["api"], errors) == (0, True, "ntp.cgi", "")
    assert result["changes"] == [{"path": "servers", "before": ["a.example"], "after": ["b.example"], "risk": "none"}]


def test_check_mode_sends_no_write() -> None:
    with Server(*login(Expect("POST", NTP, info("a.example"), json=GET))) as server:
        code, result, dummy = run(server, servers=["b.example"], _ansible_check_mode=True)
    assert code == 0 and result["changed"]


def test_null_reaches_the_resource() -> None:
    with Server(*login(Expect("POST", NTP, info(), json=GET))) as server:
        code, result, dummy = run(server, servers=None, nts=None)
    assert code == 0 and not result["changed"], result


def test_a_failure_is_a_result_not_a_traceback() -> None:
    with Server(*login(Expect("POST", NTP, text("<html>login</html>")))) as server:
        code, result, errors = run(server, enabled=False)
    assert code == 1 and result["failed"] and errors == ""
    assert result["msg"].startswith(f"127.0.0.1:{server.port}: ntp.cgi getNTPInfo: ")
    assert result["failure"]["api"] == "ntp.cgi" and "Traceback" not in json.dumps(result)


def test_secrets_in_parameters_are_not_in_what_ansible_echoes() -> None:
    with Server(
        Expect("POST", "/axis-cgi/param.cgi", text("# Error: Error -1 getting param in group 'root.SNMP'"))
    ) as server:
        server.script.append(Expect("POST", "/axis-cgi/param.cgi", text("root.A.B=1")))
        server.script.append(Expect("GET", "/axis-cgi/usergroup.cgi", text("root\nroot admin operator viewer ptz")))
        code, result, dummy = run(server, "param", parameters={"SNMP.V1ReadCommunity": "canary-value"})
    assert code == 1 and "canary-value" not in json.dumps(result)


@pytest.mark.parametrize("name", ["certificate", "ca_certificate"])
def test_key_in_the_wrong_place_is_not_echoed(name: str) -> None:
    leaf = make()
    with Server() as server:
        code, result, dummy = run(server, name, alias="a", certificate=leaf.pem + leaf.key_pem())
    assert code == 1 and "there is a private key in it" in result["msg"]
    assert not any(line in json.dumps(result) for line in leaf.key_pem().splitlines()[1:3])


@pytest.mark.parametrize("args", [{"serverz": []}, {"source": "gps"}, {"nts": {"enabeld": True}}, {"minpoll": "x"}])
def test_bad_arguments_send_nothing(args: dict[str, t.Any]) -> None:
    with Server() as server:
        code, result, dummy = run(server, **args)
    assert code == 1 and result["failed"]
