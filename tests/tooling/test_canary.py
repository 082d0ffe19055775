# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate for secrets finds one, wherever it is."""

from __future__ import annotations

import io
import pathlib
import tarfile

import canary
import pytest


@pytest.mark.parametrize("place", canary.PLACES)
def test_a_secret_in_a_file_is_found(place: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / place / "deep" / "x.log"
    file.parent.mkdir(parents=True)
    file.write_text("all is well\n")
    assert canary.leaks(tmp_path) == ([], 1)
    file.write_text('all is well\n{"password": "hunter2-CANARY"}\n')
    assert canary.leaks(tmp_path) == ([f"{file}:2"], 1)


def test_a_secret_in_an_archive_is_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "tarball").mkdir()
    with tarfile.open(tmp_path / "tarball" / "x.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("inside.txt")
        content = b"hunter2-CANARY"
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    assert canary.leaks(tmp_path) == ([f"{tmp_path / 'tarball' / 'x.tar.gz'}:inside.txt:1"], 1)


def test_no_output_at_all_is_no_success(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "CACHE", tmp_path)
    assert canary.main() == 1
