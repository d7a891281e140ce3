"""Builders for tests of search: an embedder that needs no model, papers with passages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from indexes.engine import Vector
from indexes.library import Library
from indexes.papers import Paper, PaperState, SourceKind
from indexes.passages import Passage, PassageKind, passage_id

GENERATION = "blocks-1|hashing"


class HashEmbedder:
    """Each word adds its own fixed direction: texts that share words lie near each other."""

    def __init__(self, identity: str = "hashing", dimension: int = 64) -> None:
        self.identity = identity
        self.dimension = dimension
        self.embedded: list[str] = []  # every passage it was asked for

    def embed(self, texts: Sequence[str]) -> Vector:
        self.embedded += texts
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._vector(text) for text in texts])

    def embed_query(self, text: str) -> Vector:
        return self._vector(text)

    def _vector(self, text: str) -> Vector:
        total = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in text.casefold().split():
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            total += np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
        unit: Vector = total / np.linalg.norm(total)
        return unit


def make_passage(
    paper: str,
    ordinal: int,
    text: str,
    *,
    generation: str = GENERATION,
    kind: PassageKind = PassageKind.TEXT,
    section: tuple[str, ...] = (),
    hidden: bool = False,
) -> Passage:
    return Passage(
        id=passage_id(paper, generation, ordinal),
        paper=paper,
        generation=generation,
        ordinal=ordinal,
        page=ordinal // 3 + 1,
        kind=kind,
        section=section,
        text=text,
        hidden=hidden,
    )


def add_paper(library: Library, key: str, **fields: object) -> Paper:
    """A queued arXiv paper in the library; `key` is `arxiv:ID`."""
    values: dict[str, object] = {
        "kind": SourceKind.ARXIV,
        "arxiv_id": key.removeprefix("arxiv:"),
        "version": 1,
        "title": f"The paper {key}",
        **fields,
    }
    library.papers.insert(Paper.model_validate({"key": key, **values}))
    return library.papers.require(key)


def make_live(library: Library, key: str, generation: str = GENERATION) -> Paper:
    return library.papers.advance(key, PaperState.INDEXED, generation=generation, pages=1)
