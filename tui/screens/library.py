"""The library: weeks on the left, their readings in the middle, details on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Center, Middle, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from assistant.events import Done, Failed
from assistant.facade import AddResult
from indexes.errors import PaperdeskError
from ingest.progress import Progress
from tui.jobs import JobEnded, JobNews
from tui.keys import LIBRARY, bindings
from tui.labels import count, is_link, line, title_of
from tui.outcomes import said_of
from tui.screens.filling import FillingPlace
from tui.screens.place import ShelfChanged
from tui.shelf import names_of
from tui.widgets.details import describe, group_line
from tui.widgets.pane import Pane
from tui.widgets.rows import RowList
from tui.widgets.shelf_rows import ReadingRow, WeekRow

if TYPE_CHECKING:
    pass

_RELOAD_S = 0.3
_NEEDS_PAPERS = {
    *("sync", "sync_all", "cycle_status", "filter", "retry", "reindex", "ask", "summary"),
    *("report", "browser", "copy", "remove"),
}
_FIRST_RUN = Content.assemble(
    ("Paperdesk\n", "bold $accent"),
    ("Your reading list, the papers, and answers whose quotes were checked.\n\n", "$faint"),
    ("i", "bold $accent"),
    "  import a syllabus or reading list\n",
    ("a", "bold $accent"),
    "  add a paper by arXiv id, link or file\n",
    ("d", "bold $accent"),
    "  try the demo course that ships with it\n\n",
    ("? lists every key · Ctrl+Q leaves", "$faint"),
)


class LibraryScreen(FillingPlace):
    """The reading list, and everything that brings papers in."""

    PLACE = "library"
    PANES = ("weeks", "readings", "details")
    BINDINGS = bindings(LIBRARY)

    def __init__(self) -> None:
        super().__init__()
        self._steps: dict[str, Progress] = {}
        self._filter = ""
        self._wanted: str | None = None
        self._reload_due = False
        self._weeks = RowList(id="week-list")
        self._readings = RowList(empty="Nothing to read here", id="reading-list")
        self._details = Static(id="details-text")

    def compose_panes(self) -> ComposeResult:
        with Pane("Weeks", id="weeks"):
            yield self._weeks
        with Pane("Readings", id="readings"):
            yield Input(placeholder="filter by title, author, id, state", id="filter")
            yield self._readings
        with Pane("Details", id="details"), VerticalScroll(classes="pane-body"):
            yield self._details
        with Middle(id="first-run"), Center():
            yield Static(_FIRST_RUN, id="welcome")

    def on_mount(self) -> None:
        self.query_one("#filter").display = False
        self._next_opening_job()

    async def on_screen_resume(self) -> None:
        self.reload()
        if self.focused is None:
            self.show_pane("weeks" if self.desk.shelf.groups else "readings")

    # What is shown

    def reload(self) -> None:
        """Read the list anew and show it; cursor and selection stay."""
        self._reload_due = False
        try:
            self.desk.reload()
        except PaperdeskError as error:
            self.problem(error)
            return
        self._show_shelf()

    def on_shelf_changed(self, _: ShelfChanged) -> None:
        self._show_shelf()

    def _show_shelf(self) -> None:
        shelf, was_empty = self.desk.shelf, self.has_class("-empty")
        self.set_class(shelf.empty, "-empty")
        self._weeks.show([WeekRow(group) for group in shelf.groups])
        if not shelf.groups:
            self._readings.show([])
        if shelf.empty:
            self.set_focus(None)
        elif was_empty:
            self.show_pane("weeks")
        self.paperdesk.show_status()

    def on_row_list_highlighted(self, message: RowList.Highlighted) -> None:
        if isinstance(message.row, WeekRow):
            self.desk.group = message.row.id
            self._show_readings()
        elif isinstance(message.row, ReadingRow):
            paper = message.row.entry.paper
            self.desk.ref = paper.ref if paper is not None else None
            self._show_details()
        self.paperdesk.show_status()

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        if isinstance(message.row, WeekRow):
            if self._readings.rows:
                self.show_pane("readings")
            else:
                self.toast("Nothing is to be read here")
        elif not self.has_class("-wide") and self.current_pane != "details":
            self._open_details()
        else:
            self._read_chosen()

    def _show_readings(self) -> None:
        group = self.desk.shelf.group(self.desk.group)
        entries = group.entries if group is not None else ()
        rows = [ReadingRow(entry, self._steps) for entry in entries]
        shown = [row for row in rows if row.holds(self._filter)] if self._filter else rows
        self._readings.show(shown)
        remark = f"{len(shown)} of {len(rows)}" if self._filter else count(len(rows), "reading")
        pane = self.query_one("#readings", Pane)
        pane.heading.say(group_line(group) if group else "Readings", remark)
        if not shown:
            self.desk.ref = None
            self._details.update("")

    def _show_details(self) -> None:
        row = self._readings.chosen
        if not isinstance(row, ReadingRow):
            return
        full, notes = None, []
        paper = row.entry.paper
        if paper is not None:
            try:
                full = self.desk.assistant.resolve(paper.ref)
                notes = self.desk.assistant.notes(paper.ref)
            except PaperdeskError:
                full = None  # removed by another process: the next reload drops the row
        self._details.update(describe(row.entry, full, notes, row.step()))

    # The details pane lies over the list where there is no room beside it

    def pane_open(self, pane: str) -> bool:
        if self.desk.shelf.empty:
            return False
        return pane != "details" or not self.has_class("-medium") or self.has_class("-over")

    def pane_target(self, pane: str) -> Widget | None:
        return {"weeks": self._weeks, "readings": self._readings}.get(
            pane, self.query_one("#details .pane-body")
        )

    def _open_details(self) -> None:
        self.add_class("-over")
        self.show_pane("details")

    def close_open(self) -> bool:
        if self._filter or self.query_one("#filter").display:
            self._end_filter(keep=False)
            return True
        if self.current_pane == "details" and not self.has_class("-wide"):
            self.remove_class("-over")
            self.show_pane("readings")
            return True
        return False

    def on_key(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key == "enter" and self.current_pane == "details":
            event.stop()
            self._read_chosen()
        elif event.is_printable and self.desk.shelf.empty and event.key not in self.active_bindings:
            self.app.clear_notifications()
            self.toast("i imports a syllabus · a adds a paper · d opens the demo")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """An empty list offers only what fills it."""
        return not (action in _NEEDS_PAPERS and self.desk.shelf.empty)

    def _read_chosen(self) -> None:
        from tui.desk import Bookmark

        row = self._readings.chosen
        paper = row.entry.paper if isinstance(row, ReadingRow) else None
        if paper is None:
            return
        if is_link(paper):
            self.browse(paper)
        elif not paper.pages:
            self.toast(f"{title_of(paper)} is not here yet: s fetches it", warning=True)
        else:
            self.remove_class("-over")
            self.read(Bookmark(paper.ref, paper.last_page))

    # Filter

    def action_filter(self) -> None:
        box = self.query_one("#filter", Input)
        box.display = True
        self.show_pane("readings", focus=False)
        box.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._filter = event.value.strip()
        self._show_readings()

    def on_input_submitted(self) -> None:
        self._end_filter(keep=True)

    def _end_filter(self, *, keep: bool) -> None:
        box = self.query_one("#filter", Input)
        if not keep:
            box.value = ""
            self._filter = ""
        box.display = bool(box.value)
        self._show_readings()
        self.show_pane("readings")

    # Jobs

    def on_job_news(self, message: JobNews) -> None:
        event = message.event
        if isinstance(event, Progress):
            message.job.progress = event if event.key is None else message.job.progress or event
            self._note_step(event)
        elif isinstance(event, Failed):
            self.problem(event.error)
        elif isinstance(event, Done):
            said = said_of(message.job.kind, message.job.title, event, self.desk.shelf)
            self.toast(said, warning=bool(event.failed))
            if isinstance(event.result, AddResult) and event.result.papers:
                self._wanted = event.result.papers[-1].key

    def _note_step(self, step: Progress) -> None:
        if step.key is None:
            return
        if step.stage in ("done", "failed"):
            self._steps.pop(step.key, None)
            self._reload_soon()
        else:
            before = self._steps.get(step.key)
            if before is not None and before.stage != step.stage:
                self._reload_soon()
            self._steps[step.key] = step
        self._readings.redraw()
        row = self._readings.chosen
        paper = row.entry.paper if isinstance(row, ReadingRow) else None
        if paper is not None and step.key in names_of(paper):
            self._show_details()

    def _reload_soon(self) -> None:
        """One reading of the list for many papers that finish together."""
        if not self._reload_due:
            self._reload_due = True
            self.set_timer(_RELOAD_S, self.reload)

    def on_job_ended(self, message: JobEnded) -> None:
        self._steps.clear()
        self.reload()
        self._show_wanted()
        if message.outcome == "done":
            self._next_opening_job()
        else:
            self.paperdesk.opening.clear()

    def _show_wanted(self) -> None:
        """Put the cursors on what was just added."""
        wanted, self._wanted = self._wanted, None
        found = self.desk.shelf.place_of(wanted)
        if found is not None:
            group, entry = found
            self._weeks.choose(group.id)
            self.call_after_refresh(self._readings.choose, entry.id)

    def _next_opening_job(self) -> None:
        if self.job is None and self.paperdesk.opening:
            title, begin = self.paperdesk.opening.pop(0)
            self._run(title, title, begin(self.desk.assistant))

    # The selected paper

    def action_cycle_status(self) -> None:
        self.cycle_status(self.desk.paper)

    def action_ask(self) -> None:
        self.ask_about(self.desk.paper)

    def action_summary(self) -> None:
        self.draft("summary", self.desk.paper)

    def action_report(self) -> None:
        self.draft("report", self.desk.paper)

    def action_browser(self) -> None:
        self.browse(self.desk.paper)

    def action_copy(self) -> None:
        paper = self.desk.paper
        if paper is not None:
            self.copy(f"{title_of(paper)} {line(paper.url)}".strip(), "title and link")

    def action_remove(self) -> None:
        from tui.screens.ask_for import ConfirmScreen

        paper = self.desk.paper
        if paper is None:
            self.toast("Choose a paper first", warning=True)
            return

        def remove(sure: bool | None) -> None:
            if sure:
                try:
                    self.desk.assistant.remove((paper.ref,))
                except PaperdeskError as error:
                    self.problem(error)
                    return
                self.toast(f"Removed {title_of(paper)}")
                self.reload()

        question = f"Remove {title_of(paper)} with its notes and passages?"
        self.app.push_screen(ConfirmScreen(question), remove)
