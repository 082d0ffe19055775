# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the fidelity tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from harness.fleet import Fleet, SimulatedDevice
from requests.auth import HTTPDigestAuth

from .services import run

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "recorded"


@pytest.fixture(scope="session")
def _fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with Fleet.start(devices=5, tmp_path=tmp_path_factory.mktemp("fleet")) as fleet:
        yield fleet
        assert "Traceback" not in fleet.log(), fleet.log()


@pytest.fixture
def fleet(_fleet: Fleet) -> Iterator[Fleet]:
    """One device of each profile, fresh for every test."""
    yield _fleet
    _fleet.clear_faults()
    _fleet.reset()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A CA, an intermediate CA, a server certificate and its key, all made by openssl."""
    folder = tmp_path_factory.mktemp("pki")

    def made(name: str, issuer: str | None, extension: str) -> None:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        key, request, certificate = (str(folder / f"{name}.{suffix}") for suffix in ("key", "csr", "pem"))
        run("openssl", "req", *curve, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        (folder / "ext").write_text(extension)
        signer = ("-CA", f"{folder}/{issuer}.pem", "-CAkey", f"{folder}/{issuer}.key", "-CAcreateserial")
        own = signer if issuer else ("-signkey", key)
        run(
            "openssl",
            "x509",
            "-req",
            "-in",
            request,
            "-out",
            certificate,
            "-days",
            "30",
            *own,
            "-extfile",
            str(folder / "ext"),
        )

    ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
    made("root", None, ca)
    made("middle", "root", ca)
    made("server", "middle", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    text = {file.name: file.read_text() for file in folder.iterdir()}
    return SimpleNamespace(
        folder=folder,
        root=text["root.pem"],
        middle=text["middle.pem"],
        leaf=text["server.pem"],
        key=text["server.key"],
        chain=text["server.pem"] + text["middle.pem"],
    )


@pytest.fixture(scope="session")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with Fleet.start(
        devices=2,
        profiles=["axis-os-12", "axis-os-9"],
        https="both",
        reboot_seconds=0.5,
        tmp_path=tmp_path_factory.mktemp("both"),
    ) as fleet:
        yield fleet
        assert "Traceback" not in fleet.log(), fleet.log()


@pytest.fixture
def pair(_pair: Fleet) -> Iterator[Fleet]:
    """Two devices with two doors each, fresh for every test."""
    yield _pair
    _pair.clear_faults()
    _pair.reset()


class Client:
    """A client that shares nothing with ours: requests and its own Digest."""

    def __init__(
        self, device: SimulatedDevice, user: str = "root", password: str = "pass", scheme: str | None = None
    ) -> None:
        self.device, self.url = device, device.url if scheme is None else device.url_of(scheme)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = HTTPDigestAuth(user, password)

    def ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        """Any request."""
        return self.session.request(method, self.url + path, timeout=30, **arguments)

    def call(self, path: str, method: str, params: object = None, **members: object) -> dict:
        """A JSON CGI method; the whole answer."""
        document: dict[str, object] = {"apiVersion": "1.0", "method": method, **members}
        if params is not None:
            document["params"] = params
        return self.ask("POST", path, json=document).json()

    def params(self, action: str, **arguments: str) -> str:
        """A param.cgi action; the text, bytes kept as Latin-1."""
        answer = self.ask("GET", "/axis-cgi/param.cgi", params={"action": action, **arguments})
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode("latin-1")

    def definitions(self, group: str | None = None) -> str:
        """The XML of listdefinitions."""
        return self.params("listdefinitions", listformat="xmlschema", **({"group": group} if group else {}))

    def close(self) -> None:
        """Close the connections."""
        self.session.close()


@pytest.fixture
def client(fleet: Fleet) -> Iterator[object]:
    """client("axis-os-12"): a client of that device."""
    made: list[Client] = []

    def make(profile: str, **credentials: str) -> Client:
        made.append(Client(fleet.device(profile), **credentials))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recordings."""
    if not RECORDED.is_dir():
        pytest.skip(f"NOT CHECKED: comparisons with recordings of real devices: {RECORDED} is missing")
    return RECORDED
