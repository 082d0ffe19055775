# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves what is planned, refused and told for certificates, on a store that is held in memory."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

import pytest
from cryptography import x509
from harness.authority import Identity, make, make_request, new_key
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import fake_device

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pem, pki
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.model.change import Call, fill, from_json, to_json
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import World
from ansible_collections.axis.vapix.plugins.module_utils.resources import ca_certificate, certificate
from ansible_collections.axis.vapix.plugins.module_utils.resources.certificate import store as certificate_store
from ansible_collections.axis.vapix.plugins.module_utils.resources.certificate.store import (
    CertificateStore,
    SoapStore,
    Stored,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    BadAnswer,
    ConnectionFailed,
    DeviceRefused,
    InvalidOption,
    NotSupported,
    NotTaken,
    TlsFailed,
    VapixError,
)

Args = dict[str, t.Any]

SECRET = "open-CANARY-sesame"
CA = make("CN=CA", ca=True, days=900)
MIDDLE = make("CN=Middle", CA, ca=True, days=800)
NAMES = ["gate.example.net", "192.0.2.7"]
WANTED = {
    "alias": "https",
    "subject": "CN=gate,O=Example",
    "subject_alt_names": ["DNS:Gate.example.net", "IP:192.0.2.7"],
}
LEAF = make("CN=gate,O=Example", CA, names=NAMES)
RENEWED = make("CN=gate,O=Example", CA, names=NAMES, key=LEAF.key, days=99)
OTHER = make("CN=gate,O=Example", CA, names=NAMES)
PAIR = {"alias": "https", "certificate": LEAF.pem, "private_key": LEAF.key_pem()}
ARCHIVE = {"alias": "https", "pkcs12": LEAF.archive(SECRET, CA), "passphrase": SECRET}


@dataclasses.dataclass
class Entry:
    chain: list[x509.Certificate]
    key: t.Any = None
    keystore: str | None = "SE0"


class MemoryStore(CertificateStore):
    """What a device would keep. :param calls: what was done to it."""

    api = "memory"

    def __init__(self, device: t.Any) -> None:
        super().__init__(device)
        self.entries: dict[str, Entry] = {}
        self.cas: dict[str, x509.Certificate] = {}
        self.used: set[str] = set()
        self.calls: list[str] = []
        self.refused: set[str] = set()
        self.drops_chains = False

    def _do(self, call: str) -> None:
        self.calls.append(call)
        if call in self.refused:
            raise DeviceRefused("the device refuses (for a test)")

    def certificates(self) -> dict[str, Stored]:
        return {
            alias: Stored(alias, tuple(pki.der(one) for one in entry.chain), entry.keystore)
            for alias, entry in self.entries.items()
        }

    def ca_certificates(self) -> dict[str, Stored]:
        return {alias: Stored(alias, (pki.der(certificate),)) for alias, certificate in self.cas.items()}

    def keystores(self) -> dict[str, list[str] | None]:
        return {"SE0": ["EC-P256", "RSA-2048"], "TEE0": None}

    def default_keystore(self) -> str | None:
        return "SE0"

    def is_used(self, alias: str) -> bool:
        return alias in self.used

    def create(self, alias: str, subject: t.Any, alternative_names: t.Any, key_type: t.Any, keystore: t.Any) -> None:
        self._do("create")
        made = make(pki.shown_name(subject), names=[text.partition(":")[2] for text in alternative_names])
        self.entries[alias] = Entry([made.certificate], made.key, keystore or "SE0")

    def request(self, alias: str, subject: t.Any, alternative_names: t.Any) -> str:
        names = [text.partition(":")[2] for text in alternative_names or ()]
        return make_request(pki.shown_name(subject), self.entries[alias].key, names)

    def add(self, alias: str, chain: t.Any, key: t.Any, keystore: t.Any) -> None:
        self._do("add")
        self.entries[alias] = Entry(list(chain)[: 1 if self.drops_chains else None], key, keystore or "SE0")

    def add_archive(self, alias: str, archive: bytes, passphrase: str, keystore: t.Any) -> None:
        self._do("add_archive")
        key, chain = pki.from_pkcs12(archive, passphrase)
        self.entries[alias] = Entry(chain[:1], key, keystore or "SE0")

    def renew(self, alias: str, chain: t.Any) -> None:
        self._do("renew")
        former = self.entries.get(alias, Entry([], keystore=None))
        self.entries[alias] = dataclasses.replace(former, chain=list(chain))

    def remove(self, alias: str) -> None:
        self._do("remove")
        del self.entries[alias]

    def add_ca(self, alias: str, certificate: t.Any) -> None:
        self._do(f"add_ca {pki.named(certificate)}")
        self.cas[alias] = certificate

    def remove_ca(self, alias: str) -> None:
        self._do("remove_ca")
        del self.cas[alias]


class OldStore(MemoryStore):
    """As the SOAP API: it lacks what that lacks."""

    lacking = SoapStore.lacking
    finds_keys = True

    def holds(self, subject: t.Any) -> bool:
        return SoapStore.holds(t.cast(t.Any, SoapStore(self.device)), subject)

    def keystores(self) -> dict[str, list[str] | None]:
        return {}

    def default_keystore(self) -> str | None:
        return None

    def certificates(self) -> dict[str, Stored]:
        return {alias: stored._replace(keystore=None) for alias, stored in super().certificates().items()}


class Bench:
    """A store and what is wanted of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type[MemoryStore]) -> None:
        self.device, session = fake_device()
        self.session = session
        self.warnings: list[str] = []
        self.shown: Identity | None = None  # by the web server
        self.device.warn = self.warnings.append
        self.store = kind(self.device)
        for module in (certificate_store, certificate, ca_certificate):
            monkeypatch.setattr(module, "store_of", lambda device: self.store)
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        monkeypatch.setattr(certificate.tls, "presented_fingerprint", lambda *address: self._presented())

    def _presented(self) -> str | None:
        return None if self.shown is None else pki.fingerprint_sha256(self.shown.certificate)

    def connect(self, **changes: t.Any) -> None:
        """Set the connection up otherwise."""
        self.session.address = dataclasses.replace(self.session.address, **changes)

    def target(self, args: Args, resource: t.Any = certificate.DECLARED) -> t.Any:
        """What is wanted, bound to the device."""
        defaults = {name: option.default for name, option in resource.options.items() if option.default is not None}
        return resource.on(self.device, defaults | args)

    def run(self, args: Args, resource: t.Any = certificate.DECLARED, check: bool = False) -> Args:
        self.store.calls.clear()
        return reconcile(self.target(args, resource), check)

    def twice(self, args: Args, resource: t.Any = certificate.DECLARED) -> Args:
        """Predicted, done, and unchanged after that."""
        predicted = self.run(args, resource, check=True)
        assert self.store.calls == []
        result = self.run(args, resource)
        assert result["changed"] and result["changes"] == predicted["changes"]
        calls = list(self.store.calls)
        again = self.run(args, resource)
        assert not again["changed"] and self.store.calls == []
        assert again["certificate"] == result["certificate"]
        if predicted["certificate"] is not None:
            assert predicted["certificate"] == result["certificate"]
        self.store.calls = calls
        return result

    def refused(self, args: Args, said: str, resource: t.Any = certificate.DECLARED) -> VapixError:
        with pytest.raises(InvalidOption, match=said) as caught:
            self.run(args, resource)
        assert self.store.calls == []
        with pytest.raises(InvalidOption, match=said):
            self.run(args, resource, check=True)
        return caught.value

    def has(self, identity: Identity, alias: str = "https", **more: t.Any) -> None:
        self.store.entries[alias] = Entry([identity.certificate], identity.key, **more)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch, MemoryStore)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch, OldStore)


# -- a key made on the device ------------------------------------------------------------------------------------


def test_key_is_made_and_signed(bench: Bench) -> None:
    predicted = bench.run(WANTED, check=True)
    assert (predicted["certificate"], predicted["csr"], predicted["needs_signature"]) == (None, None, True)
    result = bench.twice(WANTED)
    assert bench.store.calls == ["create"]
    (change,) = result["changes"]
    assert change["before"] is None and change["after"] == {
        "subject": "CN=gate,O=Example",
        "subject_alt_names": ["DNS:gate.example.net", "IP:192.0.2.7"],
        "keystore": "SE0",
        "self_signed": True,
    }
    assert result["needs_signature"] and result["certificate"]["self_signed"]
    assert result["certificate"]["keystore"] == "SE0"
    request = pki.request_from_pem(result["csr"])
    assert pki.public_key_sha256(request) == result["certificate"]["public_key_sha256"]
    assert pki.alternative_names(request) == ["DNS:gate.example.net", "IP:192.0.2.7"]

    signed = make("CN=gate,O=Example", CA, names=NAMES, key=bench.store.entries["https"].key)
    installed = bench.twice({"alias": "https", "certificate": signed.pem})
    assert bench.store.calls == ["renew"]
    assert not installed["needs_signature"] and installed["csr"] is None
    assert installed["certificate"]["fingerprint_sha256"] == pki.fingerprint_sha256(signed.certificate)
    last = bench.run(WANTED)
    assert not last["changed"] and not last["needs_signature"] and last["csr"] is None


@pytest.mark.parametrize(
    "there, more",
    [
        (make("CN=gate,O=Example", CA, names=NAMES, days=29.5), {}),
        (make("CN=gate,O=Example", CA, names=NAMES, days=89), {"renew_before": 90}),
        (make("CN=other,O=Example", CA, names=NAMES), {}),
        (make("CN=gate,O=Example", CA, names=NAMES[:1]), {}),
        (make("CN=gate,O=Example", CA, names=[*NAMES, "more.example.net"]), {}),
        (LEAF, {"subject_alt_names": []}),
        (make("CN=gate,O=Example", names=NAMES), {}),
    ],
    ids=["near its end", "early", "subject", "name missing", "name too many", "no names wanted", "self-signed"],
)
def test_needs_another_signature(there: Identity, more: Args, bench: Bench) -> None:
    bench.has(there)
    for check in (True, False):
        result = bench.run(WANTED | more, check=check)
        # Also in check mode, as the key is there.
        assert not result["changed"] and result["needs_signature"] and result["csr"]


@pytest.mark.parametrize(
    "more",
    [{}, {"subject": "O=Example,CN=gate"}, {"subject_alt_names": None}, {"renew_before": 0}, {"keystore": "SE0"}],
)
def test_needs_no_signature(more: Args, bench: Bench) -> None:
    bench.has(LEAF)
    result = bench.run(WANTED | more)
    assert not result["changed"] and not result["needs_signature"] and result["csr"] is None


def test_request_for_another_key_is_not_passed_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.has(make("CN=gate,O=Example"))
    monkeypatch.setattr(bench.store, "request", lambda *args: make_request("CN=gate", new_key()))
    with pytest.raises(VapixError, match="the device's CSR is for another key"):
        bench.run(WANTED)
    monkeypatch.setattr(bench.store, "request", lambda *args: "abc")
    with pytest.raises(VapixError, match="the device's CSR: it is no certificate signing request"):
        bench.run(WANTED)


@pytest.mark.parametrize("more, said", [({"key_type": "RSA-2048"}, "its key_type is EC-P256, not RSA-2048"),
                                        ({"keystore": "TEE0"}, "its keystore is SE0, not TEE0")])  # fmt: skip
def test_another_key_is_wanted(more: Args, said: str, bench: Bench) -> None:
    bench.has(LEAF)
    error = bench.refused(WANTED | more, said)
    assert "replace_key" in str(error.remedy) and "another alias" in str(error.remedy)


def test_another_keystore(bench: Bench) -> None:
    bench.has(LEAF)
    args = WANTED | {"keystore": "TEE0", "replace_key": True}
    bench.store.used = {"https"}
    bench.refused(args, "is used by a service")
    bench.store.used = set()
    result = bench.twice(args)
    assert bench.store.calls == ["remove", "create"]
    assert (result["changes"][0]["before"]["keystore"], result["changes"][0]["after"]["keystore"]) == ("SE0", "TEE0")


@pytest.mark.parametrize(
    "more, said",
    [
        ({"keystore": "TPM0"}, "the device has no 'TPM0'.*It has SE0, TEE0"),
        ({"key_type": "RSA-4096"}, "the keystore SE0 of the device takes no key of type RSA-4096"),
        ({"key_type": "RSA-4096", "keystore": "SE0"}, "takes no key of type RSA-4096"),
        ({"subject": "gate"}, "subject: it is not written as in RFC 4514"),
        ({"subject_alt_names": ["gate"]}, "subject_alt_names: 'gate' is neither DNS:"),
        ({"renew_before": -1}, "renew_before: -1 is not at least 0"),
        ({"alias": ""}, "alias has 0 characters"),
        ({"alias": "a" * 129}, "alias has 129 characters"),
        ({"alias": "a\nb"}, "printable"),
        ({"alias": " a"}, "printable"),
    ],
)
def test_refused_for_a_new_key(more: Args, said: str, bench: Bench) -> None:
    bench.refused(WANTED | more, said)


# -- brought along -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args, call, paths",
    [
        (PAIR, "add", ["certificate"]),
        (PAIR | {"private_key": LEAF.key_pem(kind="TraditionalOpenSSL"), "keystore": "TEE0"}, "add", ["certificate"]),
        (PAIR | {"private_key": LEAF.key_pem(SECRET), "passphrase": SECRET}, "add", ["certificate"]),
        (PAIR | {"certificate": LEAF.pem + CA.pem}, "add", ["certificate", "chain"]),
        (ARCHIVE, "add_archive", ["certificate"]),
    ],
    ids=["pair", "old form", "encrypted", "chain", "archive"],
)
def test_installed(args: Args, call: str, paths: list[str], bench: Bench) -> None:
    result = bench.twice(args)
    assert bench.store.calls == [call]
    assert result["certificate"] == pki.describe(LEAF.certificate) | {"keystore": args.get("keystore", "SE0")}
    assert (result["needs_signature"], result["csr"]) == (False, None)
    assert [change["path"] for change in result["changes"]] == paths


def test_renewed_on_the_same_key(bench: Bench) -> None:
    """Also where a service uses it, and by whichever way it comes."""
    for args in (
        {"alias": "https", "certificate": RENEWED.pem},
        {"alias": "https", "certificate": RENEWED.pem, "private_key": RENEWED.key_pem()},
        {"alias": "https", "pkcs12": RENEWED.archive(SECRET), "passphrase": SECRET},
    ):
        bench.has(LEAF)
        bench.store.used = {"https"}
        result = bench.twice(args)
        assert bench.store.calls == ["renew"]
        (change,) = result["changes"]
        assert set(change["after"]) - {"not_before"} == {"serial_number", "not_after", "fingerprint_sha256"}


def test_pinned_connection_follows(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate in use is renewed: whoever pinned it is told, and the reading back knows the new one."""
    before, after = (pki.fingerprint_sha256(one.certificate) for one in (LEAF, RENEWED))
    bench.has(LEAF)
    bench.session.address = dataclasses.replace(bench.session.address, fingerprint=f"SHA256:{before.upper()}")
    moved: list[str] = []

    def move(fingerprint: str) -> None:
        moved.append(fingerprint)

    monkeypatch.setattr(bench.session, "move", move, raising=False)
    read = bench.store.certificates

    def shown() -> dict[str, Stored]:
        found = read()
        if pki.fingerprint_sha256(pki.from_der(found["https"].der)) == after and not moved:
            raise TlsFailed("the device's certificate is not the pinned one")
        return found

    monkeypatch.setattr(bench.store, "certificates", shown)
    args = {"alias": "https", "certificate": RENEWED.pem}
    for check, where in ((True, []), (False, [after])):
        assert bench.run(args, check=check)["changed"] and moved == where
        (warning,) = bench.warnings
        assert "pinned" in warning and after in warning
        bench.warnings.clear()
    bench.run(args)
    assert bench.warnings == []


def test_another_certificate_than_the_pinned_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.session.address = dataclasses.replace(bench.session.address, fingerprint="0" * 64)
    bench.has(LEAF)
    bench.run({"alias": "https", "certificate": RENEWED.pem})
    assert bench.warnings == []

    def broken() -> t.NoReturn:
        raise TlsFailed("broken")

    monkeypatch.setattr(bench.store, "certificates", broken)
    with pytest.raises(TlsFailed, match="broken"):
        bench.run(PAIR)


def test_pin_stays_where_only_the_chain_changes(bench: Bench) -> None:
    leaf = make("CN=gate", MIDDLE)
    bench.has(leaf)
    bench.connect(fingerprint=pki.fingerprint_sha256(leaf.certificate))
    assert bench.run({"alias": "https", "certificate": leaf.pem + MIDDLE.pem})["changed"]
    assert bench.warnings == []


@pytest.fixture
def trusting(bench: Bench, tmp_path: pathlib.Path) -> Bench:
    """The web server shows what our connection, which trusts the CA, accepts."""
    (tmp_path / "ca.pem").write_text(CA.pem)
    bench.connect(ca_path=str(tmp_path / "ca.pem"))
    bench.has(LEAF)
    bench.shown = LEAF
    return bench


STRANGER = make("CN=gate,O=Example", make("CN=Stranger", ca=True), names=NAMES, key=LEAF.key)
NAMELESS = make("CN=gate,O=Example", CA, names=NAMES[:1], key=LEAF.key)
BELOW = make("CN=gate,O=Example", MIDDLE, names=NAMES, key=LEAF.key)


@pytest.mark.parametrize(
    "given, why", [(STRANGER, "no CA that is trusted here"), (NAMELESS, "it is not for 192.0.2.7"), (BELOW, "no CA")]
)
def test_shown_certificate_that_we_would_not_accept(given: Identity, why: str, trusting: Bench) -> None:
    said = f"the web server shows 'https', and this connection does not accept the new one: {why}"
    error = trusting.refused({"alias": "https", "certificate": given.pem}, said)
    assert "ca_path or fingerprint" in str(error.remedy) and "axis.vapix.web_server" in str(error.remedy)


@pytest.mark.parametrize(
    "connection",
    [{"validate_certs": False}, {"scheme": "http"}, {"proxy": "http://192.0.2.9:3128"}, {"fingerprint": "0" * 64}],
    ids=lambda connection: next(iter(connection)),
)
def test_trust_does_not_matter(connection: Args, trusting: Bench) -> None:
    trusting.connect(**connection)
    trusting.twice({"alias": "https", "certificate": STRANGER.pem})


def test_shown_certificate_that_we_accept(trusting: Bench) -> None:
    trusting.twice({"alias": "https", "certificate": RENEWED.pem})
    trusting.has(LEAF)
    trusting.twice({"alias": "https", "certificate": BELOW.pem + MIDDLE.pem})
    trusting.has(LEAF)
    trusting.store.cas["middle"] = MIDDLE.certificate
    trusting.twice({"alias": "https", "certificate": BELOW.pem})


def test_what_the_web_server_does_not_show_or_has_already(trusting: Bench) -> None:
    trusting.shown = OTHER
    trusting.twice({"alias": "https", "certificate": STRANGER.pem})
    trusting.shown = STRANGER
    assert not trusting.run({"alias": "https", "certificate": STRANGER.pem})["changed"]


@pytest.mark.parametrize("failure", [ConnectionFailed("refused"), BadAnswer("it is HTML")], ids=["refused", "HTML"])
@pytest.mark.parametrize("times", [3, 99])
def test_web_server_that_restarts(
    times: int, failure: VapixError, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a renewal it is given time; a device that does not come back is not waited for without end."""
    bench.has(LEAF)
    read, left = bench.store.certificates, [failure] * times

    def restarting() -> dict[str, Stored]:
        if "renew" in bench.store.calls and left:
            raise left.pop()
        return read()

    monkeypatch.setattr(bench.store, "certificates", restarting)
    args = {"alias": "https", "certificate": RENEWED.pem}
    if times == 3:
        assert bench.run(args)["changed"] and not left
    else:
        with pytest.raises(type(failure)) as caught:
            bench.run(args)
        assert caught.value.unknown == ["certificate"] and left


def test_web_server_that_restarts_before_it_answers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told then is what is so when it is back."""
    bench.has(LEAF)
    read, renew = bench.store.certificates, bench.store.renew
    left: list[VapixError] = []

    def silent(alias: str, chain: t.Any) -> t.NoReturn:
        renew(alias, chain)
        left.extend([ConnectionFailed("refused")] * 3)
        raise BadAnswer("it is HTML")

    def restarting() -> dict[str, Stored]:
        if left:
            raise left.pop()
        return read()

    monkeypatch.setattr(bench.store, "renew", silent)
    monkeypatch.setattr(bench.store, "certificates", restarting)
    with pytest.raises(BadAnswer) as caught:
        bench.run({"alias": "https", "certificate": RENEWED.pem})
    assert (caught.value.applied, caught.value.not_applied) == (["certificate"], [])


def test_archive_on_an_old_device_brings_no_chain(old: Bench, tmp_path: pathlib.Path) -> None:
    (tmp_path / "ca.pem").write_text(CA.pem)
    old.connect(ca_path=str(tmp_path / "ca.pem"))
    old.has(LEAF)
    old.shown = LEAF
    args = {"alias": "https", "pkcs12": BELOW.archive(SECRET, MIDDLE), "passphrase": SECRET}
    old.refused(args, "no CA that is trusted here")
    old.store.cas["middle"] = MIDDLE.certificate
    assert old.run(args)["changed"]


def test_only_the_chain(bench: Bench) -> None:
    leaf = make("CN=gate", MIDDLE)
    bench.has(leaf)
    result = bench.twice({"alias": "https", "certificate": leaf.pem + MIDDLE.pem})
    assert [change["path"] for change in result["changes"]] == ["chain"]
    assert [ca["subject"] for ca in result["changes"][0]["after"]] == ["CN=Middle"]
    assert not bench.run({"alias": "https", "certificate": leaf.pem})["changed"], "left out is left alone"


def test_chain_that_does_not_take(bench: Bench) -> None:
    bench.store.drops_chains = True
    leaf = make("CN=gate", MIDDLE)
    with pytest.raises(NotTaken, match="these did not take: chain"):
        bench.run({"alias": "https", "certificate": leaf.pem + MIDDLE.pem, "private_key": leaf.key_pem()})


def test_another_key_is_brought_along(bench: Bench) -> None:
    bench.has(OTHER)
    for args in (PAIR, ARCHIVE):
        bench.refused(args, "its public key is another")
    bench.store.used = {"https"}
    bench.refused(PAIR | {"replace_key": True}, "is used by a service of the device and would be replaced")
    bench.store.used = set()
    bench.twice(PAIR | {"replace_key": True})
    assert bench.store.calls == ["remove", "add"]


def test_replacement_that_fails_is_told(bench: Bench) -> None:
    bench.has(OTHER)
    bench.store.refused = {"add"}
    with pytest.raises(DeviceRefused, match="the certificate that was there is gone, with its key") as caught:
        bench.run(PAIR | {"replace_key": True})
    assert caught.value.not_applied == ["certificate"]


EXPIRED = make("CN=gate", days=-0.5)
REFUSED: dict[str, tuple[Args, str]] = {
    "wrong key": (PAIR | {"private_key": OTHER.key_pem()}, "private_key is not the key of the certificate of 'CN=ga"),
    "no key": ({"alias": "https", "certificate": LEAF.pem}, "no certificate 'https', and there is no private key"),
    "expired": (PAIR | {"certificate": EXPIRED.pem, "private_key": EXPIRED.key_pem()}, "'CN=gate' expired on 20"),
    "a CA": (PAIR | {"certificate": CA.pem, "private_key": CA.key_pem()}, "'CN=CA' is that of a CA"),
    "order": (PAIR | {"certificate": CA.pem + LEAF.pem}, "certificate: the certificate of 'CN=CA' is not signed by"),
    "key among them": (PAIR | {"certificate": LEAF.pem + LEAF.key_pem()}, "certificate: there is a private key in it"),
    "broken": (PAIR | {"certificate": LEAF.pem[:300]}, "certificate: there is no -----BEGIN CERTIFICATE-----"),
    "broken key": (PAIR | {"private_key": "abc"}, "private_key: it is no private key"),
    "no passphrase": (PAIR | {"private_key": LEAF.key_pem(SECRET)}, "private_key: it is encrypted"),
    "passphrase": (ARCHIVE | {"passphrase": "CANARY-2"}, "pkcs12: the passphrase is wrong"),
    "no base64": (ARCHIVE | {"pkcs12": "%"}, "pkcs12: it is no base64"),
    "keystore": (PAIR | {"keystore": "TPM0"}, "the device has no 'TPM0'"),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_refused(why: str, bench: Bench) -> None:
    args, said = REFUSED[why]
    error = bench.refused(args, said)
    assert not any(secret in str(error) for secret in certificate.DECLARED.secrets(args))
    assert error.__cause__ is None, "no error with more in it is chained to it"


def test_not_for_the_key_on_the_device(bench: Bench) -> None:
    bench.has(OTHER)
    bench.refused({"alias": "https", "certificate": LEAF.pem}, "'https' is not the one that .* is for: its public key")


def test_keys_are_not_sent_in_clear(bench: Bench) -> None:
    bench.session.address = Address("192.0.2.7", 80, scheme="http")
    for args in (PAIR, ARCHIVE):
        bench.refused(args, "a private key would go over the network in clear")
    bench.twice(WANTED)


@pytest.mark.parametrize("kind", ["PKCS8", "TraditionalOpenSSL"])
@pytest.mark.parametrize("passphrase", [None, SECRET], ids=["plain", "encrypted"])
def test_key_is_secret_as_it_is_sent(passphrase: str | None, kind: str) -> None:
    given = {"private_key": LEAF.key_pem(passphrase, kind), "passphrase": passphrase}
    secrets = set(certificate.DECLARED.secrets(given))
    by_rest, by_soap = pki.key_to_pem(LEAF.key), pem.base64_text(pki.key_to_der(LEAF.key))
    assert {by_rest, by_soap, by_rest.splitlines()[1]} <= secrets


@pytest.mark.parametrize("resource", [certificate.DECLARED, ca_certificate.DECLARED])
def test_key_in_the_wrong_place_is_secret(resource: t.Any) -> None:
    text = LEAF.pem + LEAF.key_pem()
    assert {text, *LEAF.key_pem().splitlines()[1:3]} <= set(resource.secrets({"certificate": text}))
    assert resource.secrets({"certificate": LEAF.pem}) == [] == resource.secrets({"certificate": None})


def test_secrets() -> None:
    encrypted = LEAF.key_pem(SECRET)
    secrets = certificate.DECLARED.secrets({"private_key": encrypted, "passphrase": SECRET})
    sent = pki.key_to_pem(pki.key_from_pem(encrypted, SECRET))
    for text in (encrypted, sent):
        assert set(text.splitlines()[1:-2]) <= set(secrets)
    assert SECRET in secrets and not any("-----" in secret and "\n" not in secret for secret in secrets)
    assert certificate.DECLARED.secrets({"state": "absent"}) == []
    assert certificate.DECLARED.secrets({"private_key": "abc", "passphrase": "x"}) == ["abc", "x"]


# -- plans -------------------------------------------------------------------------------------------------------

LOCKED = {"certificate": RENEWED.pem, "private_key": LEAF.key_pem(SECRET), "passphrase": SECRET}
WISHES: list[tuple[t.Any, Args]] = [
    (certificate.DECLARED, {"alias": "https", "subject": "CN=gate,O=Example", "replace_key": True}),
    (certificate.DECLARED, PAIR | {"replace_key": True}),
    (certificate.DECLARED, PAIR | LOCKED | {"replace_key": True}),
    (certificate.DECLARED, ARCHIVE | {"replace_key": True}),
    (certificate.DECLARED, {"alias": "https", "state": "absent"}),
    (ca_certificate.DECLARED, {"alias": "root", "certificate": CA.pem}),
    (ca_certificate.DECLARED, {"alias": "root", "certificate": MIDDLE.pem}),
    (ca_certificate.DECLARED, {"alias": "root", "state": "absent"}),
]


@given(
    st.sampled_from([MemoryStore, OldStore]),
    st.sampled_from(WISHES),
    st.sampled_from([None, LEAF, OTHER]),
    st.sampled_from([None, CA]),
)
def test_a_plan_is_a_value(
    kind: type[MemoryStore], wish: tuple[t.Any, Args], there: Identity | None, ca: Identity | None
) -> None:
    """One reading gives one plan. Read from JSON, without a secret in it, it does all that is wanted."""
    resource, args = wish
    with pytest.MonkeyPatch.context() as patch:
        bench = Bench(patch, kind)
        if there is not None:
            bench.has(there)
        if ca is not None:
            bench.store.cas["root"] = ca.certificate
        target = bench.target(args, resource)
        reading = target.read()
        plan = target.plan(reading, World())
        text = json.dumps(to_json(plan))
        assert not [secret for secret in resource.secrets(args) if secret in text]
        stored = from_json(json.loads(text))
        assert target.plan(reading, World()) == plan == stored
        other = bench.target(args, resource)
        for call in (call for step in stored.steps for call in step.do):
            other.do(Call(call.name, fill(call.arguments, other.secrets())))
        assert not other.plan(other.read(), World())


# -- removed, and left alone -------------------------------------------------------------------------------------


def test_removed(bench: Bench) -> None:
    gone = {"alias": "https", "state": "absent"}
    assert bench.run(gone)["changes"] == []
    bench.has(LEAF)
    bench.store.used = {"https"}
    bench.refused(gone, "'https' is used by a service of the device and would be removed")
    bench.store.used = set()
    result = bench.twice(gone)
    assert bench.store.calls == ["remove"]
    assert (result["certificate"], result["csr"], result["needs_signature"]) == (None, None, None)
    assert result["diff"]["after"] == {}


FACTORY_CA = make("CN=Axis device ID Intermediate CA ECC 2,O=Axis Communications AB", ca=True)


@pytest.mark.parametrize(
    "alias, issuer, keystore",
    [("Axis device ID ECC-P256 (802.1AR)", CA, "SE0"), ("renamed", FACTORY_CA, "SE0"), ("hidden", CA, "ROM0")],
)
def test_identity_of_the_factory(alias: str, issuer: Identity, keystore: str, bench: Bench) -> None:
    bench.has(make("CN=axis-b8a44f000000-eccp256-1", issuer), alias, keystore=keystore)
    refused = "is the identity that the device has from its factory"
    bench.refused({"alias": alias, "state": "absent"}, refused)
    bench.refused(PAIR | {"alias": alias, "replace_key": True}, refused)
    renewed = make("CN=x", CA, key=bench.store.entries[alias].key)
    bench.refused({"alias": alias, "certificate": renewed.pem}, refused)


def test_one_name_space(bench: Bench) -> None:
    bench.store.cas["https"] = CA.certificate
    bench.refused(WANTED, "'https' is the certificate of a CA already")
    bench.store.cas.clear()
    bench.has(LEAF)
    ca = {"alias": "https", "certificate": CA.pem}
    bench.refused(ca, "'https' is a certificate with a private key already", ca_certificate.DECLARED)
    assert bench.run({"alias": "https", "state": "absent"}, ca_certificate.DECLARED)["changes"] == []
    assert "https" in bench.store.entries


def test_one_name_space_in_one_plan(bench: Bench) -> None:
    """A CA that the same document brings counts as well."""
    world, ca = World(), bench.target({"alias": "https", "certificate": CA.pem}, ca_certificate.DECLARED)
    world.expect(ca.plan(ca.read(), world))
    target = bench.target(WANTED)
    with pytest.raises(InvalidOption, match="'https' is the certificate of a CA already"):
        target.plan(target.read(), world)


def test_unreadable_certificate_on_the_device(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.store, "certificates", lambda: {"https": Stored("https", (b"abc",), "SE0")})
    with pytest.raises(VapixError, match="the certificate 'https' on the device cannot be read"):
        bench.run(WANTED)


# -- by SOAP -----------------------------------------------------------------------------------------------------


def test_old_device(old: Bench) -> None:
    wanted = {"alias": "https", "subject": "CN=gate,O=Example"}
    result = old.twice(wanted)
    assert result["certificate"]["keystore"] is None and result["csr"]
    signed = make("CN=gate,O=Example", CA, names=NAMES, key=old.store.entries["https"].key)
    assert not old.twice({"alias": "https", "certificate": signed.pem})["needs_signature"]
    assert not old.run(WANTED)["needs_signature"], "names that are there need not be put there"


@pytest.mark.parametrize(
    "more, said",
    [
        ({"subject_alt_names": ["IP:192.0.2.7"]}, "cannot put subject_alt_names into what it makes"),
        ({"key_type": "EC-P256"}, "cannot choose the key_type"),
        ({"keystore": "SE0"}, "cannot choose the keystore"),
    ],
)
def test_what_an_old_device_cannot(more: Args, said: str, old: Bench) -> None:
    wanted = {"alias": "https", "subject": "CN=gate"} | more
    with pytest.raises(NotSupported, match=said):
        old.run(wanted)
    assert old.store.calls == []
    result = old.twice(wanted | {"on_unsupported": "warn"})
    assert old.store.calls == ["create"] and result["csr"]
    assert all(said in warning for warning in old.warnings) and old.warnings


def test_names_that_are_left_out_are_told_on_every_run(old: Bench) -> None:
    """As long as it takes a request, which lacks them; who signs it has to know."""
    wanted = WANTED | {"on_unsupported": "warn"}
    old.run(wanted)
    for check in (True, False):
        old.warnings.clear()
        result = old.run(wanted, check=check)
        assert not result["changed"] and pki.alternative_names(pki.request_from_pem(result["csr"])) == []
        assert [one["path"] for one in result["unsupported"]] == ["subject_alt_names"]
        (warning,) = old.warnings
        assert "cannot put subject_alt_names into what it makes" in warning
        with pytest.raises(NotSupported, match="cannot put subject_alt_names into what it makes"):
            old.run(WANTED, check=check)
    old.has(LEAF)
    old.warnings.clear()
    assert old.run(wanted)["unsupported"] == old.warnings == []


def test_what_an_old_device_cannot_hold_in_a_subject(old: Bench) -> None:
    for subject in ("CN=gate,DC=example", "CN=gate,OU=a,OU=b"):
        for _key_is_there in range(2):
            old.refused({"alias": "https", "subject": subject}, "takes C, ST, L, O, OU and CN only")
            old.has(LEAF)
        old.store.entries.clear()


def test_chain_on_an_old_device(old: Bench) -> None:
    args = PAIR | {"certificate": LEAF.pem + CA.pem}
    with pytest.raises(NotSupported, match="cannot take certificates of CAs along"):
        old.run(args)
    result = old.twice(args | {"on_unsupported": "warn"})
    assert [change["path"] for change in result["changes"]] == ["certificate"]


def test_signed_certificate_under_another_alias(old: Bench) -> None:
    """An old device finds the key by itself."""
    old.has(make("CN=gate", key=LEAF.key), "key")
    old.twice({"alias": "signed", "certificate": LEAF.pem})
    assert old.store.calls == ["renew"]


def test_no_signed_certificate_under_another_alias(bench: Bench) -> None:
    bench.has(make("CN=gate", key=LEAF.key), "key")
    bench.refused({"alias": "signed", "certificate": LEAF.pem}, "there is no private key to install one with")


# -- CAs ---------------------------------------------------------------------------------------------------------


def test_ca(bench: Bench) -> None:
    args = {"alias": "root", "certificate": CA.pem.replace("\n", "\r\n") + "\n# a comment"}
    result = bench.twice(args, ca_certificate.DECLARED)
    assert bench.store.calls == ["add_ca CN=CA"]
    assert result["certificate"] == pki.describe(CA.certificate) == result["changes"][0]["after"]
    other = make("CN=CA", ca=True)
    bench.twice({"alias": "root", "certificate": other.pem}, ca_certificate.DECLARED)
    assert bench.store.calls == ["remove_ca", "add_ca CN=CA"]
    gone = bench.twice({"alias": "root", "state": "absent"}, ca_certificate.DECLARED)
    assert bench.store.calls == ["remove_ca"] and gone["certificate"] is None


@pytest.mark.parametrize(
    "text, said",
    [
        (LEAF.pem, "'CN=gate,O=Example' is no CA"),
        (MIDDLE.pem + CA.pem, "certificate: there are 2, the first that of 'CN=Middle'"),
        (make("CN=old CA", ca=True, days=-0.5).pem, "'CN=old CA' expired on 20"),
        (CA.pem + CA.key_pem(), "there is a private key in it"),
        ("abc", "there is no -----BEGIN CERTIFICATE-----"),
    ],
)
def test_refused_ca(text: str, said: str, bench: Bench) -> None:
    bench.refused({"alias": "root", "certificate": text}, said, ca_certificate.DECLARED)


def test_leaf_as_ca_where_it_is_meant(bench: Bench) -> None:
    bench.twice({"alias": "root", "certificate": LEAF.pem, "allow_leaf": True}, ca_certificate.DECLARED)


def test_former_ca_is_put_back(bench: Bench) -> None:
    bench.store.cas["root"] = CA.certificate
    bench.store.refused = {"add_ca CN=other"}
    with pytest.raises(DeviceRefused):
        bench.run({"alias": "root", "certificate": make("CN=other", ca=True).pem}, ca_certificate.DECLARED)
    assert bench.store.cas == {"root": CA.certificate}


def test_base64_of_soap_is_a_request(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = make("CN=gate,O=Example")
    bench.has(identity)
    text = make_request("CN=gate", identity.key)
    bare = pem.base64_text(pem.blocks(text, pem.REQUEST)[0])
    monkeypatch.setattr(bench.store, "request", lambda *args: bare)
    assert bench.run(WANTED)["csr"] == text
