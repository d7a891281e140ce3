"""The reading list as it is shown: `list --json`, `add --json`, `sync --json`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from indexes.course_table import Entry
from indexes.library import Library
from indexes.papers import (
    Fault,
    Frozen,
    Paper,
    PaperState,
    ReadingStatus,
    Role,
    SourceKind,
    Structure,
)


class ListedPaper(Frozen):
    """One paper with its place on the reading list."""

    key: str
    ref: str
    arxiv_id: str | None
    version: int | None
    url: str | None
    kind: SourceKind
    title: str | None
    authors: tuple[str, ...]
    published: dt.date | None
    pages: int | None
    passages: int | None
    state: PaperState
    structure: Structure
    error: Fault | None
    status: ReadingStatus
    last_page: int | None
    course: str | None
    weeks: tuple[str, ...]
    role: Role | None
    task: str | None
    due: dt.date | None
    minutes: int | None


class PaperList(Frozen):
    """Papers in the order of their courses and weeks, then as they were added."""

    papers: tuple[ListedPaper, ...]


def list_papers(
    library: Library,
    *,
    keys: Collection[str] | None = None,
    course: str | None = None,
    week: str | None = None,
    state: PaperState | None = None,
    status: ReadingStatus | None = None,
    role: Role | None = None,
) -> PaperList:
    """The papers that match every filter given; `course` is a course's exact name."""
    entries: dict[str, list[Entry]] = {}
    for entry in library.courses.entries(course=course):
        if entry.paper is not None and not entry.gone:
            entries.setdefault(entry.paper, []).append(entry)
    held = {paper.key: paper for paper in library.papers.all(keys=keys)}
    ordered = [key for key in entries if key in held]
    if course is None:
        ordered += [key for key in held if key not in entries]
    listed = (_listed(held[key], entries.get(key, [])) for key in ordered)
    return PaperList(
        papers=tuple(
            paper
            for paper in listed
            if (week is None or week in paper.weeks)
            and (state is None or paper.state is state)
            and (status is None or paper.status is status)
            and (role is None or paper.role is role)
        )
    )


def _listed(paper: Paper, entries: list[Entry]) -> ListedPaper:
    readings = [entry.reading for entry in entries]
    first = readings[0] if readings else None
    # A syllabus calls a paper by a nickname; its own title is better once it is known.
    title = paper.title if paper.published or first is None else first.title or paper.title
    due = [reading.due for reading in readings if reading.due]
    return ListedPaper(
        key=paper.key,
        ref=paper.ref,
        arxiv_id=paper.arxiv_id,
        version=paper.version,
        url=paper.url,
        kind=paper.kind,
        title=title,
        authors=paper.authors,
        published=paper.published,
        pages=paper.pages,
        passages=paper.passages,
        state=paper.state,
        structure=paper.structure,
        error=paper.error,
        status=paper.status,
        last_page=paper.last_page,
        course=entries[0].course if entries else None,
        weeks=tuple(dict.fromkeys(entry.week for entry in entries if entry.week is not None)),
        role=first.role if first else None,
        task=next((reading.task for reading in readings if reading.task), None),
        due=min(due) if due else None,
        minutes=paper.minutes,
    )
