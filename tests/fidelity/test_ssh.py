# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH: ssh.cgi and ``Network.SSH.Enabled`` are one thing."""

from __future__ import annotations

import pytest

from .apis import accounts, code, data, exchanges, not_recorded, where_it_is

CGI, PARAMETER = "/axis-cgi/ssh.cgi", "Network.SSH.Enabled"
GENERATIONS = ["axis-os-10", "axis-os-11", "axis-os-12"]


@pytest.mark.parametrize("profile", GENERATIONS)
def test_the_parameter_as_recorded(profile, client, recorded):
    device = client(profile)
    for name, steps in exchanges(recorded, "parameter_management_update_network_ssh_enabled"):
        # As the recorded device was when somebody began.
        data(device, CGI, "setSshConfiguration", {"enabled": "Enabled=yes" in steps[0][4]})
        for verb, path, _body, status, expected in steps:
            answer = device.ask(verb, path)
            assert (answer.status_code, answer.text.strip()) == (status, expected.strip()), (name, path)


def test_the_cgi_is_not_recorded(recorded):
    not_recorded("ssh.cgi, beyond its version in the API lists")


def test_generations(client):
    assert where_it_is(client, "GET", CGI) == GENERATIONS
    have = [
        profile
        for profile in ("axis-os-5", "axis-os-9", *GENERATIONS)
        if "=" in client(profile).params("list", group=PARAMETER)
    ]
    assert have == GENERATIONS


@pytest.mark.parametrize("profile", GENERATIONS)
def test_one_state_with_two_views(profile, client, fleet):
    device = client(profile)
    assert data(device, CGI, "getSshInfo") == {"enabled": False}
    assert data(device, CGI, "setSshConfiguration", {"enabled": True}) == {}
    assert f"{PARAMETER}=yes\n" in device.params("list", group=f"root.{PARAMETER}")
    assert device.params("update", **{PARAMETER: "no"}) == "OK\n"
    assert data(device, CGI, "getSshInfo") == {"enabled": False}
    fleet.patch(device.device.serial, {"parameters": {PARAMETER: "yes"}})
    assert data(device, CGI, "getSshInfo") == {"enabled": True}


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("setSshConfiguration", {}, 4003),
        ("setSshConfiguration", {"enable": True}, 4003),
        ("setSshConfiguration", {"enabled": "yes"}, 4004),
        ("setSshConfiguration", {"enabled": 1}, 4004),
        ("setSshConfiguration", {"enabled": None}, 4004),
        ("getSSHInfo", {}, 4000),
    ],
)
def test_errors(method, params, expected, client):
    device = client("axis-os-12")
    assert code(device, CGI, method, params) == expected
    assert data(device, CGI, "getSshInfo") == {"enabled": False}


def test_request_errors_and_roles(client, fleet):
    device = client("axis-os-12")
    assert code(device, CGI, "getSshInfo", apiVersion="2.0") == 4001
    assert device.ask("POST", CGI, data="{}", headers={"Content-Type": "text/plain"}).json()["error"]["code"] == 2000
    accounts(fleet, device.device, "operator")
    call = {"apiVersion": "1.0", "method": "getSshInfo"}
    assert client("axis-os-12", user="operator").ask("POST", CGI, json=call).status_code == 403
