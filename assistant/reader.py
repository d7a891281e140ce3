"""The extractive reader: the best quotes for a question, without a language model.

Candidates are sentences, and neighbouring sentences together, of the passages found. Each is
scored by meaning (cosine with the question), by the question's words in it, by its passage, and by
the words that mark an answer of the kind asked for. Only what the gate verifies is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from assistant.gate import Gate, long_enough
from assistant.question_kind import answers_kind, question_kind
from assistant.results import Quote
from assistant.terms import coverage, rarity, terms
from indexes.embedding import Embedder
from indexes.engine import Vector
from indexes.hits import Hit
from indexes.passages import PassageKind
from ingest.sentences import sentences

QUOTES = 3
WORDS = 150  # in all quotes of an answer together
_PASSAGES = 12  # read for an answer
_QUOTE_WORDS = 50  # of two sentences together
_LONGEST = 80  # words of a sentence, or of a piece of what has none, such as a table
_SHORT_WORDS = 7  # headings, labels, titles of figures
_EMBEDDED = 40  # sentences, the best by passage and words: what fits into a tenth of a second

# Weights of a score; measured: half or twice of any changes evidence_hit by two points at most.
_MEANING, _WORDING, _PASSAGE, _CUE, _SHORT, _BESIDE = 2.0, 0.5, 0.5, 0.15, 0.3, 0.2
_HELPFUL = 0.3  # a further quote scores at most so much less than the best
_SAME = 0.85  # cosine above which two quotes say the same
_BESIDE_PROSE = frozenset([PassageKind.CAPTION, PassageKind.FORMULA, PassageKind.FOOTNOTE])
_NOT_PROSE = re.compile(r"^\d{1,3}[A-Z][a-z]")  # a footnote's number run into its first word
_CONTENTS = re.compile(r"(?:(?:\. ?){4}.*){3}", re.DOTALL)  # dots that lead to page numbers


@dataclass(frozen=True)
class Excerpt:
    """A verified quote, the passage it is from and its score, higher is better.

    `sentence` is the part of the quote that scored.
    """

    quote: Quote
    sentence: str
    hit: Hit
    score: float


@dataclass(frozen=True)
class _Sentence:
    """One sentence of a passage: `hit.text[start:end]`."""

    text: str
    start: int
    end: int
    hit: Hit


def read(
    question: str,
    hits: Sequence[Hit],
    *,
    gate: Gate,
    embedder: Embedder | None,
    limit: int = QUOTES,
    words: int = WORDS,
) -> list[Excerpt]:
    """At most `limit` verified quotes of at most `words` words in all, best first.

    Fewer where one says it: none that scores much less than the best, and none that repeats
    another. Empty where no hit holds a sentence that can be verified.
    """
    candidates = _candidates(hits[:_PASSAGES])
    scores, vectors = _scores(question, candidates, hits[:_PASSAGES], embedder)
    chosen: list[Excerpt] = []
    heads: list[int] = []
    taken: set[int] = set()
    left = words
    for best in sorted(range(len(candidates)), key=lambda n: -scores[n]):
        if len(chosen) == limit or (chosen and scores[best] < chosen[0].score - _HELPFUL):
            break
        if best in taken or any(_alike(best, head, candidates, vectors) for head in heads):
            continue
        span, quote = _grow(best, candidates, scores, left, taken, gate)
        if quote is not None:
            one = candidates[best]
            chosen.append(Excerpt(quote, one.text, one.hit, scores[best]))
            heads.append(best)
            taken.update(span)
            left -= len(quote.text.split())
    return chosen


def _candidates(hits: Sequence[Hit]) -> list[_Sentence]:
    """The sentences of the passages, in order; what is too long to quote is cut into windows."""
    found: list[_Sentence] = []
    for hit in hits:
        if _CONTENTS.search(hit.text):
            continue
        for sentence in sentences(hit.text):
            words = list(re.finditer(r"\S+", sentence.text))
            step = min(len(words), _LONGEST)
            for first in range(0, len(words), step):
                piece = words[first : first + step]
                start = sentence.start + piece[0].start()
                end = sentence.start + piece[-1].end()
                found.append(_Sentence(hit.text[start:end], start, end, hit))
    return [one for one in found if not _NOT_PROSE.search(one.text)] or found


def _alike(
    one: int, other: int, candidates: Sequence[_Sentence], vectors: Mapping[int, Vector]
) -> bool:
    """Whether two candidates say the same: by meaning, or by their words without vectors."""
    if one in vectors and other in vectors:
        return float(vectors[one] @ vectors[other]) > _SAME
    left, right = (set(terms(candidates[n].text)) for n in (one, other))
    return len(left & right) > _SAME * min(len(left), len(right))


def _scores(
    question: str, candidates: Sequence[_Sentence], hits: Sequence[Hit], embedder: Embedder | None
) -> tuple[list[float], dict[int, Vector]]:
    """How well each candidate answers `question`, comparable within one call, and its vectors."""
    if not candidates:
        return [], {}
    kind = question_kind(question)
    asked = terms(question)
    weights = rarity(hit.text for hit in hits)
    best, worst = max(h.score for h in hits), min(h.score for h in hits)
    spread = (best - worst) or 1.0
    cheap = [
        _WORDING * coverage(asked, f"{c.hit.section or ''} {c.text}", weights)
        + _PASSAGE * (c.hit.score - worst) / spread
        + _CUE * answers_kind(kind, c.text, asked)
        - _SHORT * (len(c.text.split()) < _SHORT_WORDS or c.text.endswith("?"))
        - _BESIDE * (c.hit.kind in _BESIDE_PROSE)
        for c in candidates
    ]
    if embedder is None:
        return cheap, {}
    worth = sorted(range(len(candidates)), key=lambda n: -cheap[n])[:_EMBEDDED]
    vectors = embedder.embed([candidates[n].text for n in worth])
    cosines = vectors @ embedder.embed_query(question)
    scores = [min(cheap) - 1.0] * len(candidates)
    for n, cosine in zip(worth, cosines.tolist(), strict=True):
        scores[n] = cheap[n] + _MEANING * cosine
    return scores, dict(zip(worth, vectors, strict=True))


def _grow(
    best: int,
    candidates: Sequence[_Sentence],
    scores: Sequence[float],
    words: int,
    taken: Collection[int],
    gate: Gate,
) -> tuple[range, Quote | None]:
    """The best sentence with its better neighbour, where both fit and stand together on the page.

    A sentence alone often lacks the half that answers; its neighbour has it.
    """
    hit = candidates[best].hit
    alone = range(best, best + 1)
    pairs = [range(n, n + 2) for n in (best, best - 1)]
    inside = [
        pair
        for pair in pairs
        if pair[0] >= 0
        and pair[-1] < len(candidates)
        and all(candidates[n].hit is hit and n not in taken for n in pair)
    ]
    inside.sort(key=lambda pair: -max(scores[n] for n in pair if n != best))
    for span in [*inside, alone]:
        text = hit.text[candidates[span[0]].start : candidates[span[-1]].end]
        most = words if len(span) == 1 else min(words, _QUOTE_WORDS)
        if len(text.split()) > most or not long_enough(text):
            continue
        quote = _verified(text, hit, gate)
        if quote is not None:
            return span, quote
    return alone, None


def _verified(text: str, hit: Hit, gate: Gate) -> Quote | None:
    """`text` as a verified quote: on the passage's page, or the next where the passage runs on."""
    for page in dict.fromkeys([hit.page, *(box.page for box in hit.boxes)]):
        quote = gate.check(Quote(ref=hit.ref, page=page, text=text))
        if quote.verified:
            return quote
    return None
