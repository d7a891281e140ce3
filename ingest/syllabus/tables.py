"""Table rows of a schedule: which cell holds week, date, topic, speaker and readings."""

from __future__ import annotations

import re
from enum import Enum, auto

from ingest.syllabus.dates import find_date
from ingest.syllabus.outline import Cell, Line, Row
from ingest.syllabus.roles import Label, read_label
from ingest.syllabus.titles import tidy_text
from ingest.syllabus.weeks import (
    Marker,
    MarkerKind,
    is_break,
    read_cell_number,
    read_week_cell,
    split_title,
)


class Column(Enum):
    """What a column of a schedule holds."""

    NUMBER = auto()
    DATE = auto()
    TOPIC = auto()
    SPEAKER = auto()
    READINGS = auto()
    OTHER = auto()


_COLUMNS: tuple[tuple[Column, re.Pattern[str]], ...] = tuple(
    (column, re.compile(words, re.IGNORECASE))
    for column, words in (
        (
            Column.NUMBER,
            r"^\W*(?:weeks?|wk|#|no\.?|nr\.?|lectures? ?(?:#|no\.?)|session|unit|module)\W*$",
        ),
        (Column.READINGS, r"reading|papers?\b|references?|optional|material|homework|assignment"),
        (Column.DATE, r"\b(?:dates?|days?|when)\b"),
        (Column.TOPIC, r"topic|title|theme|subject|content|lecture|talk|description|concept"),
        (Column.SPEAKER, r"speaker|instructor|presenter|lecturer|who\b|guest|taught|lead"),
    )
)
_NOTHING = re.compile(
    r"\W*(?:tb[ad]|tba|n/?a|none|no readings?|to be (?:announced|determined)|see above)?\W*",
    re.IGNORECASE,
)


def column_of(cell: Cell) -> Column:
    """What the header says of the cell's column."""
    for column, words in _COLUMNS:
        if words.search(cell.column):
            return column
    return Column.OTHER


def read_row(row: Row) -> Marker | None:
    """The session that a row opens; None where it continues the one above or is no session."""
    number: str | None = None
    kind = MarkerKind.DATE
    dated = None
    for cell in row.cells[:3]:
        column, text = column_of(cell), tidy_text(cell.text)
        if len(text) > 60 or column in (Column.READINGS, Column.SPEAKER):
            continue
        if number is None and (found := read_week_cell(text)):
            if column is not Column.TOPIC or text == tidy_text(row.cells[0].text):
                kind, number = found
        elif number is None and column is Column.NUMBER and (plain := read_cell_number(text)):
            kind, number = _kind_of_column(cell), plain
        if dated is None and column is not Column.TOPIC:
            dated = find_date(text)
    if number is None and dated is None:
        return None
    title, speaker = title_and_speaker(row)
    off = is_break(" ".join(cell.text for cell in row.cells if len(cell.text) < 60))
    has_links = any(line.has_links for cell in row.cells for line in cell.lines)
    return Marker(kind, number, dated, title, speaker, off and number is None and not has_links)


def reading_label(cell: Cell) -> Label | None:
    """The role that the header gives to the readings of a cell."""
    return read_label(cell.column) if column_of(cell) is Column.READINGS else None


def says_nothing(text: str) -> bool:
    """Whether a readings cell only says that there are none."""
    return _NOTHING.fullmatch(text) is not None


def _kind_of_column(cell: Cell) -> MarkerKind:
    return (
        MarkerKind.WEEK if re.search(r"we?e?k", cell.column, re.IGNORECASE) else MarkerKind.LECTURE
    )


def title_and_speaker(row: Row) -> tuple[str | None, str | None]:
    """What the cells of a row say of its session."""
    title = speaker = None
    has_topic = any(column_of(cell) is Column.TOPIC for cell in row.cells)
    for cell in row.cells:
        column = column_of(cell)
        if column is Column.TOPIC and title is None and cell.lines:
            title, speaker = split_title(_own_words(cell.lines[0]))
            # "Topic / Speaker, Affiliation" in one cell under a header that promises both.
            if speaker is None and _promises_speaker(cell) and len(cell.lines) > 1:
                speaker = _own_words(cell.lines[1]) or None
    for cell in row.cells:
        column = column_of(cell)
        text = ", ".join(filter(None, (_own_words(line) for line in cell.lines)))
        if column is Column.SPEAKER and _is_wording(text):
            speaker = text
        elif title is None and column is Column.OTHER and not has_topic and _is_subject(text):
            title = text
    return title, speaker


def _is_wording(text: str) -> bool:
    return len(text) < 160 and not says_nothing(text) and re.search(r"[^\W\d]{2}", text) is not None


def _is_subject(text: str) -> bool:
    return _is_wording(text) and find_date(text) is None and read_week_cell(text) is None


def _promises_speaker(cell: Cell) -> bool:
    return re.search(r"guest|speaker", cell.column, re.IGNORECASE) is not None


def _own_words(line: Line) -> str:
    """The text of a line without links to slides and the brackets left around them."""
    text = line.plain or line.text
    return re.sub(r"\s*[\[(]\s*[\])]", "", tidy_text(text)).strip(" ,;:|–-")
