"""What a command is about: a reference, some references, a week, a course, or everything."""

from __future__ import annotations

from collections.abc import Sequence

from indexes.errors import NotFoundError, UsageError
from indexes.library import Library
from indexes.papers import Paper, Role
from ingest.refs import Ref, parse_ref


def find_paper(library: Library, text: str) -> Paper:
    """The library's paper for a REF.

    A bare arXiv id means the paper that follows the latest version, else the newest one held.
    Raises UsageError (not a REF), NotFoundError (not in the library).
    """
    ref = parse_ref(text)
    paper = library.papers.get(ref.key) or _by_arxiv_id(library, ref)
    if paper is None:
        raise NotFoundError(f"{text} is not in the library", f"add it: paperdesk add {text}")
    return paper


def _by_arxiv_id(library: Library, ref: Ref) -> Paper | None:
    if ref.arxiv_id is None:
        return None
    held = library.papers.find_arxiv(ref.arxiv_id, ref.version)
    return held[0] if held else None


def find_course(library: Library, name: str | None) -> str | None:
    """The exact name of the course a user means. Raises UsageError where none or several match."""
    if name is None:
        return None
    found = library.courses.find(name)
    if len(found) == 1:
        return found[0].name
    known = ", ".join(course.name for course in found or library.courses.all()) or "none yet"
    which = "several courses match" if found else "no course matches"
    raise UsageError(f"{which} {name!r}", f"name one of: {known}")


def scope_keys(
    library: Library,
    *,
    refs: Sequence[str] = (),
    course: str | None = None,
    week: str | None = None,
    role: Role | None = None,
) -> set[str] | None:
    """The keys of the papers meant, None for the whole library.

    References widen the scope, course, week and role narrow it. Raises UsageError, NotFoundError.
    """
    named = {find_paper(library, ref).key for ref in refs}
    if course is None and week is None and role is None:
        return named or None
    exact = find_course(library, course)
    entries = [e for e in library.courses.entries(course=exact) if not e.gone]
    weeks = list(dict.fromkeys(e.week for e in entries if e.week is not None))
    if week is not None and week not in weeks:
        known = ", ".join(weeks) or "none: import a syllabus first"
        raise UsageError(
            f"no readings are listed for week {week!r}", f"weeks with readings: {known}"
        )
    return named | {
        e.paper
        for e in entries
        if e.paper is not None
        and (week is None or e.week == week)
        and (role is None or e.reading.role is role)
    }
