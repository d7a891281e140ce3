"""Where papers come from: arXiv's metadata and PDFs, or a file of the reader's own."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from pathlib import Path

from indexes.errors import IngestError
from indexes.library import Library
from indexes.papers import Paper, PaperState, SourceKind
from ingest.arxiv_metadata import IDS_PER_REQUEST, ArxivMetadata, Metadata
from ingest.fetch import fetch_pdf
from ingest.progress import Progress, Report
from ingest.store import PdfStore
from ingest.transport import ArxivClient

# What is known of a paper's version, and changes only together with its text.
_OF_VERSION = (
    "version",
    "sha256",
    "title",
    "authors",
    "published",
    "abstract",
    "doi",
    "categories",
)


def of_version(paper: Paper) -> dict[str, object]:
    """The fields of `paper` that belong to the version whose text it has."""
    return {name: getattr(paper, name) for name in _OF_VERSION}


class Sources:
    """Gets what a paper's reference points at. `describe` and `fetch` are for one thread."""

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

        Asks for all arXiv papers without metadata, with `refresh` for all that follow the latest
        version, a hundred in a request. Papers removed meanwhile are left out. A searched paper of
        which there is a new version comes back as that version and without a file, while the
        library keeps the old one.
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
        metadata = ArxivMetadata(self._client)
        rest = iter(list(asked.items()))
        while request := dict(itertools.islice(rest, IDS_PER_REQUEST)):
            try:
                found = metadata.fetch(list(request.values()), stop=stop)
            except IngestError as error:
                # Without metadata a bare id has no version to fetch: these papers wait.
                outcome.update(dict.fromkeys([*request, *dict(rest)], error))
                return outcome
            for key, arxiv_id in request.items():
                held = self._library.papers.get(key)
                if held is None:
                    del outcome[key]
                elif arxiv_id in found:
                    outcome[key] = self._apply(held, found[arxiv_id])
                else:
                    outcome[key] = _unknown(arxiv_id)
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
            fields |= {"version": metadata.version, "sha256": None}
            if paper.state is PaperState.INDEXED:
                twins = self._library.papers.find_arxiv(metadata.arxiv_id, metadata.version)
                # What is searched and cited stays what it is until the new text replaces it; and
                # no two papers are one version.
                return paper if twins else paper.model_copy(update=fields)
        return self._library.papers.update(paper.key, **fields)

    def holds(self, paper: Paper) -> bool:
        return paper.sha256 is not None and paper.sha256 in self._store

    def path(self, paper: Paper) -> Path:
        """The stored PDF of a fetched paper."""
        assert paper.sha256 is not None
        return self._store.path(paper.sha256)

    def discard(self, sha256: str) -> None:
        """Delete a stored PDF unless some paper of the library has it. Raises StorageError."""
        if not self._library.papers.find_sha256(sha256):
            self._store.remove(sha256)

    def fetch(self, paper: Paper, report: Report, stop: threading.Event | None) -> str:
        """Get a paper's PDF into the store and return its SHA-256. Raises IngestError."""
        if paper.kind is SourceKind.PDF:
            return self._copy(paper)

        def count(done: int, total: int | None) -> None:
            report(Progress(stage="fetch", key=paper.key, done=done, total=total))

        count(0, None)
        assert paper.arxiv_id is not None
        return fetch_pdf(
            self._client, self._store, paper.arxiv_id, paper.version, on_progress=count, stop=stop
        ).sha256

    def _copy(self, paper: Paper) -> str:
        path = Path(paper.path or "")
        sha256 = self._store.put_file(path)
        if paper.key != f"pdf:{sha256[:12]}":
            self.discard(sha256)
            raise IngestError(
                "changed",
                f"{path} is another file than the one that was added",
                f"add it as it is now: paperdesk add {path}",
                retryable=False,
            )
        return sha256


def _unknown(arxiv_id: str) -> IngestError:
    return IngestError(
        "not_found",
        f"arXiv has no paper {arxiv_id}",
        "check the id, or remove it from the list",
        retryable=False,
    )


def _asked_id(paper: Paper) -> str:
    """The id to ask arXiv for: with its version where the reader pinned one."""
    assert paper.arxiv_id is not None
    return f"{paper.arxiv_id}v{paper.version}" if paper.pinned else paper.arxiv_id
