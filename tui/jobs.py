"""Long jobs: a façade's stream of events, followed by a worker that only posts messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

from textual.message import Message

from assistant.events import Event
from ingest.progress import Progress

Outcome = Literal["done", "failed", "stopped"]


@dataclass
class Job:
    """One running job: what the status bar says about it, and where its events come from."""

    kind: str
    title: str
    events: AsyncIterator[Event]
    progress: Progress | None = None
    ended: bool = False
    finished: set[str] = field(default_factory=set)

    def summary(self) -> str:
        """`sync 3/8`, `sync 62 %`, or just the title."""
        step = self.progress
        if step is None or not step.total:
            return self.title
        if step.key is None and step.total < 1000:
            return f"{self.title} {step.done}/{step.total}"
        return f"{self.title} {percent(step)}"


class JobNews(Message):
    """An event of a job."""

    def __init__(self, job: Job, event: Event) -> None:
        super().__init__()
        self.job = job
        self.event = event


class JobStarted(Message):
    """A job has begun."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


class JobEnded(Message):
    """A job has come to its end, one way or another."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        super().__init__()
        self.job = job
        self.outcome = outcome


def percent(step: Progress) -> str:
    """How far a step has come, as a share."""
    return f"{min(100, 100 * step.done // step.total)} %" if step.total else ""
