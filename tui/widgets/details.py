"""What is known about the selected reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from indexes.notebook import Note
from indexes.papers import Paper, PaperState, Structure
from ingest.progress import Progress
from tui.labels import (
    INDEXED,
    STATUS,
    STRUCK,
    count,
    day,
    is_link,
    line,
    long_day,
    shortened,
    state_of,
    text,
    title_of,
)
from tui.shelf import Entry, Group

if TYPE_CHECKING:
    from assistant.listing import ListedPaper

_SHOWN_AUTHORS = 6
_SPEAKER_CELLS = 28
_KEYS = (("Enter", "reads"), ("A", "asks"), ("u", "summary"), ("p", "report"))


def describe(
    entry: Entry, full: Paper | None, notes: Sequence[Note], step: Progress | None
) -> Content:
    """The details pane's text: title, authors, facts, state, abstract, notes."""
    reading, paper = entry.reading, entry.paper
    parts: list[str | tuple[str, str]] = []
    if paper is None:
        title = line(reading.title or reading.url) if reading else ""
        parts += [(title, "bold"), "\n\n", ("No link in the syllabus: nothing to fetch.", "$faint")]
        if reading and reading.task:
            parts += ["\n", line(reading.task)]
        return Content.assemble(*parts)
    parts += [(title_of(paper), "bold"), "\n"]
    names = [line(author) for author in paper.authors]
    if names:
        more = f" and {len(names) - _SHOWN_AUTHORS} more" if len(names) > _SHOWN_AUTHORS else ""
        parts += [(", ".join(names[:_SHOWN_AUTHORS]) + more, "$primary"), "\n"]
    facts = [line(paper.ref), f"{paper.published:%b %Y}" if paper.published else ""]
    facts += [count(paper.pages, "page")] if paper.pages else []
    facts += [f"~{paper.minutes} min"] if paper.minutes else []
    parts += [(" · ".join(filter(None, facts)), "$faint"), "\n\n"]
    parts += [
        f"{STATUS[paper.status]} {paper.status.value}",
        (f" · {paper.role or 'reading'}", "$faint"),
    ]
    if paper.due:
        parts += [(f" · due {day(paper.due)}", "$warning")]
    if reading and reading.task:
        parts += [(f" · {line(reading.task)}", "$faint")]
    parts += ["\n", *_state(paper, step)]
    if full is not None and full.abstract:
        parts += ["\n\n", text(full.abstract).strip()]
    for note in notes:
        where = f"p. {note.page} " if note.page else ""
        parts += ["\n\n", (f"Note {where}", "$accent"), text(note.text)]
    if paper.state == PaperState.INDEXED:
        parts.append("\n\n")
        for key, does in _KEYS:
            parts += [(key, "$accent"), (f" {does}   ", "$faint")]
    return Content.assemble(*parts)


def group_line(group: Group) -> str:
    """`Week 3 · Fri 22 Sep 2023 · Title · Speaker`; a break is its date and title."""
    name = f"Week {line(group.week)}" if group.session else ""
    label = line(group.label) if group.week is None else ""
    speaker = shortened(line(group.speaker), _SPEAKER_CELLS)
    parts = [name, label, long_day(group.date), line(group.title), speaker]
    return " · ".join(filter(None, parts)) or line(group.week)


def _state(paper: ListedPaper, step: Progress | None) -> list[tuple[str, str]]:
    if step is not None:
        said = line(step.message)
        return [(state_of(paper, step), "$accent"), (f" {said}" if said else "", "$faint")]
    if paper.state == PaperState.FAILED and paper.error is not None:
        again = "\nr tries it again" if paper.error.retryable else ""
        return [(f"{STRUCK} {line(paper.error.message)}", "$error"), (again, "$faint")]
    if paper.state == PaperState.INDEXED:
        structure = "" if paper.structure == Structure.DONE else " · sections still being labelled"
        passages = count(paper.passages or 0, "passage")
        return [(f"{INDEXED} indexed", "$success"), (f" · {passages}{structure}", "$faint")]
    how = "Enter opens it in the browser" if is_link(paper) else "s fetches it"
    return [(f"{state_of(paper, None)} · {how}", "$faint")]
