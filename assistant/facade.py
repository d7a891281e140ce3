"""The façade: everything that can be done with a library, for the command line and the TUI alike.

What is instant is the reading desk's (`assistant.reading_desk`). What takes time is an async
iterator of events whose last one is Done or Failed; closing the iterator cancels the job, which
leaves the library as it was or one whole step further.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.events import Done, Event, Failed, Step
from assistant.jobs import Jobs
from assistant.listing import ListedPaper, PaperList
from assistant.model_keeper import ModelKeeper
from assistant.reading_desk import ReadingDesk
from assistant.scope import scope_keys
from assistant.settings import Settings
from indexes.errors import ErrorDocument, PaperdeskError, StorageError, UsageError
from indexes.folders import Home
from indexes.papers import Frozen, Paper, PaperState, Role
from indexes.passages import PassageKind
from indexes.reading_list import ReadingList
from ingest.progress import Report

if TYPE_CHECKING:
    from assistant.connection import Model
    from assistant.results import Answer, Document


class AddResult(Frozen):
    """`add --json`: the papers added, and the words that were not understood."""

    papers: tuple[ListedPaper, ...]
    not_understood: tuple[ErrorDocument, ...] = ()


class PaperAssistant(ReadingDesk):
    """One library, opened. Use it from one event loop; `aclose` it."""

    def __init__(self, home: Home, settings: Settings) -> None:
        """Open the library, making it where there is none; nothing heavy is loaded.

        Raises StorageError.
        """
        super().__init__(home, settings)
        self._jobs = Jobs()
        self._models = ModelKeeper(settings.llm)

    # -- getting things in --------------------------------------------------------------------

    def import_syllabus(
        self, source: str, *, course: str | None = None, dry_run: bool = False
    ) -> AsyncIterator[Event]:
        """A syllabus becomes a course of the library. Done: ReadingList."""

        def work(_report: Report, _stop: threading.Event) -> tuple[ReadingList, int]:
            from ingest.adding import add_reading_list
            from ingest.syllabus import read_syllabus_file

            if source.lower().startswith(("http://", "https://")):
                raise UsageError(
                    "a reading list is imported from a file, not from an address",
                    "save the page from your browser and import the file",
                )
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
            model: Model | None = None
            if use_model:
                async with aclosing(self._models.opened()) as opening:
                    async for opened in opening:
                        if isinstance(opened, Step):
                            yield opened
                        else:
                            model = opened
            answering = answer(
                question,
                searcher=searcher,
                library=self._library,
                gate=self._workspace.gate,
                embedder=self._workspace.embedder,
                model=model,
                papers=keys,
                thread=thread,
            )
            async with aclosing(answering) as events:
                async for event in events:
                    if keep and isinstance(event, Done) and isinstance(event.result, Answer):
                        try:
                            self._store_answer(event.result, refs, course, week)
                        except StorageError as error:  # an answer that can't be kept is still one
                            yield Step(name="store", detail=error.message, status="failed")
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
                model=self._models.model() if use_model else None,
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
                model=self._models.model() if use_model else None,
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
                model=self._models.model() if use_model else None,
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

        await asyncio.to_thread(self._models.close)
        await self._jobs.close()
        await asyncio.to_thread(self._workspace.close)
