"""The façade: everything that can be done with a library, for the command line and the TUI alike.

Reading is instant and comes from SQLite. What takes time is an async iterator of events whose last
one is Done or Failed; closing the iterator cancels the job, which leaves the library as it was or
one whole step further.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.events import Done, Event, Failed
from assistant.jobs import Jobs
from assistant.listing import ListedPaper, PaperList, list_papers
from assistant.scope import find_course, find_paper, scope_keys
from assistant.settings import Settings
from assistant.workspace import Workspace
from indexes.course_table import Course
from indexes.errors import ErrorDocument, PaperdeskError, UsageError
from indexes.folders import Home
from indexes.notebook import Note, StoredAnswer
from indexes.papers import Frozen, Paper, PaperState, ReadingStatus, Role
from indexes.passages import Box, Page, Passage, PassageKind
from indexes.reading_list import ReadingList
from ingest.progress import Report

if TYPE_CHECKING:
    from assistant.connection import Model
    from assistant.results import Answer, Document


class AddResult(Frozen):
    """`add --json`: the papers added, and the words that were not understood."""

    papers: tuple[ListedPaper, ...]
    not_understood: tuple[ErrorDocument, ...] = ()


class PaperAssistant:
    """One library, opened. Use it from one event loop; `aclose` it."""

    def __init__(self, home: Home, settings: Settings) -> None:
        """Open the library, making it where there is none; nothing heavy is loaded.

        Raises StorageError.
        """
        self.home = home
        self.settings = settings
        self._workspace = Workspace(home, settings)
        self._library = self._workspace.library
        self._jobs = Jobs()
        self._model: Model | None = None

    # -- instant ------------------------------------------------------------------------------

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
        from ingest.mupdf import render_page
        from ingest.store import PdfStore

        paper = self.resolve(ref)
        self._library.passages.page(paper.key, number)
        assert paper.sha256 is not None
        marks = [box.rect for box in boxes if box.page == number]
        return render_page(PdfStore(self.home.store).path(paper.sha256), number, dpi, marks)

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

    def model_name(self) -> str | None:
        """The language model that the settings name, None for none."""
        return self.settings.llm.display_name

    def _listed(self, keys: Collection[str]) -> PaperList:
        return list_papers(self._library, keys=keys)

    # -- getting things in --------------------------------------------------------------------

    def import_syllabus(
        self, source: str, *, course: str | None = None, dry_run: bool = False
    ) -> AsyncIterator[Event]:
        """A syllabus becomes a course of the library. Done: ReadingList."""

        def work(_report: Report, _stop: threading.Event) -> tuple[ReadingList, int]:
            from ingest.adding import add_reading_list
            from ingest.syllabus import read_syllabus_file

            path = Path(source).expanduser()
            reading_list = read_syllabus_file(path, course=course)
            if not dry_run:
                add_reading_list(self._library, reading_list, str(path.absolute()))
            return reading_list, 0

        return self._jobs.run(work)

    def add(
        self,
        refs: Sequence[str],
        *,
        course: str | None = None,
        week: str | None = None,
        role: Role | None = None,
    ) -> AsyncIterator[Event]:
        """Papers go on the list; only their form is checked. Done: AddResult.

        Fails with UsageError where no reference was understood.
        """

        def work(_report: Report, _stop: threading.Event) -> tuple[AddResult, int]:
            from ingest.adding import add_ref
            from ingest.refs import parse_ref

            keys: list[str] = []
            refused: list[UsageError] = []
            for text in refs:
                try:
                    ref = parse_ref(text)
                except UsageError as error:
                    refused.append(error)
                    continue
                paper = add_ref(self._library, ref, course=course, week=week, role=role)
                keys.append(paper.key)
            if not keys:
                raise refused[0] if refused else UsageError("no REF was given", "name a paper")
            result = AddResult(
                papers=self._listed(keys).papers,
                not_understood=tuple(error.document() for error in refused),
            )
            return result, len(refused)

        return self._jobs.run(work)

    def sync(
        self,
        refs: Sequence[str] = (),
        *,
        course: str | None = None,
        week: str | None = None,
        role: Role | None = None,
        update: bool = False,
        ocr: bool = False,
    ) -> AsyncIterator[Event]:
        """Fetch, parse and index what waits. Done: PaperList of what was asked for.

        `failed` counts those of them that could not be had, now or before.
        """

        def work(report: Report, stop: threading.Event) -> tuple[PaperList, int]:
            from assistant.syncing import sync_library

            keys = scope_keys(self._library, refs=refs, course=course, week=week, role=role)
            sync_library(
                self._workspace,
                keys,
                named=keys if refs and keys else (),
                update=update,
                ocr=ocr,
                report=report,
                stop=stop,
            )
            return self._synced(keys)

        return self._jobs.run(work, writes=True)

    def downloads_waiting(
        self,
        refs: Sequence[str] = (),
        *,
        course: str | None = None,
        week: str | None = None,
        role: Role | None = None,
    ) -> int:
        """How many papers a sync with these arguments would download."""
        from assistant.syncing import downloads

        keys = scope_keys(self._library, refs=refs, course=course, week=week, role=role)
        return downloads(self._library, keys, named=keys if refs and keys else ())

    def _synced(self, keys: set[str] | None) -> tuple[PaperList, int]:
        from ingest.selection import can_be_fetched

        wanted = {p.key for p in self._library.papers.all(keys=keys) if can_be_fetched(p)}
        listed = self._listed(wanted)
        return listed, sum(paper.state is PaperState.FAILED for paper in listed.papers)

    def reindex(self) -> AsyncIterator[Event]:
        """Rebuild the index from the library, without network. Done: PaperList."""

        def work(report: Report, stop: threading.Event) -> tuple[PaperList, int]:
            from assistant.syncing import rebuild_index

            rebuild_index(self._workspace, report, stop)
            return self._listed(
                {p.key for p in self._library.papers.all(states=[PaperState.INDEXED])}
            ), 0

        return self._jobs.run(work, writes=True)

    # -- asking -------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        refs: Sequence[str] = (),
        course: str | None = None,
        week: str | None = None,
        kinds: Collection[PassageKind] | None = None,
    ) -> AsyncIterator[Event]:
        """Passages, best first. Done: SearchResult."""

        def work(_report: Report, _stop: threading.Event) -> tuple[Frozen, int]:
            keys = scope_keys(self._library, refs=refs, course=course, week=week)
            return self._workspace.searcher.search(query, k=k, papers=keys, kinds=kinds), 0

        return self._jobs.run(work)

    async def ask(
        self,
        question: str,
        *,
        refs: Sequence[str] = (),
        course: str | None = None,
        week: str | None = None,
        thread: str | None = None,
        use_model: bool = True,
        keep: bool = True,
    ) -> AsyncIterator[Event]:
        """An answer with verified quotes, or "not in your papers". Done: Answer.

        The answer is stored among the library's, unless `keep` is False (evaluation).
        """
        import asyncio

        from assistant.answering import answer
        from assistant.results import Answer

        try:
            keys = scope_keys(self._library, refs=refs, course=course, week=week)
            searcher = await asyncio.to_thread(lambda: self._workspace.searcher)
            model = await asyncio.to_thread(self._open_model) if use_model else None
            events = answer(
                question,
                searcher=searcher,
                library=self._library,
                gate=self._workspace.gate,
                embedder=self._workspace.embedder,
                model=model,
                papers=keys,
                thread=thread,
            )
            async for event in events:
                if keep and isinstance(event, Done) and isinstance(event.result, Answer):
                    self._store_answer(event.result, refs, course, week)
                yield event
        except PaperdeskError as error:
            yield Failed(error=error.document(), exit_code=error.exit_code)

    def _store_answer(
        self, given: Answer, refs: Sequence[str], course: str | None, week: str | None
    ) -> None:
        scope = [
            *refs,
            *([f"course {course}"] if course else []),
            *([f"week {week}"] if week else []),
        ]
        self._library.answers.add(
            thread=given.thread or "",
            question=given.question,
            scope=", ".join(scope),
            mode=given.mode,
            model=given.model,
            document=given.model_dump_json(),
        )

    def _open_model(self) -> Model | None:
        """The configured model, connected and probed once. Raises ModelError."""
        if self._model is None:
            from assistant.connection import open_model

            self._model = open_model(self.settings.llm)
        return self._model

    # -- homework -----------------------------------------------------------------------------

    def summarize(
        self,
        ref: str,
        *,
        length: Literal["sentence", "short", "page"] = "short",
        use_model: bool = True,
    ) -> AsyncIterator[Event]:
        """A reading summary, each sentence with its quote. Done: Document."""

        def work(_report: Report, _stop: threading.Event) -> tuple[Document, int]:
            from assistant.summary import build_summary

            paper = self._readable(ref)
            document = build_summary(
                paper,
                length=length,
                library=self._library,
                embedder=self._workspace.embedder,
                gate=self._workspace.gate,
                model=self._open_model() if use_model else None,
            )
            return document, 0

        return self._jobs.run(work)

    def draft_report(
        self,
        refs: Sequence[str] = (),
        *,
        course: str | None = None,
        week: str | None = None,
        prompt: str | None = None,
        pages: int = 1,
        output: Path | None = None,
        use_model: bool = True,
    ) -> AsyncIterator[Event]:
        """A report outline to write from, saved where `output` names a file. Done: Document."""

        def work(_report: Report, _stop: threading.Event) -> tuple[Document, int]:
            from assistant.rendering import write_document
            from assistant.report import build_report

            papers = self._readable_papers(refs, course, week)
            document = build_report(
                papers,
                library=self._library,
                embedder=self._workspace.embedder,
                gate=self._workspace.gate,
                model=self._open_model() if use_model else None,
                prompt=prompt,
                pages=pages,
            )
            return document if output is None else write_document(document, papers, output), 0

        return self._jobs.run(work)

    def save_document(self, document: Document, output: Path) -> AsyncIterator[Event]:
        """A document drafted before, written to a .md, .pdf or .docx file. Done: Document."""

        def work(_report: Report, _stop: threading.Event) -> tuple[Document, int]:
            from assistant.rendering import write_document

            papers = [self.resolve(ref) for ref in document.refs]
            return write_document(document, papers, output), 0

        return self._jobs.run(work)

    def speaker_questions(
        self,
        refs: Sequence[str] = (),
        *,
        course: str | None = None,
        week: str | None = None,
        n: int = 5,
        use_model: bool = True,
    ) -> AsyncIterator[Event]:
        """Questions for the speaker or the discussion, each at a page. Done: Document."""

        def work(_report: Report, _stop: threading.Event) -> tuple[Document, int]:
            from assistant.questions import build_questions

            document = build_questions(
                self._readable_papers(refs, course, week),
                n=n,
                library=self._library,
                embedder=self._workspace.embedder,
                gate=self._workspace.gate,
                model=self._open_model() if use_model else None,
            )
            return document, 0

        return self._jobs.run(work)

    def _readable(self, ref: str) -> Paper:
        """A paper whose text is there. Raises UsageError naming what to do."""
        paper = self.resolve(ref)
        if paper.state is not PaperState.INDEXED:
            raise UsageError(
                f"{paper.ref} has not been read in yet (state: {paper.state})",
                f"get it first: paperdesk sync {paper.ref}",
            )
        return paper

    def _readable_papers(
        self, refs: Sequence[str], course: str | None, week: str | None
    ) -> list[Paper]:
        if refs:
            return [self._readable(ref) for ref in refs]
        keys = scope_keys(self._library, course=course, week=week)
        papers = self._library.papers.all(keys=keys, states=[PaperState.INDEXED])
        if keys is None or not papers:
            raise UsageError(
                "no paper to work on" if keys is None else "no paper of that week is indexed yet",
                "name a REF or a week, and run paperdesk sync before",
            )
        return papers

    async def aclose(self) -> None:
        """Stop what runs, close the model, the index and the library."""
        import asyncio

        await self._jobs.close()
        if self._model is not None:
            await asyncio.to_thread(self._model.close)
        await asyncio.to_thread(self._workspace.close)
