# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a user writes about the web server, and what the module returns."""

from __future__ import annotations

from ...model.option import ON_UNSUPPORTED, Option, flatten_options
from ...model.resource import Returned
from ...wire.address import DEFAULT_PORTS
from .settings import BOTH

_RESTARTS = "restarts_service"

#: How to log in over HTTP and HTTPS, by authentication policy.
LOGINS = {
    "basic": {"http": "basic", "https": "basic"},
    "digest": {"http": "digest", "https": "digest"},
    "basic_digest": {"http": "digest", "https": "digest"},
    "recommended": {"http": "digest", "https": "basic"},
}
#: What null stands for where a device has no ``recommended``.
OLD_LOGIN = "digest"


def _policy(doc: str) -> Option:
    return Option(choices=("http", "https", BOTH), risk=_RESTARTS, doc=doc)


def _port(scheme: str, doc: str) -> Option:
    return Option("int", null=DEFAULT_PORTS[scheme], range=(1, 65535), risk="moves_address", doc=doc)


#: In the order in which they are set.
OPTIONS = {
    "certificate": Option(
        identity=True,
        length=(1, 128),
        risk=_RESTARTS,
        doc=(
            "Alias of the certificate to show. The device has its private key. M(axis.vapix.certificate) makes or "
            "installs one.",
            "The certificate counts as shown when the device really shows it, not when its settings say so.",
        ),
    ),
    "https": Option(
        "bool",
        risk=_RESTARTS,
        doc="Whether the web server speaks HTTPS at all. It cannot be turned off over HTTPS.",
    ),
    "ciphers": Option(
        "list",
        elements="str",
        length=(1, None),
        ordered=False,
        risk=_RESTARTS,
        doc=(
            "Cipher suites up to TLS 1.2, by the names of OpenSSL, in any order. Those of TLS 1.3 are not in the list "
            "and cannot be set.",
            "A name is refused if neither the device has it now nor the OpenSSL of the controller knows it. A list is "
            "refused if the controller speaks none of it that suits the key of the certificate.",
        ),
    ),
    "minimum_tls": Option(
        choices=("1.0", "1.1", "1.2"),
        risk=_RESTARTS,
        doc="The oldest version of TLS to speak. AXIS OS before 9 and some others have no setting for it. From AXIS OS "
        "12 on it is always V(1.2).",
    ),
    "policy": Option(
        "dict",
        doc=(
            "Over what each role may use the device.",
            "From AXIS OS 7.10 on there is one policy for all roles. O(policy.operator) and O(policy.viewer) have to "
            "be the same as O(policy.administrator) there.",
        ),
        options={
            "administrator": _policy("Policy for administrators. V(http) cannot be set over HTTPS."),
            "operator": _policy("Policy for operators."),
            "viewer": _policy("Policy for viewers."),
        },
    ),
    "authentication": Option(
        choices=tuple(LOGINS),
        null="recommended",
        risk=_RESTARTS,
        doc=(
            "How clients have to log in.",
            "V(basic) sends the password in clear over HTTP, so it is refused if this connection is HTTP. V(digest) "
            "and V(basic_digest) are Digest over both, V(basic_digest) also lets streaming clients (RTSP) use Basic. "
            "V(recommended) is Digest over HTTP and Basic over HTTPS. AXIS OS before 10 has no V(recommended); "
            "V(null) is V(digest) there.",
            "It takes effect some time after the device has stored it. The module waits for that.",
        ),
    ),
    "ports": Option(
        "dict",
        doc=(
            "At which ports the web server listens.",
            "The port of the connection in use is changed last, and the rest of the run goes on at the new one. It can "
            "only be changed if the device is reached directly, not through a forwarded port.",
        ),
        options={
            "http": _port("http", "Port for HTTP. Some AXIS OS have no setting for it."),
            "https": _port("https", "Port for HTTPS."),
        },
    ),
    "pin_certificate": Option(
        "bool",
        default=False,
        doc=(
            "Whether to go on with the certificate pinned by its fingerprint if the connection would not accept it "
            "over HTTPS. Without that, the task is refused then.",
            "The fingerprint is that of the certificate under its alias on the device, read over the connection as it "
            "is. Over plain HTTP nothing protects it.",
            "The next task needs the fingerprint as RV(connection.fingerprint) tells it, see the examples.",
        ),
    ),
    "https_port": Option(
        "int",
        range=(1, 65535),
        steers=True,
        doc="Where HTTPS is reached if the connection is HTTP and the device's own port is not that, as behind a "
        "forwarded port.",
    ),
    "reconnect_timeout": Option(
        "int",
        default=60,
        unit="seconds",
        range=(1, 3600),
        doc="How long the web server may take after each change until it is there again and as it shall be.",
    ),
    "on_unsupported": ON_UNSUPPORTED,
}

#: The options that declare state, by path.
STATE = {path: option for path, option in flatten_options(OPTIONS).items() if option.is_state}

RETURNS = {
    "connection": Returned(
        "dict",
        "How to connect to the device after the task, for the inventory. In check mode, after a real run.",
        contains={
            "scheme": Returned("str", "For the variable C(vapix_scheme)."),
            "port": Returned("int", "For the variable C(vapix_port)."),
            "fingerprint": Returned("str", "For the variable C(vapix_fingerprint). Null if no certificate is pinned."),
        },
        sample={"scheme": "https", "port": 443, "fingerprint": None},
    ),
    "served": Returned(
        "dict",
        (
            "The certificate that the device shows over HTTPS after the task. In check mode, after a real run.",
            "Null if HTTPS is off, or if the certificate is neither known by an alias nor to be seen from here.",
        ),
        contains={
            "fingerprint_sha256": Returned("str", "Its SHA-256 fingerprint."),
            "subject": Returned("str", "Whom it is for."),
            "issuer": Returned("str", "Who signed it."),
            "not_after": Returned("str", "When it expires, in UTC."),
            "port": Returned("int", "Where HTTPS is reached."),
            "verified_by": Returned(
                "str",
                (
                    "What proves it. V(ca) is the chain of signatures up to a CA that the connection trusts, "
                    "V(fingerprint) the one that is pinned, V(comparison) that it is the one under its alias on the "
                    "device.",
                    "V(nothing) means that it was only looked at.",
                ),
            ),
        },
        sample={
            "fingerprint_sha256": "0f4c6a4d0ecf5e6c6b2e3d0a7c4f2b1a9e8d7c6b5a493827160f5e4d3c2b1a09",
            "subject": "CN=gate.example.net",
            "issuer": "CN=Camera CA",
            "not_after": "2027-11-24T12:00:00Z",
            "port": 443,
            "verified_by": "ca",
        },
    ),
}
