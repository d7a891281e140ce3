"""Child processes that open PDFs, so that no file can crash, stall or fill the program.

Each child is reused for many jobs, within limits on memory, processor time, wall time and the size
of its answer. One that breaks a limit is killed and replaced; the job ends as an IngestError.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from indexes.errors import IngestError, PaperdeskError
from ingest.stopping import StoppedError, check

BASE_S = 20.0  # wall and processor time of a job that does nothing for long
PAGE_S = 0.5  # more for every page of text
LAYOUT_PAGE_S = 4.0  # more for every page of layout
MEMORY_BYTES = 3 << 30  # address space of a child
ANSWER_BYTES = 256 << 20
_POLL_S = 0.05  # how soon a stop takes effect
HEADER = struct.Struct(">Q")

_CHILD = "import sys; sys.path[:] = {path!r}; from ingest.pdf_jobs import serve; serve()"


class Pages(NamedTuple):
    """A child's word that its job has so many pages, and may take so much longer."""

    number: int


class Refusal(NamedTuple):
    """An IngestError on its way through a pipe."""

    code: str
    message: str
    remedy: str
    retryable: bool = False


class WorkerPool:
    """Up to `size` children (one a processor unless told otherwise), started when first needed.

    Safe to call from several threads.
    """

    def __init__(self, size: int | None = None) -> None:
        self.size = size or max(1, len(_processors()))
        self._lock = threading.Condition()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._waiting: list[tuple[int, int]] = []
        self._tickets = itertools.count()
        self._closed = False

    def run(
        self,
        job: str,
        *arguments: object,
        priority: int = 0,
        seconds: float = BASE_S,
        per_page: float = PAGE_S,
        stop: threading.Event | None = None,
    ) -> Any:
        """What `job` of ingest.pdf_jobs returns; lower `priority` goes first.

        The time allowed is `seconds` plus `per_page` for every page the job reports. Raises
        whatever PaperdeskError the job raised; IngestError damaged, timeout or too_large where the
        child died or went past a limit; StoppedError.
        """
        with self._child(priority, stop) as child:
            try:
                answer = child.call((job, arguments), seconds, per_page, stop)
            except StoppedError:
                raise
            except PaperdeskError:
                if self._closed:
                    raise StoppedError from None
                raise
        if isinstance(answer, Refusal):
            raise IngestError(
                answer.code, answer.message, answer.remedy, retryable=answer.retryable
            )
        return answer

    @contextlib.contextmanager
    def _child(self, priority: int, stop: threading.Event | None) -> Iterator[_Child]:
        ticket = (priority, next(self._tickets))
        with self._lock:
            heapq.heappush(self._waiting, ticket)
            try:
                while self._waiting[0] != ticket or len(self._busy) >= self.size:
                    self._check(stop)
                    self._lock.wait(_POLL_S if stop is not None else None)
                self._check(stop)
                child = self._idle.pop() if self._idle else _Child()
                self._busy.add(child)
            finally:
                self._waiting.remove(ticket)
                heapq.heapify(self._waiting)
                self._lock.notify_all()
        try:
            yield child
        finally:
            with self._lock:
                self._busy.discard(child)
                if child.alive and not self._closed:
                    self._idle.append(child)
                else:
                    child.discard()
                self._lock.notify_all()

    def _check(self, stop: threading.Event | None) -> None:
        if self._closed:
            raise StoppedError
        check(stop)

    @property
    def pids(self) -> list[int]:
        """Process ids of the children alive now."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._busy) if child.alive]

    @property
    def busy(self) -> int:
        """How many jobs run now."""
        return len(self._busy)

    @property
    def waiting(self) -> int:
        """How many jobs wait for a child."""
        return len(self._waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill every child at once; running and waiting jobs end as StoppedError."""
        with self._lock:
            self._closed = True
            for child in self._busy:
                child.kill()  # its user sees the pipe end and clears away
            for child in self._idle:
                child.discard()
            self._idle.clear()
            self._lock.notify_all()


class _Child:
    """One process and its two pipes. Used by one thread at a time, killed from any."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD.format(path=[p or str(Path.cwd()) for p in sys.path])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            process_group=0,  # Ctrl-C at the terminal is the parent's to handle
            bufsize=0,
        )
        self.alive = True

    @property
    def pid(self) -> int:
        return self._process.pid

    def call(
        self,
        request: object,
        seconds: float,
        per_page: float,
        stop: threading.Event | None,
    ) -> Any:
        """Send a job and wait for its answer: an object, or the Refusal it ended in."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        try:
            message = pickle.dumps((request, seconds, per_page))
            _write(self._process.stdin, HEADER.pack(len(message)) + message)
            while True:
                answer = pickle.loads(  # noqa: S301 - our own child's, over our own pipe
                    self._receive(self._process.stdout, deadline, stop)
                )
                if not isinstance(answer, Pages):
                    return answer
                deadline += per_page * answer.number
        except (OSError, EOFError, pickle.PickleError) as error:
            self.kill()
            raise IngestError(
                "damaged",
                "the PDF made its reader crash",
                "add another copy of it",
                retryable=False,
            ) from error
        except (PaperdeskError, StoppedError):
            self.kill()
            raise

    def _receive(self, pipe: IO[bytes], deadline: float, stop: threading.Event | None) -> bytes:
        (length,) = HEADER.unpack(self._read(pipe, HEADER.size, deadline, stop))
        if length > ANSWER_BYTES:
            raise IngestError(
                "too_large", "the PDF holds too much to index", "add a part of it", retryable=False
            )
        return self._read(pipe, length, deadline, stop)

    def _read(
        self, pipe: IO[bytes], length: int, deadline: float, stop: threading.Event | None
    ) -> bytes:
        data = bytearray()
        while len(data) < length:
            check(stop)
            left = deadline - time.monotonic()
            if left <= 0:
                raise IngestError(
                    "timeout",
                    "reading the PDF took too long",
                    "sync again with --retry-failed, or add another copy",
                    retryable=False,
                )
            ready, _, _ = select.select([pipe], [], [], min(left, _POLL_S if stop else 1.0))
            if ready:
                piece = os.read(pipe.fileno(), min(length - len(data), 1 << 20))
                if not piece:
                    raise EOFError
                data += piece
        return bytes(data)

    def kill(self) -> None:
        """End the process at once. The pipes stay, since another thread may be reading them."""
        self.alive = False
        self._process.kill()
        self._process.wait()

    def discard(self) -> None:
        """End the process and close its pipes, once no thread uses them."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _write(pipe: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _processors() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))
