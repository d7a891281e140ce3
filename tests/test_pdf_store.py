"""The PDF store: whole files or none."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from indexes.errors import IngestError, StorageError
from ingest import store as store_module
from ingest.store import PdfStore

PDF = b"%PDF-1.7\nsome paper\n%%EOF\n"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> PdfStore:
    return PdfStore(folder)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_content_is_the_address(store: PdfStore, folder: Path, tmp_path: Path) -> None:
    assert SHA256 not in store
    local = tmp_path / "paper.pdf"
    local.write_bytes(PDF)
    assert store.put(PDF) == store.put(io.BytesIO(PDF)) == store.put_file(local) == SHA256
    assert SHA256 in store
    assert files(folder) == [f"{SHA256[:2]}/{SHA256}.pdf"]
    assert store.path(SHA256).read_bytes() == local.read_bytes() == PDF
    with pytest.raises(ValueError, match="SHA-256"):
        store.path("../../etc/passwd")


def test_a_pdf_may_begin_within_the_first_kilobyte(store: PdfStore) -> None:
    store.put(b"\n" * 1000 + PDF)
    with pytest.raises(IngestError):
        store.put(b"\n" * 1024 + PDF)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "empty", "empty"),
        (b"<!DOCTYPE html><html>", "not_pdf", "HTML page instead of a PDF"),
        (b"\xef\xbb\xbf\n<HTML>", "not_pdf", "HTML page instead of a PDF"),
        (b"PK\x03\x04", "not_pdf", "not a PDF"),
    ],
)
def test_what_is_no_pdf_is_refused(
    store: PdfStore, folder: Path, content: bytes, code: str, says: str
) -> None:
    with pytest.raises(IngestError, match=says) as raised:
        store.put(content)
    assert (raised.value.code, raised.value.retryable) == (code, False)
    assert files(folder) == []


def test_local_files_that_cannot_be_read(store: PdfStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, code in [
        (tmp_path / "missing.pdf", "not_found"),
        (tmp_path, "unsupported"),
        (tmp_path / "pipe", "unsupported"),
        (tmp_path / "missing.pdf" / "x", "not_found"),
    ]:
        with pytest.raises(IngestError) as raised:
            store.put_file(path)
        assert raised.value.code == code


class _Crash(Exception):  # noqa: N818 - stands for a kill
    pass


def test_a_crash_leaves_the_store_as_it_was(
    store: PdfStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise _Crash

    with pytest.raises(_Crash), store.incoming() as incoming:
        crash(incoming.file.write(PDF))
    assert files(folder) == []
    for call in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os if call == "fsync" else Path, call, crash)
            with pytest.raises(_Crash):
                store.put(PDF)
        assert files(folder) == []
        assert SHA256 not in store
    assert store.put(PDF) == SHA256


def test_the_bytes_are_on_disk_before_the_name(
    store: PdfStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        order.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    store.put(PDF)
    assert order == ["file", "rename", "folder", "folder"]


def test_a_damaged_copy_is_replaced(store: PdfStore) -> None:
    store.put(PDF)
    store.path(SHA256).write_bytes(PDF[:10])
    store.put(PDF)
    assert store.path(SHA256).read_bytes() == PDF


def test_removing(store: PdfStore, folder: Path) -> None:
    store.put(PDF)
    for _ in range(2):
        store.remove(SHA256)
        assert SHA256 not in store
    assert files(folder) == []


def test_leftovers_go_when_they_are_old(store: PdfStore, folder: Path) -> None:
    store.put(PDF)
    old, young = folder / "tmpold.part", folder / "tmpyoung.part"
    for path in (old, young):
        path.write_bytes(b"%PDF-half")
    os.utime(old, (time.time() - 7200,) * 2)
    PdfStore(folder)
    assert files(folder) == [f"{SHA256[:2]}/{SHA256}.pdf", "tmpyoung.part"]


def test_a_full_disk_is_said(
    store: PdfStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageError, match="free some space"), store.incoming():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert files(folder) == []
    usage = shutil.disk_usage(folder)
    scarce = usage._replace(free=store_module.RESERVE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: scarce)
    with pytest.raises(StorageError, match="free some space"):
        store.put(PDF)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="writable"):
        PdfStore(tmp_path / "file" / "store").put(PDF)
