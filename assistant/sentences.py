"""Text into sentences, with their places in it.

Scientific prose is full of full stops that end nothing: et al., Fig. 3, i.e., 0.05, J. K. Smith,
[12]. A wrong split costs a quote its sense, so in doubt the text goes on.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

# A full stop, then closing quotes, brackets and citation marks, then space.
# A footnote's number stuck to it (`formal regulation.43 While`) belongs to neither sentence.
_END = re.compile(
    r"[.!?…]+(?:[”’\"')\]]|\s?\[[\d,\s–-]+\])*(?=\s|$)|"
    r"(?<=[A-Za-z)]{2})[.!?][”\"]?(?=\d{1,3}(?:\s+[A-Z“]|\s*$))"
)
_FOOTNOTE = re.compile(r"\d{1,3}(?=\s|$)")
_SHORT = (
    "al approx assoc bros ca cf ch chap col corr def dept doc dr ed eds eq eqn eqs eqns esp est "
    "etc ex fig figs gen gov inc int jr lem lett lt max min mr mrs ms mt no nos nr op pp proc prof "
    "prop pt ref refs rem rep resp rev sec sect secs sr st suppl tab tabs tech thm trans univ viz "
    "vol vols vs w.r.t i.e e.g a.k.a i.i.d s.t u.s u.k p.a a.m p.m ph.d"
)
_ABBREVIATIONS = frozenset(_SHORT.split())
# These may well end a sentence; they do where the next word looks like a beginning.
_MAY_END = frozenset(["etc", "al", "u.s", "u.k", "a.m", "p.m", "inc", "ph.d", "i.i.d", "min"])
_LAST_WORD = re.compile(r"[\w.]*\w$")
_OPENING = re.compile(r"\s+[\"“‘'(\[]*(\S)(\S*)")
_LIST_NUMBER = re.compile(r"(?:^|\n|[.!?]\s)\s*\(?(?:\d{1,2}|[ivx]{1,4}|[A-Z])$")


class Sentence(NamedTuple):
    """A sentence and its half-open range of characters in the text it was cut from."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """`text` cut into sentences in order; `text[s.start:s.end] == s.text`, white space trimmed."""
    cuts = [0, *(m.end() for m in _END.finditer(text) if _ends_sentence(text, m)), len(text)]
    found: list[Sentence] = []
    for after, end in itertools.pairwise(cuts):
        note = _FOOTNOTE.match(text, after) if after else None
        start = note.end() if note is not None else after
        piece = text[start:end]
        trimmed = piece.strip()
        if trimmed:
            begin = start + piece.index(trimmed)
            found.append(Sentence(trimmed, begin, begin + len(trimmed)))
    return found


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    """Whether the full stop of `mark` ends a sentence."""
    note = _FOOTNOTE.match(text, mark.end())
    opening = _OPENING.match(text, mark.end() if note is None else note.end())
    if opening is None:
        return True
    begins = opening[1].isupper() or opening[1].isdigit() or not opening[1].isalnum()
    if not mark.group().startswith("."):
        return begins
    if opening[1].islower():
        # A name such as `iPhone` or `mBERT` begins a sentence in lower case; nothing else does.
        return any(c.isupper() for c in opening[2])
    before = _LAST_WORD.search(text, 0, mark.start())
    word = before.group() if before is not None else ""
    bare = word.lower().rstrip(".")
    if bare in _ABBREVIATIONS:
        return bare in _MAY_END and opening[1].isupper() and len(opening[2]) > 1
    if len(word) == 1 and word.isupper():
        return not opening[1].isupper() or _SENTENCE_WORD.match(opening[1] + opening[2]) is not None
    return _LIST_NUMBER.search(text[max(0, mark.start() - 8) : mark.start()]) is None


# After a single capital, only such a word shows that a sentence ended there (`… of head A. The`).
_SENTENCE_WORD = re.compile(
    r"(?:The|This|That|These|Those|We|It|In|For|To|As|If|Our|When|While|However|Then|There|"
    r"By|With|On|At|An|Here|Thus|Since|Let|Note|From|Both|Each|All)\b"
)
