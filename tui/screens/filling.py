"""What brings papers in: import, add, sync, retry, reindex, and the demo course."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from assistant.events import Event
from indexes.errors import PaperdeskError
from tui.jobs import Job
from tui.labels import count, is_link, line, shortened, title_of
from tui.screens.place import Place
from tui.widgets.details import group_line

if TYPE_CHECKING:
    from assistant.listing import ListedPaper

ASKED_FROM = 50
"""Downloads that are begun without asking."""


class FillingPlace(Place):
    """A place whose keys fill the library, one job at a time."""

    def _busy(self) -> bool:
        """Whether a job still runs here; says so."""
        if self.job is not None:
            self.toast(f"{self.job.title} is still running: Esc stops it", warning=True)
        return self.job is not None

    def _run(self, kind: str, title: str, events: AsyncIterator[Event]) -> None:
        if not self._busy():
            self.start(Job(kind, title, events))

    def action_sync(self) -> None:
        """The week under the cursor; beside it, in readings and details, the paper."""
        group, paper = self.desk.shelf.group(self.desk.group), self.desk.paper
        if self.current_pane != "weeks" and paper is not None:
            self._sync_paper(paper)
        elif group is None or group.id == "all":
            self.action_sync_all()
        elif not group.papers:
            self.toast("Nothing is to be read here", warning=True)
        elif group.week is not None:
            scope = {"course": group.course, "week": group.week}
            self._sync(f"sync week {line(group.week)}", **scope)
        else:
            refs = tuple(e.paper.ref for e in group.papers if e.paper is not None)
            self._sync("sync", refs=refs)

    def _sync_paper(self, paper: ListedPaper) -> None:
        if is_link(paper):
            self.toast("A link is not fetched: o opens it in the browser", warning=True)
        elif paper.state == "indexed" and paper.structure == "done":
            self.toast(f"{title_of(paper)} is indexed already")
        else:
            self._sync(
                f"sync {paper.arxiv_id or shortened(title_of(paper), 20)}", refs=(paper.ref,)
            )

    def action_sync_all(self) -> None:
        self._sync("sync")

    def _sync(self, title: str, **scope: Any) -> None:
        """Sync what `scope` names; many downloads are asked about first."""
        if self._busy():
            return
        try:
            downloads = self.desk.assistant.downloads_waiting(**scope)
        except PaperdeskError as error:
            self.problem(error)
            return

        def begin(sure: bool | None = True) -> None:
            if sure:
                self._run("sync", title, self.desk.assistant.sync(**scope))

        if downloads <= ASKED_FROM:
            begin()
            return
        from tui.screens.ask_for import ConfirmScreen

        question = (
            f"{title}: {downloads} papers are to be downloaded. arXiv asks for 3 s between "
            f"requests, so this takes {max(1, round(downloads * 3 / 60))} minutes or more. "
            "Esc stops it at any time; what has come stays."
        )
        self.app.push_screen(ConfirmScreen(question, f"Download {downloads} papers?"), begin)

    def action_retry(self) -> None:
        paper = self.desk.paper
        if paper is None or paper.state != "failed":
            self.toast("Only a failed paper can be tried again", warning=True)
            return
        self._sync(f"retry {paper.arxiv_id or shortened(title_of(paper), 20)}", refs=(paper.ref,))

    def action_reindex(self) -> None:
        self._run("reindex", "reindex", self.desk.assistant.reindex())

    def action_add(self) -> None:
        from tui.screens.add import AddScreen

        group = self.desk.shelf.group(self.desk.group)
        course = group.course if group is not None else None
        week = group.week if group is not None else None
        where = group_line(group) if group is not None and course else "your papers"

        def add(refs: list[str] | None) -> None:
            if refs:
                events = self.desk.assistant.add(refs, course=course, week=week)
                self._run("add", f"add {count(len(refs), 'paper')}", events)

        self.app.push_screen(AddScreen(where, self.desk.shelf), add)

    def action_import(self) -> None:
        from tui.screens.import_syllabus import ImportScreen

        def load(source: str | None) -> None:
            if source:
                events = self.desk.assistant.import_syllabus(source)
                self._run("import", "import", events)

        self.app.push_screen(ImportScreen(self.desk.assistant), load)

    def action_demo(self) -> None:
        """The demo has a library of its own: the application comes up again on that one."""
        if not self._busy():
            self.paperdesk.exit("demo")
