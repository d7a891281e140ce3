"""Papers and syllabi put on the list: what is the same paper, and what a second import changes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.listing import list_papers
from assistant.scope import find_paper
from indexes.errors import UsageError
from indexes.folders import Home
from indexes.library import Library
from indexes.papers import PaperState, Role, SourceKind
from indexes.reading_list import Reading, ReadingList, Week
from ingest.adding import add_reading_list, add_ref
from ingest.refs import parse_ref

ID = "1706.03762"
URL = f"https://arxiv.org/abs/{ID}"


def add(library: Library, ref: str, **place: object) -> str:
    return add_ref(library, parse_ref(ref), **place).key  # type: ignore[arg-type]


def reading(title: str, url: str | None = URL, line: int = 1, **fields: object) -> Reading:
    kind = SourceKind.OTHER if url is None else SourceKind.ARXIV
    return Reading.model_validate({"title": title, "url": url, "kind": kind, "line": line} | fields)


def course(name: str, **weeks: list[Reading]) -> ReadingList:
    return ReadingList(
        course=name,
        weeks=tuple(
            Week(number=number.removeprefix("w"), readings=tuple(readings))
            for number, readings in weeks.items()
        ),
    )


def titles(library: Library, name: str) -> list[list[str | None]]:
    return [[r.title for r in week.readings] for week in library.courses.reading_list(name).weeks]


@pytest.mark.parametrize(
    ("refs", "expected"),
    [
        ([ID, f"arxiv:{ID}", f"https://arxiv.org/pdf/{ID}.pdf"], [f"arxiv:{ID}"]),
        ([ID, f"{ID}v7", f"{ID}v7", ID], [f"arxiv:{ID}v7"]),
        ([f"{ID}v7", ID, f"arxiv:{ID}v7"], [f"arxiv:{ID}v7"]),
        ([f"{ID}v7", f"{ID}v5", ID], [f"arxiv:{ID}v7", f"arxiv:{ID}v5"]),
    ],
)
def test_one_paper_is_one_entry_however_it_is_named(
    library: Library, refs: list[str], expected: list[str]
) -> None:
    for ref in refs:
        add(library, ref)
    assert [paper.ref for paper in library.papers.all()] == expected


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["1706.03762", "hep-th/9901001"]),
        st.sampled_from(["", "v1", "v2", "v3"]),
        st.sampled_from(["add", "import", "fetched", "remove"]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(steps=_STEPS)
def test_every_ref_that_is_listed_names_that_paper(
    steps: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Library(Home(tmp_path_factory.mktemp("library"))) as library:
        for arxiv_id, version, step in steps:
            ref = f"{arxiv_id}{version}"
            if step == "import":
                url = f"https://arxiv.org/abs/{ref}"
                add_reading_list(library, course("C", w1=[reading("A", url)]), None)
                continue
            key = add(library, ref)
            if step == "fetched":  # where nothing is pinned, version 3 is the latest
                held = library.papers.require(key)
                library.papers.update(
                    key, state=PaperState.INDEXED, version=held.version if held.pinned else 3
                )
            elif step == "remove":
                library.papers.remove(key)
        listed = list_papers(library).papers
        assert len({paper.ref for paper in listed}) == len(listed)
        for paper in listed:
            assert find_paper(library, paper.ref).key == paper.key
        assert {paper.key for paper in listed} == {paper.key for paper in library.papers.all()}


def test_importing_twice_changes_nothing(library: Library) -> None:
    syllabus = course(
        "C",
        w1=[reading("A"), reading("The same again", line=2), reading("No link", None, line=3)],
        w2=[reading("A", line=4), reading("No link", None, line=5)],
    )
    for _ in range(2):
        add_reading_list(library, syllabus, None)
        assert titles(library, "C") == [["A", "The same again", "No link"], ["A", "No link"]]
        assert len(library.courses.entries()) == 5
        (paper,) = list_papers(library).papers
        assert paper.weeks == ("1", "2")


def test_two_courses_share_a_paper(library: Library) -> None:
    add_reading_list(library, course("Reading", w1=[reading("A", role=Role.ASSIGNED)]), None)
    add_reading_list(library, course("Seminar", w5=[reading("A", role=Role.OPTIONAL)]), None)
    assert len(library.papers.all()) == 1
    (one,), (two,) = (list_papers(library, course=c).papers for c in ("Reading", "Seminar"))
    assert (one.weeks, one.role) == (("1",), Role.ASSIGNED)
    assert (two.weeks, two.role) == (("5",), Role.OPTIONAL)


def test_an_import_brings_back_a_paper_that_was_removed(library: Library) -> None:
    syllabus = course("C", w1=[reading("A")])
    add_reading_list(library, syllabus, None)
    library.courses.set_due(f"arxiv:{ID}", dt.date(2024, 5, 1))
    library.papers.remove(f"arxiv:{ID}")
    assert list_papers(library).papers == ()
    add_reading_list(library, syllabus, None)
    (paper,) = list_papers(library).papers
    assert (paper.weeks, paper.due) == (("1",), dt.date(2024, 5, 1))
    assert len(library.courses.entries()) == 1


def test_weeks_that_vanished_go_unless_something_is_left_in_them(library: Library) -> None:
    old = course("C", w1=[reading("A")], w2=[reading("B")], w3=[reading("C")], w4=[])
    add_reading_list(library, old, None)
    add(library, "2401.00001", course="C", week="3")
    add_reading_list(library, course("C", w1=[reading("A")], w4=[]), None)
    assert [week.number for week in library.courses.reading_list("C").weeks] == ["1", "4", "3"]


def test_adding_by_hand_keeps_what_the_syllabus_says(library: Library) -> None:
    listed = reading("A", role=Role.ASSIGNED, task="read and one-page report")
    add_reading_list(library, course("DSA 6000I: Reading", w1=[listed]), None)
    add(library, ID, week="1")  # the only course is meant
    add(library, ID, course="dsa", week="1", role=Role.ADVANCE)
    (paper,) = list_papers(library).papers
    assert (paper.course, paper.weeks) == ("DSA 6000I: Reading", ("1",))
    assert (paper.role, paper.task) == (Role.ADVANCE, "read and one-page report")


def test_a_week_of_no_course_is_refused_and_nothing_is_added(library: Library) -> None:
    with pytest.raises(UsageError, match="week 3 of no course"):
        add(library, ID, week="3")
    for name in ("Reading A", "Reading B"):
        add_reading_list(library, course(name), None)
    with pytest.raises(UsageError, match="several courses"):
        add(library, ID, week="3")
    with pytest.raises(UsageError, match="several courses match"):
        add(library, ID, course="reading")
    assert library.papers.all() == []
    add(library, ID, course="Another", week="3")
    assert list_papers(library).papers[0].course == "Another"
