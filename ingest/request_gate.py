"""One request to arXiv at a time, and a pause between any two, across threads and processes.

A lock on a file is held for the whole of a request, so there are never two connections at once. The
file holds when the last request ended and until when the server asked to be left alone. The pause
counts from the end of a request: so two requests are that far apart at the server as well, however
long the first one took to arrive there.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import IngestError, StorageError
from ingest.stopping import check, wait

LONGEST_POSTPONEMENT_S = 3600.0  # a larger Retry-After counts as this

_POLL_S = 0.02
_RECORD = "{:020.6f} {:020.6f}\n"  # end of the last request, not before; seconds since the epoch


@dataclass
class Turn:
    """The right to ask now."""

    not_before: float  # seconds since the epoch

    def postpone(self, seconds: float) -> None:
        """Let nobody through for `seconds` after this turn: what a `Retry-After` asks for."""
        until = time.time() + min(seconds, LONGEST_POSTPONEMENT_S)
        self.not_before = max(self.not_before, until)


class RequestGate:
    """The turnstile in front of arXiv; see the module's text.

    `queue_s`: how long to stand in line behind another process before giving up. `announce` is told
    the seconds of a wait that the server asked for.
    """

    def __init__(
        self,
        path: Path,
        interval_s: float,
        *,
        queue_s: float = 600.0,
        announce: Callable[[float], None] | None = None,
    ) -> None:
        self._path = path
        self._interval_s = interval_s
        self._queue_s = queue_s
        self._announce = announce

    @contextmanager
    def turn(self, patience_s: float, stop: threading.Event | None = None) -> Iterator[Turn]:
        """Hold the one connection for the time of the `with` block.

        Raises IngestError `rate_limited` at once where the server asked for a longer pause than
        `patience_s`, and `timeout` where another process keeps its turn for longer than `queue_s`;
        StorageError where the file cannot be written; StoppedError.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self._await_turn(descriptor, patience_s, stop)
            turn = Turn(not_before=self._read(descriptor)[1])
            try:
                yield turn
            finally:
                self._write(descriptor, time.time(), turn.not_before)
        finally:
            os.close(descriptor)  # drops the lock

    def _await_turn(self, descriptor: int, patience_s: float, stop: threading.Event | None) -> None:
        """Return with the lock held and the pause over.

        The pause is waited for without the lock, so that who waits longest is not shut out by who
        asked last.
        """
        give_up = time.monotonic() + self._queue_s
        while True:
            check(stop)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise IngestError(
                        "timeout",
                        f"another Paperdesk process has kept arXiv busy for {self._queue_s:.0f} s",
                        "let it finish or end it, then run `paperdesk sync` again",
                        retryable=True,
                    ) from None
                wait(_POLL_S, stop)
                continue
            due = self._due(descriptor)
            if due <= 0:
                return
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            if due > self._interval_s:
                if due > patience_s:
                    raise IngestError(
                        "rate_limited",
                        f"arXiv asked for no request for another {_duration(due)}",
                        f"run `paperdesk sync` again in {_duration(due)}",
                        retryable=True,
                    )
                if self._announce is not None:
                    self._announce(due)
            wait(due, stop)

    def _due(self, descriptor: int) -> float:
        """Seconds until the next request may start. The lock is held."""
        now = time.time()
        last, not_before = self._read(descriptor)
        if last > now or not_before > now + LONGEST_POSTPONEMENT_S:
            # Written before the clock was set back: count from now, or nobody would ever get in.
            last, not_before = min(last, now), min(not_before, now + LONGEST_POSTPONEMENT_S)
            self._write(descriptor, last, not_before)
        return max(last + self._interval_s, not_before) - now

    def _read(self, descriptor: int) -> tuple[float, float]:
        try:
            last, not_before = os.pread(descriptor, 100, 0).split()
            return float(last), float(not_before)
        except ValueError:
            return 0.0, 0.0  # a new file

    def _write(self, descriptor: int, last: float, not_before: float) -> None:
        try:
            os.pwrite(descriptor, _RECORD.format(last, not_before).encode(), 0)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path} cannot be written ({error.strerror})",
            "free some space or make the library folder writable",
        )


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
