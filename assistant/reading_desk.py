"""What is instant: reading the library and marking what was read, straight from SQLite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from assistant.listing import ListedPaper, PaperList, list_papers
from assistant.scope import find_course, find_paper
from assistant.settings import Settings
from assistant.workspace import Workspace
from indexes.course_table import Course
from indexes.errors import UsageError
from indexes.folders import Home
from indexes.notebook import Note, StoredAnswer
from indexes.papers import Paper, PaperState, ReadingStatus, Role
from indexes.passages import Box, Page, Passage
from indexes.reading_list import ReadingList


class ReadingDesk:
    """The half of the façade that never waits. Calls are safe from several threads."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self._workspace = Workspace(home, settings)
        self._library = self._workspace.library

    def list_papers(
        self,
        *,
        course: str | None = None,
        week: str | None = None,
        state: PaperState | None = None,
        status: ReadingStatus | None = None,
        role: Role | None = None,
        keys: Collection[str] | None = None,
    ) -> PaperList:
        """The reading list, filtered. Raises UsageError for a course that is not there."""
        return list_papers(
            self._library,
            keys=keys,
            course=find_course(self._library, course),
            week=week,
            state=state,
            status=status,
            role=role,
        )

    def courses(self) -> list[Course]:
        return self._library.courses.all()

    def reading_list(self, course: str) -> ReadingList:
        """A course by weeks. Raises UsageError."""
        exact = find_course(self._library, course)
        assert exact is not None
        return self._library.courses.reading_list(exact)

    def resolve(self, text: str) -> Paper:
        """The library's paper for a REF. Raises UsageError, NotFoundError."""
        return find_paper(self._library, text)

    def page(self, ref: str, number: int) -> Page:
        return self._library.passages.page(self.resolve(ref).key, number)

    def pages(self, ref: str) -> list[Page]:
        return self._library.passages.pages(self.resolve(ref).key)

    def passages(self, ref: str) -> list[Passage]:
        """A paper's passages in reading order."""
        return self._library.passages.of(self.resolve(ref).key)

    def page_image(self, ref: str, number: int, boxes: Sequence[Box] = (), dpi: int = 144) -> bytes:
        """A page as PNG, with boxes drawn around what is cited. Blocks; call it in a thread.

        Raises NotFoundError for a page that is not there.
        """
        from ingest.store import PdfStore

        paper = self.resolve(ref)
        self._library.passages.page(paper.key, number)
        assert paper.sha256 is not None
        return self._workspace.parser.render_page(
            PdfStore(self.home.store).path(paper.sha256),
            number,
            dpi=dpi,
            boxes=[box.rect for box in boxes if box.page == number],
        )

    def set_status(self, ref: str, status: ReadingStatus, page: int | None = None) -> ListedPaper:
        paper = self.resolve(ref)
        if page is None:
            self._library.papers.update(paper.key, status=status)
        else:
            self._library.passages.page(paper.key, page)
            self._library.papers.update(paper.key, status=status, last_page=page)
        return self._listed([paper.key]).papers[0]

    def set_due(self, ref: str, due: dt.date | None) -> ListedPaper:
        paper = self.resolve(ref)
        if not self._library.courses.entries(paper=paper.key):
            from ingest.adding import list_paper

            list_paper(self._library, paper)
        self._library.courses.set_due(paper.key, due)
        return self._listed([paper.key]).papers[0]

    def add_note(self, ref: str, text: str, page: int | None = None) -> Note:
        paper = self.resolve(ref)
        if not text.strip():
            raise UsageError("the note is empty", "write its text after the REF")
        if page is not None:
            self._library.passages.page(paper.key, page)
        return self._library.notes.add(paper.key, text.strip(), page)

    def notes(self, ref: str) -> list[Note]:
        return self._library.notes.of(self.resolve(ref).key)

    def remove(self, refs: Sequence[str]) -> PaperList:
        """Take papers out of the library, and return them as they were.

        The stored PDF stays while another paper needs it. Raises LibraryBusyError, NotFoundError.
        """
        papers = [self.resolve(ref) for ref in refs]
        removed = self._listed([paper.key for paper in papers])
        # Papers without passages are not in the index: removing them needs no index.
        searched = [paper for paper in papers if paper.generation is not None]
        index = self._workspace.index if searched else None
        for paper in papers:
            self._library.papers.remove(paper.key)
            if index is not None and paper.generation is not None:
                index.delete_paper(paper.key)
            if paper.sha256 and not self._library.papers.find_sha256(paper.sha256):
                from ingest.store import PdfStore

                PdfStore(self.home.store).remove(paper.sha256)
        if index is not None:
            index.flush()
        return removed

    def answers(self, limit: int = 50) -> list[StoredAnswer]:
        return self._library.answers.recent(limit)

    def index_holder(self) -> str | None:
        """Which other process holds the index, None where it is free or ours."""
        return self._workspace.holder()

    def search_notice(self) -> str | None:
        """One line where search can't be as good as it should, None where all is well."""
        if self.settings.embedding.model is not None:
            return None  # what is wrong with a named embedder is an error, not a notice
        from indexes.embedding import bundled_problem

        return bundled_problem()

    def model_name(self) -> str | None:
        """The language model that the settings name, None for none."""
        return self.settings.llm.display_name

    def _listed(self, keys: Collection[str]) -> PaperList:
        return list_papers(self._library, keys=keys)
