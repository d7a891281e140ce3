"""Glyphs and words for papers, readings and claims: one vocabulary on every screen.

Everything that comes from a file or a server passes `line` or `text` here on its way to the
terminal, and is shown as content, never as markup.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from indexes.cleaning import clean, clean_line
from indexes.papers import PaperState, ReadingStatus, SourceKind
from ingest.progress import Progress
from tui.jobs import percent

if TYPE_CHECKING:
    from assistant.listing import ListedPaper
    from indexes.papers import Paper

VERIFIED, STRUCK, IN_PART, RUNNING, OUTSIDE = "✓", "✗", "◐", "⟳", "↗"
INDEXED, WAITING = "■", "·"

STATUS = {ReadingStatus.UNREAD: "○", ReadingStatus.READING: "◐", ReadingStatus.READ: "✓"}
NEXT_STATUS = {
    ReadingStatus.UNREAD: ReadingStatus.READING,
    ReadingStatus.READING: ReadingStatus.READ,
    ReadingStatus.READ: ReadingStatus.UNREAD,
}

# Kinds that hold nothing to index: they are opened in the browser.
LINKS = {SourceKind.REPO, SourceKind.NOTEBOOK, SourceKind.VIDEO, SourceKind.OTHER}

_STAGES = {
    "import": "importing",
    "metadata": "asking arXiv",
    "fetch": "fetching",
    "parse": "parsing",
    "embed": "embedding",
    "index": "indexing",
    "structure": "structure",
    "render": "drawing",
    "wait": "waiting",
}
_STATES = {
    PaperState.QUEUED: "queued",
    PaperState.FETCHED: "fetched",
    PaperState.PARSED: "parsed",
    PaperState.FAILED: "failed",
}
_KINDS = {SourceKind.ARXIV: "arXiv paper", SourceKind.PDF: "PDF", SourceKind.WEB: "web page"}


def line(text: str | None) -> str:
    """Foreign text on one line, safe to show."""
    return clean_line(text or "")


def text(foreign: str | None) -> str:
    """Foreign text with its lines, safe to show."""
    return clean(foreign or "").expandtabs(4)


def title_of(paper: ListedPaper) -> str:
    """A paper's title, else its id or its address: there is always something to show."""
    if paper.title:
        return line(paper.title)
    if paper.arxiv_id is None and paper.url:
        return line(paper.url.split("://")[-1].removeprefix("www.").rstrip("/"))
    return line(paper.ref)


def is_link(paper: ListedPaper) -> bool:
    """Whether a reading is opened in the browser, since nothing of it is held here."""
    return paper.kind in LINKS or (paper.kind is SourceKind.WEB and paper.state == "queued")


def short_name(paper: Paper | ListedPaper) -> str:
    """`Vaswani et al. 2017`, or what comes closest to it."""
    year = str(paper.published)[:4] if paper.published else ""
    if not paper.authors:
        return line(paper.title) or line(paper.ref)
    words = line(paper.authors[0].split(",")[0]).split()
    family = words[-1] if words else ""
    name = family if len(paper.authors) == 1 else f"{family} et al."
    return f"{name} {year}".strip()


def state_of(paper: ListedPaper, step: Progress | None) -> str:
    """How far a paper has come, a mark and a few words: `⟳ fetching 62 %`, `✗ not found`.

    Of an indexed paper, which is ready, the minutes it takes to read: `■ 55 min`.
    """
    searchable = paper.state == PaperState.INDEXED
    if step is not None and not (searchable and step.stage in ("embed", "index")):
        word = _STAGES.get(step.stage, line(step.stage))
        return " ".join(filter(None, (RUNNING, word, percent(step))))
    if searchable:
        return f"{INDEXED} {paper.minutes} min" if paper.minutes else f"{INDEXED} indexed"
    if paper.state == PaperState.FAILED and paper.error is not None:
        return f"{STRUCK} {line(paper.error.code).replace('_', ' ')}"
    if is_link(paper):
        return f"{OUTSIDE} {paper.kind.value}"
    return f"{WAITING} {_STATES.get(PaperState(paper.state), line(str(paper.state)))}"


def day(date: dt.date | None) -> str:
    """`8 Sep`."""
    return f"{date.day} {date:%b}" if date else ""


def long_day(date: dt.date | None) -> str:
    """`Fri 8 Sep 2023`."""
    return f"{date:%a} {date.day} {date:%b %Y}" if date else ""


def kind_name(kind: SourceKind) -> str:
    """`arXiv paper`, `web page`."""
    return _KINDS.get(kind, kind.value)


def shortened(said: str, cells: int) -> str:
    """At most so many characters, with an ellipsis for what is left out."""
    return said if len(said) <= cells else said[: cells - 1].rstrip(" ,.&") + "…"


def verdict(verified: int, total: int) -> str:
    """`✓ 3 of 3 verified`; in part where some were struck, struck where all were."""
    mark = VERIFIED if verified == total else IN_PART if verified else STRUCK
    return f"{mark} {verified} of {total} verified"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 page`, `2 pages`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def duration(milliseconds: float) -> str:
    """`0.4 s`."""
    return f"{milliseconds / 1000:.1f} s"
