"""Where papers come from: arXiv's metadata and PDFs, or a file of the reader's own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from indexes.errors import IngestError
from indexes.library import Library
from indexes.papers import Paper, SourceKind
from ingest.arxiv_metadata import ArxivMetadata, Metadata
from ingest.fetch import fetch_pdf
from ingest.progress import Progress, Report
from ingest.store import PdfStore
from ingest.transport import ArxivClient


class Sources:
    """Gets what a paper's reference points at. Used from one thread at a time."""

    def __init__(self, library: Library, store: PdfStore, client: ArxivClient) -> None:
        self._library = library
        self._store = store
        self._client = client

    def describe(
        self,
        papers: Sequence[Paper],
        report: Report,
        stop: threading.Event | None,
        *,
        refresh: bool = False,
    ) -> dict[str, Paper | IngestError]:
        """The papers with their metadata, or why each could not be described, by key.

        All arXiv papers without metadata are asked for in one request, with `refresh` all of them.
        """
        asked = {
            p.key: _asked_id(p)
            for p in papers
            if p.kind is SourceKind.ARXIV and (p.published is None or (refresh and not p.pinned))
        }
        outcome: dict[str, Paper | IngestError] = {p.key: p for p in papers}
        if not asked:
            return outcome
        report(Progress(stage="metadata", total=len(asked), message="asking arXiv what it has"))
        try:
            found = ArxivMetadata(self._client).fetch(list(asked.values()), stop=stop)
        except IngestError as error:
            # Without metadata a bare id has no version to fetch: these papers wait.
            outcome.update(dict.fromkeys(asked, error))
            return outcome
        for key, arxiv_id in asked.items():
            metadata = found.get(arxiv_id)
            if metadata is None:
                outcome[key] = IngestError(
                    "not_found",
                    f"arXiv has no paper {arxiv_id}",
                    "check the id, or remove it from the list",
                    retryable=False,
                )
            else:
                outcome[key] = self._apply(self._library.papers.require(key), metadata)
        return outcome

    def _apply(self, paper: Paper, metadata: Metadata) -> Paper:
        fields: dict[str, object] = {
            "title": metadata.title,
            "authors": metadata.authors,
            "published": metadata.published,
            "abstract": metadata.abstract,
            "doi": metadata.doi,
            "categories": metadata.categories,
        }
        if paper.version != metadata.version:
            # Another version is another file; what is held stays searched until it is replaced.
            fields |= {"version": metadata.version, "sha256": None}
        return self._library.papers.update(paper.key, **fields)

    def holds(self, paper: Paper) -> bool:
        return paper.sha256 is not None and paper.sha256 in self._store

    def path(self, paper: Paper) -> Path:
        """The stored PDF of a fetched paper."""
        held = self._library.papers.require(paper.key)
        assert held.sha256 is not None
        return self._store.path(held.sha256)

    def fetch(self, paper: Paper, report: Report, stop: threading.Event | None) -> str:
        """Get a paper's PDF into the store and return its SHA-256. Raises IngestError."""
        if paper.kind is SourceKind.PDF:
            return self._store.put_file(Path(paper.path or ""))

        def count(done: int, total: int | None) -> None:
            report(Progress(stage="fetch", key=paper.key, done=done, total=total))

        count(0, None)
        assert paper.arxiv_id is not None
        return fetch_pdf(
            self._client, self._store, paper.arxiv_id, paper.version, on_progress=count, stop=stop
        ).sha256


def _asked_id(paper: Paper) -> str:
    """The id to ask arXiv for: with its version where the reader pinned one."""
    assert paper.arxiv_id is not None
    return f"{paper.arxiv_id}v{paper.version}" if paper.pinned else paper.arxiv_id
