"""The one owner of retries: at most three tries in thirty seconds, with a countdown to see."""

from __future__ import annotations

import asyncio
import email.utils
import math
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from assistant.events import Step


@dataclass(frozen=True)
class RetryPolicy:
    """`tries` in all, none begun later than `budget_s` after the first; waits double."""

    tries: int = 3
    budget_s: float = 30.0
    first_wait_s: float = 2.0

    def wait(self, tried: int, elapsed_s: float, retry_after_s: float | None) -> float | None:
        """Seconds to wait after `tried` tries, None where no further one is due."""
        if tried >= self.tries:
            return None
        wait = self.first_wait_s * 2 ** (tried - 1)
        if retry_after_s is not None:
            wait = max(wait if retry_after_s == 0 else 0.0, retry_after_s)
        return wait if elapsed_s + wait <= self.budget_s else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a response's Retry-After asks for (a number or an HTTP date)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


async def count_down(seconds: float, why: str) -> AsyncGenerator[Step, None]:
    """Wait, saying once a second how long it still takes."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        yield Step(name="retry", detail=f"{why}; trying again in {math.ceil(left)} s")
        await asyncio.sleep(min(1.0, left))
