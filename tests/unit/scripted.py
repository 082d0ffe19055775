# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict HTTP server that follows a script, and certificates for it.

A test says which requests it expects, in order, and what each is answered. A request that is missing, different or one
too many fails the test when the server is left. It knows nothing of our client.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import ipaddress
import json
import pathlib
import re
import socket
import ssl
import threading
import typing as t
from urllib.parse import parse_qsl

Check = t.Callable[["Request"], t.Any]


@dataclasses.dataclass(frozen=True)
class Request:
    """A request as it came over the wire. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> t.Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("ascii"), keep_blank_values=True))


@dataclasses.dataclass(frozen=True)
class Reply:
    """An ordinary answer. ``length`` overrides the Content-Length that is announced."""

    status: int = 200
    body: bytes | str = b""
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    length: int | None = None
    close: bool = False

    def bytes(self) -> t.Any:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        head = {"Content-Length": str(len(body) if self.length is None else self.length), **self.headers}
        if self.close:
            head["Connection"] = "close"
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"HTTP/1.1 {self.status} Scripted\r\n{lines}\r\n".encode("latin-1") + body


@dataclasses.dataclass(frozen=True)
class Raw:
    """These bytes, then the connection is closed. No bytes: closed without an answer."""

    data: bytes = b""


@dataclasses.dataclass(frozen=True)
class Drip:
    """The head at once, then byte after byte, for ever or as long as the client listens."""

    head: bytes
    pause: float = 0.05


@dataclasses.dataclass(frozen=True)
class Hang:
    """No answer; the connection stays open."""


Answer = Reply | Raw | Drip | Hang


def ok_json(data: t.Any, **more: t.Any) -> Reply:
    """HTTP 200 with a JSON document."""
    return Reply(200, json.dumps(data), {"Content-Type": "application/json; charset=utf8"}, **more)


def text(body: bytes | str, status: int = 200) -> Reply:
    """Plain text without a charset, as param.cgi answers."""
    return Reply(status, body, {"Content-Type": "text/plain"})


def html(body: str = "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD></HTML>", status: int = 404) -> Reply:
    """A small HTML page, as devices show for what they do not have."""
    return Reply(status, body, {"Content-Type": "text/html; charset=ISO-8859-1"})


@dataclasses.dataclass
class Expect:
    """One expected request, and its answer. What is None is not looked at."""

    method: str
    target: str
    answer: Answer = dataclasses.field(default_factory=Reply)
    json: t.Any = None
    form: t.Mapping[str, str] | None = None
    body: bytes | None = None
    check: Check | None = None

    def problem(self, request: Request) -> str | None:
        """Why the request is not the expected one."""
        if (request.method, request.target) != (self.method, self.target):
            return f"expected {self.method} {self.target}, got {request.method} {request.target}"
        if self.json is not None and request.json != self.json:
            return f"{self.target}: expected JSON {self.json}, got {request.body!r}"
        if self.form is not None and request.form != dict(self.form):
            return f"{self.target}: expected form {self.form}, got {request.body!r}"
        if self.body is not None and request.body != self.body:
            return f"{self.target}: expected {len(self.body)} bytes of body, got {len(request.body)}"
        if self.check is not None:
            try:
                self.check(request)
            except AssertionError as exc:
                return f"{self.method} {self.target}: {exc or 'check failed'}"
        return None


class Server:
    """The server. Use it with ``with``; leaving it checks that the whole script was played and nothing else."""

    def __init__(self, *script: Expect, certificate: Certificate | None = None) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.connections = 0
        self.problems: list[str] = []
        self._tls = certificate.context() if certificate else None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Server:
        self._spawn(self._accept)
        return self

    def __exit__(self, kind: t.Any, *dummy: object) -> None:
        self._stop.set()
        # A shutdown wakes accept() up; close alone would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in list(self._threads):
            thread.join(5)
        left = [f"{expected.method} {expected.target}" for expected in self.script[len(self.requests) :]]
        if kind is None or self.problems:
            assert not self.problems, "; ".join(self.problems)
            assert not left, f"never requested: {left}"

    def drop(self) -> None:
        """Break all connections."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _spawn(self, work: t.Callable[..., None], *args: t.Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, dummy = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            if self._tls:
                connection.settimeout(5)
                connection = self._tls.wrap_socket(connection, server_side=True)
                connection.settimeout(None)
                with self._lock:
                    self._open.add(connection)
            with connection, connection.makefile("rb") as stream:
                first = True
                while not self._stop.is_set():
                    request = read_request(stream)
                    if request is None:
                        return
                    with self._lock:
                        self.connections += first
                        first = False
                    if not self._respond(connection, self._answer_for(request)):
                        return
        except (OSError, ValueError):
            return
        finally:
            connection.close()

    def _answer_for(self, request: Request) -> Answer:
        with self._lock:
            position = len(self.requests)
            self.requests.append(request)
            if position >= len(self.script):
                self.problems.append(f"one request too many: {request.method} {request.target}")
                return Reply(500, "the script is over")
            problem = self.script[position].problem(request)
            if problem:
                self.problems.append(problem)
                return Reply(500, "not as the script says")
            return self.script[position].answer

    def _respond(self, connection: socket.socket, answer: Answer) -> bool:
        """Send an answer; return whether the connection stays open."""
        if isinstance(answer, Reply):
            connection.sendall(answer.bytes())
            return not answer.close
        if isinstance(answer, Raw):
            connection.sendall(answer.data)
            return False
        if isinstance(answer, Drip):
            connection.sendall(answer.head)
            while not self._stop.wait(answer.pause):
                connection.sendall(b"x")
            return False
        self._stop.wait()
        return False


def read_request(stream: t.BinaryIO) -> Request | None:
    """Read one request; None at the end of the connection."""
    line = stream.readline(65537).decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    method, target, dummy = line.split(" ", 2)
    headers: dict[str, str] = {}
    for raw in iter(stream.readline, b"\r\n"):
        if not raw:
            return None
        name, dummy, value = raw.decode("latin-1").rstrip("\r\n").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body)


# --- what a device checks in an Authorization header, written from RFC 7616 ---------------------------------------

REALM = "AXIS_B8A44F000001"
NONCE = "WuZJmDxdBgA=39fdff8bf7ff2dd27b4393cb149e16a98e3ac5dc"


def challenge(nonce: str = NONCE, extra: str = "", scheme: str = "digest") -> Reply:
    """A 401 as devices give it."""
    value = f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"{extra}'
    if scheme == "basic":
        value = f'Basic realm="{REALM}"'
    return Reply(401, "{}", {"WWW-Authenticate": value, "Content-Type": "application/json; charset=utf-8"})


def digest(password: str = "secret-pass", count: int | None = None, nonce: str = NONCE, user: str = "root") -> Check:
    """A check that a request carries the right Digest response, for the target exactly as it was sent."""

    def check(request: Request) -> None:
        sent = request.headers.get("authorization", "")
        assert sent.startswith("Digest "), f"no Digest credentials but {sent!r}"
        fields = {
            name: quoted if quoted is not None and quoted != "" else token
            for name, quoted, token in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', sent)
        }
        assert fields["username"] == user and fields["realm"] == REALM and fields["nonce"] == nonce, sent
        assert fields["uri"] == request.target, f"signed {fields['uri']!r}, sent {request.target!r}"
        if count is not None:
            assert int(fields["nc"], 16) == count, f"nonce count {fields['nc']}, expected {count}"
        ha1 = hashlib.md5(f"{user}:{REALM}:{password}".encode()).hexdigest()
        ha2 = hashlib.md5(f"{request.method}:{request.target}".encode("latin-1")).hexdigest()
        expected = f"{ha1}:{nonce}:{fields['nc']}:{fields['cnonce']}:auth:{ha2}".encode()
        assert fields["response"] == hashlib.md5(expected).hexdigest(), "wrong response"

    return check


def no_credentials(request: Request) -> None:
    """A check that a request carries none."""
    assert "authorization" not in request.headers, "credentials were sent"


# --- certificates ---------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A server certificate signed by a CA of its own, as files."""

    ca_file: pathlib.Path
    chain_file: pathlib.Path
    key_file: pathlib.Path
    fingerprint: str

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain_file, self.key_file)
        return context


def make_certificate(folder: pathlib.Path, *, address: str = "127.0.0.1", days: int = 2) -> Certificate:
    """Make a CA and a certificate for an address; with negative days it has expired."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    now = datetime.datetime.now(datetime.UTC)

    def build(name: str, key: t.Any, issuer: str, issuer_key: t.Any, ca: bool) -> t.Any:
        builder = x509.CertificateBuilder(
            issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
            subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - datetime.timedelta(days=9),
            not_valid_after=now + datetime.timedelta(days=9 if ca else days),
        ).add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        if ca:
            usage = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
            )
            builder = builder.add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                    **usage,
                ),
                critical=True,
            )
        else:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        return builder.sign(issuer_key, hashes.SHA256())

    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    certificate = build("device", key, "test CA", ca_key, ca=False)
    files = Certificate(
        folder / "ca.pem", folder / "device.pem", folder / "key.pem", certificate.fingerprint(hashes.SHA256()).hex()
    )
    files.ca_file.write_bytes(build("test CA", ca_key, "test CA", ca_key, ca=True).public_bytes(pem))
    files.chain_file.write_bytes(certificate.public_bytes(pem))
    files.key_file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files
