# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One HTTP(S) session with one device.

Built on requests, with what devices need on top: authentication that follows the challenge, one connection kept alive,
bounded answers and time, no surprise from the environment (proxies, netrc), retries only where repeating is safe, and
errors that say what is wrong and what would help.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import time
import traceback
import typing as t
from urllib.parse import urlencode

from . import tls
from .address import Address, check
from .auth import Authenticator
from .errors import (
    ApiMissing,
    AuthenticationFailed,
    BadAnswer,
    BrokenConnection,
    ConnectionFailed,
    NotAllowed,
    missing_package,
)
from .transport import REQUESTS_IMPORT_ERROR, Deadline, Transport
from .trouble import explain

try:
    import requests
    import urllib3
except ImportError:
    pass  # the session says so when it is needed, see REQUESTS_IMPORT_ERROR

try:
    from requests_toolbelt.multipart.encoder import MultipartEncoder, MultipartEncoderMonitor
except ImportError:
    TOOLBELT_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    TOOLBELT_IMPORT_ERROR = None

#: Largest answer that is read, in bytes. The full parameter definitions of a PTZ camera are below 1 MiB.
MAX_ANSWER = 16 * 1024 * 1024
#: Deepest JSON that is read. No API nests more than about ten levels.
MAX_DEPTH = 100
#: Bodies above this size, in bytes, are not sent before the device has been asked how it wants to authenticate.
SMALL_BODY = 16 * 1024
#: Pauses before repeating a request that changes nothing, in seconds.
PAUSES = (0.5, 1.0)

# What web servers say to plain HTTP on their HTTPS port.
_WANTS_TLS = re.compile(rb"SSL-enabled server port|to (?:an? )?HTTPS (?:server|port)", re.IGNORECASE)


@dataclasses.dataclass
class Answer:
    """An HTTP answer that was read to its end."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text: UTF-8, or Latin-1 where it is not (devices do not label their charset reliably)."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            return self.body.decode("iso-8859-1")

    @functools.cached_property
    def json(self) -> t.Any:
        """The body as a JSON value; None when it is none, or nested deeper than any API does."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return None if _is_deeper(value, MAX_DEPTH) else value

    @property
    def is_html(self) -> bool:
        return self.content_type == "text/html" or self.body.lstrip()[:15].lower().startswith(
            (b"<!doctype html", b"<html")
        )


def _is_deeper(value: t.Any, most: int) -> bool:
    """Whether lists and objects are nested deeper, without recursion."""
    level = [value]
    for _depth in range(most):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


class _Request(t.NamedTuple):
    """A request as it goes over the wire. :param safe: it changes nothing, so that it may be repeated."""

    method: str
    target: str
    body: t.Any = None
    content_type: str | None = None
    safe: bool = False


# Both need a login, exist on every AXIS OS and are cheap.
_ASK_FOR_CHALLENGE = _Request("GET", "/axis-cgi/usergroup.cgi", safe=True)
_SECOND_OPINION = _Request("GET", "/axis-cgi/param.cgi?action=list&group=root.Brand", safe=True)
# This one needs none.
_SYSTEM_READY = _Request(
    "POST",
    "/axis-cgi/systemready.cgi",
    b'{"apiVersion": "1.0", "method": "systemready", "params": {"timeout": 0}}',
    "application/json",
    safe=True,
)


class Session:
    """Requests to one device, one after another (old devices break when asked in parallel).

    :raises InvalidOption: address or credentials make no sense.
    """

    def __init__(self, address: Address, username: str | None = None, password: str | None = None) -> None:
        if REQUESTS_IMPORT_ERROR:
            raise missing_package("requests")
        check(address, username)
        self._authenticator = Authenticator(username, password)
        self._deadline = Deadline()
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor ~/.netrc behind the user's back
        self._session.headers.update({"User-Agent": "ansible-axis.vapix", "Accept": "*/*"})
        self._memory: dict[tuple[t.Any, ...], Answer] | None = None
        self._reach(address)

    def remember(self) -> None:
        """Answer a reading request that was made before from memory, until the first request that is not safe."""
        self._memory = {}

    def _reach(self, address: Address) -> None:
        """Set up the way to an address."""
        self.address = address
        fingerprint = tls.normalize_fingerprint(address.fingerprint) if address.fingerprint else None
        context = tls.context_for(address.validate_certs, address.ca_path, fingerprint)
        if context is tls.NO_TRUST:
            # It was asked for; a warning for each request would bury the others.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._session.proxies = {"http": address.proxy, "https": address.proxy} if address.proxy else {}
        self._session.mount("https://", Transport(self._deadline, context, fingerprint, address.certificate_name))
        self._session.mount("http://", Transport(self._deadline))

    @property
    def username(self) -> str | None:
        """The account that requests are made with; None where there are no credentials."""
        return self._authenticator.username if self._authenticator.has_credentials else None

    def has_password(self, password: str) -> bool:
        """Whether this is the password that requests are made with."""
        return self._authenticator.credentials[1] == password

    def log_in(self, username: str | None, password: str | None) -> None:
        """Use other credentials from the next request on.

        :raises InvalidOption: no account can have this name.
        """
        check(self.address, username)
        self._memory = None
        self._authenticator = Authenticator(username, password)

    def move(self, **changes: t.Any) -> None:
        """Go on at another address of the same device from the next request on.

        :param changes: fields of :class:`Address` that are another now; the others stay, the certificate check too.
        :raises InvalidOption: the address makes no sense.
        """
        address = dataclasses.replace(self.address, **changes)
        check(address, None)
        self._session.close()
        self._memory = None
        self._reach(address)
        # What the device said of the login here has no meaning there.
        self._authenticator = Authenticator(*self._authenticator.credentials)

    def again(
        self,
        *,
        credentials: tuple[str | None, str | None] | None = None,
        unverified: bool = False,
        **changes: t.Any,
    ) -> Session:
        """Another session with the same device, to be closed by who asks for it.

        :param credentials: username and password, when not the same.
        :param unverified: whatever certificate the device shows is accepted. For requests without any secret only.
        :param changes: fields of :class:`Address` that are not the same, as C(timeout) or C(host).
        """
        if unverified:
            changes |= {"validate_certs": False, "fingerprint": None}
        address = dataclasses.replace(self.address, **changes)
        return Session(address, *(self._authenticator.credentials if credentials is None else credentials))

    def accepts(self, username: str, password: str) -> bool:
        """Whether the device lets somebody in: one login, whatever comes of it, since devices block who tries often.

        :raises AuthenticationFailed: the device wants the credentials in a way in which they are not sent.
        :raises NotAllowed: the device says neither yes nor no, as one that blocks us.
        """
        with self.again(credentials=(username, password)) as other:
            challenge = other._repeat(_ASK_FOR_CHALLENGE, credentials=False)
            if challenge.status != 401:
                return False  # it does not look at credentials
            reason = other._accept_challenge(challenge)
            if reason is not None:
                raise other._not_sent(reason)
            status = other._repeat(_ASK_FOR_CHALLENGE).status
        if status >= 300 and status != 401:
            raise NotAllowed(
                f"the device does not say whether the password of {username!r} is right (HTTP {status})",
                remedy="It may block this address for a while because of wrong passwords: wait and try again",
                device=str(self.address),
                http_status=status,
            )
        return status != 401

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_error: object) -> None:
        self._session.close()

    def request(
        self,
        method: str,
        target: str,
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        safe: bool = False,
        anonymous: bool = False,
    ) -> Answer:
        """Send one request and read its answer, whatever its status is, except where access is refused.

        :param method: HTTP verb.
        :param target: path with query, percent-encoded.
        :param safe: the request changes nothing, so it may be repeated after a broken connection or a 503.
        :param anonymous: send no credentials and return a 401 like any other answer.
        :raises ConnectionFailed: no answer. :class:`TlsFailed` where it is about TLS.
        :raises AuthenticationFailed: the credentials are missing or wrong.
        :raises NotAllowed: the credentials are right, but do not suffice for this request.
        :raises BadAnswer: the answer is too large, or a redirection.
        """
        # What is signed must be what is sent, so the target is put into the form in which it will be sent.
        target = urllib3.util.parse_url(self.address.origin + target).request_uri
        request = _Request(method, target, body, content_type, safe)
        if not safe:
            self._memory = None
        if self._memory is None:
            return self._fresh(request, anonymous)
        key = (*request, anonymous)
        if key not in self._memory:
            self._memory[key] = self._fresh(request, anonymous)
        return self._memory[key]

    def _fresh(self, request: _Request, anonymous: bool) -> Answer:
        if anonymous:
            return self._repeat(request, credentials=False)
        if request.body is not None and len(request.body) > SMALL_BODY and not self._authenticator.ready:
            # Sent without the right credentials, a large body would have to be sent twice: ask with a small request.
            self._ask(_ASK_FOR_CHALLENGE)
        return self._ask(request)

    def upload(
        self,
        target: str,
        parts: t.Sequence[tuple[str, tuple[str | None, t.Any, str]]],
        seconds: float,
        progress: t.Callable[[int], None],
    ) -> Answer | None:
        """Send a multipart form that can be large, streamed and once; None when the device hung up after the last byte.

        :param parts: name and (file name, content, content type), in this order. A content can be an open binary file.
        :param seconds: how long all of it may take.
        :param progress: called with the per cent that are sent.
        :raises ConnectionFailed: not all was sent, or there was no answer in time.
        """
        if TOOLBELT_IMPORT_ERROR:
            raise missing_package("requests-toolbelt")
        self._memory = None
        # The challenge is fetched just before, so that the device has no reason to ask for all of it again.
        self._ask(_ASK_FOR_CHALLENGE)
        form = MultipartEncoder(fields=list(parts))
        total = form.len
        shown = -1

        def watch(monitor: t.Any) -> None:
            nonlocal shown
            percent = 100 * monitor.bytes_read // total
            if percent != shown:
                shown = percent
                progress(percent)

        body = MultipartEncoderMonitor(form, watch)
        self._deadline.start(seconds)
        try:
            answer = self._send(_Request("POST", target, body, form.content_type), credentials=True)
        except BrokenConnection:
            if body.bytes_read < total:
                raise
            return None
        if answer.status in (401, 403):
            raise self._not_allowed(answer.status)
        return answer

    def _ask(self, request: _Request) -> Answer:
        answer = self._repeat(request)
        if answer.status == 401:
            carried = self._authenticator.ready
            reason = self._accept_challenge(answer)
            if reason is None:
                answer = self._repeat(request)
            elif not carried:
                raise self._not_sent(reason)
            if answer.status == 401:
                self._explain_refusal()
        if answer.status == 403:
            raise self._not_allowed(403)
        return answer

    def _accept_challenge(self, answer: Answer) -> str | None:
        """Take note of how the device wants the credentials; returns why they cannot be sent so, if they cannot."""
        if not self._authenticator.has_credentials:
            raise AuthenticationFailed(
                "the device wants a login and no username and password are given",
                remedy="Set username and password (or the variables ansible_user and ansible_password, from a vault)",
                device=str(self.address),
                http_status=401,
            )
        return self._authenticator.accept(
            answer.headers.get("WWW-Authenticate", ""), encrypted=self.address.scheme == "https"
        )

    def _not_sent(self, reason: str) -> AuthenticationFailed:
        return AuthenticationFailed(
            f"the credentials were not sent, because {reason}",
            remedy="Use scheme: https" if self.address.scheme == "http" else "Check that this is an Axis device",
            device=str(self.address),
            http_status=401,
        )

    def _explain_refusal(self) -> t.NoReturn:
        """Two 401 in a row: a wrong password, but also how devices refuse protected parameters or a missing right."""
        if self._repeat(_SECOND_OPINION).status != 401:
            raise self._not_allowed(401)
        remedy = "Check username and password; several wrong attempts in a row may block this address for a while"
        try:
            if re.search(rb'"needsetup"\s*:\s*"yes"', self._repeat(_SYSTEM_READY, credentials=False).body):
                remedy = "The device is in factory default state: it has no account yet, create the first one"
        except (ConnectionFailed, BadAnswer):
            pass  # the refusal is the news, not this
        raise AuthenticationFailed(
            f"the device does not accept the credentials of user {self._authenticator.username!r}",
            remedy=remedy,
            device=str(self.address),
            http_status=401,
        )

    def _not_allowed(self, status: int) -> NotAllowed:
        return NotAllowed(
            f"the device refuses this operation to user {self._authenticator.username!r} (HTTP {status}), "
            "although the credentials are right",
            remedy="Either the account lacks the role it takes (most settings need an administrator) "
            "or the device protects this setting",
            device=str(self.address),
            http_status=status,
        )

    def _repeat(self, request: _Request, credentials: bool = True) -> Answer:
        """Send, and send again after a pause where that is safe and there is time left."""
        self._deadline.start(self.address.timeout)
        for pause in PAUSES:
            try:
                answer = self._send(request, credentials)
                if answer.status != 503 or not request.safe or self._deadline.left <= pause:
                    return answer
            except BrokenConnection:
                if not request.safe or self._deadline.left <= pause:
                    raise
            time.sleep(pause)
        return self._send(request, credentials)

    def _send(self, request: _Request, credentials: bool) -> Answer:
        headers = {"Content-Type": request.content_type} if request.content_type else {}
        authorization = self._authenticator.authorization(request.method, request.target) if credentials else None
        if authorization:
            headers["Authorization"] = authorization
        try:
            with self._session.request(
                request.method,
                self.address.origin + request.target,
                data=request.body,
                headers=headers,
                stream=True,
                timeout=max(self._deadline.left, 0.001),
                allow_redirects=False,
            ) as response:
                answer = Answer(response.status_code, response.headers, self._read(response))
        except requests.exceptions.RequestException as exc:
            raise explain(exc, self.address) from exc
        self._session.cookies.clear()
        if answer.status == 400 and self.address.scheme == "http" and _WANTS_TLS.search(answer.body):
            raise ConnectionFailed("this port is for HTTPS", remedy="Set scheme: https", device=str(self.address))
        if answer.status in (301, 302, 303, 307, 308):
            raise BadAnswer(
                f"the device redirects to {answer.headers.get('Location', 'another address')!r}",
                remedy="Use the scheme, host and port it redirects to",
                device=str(self.address),
                http_status=answer.status,
            )
        return answer

    def _read(self, response: t.Any) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(65536):
            size += len(part)
            if size > MAX_ANSWER:
                raise BadAnswer(f"the answer is larger than {MAX_ANSWER} bytes", device=str(self.address))
            parts.append(part)
        return b"".join(parts)


def post_form(
    session: Session,
    path: str,
    arguments: t.Mapping[str, str] | t.Sequence[tuple[str, str]],
    *,
    safe: bool = False,
    anonymous: bool = False,
) -> Answer:
    """POST arguments as a form: they do not end up in logs, as those in a URL do, and can be long."""
    return session.request(
        "POST",
        path,
        body=urlencode(arguments).encode("ascii"),
        content_type="application/x-www-form-urlencoded",
        safe=safe,
        anonymous=anonymous,
    )


def missing_api(answer: Answer, **where: t.Any) -> ApiMissing:
    """The error for HTTP 404."""
    return ApiMissing(
        "the device does not have this API (HTTP 404)",
        remedy="Its AXIS OS may be too old or too new for it, or the product has no such function",
        http_status=answer.status,
        **where,
    )


def unexpected(answer: Answer, what: str, **where: t.Any) -> BadAnswer:
    """The error for an answer that no VAPIX API gives."""
    # The body is not shown: it can echo what was sent, a password among it.
    return BadAnswer(
        f"{what} (HTTP {answer.status}, {answer.content_type or 'no content type'}, {len(answer.body)} bytes)",
        remedy="Check that host and port belong to an Axis device, not to a proxy, a login page or another product",
        http_status=answer.status,
        **where,
    )
