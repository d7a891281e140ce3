"""The reading list as the library screen shows it: groups (weeks) and the readings in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexes.errors import UsageError
from indexes.papers import ReadingStatus, Role
from indexes.reading_list import Reading, ReadingList

if TYPE_CHECKING:
    from assistant.listing import ListedPaper


@dataclass(frozen=True)
class Entry:
    """A reading, and the paper it became; `paper` is None for a line with no link."""

    id: str
    reading: Reading | None
    paper: ListedPaper | None


@dataclass(frozen=True)
class Group:
    """A week, the course's references, or what belongs to no course.

    `heading` marks a course's name between the groups of several courses.
    """

    id: str
    label: str
    course: str | None = None
    week: str | None = None
    date: dt.date | None = None
    title: str | None = None
    speaker: str | None = None
    entries: tuple[Entry, ...] = ()
    heading: bool = False

    @property
    def session(self) -> bool:
        """Whether it is a week of its own number, not a break between two."""
        return self.week is not None and self.week[:1].isdigit()

    @property
    def read(self) -> int:
        return sum(
            e.paper is not None and e.paper.status == ReadingStatus.READ for e in self.papers
        )

    @property
    def papers(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.paper is not None]


@dataclass(frozen=True)
class Shelf:
    """All groups in the order of the pane, and every paper of the library."""

    groups: tuple[Group, ...] = ()
    papers: tuple[ListedPaper, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.papers and not any(group.entries for group in self.groups)

    def paper(self, ref: str | None) -> ListedPaper | None:
        """The paper that a ref or a progress key names."""
        return next((p for p in self.papers if ref in names_of(p)), None) if ref else None

    def place_of(self, ref: str | None) -> tuple[Group, Entry] | None:
        """Where a paper stands in the list: in its week, rather than among all papers."""
        for group in reversed(self.groups):
            for entry in group.papers:
                if ref and entry.paper is not None and ref in names_of(entry.paper):
                    return group, entry
        return None

    def group(self, group_id: str | None) -> Group | None:
        return next((g for g in self.groups if g.id == group_id and not g.heading), None)


def names_of(paper: ListedPaper) -> set[str]:
    """What a paper may be called in events: its ref, and its key with and without a version."""
    names = {paper.ref, paper.key}
    if paper.arxiv_id:
        names.add(f"arxiv:{paper.arxiv_id}")
        names.add(f"arxiv:{paper.arxiv_id}v{paper.version}")
    return names


def arrange(lists: Iterable[ReadingList], papers: tuple[ListedPaper, ...]) -> Shelf:
    """Courses and papers as one shelf: every reading in its week, every paper somewhere."""
    by_name: dict[str, ListedPaper] = {}
    for paper in papers:
        if paper.arxiv_id:
            by_name.setdefault(paper.arxiv_id, paper)
        if paper.url:
            by_name.setdefault(paper.url, paper)
        by_name[paper.ref] = by_name[paper.key] = paper
    lists = list(lists)
    groups: list[Group] = []
    placed: set[str] = set()
    for reading_list in lists:
        course = reading_list.course
        if len(lists) > 1:
            groups.append(Group(id=f"course:{course}", label=course, course=course, heading=True))
        for week in reading_list.weeks:
            entries = _entries(f"{course}|{week.number}", week.readings, by_name)
            placed.update(e.paper.ref for e in entries if e.paper is not None)
            groups.append(
                Group(
                    id=f"week:{course}|{week.number}",
                    label=week.number,
                    course=course,
                    week=week.number,
                    date=week.date,
                    title=week.title,
                    speaker=week.speaker,
                    entries=entries,
                )
            )
        if reading_list.unfiled:
            entries = _entries(f"{course}|", reading_list.unfiled, by_name)
            placed.update(e.paper.ref for e in entries if e.paper is not None)
            groups.append(
                Group(
                    id=f"unfiled:{course}",
                    label=_unfiled_label(reading_list.unfiled),
                    course=course,
                    entries=entries,
                )
            )
    rest = tuple(Entry(p.ref, None, p) for p in papers if p.ref not in placed)
    if rest:
        if len(lists) > 1:
            groups.append(Group(id="course:", label="No course", heading=True))
        groups.append(Group(id="rest", label="Other papers", entries=rest))
    if len(papers) > 1:
        everything = tuple(Entry(paper.ref, None, paper) for paper in papers)
        groups.insert(0, Group(id="all", label="All papers", entries=everything))
    return Shelf(tuple(groups), papers)


def _unfiled_label(readings: Iterable[Reading]) -> str:
    return "References" if all(r.role is Role.REFERENCE for r in readings) else "No week"


def _entries(
    prefix: str, readings: Iterable[Reading], by_name: Mapping[str, ListedPaper]
) -> tuple[Entry, ...]:
    entries: dict[str, Entry] = {}
    for number, reading in enumerate(readings):
        names = (_key(reading.url), reading.arxiv_id, reading.url)
        paper = next((by_name[name] for name in names if name and name in by_name), None)
        name = paper.ref if paper is not None else f"{prefix}|{number}"
        entries.setdefault(name, Entry(name, reading, paper))
    return tuple(entries.values())


def _key(url: str | None) -> str | None:
    """The key of the paper behind a link: links differ in what means nothing."""
    from ingest.refs import parse_ref

    try:
        return parse_ref(url).key if url else None
    except UsageError:
        return None
