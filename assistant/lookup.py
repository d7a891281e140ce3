"""Search and reading within one question's scope, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from indexes.hits import Hit
from indexes.library import Library
from indexes.papers import Paper, PaperState
from indexes.search import Searcher


@dataclass(frozen=True)
class Lookup:
    """What may be looked at for a question; `papers` are keys, None means the whole library."""

    searcher: Searcher
    library: Library
    papers: Collection[str] | None = None

    async def search(self, query: str, k: int) -> tuple[Hit, ...]:
        """The best passages of the scope."""
        result = await asyncio.to_thread(self.searcher.search, query, k=k, papers=self.papers)
        return result.hits

    def readable(self) -> list[Paper]:
        """The indexed papers of the scope."""
        return self.library.papers.all(keys=self.papers, states=[PaperState.INDEXED])
