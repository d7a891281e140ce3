"""Rows: what a reader sees as one line of print, from the pieces the engine gives."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.blocks import Line, Rect, SourcePage
from ingest.mending import mend_glyphs

_LETTERS = re.compile(r"[^\W\d_]{2,}")


class Row(NamedTuple):
    """One line of print. `lines` are the indices of its pieces among the page's lines."""

    page: int
    text: str  # glyphs mended, one line
    rect: Rect
    size: float
    bold: bool
    block: int
    lines: tuple[int, ...]
    gaps: bool  # wide spaces inside: a row of a table, or a numbered heading
    hidden: bool
    prose: bool  # reads as running text rather than as a label, a number or a formula


def rows_of(page: SourcePage) -> list[Row]:
    """The page's rows in the order of its text, without side stamps and labels of axes.

    Where most of a page is set at an angle, it is a turned table and stays.
    """
    turned = sum(line.upright for line in page.lines) * 2 < len(page.lines)
    rows: list[Row] = []
    pieces: list[int] = []
    for index, line in enumerate(page.lines):
        if not line.upright and not turned:
            continue
        if pieces and not _continues(page.lines[pieces[-1]], line):
            rows.append(_row(page, pieces))
            pieces = []
        pieces.append(index)
    if pieces:
        rows.append(_row(page, pieces))
    return [row for row in rows if row.text]


def _continues(last: Line, line: Line) -> bool:
    """Whether `line` stands to the right of `last` on the same line of print."""
    if last.hidden is not line.hidden or last.upright is not line.upright:
        return False
    overlap = min(last.rect[3], line.rect[3]) - max(last.rect[1], line.rect[1])
    low = min(last.rect[3] - last.rect[1], line.rect[3] - line.rect[1])
    if overlap < 0.5 * low:
        return False
    gap = line.rect[0] - last.rect[2]
    near = 4.0 if line.block == last.block else 1.2
    return -0.9 * max(last.size, line.size) <= gap <= near * max(last.size, line.size, 1.0) * 1.5


def _row(page: SourcePage, pieces: Sequence[int]) -> Row:
    lines = [page.lines[index] for index in pieces]
    text = mend_glyphs(lines[0].text)
    wide = 0
    for before, line in itertools.pairwise(lines):
        gap = line.rect[0] - before.rect[2]
        text += ("" if _broken_word(before, line, gap) else " ") + mend_glyphs(line.text)
        wide += 3 if gap > 1.5 * line.size else gap > 0.6 * line.size
    main = max(lines, key=lambda line: len(line.text))
    length = sum(len(line.text) for line in lines)
    text = " ".join(text.split())
    gaps = wide >= 3  # one gap as wide as a column's, or several wider than a space
    return Row(
        page=page.number,
        text=text,
        rect=union([line.rect for line in lines]),
        size=main.size,
        bold=sum(len(line.text) for line in lines if line.bold) * 10 >= 8 * length,
        block=lines[0].block,
        lines=tuple(pieces),
        gaps=gaps,
        hidden=main.hidden,
        prose=len(_LETTERS.findall(text)) >= (10 if gaps else 5),
    )


def _broken_word(before: Line, line: Line, gap: float) -> bool:
    """Whether two pieces are one word: letter meets letter with no room for a space between."""
    return (
        gap < 0.08 * line.size
        and before.text[-1:].isalpha()
        and line.text[:1].isalpha()
        and abs(before.rect[1] - line.rect[1]) < 0.5
        and abs(before.rect[3] - line.rect[3]) < 0.5
    )


def union(rects: Sequence[Rect]) -> Rect:
    """The smallest rectangle around all of `rects`, of which there is at least one."""
    if len(rects) == 1:
        return rects[0]
    x0, y0, x1, y1 = zip(*rects, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def body_size(rows: Iterable[Row]) -> float:
    """The type size that most characters are set in; 10 for a document without text."""
    sizes: Counter[float] = Counter()
    for row in rows:
        sizes[round(row.size * 2) / 2] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0
