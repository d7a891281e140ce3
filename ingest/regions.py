"""Which region of the layout each row of a page lies in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.blocks import LayoutBox, PageLayout, Rect
from ingest.rows import Row

HEAD = frozenset({"page-header", "page-footer"})
HEADING = frozenset({"section-header", "title"})
APART = frozenset({"table", "caption", "picture", "footnote"})  # units of their own


class Region(NamedTuple):
    """A box of the layout; `place` is its place in the reading order of its page."""

    page: int
    place: int
    label: str


class Regions:
    """The boxes of a document's pages, asked row by row."""

    def __init__(self, layouts: Iterable[PageLayout]) -> None:
        self._boxes = {layout.number: layout.boxes for layout in layouts}
        self._known: dict[tuple[int, tuple[int, ...]], Region | None] = {}

    def of(self, row: Row) -> Region | None:
        """The region that holds the row; None where the engine saw none."""
        key = (row.page, row.lines)
        if key not in self._known:
            self._known[key] = _region(row, self._boxes.get(row.page, ()))
        return self._known[key]

    def label(self, row: Row) -> str:
        region = self.of(row)
        return region.label if region else "text"


def _region(row: Row, boxes: Sequence[LayoutBox]) -> Region | None:
    """The smallest box around the row's middle, else the one that covers most of the row."""
    middle = ((row.rect[0] + row.rect[2]) / 2, (row.rect[1] + row.rect[3]) / 2)
    around = [i for i, box in enumerate(boxes) if _holds(box.rect, middle)]
    if around:
        index = min(around, key=lambda i: _area(boxes[i].rect))
        return Region(row.page, index, boxes[index].label)
    covered = [(_common(row.rect, box.rect), -i) for i, box in enumerate(boxes)]
    best, negative = max(covered, default=(0.0, 0))
    if best < 0.3 * _area(row.rect) or best == 0.0:
        return None
    return Region(row.page, -negative, boxes[-negative].label)


def _holds(rect: Rect, point: tuple[float, float]) -> bool:
    return rect[0] - 1 <= point[0] <= rect[2] + 1 and rect[1] - 1 <= point[1] <= rect[3] + 1


def _area(rect: Rect) -> float:
    return max(0.0, rect[2] - rect[0]) * max(0.0, rect[3] - rect[1])


def _common(one: Rect, other: Rect) -> float:
    return _area(
        (
            max(one[0], other[0]),
            max(one[1], other[1]),
            min(one[2], other[2]),
            min(one[3], other[3]),
        )
    )
