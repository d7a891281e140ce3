"""Courses, weeks and readings: the shape of `import --json`."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from indexes.papers import Frozen, Role, SourceKind


class Reading(Frozen):
    """One item of a reading list. `line` counts from 1 in the source, None where added by hand."""

    title: str | None = None
    url: str | None = None
    kind: SourceKind
    arxiv_id: str | None = None
    version: int | None = None
    role: Role = Role.REFERENCE
    task: str | None = None
    due: dt.date | None = None
    line: int | None = None


class Week(Frozen):
    """One week or session; `number` is a string, since "11-12" is one."""

    number: str
    date: dt.date | None = None
    title: str | None = None
    speaker: str | None = None
    readings: tuple[Reading, ...] = ()


class Unparsed(Frozen):
    """A line that looks like a reading and could not be read, with the reason."""

    line: int
    text: str
    why: str


class ReadingList(Frozen):
    """A course as its syllabus gives it."""

    course: str
    term: str | None = None
    weeks: tuple[Week, ...] = ()
    unfiled: tuple[Reading, ...] = Field(default=())
    unparsed: tuple[Unparsed, ...] = Field(default=())

    def readings(self) -> list[Reading]:
        """All readings in the order of the list, those of no week last."""
        return [r for week in self.weeks for r in week.readings] + list(self.unfiled)
