"""What a job that is done has done, in the one line of its toast."""

from __future__ import annotations

from assistant.events import Done
from assistant.facade import AddResult
from assistant.listing import PaperList
from indexes.reading_list import ReadingList
from tui.labels import count, is_link
from tui.shelf import Shelf


def said_of(kind: str, title: str, done: Done, before: Shelf) -> str:
    """`Imported 20 readings in 12 weeks · S fetches them`; `before` is the list as it was."""
    result = done.result
    if isinstance(result, ReadingList):
        readings = count(len(result.readings()), "reading")
        weeks = count(len(result.weeks), "week")
        left = f", {len(result.unparsed)} not recognised" if result.unparsed else ""
        return f"Imported {readings} in {weeks}{left} · S fetches the papers"
    if isinstance(result, AddResult):
        known = [paper for paper in result.papers if before.paper(paper.key) is not None]
        new = len(result.papers) - len(known)
        parts = [f"Added {count(new, 'paper')} · s fetches"] if new else []
        parts += [f"{len(known)} already on your list"] if known else []
        parts += [f"{done.failed} not understood"] if done.failed else []
        return ", ".join(parts)
    if isinstance(result, PaperList) and kind == "sync":
        papers = [paper for paper in result.papers if not is_link(paper)]
        indexed = sum(paper.state == "indexed" for paper in papers)
        said = f"Done: {indexed} of {len(papers)} indexed" if papers else f"Done: {title}"
    else:
        said = f"Done: {title}"
    return f"{said}, {done.failed} failed: the list says why" if done.failed else said
