"""How reading lists are printed: courses, weeks, papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.cli.output import Output
from indexes.papers import PaperState, ReadingStatus, SourceKind
from indexes.reading_list import Reading, ReadingList, Week

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant
    from assistant.listing import ListedPaper

_MARKS = {ReadingStatus.UNREAD: "○", ReadingStatus.READING: "◐", ReadingStatus.READ: "✓"}

# A group of rows under a heading.
Group = tuple[str, list[tuple[object, ...]]]


def _week_heading(week: Week) -> str:
    name = f"Week {week.number}" if week.number[:1].isdigit() else week.number.capitalize()
    parts = [name, week.date, week.title, week.speaker]
    return " · ".join(str(part) for part in parts if part)


def print_reading_list(out: Output, result: ReadingList) -> None:
    """A course by weeks, then what belongs to no week and what was not understood."""
    out.heading(f"{result.course}{f' ({result.term})' if result.term else ''}")
    groups = [(_week_heading(week), week.readings) for week in result.weeks]
    if result.unfiled:
        groups.append(("In no week", result.unfiled))
    row = _short_reading if out.on_terminal else _reading
    out.groups([(heading, [row(r) for r in readings]) for heading, readings in groups], wide=2)
    if result.unparsed:
        lines = [(f"line {u.line}", u.text, u.why) for u in result.unparsed]
        out.groups([("Not understood", lines)], wide=1)


def _reading(reading: Reading) -> tuple[object, ...]:
    where = reading.arxiv_id or (reading.url if reading.title else "")
    return reading.role, reading.kind, reading.title or reading.url, where


def _short_reading(reading: Reading) -> tuple[object, ...]:
    """The same to fit a line: a page by its title and site, or by its address."""
    address = _address(reading.url)
    where = reading.arxiv_id or (address.partition("/")[0] if reading.title else "")
    return reading.role, reading.kind, reading.title or address, where


def print_by_week(
    out: Output, assistant: PaperAssistant, papers: tuple[ListedPaper, ...], only: str | None
) -> None:
    """Courses in their order, weeks in theirs, then what is in no week and in no course."""
    row = _short_paper if out.on_terminal else _paper
    groups: list[Group] = []
    for course in assistant.courses():
        of_course = [paper for paper in papers if paper.course == course.name]
        if not of_course:
            continue
        groups.append((course.name, []))
        for week in assistant.reading_list(course.name).weeks:
            in_week = [paper for paper in of_course if week.number in paper.weeks]
            if in_week and only in (None, week.number):
                groups.append((_week_heading(week), [row(paper) for paper in in_week]))
        unfiled = [paper for paper in of_course if not paper.weeks]
        if unfiled:
            groups.append(("In no week", [row(paper) for paper in unfiled]))
    elsewhere = [paper for paper in papers if paper.course is None]
    if elsewhere:
        groups.append(("In no course", [row(paper) for paper in elsewhere]))
    out.groups(groups, wide=2)


def _paper(paper: ListedPaper) -> tuple[object, ...]:
    return (
        _MARKS[paper.status],
        paper.ref,
        paper.title or paper.url,
        paper.error.code if paper.error else _state(paper),
        paper.role,
        f"{paper.minutes} min" if paper.minutes else "",
        paper.due,
    )


def _short_paper(paper: ListedPaper) -> tuple[object, ...]:
    """The same to fit a line: a paper that can be read says how long that takes."""
    if paper.error:
        state = f"✗ {paper.error.code.replace('_', ' ')}"
    elif paper.state is PaperState.INDEXED and paper.minutes:
        state = f"{paper.minutes} min"
    else:
        state = _state(paper)
    return (
        _MARKS[paper.status],
        paper.ref.removeprefix("arxiv:"),
        paper.title or _address(paper.url),
        paper.role,
        state,
        f"due {paper.due}" if paper.due else "",
    )


def _state(paper: ListedPaper) -> str:
    """How far sync has come with a paper; what it can't fetch stays a link of its kind."""
    fetched = paper.kind in {SourceKind.ARXIV, SourceKind.PDF}
    return str(paper.state if fetched else paper.kind)


def _address(url: str | None) -> str:
    return (url or "").partition("://")[2].removeprefix("www.").rstrip("/")
