"""Progress of long jobs on stderr: moving bars on a terminal, a line for each outcome elsewhere."""

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

_ENDINGS = frozenset({"done", "failed"})

# What a paper's stages are called, and where each begins on the way from nothing to done. The
# layout engine takes about half of the time.
_STAGES = {
    "fetch": ("fetching", 0.0),
    "parse": ("reading", 0.1),
    "embed": ("indexing", 0.15),
    "index": ("searchable", 0.45),
    "structure": ("labelling", 0.45),
    "done": ("done", 1.0),
}
_STAGE_ENDS = {"fetch": 0.1, "parse": 0.15, "embed": 0.45, "structure": 1.0}


@contextlib.contextmanager
def bars(out: Output) -> Iterator[Watcher]:
    """Progress over all and per paper, with the time left."""
    if not out.narrates_on_terminal:
        yield _Lines(out)
        return
    from rich.progress import BarColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress
    from rich.table import Column
    from rich.text import Text

    class TimeLeft(TimeRemainingColumn):
        """Of the whole alone: a paper waits between its stages, so its own pace says nothing."""

        def render(self, task: Task) -> Text:
            return Text("") if "paper" in task.fields else super().render(task)

    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(width=34, no_wrap=True)),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeLeft(),
    )
    console = out.console(stderr=True)
    with RichProgress(*columns, console=console, transient=True) as shown:
        yield _Bars(shown)


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
    """A line when a paper can be searched, is done or has failed, and for each wait."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._searchable: set[str] = set()

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress):
            return
        if event.key is None:
            if event.stage in {"metadata", "wait"} and event.message:
                self._out.note(event.message)
        elif event.stage == "index":
            if event.key not in self._searchable:
                self._searchable.add(event.key)
                self._out.note(f"{event.key}: searchable ({event.total} passages)")
        elif event.stage in _ENDINGS:
            detail = f" ({event.message})" if event.message else ""
            self._out.note(f"{event.key}: {event.stage}{detail}")


class _Bars:
    """One bar for the whole and one for each paper in work."""

    def __init__(self, shown: Bars) -> None:
        self._shown = shown
        self._whole = shown.add_task("", total=None)
        self._tasks: dict[str, TaskID] = {}
        self._reached: dict[str, float] = {}  # by paper: 0 to 1
        self._done = self._failed = 0
        self._total = 0  # papers in this run

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress):
            return
        if event.key is None:
            self._of_the_whole(event)
        else:
            self._of_paper(event.key, event)

    def _of_the_whole(self, event: Progress) -> None:
        self._say(event.message or event.stage)
        if event.stage == "sync":
            self._total = event.total or 0
        if event.stage not in {"metadata", "wait"}:  # those are waits of a job that counts papers
            self._shown.update(self._whole, total=event.total, completed=event.done)

    def _of_paper(self, key: str, event: Progress) -> None:
        stage, begins = _STAGES.get(event.stage, (event.stage, 0.0))
        share = event.done / event.total if event.total else 0.0
        reached = begins + (_STAGE_ENDS.get(event.stage, begins) - begins) * min(share, 1.0)
        self._reached[key] = max(self._reached.get(key, 0.0), reached)
        if event.stage in _ENDINGS:
            self._end(key, failed=event.stage == "failed")
        else:
            task = self._tasks.get(key)
            if task is None:
                task = self._tasks[key] = self._shown.add_task("", total=1.0, paper=key)
            self._shown.update(
                task,
                description=clean_line(f"{key.removeprefix('arxiv:')} {stage}")[:34],
                completed=self._reached[key],
                visible=event.stage != "index",  # it waits for the layout engine, unseen
            )
        failed = f", {self._failed} failed" if self._failed else ""
        self._say(f"{self._done} of {self._total} papers done{failed}")
        # What has failed takes no more time: it leaves the sum rather than filling it.
        self._shown.update(
            self._whole,
            total=max(self._total - self._failed, 0) or None,
            completed=sum(self._reached.values()),
        )

    def _end(self, key: str, *, failed: bool) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self._shown.remove_task(task)
        if failed:
            self._failed += 1
            del self._reached[key]
        else:
            self._done += 1

    def _say(self, text: str) -> None:
        self._shown.update(self._whole, description=clean_line(text)[:34])


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
