"""Sync and reindex on a workspace: builds the pipeline's parts and runs it."""

from __future__ import annotations

import threading
from collections.abc import Collection

from assistant.workspace import Workspace
from indexes.errors import UsageError
from indexes.library import Library
from indexes.papers import Paper
from ingest.parsing import CHUNKER
from ingest.progress import Progress, Report
from ingest.selection import waiting


def sync_library(
    workspace: Workspace,
    keys: Collection[str] | None,
    *,
    named: Collection[str],
    update: bool,
    ocr: bool,
    report: Report,
    stop: threading.Event,
) -> None:
    """Run the pipeline over the papers of `keys` that have a step to go.

    Raises LibraryBusyError, StorageError, StoppedError, and UsageError for `ocr`, which asks for
    what this version can't do; what goes wrong with a paper is recorded with it. Nothing heavy is
    loaded where nothing waits.
    """
    if ocr:
        raise UsageError(
            "scans without text cannot be read yet",
            "sync without --ocr: they are listed as failed with no_text, and a copy with a text "
            "layer can be added",
        )
    papers = _waiting(workspace.library, keys, named, update=update)
    if not papers:
        return
    report(Progress(stage="sync", total=len(papers)))
    from indexes.indexing import IndexWriter
    from ingest.pipeline import Pipeline
    from ingest.sources import Sources
    from ingest.store import PdfStore
    from ingest.transport import ArxivClient

    writer = IndexWriter(workspace.library, workspace.index, workspace.embedder)

    def waiting_for_arxiv(seconds: float) -> None:
        report(Progress(stage="wait", message=f"arXiv asks to wait {seconds:.0f} s"))

    with ArxivClient(
        workspace.settings.arxiv, workspace.home.arxiv_gate, on_wait=waiting_for_arxiv
    ) as client:
        sources = Sources(workspace.library, PdfStore(workspace.home.store), client)
        pipeline = Pipeline(
            workspace.library, sources, workspace.parser, writer, report=report, stop=stop
        )
        pipeline.run(papers, update=update)


def downloads(library: Library, keys: Collection[str] | None, *, named: Collection[str]) -> int:
    """How many files a sync over `keys` would download."""
    return sum(
        paper.sha256 is None and paper.path is None
        for paper in _waiting(library, keys, named, update=False)
    )


def _waiting(
    library: Library, keys: Collection[str] | None, named: Collection[str], *, update: bool
) -> list[Paper]:
    return waiting(library.papers.all(keys=keys), named=named, chunker=CHUNKER, update=update)


def rebuild_index(workspace: Workspace, report: Report, stop: threading.Event) -> None:
    """Fill an empty index from the library's passages."""
    from indexes.indexing import rebuild
    from ingest.stopping import check

    def count(done: int, total: int) -> None:
        check(stop)
        report(Progress(stage="embed", done=done, total=total))

    rebuild(workspace.library, workspace.new_index, workspace.embedder, count)
