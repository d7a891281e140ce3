"""Running heads and page numbers: what a page repeats at its edge."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from ingest.blocks import SourcePage
from ingest.rows import Row

_EDGE = 0.16  # of the page's height
_DRIFT = 8  # points: a scanned page does not sit still
_ROWS = 8  # at most so many lines of head or foot
_NUMBERS = 3  # a page number is one of so many
_NUMBER = re.compile(
    r"\W*(?:page|p\.|seite)?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:(?:of|/|sur|von)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


def without_running_heads(
    pages: Sequence[SourcePage], rows: Sequence[list[Row]], body: float
) -> list[list[Row]]:
    """`rows` (one list a page) less page numbers and lines that return at the same height.

    A line must return on three pages (two of a short document); large type never counts, since
    slides repeat their titles.
    """
    seen: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    edges = [_edge(page, of_page) for page, of_page in zip(pages, rows, strict=True)]
    for page, edge in zip(pages, edges, strict=True):
        for row in edge:
            seen[_mark(row)].add(page.number)
    enough = 3 if len(pages) > 4 else 2
    kept: list[list[Row]] = []
    for of_page, edge in zip(rows, edges, strict=True):
        outermost = edge[:_NUMBERS] + edge[-_NUMBERS:]
        dropped = {row.lines for row in outermost if _NUMBER.fullmatch(row.text)} | {
            row.lines for row in edge if row.size <= body * 1.15 and _returns(seen, row) >= enough
        }
        kept.append([row for row in of_page if row.lines not in dropped])
    return kept


def _edge(page: SourcePage, rows: Sequence[Row]) -> list[Row]:
    """The rows at the very top and bottom of a page."""
    by_height = sorted(rows, key=lambda row: row.rect[1])
    top = [row for row in by_height[:_ROWS] if row.rect[3] < page.height * _EDGE]
    bottom = [row for row in by_height[-_ROWS:] if row.rect[1] > page.height * (1 - _EDGE)]
    return top + bottom


def _mark(row: Row) -> tuple[str, int]:
    return _DIGITS.sub("#", row.text.lower()), round(row.rect[1] / _DRIFT)


def _returns(seen: defaultdict[tuple[str, int], set[int]], row: Row) -> int:
    text, height = _mark(row)
    return len(set().union(*(seen.get((text, height + d), ()) for d in (-1, 0, 1))))
