"""Sessions while they are read, and the weeks that they become."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexes.cleaning import clean_line
from indexes.papers import Role
from indexes.reading_list import Reading, Week
from ingest.syllabus.titles import Title

_RANK = {Role.ASSIGNED: 3, Role.ADVANCE: 2, Role.OPTIONAL: 1, Role.REFERENCE: 0}
_SECTION_NUMBER = re.compile(r"([0-9]{1,3})\s*(?:[-–—:)]|\.(?![0-9]))\s*(\S.*)")
_BREAK = "break"


@dataclass(slots=True)
class Session:
    """A week being read. `level` tells which elements still belong to it."""

    level: int
    date: dt.date | None
    title: str | None
    speaker: str | None
    number: str | None = None
    is_break: bool = False
    table: int | None = None  # the table whose rows it is made of
    readings: dict[str, tuple[Reading, Title]] = field(default_factory=dict)


def as_sessions(sections: list[Session]) -> list[Session]:
    """The sections of a list without weeks, under the numbers that their headings may carry."""
    for section in sections:
        found = _SECTION_NUMBER.match(section.title or "")
        if found and all(found.group(1) != other.number for other in sections):
            section.number, section.title = found.group(1), found.group(2)
    return sections


def numbered(sessions: list[Session]) -> Iterator[Week]:
    """The weeks with a number for each: its own, "break", or its place among the others."""
    taken = {session.number for session in sessions if session.number}
    place = breaks = 0
    for session in sessions:
        number = session.number
        if number is None and session.is_break:
            breaks += 1
            number = _BREAK if breaks == 1 else f"{_BREAK} {breaks}"
        while number is None:
            place += 1
            number = str(place) if str(place) not in taken else None
        yield Week(
            number=number,
            date=session.date,
            title=clean_line(session.title) if session.title else None,
            speaker=clean_line(session.speaker) if session.speaker else None,
            readings=tuple(reading for reading, _ in session.readings.values()),
        )


def merge(
    known: Reading, known_title: Title, new: Reading, new_title: Title
) -> tuple[Reading, Title]:
    """Two mentions of one work in one week: the clearer title, the stronger role."""
    stronger, weaker = (new, known) if _RANK[new.role] > _RANK[known.role] else (known, new)
    title = new_title if new_title.weight > known_title.weight else known_title
    return (
        stronger.model_copy(
            update={
                "title": title.text and clean_line(title.text),
                "version": stronger.version or weaker.version,
                "task": stronger.task or weaker.task,
                "due": stronger.due or weaker.due,
            }
        ),
        title,
    )
