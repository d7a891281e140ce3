"""Blocking work as a stream of events: a thread does it, an async iterator tells of it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from pydantic import BaseModel

from assistant.events import Done, Event, Failed
from indexes.errors import PaperdeskError
from ingest.progress import Progress, Report
from ingest.stopping import StoppedError

# The thread gets a way to report and an event that asks it to stop; it returns the result and how
# many items failed.
Work = Callable[[Report, threading.Event], tuple[BaseModel, int]]


class Jobs:
    """The jobs of one façade. Those that write run one after the other."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[Any], threading.Event] = {}
        self._writing = asyncio.Lock()

    async def run(self, work: Work, *, writes: bool = False) -> AsyncIterator[Event]:
        """Yield the job's progress, then Done or Failed.

        Closing the iterator asks the thread to stop and does not wait for it; the next job that
        writes does.
        """
        events: asyncio.Queue[Progress | None] = asyncio.Queue()
        stop = threading.Event()
        loop = asyncio.get_running_loop()

        def report(progress: Progress) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody listens any more
                loop.call_soon_threadsafe(events.put_nowait, progress)

        async def work_in_thread() -> tuple[BaseModel, int]:
            async with self._writing if writes else contextlib.nullcontext():
                if stop.is_set():
                    raise StoppedError
                return await asyncio.to_thread(work, report, stop)

        task = asyncio.create_task(work_in_thread())
        self._running[task] = stop
        task.add_done_callback(lambda _: events.put_nowait(None))
        task.add_done_callback(self._forget)
        try:
            while (progress := await events.get()) is not None:
                yield progress
            result, failed = task.result()
        except PaperdeskError as error:
            yield Failed(error=error.document(), exit_code=error.exit_code)
        except StoppedError:
            return
        else:
            yield Done(result=result, failed=failed)
        finally:
            stop.set()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.pop(task, None)
        if not task.cancelled():
            task.exception()  # looked at, so that a job nobody waits for does not complain

    async def close(self) -> None:
        """Ask every job to stop, and wait until each has."""
        for stop in self._running.values():
            stop.set()
        if self._running:
            await asyncio.wait(list(self._running))
