# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole document: every resource that has a proof, together in one task."""

from __future__ import annotations

import json
import typing as t

import pytest
from harness.fleet import Fleet
from resources.bench import Bench
from resources.proof import ALL, CANARY, Args, Proof
from resources.table import PROOFS

from ansible_collections.axis.vapix.plugins.module_utils.commands import device as command
from ansible_collections.axis.vapix.plugins.module_utils.document.registry import RESOURCES

#: What shows the same once more, of all resources.
MIRRORS = tuple(mirror for proof in PROOFS.values() for mirror in proof.mirrors)
#: What somebody did to the devices before, of all resources.
GIVEN = {part: value for proof in PROOFS.values() for part, value in proof.given.items()}


class DocumentBench(Bench):
    """One simulated device, and documents that are run on it."""

    def __init__(self, fleet: Fleet, profile: str) -> None:
        super().__init__(fleet, profile, Proof("device", (), (), mirrors=MIRRORS, given=GIVEN), command.DECLARED)

    def document(self, number: int = 0) -> Args:
        """A step of every proof that such a device goes, as one document."""
        found = {}
        for name, proof in PROOFS.items():
            steps = [case.steps for case in proof.quick if self.profile in case.profiles]
            if steps and name in RESOURCES:
                found[name] = proof.always | steps[0][min(number, len(steps[0]) - 1)].args
        return found


def told(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """A result without what check mode cannot tell."""
    sections = {
        name: {key: value for key, value in section.items() if key not in PROOFS[name].only_done}
        for name, section in result["sections"].items()
    }
    return result | {"sections": sections}


@pytest.mark.parametrize("profile", ALL)
def test_a_document_is_applied_once(profile: str, fleet: Fleet) -> None:
    """Check mode predicts the run; the second run changes and writes nothing."""
    bench = DocumentBench(fleet, profile)
    config = bench.document()
    predicted = bench.run({"config": config}, check=True)
    assert not predicted.failed, predicted.result["msg"]
    assert bench.writes() == [] and bench.shows() == {}
    done = bench.run({"config": config})
    assert not done.failed, done.result["msg"]
    assert done.result["changed"] and told(done.result) == told(predicted.result)
    assert {row["section"] for row in done.result["changes"]} == set(config)
    bench.writes()
    again = bench.run({"config": config})
    assert (again.result["changed"], again.result["changes"], bench.writes()) == (False, [], [])


@pytest.mark.parametrize("profile", ALL)
def test_nothing_to_do_costs_one_login_and_one_reading_of_each_api(profile: str, fleet: Fleet) -> None:
    bench = DocumentBench(fleet, profile)
    config = bench.document()
    assert not bench.run({"config": config}).failed
    fleet.reset(bench.device.serial, requests_only=True)
    assert not bench.run({"config": config}).result["changed"]
    requests = fleet.requests(bench.device.serial)
    # Whether the password of another account is right takes a login with it.
    proofs = [request for request in requests if request["path"] == "/axis-cgi/usergroup.cgi"]
    requests = [request for request in requests if request not in proofs]
    challenges = [request for request in requests if request["status"] == 401]
    assert len(challenges) == 1
    asked = [
        (request["method"], request["path"], request.get("body")) for request in requests if request not in challenges
    ]
    assert len(asked) == len({json.dumps(one) for one in asked}), f"asked twice: {asked}"


@pytest.mark.parametrize("profile", ALL)
def test_a_failure_is_rolled_back(profile: str, fleet: Fleet) -> None:
    """The last write is refused: what was made before is taken back, and the account says what could not be."""
    bench = DocumentBench(fleet, profile)
    config = bench.document()
    fleet.reset(bench.device.serial, requests_only=True)
    assert not bench.run({"config": config}).failed
    last = max(number for number, request in enumerate(fleet.requests(bench.device.serial), 1) if request["write"])
    bench.renew()
    before = bench.shows()
    fleet.reset(bench.device.serial, requests_only=True)
    fleet.fault("status", device=bench.device.serial, position=last, code=500)
    outcome = bench.run({"config": config, "on_failure": "rollback"})
    assert outcome.failed
    failure = outcome.result["failure"]
    fleet.clear_faults()
    left = {path.partition(".")[0] for path in (*failure["applied"], *failure["unknown"])}
    cannot = {name for name in config if PROOFS[name].no_way_back}
    assert left <= cannot, failure
    steps = (next(case for case in PROOFS[name].quick if profile in case.profiles).steps[0] for name in cannot)
    places = {path.rpartition(".")[0] for step in steps for path in step.shown_by(profile)}
    unproven = tuple(path for name in config for path in PROOFS[name].unproven)
    after = {path: value for path, value in bench.shows().items() if not path.startswith(unproven)}
    assert {path.rpartition(".")[0] for path in after if after[path] != before.get(path)} <= places


MISTAKES: tuple[tuple[t.Any, str], ...] = (
    ({}, "config is empty"),
    ({"npt": {"enabled": True}}, "npt is no section; did you mean ntp"),
    ({"ntp": {}}, "ntp: is empty"),
    ({"ntp": {"severs": ["a"]}, "ssh": {"enabled": 3}}, "2 problems: ntp: severs is no option; did you mean servers?"),
    ({"ntp": [{"enabled": True}, {"minpoll": 99}]}, "ntp[1]: minpoll 99 is not between"),
    ({"ntp": [{"enabled": True}, {"minpoll": 6}]}, "ntp[1]: ntp[0] is about the same already; put both into one"),
    (
        {"certificate": [{"alias": "a", "subject": "CN=a"}, {"alias": "a", "state": "absent"}]},
        "certificate[1]: certificate[0] is about alias 'a' already",
    ),
    (
        {"ssh": {"enabled": True}, "param": {"parameters": {"root.Network.SSH.Enabled": "yes"}}},
        "param: root.Network.SSH.Enabled belongs to the section ssh; set it there",
    ),
    ({"ssh": {"enabled": None}, "syslog": {"servers": [{"port": 1}]}}, "syslog: missing required arguments: address"),
)


@pytest.mark.parametrize(("config", "words"), MISTAKES)
def test_mistakes_are_told_before_anything_is_sent(config: t.Any, words: str, fleet: Fleet) -> None:
    bench = DocumentBench(fleet, "axis-os-12")
    fleet.reset(bench.device.serial, requests_only=True)
    for check in (True, False):
        outcome = bench.run({"config": config}, check=check)
        assert outcome.failed and words in outcome.result["msg"], outcome.result
    assert fleet.requests(bench.device.serial) == []


def test_a_wrong_document_shows_no_secret(fleet: Fleet) -> None:
    """Also where the secret is in a section that is wrong."""
    bench = DocumentBench(fleet, "axis-os-12")
    for name, resource in RESOURCES.items():
        args = only_secrets(resource.options)
        for config in ({name: args | {"wrong": 1}}, {name: [args, args]}, {name: args, "wrong": {}}):
            assert bench.run({"config": config}).failed or args == {}  # it looks for the canary by itself


def only_secrets(options: t.Mapping[str, t.Any]) -> Args:
    """A value for every secret option, and nothing else."""
    found: Args = {}
    for name, option in options.items():
        if option.secret:
            found[name] = [CANARY] if option.type == "list" else CANARY
        elif option.options and (inner := only_secrets(option.options)):
            found[name] = [inner] if option.type == "list" else inner
    return found


def test_a_restart_that_a_change_needs(fleet: Fleet) -> None:
    """Told, or made once and at the end."""
    bench = DocumentBench(fleet, "axis-os-12")
    proxy = {"network": {"global_proxy": {"http": "http://proxy.example.net:3128"}}, "ssh": {"enabled": True}}
    told = bench.run({"config": proxy, "reboot": "when_required"}, check=True)
    assert (told.result["rebooted"], told.result["reboot_required"]) == (True, False)
    assert fleet.state(bench.device.serial)["reboots"] == 0
    left = bench.run({"config": proxy})
    assert (left.result["rebooted"], left.result["reboot_required"]) == (False, True)
    bench.renew()
    done = bench.run({"config": proxy, "reboot": "when_required", "reboot_timeout": 30})
    assert not done.failed and done.result["rebooted"], done.result
    assert fleet.state(bench.device.serial)["reboots"] == 1
    again = bench.run({"config": proxy, "reboot": "when_required"})
    assert (again.result["changed"], again.result["rebooted"]) == (False, False)


def test_a_restart_that_fails_does_not_hide_what_was_made(fleet: Fleet) -> None:
    bench = DocumentBench(fleet, "axis-os-12")
    fleet.patch(bench.device.serial, {"plan": {"returns": False}})
    proxy = {"network": {"global_proxy": {"http": "http://proxy.example.net:3128"}}}
    outcome = bench.run({"config": proxy, "reboot": "when_required", "reboot_timeout": 1})
    assert outcome.failed and outcome.result["changed"]
    assert outcome.result["failure"]["applied"] == ["network.global_proxy.http"]


def test_a_factory_default_has_a_task_of_its_own(fleet: Fleet) -> None:
    bench = DocumentBench(fleet, "axis-os-12")
    config = {"firmware": {"version": "99.1.1", "factory_default": "soft"}, "ssh": {"enabled": True}}
    outcome = bench.run({"config": config})
    assert (
        outcome.failed and "firmware: a factory default takes away what the other sections set" in outcome.result["msg"]
    )


def test_restrict(fleet: Fleet) -> None:
    bench = DocumentBench(fleet, "axis-os-12")
    config = {"ssh": {"enabled": True}, "ntp": {"enabled": False}}
    outcome = bench.run({"config": config, "restrict": ["ssh"]})
    assert [row["section"] for row in outcome.result["changes"]] == ["ssh"]
    outcome = bench.run({"config": config, "restrict": ["shs"]})
    assert "restrict: 'shs' is no section of this document; did you mean ssh?" in outcome.result["msg"]


def test_what_a_device_does_not_have(fleet: Fleet) -> None:
    bench = DocumentBench(fleet, "axis-os-5")
    config = {"ssh": {"enabled": True}, "ntp": {"enabled": False}}
    assert bench.run({"config": config}).failed
    outcome = bench.run({"config": config, "on_unsupported": "warn"})
    assert outcome.result["changed"] and len(outcome.warnings) == 1
    assert [row["section"] for row in outcome.result["unsupported"]] == ["ssh"]
    outcome = bench.run({"config": config, "on_unsupported": "skip"})
    assert not outcome.result["changed"] and outcome.warnings == []
    assert [row["section"] for row in outcome.result["unsupported"]] == ["ssh"]
