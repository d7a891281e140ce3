"""What a search returns."""

from __future__ import annotations

from pydantic import Field

from indexes.papers import Frozen
from indexes.passages import Box, PassageKind


class Hit(Frozen):
    """One passage found; `section` is the innermost heading, `path` all of them.

    `score` is the fused score that ranks; `dense` (cosine) and `bm25` are the raw scores of the two
    retrievers, None where that retriever did not return the passage.
    """

    rank: int
    score: float
    ref: str
    arxiv_id: str | None
    version: int | None
    title: str | None
    page: int
    section: str | None
    kind: PassageKind
    text: str
    boxes: tuple[Box, ...]
    path: tuple[str, ...] = ()
    passage: str  # the passage's id
    paper: str  # the paper's key
    dense: float | None = None
    bm25: float | None = None


class SearchResult(Frozen):
    """`search --json`; hits are ranked best first."""

    query: str
    elapsed_ms: float
    hits: tuple[Hit, ...] = Field(default=())
