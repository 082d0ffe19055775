# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the unit tests: certificates, and no environment that could decide a test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from unit.scripted import Certificate, make_certificate

settings.register_profile(
    "unit", max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unit")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for 127.0.0.1, signed by a CA of its own."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def other_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Another one, for another address."""
    return make_certificate(tmp_path_factory.mktemp("other"), address="192.0.2.1")


@pytest.fixture(scope="session")
def expired_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """One that has expired."""
    return make_certificate(tmp_path_factory.mktemp("expired"), days=-1)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AXIS_VAPIX_") and name != "AXIS_VAPIX_COLLECTIONS_PATH" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
