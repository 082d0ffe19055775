# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipients. The simulated devices show passwords, as nothing says that real ones do not."""

from __future__ import annotations

import typing as t

from resources.proof import CANARY, Bad, Case, Proof, Shows, Step

PASSWORD, OTHER = f"p&s<{CANARY}>", f"o'\"{CANARY}"
FTP = {"host": "", "upload_path": "", "port": "", "login": "", "password": "", "passive": "", "temporary": ""}
WEB = dict.fromkeys(
    ("upload_url", "login", "password", "proxy_host", "proxy_port", "proxy_login", "proxy_password"), ""
)
KEYS = ("ssh_host_pub_key_md5", "ssh_host_pub_key_sha256", "ssh_public_key", "ssh_private_key")
SSH = dict.fromkeys(
    ("host", "upload_path", "port", "login", "password", *KEYS, "ssh_private_key_passphrase", "temporary"), ""
)
POP = ("pop_host", "pop_port", "pop_login", "pop_password")
SMTP = dict.fromkeys(
    ("email_to", "email_from", "host", "port", "login", "password", *POP, "encryption", "validate_server_cert"), ""
)


def shown(number: int, name: str, kind: str, given: dict[str, t.Any]) -> Shows:
    """A recipient, as the device holds it."""
    place = f"documents.recipients.items.{number}"
    head = {f"{place}.name": name, f"{place}.template": f"com.axis.recipient.{kind}"}
    return head | {f"{place}.parameters.{key}": value for key, value in ({"qos": "0"} | given).items()}


TCP = {"name": "alarm centre", "type": "tcp", "host": "192.0.2.7", "port": 5000}
UPLOAD = {
    "name": "upload",
    "type": "ftp",
    "host": "ftp.example.net",
    "upload_path": "in/cam",
    "login": "cam",
    "password": PASSWORD,
    "passive": True,
}
SENT = {"host": "ftp.example.net", "upload_path": "in/cam", "login": "cam", "password": PASSWORD, "passive": "1"}


def life(ftp: dict[str, str]) -> tuple[Step, ...]:
    """Steps on a device whose FTP recipients have these parameters."""
    centre = shown(1, "alarm centre", "tcp", {"host": "192.0.2.7", "port": "5000"})
    return (
        Step({"recipients": [TCP, UPLOAD]}, centre | shown(2, "upload", "ftp", ftp | SENT)),
        Step(
            {"recipients": [{"name": "upload", "port": 2121, "login": None, "password": OTHER}]},
            centre | shown(3, "upload", "ftp", ftp | SENT | {"port": "2121", "login": "", "password": OTHER}),
        ),
        Step(
            {"recipients": [{"name": "alarm centre", "qos": 46}, {"name": "upload", "state": "absent"}]},
            shown(4, "alarm centre", "tcp", {"host": "192.0.2.7", "port": "5000", "qos": "46"}),
        ),
        Step({"recipients": [], "exclusive": True}, {}),
    )


PROOF = Proof(
    "recipient",
    cases=(
        Case(life(FTP), profiles=("axis-os-12", "axis-os-11", "axis-os-9"), title="life"),
        Case(
            life({name: value for name, value in FTP.items() if name != "temporary"}),
            profiles=("axis-os-5",),
            title="life before 5.70",
        ),
        Case(
            profiles=("axis-os-12",),
            title="types",
            steps=(
                Step(
                    {
                        "recipients": [
                            {"name": "a", "type": "http", "upload_url": "http://192.0.2.1/in?a=1&b=2"},
                            {
                                "name": "b",
                                "type": "https",
                                "upload_url": "https://example.net",
                                "proxy_host": "proxy.example.net",
                                "proxy_port": 3128,
                                "proxy_login": "cam",
                                "proxy_password": PASSWORD,
                                "validate_server_cert": True,
                            },
                            {"name": "c", "type": "networkshare", "share_id": "axis-b", "upload_path": "x"},
                            {
                                "name": "d",
                                "type": "sftp",
                                "host": "192.0.2.1",
                                "ssh_host_pub_key_md5": "00112233445566778899AABBCCDDEEFF",
                            },
                            {"name": "e", "type": "sftp", "host": "192.0.2.1", "ssh_host_pub_key_sha256": "abc="},
                            {
                                "name": "f",
                                "type": "smtp",
                                "email_to": "guard@example.net",
                                "email_from": "cam@example.net",
                                "host": "mail.example.net",
                                "encryption": "tls",
                                "pop_host": "pop.example.net",
                                "pop_port": 995,
                                "pop_login": "cam",
                                "pop_password": PASSWORD,
                            },
                            {"name": "g", "type": "ftp", "host": "192.0.2.1", "temporary": False},
                        ]
                    },
                    shown(1, "a", "http", WEB | {"upload_url": "http://192.0.2.1/in?a=1&b=2"})
                    | shown(
                        2,
                        "b",
                        "https",
                        WEB
                        | {
                            "upload_url": "https://example.net",
                            "proxy_host": "proxy.example.net",
                            "proxy_port": "3128",
                            "proxy_login": "cam",
                            "proxy_password": PASSWORD,
                            "validate_server_cert": "1",
                        },
                    )
                    | shown(3, "c", "networkshare", {"share_id": "axis-b", "upload_path": "x"})
                    | shown(
                        4,
                        "d",
                        "sftp",
                        SSH
                        | {
                            "host": "192.0.2.1",
                            "ssh_host_pub_key_md5": "00112233445566778899aabbccddeeff",
                            "ssh_auth_type": "2",
                        },
                    )
                    | shown(
                        5,
                        "e",
                        "sftp",
                        SSH | {"host": "192.0.2.1", "ssh_host_pub_key_sha256": "abc=", "ssh_auth_type": "2"},
                    )
                    | shown(
                        6,
                        "f",
                        "smtp",
                        SMTP
                        | {
                            "email_to": "guard@example.net",
                            "email_from": "cam@example.net",
                            "host": "mail.example.net",
                            "encryption": "tls",
                            "pop_host": "pop.example.net",
                            "pop_port": "995",
                            "pop_login": "cam",
                            "pop_password": PASSWORD,
                        },
                    )
                    | shown(7, "g", "ftp", FTP | {"host": "192.0.2.1", "temporary": "0"}),
                ),
                Step(
                    {"recipients": [TCP], "exclusive": True},
                    shown(8, *list(TCP.values())[:2], {"host": "192.0.2.7", "port": "5000"}),
                ),
                Step(
                    {"recipients": [{"name": "alarm centre", "type": "http", "upload_url": "http://a"}]},
                    shown(9, "alarm centre", "http", WEB | {"upload_url": "http://a"}),
                ),
                # There is no password that would be needed again.
                Step(
                    {"recipients": [{"name": "alarm centre", "login": "cam"}]},
                    shown(10, "alarm centre", "http", WEB | {"upload_url": "http://a", "login": "cam"}),
                ),
            ),
        ),
    ),
    bad=(
        Bad({"recipients": [{"name": "a", "host": "b"}]}, "'a' does not exist and needs type"),
        Bad({"recipients": [{"name": "a", "type": "tcp"}]}, "the type tcp needs host"),
        Bad(
            {"recipients": [{"name": "a", "type": "http", "host": "b", "upload_url": "x"}]},
            "host is no setting of the type",
        ),
        Bad(
            {"recipients": [{"name": "a", "type": "sftp", "host": "b"}]},
            "needs ssh_host_pub_key_md5 or ssh_host_pub_key_sha256",
        ),
        Bad({"recipients": [{"name": " a", "type": "tcp", "host": "b"}]}, "is not of the form a text without blanks"),
        Bad({"recipients": [{"name": "a", "type": "tcp", "host": "b", "qos": 64}]}, "64 is not between 0 and 63"),
        Bad(
            {"recipients": [{"name": "a", "type": "ftp", "host": "b", "temporary": True}]},
            "cannot hold temporary",
            ("axis-os-5",),
        ),
        Bad(
            {"recipients": [{"name": "a", "type": "sftp", "host": "b", "ssh_host_pub_key_sha256": "x"}]},
            "cannot hold recipients[a]",
            ("axis-os-5",),
        ),
    ),
    mirrors=("documents.recipients.last",),
    elsewhere={
        "update_secrets": "tests/unit/model/test_shapes.py::test_a_secret_is_sent_when_its_neighbours_change_or_always"
    },
)
