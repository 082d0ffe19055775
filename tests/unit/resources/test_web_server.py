# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for a web server, by SOAP and by parameters, and what is refused before anything is sent."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from unit.fake import DISCOVER, NEEDS_RECORDINGS, P3265, PARAM, RECORDED, FakeSession, answer, json_answer
from unit.scripted import Certificate

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pem, pki
from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.model.change import Call, Phase, from_json, to_json
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import World
from ansible_collections.axis.vapix.plugins.module_utils.resources import web_server
from ansible_collections.axis.vapix.plugins.module_utils.resources.web_server import plan as planning
from ansible_collections.axis.vapix.plugins.module_utils.resources.web_server import settings
from ansible_collections.axis.vapix.plugins.module_utils.resources.web_server import tls_service as web_tls
from ansible_collections.axis.vapix.plugins.module_utils.wire import soap, tls
from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ApiMissing,
    BadAnswer,
    BrokenConnection,
    DeviceRefused,
    InvalidOption,
    NotSupported,
)

CERT = "/config/rest/cert/v1"
DISCOVERED = {"apis": {"cert": {"v1": {"version": "1.1.2", "state": "released", "rest_api": CERT}}}}
GCM = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]
NEW = """\
root.HTTPS.Ciphers={ciphers}
root.HTTPS.Enabled=yes
root.HTTPS.Port=443
root.System.BoaGroupPolicy.admin=both
root.System.BoaGroupPolicy.operator=both
root.System.BoaGroupPolicy.viewer=both
# Error: Error -1 getting param in group 'System.BoaPort'
root.Network.HTTP.AuthenticationPolicy=recommended
""".format(ciphers=":".join(GCM))
OLD = """\
root.HTTPS.AllowSSLV3=no
root.HTTPS.AllowTLS1=no
root.HTTPS.AllowTLS11=yes
root.HTTPS.Ciphers={ciphers}
root.HTTPS.Enabled=yes
root.HTTPS.Port=443
root.System.BoaPort=80
root.System.BoaGroupPolicy.admin=both
root.System.BoaGroupPolicy.operator=http
root.System.BoaGroupPolicy.viewer=http
root.Network.HTTP.AuthenticationPolicy=digest
""".format(ciphers=":".join(GCM))
NO_SOAP = answer("<html>404</html>", 404, "text/html")
DEFINITIONS = """<parameterDefinitions xmlns="http://www.axis.com/ParameterDefinitionsSchema"><group name="root">
<group name="Network"><group name="HTTP"><parameter name="AuthenticationPolicy" value="digest"><type><enum>
<entry value="basic" /><entry value="digest" /><entry value="basic_digest" /></enum></type></parameter>
</group></group></group></parameterDefinitions>"""


def tls_configuration(**changes: t.Any) -> web_tls.TlsConfiguration:
    """A configuration by SOAP."""
    now = web_tls.TlsConfiguration(True, {"Admin": "HttpAndHttps"}, tuple(GCM), ("factory",))
    return dataclasses.replace(now, **changes)


class Camera(FakeSession):
    """A device that holds what it is told by SOAP and parameters, without restarts."""

    def __init__(
        self,
        certificates: t.Mapping[str, Certificate],
        *,
        parameters: str = NEW,
        configuration: web_tls.TlsConfiguration | None,
        address: Address,
        axis_os: str = "12.11.77",
    ) -> None:
        self.configuration = configuration
        store = [
            {"alias": a, "certificate": c.chain_file.read_text(), "keystore": "SE0"} for a, c in certificates.items()
        ]
        authority = [{"alias": "authority", "certificate": c.ca_file.read_text()} for c in certificates.values()][:1]
        super().__init__(
            {
                PARAM: self._param,
                soap.PATH: NO_SOAP if configuration is None else self._soap,
                DISCOVER: json_answer(DISCOVERED),
                f"{CERT}/certificates": json_answer({"status": "success", "data": store}),
                f"{CERT}/ca_certificates": json_answer({"status": "success", "data": authority}),
                "/axis-cgi/basicdeviceinfo.cgi": json_answer({"data": {"propertyList": {"Version": axis_os}}}),
            }
        )
        self.parameters = parameters
        self.address = address

    def _param(self, request: t.Any) -> t.Any:
        return answer(DEFINITIONS if request.form["action"] == "listdefinitions" else self.parameters)

    def _soap(self, request: t.Any) -> t.Any:
        assert self.configuration is not None
        assert request.safe
        return answer(configuration_xml(self.configuration), 200, "application/soap+xml")


def configuration_xml(now: web_tls.TlsConfiguration) -> str:
    """The answer of the getter."""

    def ids(kind: str, names: t.Iterable[str]) -> str:
        return f"<acert:{kind}>{''.join(f'<acert:Id>{name}</acert:Id>' for name in names)}</acert:{kind}>"

    policies = "".join(f"<aweb:{role}>{policy}</aweb:{role}>" for role, policy in now.policies.items())
    ciphers = "".join(f"<acert:Cipher>{name}</acert:Cipher>" for name in now.ciphers)
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:acert="http://www.axis.com/vapix/ws/cert" '
        'xmlns:aweb="http://www.axis.com/vapix/ws/webserver"><e:Body><aweb:GetWebServerTlsConfigurationResponse>'
        f'<aweb:Configuration name="WebServer"><aweb:Tls>{str(now.tls).lower()}</aweb:Tls>'
        f"<aweb:ConnectionPolicies>{policies}</aweb:ConnectionPolicies><aweb:Ciphers>{ciphers}</aweb:Ciphers>"
        f"<aweb:CertificateSet>{ids('Certificates', now.certificates)}{ids('CACertificates', now.ca_certificates)}"
        f"{ids('TrustedCertificates', now.trusted_certificates)}</aweb:CertificateSet></aweb:Configuration>"
        "</aweb:GetWebServerTlsConfigurationResponse></e:Body></e:Envelope>"
    )


@pytest.fixture
def shows(monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    """What HTTPS shows: der, and where it was looked at."""
    seen: dict[str, t.Any] = {"der": None, "at": []}

    def presented(host: str, port: int, timeout: float) -> bytes | None:
        seen["at"].append(port)
        return t.cast("bytes | None", seen["der"])

    monkeypatch.setattr(tls, "presented_certificate", presented)
    return seen


class Plan(t.NamedTuple):
    changes: list[tuple[str, t.Any, t.Any, str]]
    result: dict[str, t.Any]
    camera: Camera
    warnings: list[str]

    @property
    def brief(self) -> dict[str, t.Any]:
        return {path: after for path, _before, after, _risk in self.changes}


HTTPS = Address("127.0.0.1", 443, validate_certs=False)
HTTP = Address("127.0.0.1", 80, "http")


@pytest.fixture
def plan(certificate: Certificate, other_certificate: Certificate, shows: dict[str, t.Any]) -> t.Callable[..., Plan]:
    """Plan for a camera with two certificates: factory is for 127.0.0.1, other for another address."""

    def planned(
        *,
        address: Address = HTTPS,
        parameters: str = NEW,
        configuration: web_tls.TlsConfiguration | None = None,
        soap_service: bool = True,
        axis_os: str = "12.11.77",
        seen: Certificate | None = certificate,
        **wanted: t.Any,
    ) -> Plan:
        shows["der"] = der_of(seen) if seen else None
        camera = Camera(
            {"factory": certificate, "other": other_certificate},
            parameters=parameters,
            configuration=(configuration or tls_configuration()) if soap_service else None,
            address=address,
            axis_os=axis_os,
        )
        warnings: list[str] = []
        device = Device(t.cast(t.Any, camera), warn=warnings.append)
        declared = web_server.DECLARED
        defaults = {name: option.default for name, option in declared.options.items() if option.default is not None}
        result = reconcile(declared.on(device, defaults | wanted), check_mode=True)
        changes = [(c["path"], c["before"], c["after"], c["risk"]) for c in result["changes"]]
        assert not camera.writes
        return Plan(changes, result, camera, warnings)

    return planned


def der_of(certificate: Certificate) -> bytes:
    return pem.blocks(certificate.chain_file.read_text(), pem.CERTIFICATE)[0]


# -- what is planned
@NEEDS_RECORDINGS
def test_recorded_device(plan: t.Callable[..., Plan], shows: dict[str, t.Any]) -> None:
    parameters = "".join(
        (P3265 / f"param-list-{name}.txt").read_text() for name in ("HTTPS", "mixed-prefix-HTTPS-BoaGroupPolicy")
    )
    recorded = answer((P3265 / "soap-GetWebServerTlsConfiguration.xml").read_bytes(), 200, "text/xml")

    def services(request: t.Any) -> t.Any:
        return recorded if b"GetWebServerTlsConfiguration" in request.body else answer("", 404)

    session = FakeSession({PARAM: answer(parameters), soap.PATH: services})
    target = web_server.DECLARED.on(Device(t.cast(t.Any, session)), {})
    assert target.current(target.read()) == {
        "certificate": "Trustlix Device HTTPS lUZuIXuu",
        "https": True,
        "ciphers": [
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305",
        ],
        "policy": {"administrator": "http_and_https"},
        "authentication": "recommended",
        "ports": {"https": 443},
    }


@NEEDS_RECORDINGS
def test_recorded_old_device() -> None:
    path = RECORDED / "trunnion-vapix" / "CompanionBulletLE-9.80.2.2" / "param.cgi_action=list.txt"
    lines = [line for line in path.read_text(encoding="latin-1").splitlines() if ".HTTP" in line or ".Boa" in line]
    session = FakeSession({PARAM: answer("\n".join(lines))})
    target = web_server.DECLARED.on(Device(t.cast(t.Any, session)), {})
    assert target.current(target.read()) == {
        "https": True,
        "ciphers": ["DHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA", "AES128-SHA", "AES256-SHA"],
        "minimum_tls": "1.0",
        "policy": {"administrator": "http_and_https", "operator": "http_and_https", "viewer": "http_and_https"},
        "authentication": "digest",
        "ports": {"http": 80, "https": 443},
    }


def test_what_is_right_is_left_alone(plan: t.Callable[..., Plan], certificate: Certificate) -> None:
    done = plan(
        certificate="factory",
        https=True,
        ciphers=GCM[::-1],
        minimum_tls="1.2",
        policy={"administrator": "http_and_https", "operator": "http_and_https", "viewer": "http_and_https"},
        authentication=None,
        ports={"https": None},
    )
    assert done.changes == []
    assert done.result["connection"] == {"scheme": "https", "port": 443, "fingerprint": None}
    served = done.result["served"]
    assert served["fingerprint_sha256"] == certificate.fingerprint
    assert (served["subject"], served["port"], served["verified_by"]) == ("CN=device", 443, "comparison")
    assert done.result["api"] == "web server TLS (SOAP)"


def test_everything_at_once_in_the_order_it_is_made(plan: t.Callable[..., Plan], certificate: Certificate) -> None:
    done = plan(
        address=dataclasses.replace(HTTP, validate_certs=False),
        configuration=tls_configuration(tls=False, certificates=("other",)),
        seen=None,
        certificate="factory",
        https=True,
        ciphers=["ECDHE-ECDSA-AES256-GCM-SHA384"],
        policy={"administrator": "https"},
        authentication="digest",
        ports={"https": 8443},
    )
    assert done.changes == [
        ("certificate", "other", "factory", "restarts_service"),
        ("https", False, True, "restarts_service"),
        ("ciphers", GCM, ["ECDHE-ECDSA-AES256-GCM-SHA384"], "restarts_service"),
        ("policy.administrator", "http_and_https", "https", "moves_address"),
        ("authentication", "recommended", "digest", "restarts_service"),
        ("ports.https", 443, 8443, "moves_address"),
    ]
    assert done.result["connection"] == {"scheme": "https", "port": 8443, "fingerprint": None}
    assert done.result["served"]["port"] == 8443
    assert done.result["served"]["fingerprint_sha256"] == certificate.fingerprint


def test_a_certificate_counts_when_it_is_shown(
    plan: t.Callable[..., Plan], certificate: Certificate, other_certificate: Certificate
) -> None:
    done = plan(certificate="factory", seen=other_certificate)
    assert done.changes == [("certificate", "other", "factory", "restarts_service")]
    assert other_certificate.fingerprint in done.result["changes"][0]["note"]
    # What cannot be looked at is believed.
    assert plan(certificate="factory", seen=None).changes == []
    assert plan(seen=other_certificate).result["served"]["fingerprint_sha256"] == other_certificate.fingerprint


def test_where_the_certificate_is_looked_at(plan: t.Callable[..., Plan], shows: dict[str, t.Any]) -> None:
    at_8443 = NEW.replace("HTTPS.Port=443", "HTTPS.Port=8443")
    plan(address=dataclasses.replace(HTTPS, port=4443), parameters=at_8443)
    plan(address=HTTP, parameters=at_8443)
    plan(address=HTTP, parameters=at_8443, https_port=9443)
    assert shows["at"] == [4443, 8443, 9443]
    off = plan(address=HTTP, configuration=tls_configuration(tls=False))
    proxied = plan(address=dataclasses.replace(HTTPS, proxy="http://127.0.0.1:3128"), certificate="other")
    assert shows["at"] == [4443, 8443, 9443]
    assert off.result["served"] is None and proxied.result["served"] is not None


def test_old_devices_by_parameters(plan: t.Callable[..., Plan]) -> None:
    done = plan(
        address=HTTP,
        parameters=OLD,
        soap_service=False,
        axis_os="5.51.7",
        minimum_tls="1.2",
        ciphers=GCM[:1],
        policy={"operator": "https", "viewer": "http_and_https"},
        ports={"http": 8080},
    )
    assert done.brief == {
        "minimum_tls": "1.2",
        "ciphers": GCM[:1],
        "policy.operator": "https",
        "policy.viewer": "http_and_https",
    } | {"ports.http": 8080}
    assert done.result["api"] == "param.cgi"
    assert done.result["connection"] == {"scheme": "http", "port": 8080, "fingerprint": None}
    assert done.result["served"]["verified_by"] == "nothing"


def test_a_policy_for_each_role_before_7_10(plan: t.Callable[..., Plan]) -> None:
    each = tls_configuration(policies={"Admin": "HttpAndHttps", "Operator": "Http", "Viewer": "Http"})
    wanted = {"administrator": "https", "operator": "https", "viewer": "http"}
    assert plan(configuration=each, axis_os="6.50.5", policy=wanted).brief == {
        "policy.administrator": "https",
        "policy.operator": "https",
    }
    with pytest.raises(NotSupported, match=r"cannot have another policy\.viewer than policy\.administrator"):
        plan(configuration=each, axis_os="7.10.1", policy=wanted)
    same = dict.fromkeys(wanted, "https")
    assert plan(configuration=each, axis_os="7.10.1", policy=same).brief == {"policy.administrator": "https"}


def test_what_a_device_does_not_have(plan: t.Callable[..., Plan]) -> None:
    with pytest.raises(NotSupported, match="cannot set certificate"):
        plan(address=HTTP, parameters=OLD, soap_service=False, axis_os="5.51.7", certificate="factory")
    with pytest.raises(NotSupported, match=r"cannot set ports\.http"):
        plan(ports={"http": 81})
    with pytest.raises(NotSupported, match=r"cannot speak TLS 1\.1"):
        plan(minimum_tls="1.1")
    done = plan(minimum_tls="1.1", ports={"http": 81}, policy={"viewer": "https"}, on_unsupported="warn")
    assert done.changes == [] and len(done.warnings) == 3
    assert [row["path"] for row in done.result["unsupported"]] == ["policy.viewer", "minimum_tls", "ports.http"]
    assert plan(ports={"http": None}).changes == []
    with pytest.raises(NotSupported, match="has none of the APIs for web_server"):
        plan(parameters="# Error: Error -1 getting param in group 'HTTPS'\n", soap_service=False, axis_os="5.51.7")
    with pytest.raises(ApiMissing, match="may be starting up"):
        plan(soap_service=False, https=True)


# -- what is refused
@pytest.mark.parametrize(
    ("problem", "wanted"),
    [
        ("certificate: the device has none with the alias 'nobody'", {"certificate": "nobody"}),
        ("certificate: 'authority' is the certificate of a CA", {"certificate": "authority"}),
        ("certificate cannot be null", {"certificate": None}),
        ("ciphers has 0 entries", {"ciphers": []}),
        ("ciphers: one of them is there twice", {"ciphers": GCM[:1] * 2}),
        ("TLS_AES_128_GCM_SHA256 is one of TLS 1.3", {"ciphers": ["TLS_AES_128_GCM_SHA256"]}),
        ("neither the device nor OpenSSL here has a cipher suite 'HIGH'", {"ciphers": ["HIGH"]}),
        ("OpenSSL here speaks none of ECDHE-RSA-.* EC-P256", {"ciphers": GCM[1:]}),
        ("OpenSSL here speaks none of AES128-SHA", {"ciphers": ["AES128-SHA"]}),
        ("https: false would close the connection in use", {"https": False}),
        ("policy.administrator: http would close", {"policy": {"administrator": "http"}}),
        ("ports.https: 0 is not between", {"ports": {"https": 0}}),
        ("reconnect_timeout: 0 is not between", {"reconnect_timeout": 0}),
    ],
)
def test_refused(problem: str, wanted: dict[str, t.Any], plan: t.Callable[..., Plan]) -> None:
    with pytest.raises(InvalidOption, match=problem):
        plan(**wanted)


def test_refused_without_https(plan: t.Callable[..., Plan]) -> None:
    off = tls_configuration(tls=False, certificates=())
    with pytest.raises(InvalidOption, match="policy.administrator is https, but HTTPS is off"):
        plan(address=HTTP, configuration=off, policy={"administrator": "https"})
    with pytest.raises(InvalidOption, match="https: no certificate is chosen"):
        plan(address=HTTP, configuration=off, https=True)
    only = tls_configuration(policies={"Admin": "Https"})
    with pytest.raises(InvalidOption, match="policy.administrator is https, but HTTPS is off"):
        plan(address=HTTP, configuration=only, https=False)


def test_refused_ports(plan: t.Callable[..., Plan]) -> None:
    with pytest.raises(InvalidOption, match="both be at 443"):
        plan(address=HTTP, parameters=OLD, soap_service=False, axis_os="5.51.7", ports={"http": 443})
    with pytest.raises(InvalidOption, match="HTTPS is reached at port 8443, while the device itself is at 443"):
        plan(address=dataclasses.replace(HTTPS, port=8443), ports={"https": 444})


def test_refused_ports_where_we_are_afterwards(plan: t.Callable[..., Plan]) -> None:
    by_http = {"address": dataclasses.replace(HTTP, validate_certs=False), "ports": {"https": 444}}
    only = {"policy": {"administrator": "https"}}
    with pytest.raises(InvalidOption, match="HTTPS is reached at port 8443, while the device itself is at 443"):
        plan(**by_http, **only, https_port=8443)
    # At its own port it goes along, and over HTTP we do not need HTTPS.
    assert plan(**by_http, **only, https_port=443).result["connection"]["port"] == 444
    assert plan(**by_http, https_port=8443).brief == {"ports.https": 444}


def test_a_port_that_stays_is_reached_where_it_was(plan: t.Callable[..., Plan]) -> None:
    by_http = dataclasses.replace(HTTP, validate_certs=False)
    for address, wanted in (
        (dataclasses.replace(HTTPS, port=8443), {}),
        (by_http, {"https_port": 8443, "policy": {"administrator": "https"}}),
    ):
        done = plan(address=address, ports={"https": 443}, **wanted)
        assert "ports.https" not in done.brief
        assert done.result["connection"]["port"] == done.result["served"]["port"] == 8443


def test_refused_authentication(plan: t.Callable[..., Plan]) -> None:
    with pytest.raises(InvalidOption, match="basic makes us send the password in clear over HTTP"):
        plan(address=HTTP, authentication="basic")
    assert plan(authentication="basic").brief == {"authentication": "basic"}
    to_https = {"address": dataclasses.replace(HTTP, validate_certs=False), "policy": {"administrator": "https"}}
    assert "authentication" in plan(authentication="basic", **to_https).brief
    with pytest.raises(InvalidOption, match="the device has no 'recommended'"):
        plan(parameters=NEW.replace("=recommended", "=digest"), authentication="recommended")


# -- the table of connections
def pinned(certificate: Certificate) -> Address:
    return Address("127.0.0.1", 443, fingerprint=certificate.fingerprint.upper())


def by_ca(certificate: Certificate, scheme: str = "https", host: str = "127.0.0.1") -> Address:
    return Address(host, 443 if scheme == "https" else 80, scheme, ca_path=str(certificate.ca_file))


OTHER_SHOWN = {"configuration": tls_configuration(certificates=("other",)), "certificate": "factory"}


def test_http_does_not_care_for_trust_without_https_only(plan: t.Callable[..., Plan]) -> None:
    done = plan(address=HTTP, certificate="other")
    assert done.brief == {"certificate": "other"}
    assert done.result["connection"] == {"scheme": "http", "port": 80, "fingerprint": None}
    assert done.result["served"]["verified_by"] == "comparison"


@pytest.mark.parametrize("switch", [True, False])
def test_https_only_from_http(plan: t.Callable[..., Plan], certificate: Certificate, switch: bool) -> None:
    only: dict[str, t.Any] = {"policy": {"administrator": "https"}}
    if switch:
        only |= OTHER_SHOWN
    with pytest.raises(InvalidOption, match="does not accept: no CA that is trusted here .the system. has signed it"):
        plan(address=HTTP, **only)
    trusted = plan(address=by_ca(certificate, "http"), **only)
    assert trusted.result["connection"] == {"scheme": "https", "port": 443, "fingerprint": None}
    assert trusted.result["served"]["verified_by"] == "ca"
    asked = plan(address=HTTP, pin_certificate=True, **only)
    assert asked.result["connection"] == {"scheme": "https", "port": 443, "fingerprint": certificate.fingerprint}
    assert asked.result["served"]["verified_by"] == "fingerprint"


def test_https_unverified_takes_any_certificate(plan: t.Callable[..., Plan]) -> None:
    assert plan(certificate="other").brief == {"certificate": "other"}


def test_https_pinned(plan: t.Callable[..., Plan], certificate: Certificate, other_certificate: Certificate) -> None:
    with pytest.raises(InvalidOption, match="the option fingerprint pins another one") as refused:
        plan(address=pinned(other_certificate), seen=other_certificate, **OTHER_SHOWN)
    assert certificate.fingerprint in str(refused.value) and "pin_certificate" in str(refused.value)
    asked = plan(address=pinned(other_certificate), seen=other_certificate, pin_certificate=True, **OTHER_SHOWN)
    assert asked.result["connection"]["fingerprint"] == certificate.fingerprint
    same = plan(address=pinned(certificate), seen=other_certificate, **OTHER_SHOWN)
    assert same.brief == {"certificate": "factory"}
    assert same.result["connection"]["fingerprint"] == certificate.fingerprint
    only = plan(address=pinned(certificate), policy={"administrator": "https"})
    assert only.brief == {"policy.administrator": "https"}
    assert only.result["served"]["verified_by"] == "fingerprint"


def test_https_by_ca(plan: t.Callable[..., Plan], certificate: Certificate, other_certificate: Certificate) -> None:
    done = plan(address=by_ca(certificate), seen=other_certificate, **OTHER_SHOWN)
    assert done.brief == {"certificate": "factory"} and done.result["served"]["verified_by"] == "ca"
    with pytest.raises(InvalidOption, match="no CA that is trusted here .*ca.pem.* has signed it"):
        plan(address=by_ca(other_certificate), **OTHER_SHOWN)
    with pytest.raises(InvalidOption, match="it is not for 127.0.0.1 but for IP:192.0.2.1"):
        plan(address=by_ca(other_certificate), certificate="other")
    asked = plan(address=by_ca(other_certificate), certificate="other", pin_certificate=True)
    assert asked.result["connection"]["fingerprint"] == other_certificate.fingerprint


# -- what is written
def test_the_whole_structure_goes_back(plan: t.Callable[..., Plan]) -> None:
    now = tls_configuration(ca_certificates=("above",), trusted_certificates=("client",))
    camera = Camera({}, configuration=now, address=HTTPS)
    bodies: list[t.Any] = []

    def take(request: t.Any) -> t.Any:
        if b"SetWebServerTls" not in request.body:
            return answer(configuration_xml(now), 200, "application/soap+xml")
        bodies.append(ElementTree.fromstring(request.body))
        body = '<aweb:SetWebServerTlsConfigurationResponse xmlns:aweb="http://www.axis.com/vapix/ws/webserver"/>'
        envelope = f'<e:Envelope xmlns:e="{soap.NAMESPACES["env"]}"><e:Body>{body}</e:Body></e:Envelope>'
        return answer(envelope, 200, "application/soap+xml")

    camera.routes[soap.PATH] = take
    values = {"certificate": "a <b> & c", "policy.administrator": "https"}
    settings.send(Device(t.cast(t.Any, camera)), web_tls.API, values)
    sent = soap.Element(bodies[0]).find("env:Body/aweb:SetWebServerTlsConfiguration/aweb:Configuration")
    assert sent is not None
    assert [child.name for child in sent.children] == ["Tls", "ConnectionPolicies", "Ciphers", "CertificateSet"]
    assert sent.text("aweb:Tls") == "true"
    assert sent.text("aweb:ConnectionPolicies/aweb:Admin") == "Https"
    assert sent.texts("aweb:Ciphers/acert:Cipher") == GCM
    assert sent.texts("aweb:CertificateSet/acert:Certificates/acert:Id") == ["a <b> & c"]
    assert sent.texts("aweb:CertificateSet/acert:CACertificates/acert:Id") == ["above"]
    assert sent.texts("aweb:CertificateSet/acert:TrustedCertificates/acert:Id") == ["client"]


def by_soap(configuration: web_tls.TlsConfiguration | None, **parameters: str) -> settings.Settings:
    """Settings of a device."""
    return settings.Settings(configuration, parameters, {})


def test_options_are_split_by_the_request_that_sets_them() -> None:
    values = {"certificate": "factory", "ports.https": 8443}
    back = {"certificate": "other", "ports.https": 443}
    parameters, soap_one = settings.requests(by_soap(tls_configuration()), values, back)
    assert (parameters.api, parameters.values, parameters.back) == (
        "param.cgi",
        {"HTTPS.Port": "8443"},
        {"HTTPS.Port": "443"},
    )
    assert parameters.former == {"ports.https": 443}
    assert (soap_one.api, soap_one.values, soap_one.back) == (
        web_tls.API,
        {"certificate": "factory"},
        {"certificate": "other"},
    )
    assert len(settings.requests(by_soap(tls_configuration()), {"https": True}, {"https": False})) == 1
    now = {"https": False, "policy.viewer": "http"}
    (only,) = settings.requests(by_soap(None), {"https": True, "policy.viewer": "http_and_https"}, now)
    assert only.values == {"HTTPS.Enabled": "yes", "System.BoaGroupPolicy.viewer": "both"}


def test_each_request_is_sent_though_the_one_before_broke(shows: dict[str, t.Any]) -> None:
    camera = Camera({}, parameters=OLD, configuration=tls_configuration(), address=HTTPS)
    sent: list[str] = []

    def take(request: t.Any) -> t.Any:
        if request.form["action"] != "update":
            return answer(OLD)
        sent.append("parameters")
        raise BrokenConnection("the web server restarts")

    def take_soap(request: t.Any) -> t.Any:
        if not request.safe:
            sent.append("SOAP")
            raise LookupError("seen enough")
        return camera._soap(request)

    camera.routes |= {PARAM: take, soap.PATH: take_soap}
    wanted = {"minimum_tls": "1.2", "ciphers": GCM[1:], "reconnect_timeout": 1}
    camera.address = dataclasses.replace(HTTP, proxy="http://127.0.0.1:3128")  # so nothing is looked at from here
    target = web_server.DECLARED.on(Device(t.cast(t.Any, camera)), wanted)
    (step,) = target.plan(target.read(), World()).steps
    with pytest.raises(LookupError):
        target.do(step.do[0])
    assert sent == ["parameters", "SOAP"]


@pytest.mark.parametrize(
    ("version", "sent"),
    [("1.0", ("no", "yes", "yes")), ("1.1", ("no", "no", "yes")), ("1.2", ("no", "no", "no"))],
)
def test_minimum_tls_is_several_parameters(version: str, sent: tuple[str, ...]) -> None:
    names = [f"HTTPS.{name}" for name in ("AllowSSLV3", "AllowTLS1", "AllowTLS11")]
    now = settings.Settings(None, dict.fromkeys(names, "yes"), {})
    (request,) = settings.requests(now, {"minimum_tls": version}, {"minimum_tls": "ssl 3"})
    assert request.values == dict(zip(names, sent, strict=True))
    assert request.back == dict.fromkeys(names, "yes")


@pytest.mark.parametrize(
    ("wanted", "now", "stages"),
    [
        ("https", "http", ({}, {"policy.viewer": "http_and_https"}, {"policy.viewer": "https"})),
        ("http", "http_and_https", ({}, {}, {"policy.viewer": "http"})),
        ("http_and_https", "https", ({"policy.viewer": "http_and_https"}, {}, {})),
    ],
)
def test_policies_open_before_they_close(wanted: str, now: str, stages: t.Any) -> None:
    assert planning.stages({"policy.viewer": wanted}, {"policy.viewer": now})[:3] == stages


def test_https_goes_off_last() -> None:
    stages = planning.stages({"https": False, "certificate": "a"}, {"https": True})
    assert (stages.opened, stages.closed) == ({"certificate": "a"}, {"https": False})


def test_what_was_not_set_is_put_back_as_nothing() -> None:
    former = settings._replaced(tls_configuration(), {"certificate": None, "https": False})
    assert (former.certificates, former.tls) == ((), False)
    odd = settings._replaced(tls_configuration(), {"policy.administrator": "Unheard"})
    assert odd.policies == {"Admin": "Unheard"}


# -- the service itself
def test_what_is_no_configuration() -> None:
    body = '<x:GetWebServerTlsConfigurationResponse xmlns:x="http://www.axis.com/vapix/ws/webserver"/>'
    envelope = f'<e:Envelope xmlns:e="{soap.NAMESPACES["env"]}"><e:Body>{body}</e:Body></e:Envelope>'
    session = t.cast(t.Any, FakeSession({soap.PATH: answer(envelope, 200, "text/xml")}))
    with pytest.raises(BadAnswer, match="holds no configuration"):
        web_tls.read(session)


def test_a_fault_that_is_no_absence_is_told(plan: t.Callable[..., Plan]) -> None:
    fault = (
        f'<e:Envelope xmlns:e="{soap.NAMESPACES["env"]}"><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value>'
        "</e:Code><e:Reason><e:Text>busy</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>"
    )
    camera = Camera({}, configuration=tls_configuration(), address=HTTPS)
    camera.routes[soap.PATH] = answer(fault, 500, "application/soap+xml")
    with pytest.raises(DeviceRefused, match="busy"):
        web_server.DECLARED.on(Device(t.cast(t.Any, camera)), {}).read()


def test_pki_agrees_with_the_test(certificate: Certificate) -> None:
    assert pki.fingerprint_sha256(pki.from_der(der_of(certificate))) == certificate.fingerprint


# -- the plan as a value
ALL = {
    "certificate": "other",
    "ciphers": ["ECDHE-ECDSA-AES256-GCM-SHA384"],
    "policy": {"administrator": "https"},
    "authentication": "digest",
    "ports": {"https": 8443},
}


def target_of(certificates: dict[str, Certificate], address: Address, **wanted: t.Any) -> t.Any:
    """A target of a camera with both kinds of APIs."""
    camera = Camera(certificates, parameters=NEW, configuration=tls_configuration(), address=address)
    return web_server.DECLARED.on(Device(t.cast(t.Any, camera)), wanted)


@given(
    wanted=st.sets(st.sampled_from(sorted(ALL))).map(lambda names: {name: ALL[name] for name in names}),
    address=st.sampled_from([dataclasses.replace(HTTP, validate_certs=False), HTTPS]),
)
@settings_of(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_is_a_value(
    wanted: dict[str, t.Any],
    address: Address,
    certificate: Certificate,
    other_certificate: Certificate,
    shows: dict[str, t.Any],
) -> None:
    """Planned twice it is the same, it survives JSON, nothing overtakes, and each step can be taken back."""
    shows["der"] = der_of(certificate)
    target = target_of({"factory": certificate, "other": other_certificate}, address, **wanted)
    reading = target.read()
    plan = target.plan(reading, World())
    assert plan == target.plan(reading, World()) == from_json(json.loads(json.dumps(to_json(plan))))
    assert {change.path.split(".")[0] for change in plan.changes} == set(wanted)
    phases = [step.phase for step in plan.steps]
    assert phases == sorted(phases) and set(phases) <= {Phase.ACCESS, Phase.ADDRESS}
    assert all(step.undo for step in plan.steps)
    for change in plan.changes:
        assert target.shows(change, reading) == change.before


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_taking_back_mirrors_what_was_done(
    certificate: Certificate, other_certificate: Certificate, shows: dict[str, t.Any], scheme: str
) -> None:
    """The same requests the other way round; a session that moved is led back."""
    shows["der"] = der_of(certificate)
    address = dataclasses.replace(HTTP, validate_certs=False) if scheme == "http" else HTTPS
    target = target_of({"factory": certificate, "other": other_certificate}, address, **ALL)
    plan = target.plan(target.read(), World())
    for step in plan.steps:
        there, back = (
            [one for call in calls for one in call.arguments.get("requests", ())] for calls in (step.do, step.undo)
        )
        assert [(one["values"], one["back"]) for one in there] == [(one["back"], one["values"]) for one in back]
    opened, closed = plan.steps[:2]
    assert opened.do[0].arguments["shown"] == other_certificate.fingerprint
    assert opened.undo[0].arguments["shown"] == certificate.fingerprint
    moves = {"http": ["go_on_over_https", "close"], "https": ["close"]}[scheme]
    assert [call.name for call in closed.do] == moves
    assert [call.name for call in closed.undo] == ["open", "go_on"][: len(moves)]
    if scheme == "http":
        assert closed.undo[1].arguments["way"] == {"scheme": "http", "port": 80, "fingerprint": None}


def test_roles_are_taken_back_to_what_they_were(shows: dict[str, t.Any]) -> None:
    camera = Camera({}, parameters=OLD, configuration=None, address=HTTP, axis_os="5.51.7")
    target = web_server.DECLARED.on(Device(t.cast(t.Any, camera)), {"policy": {"viewer": "https"}})
    (step,) = target.plan(target.read(), World()).steps
    values = [call.arguments["requests"][0]["values"] for call in (*step.do[::2], *step.undo)]
    assert [value["System.BoaGroupPolicy.viewer"] for value in values] == ["both", "https", "both", "http"]
    assert step.do[1].name == "prove_https"


def test_a_call_that_is_none(shows: dict[str, t.Any]) -> None:
    with pytest.raises(ValueError, match="has no call"):
        target_of({}, HTTPS).do(Call("_set"))


# -- a certificate that an earlier step brings
class Promise(World):
    """A plan in which the certificate "other" is made."""

    def has(self, kind: str, name: str) -> bool:
        return (kind, name) == ("certificate", "other")


def test_a_promised_certificate(
    certificate: Certificate, other_certificate: Certificate, shows: dict[str, t.Any]
) -> None:
    shows["der"] = der_of(certificate)
    pin = {"certificate": "other", "pin_certificate": True, "reconnect_timeout": 1}
    target = target_of({"factory": certificate}, by_ca(certificate), **pin)
    reading = target.read()
    with pytest.raises(InvalidOption, match="has none with the alias 'other'"):
        target.plan(reading, World())
    plan = target.plan(reading, Promise())
    assert [(change.path, change.after) for change in plan.changes] == [("certificate", "other")]
    assert target.result(plan, reading, reading)["served"] is None
    call = plan.steps[0].do[0]
    assert call.arguments["alias"] == "other" and "shown" not in call.arguments
    # Just before it is chosen, it has to be there, and to be one that we would accept.
    with pytest.raises(InvalidOption, match="has none with the alias 'other'"):
        target.do(call)
    unpinned = target_of({"factory": certificate, "other": other_certificate}, by_ca(certificate), certificate="other")
    with pytest.raises(InvalidOption, match="this connection does not accept"):
        unpinned.do(call)
    assert not unpinned.device.session.writes
    there = target_of({"factory": certificate, "other": other_certificate}, by_ca(certificate), **pin)
    proof = there._as_promised("other", True, 443)
    assert proof == {"shown": other_certificate.fingerprint, "pin": {"fingerprint": other_certificate.fingerprint}}


# -- what only the network tells
def test_nobody_is_where_https_has_to_prove_itself(
    plan: t.Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_server, "listens", lambda _address, _port: False)
    by_http = dataclasses.replace(HTTP, validate_certs=False)
    for wanted in ({"certificate": "other"}, {"policy": {"administrator": "https"}}):
        with pytest.raises(InvalidOption, match="nothing listens at port 444, .* Say with https_port"):
            plan(address=by_http, seen=None, https_port=444, **wanted)
    assert plan(address=by_http, seen=None, authentication="digest").brief == {"authentication": "digest"}
    assert plan(address=by_http, https_port=444, certificate="other").brief == {"certificate": "other"}
    off = tls_configuration(tls=False)
    assert plan(address=by_http, seen=None, configuration=off, https=True).brief == {"https": True}


def test_null_is_digest_where_nothing_is_recommended(plan: t.Callable[..., Plan]) -> None:
    basic = NEW.replace("=recommended", "=basic")
    assert plan(parameters=basic, authentication=None).brief == {"authentication": "digest"}
    assert plan(parameters=NEW.replace("=recommended", "=digest"), authentication=None).brief == {}


def test_an_unusable_parameter(plan: t.Callable[..., Plan]) -> None:
    with pytest.raises(BadAnswer, match=r"an unusable HTTPS\.Port"):
        plan(parameters=NEW.replace("Port=443", "Port=https"))


def test_an_export_says_what_can_be_written_back(certificate: Certificate, shows: dict[str, t.Any]) -> None:
    odd = tls_configuration(certificates=(), policies={"Admin": "Unheard"}, ciphers=())
    told = OLD.replace("AllowSSLV3=no", "AllowSSLV3=yes").replace("=digest", "=Later")
    camera = Camera({"factory": certificate}, parameters=told, configuration=odd, address=HTTP)
    target = web_server.DECLARED.on(Device(t.cast(t.Any, camera)), {})
    assert target.current(target.read()) == {"https": True, "ports": {"http": 80, "https": 443}}


def test_a_certificate_that_cannot_be_read(plan: t.Callable[..., Plan], shows: dict[str, t.Any]) -> None:
    camera = Camera({}, configuration=tls_configuration(), address=HTTPS)
    shows["der"] = b"no certificate"
    target = web_server.DECLARED.on(Device(t.cast(t.Any, camera)), {"https": True})
    served = target.result(target.plan(reading := target.read(), World()), reading, reading)["served"]
    assert served["subject"] is None and len(served["fingerprint_sha256"]) == 64
