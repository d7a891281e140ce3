"""Drives papers through their states: queued → fetched → parsed → indexed, then structure.

Fetching, parsing, embedding and the layout run side by side: one thread asks arXiv, one writes the
index, and a thread for each parser process keeps it busy. A paper is searchable when its text is
indexed; the layout engine labels it afterwards, whenever no paper is waiting to become searchable.

Each step records its intent before it begins and ends in one database transaction, so a process
that dies at any moment leaves a paper whole at its last state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from indexes.errors import IngestError, StorageError
from indexes.indexing import IndexWriter
from indexes.library import Library
from indexes.papers import Fault, Paper, PaperState, Structure
from indexes.passages import Passage
from ingest.parsing import CHUNKER, PageLayout, PdfParser, finish
from ingest.progress import Progress, Report
from ingest.reading_time import reading_minutes
from ingest.sources import Sources
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
        self._unsearchable = 0  # papers on their way to being searchable
        self._searchable = threading.Condition()

    def run(self, papers: Sequence[Paper], *, update: bool = False) -> None:
        """Bring each paper as far as it will go.

        What goes wrong with one paper is recorded with it and the rest goes on. Raises
        StorageError where nothing can be written any more, StoppedError when stopped.
        """
        with (
            ThreadPoolExecutor(1, "fetch") as fetching,
            ThreadPoolExecutor(self._parser.workers, "parse") as parsing,
            ThreadPoolExecutor(1, "index") as indexing,
            ThreadPoolExecutor(self._parser.workers, "layout") as layout,
        ):
            self._pools = (parsing, indexing, layout)
            self._pending: set[Future[None]] = set()
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
                self._stop.set()
                with self._searchable:
                    self._searchable.notify_all()
                raise

    # -- scheduling ---------------------------------------------------------------------------

    def _submit(
        self, pool: ThreadPoolExecutor, step: Callable[..., None], *arguments: object
    ) -> None:
        with self._pending_lock:
            self._pending.add(pool.submit(step, *arguments))

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise StoppedError

    def _guard(self, paper: Paper, step: Callable[[], None], awaited: bool = True) -> None:
        """Run a step of one paper; a fault of the paper is recorded, not raised.

        `awaited` says that the step is one of those that make the paper searchable.
        """
        try:
            self._check_stop()
            step()
        except (StoppedError, StorageError):
            raise
        except Exception as error:  # noqa: BLE001 - what one paper trips over must not stop the rest
            self._fail(paper, _as_ingest_error(error))
            if awaited:
                self._became_searchable()

    def _fail(self, paper: Paper, error: IngestError) -> None:
        held = self._library.papers.get(paper.key)
        if held is None:  # removed meanwhile
            return
        fault = Fault(code=error.code, message=str(error), retryable=error.retryable)
        if held.state is PaperState.INDEXED:
            # What is searchable stays so: a failed update or layout takes nothing away.
            self._library.papers.update(paper.key, structure=held.structure)
        else:
            self._library.papers.fail(paper.key, fault)
        self._report(Progress(stage="failed", key=paper.key, message=fault.message))

    def _became_searchable(self) -> None:
        with self._searchable:
            self._unsearchable -= 1
            self._searchable.notify_all()

    # -- steps --------------------------------------------------------------------------------

    def _fetch_all(self, papers: list[Paper], update: bool) -> None:
        parsing, _, _ = self._pools
        current: list[Paper] = []
        for paper in papers:
            if paper.state is PaperState.INDEXED and not update and self._is_current(paper):
                self._start_layout(paper)
            else:
                current.append(paper)
        known = self._sources.describe(current, self._report, self._stop, refresh=update)
        unreached = 0
        for paper in current:
            outcome = known[paper.key]
            if isinstance(outcome, IngestError):
                self._fail(paper, outcome)
                continue
            if outcome.state is PaperState.INDEXED and self._is_current(outcome):
                if outcome.structure is Structure.PENDING:
                    self._start_layout(outcome)
                continue
            if unreached >= _GIVE_UP_AFTER and not self._sources.holds(outcome):
                self._fail(outcome, _not_asked())
                continue
            with self._searchable:
                self._unsearchable += 1
            self._guard(outcome, lambda paper=outcome: self._fetch(paper, parsing))  # type: ignore[misc]
            fault = self._library.papers.require(outcome.key).error
            unreached = unreached + 1 if fault and fault.code in _OUT_OF_REACH else 0

    def _is_current(self, paper: Paper) -> bool:
        return paper.generation == self._writer.generation(CHUNKER) and paper.sha256 is not None

    def _fetch(self, paper: Paper, parsing: ThreadPoolExecutor) -> None:
        if not self._sources.holds(paper):
            self._library.papers.intend(paper.key, "fetch")
            sha256 = self._sources.fetch(paper, self._report, self._stop)
            if paper.state is PaperState.INDEXED:
                paper = self._library.papers.update(paper.key, sha256=sha256)
            else:
                paper = self._library.papers.advance(paper.key, PaperState.FETCHED, sha256=sha256)
        self._submit(parsing, self._guard, paper, lambda: self._parse(paper))

    def _parse(self, paper: Paper) -> None:
        """Read the text and cut it into passages.

        A paper that is searched already keeps its old pages until the new generation is indexed.
        """
        _, indexing, _ = self._pools
        generation = self._writer.generation(CHUNKER)
        self._library.papers.intend(paper.key, "parse")
        self._report(Progress(stage="parse", key=paper.key))
        parsed = self._parser.parse(self._sources.path(paper), stop=self._stop)
        passages = [finish(draft, paper.key, generation) for draft in parsed.passages]
        fields: dict[str, object] = {
            "pages": len(parsed.pages),
            "minutes": reading_minutes(passages),
            "structure": Structure.PENDING,
        }
        if paper.title is None and parsed.title is not None:
            fields["title"] = parsed.title
        if paper.abstract is None and parsed.abstract is not None:
            fields["abstract"] = parsed.abstract

        def write_pages() -> None:
            self._library.passages.write_pages(paper.key, parsed.pages, parsed.references)

        with self._library.database.transaction():
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
        with self._library.database.transaction():
            if paper.state is PaperState.INDEXED:
                write_pages()
            paper = self._library.papers.advance(
                paper.key, PaperState.INDEXED, generation=generation, **fields
            )
            self._library.passages.drop_generations(paper.key, keep=generation)
        self._writer.drop_generations(paper.key, keep=generation)
        self._became_searchable()
        self._report(
            Progress(stage="index", key=paper.key, done=len(passages), total=len(passages))
        )
        self._start_layout(paper)

    def _start_layout(self, paper: Paper) -> None:
        _, _, layout = self._pools
        assert paper.pages is not None
        ranges = [
            (first, min(first + _LAYOUT_PAGES - 1, paper.pages))
            for first in range(1, paper.pages + 1, _LAYOUT_PAGES)
        ]
        self._library.papers.intend(paper.key, "structure")
        job = _Layout(paper, missing=len(ranges))
        for first, last in ranges:
            self._submit(layout, self._lay_out, job, first, last)

    def _lay_out(self, job: _Layout, first: int, last: int) -> None:
        with self._searchable:
            self._searchable.wait_for(lambda: self._unsearchable <= 0 or self._stop.is_set())
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
                indexing, self._guard, job.paper, lambda: self._label(job.paper, job.layouts), False
            )

    def _label(self, paper: Paper, layouts: list[PageLayout]) -> None:
        """Apply the labels: the index first, then the library in one transaction.

        Cut off between the two, the index holds passages that the library does not know, which are
        never shown, and the next run does the same again.
        """
        if self._library.papers.get(paper.key) is None:
            return
        layouts.sort(key=lambda page: page.number)
        revision = label(self._library.passages.of(paper.key), layouts)
        self._writer.revise(paper, revision.changed, revision.removed, revision.added)
        with self._library.database.transaction():
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


def _as_ingest_error(error: Exception) -> IngestError:
    if isinstance(error, IngestError):
        return error
    return IngestError(
        "internal",
        f"Paperdesk could not handle this file ({type(error).__name__}: {error})",
        "please report it with the file",
        retryable=False,
    )
