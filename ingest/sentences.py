"""Text into sentences, with their places in it.

Scientific prose is full of full stops that end nothing: et al., Fig. 3, i.e., 0.05, J. K. Smith,
[12]. A wrong split costs a quote its sense, so in doubt the text goes on.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# A full stop, then closing quotes, brackets and citation marks, then space.
# A footnote's number stuck to it (`formal regulation.43 While`) belongs to neither sentence.
_END = re.compile(
    r"[.!?…]+(?:[”’\"')\]]|\s?\[[\d,\s–-]+\])*(?=\s|$)|"
    r"(?<=[A-Za-z)]{2})[.!?][”\"]?(?=\d{1,3}(?:\s+[A-Z“]|\s*$))"
)
_FOOTNOTE = re.compile(r"\d{1,3}(?=\s|$)")
_SHORT = (
    "a.k.a a.m al approx assoc bros ca cf ch chap col conf corr def dept doc dr e.g ed eds "
    "eq eqn eqns eqs esp est etc ex fig figs gen gov i.e i.i.d inc int jr lem lett lt ltd "
    "math max min mr mrs ms mt no nos nr nucl op p.a p.m ph.d phys pp proc prof prop pt ref "
    "refs rem rep resp rev s.t sec secs sect sr st suppl tab tabs tech thm trans u.k u.s "
    "univ viz vol vols vs w.r.t"
)
_ABBREVIATIONS = frozenset(_SHORT.split())
# These may well end a sentence; they do where the next word looks like a beginning.
_MAY_END = frozenset(["etc", "al", "u.s", "u.k", "a.m", "p.m", "inc", "ph.d", "i.i.d", "min"])
_LAST_WORD = re.compile(r"[\w.]*\w$")
_LONGEST = 24  # characters looked at for an abbreviation: from the text's beginning is quadratic
_OPENING = re.compile(r"\s+[\"“‘'(\[]*(\S)(\S*)")
_LIST_NUMBER = re.compile(r"(?:^|\n|[.!?]\s)\s*\(?(?:\d{1,2}|[ivx]{1,4}|[A-Z])$")


class Sentence(NamedTuple):
    """A sentence and its half-open range of characters in the text it was cut from."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """`text` cut into sentences in order; `text[s.start:s.end] == s.text`, white space trimmed."""
    gaps = _gaps(text)
    starts = [0, *(start for _, start in gaps)]
    ends = [*(end for end, _ in gaps), len(text)]
    return list(_trimmed(text, zip(starts, ends, strict=True)))


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence; together they hold all of `text` but white space.

    A footnote's number, which `sentences` leaves out, ends the sentence that it is stuck to.
    """
    cuts = [0, *(start for _, start in _gaps(text)), len(text)]
    return [(s.start, s.end) for s in _trimmed(text, itertools.pairwise(cuts))]


def ends_sentence(line: str) -> bool:
    """Whether a line of prose closes a sentence (or opens a list or a formula)."""
    return line.rstrip("\"'”’)]* ")[-1:] in {".", "!", "?", ":", ";"}


def _gaps(text: str) -> list[tuple[int, int]]:
    """Where each sentence but the last ends, and where the next one begins."""
    gaps = []
    for mark in _END.finditer(text):
        note = _FOOTNOTE.match(text, mark.end())
        start = mark.end() if note is None else note.end()
        if _separates(text, mark, start):
            gaps.append((mark.end(), start))
    return gaps


def _trimmed(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Sentence]:
    for start, end in spans:
        trimmed = text[start:end].strip()
        if trimmed:
            begin = text.index(trimmed, start)
            yield Sentence(trimmed, begin, begin + len(trimmed))


def _separates(text: str, mark: re.Match[str], start: int) -> bool:
    """Whether the full stop of `mark` ends a sentence, with another that begins at `start`."""
    opening = _OPENING.match(text, start)
    if opening is None:
        return True
    begins = opening[1].isupper() or opening[1].isdigit() or not opening[1].isalnum()
    if not mark.group().startswith("."):
        return begins
    if opening[1].islower():
        # A name such as `iPhone` or `mBERT` begins a sentence in lower case; nothing else does.
        return any(c.isupper() for c in opening[2])
    before = _LAST_WORD.search(text[max(0, mark.start() - _LONGEST) : mark.start()])
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
