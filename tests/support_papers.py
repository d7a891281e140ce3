"""Builds papers in a library from plain page texts, for tests that need no PDF."""

from __future__ import annotations

from collections.abc import Sequence

from indexes.hits import Hit
from indexes.library import Library
from indexes.papers import Paper, PaperState, SourceKind
from indexes.passages import Page, Passage, passage_id

GENERATION = "test"


def put_paper(
    library: Library, arxiv_id: str, pages: Sequence[str], *, version: int = 1, title: str = ""
) -> Paper:
    """An indexed arXiv paper whose passages are the paragraphs (blank lines apart) of its pages."""
    key = f"arxiv:{arxiv_id}"
    library.papers.insert(
        Paper(key=key, kind=SourceKind.ARXIV, arxiv_id=arxiv_id, title=title or f"On {arxiv_id}")
    )
    passages: list[Passage] = []
    for number, text in enumerate(pages, 1):
        for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
            ordinal = len(passages)
            passages.append(
                Passage(
                    id=passage_id(key, GENERATION, ordinal),
                    paper=key,
                    generation=GENERATION,
                    ordinal=ordinal,
                    page=number,
                    text=" ".join(paragraph.replace("-\n", "").split()),
                )
            )
    library.passages.write(key, GENERATION, passages)
    library.passages.write_pages(
        key, [Page(number=n, width=612, height=792, text=t) for n, t in enumerate(pages, 1)]
    )
    return library.papers.advance(
        key,
        PaperState.INDEXED,
        version=version,
        pages=len(pages),
        generation=GENERATION,
        sha256=f"{arxiv_id:0>64}",
    )


def hits_of(library: Library, paper: Paper, *, dense: float = 0.6) -> list[Hit]:
    """All passages of a paper as hits, in reading order."""
    return [
        Hit(
            rank=rank,
            score=1.0 / rank,
            ref=paper.ref,
            arxiv_id=paper.arxiv_id,
            version=paper.version,
            title=paper.title,
            page=passage.page,
            section=None,
            kind=passage.kind,
            text=passage.text,
            boxes=(),
            passage=passage.id,
            paper=paper.key,
            dense=dense,
            bm25=5.0,
        )
        for rank, passage in enumerate(library.passages.of(paper.key), 1)
    ]
