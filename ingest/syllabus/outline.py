"""The outline: what every format of a syllabus is turned into before anything is classified.

A source is a sequence of lines and table rows. A line is a heading, a list item or a line of text;
its spans are text or links. A format (Markdown, HTML, …) is supported by producing this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from indexes.cleaning import clean

TEXT_DEPTH = 7


class Kind(Enum):
    """What a line is in its source."""

    HEADING = auto()
    ITEM = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; a link where `url` is set (the empty string is a link to nowhere)."""

    text: str
    url: str | None = None

    @property
    def bare(self) -> bool:
        """Whether the address itself, or the id, is all there is to see."""
        return self.url is not None and self.text == self.url


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source. `number` counts from 1.

    `level` is 1–6 for a heading, else the depth of the list that holds the line (0 outside lists).
    `first` tells whether the line begins its paragraph or item.
    """

    kind: Kind
    level: int
    number: int
    spans: tuple[Span, ...]
    first: bool = True

    @property
    def text(self) -> str:
        return " ".join("".join(span.text for span in self.spans).split())

    @property
    def plain(self) -> str:
        """The text outside the links."""
        return " ".join(" ".join(s.text for s in self.spans if s.url is None).split())

    @property
    def depth(self) -> int:
        """One scale for headings (1–6), text (7) and items (8 and deeper)."""
        return self.level if self.kind is Kind.HEADING else TEXT_DEPTH + self.level

    @property
    def has_links(self) -> bool:
        return any(span.url is not None for span in self.spans)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `column` is the header above it, "" where there is none."""

    column: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Row:
    """A table row below the header; `table` counts the tables of the source."""

    number: int
    table: int
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Outline:
    """A source in reading order; `title` and `date` come from its front matter or head."""

    elements: list[Line | Row] = field(default_factory=list)
    title: str | None = None
    date: str | None = None

    def lines(self) -> Iterator[Line]:
        """All lines, those of table cells included."""
        for element in self.elements:
            if isinstance(element, Line):
                yield element
            else:
                for cell in element.cells:
                    yield from cell.lines


# What a reader sees as a link although nothing marks it: addresses, slips of the pen in addresses
# (which the reader of the outline reports), arXiv ids and DOIs.
_AUTOLINK = re.compile(
    r"""
      https?://[^\s<>"`{}|\\^]+
    | \b(?:https?:(?!//)|https?(?=//)|hht?tps?://|ht?ps?://|htt?tps?://)[^\s<>"`{}|\\^]+
    | \b(?:www|(?:export\.)?arxiv(?=\.org/))\.[^\s<>"`{}|\\^]+\.[^\s<>"`{}|\\^]+
    | \barxiv:[ ]?[a-z-]{0,12}(?:\.[a-z-]{2,8})?/?[0-9][0-9.,]*[0-9](?:v[0-9]+)?
    | \b(?:doi:[ ]?)?10\.48550/arxiv\.[^\s<>"]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CLOSERS = {")": "(", "]": "["}


def split_links(text: str) -> list[Span]:
    """`text` as spans, with the addresses and arXiv ids in it as links of their own."""
    spans: list[Span] = []
    end = 0
    for found in _AUTOLINK.finditer(text):
        url = trim_address(found.group())
        if found.start() > end:
            spans.append(Span(text[end : found.start()]))
        spans.append(Span(url, url))
        end = found.start() + len(url)
    if end < len(text):
        spans.append(Span(text[end:]))
    return spans


def trim_address(url: str) -> str:
    """`url` without the punctuation of the sentence around it."""
    while url:
        last = url[-1]
        unbalanced = last in _CLOSERS and url.count(last) > url.count(_CLOSERS[last])
        if not unbalanced and last not in ".,;:!?'\"*_”’…":
            break
        url = url[:-1]
    return url


def lines_of(
    spans: list[Span], kind: Kind, level: int, number: int, newlines: list[int] | None = None
) -> list[Line]:
    """Spans that may hold line breaks, as lines; a link stays whole on the line it begins.

    `newlines` gives the source line that follows each break (else they count up from `number`);
    a heading is always one line.
    """
    rows: list[list[Span]] = [[]]
    numbers = [number]
    breaks = 0
    for span in spans:
        parts = [span.text] if span.url is not None else span.text.split("\n")
        for index, part in enumerate(parts):
            if index:
                breaks += 1
                if kind is not Kind.HEADING:
                    after = newlines[breaks - 1] if newlines else number + breaks
                    rows.append([])
                    numbers.append(after)
                elif part:
                    part = f" {part}"
            if span.url is not None:
                breaks += part.count("\n")
                rows[-1].append(Span(_flat(part), trim_address(clean(span.url).strip())))
            elif part:
                rows[-1].extend(split_links(clean(part)))
    lines: list[Line] = []
    for row, row_number in zip(rows, numbers, strict=True):
        if any(span.text.strip() or span.url is not None for span in row):
            lines.append(Line(kind, level, row_number, tuple(row), first=not lines))
    return lines


def _flat(text: str) -> str:
    return " ".join(clean(text).split())
