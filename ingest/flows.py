"""A document's rows sorted into flows: running text by section, and what interrupts it.

Running text goes on across columns, pages, footnotes and figures; captions, footnotes and the
labels of figures and tables are flows of their own, so that no passage mixes them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from indexes.passages import PassageKind
from ingest.bibliography import unheaded_start
from ingest.blocks import SourcePage
from ingest.headings import ABSTRACT, APPENDIX, REFERENCES, Headings, numbering
from ingest.rows import Row
from ingest.sentences import ends_sentence

_CAPTION = re.compile(
    r"(?:Figure|Fig\.|FIG\.|Table|TABLE|FIGURE|Tableau|Algorithm|Listing|Abbildung|Tabelle|Box|Scheme|Plate)"
    r"\s*(?:[A-Z]?\d{1,3}(?:\.\d+)?|[IVX]+|[A-Z]\.\d+)(?:\s*[:.|–—]|\s+[A-Z(]|\s*$)"
)
_NOTE = re.compile(r"(?:\d{1,2}|[∗*†‡§¶♠♦♣♥⋆])\s*\S")
_RUN_IN_ABSTRACT = re.compile(
    r"(?:abstract|résumé|summary)\s*(?:[:.—–-]+\s*|\s(?=[A-Z]))", re.IGNORECASE
)
_LIST = re.compile(r"(?:[•●▪◦‣∙·–—*-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+\S")
_SIGNS = re.compile("[=≤≥≠∈∑∫∂√≈≲→∥∇⟨⟩]")
_LOOSE_ROWS = 9  # so many rows without prose are a figure or a table, not a displayed formula


@dataclass
class Flow:
    """Rows that are read one after the other, by paragraph. `headings` counts those before it."""

    headings: int = 0
    kind: PassageKind = PassageKind.TEXT
    paragraphs: list[list[Row]] = field(default_factory=list)


class Heading(NamedTuple):
    """A heading, its level from 1; `row` is None where text runs on in the heading's line."""

    text: str
    level: int
    row: Row | None


@dataclass
class Outline:
    """A document sorted: flows in the order in which they begin, the bibliography, the headings."""

    flows: list[Flow] = field(default_factory=list)
    references: list[Row] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)


def section_paths(headings: Iterable[Heading]) -> list[tuple[str, ...]]:
    """The section path after so many headings: none after none, and so on."""
    paths: list[tuple[str, ...]] = [()]
    for heading in headings:
        paths.append((*paths[-1][: heading.level - 1], heading.text))
    return paths


class Sorter:
    """Walks once through a document's rows."""

    def __init__(self, rows: Sequence[Row], body: float, pages: Sequence[SourcePage]) -> None:
        self._rows = rows
        self._body = body
        self._heights = {page.number: page.height for page in pages}
        # No sentence runs on from one slide to the next.
        self._slides = sum(page.width > page.height for page in pages) * 2 > len(pages)
        self._headings = Headings(rows, body)
        self._in_prose = self._blocks_of_prose()
        self._slide_titles = self._largest_at_top() if self._slides else set()
        self._outline = Outline()
        self._main = Flow()
        self._last: Row | None = None  # of the running text
        self._in_references = False
        self._front = not self._slides and self._has_front()

    def sort(self) -> Outline:
        """The document's flows, references and headings."""
        loose = dict(self._loose_runs())
        bibliography = unheaded_start(self._rows)
        index = 0
        while index < len(self._rows):
            row = self._rows[index]
            if index == bibliography and not self._in_references:
                self._in_references = True
                self._outline.headings.append(Heading("References", 1, None))
            end = self._heading_end(index)
            if row.hidden:  # never mixed with what a reader sees
                index = self._aside(index, self._hidden_end(index), PassageKind.TEXT)
            elif end > index:
                self._open_section(self._rows[index:end])
                index = end
            elif self._starts_block(index) and _CAPTION.match(row.text):
                index = self._aside(index, self._caption_end(index), PassageKind.CAPTION)
            elif self._in_references:
                self._outline.references.append(row)
                index += 1
            elif index in loose:
                index = self._aside(index, loose[index], PassageKind.TEXT)
            elif self._is_note(index):
                index = self._aside(index, self._block_end(index), PassageKind.FOOTNOTE)
            else:
                self._continue(row)
                index += 1
        return self._outline

    def _largest_at_top(self) -> set[Row]:
        """The titles of slides: on each the largest type, in its upper part."""
        titles: set[Row] = set()
        for number, of_page in itertools.groupby(self._rows, key=lambda row: row.page):
            rows = list(of_page)
            largest = max(row.size for row in rows)
            top = [row for row in rows if row.size > largest - 0.5]
            if len(top) < min(4, len(rows)) and top[0].rect[1] < 0.3 * self._heights[number]:
                titles.update(top)
        return titles

    def _has_front(self) -> bool:
        """Whether a title and authors come before the first heading: in a paper, not in slides."""
        return any(
            self._headings.opens_body(row) and self._heading_end(index) > index
            for index, row in enumerate(self._rows)
            if row.page <= 3
        )

    # -- headings -----------------------------------------------------------------------------

    def _heading_end(self, index: int) -> int:
        """The index after the heading that begins at `index`; `index` where none does."""
        end = index
        if self._slides:
            while end < len(self._rows) and self._rows[end] in self._slide_titles:
                end += 1
            return end
        before = self._rows[index - 1] if index else None
        while end < len(self._rows) and end < index + 3:
            row = self._rows[end]
            after = self._rows[end + 1] if end + 1 < len(self._rows) else None
            if end > index:
                first = self._rows[end - 1]
                joins = (
                    row.page == first.page
                    and abs(row.size - first.size) < 0.6
                    and row.bold is first.bold
                    and 0 <= row.rect[1] - first.rect[1] < 2.2 * row.size
                    and (row.block == first.block or row.size > 1.3 * self._body)
                    and not numbering(row.text)
                    and (row.bold or row.size > 1.05 * self._body)
                )
                if not joins:
                    break
            elif not self._headings.is_heading(before, row, after):
                break
            end += 1
        if self._in_references and end > index and not self._leaves_references(self._rows[index]):
            return index
        return end

    def _leaves_references(self, row: Row) -> bool:
        if row.text.startswith(("Appendix ", "Annexe ")):
            return True
        emphasised = row.bold or row.size > 1.05 * self._body or row.text.isupper()
        return emphasised and (
            APPENDIX.match(row.text) is not None or self._headings.level(row) == 1
        )

    def _open_section(self, rows: Sequence[Row]) -> None:
        self._main = Flow()
        self._last = None
        text = " ".join(row.text for row in rows)
        level = 1 if self._slides else self._headings.level(rows[0])
        if self._front and not self._headings.opens_body(rows[0]):
            return  # the paper's own title and its authors open no section
        self._front = False
        self._in_references = REFERENCES.fullmatch(text) is not None
        self._outline.headings.append(Heading(text, level, rows[0]))

    # -- asides -------------------------------------------------------------------------------

    def _aside(self, start: int, end: int, kind: PassageKind) -> int:
        flow = Flow(len(self._outline.headings), kind, [list(self._rows[start:end])])
        self._outline.flows.append(flow)
        return end

    def _hidden_end(self, index: int) -> int:
        while index < len(self._rows) and self._rows[index].hidden:
            index += 1
        return index

    def _caption_end(self, index: int) -> int:
        """A caption ends with its block, or goes on below while its sentence is open."""
        end = self._block_end(index)
        while end < len(self._rows):
            last, row = self._rows[end - 1], self._rows[end]
            below = 0 <= row.rect[1] - last.rect[3] < 0.6 * row.size
            if (
                row.page != last.page
                or not below
                or abs(row.size - last.size) > 0.3
                or last.text.endswith(".")
                or self._heading_end(end) > end
            ):
                break
            end = self._block_end(end)
        return end

    def _is_note(self, index: int) -> bool:
        row = self._rows[index]
        return (
            row.size < 0.93 * self._body
            and row.rect[1] > 0.6 * self._heights[row.page]
            and self._starts_block(index)
            and _NOTE.match(row.text) is not None
            and row.prose
        )

    # -- running text -------------------------------------------------------------------------

    def _continue(self, row: Row) -> None:
        run_in = _RUN_IN_ABSTRACT.match(row.text)
        if run_in and row.page <= 2 and not self._outline.headings:
            self._outline.headings.append(Heading("Abstract", 1, None))
            self._main = Flow()
        if not self._main.paragraphs:
            kind = PassageKind.TEXT
            headings = self._outline.headings
            if headings and ABSTRACT.fullmatch(headings[-1].text):
                kind = PassageKind.ABSTRACT
            self._main = Flow(len(self._outline.headings), kind, [[]])
            self._outline.flows.append(self._main)
        elif self._last is not None and self._new_paragraph(self._last, row):
            self._main.paragraphs.append([])
        self._main.paragraphs[-1].append(row)
        self._last = row

    def _new_paragraph(self, last: Row, row: Row) -> bool:
        if abs(row.size - last.size) > 0.2 * self._body and row.prose and last.prose:
            return True
        turned = last.page != row.page
        if turned and self._slides:
            return True
        if (
            not last.prose
            and row.prose
            and last.block != row.block
            and row.text[0].isupper()
            and abs(row.size - last.size) > 0.05 * self._body
        ):
            return True  # the last was a label of a figure
        if not ends_sentence(last.text):
            return bool(_LIST.match(row.text)) and last.block != row.block
        if turned:
            return row.text[0].isupper()
        gap = row.rect[1] - last.rect[3]
        indent = row.rect[0] - last.rect[0]
        return (
            (last.block != row.block and gap > 0.25 * row.size)
            or gap > 0.7 * row.size
            or 0.8 * row.size < indent < 4 * row.size
            or _LIST.match(row.text) is not None
        )

    def _loose_runs(self) -> Iterator[tuple[int, int]]:
        """Runs of blocks without prose on one page: the inside of figures and tables.

        A few such rows, or rows of signs, are a displayed formula, and stay with their sentence.
        """
        runs = itertools.groupby(
            range(len(self._rows)),
            key=lambda i: (self._rows[i].page, self._in_prose[i] or self._heading_end(i) > i),
        )
        for (_, prose), indices in runs:
            run = list(indices)
            formula = sum(_SIGNS.search(self._rows[i].text) is not None for i in run)
            if not prose and len(run) >= _LOOSE_ROWS and formula * 6 < len(run):
                yield run[0], run[-1] + 1

    def _blocks_of_prose(self) -> list[bool]:
        """For each row, whether at least half of its block reads as prose."""
        prose: list[bool] = []
        for _, block in itertools.groupby(self._rows, key=lambda row: (row.page, row.block)):
            rows = list(block)
            reads = sum(row.prose for row in rows) * 2 >= len(rows)
            prose.extend([reads] * len(rows))
        return prose

    def _starts_block(self, index: int) -> bool:
        if index == 0:
            return True
        before, row = self._rows[index - 1], self._rows[index]
        return before.page != row.page or before.block != row.block

    def _block_end(self, index: int) -> int:
        end = index + 1
        while end < len(self._rows) and not self._starts_block(end):
            end += 1
        return end
