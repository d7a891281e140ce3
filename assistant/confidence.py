"""Whether the papers hold an answer at all: a calibrated score, not a model's mood.

A logistic model over what retrieval shows: how near the best passages come to the question in
meaning, how near even the tenth does (a question of another field has a lone neighbour by chance),
how many of its content words one passage holds, and how narrow the search was (in one paper the
tenth passage is further off than in twenty). The weights come from
tests/bench/calibrate_confidence.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.folding import fold
from assistant.results import Confidence
from assistant.terms import terms
from indexes.hits import Hit

DEPTH = 12  # passages that are looked at
_DEEP = 10
_ENOUGH_WORDS = 4  # in one passage: more tell nothing more
_NAMED = 4  # missing words that a reason names


@dataclass(frozen=True)
class Weights:
    """Of the features of that name; the sum is the logit."""

    bias: float
    near: float
    deep: float
    matched: float
    narrow: float


WITH_MEANING = Weights(-15.46, 13.67, 18.18, 10.02, 5.87)
WORDS_ALONE = Weights(-8.35, 0.0, 0.0, 14.43, 3.66)
ABSENT_BELOW = 0.5
FOUND_FROM = 0.8


@dataclass(frozen=True)
class Features:
    """What the score is made of, each 0 to 1; `near` and `deep` None without an embedder.

    `near`: mean cosine of the three nearest passages; `deep`: cosine of the tenth; `matched`:
    content words in one passage, four being 1; `narrow`: one by the number of papers searched.
    """

    near: float | None
    deep: float | None
    matched: float
    narrow: float


@dataclass(frozen=True)
class Verdict:
    """`score` is the probability that the passages answer; `reason` says what was missing."""

    confidence: Confidence
    score: float
    reason: str | None


def features(question: str, hits: Sequence[Hit], *, papers: int) -> Features:
    """Measured over the best passages; every hit must come from one search of `papers` papers."""
    asked = set(terms(question))
    held = [asked.intersection(terms(f"{hit.title or ''} {hit.text}")) for hit in hits[:DEPTH]]
    cosines = sorted((h.dense for h in hits[:DEPTH] if h.dense is not None), reverse=True)
    most = max(map(len, held), default=0)
    return Features(
        near=sum(cosines[:3]) / len(cosines[:3]) if cosines else None,
        deep=cosines[min(_DEEP, len(cosines)) - 1] if cosines else None,
        matched=min(most, _ENOUGH_WORDS) / _ENOUGH_WORDS,
        narrow=1 / max(papers, 1),
    )


def probability(found: Features) -> float:
    """The probability that the passages answer the question."""
    weights = WORDS_ALONE if found.near is None else WITH_MEANING
    logit = (
        weights.bias
        + weights.near * (found.near or 0.0)
        + weights.deep * (found.deep or 0.0)
        + weights.matched * found.matched
        + weights.narrow * found.narrow
    )
    return 1 / (1 + math.exp(-logit))


def assess(question: str, hits: Sequence[Hit], *, papers: int) -> Verdict:
    """How likely `hits` answer `question`; `papers` is how many were searched."""
    if papers == 0:
        return Verdict("absent", 0.0, "no paper has been read in yet")
    if not hits:
        return Verdict("absent", 0.0, f"no passage of the {_papers(papers)} matches the question")
    score = probability(features(question, hits, papers=papers))
    if score >= FOUND_FROM:
        return Verdict("found", score, None)
    missing = missing_words(question, hits[:DEPTH])
    where = f"the nearest passages of {_papers(papers)}"
    if missing:
        reason = f"{where} do not mention {', '.join(missing[:_NAMED])}"
    else:
        reason = f"{where} share words with the question but hardly its subject"
    return Verdict("absent" if score < ABSENT_BELOW else "unsure", score, reason)


def missing_words(question: str, hits: Sequence[Hit]) -> list[str]:
    """Content words of the question, as asked, that none of the passages holds."""
    present = {term for hit in hits for term in terms(f"{hit.title or ''} {hit.text}")}
    missing: dict[str, str] = {}
    for word in re.findall(r"[^\W_]+(?:[.-][^\W_]+)*", question):
        parts = terms(word)
        if parts and not present.intersection(parts):
            missing.setdefault(fold(word), word if len(word) <= 40 else f"{word[:39]}…")
    return list(missing.values())


def _papers(count: int) -> str:
    return "1 paper" if count == 1 else f"{count} papers"
