# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how PEM is read and written."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pem


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=3))
def test_round_trip(contents: list[bytes]) -> None:
    text = "".join(pem.block(data, pem.CERTIFICATE) for data in contents)
    assert pem.blocks(text, pem.CERTIFICATE) == contents
    assert pem.blocks(text.replace("\n", "\r\n"), pem.CERTIFICATE) == contents
    assert ssl.PEM_cert_to_DER_cert(pem.block(contents[0], pem.CERTIFICATE)) == contents[0]


def test_only_the_kind_that_is_asked_for() -> None:
    text = pem.block(b"key", "EC PRIVATE KEY") + pem.block(b"one", pem.CERTIFICATE)
    assert pem.blocks(text, pem.CERTIFICATE) == [b"one"]
    assert pem.labels(text) == ["EC PRIVATE KEY", "CERTIFICATE"]


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "there is no -----BEGIN CERTIFICATE-----"),
        (pem.block(b"key", "PRIVATE KEY"), "there is no -----BEGIN CERTIFICATE-----"),
        ("-----BEGIN CERTIFICATE-----\nAAAA", "with its end"),
        ("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----", "it is no base64"),
        ("-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----", "it is empty"),
    ],
)
def test_what_is_no_pem(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        pem.blocks(text, pem.CERTIFICATE)
