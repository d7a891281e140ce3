"""The PDF store: files by the SHA-256 of their bytes, whole or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from indexes.errors import IngestError, StorageError

HEAD = 1024  # bytes within which a PDF must announce itself, as PDF readers have it
RESERVE = 64_000_000  # bytes that stay free: database and index need room to stay whole

_PARTIAL = ".part"
_STALE_S = 3600.0
_BLOCK = 1 << 20
_NAME = 64  # hex digits


class PdfStore:
    """PDFs under `folder`, as `ab/abcdef….pdf`.

    A file appears under its name only when it is complete and on disk (temporary file, fsync,
    rename, fsync of the folders), so a crash leaves the store as it was. Putting the same bytes
    again changes nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._remove_stale()

    def path(self, sha256: str) -> Path:
        """Where the PDF with this hash lies, or would lie."""
        if len(sha256) != _NAME or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(f"not a SHA-256 in hex: {sha256!r}")
        return self._folder / sha256[:2] / f"{sha256}.pdf"

    def __contains__(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A temporary file to fill; `keep()` it within the block, else it is gone after it.

        Raises StorageError where the disk is full or read-only.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._require_space()
            descriptor, name = tempfile.mkstemp(suffix=_PARTIAL, dir=self._folder)
        except OSError as error:
            raise self._unwritable(error) from error
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield Incoming(self, file, temporary)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def put(self, source: bytes | IO[bytes]) -> str:
        """Store the PDF and return its SHA-256. Raises IngestError, StorageError."""
        with self.incoming() as incoming:
            if isinstance(source, bytes):
                incoming.file.write(source)
            else:
                shutil.copyfileobj(source, incoming.file, _BLOCK)
            return incoming.keep()

    def put_file(self, path: Path) -> str:
        """Store a copy of a local PDF and return its SHA-256.

        Raises IngestError (`not_found`, `refused`, `unsupported`, `empty`, `not_pdf`),
        StorageError.
        """
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # a pipe or device may never end
                raise IngestError(
                    "unsupported", f"{path} is not a file", "give a PDF file", retryable=False
                )
            source = path.open("rb")
        except FileNotFoundError as error:
            raise IngestError(
                "not_found", f"there is no file {path}", "check the path", retryable=False
            ) from error
        except OSError as error:
            raise IngestError(
                "refused",
                f"{path} cannot be read ({error.strerror})",
                "make it readable",
                retryable=True,
            ) from error
        with source:
            return self.put(source)

    def remove(self, sha256: str) -> None:
        """Delete a PDF; one that is not there is no error. Raises StorageError."""
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _require_space(self) -> None:
        if shutil.disk_usage(self._folder).free < RESERVE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _unwritable(self, error: OSError) -> StorageError:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return StorageError(
            f"the PDF store {self._folder} cannot be written ({error.strerror or error})",
            "free some space" if full else "make the folder writable",
        )

    def _remove_stale(self) -> None:
        """Remove what a killed process left half written; young files may still be filled."""
        with suppress(OSError):
            for leftover in self._folder.glob(f"*{_PARTIAL}"):
                if time.time() - leftover.stat().st_mtime > _STALE_S:
                    leftover.unlink()


class Incoming:
    """A PDF on its way into the store: write to `file`, then `keep`."""

    def __init__(self, store: PdfStore, file: IO[bytes], temporary: Path) -> None:
        self.file = file
        self._store = store
        self._temporary = temporary

    def keep(self) -> str:
        """Move it into the store and return its SHA-256.

        Raises IngestError `empty` or `not_pdf` where the bytes are no PDF; nothing is stored then.
        """
        self.file.flush()
        digest = _inspect(self.file)
        target = self._store.path(digest)
        if not _same_size(target, self.file):
            os.fsync(self.file.fileno())
            target.parent.mkdir(mode=0o700, exist_ok=True)
            self._temporary.replace(target)
            _sync_folder(target.parent)
            _sync_folder(target.parent.parent)
        return digest


def _inspect(file: IO[bytes]) -> str:
    """The SHA-256 of a PDF's bytes; IngestError where they are none."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise IngestError("empty", "the file is empty", "get it again", retryable=False)
    if b"%PDF-" not in head:
        raise IngestError(
            "not_pdf",
            "it is an HTML page instead of a PDF" if _is_html(head) else "it is not a PDF",
            "check the address or the file",
            retryable=False,
        )
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _is_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<!--"))


def _same_size(stored: Path, file: IO[bytes]) -> bool:
    """Whether the store holds it already; a file cut short by a broken disk is replaced."""
    try:
        return stored.stat().st_size == os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
