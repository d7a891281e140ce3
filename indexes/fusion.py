"""Two retrievers' scores made one: z-scores over the candidates, summed with weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexes.engine import Candidate, Candidates

# The share of the dense score. Questions in a student's own words (dev.jsonl) are flat between 0.6
# and 0.8, QASPER's, which repeat the paper's words, fall from 0.5 on: 0.6 serves both.
DENSE_WEIGHT = 0.6


@dataclass(frozen=True)
class Fused:
    """A candidate with its fused score, and the raw ones: cosine, BM25 (None: no shared term)."""

    id: str
    score: float
    dense: float | None
    bm25: float | None


def fuse(candidates: Candidates, *, dense_weight: float = DENSE_WEIGHT) -> list[Fused]:
    """Rank the union of both lists, best first; ties go by dense score, then by id.

    Raw scores have no common scale (a cosine lies in a narrow band, BM25 grows with the number of
    terms), so each is taken relative to its own mean and spread for this query. A passage without a
    shared term has BM25 score 0, which is exact. With one list empty the other ranks alone.
    """
    dense = _scores(candidates.dense)
    bm25 = _scores(candidates.bm25)
    ids = sorted(dense.keys() | bm25.keys())
    if not ids:
        return []
    floor = min(dense.values(), default=0.0)
    by_meaning = _standardised([dense.get(i, floor) for i in ids])
    by_words = _standardised([bm25.get(i, 0.0) for i in ids])
    share = 1.0 if not bm25 else 0.0 if not dense else dense_weight
    scores = share * by_meaning + (1 - share) * by_words
    fused = [
        Fused(i, float(score), dense.get(i), bm25.get(i))
        for i, score in zip(ids, scores, strict=True)
    ]
    return sorted(fused, key=lambda f: (-f.score, -(f.dense or 0.0), f.id))


def _scores(candidates: tuple[Candidate, ...]) -> dict[str, float]:
    return {candidate.id: candidate.score for candidate in candidates}


def _standardised(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    array = np.array(values, dtype=np.float64)
    spread = array.std()
    centred: np.ndarray[tuple[int], np.dtype[np.float64]] = array - array.mean()
    return centred / spread if spread > 1e-9 else centred * 0.0
