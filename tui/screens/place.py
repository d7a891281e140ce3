"""What every place is made of: the bars, the panes, the keys that mean the same everywhere."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer
from textual.worker import Worker, WorkerState

from assistant.events import Done, Failed
from indexes.errors import ErrorDocument, PaperdeskError
from indexes.papers import ReadingStatus
from tui.desk import Bookmark, Desk, DocumentKind, DocumentWanted, Scope
from tui.jobs import Job, JobEnded, JobNews, JobStarted, Outcome
from tui.keys import IN_A_PLACE, bindings
from tui.labels import NEXT_STATUS, STATUS, line, title_of
from tui.widgets.bars import PlaceBar, StatusBar

if TYPE_CHECKING:
    from assistant.listing import ListedPaper
    from tui.app import PaperdeskApp


class Place(Screen[None]):
    """One of the four places. Subclasses give its name and panes and own its handlers."""

    PLACE: ClassVar[str]
    PANES: ClassVar[tuple[str, ...]]
    """Ids of the panes in the order of Tab."""
    BINDINGS = bindings(IN_A_PLACE)
    AUTO_FOCUS = ""  # each place puts the focus where work begins

    def __init__(self) -> None:
        super().__init__()
        self.job: Job | None = None
        self._followed: dict[Worker[None], tuple[Job, list[Outcome]]] = {}

    def compose(self) -> ComposeResult:
        yield PlaceBar(self.PLACE)
        with Horizontal(id="panes"):
            yield from self.compose_panes()
        yield from self.compose_below()
        yield StatusBar()
        yield Footer(show_command_palette=False)

    def compose_panes(self) -> ComposeResult:
        """The panes, left to right."""
        raise NotImplementedError

    def compose_below(self) -> ComposeResult:
        """What stands between the panes and the status line."""
        yield from ()

    @property
    def desk(self) -> Desk:
        return self.paperdesk.desk

    @property
    def paperdesk(self) -> PaperdeskApp:
        return cast("PaperdeskApp", self.app)

    async def on_screen_resume(self) -> None:
        self.paperdesk.show_status()

    # Panes

    def pane_target(self, pane: str) -> Widget | None:
        """What takes the focus in a pane; None where it has nothing to focus."""
        for widget in self.query_one(f"#{pane}").walk_children(Widget):
            if widget.can_focus and widget.display:
                return widget
        return None

    def pane_open(self, pane: str) -> bool:
        """Whether Tab stops at a pane at this width."""
        return pane in self.PANES

    @property
    def current_pane(self) -> str | None:
        return next((p for p in self.PANES if self.query_one(f"#{p}").has_class("current")), None)

    def show_pane(self, pane: str, *, focus: bool = True) -> None:
        """Bring a pane to the front (where only one is shown) and put the focus there."""
        for name in self.PANES:
            self.query_one(f"#{name}").set_class(name == pane, "current")
        target = self.pane_target(pane) if focus else None
        if target is not None:
            target.focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for name in self.PANES:
            pane = self.query_one(f"#{name}")
            if pane in event.widget.ancestors_with_self:
                self.show_pane(name, focus=False)
                return

    def action_next_pane(self, step: int) -> None:
        panes = [name for name in self.PANES if self.pane_open(name)]
        if not panes:
            return
        here = panes.index(self.current_pane) if self.current_pane in panes else -1
        for distance in range(1, len(panes) + 1):
            pane = panes[(here + step * distance) % len(panes)]
            if self.pane_target(pane) is not None:
                self.show_pane(pane)
                return

    # Jobs: a worker follows the façade's events and posts them; screens handle the messages.

    def start(self, job: Job) -> None:
        """Follow a job's events. A job that still runs in this place is stopped."""
        self.job = job
        self.post_message(JobStarted(job))
        outcome: list[Outcome] = []
        self._followed[self._follow(job, outcome)] = (job, outcome)

    @work(exclusive=True, group="job", exit_on_error=False)
    async def _follow(self, job: Job, outcome: list[Outcome]) -> None:
        async with aclosing(job.events) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, (Done, Failed)):
                    outcome.append("done" if isinstance(event, Done) else "failed")
                self.post_message(JobNews(job, event))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state not in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED):
            return
        if event.worker not in self._followed:
            return
        job, outcome = self._followed.pop(event.worker)
        job.ended = True
        if self.job is job:
            self.job = None
        if event.state is WorkerState.ERROR:
            self.problem(_unexpected(event.worker.error))
            outcome.append("failed")
        self.post_message(JobEnded(job, outcome[-1] if outcome else "stopped"))

    def stop_job(self) -> bool:
        """Cancel what runs here; False where nothing does."""
        if self.job is None:
            return False
        job, self.job = self.job, None
        job.ended = True
        self.workers.cancel_group(self, "job")
        self.paperdesk.show_status()
        self.toast(f"Stopped: {job.title}")
        return True

    def action_back(self) -> None:
        if not self.stop_job() and not self.close_open() and self.PLACE != "library":
            self.go("library")

    def close_open(self) -> bool:
        """Close what is open on top (a filter, an overlay); False where nothing is."""
        return False

    # Saying things

    def toast(self, message: str, *, warning: bool = False) -> None:
        self.notify(
            line(message), markup=False, severity="warning" if warning else "information", timeout=4
        )

    def problem(self, error: ErrorDocument | PaperdeskError) -> None:
        """Show an error in a dialog that can be copied."""
        from tui.screens.problem import ProblemScreen

        document = error.document() if isinstance(error, PaperdeskError) else error
        self.app.push_screen(ProblemScreen(document))

    # Going places

    def go(self, place: str) -> None:
        self.paperdesk.action_place(place)

    def read(self, bookmark: Bookmark) -> None:
        self.desk.bookmark = bookmark
        self.desk.ref = bookmark.ref if self.desk.shelf.paper(bookmark.ref) else self.desk.ref
        self.go("reader")

    def ask_about(self, paper: ListedPaper | None) -> None:
        if paper is None:
            self.toast("Choose a paper first", warning=True)
            return
        self.desk.scope = Scope(title_of(paper), refs=(paper.ref,))
        self.go("ask")

    def draft(self, kind: DocumentKind, paper: ListedPaper | None) -> None:
        if paper is None:
            self.toast("Choose a paper first", warning=True)
        elif paper.state != "indexed":
            self.toast(
                f"{title_of(paper)} is not indexed yet: s in the library syncs", warning=True
            )
        else:
            self.desk.wanted = DocumentWanted(kind, paper.ref)
            self.go("report")

    def browse(self, paper: ListedPaper | None) -> None:
        if paper is not None and paper.url and paper.url.startswith(("https://", "http://")):
            self.app.open_url(paper.url)
            self.toast(f"Opening {paper.url}")
        else:
            self.toast("It has no page on the web", warning=True)

    def copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        self.toast(f"Copied {what}")

    def cycle_status(self, paper: ListedPaper | None) -> None:
        if paper is None:
            self.toast("Choose a paper first", warning=True)
            return
        status = NEXT_STATUS[ReadingStatus(paper.status)]
        try:
            self.desk.assistant.set_status(paper.ref, status)
            self.desk.reload()
        except PaperdeskError as error:
            self.problem(error)
            return
        self.toast(f"{STATUS[status]} {status.value}: {title_of(paper)}")
        self.post_message(ShelfChanged())


class ShelfChanged(Message):
    """The reading list was read anew."""


def _unexpected(error: BaseException | None) -> ErrorDocument:
    if isinstance(error, PaperdeskError):
        return error.document()
    if isinstance(error, asyncio.CancelledError):
        return ErrorDocument(code="stopped", message="the job was stopped", remedy="")
    return ErrorDocument(
        code="unexpected",
        message=f"something that should not happen did: {type(error).__name__}: {error}",
        remedy="please report it with these words",
    )
