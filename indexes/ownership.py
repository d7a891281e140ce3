"""One owner per library: an advisory lock taken before the index is opened.

The kernel drops the lock when its process dies, so nothing needs clearing after a crash; the file's
content is for people.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import socket
import sys
from pathlib import Path
from typing import Self

from indexes.errors import LibraryBusyError, StorageError
from indexes.folders import ENVIRONMENT


class Ownership:
    """Holds the lock of a library from `acquire` to `release`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> Self:
        """Take the lock. Raises LibraryBusyError naming the holder; StorageError if unwritable."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"the library folder {self._path.parent} is not writable ({error.strerror})",
                f"make it writable or point {ENVIRONMENT} at another folder",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = describe_holder(self._path)
            os.close(descriptor)
            raise LibraryBusyError(
                f"the library's index is in use by {holder}",
                "wait for it, or close it; list, show and notes work meanwhile",
            ) from None
        content = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "command": " ".join(["paperdesk", *sys.argv[1:]])[:200],
        }
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(content).encode(), 0)
        except OSError:
            pass  # a full disk must not keep the library from opening: the lock itself holds
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def describe_holder(path: Path) -> str:
    """`process 4711 (paperdesk sync) on host since …`, as far as the lock file tells."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"process {held['pid']} ({held['command']}) on {held['host']} since {held['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
