"""Whether the papers hold an answer at all: a calibrated score, not a model's mood.

A logistic model over what retrieval shows: how near the best passages come in meaning, how much of
the question's wording they hold, and how much of it stands in one sentence. The weights come from
bench/calibrate_confidence.py, fitted on questions of other fields against questions on the papers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.folding import fold
from assistant.results import Confidence
from assistant.sentences import sentences
from assistant.terms import coverage, rarity, terms
from indexes.hits import Hit

_DEPTH = 10
_NAMED = 4  # missing words a reason names


@dataclass(frozen=True)
class Weights:
    """Logit = bias + nearest cosine, mean of the three nearest, passage and sentence coverage."""

    bias: float
    nearest: float
    near: float
    passage: float
    sentence: float


WITH_MEANING = Weights(bias=-5.6, nearest=8.0, near=4.0, passage=1.5, sentence=1.5)
WORDS_ALONE = Weights(bias=-3.0, nearest=0.0, near=0.0, passage=4.0, sentence=3.0)
ABSENT_BELOW = 0.15
FOUND_FROM = 0.6


@dataclass(frozen=True)
class Features:
    """What the score is made of, each 0 to 1; `nearest` and `near` None without an embedder."""

    nearest: float | None
    near: float | None
    passage: float
    sentence: float


@dataclass(frozen=True)
class Verdict:
    """`score` is the probability that the passages answer; `reason` says what was missing."""

    confidence: Confidence
    score: float
    reason: str | None


def features(question: str, hits: Sequence[Hit]) -> Features:
    """Measured over the best passages; every hit must come from one search."""
    best = hits[:_DEPTH]
    asked = terms(question)
    weights = rarity(hit.text for hit in best)
    texts = [f"{hit.title or ''} {' '.join(hit.path)} {hit.text}" for hit in best]
    cosines = sorted((hit.dense for hit in best if hit.dense is not None), reverse=True)
    return Features(
        nearest=cosines[0] if cosines else None,
        near=sum(cosines[:3]) / len(cosines[:3]) if cosines else None,
        passage=max((coverage(asked, text, weights) for text in texts), default=0.0),
        sentence=max(
            (coverage(asked, s.text, weights) for hit in best for s in sentences(hit.text)),
            default=0.0,
        ),
    )


def probability(found: Features) -> float:
    """The probability that the passages answer the question."""
    weights = WORDS_ALONE if found.nearest is None else WITH_MEANING
    logit = (
        weights.bias
        + weights.nearest * (found.nearest or 0.0)
        + weights.near * (found.near or 0.0)
        + weights.passage * found.passage
        + weights.sentence * found.sentence
    )
    return 1 / (1 + math.exp(-logit))


def assess(question: str, hits: Sequence[Hit], *, papers: int) -> Verdict:
    """How likely `hits` answer `question`; `papers` is how many were searched."""
    if papers == 0:
        return Verdict("absent", 0.0, "no paper has been read in yet")
    if not hits:
        return Verdict("absent", 0.0, f"no passage of the {_papers(papers)} matches the question")
    score = probability(features(question, hits))
    if score >= FOUND_FROM:
        return Verdict("found", score, None)
    missing = missing_words(question, hits[:_DEPTH])
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
            missing.setdefault(fold(word), word)
    return list(missing.values())


def _papers(count: int) -> str:
    return "1 paper" if count == 1 else f"{count} papers"
