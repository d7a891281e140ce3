"""A page's text made readable, and the place of a verified quote in it.

Quotes are matched letter by letter; only what lines breaks and typesetting add is passed over
(space, hyphens, ligatures, case, forms of quotation marks). The gate has judged the quote before:
this only finds where to paint, and paints nothing where it finds nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_PASSED_OVER = set("-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212")
_SAME = {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
_SENTENCE_ENDS = (".", "!", "?", ":")


def reflow(page: str) -> list[str]:
    """The paragraphs of a page whose lines are as long as the paper's columns.

    A line joins the next where it is nearly as long as the column, or stops in mid-sentence. Short
    lines in a row, such as authors or the cells of a table, stay lines of one paragraph.
    """
    lines = [line.strip() for line in page.splitlines()]
    lengths = sorted(len(line) for line in lines if line)
    if not lengths:
        return []
    full = 0.75 * lengths[int(0.8 * (len(lengths) - 1))]
    paragraphs: list[str] = []
    joins = short = False
    for line in lines:
        if not line:
            joins = short = False
            continue
        if joins and paragraphs:
            before = paragraphs[-1]
            if before.endswith("-") and line[0].islower():
                paragraphs[-1] = before[:-1] + line
            else:
                paragraphs[-1] = f"{before} {line}"
        elif short and len(line) < 0.5 * full and paragraphs:
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line)
        mid_sentence = not line.endswith(_SENTENCE_ENDS) and len(line.split()) > 4
        short = len(line) < 0.5 * full and not mid_sentence
        joins = len(line) >= full or (mid_sentence and len(line) >= 0.5 * full)
    return paragraphs


def find_quote(quote: str, paragraphs: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where `quote` stands: (paragraph, start, end) for each paragraph that it touches.

    Text after the last paragraph (a following page) may be given along: see `reflow`.
    """
    stream: list[str] = []
    places: list[tuple[int, int]] = []
    for number, paragraph in enumerate(paragraphs):
        for position, letters in _letters(paragraph):
            stream.append(letters)
            places.extend([(number, position)] * len(letters))
    needle = "".join(letters for _, letters in _letters(quote))
    start = "".join(stream).find(needle) if needle else -1
    if start < 0:
        return []
    touched: dict[int, tuple[int, int]] = {}
    for number, position in places[start : start + len(needle)]:
        first, last = touched.get(number, (position, position))
        touched[number] = (min(first, position), max(last, position))
    return [(number, first, last + 1) for number, (first, last) in touched.items()]


def _letters(text: str) -> list[tuple[int, str]]:
    """(position, folded letters) of every character that counts."""
    found = []
    for position, character in enumerate(text):
        folded = unicodedata.normalize("NFKD", character).casefold()
        kept = "".join(_SAME.get(c, c) for c in folded if not c.isspace() and c not in _PASSED_OVER)
        if kept:
            found.append((position, kept))
    return found
