"""Syllabi of our own making: weeks, roles, titles, tables, slips of the pen, hostile input."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import UsageError
from indexes.papers import Role, SourceKind
from indexes.reading_list import Reading, ReadingList
from ingest.syllabus import read_syllabus, read_syllabus_file

COURSE = """\
# CS 900: Reading Machines
### Fall 2031: Tuesdays, Room 5

## Staff
* [Ada Example](https://example.org/~ada)

## Schedule

### Week 1 Sep 8: First Things (Ada Example) Room 5 via Zoom
- HW (read and two-page summary), due Sep 15
  * Sorting: https://arxiv.org/abs/1801.00001
  * Searching: https://arxiv.org/abs/1801.00002v3
- Reference: https://github.com/example/sorting

### Autumn Break Sep 29, Oct 6

### Week 2-3 Jan12: Retrieval (RET) by GOLD Bea (the first author) online
 - Reader paper in advance: https://arxiv.org/abs/1801.00003
 - Read: A Survey of Sorting, https://arxiv.org/abs/1801.00004
 - Read: the third chapter of the book
 - Broken: https://arxiv.org/abs/1801.123
 - Also https:/example.org/half
 - (optional) B. Gold. [On Order](https://example.org/order.pdf).
 - See [On Order](https://example.org/order.pdf#page=2) again.

## References
* https://example.org/book
* Notebook: https://colab.research.google.com/drive/1
"""


def week(listing: ReadingList, number: str) -> dict[str | None, Reading]:
    (found,) = [w for w in listing.weeks if w.number == number]
    return {r.arxiv_id or r.url: r for r in found.readings}


@pytest.fixture(scope="module")
def course() -> ReadingList:
    return read_syllabus(COURSE)


def test_course_and_term(course: ReadingList) -> None:
    assert course.course == "CS 900: Reading Machines"
    assert course.term == "Fall 2031"
    assert read_syllabus(COURSE, course="Mine").course == "Mine"


def test_weeks(course: ReadingList) -> None:
    assert [(w.number, w.date, w.title, w.speaker) for w in course.weeks] == [
        ("1", dt.date(2031, 9, 8), "First Things", "Ada Example"),
        ("break", dt.date(2031, 9, 29), "Autumn Break", None),
        ("2-3", dt.date(2032, 1, 12), "Retrieval (RET)", "GOLD Bea"),
    ]
    assert course.weeks[1].readings == ()


def test_roles_tasks_and_due_dates(course: ReadingList) -> None:
    first, second = week(course, "1"), week(course, "2-3")
    assert first["1801.00001"] == Reading(
        title="Sorting",
        url="https://arxiv.org/abs/1801.00001",
        kind=SourceKind.ARXIV,
        arxiv_id="1801.00001",
        role=Role.ASSIGNED,
        task="read and two-page summary",
        due=dt.date(2031, 9, 15),
        line=11,
    )
    assert (first["1801.00002"].version, first["1801.00002"].line) == (3, 12)
    repository = first["https://github.com/example/sorting"]
    assert (repository.role, repository.kind, repository.due) == (
        Role.REFERENCE,
        SourceKind.REPO,
        None,
    )
    assert second["1801.00003"].role is Role.ADVANCE
    assert second["1801.00003"].title is None
    assert (second["1801.00004"].role, second["1801.00004"].title) == (
        Role.ADVANCE,
        "A Survey of Sorting",
    )
    assert second["https://example.org/order.pdf"].role is Role.OPTIONAL
    assert second["https://example.org/order.pdf"].title == "On Order"
    assert all(r.due is None for r in second.values())


def test_readings_of_no_week(course: ReadingList) -> None:
    assert [(r.url, r.kind) for r in course.unfiled] == [
        ("https://example.org/book", SourceKind.WEB),
        ("https://colab.research.google.com/drive/1", SourceKind.NOTEBOOK),
    ]


def test_what_cannot_be_read_is_listed_with_its_reason(course: ReadingList) -> None:
    told = {entry.line: entry.why for entry in course.unparsed}
    assert set(told) == {20, 21, 22}
    assert "without a link" in told[20]
    assert "5 digits" in told[21]
    assert "damaged" in told[22]


def test_plain_text_without_marks() -> None:
    listing = read_syllabus(
        "Reading Machines\n"
        "Spring 2030\n\n"
        "Week 1: Order (Mar 4)\n"
        "Required:\n"
        "    On Sorting https://arxiv.org/abs/1801.00001\n"
        "    On Searching, arXiv:1801.00002\n"
        "Optional: Trees https://example.org/trees\n\n"
        "Week 2: Chaos\n"
        "Week 1 was about order, which see.\n"
        "Entropy (https://arxiv.org/abs/1801.00003).\n"
    )
    assert [(w.number, w.date, w.title) for w in listing.weeks] == [
        ("1", dt.date(2030, 3, 4), "Order"),
        ("2", None, "Chaos"),
    ]
    first = week(listing, "1")
    assert [(r.title, r.role, r.line) for r in first.values()] == [
        ("On Sorting", Role.ASSIGNED, 6),
        ("On Searching", Role.ASSIGNED, 7),
        ("Trees", Role.OPTIONAL, 8),
    ]
    assert week(listing, "2")["1801.00003"].title == "Entropy"


TABLE = """\
# Seminar

| Week | Date | Topic | Readings | Optional Material | Presenter |
|---|---|---|---|---|---|
| 1 | 2030-03-04 | Order | On Sorting [Gold et al.][g] | [Trees][t] | Ada |
| | | | [On Searching][s] | | Bea |
| 2 | 2030-03-11 | Chaos | Chapter 3 | | Cid |
| 3 | 2030-03-18 | Rest | TBA | | |
| | 2030-03-25 | no class | | | |

Later: [Dust](https://arxiv.org/abs/1801.00004)

[g]: https://arxiv.org/abs/1801.00001
[s]: https://arxiv.org/pdf/1801.00002.pdf
[t]: https://example.org/t
<!-- | 4 | | [Hidden](https://arxiv.org/abs/1801.00009) | -->
"""


def test_a_schedule_in_a_table() -> None:
    listing = read_syllabus(TABLE)
    assert [(w.number, w.title, w.speaker) for w in listing.weeks[:3]] == [
        ("1", "Order", "Ada; Bea"),
        ("2", "Chaos", "Cid"),
        ("3", "Rest", None),
    ]
    assert [(r.title, r.role, r.line) for r in week(listing, "1").values()] == [
        ("On Sorting", Role.ASSIGNED, 5),
        ("Trees", Role.OPTIONAL, 5),
        ("On Searching", Role.ASSIGNED, 6),
    ]
    assert [r.arxiv_id for r in listing.unfiled] == ["1801.00004"]
    assert [(u.line, u.text) for u in listing.unparsed] == [(7, "Chapter 3")]


def test_a_schedule_in_html_with_cells_that_reach_down() -> None:
    listing = read_syllabus(
        "<!doctype html><html><head><title>Seminar, Fall 2030</title></head><body>"
        "<table><tr><th>Week</th><th>Topic</th><th>Papers</th></tr>\n"
        "<tr><td rowspan=2>Week 1</td><td>Order</td><td><a href='https://arxiv.org/abs/1801.00001'>"
        "On &amp; Off</a></td></tr>\n"
        "<tr><td>More</td><td><a href='https://arxiv.org/abs/1801.00002'>Next</a></td></tr>\n"
        "<tr><td>Week 2</td><td>Chaos</td><td></td></tr></table>"
        "<script>var x = 'https://arxiv.org/abs/1801.00009'</script></body></html>",
        name="page.html",
    )
    assert listing.course == "Seminar, Fall 2030"
    assert [w.number for w in listing.weeks] == ["1", "2"]
    assert [(r.title, r.arxiv_id) for r in listing.weeks[0].readings] == [
        ("On & Off", "1801.00001"),
        ("Next", "1801.00002"),
    ]


def test_a_list_without_weeks_is_cut_by_its_headings() -> None:
    listing = read_syllabus(
        "# Papers\n## 1. Order\n- **On Sorting** [pdf](https://arxiv.org/pdf/1801.00001)\n"
        "## 2. Chaos\n```bibtex\n@article{gold,\n  title={On {Chaos}},\n"
        "  journal={arXiv preprint arXiv:1801.00002},\n}\n```\n"
        "```\n- [Sample](https://arxiv.org/abs/1801.00009)\n```\n"
    )
    assert [
        (w.number, w.title, [(r.title, r.arxiv_id) for r in w.readings]) for w in listing.weeks
    ] == [
        ("1", "Order", [("On Sorting", "1801.00001")]),
        ("2", "Chaos", [("On Chaos", "1801.00002")]),
    ]


def test_yaml() -> None:
    listing = read_syllabus(
        "groups:\n"
        "  - name: Order\n    papers:\n"
        "      - {title: On Sorting, url: 'https://arxiv.org/abs/1801.00001'}\n"
        "  - name: Chaos\n    papers:\n      - title: On Chaos\n        arxiv: '1801.00002'\n",
        name="my_list.yml",
    )
    assert listing.course == "my list"
    assert [(w.title, w.readings[0].title, w.readings[0].line) for w in listing.weeks] == [
        ("Order", "On Sorting", 4),
        ("Chaos", "On Chaos", 7),
    ]


def test_without_a_year_there_is_no_date() -> None:
    listing = read_syllabus("# C\n## Week 1 Sep 8: A\n## Week 2 Sep 15: B\n")
    assert [(w.title, w.date) for w in listing.weeks] == [("A", None), ("B", None)]


def test_front_matter_is_not_read_for_links() -> None:
    listing = read_syllabus(
        '+++\ntitle = "Week 4: Heaps"\ndate = "03 Nov 2031"\nx = "https://arxiv.org/abs/1801.00009"\n'
        "+++\nSee [Heaps](https://arxiv.org/abs/1801.00001).\n"
    )
    assert [(w.number, w.title) for w in listing.weeks] == [("4", "Heaps")]
    assert [(r.arxiv_id, r.line) for r in listing.readings()] == [("1801.00001", 6)]


@pytest.mark.parametrize("text", ["", "   \n\n", "\ufeff", "Just words.", "<!-- nothing -->"])
def test_nothing_to_read_is_an_empty_list(text: str) -> None:
    listing = read_syllabus(text, name="empty.md")
    assert listing.course
    assert (listing.weeks, listing.unfiled, listing.unparsed) == ((), (), ())


def test_control_characters_do_not_come_through() -> None:
    listing = read_syllabus(
        "# C\x1b]52;c;x\x07\n## Week 1: A\u202eB\n- T\x1b[2J\u200bitle: https://arxiv.org/abs/1801.00001\n"
    )
    text = listing.model_dump_json()
    assert not any(mark in text for mark in ("\\u001b", "\x1b", "\u202e", "\u200b", "\\u0007"))
    assert listing.weeks[0].readings[0].arxiv_id == "1801.00001"


def test_files_are_decoded_or_refused(tmp_path: Path) -> None:
    text = "# Überblick\n## Week 1: Größe\n- https://arxiv.org/abs/1801.00001\n"
    for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16"):
        (tmp_path / "a.md").write_bytes(text.replace("\n", "\r\n").encode(encoding))
        listing = read_syllabus_file(tmp_path / "a.md")
        assert (listing.course, listing.weeks[0].title) == ("Überblick", "Größe")
    for name, data in {
        "binary.md": b"\x00\x01\x02",
        "paper.md": b"%PDF-1.7",
        "huge.md": b"garbage " * 1_300_000,
    }.items():
        (tmp_path / name).write_bytes(data)
        started = time.monotonic()
        with pytest.raises(UsageError) as caught:
            read_syllabus_file(tmp_path / name)
        assert caught.value.remedy
        assert time.monotonic() - started < 2
    for missing in (tmp_path, tmp_path / "none.md"):
        with pytest.raises(UsageError):
            read_syllabus_file(missing)


@given(st.text(alphabet="[]()<>*_`#|-: \n\tabW1/.\x00http", max_size=300) | st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        listing = read_syllabus(text)
    except UsageError:
        assert "\0" in text
    else:
        assert all(r.url for r in listing.readings())


@pytest.mark.parametrize(
    "unit",
    ["[a](", "![[", "Week 3: \n", "<table><tr><td>", "|a|b|\n|-|-|\n", "A by ", "arxiv:", "((1"],
)
def test_time_grows_with_length_not_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        read_syllabus((unit * length)[:length])
        return time.process_time() - started

    seconds(200)
    assert seconds(12_000) < 12 * seconds(3_000) + 0.2
