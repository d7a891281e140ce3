"""The pipeline's steps one at a time: updates, removals, stops and faults in the middle of a run.

PDFs are lines of text here and reading them is a stand-in; arXiv, the store, the library and the
index are real.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexes.edge import EdgeIndex
from indexes.errors import ModelError, StorageError
from indexes.folders import Home
from indexes.indexing import IndexWriter
from indexes.library import Library
from indexes.papers import Paper, PaperState, Structure
from indexes.passages import Page
from indexes.search import Searcher
from ingest import arxiv_metadata, replica_faults
from ingest.adding import add_ref
from ingest.config import ArxivSettings
from ingest.drafts import ParsedPaper, PassageDraft
from ingest.pipeline import Pipeline
from ingest.progress import Progress
from ingest.refs import parse_ref
from ingest.replica import Replica
from ingest.sources import Sources
from ingest.stopping import StoppedError
from ingest.store import PdfStore
from ingest.structure import Revision
from ingest.transport import ArxivClient, Patience

ONE, TWO = "2401.00001", "2401.00002"


class LineReader:
    """Reads a "PDF" whose lines after the first are its passages."""

    workers = 2

    def __init__(self) -> None:
        self.on_parse: Callable[[], None] = lambda: None
        self.on_layout: Callable[[], None] = lambda: None

    def parse(self, path: Path, *, stop: threading.Event | None = None) -> ParsedPaper:
        self.on_parse()
        _, *lines = path.read_text().splitlines()
        return ParsedPaper(
            pages=(Page(number=1, width=612, height=792, text="\n".join(lines)),),
            passages=tuple(
                PassageDraft(ordinal=i, page=1, text=line) for i, line in enumerate(lines)
            ),
        )

    def layout(
        self, path: Path, first: int, last: int, *, stop: threading.Event | None = None
    ) -> list[object]:
        self.on_layout()
        return []


@dataclass
class Bench:
    """One library with everything a pipeline needs."""

    home: Home
    shelf: Path
    replica: Replica
    library: Library
    index: EdgeIndex
    client: ArxivClient
    parser: LineReader = field(default_factory=LineReader)
    events: list[Progress] = field(default_factory=list)
    on_event: Callable[[Progress], None] = lambda _: None
    pipeline: Pipeline | None = None

    @property
    def store(self) -> PdfStore:
        return PdfStore(self.home.store)

    def publish(self, arxiv_id: str, version: int, *lines: str) -> None:
        text = "\n".join(["%PDF-1.4", *lines])
        (self.shelf / f"{arxiv_id}v{version}.pdf").write_text(text)

    def add(self, *refs: str) -> list[Paper]:
        return [add_ref(self.library, parse_ref(ref)) for ref in refs]

    def sync(self, *, update: bool = False, stop: threading.Event | None = None) -> None:
        sources = Sources(self.library, self.store, self.client)
        writer = IndexWriter(self.library, self.index, None)

        def report(event: Progress) -> None:
            self.events.append(event)
            self.on_event(event)

        self.pipeline = Pipeline(
            self.library,
            sources,
            self.parser,  # type: ignore[arg-type]
            writer,
            report=report,
            stop=stop,
        )
        self.pipeline.run(self.library.papers.all(), update=update)

    def pools_closed(self) -> bool:
        assert self.pipeline is not None
        return all(pool._shutdown for pool in self.pipeline._pools)

    def paper(self, arxiv_id: str = ONE) -> Paper:
        return self.library.papers.require(f"arxiv:{arxiv_id}")

    def found(self, query: str) -> list[tuple[str, str]]:
        hits = Searcher(self.library, self.index, None).search(query).hits
        return [(hit.ref, hit.text) for hit in hits]

    def files(self) -> list[str]:
        return sorted(path.read_text() for path in self.home.store.rglob("*.pdf"))


@pytest.fixture
def bench(
    home: Home, tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    monkeypatch.setattr("ingest.pipeline.label", lambda held, layouts: Revision((), (), (), None))
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with Replica(shelf) as replica:
        settings = ArxivSettings(url=replica.url, interval_s=0)
        with ArxivClient(settings, home.arxiv_gate, patience=Patience(tries=1)) as client:
            index = EdgeIndex(home.index, None)
            yield Bench(home, shelf, replica, library, index, client)
            index.close()


def test_a_new_version_replaces_text_index_and_file_together(bench: Bench) -> None:
    bench.publish(ONE, 1, "the old zebra", "shared words")
    bench.add(ONE)
    bench.sync()
    bench.publish(ONE, 2, "the new giraffe", "shared words")
    bench.sync(update=True)
    assert bench.found("zebra giraffe words") == [
        (f"arxiv:{ONE}v2", "the new giraffe"),
        (f"arxiv:{ONE}v2", "shared words"),
    ]
    assert "giraffe" in bench.library.passages.page(bench.paper().key, 1).text
    assert bench.index.count() == 2
    assert len(bench.files()) == 1  # the old version's file is gone


@pytest.mark.parametrize("trouble", ["metadata", "fetch", "parse", "index"])
def test_an_update_that_fails_leaves_the_old_version_as_it_was(
    bench: Bench, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.publish(ONE, 1, "the old zebra")
    bench.add(ONE)
    bench.sync()
    before = bench.paper()
    bench.publish(ONE, 2, "the new giraffe")

    def fail(*_: object) -> None:
        raise StorageError("the disk is full", "free some space")

    if trouble == "metadata":
        bench.replica.faults["/api/"] = replica_faults.status(500)
    elif trouble == "fetch":
        bench.replica.faults["/pdf/"] = replica_faults.html()
    elif trouble == "parse":
        bench.parser.on_parse = lambda: 1 / 0  # type: ignore[assignment]
    else:
        monkeypatch.setattr(IndexWriter, "write", fail)
    if trouble == "index":
        with pytest.raises(StorageError):
            bench.sync(update=True)
    else:
        bench.sync(update=True)
    assert bench.paper() == before
    assert bench.found("zebra giraffe") == [(f"arxiv:{ONE}v1", "the old zebra")]
    assert "zebra" in bench.library.passages.page(before.key, 1).text
    monkeypatch.undo()


@pytest.mark.parametrize("stage", ["metadata", "fetch", "parse", "embed", "structure"])
def test_a_paper_removed_during_the_sync_leaves_nothing_behind(bench: Bench, stage: str) -> None:
    bench.publish(ONE, 1, "the old zebra")
    bench.publish(TWO, 1, "the tall giraffe")
    bench.add(ONE, TWO)

    def remove(event: Progress) -> None:
        if event.stage == stage and event.key in (None, f"arxiv:{ONE}"):
            bench.library.papers.remove(f"arxiv:{ONE}")
            bench.index.delete_paper(f"arxiv:{ONE}")

    bench.on_event = remove
    bench.sync()
    assert [paper.ref for paper in bench.library.papers.all()] == [f"arxiv:{TWO}v1"]
    assert bench.paper(TWO).structure is Structure.DONE
    assert bench.index.count() == 1
    assert bench.files() == ["%PDF-1.4\nthe tall giraffe"]
    assert not [event for event in bench.events if event.stage == "failed"]


def test_a_stop_while_a_step_runs_fails_no_paper(bench: Bench) -> None:
    """The step ends when the pools are closed already: it has nowhere to go on, and that is all."""
    bench.publish(ONE, 1, "the old zebra")
    bench.publish(TWO, 1, "the tall giraffe")
    bench.add(ONE, TWO)
    stop, first = threading.Event(), threading.Lock()

    def end_late() -> None:
        if first.acquire(blocking=False):
            stop.set()
            deadline = time.monotonic() + 10
            while not bench.pools_closed() and time.monotonic() < deadline:
                time.sleep(0.001)

    bench.parser.on_parse = end_late
    with pytest.raises(StoppedError):
        bench.sync(stop=stop)
    assert [paper.error for paper in bench.library.papers.all()] == [None, None]
    bench.sync()
    assert {paper.state for paper in bench.library.papers.all()} == {PaperState.INDEXED}


def test_a_file_gone_from_the_store_is_fetched_again(bench: Bench) -> None:
    bench.publish(ONE, 1, "the old zebra")
    (paper,) = bench.add(ONE)
    bench.sync()
    for state in (PaperState.FETCHED, PaperState.PARSED, PaperState.INDEXED):
        bench.library.papers.update(paper.key, state=state, structure=Structure.PENDING)
        held = bench.paper().sha256
        assert held is not None
        bench.store.remove(held)
        bench.sync()
        assert bench.paper().state is PaperState.INDEXED
        assert bench.paper().structure is Structure.DONE
        assert held in bench.store
    assert len(bench.replica.paths("/pdf/")) == 4


def test_metadata_that_fails_half_way_keeps_the_first_half(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.IDS_PER_REQUEST", 1)
    monkeypatch.setattr(arxiv_metadata, "IDS_PER_REQUEST", 1)
    bench.publish(ONE, 1, "the old zebra")
    bench.publish(TWO, 1, "the tall giraffe")
    bench.add(ONE, TWO)
    bench.replica.faults[f"id_list={TWO}"] = replica_faults.status(500)
    bench.sync()
    assert bench.paper(ONE).state is PaperState.INDEXED
    error = bench.paper(TWO).error
    assert error is not None
    assert (error.code, error.retryable) == ("offline", True)
    bench.replica.faults.clear()
    bench.sync()
    assert bench.paper(TWO).state is PaperState.INDEXED
    assert len(bench.replica.paths(f"id_list={ONE}")) == 1


def test_a_dead_embedder_ends_the_run_and_blames_no_paper(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.publish(ONE, 1, "the old zebra")
    bench.add(ONE)

    def fail(*_: object) -> None:
        raise ModelError("the embedding server is down", "start it")

    with monkeypatch.context() as patched:
        patched.setattr(IndexWriter, "write", fail)
        with pytest.raises(ModelError):
            bench.sync()
    assert bench.paper().error is None
    bench.sync()
    assert bench.paper().state is PaperState.INDEXED


def test_a_local_file_that_changed_is_not_taken_for_the_one_added(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "mine.pdf"
    path.write_text("%PDF-1.4\nmy own words")
    (paper,) = bench.add(str(path))
    path.write_text("%PDF-1.4\nother words now")
    bench.sync()
    error = bench.library.papers.require(paper.key).error
    assert error is not None
    assert (error.code, error.retryable) == ("changed", False)
    assert bench.files() == []
