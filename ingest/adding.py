"""Putting references and whole reading lists on the list: no network, the form only."""

from __future__ import annotations

from indexes.library import Library
from indexes.papers import Paper, PaperState, Role
from indexes.reading_list import Reading, ReadingList
from ingest.refs import Ref, paper_of, ref_of_url


def add_ref(
    library: Library,
    ref: Ref,
    *,
    course: str | None = None,
    week: str | None = None,
    role: Role | None = None,
) -> Paper:
    """Put one reference into the library, and on a course's list where one is named.

    A version pinned by `ref` is the paper that follows the latest version where that is the version
    it holds, or where nothing was fetched for it yet.
    """
    paper = _same_paper(library, paper_of(ref))
    if course is not None or week is not None or role is not None:
        list_paper(library, paper, course=course, week=week, role=role)
    return paper


def list_paper(
    library: Library,
    paper: Paper,
    *,
    course: str | None = None,
    week: str | None = None,
    role: Role | None = None,
) -> None:
    """Give a paper of the library a place on the reading list."""
    reading = Reading(
        title=paper.title,
        url=paper.url or paper.path,
        kind=paper.kind,
        arxiv_id=paper.arxiv_id,
        version=paper.version if paper.pinned else None,
        role=role or Role.REFERENCE,
    )
    library.courses.attach(reading, paper.key, course, week)


def add_reading_list(library: Library, reading_list: ReadingList, source: str | None) -> None:
    """Store a course and a queued paper for each of its links."""
    with library.database.transaction():
        keys: dict[int, str | None] = {}
        for reading in reading_list.readings():
            keys[id(reading)] = _paper_of_reading(library, reading)
        library.courses.save(
            reading_list, source=source, key_of=lambda reading: keys.get(id(reading))
        )


def _paper_of_reading(library: Library, reading: Reading) -> str | None:
    ref = ref_of_url(reading.url) if reading.url is not None else None
    if ref is None:
        return None
    paper = paper_of(ref)
    named = paper.model_copy(update={"title": reading.title, "kind": reading.kind})
    return _same_paper(library, named).key


def _same_paper(library: Library, paper: Paper) -> Paper:
    """The library's paper for `paper`, adding it where it has none."""
    if paper.arxiv_id is not None and library.papers.get(paper.key) is None:
        for held in library.papers.find_arxiv(paper.arxiv_id):
            if paper.pinned and not held.pinned:
                if held.version == paper.version:
                    return held
                if held.version is None and held.state in (PaperState.QUEUED, PaperState.FAILED):
                    return library.papers.update(held.key, version=paper.version, pinned=True)
            if held.pinned and not paper.pinned and held.key == f"arxiv:{paper.arxiv_id}":
                return held
    library.papers.insert(paper)
    return library.papers.require(paper.key)
