"""`make bench`: speed as ratios within one run, since machines differ and drift.

    sync    a whole sync of the course's papers from a loopback replica, to `structure: done`,
            against the layout alone plus the embedding alone, with as many processes and threads
    search  warm queries over what was synced: milliseconds at p50 and p95, embedding included

The papers are those beside the checkout (see CONTRIBUTING.md), else the demo course's.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assistant.events import Done
from assistant.facade import PaperAssistant
from assistant.settings import load_settings
from assistant.workspace import Workspace
from indexes.folders import Home
from ingest.parsing import PdfParser
from ingest.replica import Replica

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("PAPERDESK_TEST_SHARED", ROOT.parent / "shared")) / "papers"
COURSE = ("1706.03762v7", "2203.02155", "2303.18223", "2307.04699", "2307.03718", "2302.13971")
QUESTIONS = (
    "why is attention scaled by the square root of the dimension",
    "how many parameters does the largest model have",
    "what are the limitations of the evaluation",
    "which data sets were used for training",
    "how are human preferences turned into a reward",
    "who should oversee the development of advanced models",
)


def main() -> int:
    """Run the benchmarks and print a line for each; 1 where a bound is missed."""
    real = SHARED.is_dir()
    folder = SHARED if real else ROOT / "assistant" / "demo_course" / "papers"
    refs = COURSE if real else ("2401.99991", "2402.99992", "2403.99993")
    with tempfile.TemporaryDirectory() as root, Replica(folder) as replica:
        os.environ |= {"PAPERDESK_ARXIV__URL": replica.url, "PAPERDESK_ARXIV__INTERVAL_S": "0"}
        home = Home(Path(root))
        return asyncio.run(_run(home, refs))


async def _run(home: Home, refs: tuple[str, ...]) -> int:
    settings = load_settings(home)
    paperdesk = PaperAssistant(home, settings)
    async for _ in paperdesk.add(refs):
        pass
    started = time.perf_counter()
    async for event in paperdesk.sync():
        last = event
    whole = time.perf_counter() - started
    assert isinstance(last, Done), last
    assert last.failed == 0, last
    await paperdesk.aclose()

    workspace = Workspace(home, settings)
    try:
        layout, pages = _layout_alone(workspace)
        embedding, passages = _embedding_alone(workspace)
        ratio = whole / (layout + embedding)
        print(
            f"sync    {len(refs)} papers, {pages} pages, {passages} passages: {whole:.1f} s = "
            f"{ratio:.2f} x (layout alone {layout:.1f} s + embedding alone {embedding:.1f} s); "
            "bound 1.25"
        )
        p50, p95 = _search(workspace)
        print(f"search  {passages} passages: p50 {p50:.1f} ms, p95 {p95:.1f} ms; bound p50 10 ms")
    finally:
        workspace.close()
    return int(ratio > 1.25 or p50 > 10)


def _layout_alone(workspace: Workspace) -> tuple[float, int]:
    """Seconds to lay out every page with warm children, and the number of pages."""
    jobs = []
    for paper in workspace.library.papers.all():
        assert paper.sha256 is not None
        assert paper.pages is not None
        path = workspace.home.store / paper.sha256[:2] / f"{paper.sha256}.pdf"
        jobs += [(path, n, min(n + 3, paper.pages)) for n in range(1, paper.pages + 1, 4)]
    with PdfParser() as parser, ThreadPoolExecutor(parser.workers) as pool:
        list(pool.map(lambda job: parser.layout(*job), jobs[: parser.workers]))
        started = time.perf_counter()
        list(pool.map(lambda job: parser.layout(*job), jobs))
        return time.perf_counter() - started, sum(last - first + 1 for _, first, last in jobs)


def _embedding_alone(workspace: Workspace) -> tuple[float, int]:
    """Seconds to embed every passage once, in one call, and the number of passages."""
    texts = [
        passage.text
        for paper in workspace.library.papers.all()
        for passage in workspace.library.passages.of(paper.key)
    ]
    embedder = workspace.embedder
    assert embedder is not None
    embedder.embed(texts[:16])
    started = time.perf_counter()
    embedder.embed(texts)
    return time.perf_counter() - started, len(texts)


def _search(workspace: Workspace) -> tuple[float, float]:
    """p50 and p95 in milliseconds of warm searches, each query's embedding included."""
    searcher = workspace.searcher
    searcher.search(QUESTIONS[0])
    times = []
    for turn in range(20):
        for question in QUESTIONS:
            started = time.perf_counter()
            searcher.search(f"{question} {turn}")
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
