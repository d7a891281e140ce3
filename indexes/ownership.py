"""One owner per library: an advisory lock taken before the index is opened.

The kernel drops the lock when its process dies, so nothing needs clearing after a crash; the file's
content is for people.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import socket
import sys
import time
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
        """Take the lock; taking it again changes nothing.

        Raises LibraryBusyError naming the holder, StorageError if the folder is not writable.
        """
        if self._descriptor is not None:
            return self
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"the library folder {self._path.parent} is not writable ({error.strerror})",
                f"make it writable or point {ENVIRONMENT} at another folder",
            ) from error
        if not _lock(descriptor):
            holder = describe_holder(self._path)
            os.close(descriptor)
            raise LibraryBusyError(
                f"the library's index is in use by {holder}",
                "wait for it, or close it; list, show and notes work meanwhile",
            )
        content = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "command": " ".join(["paperdesk", *sys.argv[1:]])[:200],
        }
        # A full disk must not keep the library from opening: the lock itself holds.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(content).encode(), 0)
        self._descriptor = descriptor
        return self

    @property
    def held(self) -> bool:
        """Whether the lock is ours."""
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _lock(descriptor: int) -> bool:
    """Take the lock, bearing with a process that only looks whether it is held."""
    for _ in range(5):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.01)
    return False


def describe_holder(path: Path) -> str:
    """`process 4711 (paperdesk sync) on host since …`, as far as the lock file tells."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"process {held['pid']} ({held['command']}) on {held['host']} since {held['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def is_held(path: Path) -> bool:
    """Whether some process holds the lock right now."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
