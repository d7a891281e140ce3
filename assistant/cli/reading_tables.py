"""How reading lists are printed: courses, weeks, papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.cli.output import Output
from indexes.papers import ReadingStatus, SourceKind
from indexes.reading_list import ReadingList, Week

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant
    from assistant.listing import ListedPaper

_MARKS = {ReadingStatus.UNREAD: "·", ReadingStatus.READING: "◐", ReadingStatus.READ: "✓"}


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
    for heading, readings in groups:
        out.heading(heading)
        rows = [
            (r.role, r.kind, r.title or r.url, r.arxiv_id or (r.url if r.title else ""))
            for r in readings
        ]
        if rows:
            out.table(("role", "kind", "title", "where"), rows, wide=2)
    if result.unparsed:
        out.heading("Not understood")
        lines = [(f"line {u.line}", u.why, u.text) for u in result.unparsed]
        out.table(("line", "why", "text"), lines, wide=2)


def print_by_week(
    out: Output, assistant: PaperAssistant, papers: tuple[ListedPaper, ...], only: str | None
) -> None:
    """Courses in their order, weeks in theirs, then what is in no week and in no course."""
    for course in assistant.courses():
        of_course = [paper for paper in papers if paper.course == course.name]
        if not of_course:
            continue
        out.heading(course.name)
        for week in assistant.reading_list(course.name).weeks:
            in_week = [paper for paper in of_course if week.number in paper.weeks]
            if in_week and only in (None, week.number):
                out.heading(_week_heading(week))
                _print_papers(out, in_week)
        unfiled = [paper for paper in of_course if not paper.weeks]
        if unfiled:
            out.heading("In no week")
            _print_papers(out, unfiled)
    elsewhere = [paper for paper in papers if paper.course is None]
    if elsewhere:
        out.heading("In no course")
        _print_papers(out, elsewhere)


def _state(paper: ListedPaper) -> str:
    """How far sync has come with a paper; what it can't fetch stays a link of its kind."""
    fetched = paper.kind in {SourceKind.ARXIV, SourceKind.PDF}
    return str(paper.state if fetched else paper.kind)


def _print_papers(out: Output, papers: list[ListedPaper]) -> None:
    rows = [
        (
            _MARKS[paper.status],
            paper.ref,
            paper.title or paper.url,
            paper.error.code if paper.error else _state(paper),
            paper.role,
            f"{paper.minutes} min" if paper.minutes else "",
            paper.due,
        )
        for paper in papers
    ]
    out.table(("", "ref", "title", "state", "role", "time", "due"), rows, wide=2)
