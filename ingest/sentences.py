"""Where sentences end, in the prose of papers."""

from __future__ import annotations

import re

# A full stop, maybe a footnote's number on it, then a capital, a digit or a bullet.
_END = re.compile(
    r"[.!?][\"'”’)\]]*(?:(?<=[a-z”’)\]]\.)\d{1,3})?\s+"
    r"(?=[\"'“‘(\[]?[A-Z0-9À-ÖØ-Þ]|[•–∗*▪])"
)
_ABBREVIATIONS = frozenset(
    [
        "e.g",
        "i.e",
        "cf",
        "vs",
        "etc",
        "al",
        "resp",
        "viz",
        "approx",
        "ca",
        "fig",
        "figs",
        "eq",
        "eqs",
        "sec",
        "secs",
        "sect",
        "tab",
        "ref",
        "refs",
        "thm",
        "lem",
        "prop",
        "def",
        "cor",
        "ch",
        "app",
        "no",
        "nos",
        "vol",
        "pp",
        "p",
        "dr",
        "prof",
        "mr",
        "mrs",
        "ms",
        "st",
        "jr",
        "sr",
        "ed",
        "eds",
        "proc",
        "conf",
        "int",
        "phys",
        "rev",
        "lett",
        "math",
        "nucl",
        "univ",
        "dept",
        "inc",
        "ltd",
        "co",
        "w.r.t",
        "a.k.a",
    ]
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of `text`, without the space between them."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _abbreviates(text, match.start()):
            continue
        spans.append((start, start + len(text[start : match.end()].rstrip())))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _abbreviates(text: str, dot: int) -> bool:
    """Whether the full stop at `dot` belongs to an abbreviation, an initial or a list's number."""
    word = text[max(0, dot - 12) : dot].rpartition(" ")[2].lstrip("([“‘\"'")
    if word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper()):
        return True
    return word.isdigit() and len(word) <= 2 and dot == len(word)


def ends_sentence(text: str) -> bool:
    """Whether a line of prose closes a sentence (or opens a list or a formula)."""
    return text.rstrip("\"'”’)]* ")[-1:] in {".", "!", "?", ":", ";"}
