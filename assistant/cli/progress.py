"""Progress of long jobs on stderr: moving bars on a terminal, lines elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from assistant.cli.output import Output
from assistant.events import Event, Step, TextDelta
from indexes.cleaning import clean_line
from ingest.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID
    from rich.status import Status

Watcher = Callable[[Event], None]
ENDINGS = frozenset({"done", "failed"})


@contextlib.contextmanager
def bars(out: Output, total: int | None = None) -> Iterator[Watcher]:
    """Progress per paper and over all; `total` is the number of papers where it is known."""
    if not out.narrates_on_terminal:
        yield _Lines(out)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = out.console(stderr=True)
    with RichProgress(*columns, console=console, transient=True) as shown:
        yield _Bars(shown, total)


@contextlib.contextmanager
def steps(out: Output, doing: str) -> Iterator[Watcher]:
    """What the assistant is doing: one moving line on a terminal, a line a step elsewhere."""
    if not out.narrates_on_terminal:
        yield _StepLines(out)
        return
    from rich.text import Text

    with out.console(stderr=True).status(Text(doing), spinner="line") as status:
        yield _StepStatus(status)


class _Lines:
    """One line for each stage that a paper enters."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._stages: dict[str | None, str] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress) or self._stages.get(event.key) == event.stage:
            return
        self._stages[event.key] = event.stage
        subject = f"{event.key}: " if event.key else ""
        detail = f" ({event.message})" if event.message else ""
        self._out.note(f"{subject}{event.stage}{detail}")


class _Bars:
    """One bar for the whole and one for each paper in work."""

    def __init__(self, shown: Bars, total: int | None) -> None:
        self._shown = shown
        self._whole = shown.add_task("all papers", total=total)
        self._papers: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress):
            return
        if event.key is None:
            self._shown.update(
                self._whole, description=clean_line(event.message or event.stage)[:48]
            )
            if event.total is not None:
                self._shown.update(self._whole, total=event.total, completed=event.done)
            return
        key = event.key
        if event.stage in ENDINGS:
            if key in self._papers:
                self._shown.remove_task(self._papers.pop(key))
            self._shown.advance(self._whole)
            if event.stage == "failed":
                self._shown.console.print(clean_line(f"{key}: failed ({event.message})"))
            return
        if key not in self._papers:
            self._papers[key] = self._shown.add_task(key, total=None)
        self._shown.update(
            self._papers[key],
            description=clean_line(f"{key} {event.stage}"),
            total=event.total,
            completed=event.done,
        )


class _StepLines:
    def __init__(self, out: Output) -> None:
        self._out = out

    def __call__(self, event: Event) -> None:
        if isinstance(event, Step) and event.status != "done":
            self._out.note(_step(event))


class _StepStatus:
    """Shows the step, then the last words of the answer as they come (they are provisional)."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._text = ""

    def __call__(self, event: Event) -> None:
        from rich.text import Text

        if isinstance(event, Step):
            self._status.update(Text(_step(event)))
        elif isinstance(event, TextDelta):
            self._text = (self._text + event.text)[-60:]
            self._status.update(Text(f"… {clean_line(self._text)}"))
        elif isinstance(event, Progress):
            self._status.update(Text(clean_line(event.message or event.stage)))


def _step(step: Step) -> str:
    failed = " failed" if step.status == "failed" else ""
    return clean_line(f"{step.name}{failed}: {step.detail}" if step.detail else step.name + failed)
