"""Waits that can be seen: while nothing is heard, steps tell for how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

from assistant.events import Step

T = TypeVar("T")

SILENCE_S = 5.0  # between two steps


async def until_done(pending: asyncio.Future[Any], why: str) -> AsyncGenerator[Step, None]:
    """A step every few seconds until `pending` is done; it is cancelled where nobody waits on."""
    started = time.monotonic()
    try:
        while not (await asyncio.wait({pending}, timeout=SILENCE_S))[0]:
            yield Step(name="wait", detail=f"{why}, for {time.monotonic() - started:.0f} s")
    finally:
        if not pending.done():
            pending.cancel()
            await asyncio.wait({pending})


async def attended(events: AsyncGenerator[T, None], why: str) -> AsyncGenerator[T | Step, None]:
    """`events`, with steps wherever the next one lets itself be waited for."""
    while True:
        pending = asyncio.ensure_future(anext(events))
        async with aclosing(until_done(pending, why)) as waiting:
            async for step in waiting:
                yield step
        try:
            event = pending.result()
        except StopAsyncIteration:
            return
        yield event
