"""From an outline to the reading list."""

from __future__ import annotations

import datetime as dt
import re

from indexes.cleaning import clean_line
from indexes.papers import Role, SourceKind
from indexes.reading_list import Reading, ReadingList, Unparsed
from ingest.links import arxiv_id_in, canonical_url, classify_url
from ingest.syllabus.dates import find_date
from ingest.syllabus.markers import choose_cut, find_markers
from ingest.syllabus.outline import TEXT_DEPTH, Kind, Line, Outline, Row
from ingest.syllabus.roles import Label, leading_label, read_label, remark
from ingest.syllabus.scopes import Scopes
from ingest.syllabus.sessions import Session, as_sessions, merge, numbered
from ingest.syllabus.tables import (
    Column,
    column_of,
    reading_label,
    says_nothing,
    title_and_speaker,
)
from ingest.syllabus.terms import term_of
from ingest.syllabus.titles import Title, tidy_text, title_of
from ingest.syllabus.weeks import Marker, MarkerKind, is_break, read_heading, read_speaker
from ingest.syllabus.worth import (
    address_of,
    counts_outside_weeks,
    fault_of,
    is_relative,
    runs_the_course,
)

_MOST_UNPARSED = 200
_SHOWN = 200  # characters of an unparsed line
_DUE = re.compile(
    r"\b(?:due|deadline|submit(?:ted)? by|hand in by)\b[\s:]*(?:on|by|is)?\s*", re.IGNORECASE
)
_NEEDS_LINK = re.compile(
    r"\W{0,4}(?:(?:required|assigned|optional|suggested|recommended|advance)\s+)?"
    r"(?:read|readings?|hw|papers?|reader)\b[^:]{0,40}[:)]\s*(\S.*)?$",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"(?:table of )?contents?", re.IGNORECASE)
_LONGEST_TITLE = 100  # characters


def read_outline(outline: Outline, *, course: str | None, name: str = "") -> ReadingList:
    """Classify an outline. `course` overrules the name that the syllabus gives itself."""
    return _Reader(outline, name).read(course)


class _Reader:
    def __init__(self, outline: Outline, name: str) -> None:
        self.outline = outline
        self.name = name
        self.term = term_of(outline)
        self.markers = find_markers(outline)
        self.cut = choose_cut(outline, self.markers, self.term)
        self.sessions: list[Session] = []
        self.current: Session | None = None
        self.outside: dict[str, tuple[Reading, Title]] = {}
        self.sections: list[Session] = []
        self.headings: list[tuple[int, str]] = []
        self.scopes = Scopes()
        self.unparsed: list[Unparsed] = []
        self.faulty: set[str] = set()  # links reported already
        self.waiting: Line | None = None  # a label that has no reading yet
        self.table: int | None = None

    def read(self, course: str | None) -> ReadingList:
        if self.outline.title:
            self._open_if_marker(read_heading(self.outline.title, heading=True), level=0)
        for index, element in enumerate(self.outline.elements):
            if isinstance(element, Row):
                self._read_row(element, self.markers.get(index))
            else:
                self._read_line(element, self.markers.get(index))
        self._settle_waiting()
        return self._finish(course)

    # -- sessions ----------------------------------------------------------------------------

    def _open_if_marker(self, marker: Marker | None, level: int) -> bool:
        if marker is None or self.cut is None:
            return False
        if marker.kind is not self.cut and not (marker.is_break and self._stands_alone(level)):
            if self.current is not None and marker.kind is MarkerKind.DATE and not marker.is_break:
                self.current.date = self.current.date or self._date(marker)
            return False
        if marker.number is None and self.cut is not MarkerKind.DATE and not marker.is_break:
            return False
        known = next(
            (s for s in self.sessions if marker.number and s.number == marker.number), None
        )
        if known is None:
            known = Session(
                level,
                self._date(marker),
                marker.title,
                marker.speaker,
                marker.number,
                marker.is_break,
            )
            self.sessions.append(known)
        else:
            known.level = level
            known.date = known.date or self._date(marker)
            known.title = known.title or marker.title
            known.speaker = known.speaker or marker.speaker
        known.table = self.table
        self.current = known
        self.scopes.clear()
        return True

    def _stands_alone(self, level: int) -> bool:
        """Whether a break at `level` is a session of its own, not a remark within a week."""
        return self.current is None or level <= self.current.level

    def _date(self, marker: Marker) -> dt.date | None:
        return marker.date.resolve(self.term) if marker.date else None

    # -- lines -------------------------------------------------------------------------------

    def _read_line(self, line: Line, marker: Marker | None) -> None:
        level = line.depth
        self.table = None
        if self.current is not None and self.current.table is not None:
            self._settle_waiting()
            self.current = None  # its rows are over
        if line.kind is Kind.HEADING:
            self._settle_waiting()
            self.headings = [h for h in self.headings if h[0] < line.level]
            self.headings.append((line.level, tidy_text(line.text)))
            self.scopes.keep_headings(below=line.level)
        if self._open_if_marker(marker, level):
            self._settle_waiting()
        elif self.current is not None and self._ends_session(line, level):
            self._settle_waiting()
            self.current = None
            self.scopes.keep_headings()
        elif self.current is not None and self.current.title is None and not line.first:
            self._take_title(line)
        self._take_line(line)

    def _take_title(self, line: Line) -> None:
        """The line under a mere "Mon Jan 3" is the title of that day."""
        assert self.current is not None
        text = tidy_text(line.text).strip(" :")
        if line.kind is Kind.TEXT and len(text) < _LONGEST_TITLE and not line.text.endswith(":"):
            self.current.title = text
            self.current.is_break = self.current.number is None and is_break(text)

    def _ends_session(self, line: Line, level: int) -> bool:
        assert self.current is not None
        if line.kind is Kind.HEADING:
            return level <= self.current.level
        # A week that is a list item ends with the next item at its depth, or outside the list.
        return line.first and self.current.level > TEXT_DEPTH and level <= self.current.level

    def _begins_anew(self, line: Line) -> bool:
        """Whether `line` is the next item, so that the label before it stays without a link."""
        waiting = self.waiting
        return (
            waiting is not None
            and waiting.kind is Kind.ITEM
            and line.first
            and line.depth <= waiting.depth
        )

    def _take_line(self, line: Line, column: Label | None = None) -> None:
        """Read the labels and links of one line."""
        if self._begins_anew(line):
            self._settle_waiting()
        self.scopes.reach(line)
        plain = tidy_text(line.text)
        if not line.has_links:
            self._take_label(line, plain)
            return
        own, _ = leading_label(tidy_text(_text_before_first_link(line)))
        due = self._due_in(plain)
        took = False
        for index, span in enumerate(line.spans):
            if span.url is None:
                continue
            before = (
                line.spans[index - 1].text if index and line.spans[index - 1].url is None else ""
            )
            after = (
                line.spans[index + 1].text
                if index + 1 < len(line.spans) and line.spans[index + 1].url is None
                else ""
            )
            label = (
                remark(before) or remark(after.split(",")[0]) or own or self.scopes.label or column
            )
            took |= self._take_link(line, index, label, due or self.scopes.due)
        if took:
            self.waiting = None

    def _take_label(self, line: Line, plain: str) -> None:
        if self.current is not None and (speaker := read_speaker(plain)):
            self.current.speaker = self.current.speaker or speaker
            return
        is_label = line.kind in (Kind.HEADING, Kind.ITEM) or plain.endswith(":") or len(plain) < 40
        label = read_label(plain) if is_label else None
        inline, rest = leading_label(plain)
        if label is None and inline is not None and not rest:
            label = inline
        due = self._due_in(plain)
        if label is not None or plain.endswith(":") or due:
            self.scopes.open(line, label, due)
        if self.current is not None and line.kind is not Kind.HEADING:
            needs = _NEEDS_LINK.match(plain)
            if needs and not says_nothing(needs.group(1) or "-x"):
                self._settle_waiting()
                self.waiting = line

    def _due_in(self, text: str) -> dt.date | None:
        found = _DUE.search(text)
        if not found:
            return None
        after = text[found.end() : found.end() + 40]
        dated = find_date(after)
        return dated.resolve(self.term) if dated and dated.start < 12 else None

    def _settle_waiting(self) -> None:
        """Report a label under which no link came."""
        line, self.waiting = self.waiting, None
        if line is not None:
            self._report(line, "a reading without a link or an arXiv id")

    # -- rows --------------------------------------------------------------------------------

    def _read_row(self, row: Row, marker: Marker | None) -> None:
        level = TEXT_DEPTH
        if self.table != row.table:
            self._settle_waiting()
            self.table = row.table
            self.scopes.keep_headings()
            if self.current is not None and self.current.level >= level:
                self.current = None
        opened = self._open_if_marker(marker, level)
        if not opened and self.current is not None and self.current.table == row.table:
            self._add_speaker(title_and_speaker(row)[1])
        for cell in row.cells:
            label = reading_label(cell)
            kept = self.scopes.copy()
            for line in cell.lines:
                self._take_line(line, label)
            self._settle_waiting()
            self.scopes = kept
            unread = column_of(cell) is Column.READINGS and not any(s.has_links for s in cell.lines)
            if unread and self.current is not None and cell.lines:
                text = tidy_text(cell.text)
                _, rest = leading_label(text)
                if not says_nothing(rest) and not any(u.line == row.number for u in self.unparsed):
                    self._report(cell.lines[0], "a reading without a link or an arXiv id")

    def _add_speaker(self, speaker: str | None) -> None:
        """A row that continues a session may bring another speaker."""
        assert self.current is not None
        known = self.current.speaker
        if speaker and (known is None or speaker not in known.split("; ")):
            self.current.speaker = f"{known}; {speaker}" if known else speaker

    # -- links -------------------------------------------------------------------------------

    def _take_link(self, line: Line, index: int, label: Label | None, due: dt.date | None) -> bool:
        """File the link at `index`; whether it was one that counts."""
        span = line.spans[index]
        url = address_of(span.url or "")
        if runs_the_course(url, tidy_text(span.text)):
            return False
        fault = fault_of(url)
        if fault is not None:
            expected = label is not None or (url != "" and not is_relative(url))
            if expected or (url.lower().endswith(".pdf") and self.current is not None):
                if url not in self.faulty:
                    self._report(line, fault)
                self.faulty.add(url)
                return True
            return False
        arxiv = arxiv_id_in(url)
        kind = classify_url(url)
        if self.current is None and not counts_outside_weeks(
            kind,
            " ".join(text for _, text in self.headings[1:]) or self._heading(),
            listed=line.kind is Kind.ITEM or self.table is not None,
            weekless=self.cut is None,
        ):
            return False
        title = title_of(line.spans, index)
        if title.text is None and self.current is not None and not span.bare:
            title = Title(_part_of(self.current.title, tidy_text(span.text)), 1)
        reading = Reading(
            title=clean_line(title.text) if title.text else None,
            url=_plain_address(url, kind),
            kind=kind,
            arxiv_id=arxiv.id if arxiv else None,
            version=arxiv.version if arxiv else None,
            role=label.role if label else Role.REFERENCE,
            task=label.task if label else None,
            due=due,
            line=line.number,
        )
        self._file(reading, title)
        return True

    def _file(self, reading: Reading, title: Title) -> None:
        key = reading.arxiv_id or canonical_url(reading.url or "")
        shelf = self._shelf().readings if self.current is None else self.current.readings
        if key in shelf:
            known, weight = shelf[key]
            reading, title = merge(known, weight, reading, title)
        shelf[key] = (reading, title)

    def _shelf(self) -> Session:
        """The section that takes readings outside all weeks."""
        heading = self._heading()
        if not self.sections or self.sections[-1].title != heading:
            known = next((s for s in self.sections if s.title == heading), None)
            if known:
                return known
            self.sections.append(Session(0, None, heading, None))
        return self.sections[-1]

    def _heading(self) -> str:
        return self.headings[-1][1] if self.headings else ""

    def _report(self, line: Line, why: str) -> None:
        text = clean_line(line.text)[:_SHOWN]
        entry = Unparsed(line=line.number, text=text, why=why)
        if entry not in self.unparsed and len(self.unparsed) < _MOST_UNPARSED:
            self.unparsed.append(entry)

    # -- the list ----------------------------------------------------------------------------

    def _finish(self, course: str | None) -> ReadingList:
        sessions, unfiled = self.sessions, self.sections
        filled = [s for s in self.sections if s.readings]
        if not sessions and len(filled) > 1:
            sessions, unfiled = as_sessions(filled), []
        weeks = tuple(numbered(sessions))
        seen: dict[str, tuple[Reading, Title]] = {}
        for section in unfiled:
            for key, (reading, title) in section.readings.items():
                seen[key] = merge(*seen[key], reading, title) if key in seen else (reading, title)
        return ReadingList(
            course=clean_line(course or self._course_name()),
            term=self.term.text if self.term else None,
            weeks=weeks,
            unfiled=tuple(reading for reading, _ in seen.values()),
            unparsed=tuple(sorted(self.unparsed, key=lambda u: u.line)),
        )

    def _course_name(self) -> str:
        headings = [
            (element.level, tidy_text(element.text))
            for index, element in enumerate(self.outline.elements)
            if isinstance(element, Line)
            and element.kind is Kind.HEADING
            and index not in self.markers
            and not _CONTENTS.fullmatch(element.text.strip())
        ]
        early = headings[:2] if self.outline.title else headings
        top = next((text for level, text in early if level == 1 and text), None)
        stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", self.name.rsplit("/", 1)[-1])
        first = next((text for _, text in headings if text), None)
        return top or self.outline.title or first or stem or "Reading list"


def _part_of(title: str | None, text: str) -> str | None:
    """The name of a session's "slides" or "video"."""
    text = text.strip("[]() ").lower()
    return f"{title} ({text})" if title and text else title


def _plain_address(url: str, kind: SourceKind) -> str:
    """The address as the syllabus gives it; an arXiv id without one gets its abstract page."""
    arxiv = arxiv_id_in(url) if kind is SourceKind.ARXIV else None
    return f"https://arxiv.org/abs/{arxiv}" if arxiv else clean_line(url)


def _text_before_first_link(line: Line) -> str:
    words: list[str] = []
    for span in line.spans:
        if span.url is not None:
            break
        words.append(span.text)
    return "".join(words)
