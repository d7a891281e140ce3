"""Papers through their states: a whole sync from the loopback replica, and what can go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from assistant.events import Done, Event, Failed
from assistant.facade import PaperAssistant
from assistant.listing import PaperList
from assistant.settings import Settings, load_settings
from indexes.folders import Home
from indexes.hits import SearchResult
from indexes.library import Library
from indexes.papers import PaperState, Structure
from indexes.search import Searcher
from ingest.progress import Progress
from ingest.replica import Replica

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "assistant" / "demo_course"
IDS = ("2401.99991", "2402.99992", "2403.99993")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of papers that a test may change before a replica serves it."""
    return Path(shutil.copytree(COURSE / "papers", tmp_path / "shelf"))


@pytest.fixture
def replica(shelf: Path) -> Iterator[Replica]:
    with Replica(shelf) as running:
        yield running


@pytest.fixture
def settings(home: Home, replica: Replica, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PAPERDESK_ARXIV__URL", replica.url)
    monkeypatch.setenv("PAPERDESK_ARXIV__INTERVAL_S", "0")
    return load_settings(home)


async def collect(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


async def done(events: AsyncIterator[Event]) -> Done:
    last = (await collect(events))[-1]
    assert isinstance(last, Done), last
    return last


async def failed(events: AsyncIterator[Event]) -> Failed:
    last = (await collect(events))[-1]
    assert isinstance(last, Failed), last
    return last


def states(result: object) -> dict[str, PaperState]:
    assert isinstance(result, PaperList)
    return {paper.ref: paper.state for paper in result.papers}


def assert_whole(home: Home, settings: Settings) -> None:
    """Every indexed paper is complete, and the index holds exactly what the library holds."""
    from assistant.workspace import Workspace

    workspace = Workspace(home, settings)
    try:
        total = 0
        for paper in workspace.library.papers.all(states=[PaperState.INDEXED]):
            assert paper.structure is Structure.DONE
            assert paper.generation is not None
            held = workspace.library.passages.count(paper.key, paper.generation)
            assert held > 5
            assert workspace.index.count(paper.key, paper.generation) == held
            total += held
        assert workspace.index.count() == total
        assert workspace.library.papers.intents() == {}
    finally:
        workspace.close()


@pytest.mark.anyio
async def test_sync_indexes_what_arxiv_has_and_names_what_it_lacks(
    home: Home, settings: Settings, replica: Replica
) -> None:
    paperdesk = PaperAssistant(home, settings)
    await done(paperdesk.import_syllabus(str(COURSE / "syllabus.md")))
    await done(paperdesk.add(["2404.99994"]))  # the replica has no such paper
    events = await collect(paperdesk.sync())
    last = events[-1]
    assert isinstance(last, Done)
    assert last.failed == 1
    assert states(last.result) == {
        "arxiv:2401.99991v1": "indexed",
        "arxiv:2402.99992v1": "indexed",
        "arxiv:2403.99993v1": "indexed",
        "arxiv:2404.99994": "failed",
    }
    lacking = paperdesk.resolve("2404.99994").error
    assert lacking is not None
    assert (lacking.code, lacking.retryable) == ("not_found", False)
    assert "2404.99994" in lacking.message
    stages = {event.stage for event in events if isinstance(event, Progress)}
    assert stages >= {"metadata", "fetch", "parse", "embed", "index", "structure", "done"}
    assert len(replica.paths("/api/query")) == 1  # all ids in one request
    assert len(replica.paths("/pdf/")) == 3

    again = await done(paperdesk.sync())
    assert again.failed == 1
    assert len(replica.requests) == 4  # nothing is asked for, nothing downloaded again
    await paperdesk.aclose()
    assert_whole(home, settings)


@pytest.mark.anyio
async def test_reindex_rebuilds_the_same_index_without_network(
    home: Home, settings: Settings, replica: Replica
) -> None:
    paperdesk = PaperAssistant(home, settings)
    await done(paperdesk.add(IDS[:2]))
    await done(paperdesk.sync())
    query = "how long do people wait in line?"
    before = (await done(paperdesk.search(query))).result
    assert isinstance(before, SearchResult)
    asked = len(replica.requests)
    await paperdesk.aclose()
    shutil.rmtree(home.index)

    paperdesk = PaperAssistant(home, settings)
    lost = await failed(paperdesk.search(query))
    assert "paperdesk reindex" in lost.error.remedy
    await done(paperdesk.reindex())
    after = (await done(paperdesk.search(query))).result
    assert isinstance(after, SearchResult)
    # Scores may differ in the second decimal: the engine counts deleted points in its statistics.
    assert [hit.passage for hit in before.hits] == [hit.passage for hit in after.hits]
    assert len(replica.requests) == asked
    await paperdesk.aclose()
    assert_whole(home, settings)


@pytest.mark.anyio
async def test_a_new_version_replaces_the_old_one_and_a_pinned_one_stays(
    home: Home, settings: Settings, shelf: Path
) -> None:
    with Replica(shelf) as before:
        old = settings.model_copy(
            update={"arxiv": settings.arxiv.model_copy(update={"url": before.url})}
        )
        paperdesk = PaperAssistant(home, old)
        await done(paperdesk.add(["2401.99991", "2402.99992v1"]))
        await done(paperdesk.sync())
        await paperdesk.aclose()
    shutil.copy(shelf / "2403.99993v1.pdf", shelf / "2401.99991v2.pdf")
    shutil.copy(shelf / "2403.99993v1.pdf", shelf / "2402.99992v2.pdf")
    with Replica(shelf) as after:
        new = settings.model_copy(
            update={"arxiv": settings.arxiv.model_copy(update={"url": after.url})}
        )
        paperdesk = PaperAssistant(home, new)
        assert states((await done(paperdesk.sync())).result) == {
            "arxiv:2401.99991v1": "indexed",
            "arxiv:2402.99992v1": "indexed",
        }
        updated = await done(paperdesk.sync(update=True))
        assert states(updated.result) == {
            "arxiv:2401.99991v2": "indexed",
            "arxiv:2402.99992v1": "indexed",
        }
        assert "bucket" in paperdesk.pages("2401.99991")[0].text.lower()
        await paperdesk.aclose()
        assert_whole(home, new)


@pytest.mark.anyio
async def test_local_files_are_read_and_what_is_no_pdf_is_refused(
    home: Home, settings: Settings, tmp_path: Path
) -> None:
    fake = tmp_path / "notes.pdf"
    fake.write_text("these are my notes")
    paperdesk = PaperAssistant(home, settings)
    await done(paperdesk.add([str(COURSE / "papers" / "2402.99992v1.pdf"), str(fake)]))
    outcome = await done(paperdesk.sync())
    assert outcome.failed == 1
    good, bad = outcome.result.papers  # type: ignore[attr-defined]
    assert (good.state, good.title) == (
        PaperState.INDEXED,
        "One Line or Two? Waiting at a Pair of Library Printers",
    )
    assert bad.error.code == "not_pdf"
    await paperdesk.aclose()


@pytest.mark.anyio
async def test_stopping_leaves_what_the_next_sync_completes(home: Home, settings: Settings) -> None:
    paperdesk = PaperAssistant(home, settings)
    await done(paperdesk.add(IDS))
    events = paperdesk.sync()
    async for event in events:
        if isinstance(event, Progress) and event.stage == "embed":
            break
    async with asyncio.timeout(0.2):
        await events.aclose()  # type: ignore[attr-defined]
    assert set(states((await done(paperdesk.sync())).result).values()) == {PaperState.INDEXED}
    await paperdesk.aclose()
    assert_whole(home, settings)


def kill_sync_when(state: PaperState, home: Home) -> None:
    """Start a sync in a process of its own, and kill it once some paper has come to `state`."""
    with (
        Library(home) as watched,
        subprocess.Popen(
            [sys.executable, "-m", "tui.launcher", "sync", "--yes"],
            env=os.environ | {"PAPERDESK_HOME": str(home.root)},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as victim,
    ):
        while victim.poll() is None:
            if watched.papers.all(states=[state]):
                victim.send_signal(signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                victim.wait(timeout=0.005)


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_killed_sync_is_completed_by_the_next(home: Home, settings: Settings) -> None:
    paperdesk = PaperAssistant(home, settings)
    await done(paperdesk.add(IDS))
    await paperdesk.aclose()
    for state in (PaperState.FETCHED, PaperState.PARSED, PaperState.INDEXED):
        await asyncio.to_thread(kill_sync_when, state, home)
    paperdesk = PaperAssistant(home, settings)
    outcome = await done(paperdesk.sync())
    assert set(states(outcome.result).values()) == {PaperState.INDEXED}
    await paperdesk.aclose()
    assert_whole(home, settings)


@pytest.mark.anyio
async def test_a_library_in_use_still_lists_and_says_who_holds_it(
    home: Home, settings: Settings
) -> None:
    first, second = PaperAssistant(home, settings), PaperAssistant(home, settings)
    await done(first.add(IDS[:1]))
    await done(first.sync())
    assert second.list_papers().papers[0].state is PaperState.INDEXED
    refused = await failed(second.search("waiting"))
    assert refused.error.code == "library_busy"
    assert str(os.getpid()) in refused.error.message
    assert second.index_holder() is not None
    await first.aclose()
    assert second.index_holder() is None
    await done(second.search("waiting"))
    await second.aclose()


@pytest.mark.anyio
async def test_offline_is_retryable_and_said_in_one_line(
    home: Home, settings: Settings, replica: Replica
) -> None:
    replica.close()
    paperdesk = PaperAssistant(home, settings)
    await done(paperdesk.add(IDS[:1]))
    outcome = await done(paperdesk.sync())
    error = outcome.result.papers[0].error  # type: ignore[attr-defined]
    assert (error.code, error.retryable) == ("offline", True)
    assert "\n" not in error.message
    replica.start = lambda: replica  # type: ignore[method-assign] # closed already
    await paperdesk.aclose()


def test_half_written_papers_are_never_found(home: Home) -> None:
    """What the index holds too much is dropped by the join with the library."""
    from support_papers import put_paper

    from indexes.edge import EdgeIndex
    from indexes.indexing import IndexWriter

    with Library(home) as library:
        index = EdgeIndex(home.index, None)
        paper = put_paper(library, "2401.00001", ["The quick brown fox jumps over lazy dogs."])
        IndexWriter(library, index, None).write(paper, library.passages.of(paper.key))
        searcher = Searcher(library, index, None)
        assert len(searcher.search("brown fox").hits) == 1
        library.papers.update(paper.key, state=PaperState.PARSED)
        assert searcher.search("brown fox").hits == ()
        index.close()
