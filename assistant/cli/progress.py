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
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
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
        self._whole = shown.add_task("", total=total)
        self._papers: dict[str, tuple[str, TaskID]] = {}
        self._ended = 0

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress):
            return
        if event.key is None:
            self._say(event.message or event.stage)
            if event.total is not None:
                self._shown.update(self._whole, total=event.total, completed=event.done)
            return
        stage, task = self._papers.get(event.key, ("", None))
        if stage != event.stage and task is not None:
            self._shown.remove_task(task)
            del self._papers[event.key]
            task = None
        if event.stage in ENDINGS:
            self._end(event)
            return
        if task is None:
            task = self._shown.add_task(clean_line(f"{event.key} {event.stage}"), total=None)
            self._papers[event.key] = (event.stage, task)
        self._shown.update(task, total=event.total, completed=event.done)

    def _end(self, event: Progress) -> None:
        self._ended += 1
        self._say(f"{self._ended} done")
        self._shown.advance(self._whole)
        if event.stage == "failed":
            self._shown.console.print(clean_line(f"{event.key}: failed ({event.message})"))

    def _say(self, text: str) -> None:
        self._shown.update(self._whole, description=clean_line(text)[:48])


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
