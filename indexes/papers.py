"""Papers and their states, as the library knows them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the domain types: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceKind(StrEnum):
    """What a reading points at."""

    ARXIV = "arxiv"
    PDF = "pdf"
    WEB = "web"
    REPO = "repo"
    NOTEBOOK = "notebook"
    VIDEO = "video"
    OTHER = "other"


class PaperState(StrEnum):
    """How far a paper has come; only `indexed` papers are searched."""

    QUEUED = "queued"
    FETCHED = "fetched"
    PARSED = "parsed"
    INDEXED = "indexed"
    FAILED = "failed"


class Structure(StrEnum):
    """Whether the layout engine has labelled sections, tables and captions."""

    PENDING = "pending"
    DONE = "done"


class Role(StrEnum):
    """What the course asks the reader to do with a reading."""

    ASSIGNED = "assigned"
    ADVANCE = "advance"
    REFERENCE = "reference"
    OPTIONAL = "optional"


class ReadingStatus(StrEnum):
    """How far the reader has come."""

    UNREAD = "unread"
    READING = "reading"
    READ = "read"


class Fault(Frozen):
    """Why a paper is in state `failed`; see `IngestError` for the codes."""

    code: str
    message: str
    retryable: bool


class Paper(Frozen):
    """One paper, page or file of the library.

    `key` is its identity and never changes: `arxiv:1706.03762` follows the latest version,
    `arxiv:1706.03762v5` is pinned to one, `pdf:` and `web:` carry 12 hex digits of a SHA-256.
    """

    key: str
    kind: SourceKind
    url: str | None = None
    path: str | None = None  # local file it was added from
    arxiv_id: str | None = None
    version: int | None = None  # held or pinned; None until the metadata is known
    pinned: bool = False
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: dt.date | None = None
    abstract: str | None = None
    doi: str | None = None
    categories: tuple[str, ...] = ()
    sha256: str | None = None  # of the stored PDF
    pages: int | None = None
    passages: int | None = None
    minutes: int | None = None  # estimated reading time
    state: PaperState = PaperState.QUEUED
    structure: Structure = Structure.PENDING
    error: Fault | None = None
    status: ReadingStatus = ReadingStatus.UNREAD
    last_page: int | None = None
    generation: str | None = None  # of the passages that are searched
    added_at: dt.datetime | None = None

    @property
    def ref(self) -> str:
        """The name the program prints and accepts: with the version once it is known."""
        if self.arxiv_id is None:
            return self.key
        suffix = f"v{self.version}" if self.version is not None else ""
        return f"arxiv:{self.arxiv_id}{suffix}"

    @property
    def short_name(self) -> str:
        """`Vaswani et al. 2017`, or what comes closest to it."""
        year = str(self.published.year) if self.published else ""
        if self.authors:
            family = self.authors[0].split(",")[0].split()[-1]
            name = family if len(self.authors) == 1 else f"{family} et al."
            return f"{name} {year}".strip()
        return self.title or self.ref
