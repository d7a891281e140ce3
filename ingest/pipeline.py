"""Drives papers through their states: queued → fetched → parsed → indexed, then structure.

Fetching, parsing, embedding and the layout run side by side: one thread asks arXiv, one writes the
index, and a thread for each parser process keeps it busy. A paper is searchable when its text is
indexed; the layout engine labels it afterwards, whenever no paper is waiting to become searchable.

Each step records its intent before it begins and ends in one database transaction, so a process
that dies at any moment leaves a paper whole at its last state. A paper may be removed while it is
on its way, here or by another process: its next step finds it gone and clears away what was
written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from indexes.errors import IngestError, NotFoundError, PaperdeskError
from indexes.indexing import IndexWriter
from indexes.library import Library
from indexes.papers import Fault, Paper, PaperState, Structure
from indexes.passages import Passage
from ingest.parsing import CHUNKER, PageLayout, PdfParser, finish
from ingest.progress import Progress, Report
from ingest.reading_time import reading_minutes
from ingest.sources import Sources, of_version
from ingest.stopping import StoppedError
from ingest.structure import label

# Papers in a row that arXiv does not give before the rest is not asked for in this run.
_GIVE_UP_AFTER = 3
_OUT_OF_REACH = frozenset({"offline", "rate_limited", "refused", "timeout"})

# Pages a layout job takes: small enough that two processes share the tail of one paper, large
# enough that opening the file again does not show.
_LAYOUT_PAGES = 4


@dataclass
class _Layout:
    """A paper's layout on its way: the ranges still to come, and what came."""

    paper: Paper
    missing: int
    layouts: list[PageLayout] = field(default_factory=list)


class Pipeline:
    """One run over a set of papers. `run` blocks; every other method is its business."""

    def __init__(
        self,
        library: Library,
        sources: Sources,
        parser: PdfParser,
        writer: IndexWriter,
        *,
        report: Report = lambda _: None,
        stop: threading.Event | None = None,
    ) -> None:
        self._library = library
        self._sources = sources
        self._parser = parser
        self._writer = writer
        self._report = report
        self._stop = stop or threading.Event()
        self._unsearchable: set[str] = set()  # papers on their way to being searchable
        self._searchable = threading.Condition()

    def run(self, papers: Sequence[Paper], *, update: bool = False) -> None:
        """Bring each paper as far as it will go.

        What goes wrong with one paper is recorded with it and the rest goes on. Raises
        StorageError where nothing can be written any more, ModelError where the embedder is down,
        StoppedError when stopped.
        """
        with (
            ThreadPoolExecutor(1, "fetch") as fetching,
            ThreadPoolExecutor(self._parser.workers, "parse") as parsing,
            ThreadPoolExecutor(1, "index") as indexing,
            ThreadPoolExecutor(self._parser.workers, "layout") as layout,
        ):
            self._pools = (parsing, indexing, layout)
            self._pending: set[Future[object]] = set()
            self._pending_lock = threading.Lock()
            try:
                self._submit(fetching, self._fetch_all, list(papers), update)
                while True:
                    with self._pending_lock:
                        pending = set(self._pending)
                    if not pending:
                        break
                    done, _ = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                    with self._pending_lock:
                        self._pending -= done
                    for future in done:
                        future.result()
            except BaseException:
                with self._pending_lock:  # from here on no step submits another
                    self._stop.set()
                with self._searchable:
                    self._searchable.notify_all()
                raise

    # -- scheduling ---------------------------------------------------------------------------

    def _submit(
        self, pool: ThreadPoolExecutor, step: Callable[..., object], *arguments: object
    ) -> None:
        with self._pending_lock:
            self._check_stop()
            self._pending.add(pool.submit(step, *arguments))

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise StoppedError

    def _guard(self, paper: Paper, step: Callable[[], None]) -> IngestError | None:
        """Run a step of one paper; a fault of the paper is recorded and returned, not raised."""
        try:
            self._check_stop()
            step()
        except IngestError as error:
            fault = error
        except StoppedError:
            raise
        except PaperdeskError:
            if self._library.papers.get(paper.key) is not None:
                raise
            self._clear_away(paper)  # whatever it stumbled over
            return None
        except Exception as error:  # noqa: BLE001 - what one paper trips over must not stop the rest
            fault = _unforeseen(error)
        else:
            return None
        self._fail(paper, fault)
        return fault

    def _fail(self, paper: Paper, error: IngestError) -> None:
        fault = Fault(code=error.code, message=str(error), retryable=error.retryable)
        try:
            with self._commit(paper) as held:
                if held.state is not PaperState.INDEXED:
                    self._library.papers.fail(paper.key, fault)
                else:
                    # What is searchable stays so: a failed update or layout takes nothing away.
                    self._library.papers.update(paper.key)
        except NotFoundError:
            self._clear_away(paper)
            return
        self._leave(paper)
        self._report(Progress(stage="failed", key=paper.key, message=fault.message))

    def _clear_away(self, paper: Paper) -> None:
        """Take back what was written of a paper that was removed meanwhile."""
        self._writer.drop_generations(paper.key, keep=None)
        if paper.sha256 is not None:
            self._sources.discard(paper.sha256)
        self._leave(paper)

    def _leave(self, paper: Paper) -> None:
        """No one waits any more for this paper to become searchable."""
        with self._searchable:
            self._unsearchable.discard(paper.key)
            self._searchable.notify_all()

    @contextmanager
    def _commit(self, paper: Paper) -> Iterator[Paper]:
        """One transaction, given the paper as the library has it. Raises NotFoundError."""
        with self._library.database.transaction():
            yield self._library.papers.require(paper.key)

    # -- steps --------------------------------------------------------------------------------

    def _fetch_all(self, papers: list[Paper], update: bool) -> None:
        behind: list[Paper] = []
        for paper in papers:
            if self._is_current(paper) and not update:
                self._start_layout(paper)
            else:
                behind.append(paper)
        known = self._sources.describe(behind, self._report, self._stop, refresh=update)
        unreached = 0
        for paper in behind:
            outcome = known.get(paper.key)
            if outcome is None:  # removed meanwhile
                continue
            if isinstance(outcome, IngestError):
                self._fail(paper, outcome)
            elif self._is_current(outcome):
                self._start_layout(outcome)
            elif unreached >= _GIVE_UP_AFTER and not self._sources.holds(outcome):
                self._fail(outcome, _not_asked())
            else:
                with self._searchable:
                    self._unsearchable.add(outcome.key)
                fault = self._guard(outcome, lambda paper=outcome: self._fetch(paper))  # type: ignore[misc]
                unreached = unreached + 1 if fault and fault.code in _OUT_OF_REACH else 0

    def _is_current(self, paper: Paper) -> bool:
        """Whether the text that is searched is that of the paper's file, as it is cut now."""
        return (
            paper.state is PaperState.INDEXED
            and paper.generation == self._writer.generation(CHUNKER, paper.sha256)
            and self._sources.holds(paper)
        )

    def _fetch(self, paper: Paper) -> None:
        """Get the file where the store lacks it.

        A searched paper keeps its old one until the new text is indexed.
        """
        parsing, _, _ = self._pools
        if not self._sources.holds(paper):
            self._library.papers.intend(paper.key, "fetch")
            sha256 = self._sources.fetch(paper, self._report, self._stop)
            paper = paper.model_copy(update={"sha256": sha256})
            try:
                paper = self._fetched(paper)
            except NotFoundError:
                self._clear_away(paper)
                return
        if self._is_current(paper):
            self._leave(paper)
            self._start_layout(paper)
        else:
            self._submit(parsing, self._guard, paper, lambda: self._parse(paper))

    def _fetched(self, paper: Paper) -> Paper:
        """The paper with its file recorded. Raises NotFoundError where it was removed meanwhile."""
        with self._commit(paper):
            if paper.state is not PaperState.INDEXED:
                return self._library.papers.advance(
                    paper.key, PaperState.FETCHED, sha256=paper.sha256
                )
            if self._is_current(paper):  # the same file again
                return self._library.papers.update(paper.key, **of_version(paper))
            return paper

    def _parse(self, paper: Paper) -> None:
        """Read the text and cut it into passages.

        A paper that is searched already keeps its old pages until the new generation is indexed.
        """
        _, indexing, _ = self._pools
        generation = self._writer.generation(CHUNKER, paper.sha256)
        self._library.papers.intend(paper.key, "parse")
        self._report(Progress(stage="parse", key=paper.key))
        parsed = self._parser.parse(self._sources.path(paper), stop=self._stop)
        passages = [finish(draft, paper.key, generation) for draft in parsed.passages]
        fields = of_version(paper) | {
            "title": paper.title or parsed.title,
            "abstract": paper.abstract or parsed.abstract,
            "pages": len(parsed.pages),
            "minutes": reading_minutes(passages),
            "structure": Structure.PENDING,
        }

        def write_pages() -> None:
            self._library.passages.write_pages(paper.key, parsed.pages, parsed.references)

        with self._commit(paper):
            self._library.passages.write(paper.key, generation, passages)
            if paper.state is not PaperState.INDEXED:
                write_pages()
                self._library.papers.advance(paper.key, PaperState.PARSED, **fields)
        self._submit(
            indexing,
            self._guard,
            paper,
            lambda: self._index(paper, passages, generation, fields, write_pages),
        )

    def _index(
        self,
        paper: Paper,
        passages: list[Passage],
        generation: str,
        fields: dict[str, object],
        write_pages: Callable[[], None],
    ) -> None:
        """Write the generation, verify it, make it the live one, drop what it replaces."""
        self._library.papers.intend(paper.key, "index")
        self._writer.write(paper, passages, self._counting("embed", paper))
        with self._commit(paper) as before:
            if paper.state is PaperState.INDEXED:
                write_pages()
            paper = self._library.papers.advance(
                paper.key, PaperState.INDEXED, generation=generation, **fields
            )
            self._library.passages.drop_generations(paper.key, keep=generation)
        self._writer.drop_generations(paper.key, keep=generation)
        if before.sha256 is not None and before.sha256 != paper.sha256:
            self._sources.discard(before.sha256)
        self._leave(paper)
        self._report(
            Progress(stage="index", key=paper.key, done=len(passages), total=len(passages))
        )
        self._start_layout(paper)

    def _start_layout(self, paper: Paper) -> None:
        """Have the layout engine look at the paper, unless it has."""
        if paper.structure is Structure.DONE:
            return
        _, _, layout = self._pools
        assert paper.pages is not None
        ranges = [
            (first, min(first + _LAYOUT_PAGES - 1, paper.pages))
            for first in range(1, paper.pages + 1, _LAYOUT_PAGES)
        ]
        self._library.papers.intend(paper.key, "structure")
        job = _Layout(paper, missing=len(ranges))
        for first, last in ranges:
            self._submit(
                layout,
                self._guard,
                paper,
                lambda first=first, last=last: self._lay_out(job, first, last),
            )

    def _lay_out(self, job: _Layout, first: int, last: int) -> None:
        with self._searchable:
            self._searchable.wait_for(lambda: not self._unsearchable or self._stop.is_set())
        self._check_stop()
        try:
            layouts = self._parser.layout(
                self._sources.path(job.paper), first, last, stop=self._stop
            )
        except IngestError:
            layouts = []  # pages the engine can't read keep the labels that the text gave them
        with self._searchable:
            job.layouts.extend(layouts)
            job.missing -= 1
            missing = job.missing
        total = job.paper.pages
        self._report(
            Progress(stage="structure", key=job.paper.key, done=len(job.layouts), total=total)
        )
        if missing == 0:
            _, indexing, _ = self._pools
            self._submit(
                indexing, self._guard, job.paper, lambda: self._label(job.paper, job.layouts)
            )

    def _label(self, paper: Paper, layouts: list[PageLayout]) -> None:
        """Apply the labels: the index first, then the library in one transaction.

        Cut off between the two, the index holds passages that the library does not know, which are
        never shown, and the next run does the same again.
        """
        self._library.papers.require(paper.key)
        layouts.sort(key=lambda page: page.number)
        revision = label(self._library.passages.of(paper.key), layouts)
        self._writer.revise(paper, revision.changed, revision.removed, revision.added)
        with self._commit(paper):
            self._library.passages.revise(
                paper.key,
                revision.changed,
                revision.removed,
                revision.added,
                revision.references,
            )
            minutes = reading_minutes(self._library.passages.of(paper.key))
            self._library.papers.update(paper.key, structure=Structure.DONE, minutes=minutes)
        self._report(Progress(stage="done", key=paper.key, message=paper.title or paper.key))

    def _counting(self, stage: str, paper: Paper) -> Callable[[int, int], None]:
        def count(done: int, total: int) -> None:
            self._check_stop()
            self._report(Progress(stage=stage, key=paper.key, done=done, total=total))

        return count


def _not_asked() -> IngestError:
    return IngestError(
        "offline",
        f"not asked for: {_GIVE_UP_AFTER} papers in a row could not be had",
        "run paperdesk sync again later",
        retryable=True,
    )


def _unforeseen(error: Exception) -> IngestError:
    return IngestError(
        "internal",
        f"Paperdesk could not handle this file ({type(error).__name__}: {error})",
        "please report it with the file",
        retryable=False,
    )
