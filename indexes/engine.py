"""What a passage index must do, whichever engine does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexes.passages import PassageKind

Vector = NDArray[np.float32]

DENSE_VECTOR = "dense"
BM25_VECTOR = "bm25"
PAYLOAD_KEYS = ("paper", "generation", "kind")


@dataclass(frozen=True)
class Sparse:
    """A sparse vector: token ids and their weights, same length."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Point:
    """One passage as an engine holds it. `dense` is L2-normalised, None in a BM25-only index."""

    id: str
    paper: str
    generation: str
    kind: PassageKind
    dense: Vector | None
    sparse: Sparse

    def payload(self) -> dict[str, str]:
        """What filters ask for, keyed by `PAYLOAD_KEYS`."""
        return {"paper": self.paper, "generation": self.generation, "kind": self.kind.value}


@dataclass(frozen=True)
class Candidate:
    """A passage id with one retriever's raw score."""

    id: str
    score: float


@dataclass(frozen=True)
class Candidates:
    """What both retrievers say about one set of passages: the union of their best.

    A passage that only one of them ranked among its best carries the other's score too, so fusion
    never guesses. `bm25` lacks those that share no term with the query, `dense` those without a
    vector.
    """

    dense: tuple[Candidate, ...]
    bm25: tuple[Candidate, ...]


def missing_from(found: Mapping[str, Sequence[Candidate]]) -> dict[str, list[str]]:
    """For each retriever, the ids that only others found; retrievers that lack none left out."""
    ids = {name: [candidate.id for candidate in answer] for name, answer in found.items()}
    union = sorted({i for answer in ids.values() for i in answer})
    missing = {name: sorted(set(union).difference(answer)) for name, answer in ids.items()}
    return {name: lacking for name, lacking in missing.items() if lacking}


class PassageIndex(Protocol):
    """A store of points with a hybrid query. Calls are safe from several threads.

    Implementations raise `StorageError` when they can't write, `IndexMismatchError` when what is on
    disk was made with other vectors.
    """

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; the same id twice leaves one."""

    def delete(self, ids: Sequence[str]) -> None: ...

    def delete_paper(self, paper: str, *, keep_generation: str | None = None) -> None:
        """Delete a paper's points, or those of its other generations."""

    def retain(self, paper: str, generation: str, ids: Collection[str]) -> None:
        """Delete a generation's points but for `ids`."""

    def relabel(self, ids: Sequence[str], kind: PassageKind) -> None:
        """Change the kind of points in place: vectors stay."""

    def reweigh(self, vectors: Mapping[str, Sparse]) -> None:
        """Replace the BM25 vectors of points that are there, by id; the rest stays."""

    def query(
        self,
        dense: Vector | None,
        sparse: Sparse,
        *,
        limit: int,
        papers: Collection[str] | None = None,
        kinds: Collection[PassageKind] | None = None,
    ) -> Candidates:
        """Both retrievers' best `limit` points, filtered; None means no filter."""

    def count(self, paper: str | None = None, generation: str | None = None) -> int: ...

    def flush(self) -> None:
        """Make everything written so far durable."""

    def optimize(self) -> None:
        """Build what makes large indexes fast; may take a while."""

    def clear(self) -> None:
        """Drop every point and start anew (reindex)."""

    def close(self) -> None: ...
