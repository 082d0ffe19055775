# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening, and the way of a request: fault, login, handler, answer.

aiohttp's low-level server does HTTP; one server object per device, because a device is known by its socket.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import traceback
from collections.abc import Coroutine
from functools import partial

from aiohttp import web

import auth
import handlers
import webserver
from discovery import Discovery
from door import Door
from exchange import Answer, Request, html_page
from faults import Fault
from handlers._base import ADMIN, ANONYMOUS
from handlers.param_cgi import Protected
from journal import Journal
from power import Power
from state import Device
from tls import Authority
from upload import Dropped, Upload

_BODY_LIMIT = 64 * 1024 * 1024
_LINE_LIMIT = 256 * 1024
_HANG_SECONDS = 120.0
# Not 0: aiohttp takes that for "wait without end".
_SHUTDOWN_SECONDS = 0.1
_TLS_HANDSHAKE = 0x16
_PEEK_SECONDS = 30.0
# What Apache says to plain HTTP on a TLS port.
_PLAIN_ON_TLS = b"<html><head><title>400 Bad Request</title></head><body><h1>Bad Request</h1><p>You're speaking plain \
HTTP to an SSL-enabled server port.</p></body></html>"
_PLAIN_ON_TLS_HEAD = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/html; charset=iso-8859-1\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_PLAIN_ON_TLS)
)
_UNAUTHORIZED_JSON = json.dumps({"status": "error", "error": {"code": 401, "message": "Unauthorized"}}).encode()
_UNAUTHORIZED_TEXT = "Your client does not have permission to get this URL from this server."


class Server:
    """All devices of the process."""

    def __init__(self, devices: list[Device], latency: float, power: Power, discovery: Discovery | None = None) -> None:
        self.devices = {device.serial: device for device in devices}
        self.latency, self.power, self.discovery = latency, power, discovery
        if discovery is not None:
            power.left = power.mover.left = discovery.left
            power.returned = power.mover.returned = discovery.returned
            power.web.restarted = discovery.look
        self.journal = Journal()
        self.faults: list[Fault] = []
        self._tasks: set[asyncio.Task] = set()
        self._fronts: list[web.Server] = []

    # -- listening
    def listen(self, device: Device, scheme: str, port: int, authority: Authority | None) -> None:
        """Open a port of the device; HTTPS needs an authority."""
        front = web.Server(
            partial(self._serve, device, scheme),
            access_log=None,
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
            tcp_keepalive=False,
        )
        self._fronts.append(front)
        chain = None
        if authority is not None and scheme == "https":
            chain = webserver.first_chain(device, authority)
        device.doors[scheme] = Door(front, device.homes, port, chain, self._welcome)
        device.doors[scheme].open()

    def _welcome(self, connection: socket.socket, door: Door) -> None:
        connection.setblocking(False)
        work = self._secure if door.chain is not None else self._plain
        self._spawn(work(connection, door, door.drops))

    def _spawn(self, coroutine: Coroutine) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _plain(self, connection: socket.socket, door: Door, drops: int) -> None:
        if door.drops != drops:
            connection.close()
            return
        await asyncio.get_running_loop().connect_accepted_socket(door.front, connection)

    async def _secure(self, connection: socket.socket, door: Door, drops: int) -> None:
        """TLS for who begins with a handshake, a plain 400 for who does not."""
        loop = asyncio.get_running_loop()
        try:
            first = await asyncio.wait_for(_peek(loop, connection), _PEEK_SECONDS)
            if first[:1] == bytes((_TLS_HANDSHAKE,)) and door.drops == drops:
                assert door.chain is not None
                await loop.connect_accepted_socket(door.front, connection, ssl=door.chain.context)
                return
            if first and door.drops == drops:
                await loop.sock_recv(connection, _LINE_LIMIT)
                await loop.sock_sendall(connection, _PLAIN_ON_TLS_HEAD + _PLAIN_ON_TLS)
                connection.shutdown(socket.SHUT_WR)
        except (TimeoutError, OSError, ssl.SSLError):
            pass
        connection.close()

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        await self.power.close()
        await self.power.web.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for device in self.devices.values():
            for door in device.doors.values():
                door.close()
        await asyncio.gather(*(front.shutdown(_SHUTDOWN_SECONDS) for front in self._fronts if front.connections))

    def look(self, device: Device) -> None:
        """Start what a request or a test asked for."""
        self.power.look(device)
        if self.discovery is not None:
            self.discovery.look(device)

    # -- answering
    async def _serve(self, device: Device, scheme: str, raw: web.BaseRequest) -> web.StreamResponse:
        request = Request(device, scheme, raw.method, raw.raw_path, raw.headers)
        request.client = raw.remote or ""
        handler = handlers.find(request.path)
        if handler is not None and handler.streams and request.content_type == "multipart/form-data":
            request.upload = Upload(raw)
        else:
            if raw.headers.get("Expect", "").lower() == "100-continue" and raw.transport is not None:
                raw.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            try:
                request.body = await asyncio.wait_for(_read(raw), _HANG_SECONDS)
            except TimeoutError:
                return self._drop(raw)
        device.active += 1
        try:
            answer, fault = await self._process(request, raw)
        except Exception:  # A bug of the simulator: loud in its log, and no device would say it like this.
            traceback.print_exc()
            answer, fault = html_page(500, "Internal Server Error", "Bug in the simulator, see its log."), "bug"
        finally:
            device.active -= 1
        self.journal.add(request, 0 if answer.drop else answer.status, fault)
        self.look(device)
        return self._drop(raw) if answer.drop else self._respond(request, answer)

    async def _process(self, request: Request, raw: web.BaseRequest) -> tuple[Answer, str]:
        """The answer, and the kind of fault that had a hand in it."""
        if self.latency:
            await asyncio.sleep(self.latency)
        limit = request.device.profile.parallel_limit
        if limit and request.device.active > limit:
            return Answer(drop=True), "parallel_limit"
        handler = handlers.find(request.path)
        if request.upload is not None and handler is not None:
            return await self._receive(request, request.upload, handler, raw)
        fault = self._fault(request, handler)
        if fault is None:
            return await self._answer(request), ""
        return await self._faulty(request, fault, raw), fault.kind

    async def _receive(
        self, request: Request, upload: Upload, handler: handlers.Handler, raw: web.BaseRequest
    ) -> tuple[Answer, str]:
        """A streamed request: login first (a client may wait with the body for it), then the JSON part, then faults."""
        kind = ""
        try:
            answer = self._gate(request)
            if answer is None:
                request.body = await upload.begin(handler.json_part)
                request.admitted = True
                fault = self._fault(request, handler)
                kind = fault.kind if fault is not None else ""
                if kind == "close_midway":
                    upload.limit = fault.bytes or upload.length // 2
                answer = await (self._answer(request) if fault is None else self._faulty(request, fault, raw))
            else:
                upload.outcome = f"refused {answer.status}"
                answer.close = upload.is_unread
            if not answer.drop:
                await upload.drain()
        except Dropped:
            upload.outcome, answer = "dropped", Answer(drop=True)
        upload.forget()
        if upload.received:
            request.device.uploads.append({"bytes": upload.received, "outcome": upload.outcome})
        return answer, kind

    def _fault(self, request: Request, handler: handlers.Handler | None) -> Fault | None:
        if not self.faults:
            return None
        operation = handler.operation(request) if handler else request.json_method or request.method
        # Every rule counts, the first that is due acts.
        due = [fault for fault in self.faults if fault.hits(request, operation)]
        return due[0] if due else None

    async def _faulty(self, request: Request, fault: Fault, raw: web.BaseRequest) -> Answer:
        if fault.kind == "hang":
            await _outwait(raw)
        if fault.kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        instead = fault.instead()
        if instead is not None:
            return instead
        before = request.state.snapshot() if fault.kind == "ignore" else None
        answer = await self._answer(request)
        if before is not None:
            request.state.restore(before)
        return fault.spoil(answer)

    async def _answer(self, request: Request) -> Answer:
        refused = None if request.admitted else self._gate(request)
        if refused is not None:
            return refused
        handler = handlers.find(request.path)
        assert handler is not None
        options = handlers.options(handler, request.device.profile)
        assert options is not None
        try:
            return await handler.answer(request, options)
        except Protected:
            return self._unauthorized(request, stale=False)

    def _gate(self, request: Request) -> Answer | None:
        """The way to the handler: an answer when it ends before."""
        profile = request.device.profile
        if len(request.method) + len(request.target) + len(" HTTP/1.1\r\n") > profile.url_limit:
            return html_page(414, "Request-URI Too Long", "The requested URL's length exceeds the capacity limit.")
        if request.scheme == "http" and "https" in request.device.doors and not webserver.is_on(request.state, "http"):
            answer = html_page(301, "Moved Permanently", "The document has moved.")
            answer.headers.append(("Location", request.device.url_of("https") + request.target))
            return answer
        if request.device.guard.blocks(request.client):
            # What mod_evasive, the usual Apache module for this, answers.
            return html_page(403, "Forbidden", _UNAUTHORIZED_TEXT)
        handler = handlers.find(request.path)
        options = handlers.options(handler, profile) if handler else None
        needed = handler.level(request) if handler and options is not None else ADMIN
        refused = self._login(request, needed, known=options is not None)
        if refused is not None:
            return refused
        if handler is None or options is None:
            return html_page(404, "Not Found", f"The requested URL {request.path} was not found on this server.")
        if not webserver.allows(request.state, request.level, request.scheme):
            return html_page(403, "Forbidden", _UNAUTHORIZED_TEXT)
        return self._forbidden(request) if request.level < needed else None

    def _login(self, request: Request, needed: int, known: bool) -> Answer | None:
        """Find out who asks; an answer when the login failed and one was needed.

        An unknown CGI is reported before any login (5.51 and HA #43554 answer 404 to clients of all kinds).
        """
        header = request.headers.get("Authorization")
        if request.state.needs_setup and request.device.profile.open_without_password and known:
            request.level = ADMIN
            return None
        if header is None and (needed == ANONYMOUS or not known):
            return None
        try:
            name, user = auth.check(request, header)
        except auth.Refused as refused:
            # An open CGI does not look at the credentials (systemready answers 200 with wrong ones).
            if needed == ANONYMOUS or not known:
                return None
            if refused.wrong:
                request.device.guard.fail(request.state, request.client, request.path)
            return self._unauthorized(request, refused.stale)
        if needed > ANONYMOUS and request.state.early_401 > 0:
            # Just after a boot the accounts may not be there yet (seen by others).
            request.state.early_401 -= 1
            return self._unauthorized(request, stale=False)
        request.user, request.level, request.groups = name, user.level, user.groups
        return None

    @staticmethod
    def _unauthorized(request: Request, stale: bool) -> Answer:
        profile = request.device.profile
        if profile.unauthorized_json:
            answer = Answer(_UNAUTHORIZED_JSON, "application/json; charset=utf-8", 401)
        else:
            answer = html_page(401, "Unauthorized", _UNAUTHORIZED_TEXT)
        answer.headers = [("WWW-Authenticate", text) for text in auth.challenges(request, stale)]
        if profile.unauthorized_json and request.state.needs_setup:
            # Claimed by one author for AXIS OS 12, recorded by nobody.
            answer.headers.append(("Axis-Setup", "vapix"))
        return answer

    def _forbidden(self, request: Request) -> Answer:
        if request.device.profile.forbidden_status == 401:
            return self._unauthorized(request, stale=False)
        return html_page(403, "Forbidden", _UNAUTHORIZED_TEXT)

    @staticmethod
    def _respond(request: Request, answer: Answer) -> web.Response:
        profile = request.device.profile
        response = web.Response(body=answer.body, status=answer.status)
        if answer.close:
            response.force_close()
        headers = response.headers
        headers["Server"] = profile.server
        headers["Content-Type"] = answer.content_type
        headers.update(profile.headers)
        headers.update(request.state.documents[webserver.HEADERS]["shown"])
        for name, value in answer.headers:
            headers.add(name, value)
        if profile.chunked:
            response.enable_chunked_encoding()
            if request.scheme == "http":
                # Apache offers HTTP/2 on the plain port (recorded).
                headers["Upgrade"] = "h2"
                headers["Connection"] = "Upgrade"
        return response

    @staticmethod
    def _drop(raw: web.BaseRequest) -> web.Response:
        if raw.transport is not None:
            raw.transport.abort()
        return web.Response()


async def _read(raw: web.BaseRequest) -> bytes:
    parts, size = [], 0
    async for part in raw.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _BODY_LIMIT:
            break
    return b"".join(parts)


async def _outwait(raw: web.BaseRequest) -> None:
    """Until the client has gone, so that the request is in the log then and not long after its test."""
    end = asyncio.get_running_loop().time() + _HANG_SECONDS
    while raw.transport is not None and not raw.transport.is_closing() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.02)


async def _peek(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> bytes:
    """Wait for the first byte without taking it."""
    readable = loop.create_future()

    def wake() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(connection, wake)
    try:
        await readable
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)
