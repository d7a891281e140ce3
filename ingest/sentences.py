"""Where sentences end, in the prose of papers."""

from __future__ import annotations

import re

_END = re.compile(
    r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9À-ÖØ-Þ])|[.!?][\"'”’)\]]*\s+(?=[•–∗*▪])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|al|resp|viz|approx|ca|Fig|Figs|Eq|Eqs|Sec|Secs|Sect|Tab|Ref|Refs|"
    r"Thm|Lem|Prop|Def|Cor|Ch|App|No|Nos|Vol|pp|p|Dr|Prof|Mr|Mrs|Ms|St|Jr|Sr|ed|eds|Proc|Conf|Int|"
    r"Phys|Rev|Lett|Math|Nucl|Univ|Dept|Inc|Ltd|Co|w\.r\.t|a\.k\.a)|\b[A-Z]|(?:^|\s)\d{1,2})$"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of `text`, without the space between them."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _ABBREVIATION.search(
            text, max(0, match.start() - 12), match.start()
        ):
            continue
        spans.append((start, start + len(text[start : match.end()].rstrip())))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def ends_sentence(text: str) -> bool:
    """Whether a line of prose closes a sentence (or opens a list or a formula)."""
    return text.rstrip("\"'”’)]* ")[-1:] in {".", "!", "?", ":", ";"}
