# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that repeats every secret it was sent, in every spelling and in the form of every dialect's errors: nothing
of it is shown."""

from __future__ import annotations

import html
import json
import typing as t

import pytest
from harness.fleet import Fleet
from harness.spellings import SPELLINGS
from resources.bench import Bench
from resources.proof import CANARY, Args
from resources.table import PROOFS

RUNS = [
    pytest.param(name, profile, id=f"{name}-{profile}")
    for name, proof in PROOFS.items()
    for profile in dict.fromkeys(profile for case in proof.quick for profile in case.profiles)
]


def secrets_in(value: t.Any) -> set[str]:
    """All texts with the mark of a secret."""
    if isinstance(value, dict):
        return {text for item in value.values() for text in secrets_in(item)}
    if isinstance(value, list):
        return {text for item in value for text in secrets_in(item)}
    return {value} if isinstance(value, str) and CANARY in value else set()


def faults(echo: str) -> dict[str, dict[str, t.Any]]:
    """Answers that hold a text, as each dialect would put it."""
    page = html.escape(echo)
    envelope = "http://www.w3.org/2003/05/soap-envelope"
    bodies = {
        "JSON": ("application/json", json.dumps({"error": {"code": 2104, "message": echo}})),
        "REST": ("application/json", json.dumps({"status": "error", "error": {"code": 5, "message": echo}})),
        "parameters": ("text/plain", f"# Error: {echo}"),
        "page": ("text/html", f"<html><body>Error: {echo}</body></html>"),
        "XML": (
            "text/xml",
            f"<R><Error><ErrorCode>1</ErrorCode><ErrorDescription>{page}</ErrorDescription></Error></R>",
        ),
        "SOAP": (
            "application/soap+xml",
            f'<e:Envelope xmlns:e="{envelope}"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code>'
            f"<e:Reason><e:Text>{page}</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>",
        ),
        "location": ("text/plain", echo),
    }
    return {
        name: {"kind": "status", "code": 400 if name == "REST" else 200, "body": body, "content_type": kind}
        for name, (kind, body) in bodies.items()
    }


@pytest.mark.parametrize(("name", "profile"), RUNS)
def test_an_echo_is_not_shown(name: str, profile: str, fleet: Fleet) -> None:
    bench = Bench(fleet, profile, PROOFS[name])
    steps = [step.args for case in PROOFS[name].quick if profile in case.profiles for step in case.steps]
    args: Args = max(steps, key=lambda step: (len(secrets_in(step)), len(str(step))))
    hidden = secrets_in(args) | {fleet.password}
    spelled = {spell(secret) for secret in hidden for spell in SPELLINGS.values()}
    bench.run(args)
    requests = len(fleet.requests(bench.device.serial))
    for dialect, fault in faults(" ".join(sorted(spelled))).items():
        # Of a resource whose runs take long, every fourth request is enough.
        for position in range(1, requests + 1, 4 if PROOFS[name].few_faults else 1):
            bench.renew()
            fleet.fault(device=bench.device.serial, path="*", position=position, **fault)
            shown = bench.run(args).text
            left = [text for text in spelled if text.strip("\"'=") in shown or json.dumps(text)[1:-1] in shown]
            assert not left, f"{dialect} at request {position}: {left}"
