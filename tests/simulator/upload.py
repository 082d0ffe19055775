# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A multipart body read as it comes: the image is counted and passed on in pieces, never kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, ClientError, MultipartReader, web

_PIECE = 65536
_JSON_LIMIT = 256 * 1024


class Dropped(Exception):
    """The connection is gone, or a fault cut it."""


class Upload:
    """The body of one request: perhaps a JSON part, then a file part. Part names do not matter (seen by others)."""

    def __init__(self, raw: web.BaseRequest) -> None:
        self._raw: web.BaseRequest | None = raw
        self.length = raw.content_length or 0
        self._reader: MultipartReader | None = None
        self._file: BodyPartReader | None = None
        self._waits = raw.headers.get("Expect", "").lower() == "100-continue"
        # Bytes of the file part (of the whole body when it was not looked into).
        self.received = 0
        self._complete = False
        # A fault cuts the connection after so many.
        self.limit: int | None = None
        # Why the body makes no sense; for the handler to say.
        self.problem = ""
        self.outcome = ""

    def forget(self) -> None:
        """The log keeps requests; it need not keep their connections."""
        self._raw = self._reader = self._file = None

    async def begin(self, with_json: bool) -> bytes:
        """Read up to the file; returns the JSON part."""
        raw = self._raw
        assert raw is not None
        if self._waits and raw.transport is not None:
            raw.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._waits = False
        try:
            self._reader = MultipartReader(raw.headers, raw.content)
            part = await self._next()
            if not with_json:
                self._file = part
                return b""
            if part is None or part.filename is not None:
                # The text some AXIS OS versions have for a JSON part with a filename (real-devices.md 9).
                self.problem = "Only string objects allowed."
                return b""
            document = b""
            while not part.at_eof() and len(document) <= _JSON_LIMIT:
                document += await part.read_chunk(_PIECE)
            if len(document) > _JSON_LIMIT:
                self.problem = "Message could not be parsed or contains unknown parameters or values."
                return b""
            self._file = await self._next()
            return document
        except (ConnectionError, ClientError):
            raise Dropped from None
        except (ValueError, AssertionError, RuntimeError) as error:
            if raw.transport is None or raw.transport.is_closing():
                raise Dropped from None
            self.problem = str(error) or "broken multipart"
            return b""

    async def _next(self) -> BodyPartReader | None:
        part: Any = await self._reader.next() if self._reader is not None else None
        return part if isinstance(part, BodyPartReader) else None

    @property
    def has_file(self) -> bool:
        """Whether a file part follows."""
        return self._file is not None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file, piece by piece, to its end."""
        part = self._file
        if part is None:
            return
        try:
            while not part.at_eof():
                piece = await part.read_chunk(_PIECE)
                self.received += len(piece)
                if self.limit is not None and self.received >= self.limit:
                    raise Dropped
                if piece:
                    yield piece
            self._complete = True
        except (ConnectionError, ClientError, ValueError, AssertionError, RuntimeError):
            # A body that ends before its closing boundary is as good as a lost connection.
            raise Dropped from None

    async def drain(self) -> None:
        """Read what nobody wants, as Apache does before it answers; not while the client waits for 100."""
        if self._waits or self._raw is None:
            return
        try:
            async for piece in self._raw.content.iter_any():
                # What is left after the file is the end of the form.
                self.received += 0 if self._complete else len(piece)
        except (ConnectionError, ClientError):
            raise Dropped from None

    @property
    def is_unread(self) -> bool:
        """The client still holds the body back."""
        return self._waits
