"""The words of a question that carry it, and how much each of them tells."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assistant.folding import fold

_FUNCTION_WORDS = (
    "a about above after again all also am an and any are as at be because been before being below "
    "between both but by can could did do does doing done down during each either else ever few "
    "for from further get gets give given gives go goes got had has have having he her here him "
    "his how however i if in instead into is it its itself just let like made make makes many may "
    "me might mine more most much must my neither no nor not now of off often on once one ones "
    "only or other others our out over own per rather really same say says she should since so "
    "some still such tell than that the their them themselves then there these they this those "
    "though through to too toward under until up upon us use used uses using very via was we well "
    "were what whatever when where whether which while who whom whose why will with within without "
    "would you your yours please exactly actually mean means called come comes put take takes "
    "author authors paper papers work study article according report reported reports reason "
    "number different kind way two"
)
_STOP = frozenset(_FUNCTION_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
_SUFFIX = re.compile(r"(?:ations?|ings?|edly|ed|es|s|ly|e)$")


def stem(word: str) -> str:
    """`word` without its commonest English endings, at least four letters long."""
    shorter = _SUFFIX.sub("", word)
    return shorter if len(shorter) >= 4 and word.isalpha() else word


def terms(text: str) -> list[str]:
    """The content words of `text`, folded and stemmed, in order; a compound counts as its parts."""
    words = (part for w in _WORD.findall(fold(text)) for part in _parts(w))
    return [stem(word) for word in words if word not in _STOP and (len(word) > 1 or word.isdigit())]


def _parts(word: str) -> Sequence[str]:
    return [word] if any(c.isdigit() for c in word) else re.split(r"[.-]", word)


def rarity(texts: Iterable[str]) -> Mapping[str, float]:
    """Inverse document frequency of the terms of `texts`; what is in none of them has no entry."""
    counts: Counter[str] = Counter()
    size = 0
    for text in texts:
        counts.update(set(terms(text)))
        size += 1
    return {term: math.log(1 + (size - n + 0.5) / (n + 0.5)) for term, n in counts.items()}


def coverage(wanted: Iterable[str], text: str, weights: Mapping[str, float]) -> float:
    """Share of the weight of `wanted` that `text` holds, 0 to 1; unknown terms weigh the most."""
    unknown = max(weights.values(), default=1.0)
    wanted = set(wanted)
    total = sum(weights.get(term, unknown) for term in wanted)
    present = set(terms(text))
    found = sum(weights.get(term, unknown) for term in wanted if term in present)
    return found / total if total else 0.0
