"""Putting references and whole reading lists on the list: no network, the form only."""

from __future__ import annotations

from indexes.errors import UsageError
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

    One paper stays one entry where that is possible: a version is pinned on the paper that follows
    the latest one where it is what that paper holds, or where nothing was fetched for it yet; an id
    without a version is the pinned paper, where that is all there is. Raises UsageError where it is
    not clear which course is meant.
    """
    with library.database.transaction():
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
    """Give a paper of the library a place on the reading list.

    A course may be named by a part of its name; one of an unknown name is new. Raises UsageError
    where several match, or a week is named and there is not one course only.
    """
    reading = Reading(
        title=paper.title,
        url=paper.url or paper.path,
        kind=paper.kind,
        arxiv_id=paper.arxiv_id,
        version=paper.version if paper.pinned else None,
        role=role or Role.REFERENCE,
    )
    library.courses.attach(
        reading, paper.key, _course_meant(library, course, week), week, keep_role=role is None
    )


def _course_meant(library: Library, course: str | None, week: str | None) -> str | None:
    found = [c.name for c in library.courses.find(course or "")]
    if course is None and week is None:
        return None
    if len(found) == 1:
        return found[0]
    if course is not None and not found:
        return course
    if course is None and not found:
        raise UsageError(
            f"week {week} of no course", "import a syllabus first, or name the course: --course"
        )
    raise UsageError(
        f"{'several courses match' if course else 'there are several courses'}: {', '.join(found)}",
        "name one with --course",
    )


def add_reading_list(library: Library, reading_list: ReadingList, source: str | None) -> None:
    """Store a course and a queued paper for each of its links."""
    library.courses.save(
        reading_list, source=source, key_of=lambda reading: _paper_of_reading(library, reading)
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
    if paper.arxiv_id is not None:
        held = library.papers.find_arxiv(paper.arxiv_id)
        if not paper.pinned and held:
            return held[0]
        for same in held:
            if same.version == paper.version:
                return same
            if same.version is None and same.state in (PaperState.QUEUED, PaperState.FAILED):
                return library.papers.update(same.key, version=paper.version, pinned=True)
    library.papers.insert(paper)
    return library.papers.require(paper.key)
