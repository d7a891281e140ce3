"""The references of a paper, split into entries."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexes.passages import Reference
from ingest.mending import Vocabulary
from ingest.rows import Row

_BRACKET = re.compile(r"\[[\w+&*.,’'\- ]{1,24}\]")
_NUMBER = re.compile(r"\(?\d{1,3}[.)]\s")
_FIRST = re.compile(r"\[1\]\s*\S")
_ENOUGH = 8  # entries in a row make a bibliography without a heading
_MAX_CHARACTERS = 2_000  # of one entry: past this it is not an entry


def unheaded_start(rows: Sequence[Row]) -> int | None:
    """Where a bibliography begins that no heading announces: [1], [2], [3]… at the starts of rows.

    None where there is none in the second half of the document.
    """
    for start in range(len(rows) // 2, len(rows)):
        if _FIRST.match(rows[start].text):
            wanted = 2
            for row in rows[start + 1 :]:
                if row.text.startswith(f"[{wanted}]"):
                    wanted += 1
            if wanted > _ENOUGH:
                return start
    return None


def entries(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Reference]:
    """The bibliography's rows as entries, in order, numbered from 0."""
    starts = _starts(rows)
    found: list[Reference] = []
    current: list[Row] = []
    for row, start in zip(rows, starts, strict=True):
        if start and current:
            found.append(_entry(len(found), current, vocabulary))
            current = []
        current.append(row)
    if current:
        found.append(_entry(len(found), current, vocabulary))
    return found


def _starts(rows: Sequence[Row]) -> list[bool]:
    """Which rows begin an entry: by their mark, else by the hanging indent, else by the block."""
    for mark in (_BRACKET, _NUMBER):
        marked = [mark.match(row.text) is not None for row in rows]
        if sum(marked) >= 2 and sum(marked) * 8 >= len(rows) and any(marked[:3]):
            return marked
    margins = [_margin(rows, row) for row in rows]
    hanging = [row.rect[0] - margin for row, margin in zip(rows, margins, strict=True)]
    indented = sum(indent > 4 for indent in hanging)
    if indented * 4 >= len(rows):
        return [indent <= 3 for indent in hanging]
    return [
        index == 0 or (row.block != rows[index - 1].block and rows[index - 1].text.endswith("."))
        for index, row in enumerate(rows)
    ]


def _margin(rows: Sequence[Row], row: Row) -> float:
    """The left edge of the column that `row` stands in."""
    return min(
        other.rect[0]
        for other in rows
        if other.page == row.page and abs(other.rect[0] - row.rect[0]) < 40
    )


def _entry(ordinal: int, rows: Sequence[Row], vocabulary: Vocabulary) -> Reference:
    text = ""
    for row in rows:
        if text:
            end, between = vocabulary.joint(text, row.text)
            text = end + between
        text += row.text
    return Reference(ordinal=ordinal, page=rows[0].page, text=text[:_MAX_CHARACTERS])
