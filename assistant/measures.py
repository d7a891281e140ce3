"""The measures of evaluation, as pure functions over words and numbers.

A passage *hits* a gold quote when it holds at least half of the quote's word trigrams; both sides
are NFKC, de-hyphenated, lower-cased, letters and digits only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

WORD_BUDGETS = (300, 600, 1200, 2400)
RECALL_DEPTH = 10
EVIDENCE_QUOTES = 3
EVIDENCE_WORDS = 150

_LINE_END_HYPHEN = re.compile(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)")


def words(text: str) -> list[str]:
    """The words that measures compare: hyphenation mended, case and punctuation gone."""
    mended = _LINE_END_HYPHEN.sub("", unicodedata.normalize("NFKC", text).replace("\u00ad", ""))
    bare = ("".join(c for c in word if c.isalnum()) for word in mended.lower().split())
    return [word for word in bare if word]


def trigrams(listed: Sequence[str]) -> set[tuple[str, ...]]:
    """Word trigrams; of a text shorter than three words, all of it as one."""
    if len(listed) < 3:
        return {tuple(listed)} if listed else set()
    return {tuple(listed[i : i + 3]) for i in range(len(listed) - 2)}


def hits(passage: Sequence[str], gold: Sequence[str]) -> bool:
    """Whether a passage's words hold at least half of a gold quote's trigrams."""
    wanted = trigrams(gold)
    return bool(wanted) and 2 * len(wanted & trigrams(passage)) >= len(wanted)


def overlaps(quote: Sequence[str], gold: Sequence[str]) -> bool:
    """Whether two quotes share half of the shorter one's trigrams."""
    one, other = trigrams(quote), trigrams(gold)
    shorter = min(len(one), len(other))
    return shorter > 0 and 2 * len(one & other) >= shorter


def first_hit(ranked: Sequence[Sequence[str]], gold: Sequence[str]) -> int | None:
    """The rank, from 1, of the first passage that hits; an empty one stands for another paper."""
    for rank, passage in enumerate(ranked, start=1):
        if hits(passage, gold):
            return rank
    return None


def within_words(ranked: Sequence[Sequence[str]], budget: int) -> list[Sequence[str]]:
    """The first `budget` words of ranked passages; the last passage is cut where they end."""
    taken: list[Sequence[str]] = []
    for passage in ranked:
        if budget <= 0:
            break
        taken.append(passage[:budget])
        budget -= len(passage)
    return taken


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, ties counting half (Mann and Whitney).

    None where either side is empty.
    """
    if not positives or not negatives:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    return wins / (len(positives) * len(negatives))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) lies, between neighbours by proportion."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ratio(part: float, whole: float) -> float | None:
    """`part / whole`, None where there is no whole."""
    return part / whole if whole else None
