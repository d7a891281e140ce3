"""HTML to outline."""

# ruff: noqa: SIM905 - word lists are easier to read as words
from __future__ import annotations

import re
from html.parser import HTMLParser

from ingest.syllabus.outline import Cell, Kind, Line, Outline, Row, Span, lines_of

_SKIPPED = frozenset(
    ("script style template noscript svg nav select button iframe textarea").split()
)
_BREAKING = frozenset(
    (
        "p div section article header footer main aside blockquote pre dl dt dd details "
        "summary center figure figcaption form fieldset hr address body title caption"
    ).split()
)
_LINE_MARK = re.compile(r"line ([0-9]+)")
_WIDEST = 20  # columns that one cell may span; more is a slip or an attack


def html_outline(source: str) -> Outline:
    """The outline of an HTML page (or of HTML that `markdown_outline` rendered)."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.finish()


class _Table:
    """A table being read: its header, and the cells that still reach down into the next rows."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.header: list[str] = []
        self.reaching: dict[int, int] = {}  # column: rows still to cover
        self.rows = 0
        self.line = 0
        self.row: list[tuple[int, bool, list[Line]]] | None = None  # column, is th, lines
        self.column = 0

    def open_row(self, line: int) -> None:
        self.row, self.column, self.line = [], 0, line

    def open_cell(self, *, heading: bool, columns: int, rows: int) -> list[Line]:
        while self.reaching.get(self.column, 0) > 0:
            self.reaching[self.column] -= 1
            self.column += 1
        lines: list[Line] = []
        assert self.row is not None
        self.row.append((self.column, heading, lines))
        for column in range(self.column, self.column + columns):
            if rows > 1:
                self.reaching[column] = rows - 1
        self.column += columns
        return lines

    def close_row(self) -> Row | None:
        """The row, None for a header or an empty row."""
        cells, self.row = self.row, None
        if not cells:
            return None
        self.rows += 1
        texts = [" ".join(line.text for line in lines) for _, _, lines in cells]
        all_headings = all(heading for _, heading, _ in cells)
        if self.rows == 1 and (all_headings or _looks_like_header(texts)):
            self.header = [""] * (self.column + 1)
            for (column, _, _), text in zip(cells, texts, strict=True):
                self.header[column] = text
            return None
        return Row(
            number=self.line,
            table=self.number,
            cells=tuple(
                Cell(self.header[column] if column < len(self.header) else "", tuple(lines))
                for column, _, lines in cells
            ),
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = Outline()
        self._spans: list[Span] = []
        self._kind, self._level, self._line = Kind.TEXT, 0, 1
        self._newlines: list[int] = []
        self._offset = 0  # source line minus line of the stream
        self._depth = 0
        self._skipping: list[str] = []
        self._href: str | None = None
        self._link_text: list[str] = []
        self._tables: list[_Table] = []
        self._cells: list[list[Line] | None] = []
        self._table_count = 0
        self._in_title = False

    # -- HTMLParser --------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if mark := values.get("data-line"):
            self._mark(mark)
        if self._skipping or tag in _SKIPPED:
            if tag in _SKIPPED:
                self._skipping.append(tag)
            return
        if tag == "a":
            self._close_link()
            if "href" in values:
                if not self._spans:
                    self._line, self._newlines = self._here(), []
                self._href = values["href"] or ""
        elif tag == "br":
            self._break_line()
        elif tag == "li":
            self._begin(Kind.ITEM, max(self._depth, 1))
        elif tag in ("ul", "ol"):
            self._begin(Kind.TEXT, self._depth)
            self._depth += 1
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._begin(Kind.HEADING, int(tag[1]))
        elif tag == "table":
            self._begin(Kind.TEXT, self._depth)
            self._table_count += 1
            self._tables.append(_Table(self._table_count))
            self._cells.append(None)
        elif tag == "tr" and self._tables:
            self._close_row()
            self._tables[-1].open_row(self._here())
        elif tag in ("td", "th") and self._tables:
            self._open_cell(tag, values)
        elif tag in _BREAKING and not (self._kind is Kind.ITEM and not self._has_content()):
            self._begin(Kind.TEXT, self._depth)
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
            return
        if tag == "a":
            self._close_link()
        elif tag in ("ul", "ol"):
            self._depth = max(0, self._depth - 1)
            self._begin(Kind.TEXT, self._depth)
        elif tag in ("td", "th") and self._tables and self._cells[-1] is not None:
            self._flush()
            self._cells[-1] = None
        elif tag == "tr" and self._tables:
            self._close_row()
        elif tag == "table" and self._tables:
            self._close_row()
            self._tables.pop()
            self._cells.pop()
        elif tag in _BREAKING or tag == "li" or (len(tag) == 2 and tag[0] == "h"):
            self._begin(Kind.TEXT, self._depth)
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        if self._in_title:
            self.outline.title = self.outline.title or " ".join(data.split()) or None
            return
        if not self._has_content():
            if not data.strip():
                return
            leading = len(data) - len(data.lstrip())
            self._line = self._here() + data[:leading].count("\n")
            self._newlines = []
            data = data[leading:]
        if self._href is not None:
            self._link_text.append(data)
        else:
            self._spans.append(Span(data))
        self._newlines.extend(self._here() + 1 + i for i in range(data.count("\n")))

    def handle_comment(self, data: str) -> None:
        if found := _LINE_MARK.fullmatch(data):
            self._mark(found.group(1))

    # -- assembly ----------------------------------------------------------------------------

    def finish(self) -> Outline:
        self._flush()
        while self._tables:
            self._close_row()
            self._tables.pop()
            self._cells.pop()
        return self.outline

    def _mark(self, number: str) -> None:
        if number.isdecimal():
            self._offset = int(number) - self.getpos()[0]

    def _here(self) -> int:
        return self.getpos()[0] + self._offset

    def _break_line(self) -> None:
        """A line break for the eye: the source line stays the same."""
        if self._spans and self._href is None:
            self._spans.append(Span("\n"))
            self._newlines.append(self._here())

    def _has_content(self) -> bool:
        return bool(self._spans) or self._href is not None

    def _begin(self, kind: Kind, level: int) -> None:
        self._flush()
        self._kind, self._level = kind, level

    def _close_link(self) -> None:
        if self._href is not None:
            text = "".join(self._link_text)
            self._spans.append(Span(text, self._href))
            self._href, self._link_text = None, []

    def _flush(self) -> None:
        self._close_link()
        spans, self._spans = self._spans, []
        if spans:
            lines = lines_of(spans, self._kind, self._level, self._line, self._newlines)
            cell = next((c for c in reversed(self._cells) if c is not None), None)
            target = self.outline.elements if cell is None else cell
            target.extend(lines)
        self._newlines = []

    def _open_cell(self, tag: str, values: dict[str, str | None]) -> None:
        self._flush()
        table = self._tables[-1]
        if table.row is None:
            table.open_row(self._here())
        self._cells[-1] = table.open_cell(
            heading=tag == "th",
            columns=_count(values.get("colspan")),
            rows=_count(values.get("rowspan")),
        )
        self._kind, self._level = Kind.TEXT, self._depth

    def _close_row(self) -> None:
        self._flush()
        self._cells[-1] = None
        row = self._tables[-1].close_row()
        if row is None:
            return
        outer = next((c for c in reversed(self._cells[:-1]) if c is not None), None)
        if outer is None:
            self.outline.elements.append(row)
        else:  # a table within a cell is that cell's text
            outer.extend(line for cell in row.cells for line in cell.lines)


_HEADER_WORDS = re.compile(
    r"week|date|day|topic|title|readings?|papers?|speakers?|instructors?|presenters?|lecture|"
    r"slides|module|session|who|#|no\.?",
    re.IGNORECASE,
)


def _looks_like_header(texts: list[str]) -> bool:
    """Whether a first row without <th> names columns: short cells, half of them known words."""
    named = sum(1 for text in texts if len(text) < 40 and _HEADER_WORDS.search(text))
    digits = any(re.search(r"[0-9]", text) for text in texts)
    return len(texts) > 1 and not digits and named * 2 >= len(texts)


def _count(value: str | None) -> int:
    return min(int(value), _WIDEST) if value and value.isdecimal() and int(value) > 0 else 1
