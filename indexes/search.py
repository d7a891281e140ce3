"""Hybrid search over the library's passages: question in, ranked hits out."""

from __future__ import annotations

import time
from collections.abc import Collection

from indexes.edge import Bm25Encoder
from indexes.embedding import Embedder
from indexes.engine import PassageIndex
from indexes.fusion import Fused, fuse
from indexes.hits import Hit, SearchResult
from indexes.library import Library
from indexes.papers import Paper
from indexes.passages import Passage, PassageKind

_CANDIDATES = 100  # of each retriever: more changes no measure, fewer costs recall
_WIDENING = 4


class Searcher:
    """Searches one library. Calls are safe from several threads."""

    def __init__(self, library: Library, index: PassageIndex, embedder: Embedder | None) -> None:
        """`embedder` None searches by BM25 alone."""
        self._library = library
        self._index = index
        self._embedder = embedder
        self._terms = Bm25Encoder()

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        papers: Collection[str] | None = None,
        kinds: Collection[PassageKind] | None = None,
    ) -> SearchResult:
        """The `k` best passages of indexed papers, within `papers` (keys) and `kinds` if given.

        Raises StorageError where the index can't be read, ModelError where the embedder is down.
        """
        started = time.perf_counter()
        found = self._find(query, k, papers, kinds) if query.strip() and k > 0 else []
        held = {key: self._library.papers.get(key) for key in {p.paper for _, p in found}}
        # A paper removed between the two look-ups takes its hits with it.
        living = [
            (fused, passage, paper)
            for fused, passage in found
            if (paper := held[passage.paper]) is not None
        ]
        hits = tuple(_hit(rank, *each) for rank, each in enumerate(living, start=1))
        elapsed = (time.perf_counter() - started) * 1000
        return SearchResult.model_construct(query=query, elapsed_ms=round(elapsed, 3), hits=hits)

    def _find(
        self,
        query: str,
        k: int,
        papers: Collection[str] | None,
        kinds: Collection[PassageKind] | None,
    ) -> list[tuple[Fused, Passage]]:
        """Candidates that may be shown, best first.

        The index also holds what may not: papers on their way in, generations on their way out.
        Where they crowd out the rest, the net is cast wider.
        """
        dense = None if self._embedder is None else self._embedder.embed_query(query)
        sparse = self._terms.query(query)
        limit = max(_CANDIDATES, 2 * k)
        while True:
            candidates = self._index.query(dense, sparse, limit=limit, papers=papers, kinds=kinds)
            ranked = fuse(candidates)
            found: list[tuple[Fused, Passage]] = []
            for start in range(0, len(ranked), 2 * k):  # reading passages is half the time
                part = ranked[start : start + 2 * k]
                live = self._library.passages.live([fused.id for fused in part])
                found += [(fused, live[fused.id]) for fused in part if fused.id in live]
                if len(found) >= k:
                    return found[:k]
            if len(ranked) < limit:
                return found
            limit *= _WIDENING


def _hit(rank: int, fused: Fused, passage: Passage, paper: Paper) -> Hit:
    return Hit.model_construct(  # every part was validated when it was written
        rank=rank,
        score=round(fused.score, 6),
        ref=paper.ref,
        arxiv_id=paper.arxiv_id,
        version=paper.version,
        title=paper.title,
        page=passage.page,
        section=passage.section[-1] if passage.section else None,
        kind=passage.kind,
        text=passage.text,
        boxes=passage.boxes,
        path=passage.section,
        passage=passage.id,
        paper=paper.key,
        dense=fused.dense,
        bm25=fused.bm25,
    )
