"""Which sentences of a paper carry its argument: the extractive side of reports and summaries.

A sentence is scored for an aspect by its part of the paper, its cue phrases, its figures, its place
and its nearness to the centre of the paper; what is chosen first makes its like less welcome
(maximal marginal relevance). Every quote chosen has passed the gate.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.aspects import Aspect
from assistant.gate import Gate
from assistant.parts import Part
from assistant.results import Quote
from assistant.statements import Statement, statements
from assistant.terms import terms
from assistant.verbatim import LINE_BREAK
from indexes.embedding import Embedder
from indexes.engine import Vector
from indexes.library import Library
from indexes.papers import Paper

_EMBEDDED = 96  # sentences of a paper, the likeliest: half a second of embedding
_BARELY = 0.9  # and where no sentence shows it better
_CONSIDERED = 80  # the best candidates of one choice
_WEAK_CUES = 3  # more of them say nothing more
_ENOUGH = 1.3  # score below which a sentence does not show its aspect
_ALIKE = 0.75  # cosine above which two sentences say the same
_SAME_FIGURE = 0.2  # likeness of two sentences that give the same figure, on top
_REPETITION = 1.6  # how much likeness to what is chosen costs
_HYPHEN_IN_DOUBT = 0.4  # what a compound broken at its hyphen costs a sentence

_FIGURE = re.compile(
    r"(?<![\w.,\[(–-])[~≈<>]?\d+(?:[.,]\d+)*\s?(?:%|×|x\b|percent|times|points?|fold|days?|hours?|"
    r"minutes?|seconds?|GPU|[kKMGT]?B\b|billion|million|BLEU|F1)|(?<![\w.\[(])\d+[.,]\d+(?![\w.]*[)\]])"
)
_OWN = re.compile(
    r"\b(?:we|our|us|this (?:paper|work|article|report|survey|study)|nous|notre|nos)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A verified quote, the sentence it is and its score, higher is better."""

    quote: Quote
    statement: Statement
    score: float


class PaperReading:
    """The quotable sentences of one paper and the choice among them."""

    def __init__(
        self, paper: Paper, *, library: Library, gate: Gate, embedder: Embedder | None
    ) -> None:
        self.paper = paper
        self.statements = statements(paper, library)
        self._gate = gate
        self._embedder = embedder
        self._vectors: dict[int, Vector] = {}
        self._centre: Vector | None = None
        self._taken: list[int] = []
        self._cheap: dict[str, list[float]] = {}
        self._refused = 0

    def prepare(self, aspects: Iterable[Aspect]) -> None:
        """Score every sentence for these aspects and embed the likeliest of them."""
        best = np.full(len(self.statements), -np.inf)
        for aspect in aspects:
            self._cheap[aspect.name] = [_cheap(s, aspect) for s in self.statements]
            best = np.maximum(best, self._cheap[aspect.name])
        if self._embedder is None or not self.statements:
            return
        self._embed([int(i) for i in np.argsort(-best)[:_EMBEDDED]])
        abstract = [i for i, s in enumerate(self.statements) if s.part is Part.ABSTRACT]
        core = [self._vectors[i] for i in (abstract or self._vectors) if i in self._vectors]
        if core:
            mean = np.mean(core, axis=0)
            self._centre = mean / max(float(np.linalg.norm(mean)), 1e-9)

    def choose(self, aspect: Aspect, limit: int) -> list[Found]:
        """Up to `limit` verified quotes that show `aspect`, best first; `prepare` it before."""
        wanted = self._embedder.embed_query(aspect.query) if self._embedder else None
        found: list[Found] = []
        for least in (_ENOUGH, _BARELY):
            scores = {
                i: cheap + self._nearness(i, wanted)
                for i, cheap in enumerate(self._cheap[aspect.name])
                if cheap >= least and (least == _ENOUGH or _OWN.search(self.statements[i].text))
            }
            found = found or self._pick(scores, limit)
        return found

    def about(self, text: str, limit: int, *, least: float) -> list[Found]:
        """Up to `limit` verified quotes about `text`, whose likeness to it is at least `least`."""
        if self._embedder is not None:
            missing = [i for i in range(len(self.statements)) if i not in self._vectors]
            self._embed(missing[: 4 * _EMBEDDED])
            wanted = self._embedder.embed_query(text)
            likeness = {i: float(v @ wanted) for i, v in self._vectors.items()}
        else:
            asked = set(terms(text))
            likeness = {
                i: len(asked & s.terms) / max(len(asked), 1) for i, s in enumerate(self.statements)
            }
        scores = {
            i: value * self.statements[i].ease for i, value in likeness.items() if value >= least
        }
        return self._pick(scores, limit)

    def central(self, limit: int, among: Collection[int] | None = None) -> list[Found]:
        """Up to `limit` verified quotes nearest to the centre of the paper."""
        scores = {
            i: statement.ease * (1 + self._nearness(i, None))
            for i, statement in enumerate(self.statements)
            if (among is None or i in among) and statement.part is not Part.APPENDIX
        }
        return self._pick(scores, limit)

    def gist(self, approach: Aspect, result: Aspect) -> list[Found]:
        """The one sentence that says most: what was done and what came of it; empty where none."""
        scores = {
            i: did + 0.7 * came + self._nearness(i, None)
            for i, (did, came) in enumerate(
                zip(self._cheap[approach.name], self._cheap[result.name], strict=True)
            )
            if did + came > 0
        }
        return self._pick(scores, 1) or self.central(1)

    def likeliest(self, count: int) -> list[Statement]:
        """The `count` sentences that show some prepared aspect best, in reading order."""
        best = np.max(list(self._cheap.values()), axis=0)
        return [self.statements[i] for i in sorted(np.argsort(-best)[:count].tolist())]

    def take(self, statement: Statement) -> Found | None:
        """The quote of one sentence, which is not chosen again; None where it cannot be used."""
        found = self._pick({statement.number: 0.0}, 1)
        return found[0] if found else None

    @property
    def broken(self) -> bool:
        """Whether most sentences don't stand on their pages as they read: a broken text layer."""
        return self._refused > 5 * max(len(self._taken), 2)

    def untaken(self) -> list[Statement]:
        """The sentences not chosen so far that were likely enough to be embedded."""
        known = self._vectors or range(len(self.statements))
        return [self.statements[i] for i in known if i not in self._taken]

    def like(self, statement: Statement, other: Statement) -> float:
        """Likeness of two sentences, 0 to 1."""
        left, right = (self._vectors.get(s.number) for s in (statement, other))
        if left is not None and right is not None:
            return float(left @ right)
        ours, theirs = statement.terms, other.terms
        return len(ours & theirs) / max(min(len(ours), len(theirs)), 1)

    def _pick(self, scores: dict[int, float], limit: int) -> list[Found]:
        """The best of `scores` (statement number to score) that stand and don't repeat another."""
        left = {i: scores[i] for i in sorted(scores, key=lambda i: -scores[i])[:_CONSIDERED]}
        found: list[Found] = []
        demoted: set[int] = set()
        while left and len(found) < limit:
            best = max(left, key=lambda i: (left[i] - self._repetition(i), -i))
            score = left.pop(best)
            if best in self._taken or self._repeats(best):
                continue
            quote = self._verified(self.statements[best])
            if quote is None:
                self._refused += 1
            elif LINE_BREAK in quote.text and best not in demoted:
                # Print shows no line ends, and there the hyphen's owner is anybody's guess.
                demoted.add(best)
                left[best] = score - _HYPHEN_IN_DOUBT
            else:
                self._taken.append(best)
                found.append(Found(quote, self.statements[best], score))
        return found

    def _verified(self, statement: Statement) -> Quote | None:
        checked = (self._gate.check(quote) for quote in statement.quotes())
        return next((quote for quote in checked if quote.verified), None)

    def _likeness(self, index: int) -> float:
        """To the most similar sentence chosen so far."""
        statement = self.statements[index]
        figures = _decimals(statement)
        return max(
            (
                self.like(statement, taken) + _SAME_FIGURE * bool(figures & _decimals(taken))
                for taken in (self.statements[i] for i in self._taken)
            ),
            default=0.0,
        )

    def _repetition(self, index: int) -> float:
        return _REPETITION * max(0.0, self._likeness(index) - 0.4)

    def _repeats(self, index: int) -> bool:
        return self._likeness(index) > _ALIKE

    def _nearness(self, index: int, wanted: Vector | None) -> float:
        """How near a sentence is to the paper's centre, and to the words of an aspect."""
        vector = self._vectors.get(index)
        if vector is None:
            return 0.0
        centre = float(vector @ self._centre) if self._centre is not None else 0.0
        return 0.9 * centre + (0.5 * float(vector @ wanted) if wanted is not None else 0.0)

    def _embed(self, indices: Sequence[int]) -> None:
        if self._embedder is None or not indices:
            return
        vectors = self._embedder.embed([self.statements[i].text for i in indices])
        self._vectors.update(zip(indices, vectors, strict=True))


def _decimals(statement: Statement) -> set[str]:
    """Figures exact enough to tell one result from another."""
    return set(re.findall(r"\d+\.\d+", statement.text))


def _cheap(statement: Statement, aspect: Aspect) -> float:
    """The score of a sentence for an aspect by its words and its place; 0 where it shows none."""
    text = statement.text
    if aspect.refused.search(text):
        return 0.0
    strong = len({m.group().casefold() for m in aspect.strong.finditer(text)})
    weak = len({m.group().casefold() for m in aspect.weak.finditer(text)})
    decisive = statement.part in aspect.decisive
    opening = statement.lead and aspect.opens and weak > 0
    if not (strong or decisive or opening):
        return 0.0
    figures = len(_FIGURE.findall(text))
    score = aspect.homes.get(statement.part, 0.0)
    score += (
        1.0 * bool(strong or opening)
        + 0.4 * opening
        + 0.3 * (strong > 1)
        + 0.15 * min(weak, _WEAK_CUES)
    )
    score += aspect.numbers * (min(figures, 2) / 2 if figures else 0.0)
    score += aspect.early * (1 - statement.position) * 0.5
    own = _OWN.search(text) is not None
    score += aspect.own * own
    score -= 0.25 * (len(text.split()) > 32) + 0.5 * (statement.part is Part.APPENDIX)
    score -= 0.6 * (statement.part is Part.RELATED and not own)
    return max(score, 0.0) * statement.ease
