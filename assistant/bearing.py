"""Whether quotes can bear a claim at all: a mechanical test, not a judgement of meaning.

A number, a negation or a name in the claim must come from somewhere. Where none of the quotes has
it, the claim says more than its quotes do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.folding import fold

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:[.,]\d+)*(?![\w])|(?<=\w)\d+(?:\.\d+)*")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|cannot|without|nothing|fails? to|lacks?|unable)\b|n't\b"
)
_NAME = re.compile(r"\b(?:[A-Z][\w-]*[A-Z0-9][\w-]*|[A-Z][a-z]+)\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|[\"“(\[]\s*)$")
_NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve"
_WORDS_OF_NUMBERS = {word: str(value) for value, word in enumerate(_NUMERALS.split())}


def unsupported(claim: str, quotes: Sequence[str], *, known: Iterable[str] = ()) -> str | None:
    """What `claim` holds that none of its `quotes` does, None where there is no such thing.

    `known` are words about the papers themselves (title, authors): a claim may use those.
    """
    evidence = fold(" \n".join(quotes))
    numbers = _numbers(evidence)
    about = fold(" ".join(known))
    for number in _numbers(fold(claim)) - numbers:
        if number not in _numbers(about):
            return f"the number {number}"
    if _NEGATION.search(fold(claim)) and not _NEGATION.search(evidence):
        return "a negation"
    vocabulary = set(re.findall(r"\w+", f"{evidence} {about}"))
    for name in _names(claim):
        parts = re.findall(r"\w+", fold(name))
        if not all(part in vocabulary or part.removesuffix("s") in vocabulary for part in parts):
            return f"the name {name}"
    return None


def _numbers(folded: str) -> set[str]:
    """The numbers of a folded text, with their signs, without separators of thousands."""
    found = {re.sub(r",(?=\d{3})", "", m.group()) for m in _NUMBER.finditer(folded)}
    return found | {_WORDS_OF_NUMBERS[w] for w in folded.split() if w in _WORDS_OF_NUMBERS}


def _names(text: str) -> list[str]:
    """Capitalised words that no sentence begins with, and acronyms anywhere."""
    return [
        m.group()
        for m in _NAME.finditer(text)
        if sum(c.isupper() for c in m.group()) > 1
        or any(c.isdigit() for c in m.group())
        or not _SENTENCE_START.search(text[: m.start()])
    ]
