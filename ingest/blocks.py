"""Lines of text and layout boxes as the PDF engine gives them: plain, cheap to send by pipe."""

from __future__ import annotations

from typing import NamedTuple

Rect = tuple[float, float, float, float]  # x0, y0, x1, y1 in PDF points, origin top left


class Line(NamedTuple):
    """One line (or piece of a line) of a page, in the order of the page's text.

    `text` is exactly what the page's text holds, control characters included. `size` is the type
    size in points; `block` numbers the engine's text blocks on that page.
    """

    text: str
    rect: Rect
    size: float
    bold: bool
    block: int
    upright: bool = True
    hidden: bool = False  # invisible, off the page or too small to read


class SourcePage(NamedTuple):
    """A page's text twice: as one string, the yardstick of quotes, and line by line."""

    number: int  # counts from 1
    width: float
    height: float
    text: str
    lines: tuple[Line, ...]


class LayoutBox(NamedTuple):
    """A region that the layout engine found, with its class.

    label: text | title | section-header | list-item | caption | table | formula | footnote |
    picture | page-header | page-footer.
    """

    rect: Rect
    label: str


class PageLayout(NamedTuple):
    """A page with its regions in reading order; no boxes where the engine found nothing."""

    page: SourcePage
    boxes: tuple[LayoutBox, ...]

    @property
    def number(self) -> int:
        return self.page.number


class RenderedPdf(NamedTuple):
    """A PDF that was made from HTML."""

    data: bytes
    pages: int
