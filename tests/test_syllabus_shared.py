"""Real syllabi, where the folder of test material is there."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest

from indexes.papers import Role, SourceKind
from indexes.reading_list import ReadingList
from ingest.syllabus import read_syllabus_file

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def course(shared: Path) -> ReadingList:
    return read_syllabus_file(shared / "syllabi" / "dsa6000i.md")


def test_the_course_by_week(course: ReadingList) -> None:
    assert course.course == "DSA 6000I: Large Language Models (LLMs) and LLM Ops"
    assert course.term == "Fall 2023"
    day = dt.date
    assert [(w.number, w.date, w.speaker) for w in course.weeks] == [
        ("1", day(2023, 9, 8), "Sung Kim"),
        ("2", day(2023, 9, 15), "Jung-Woo Ha, Head of Naver AI, Adjunct Prof at HKUST"),
        ("3", day(2023, 9, 22), "Code-GPT, John"),
        ("break", day(2023, 9, 29), None),
        ("4", day(2023, 10, 13), "Junyang Lin from Qwen Team"),
        ("5", day(2023, 10, 20), "ZHAO Xin"),
        ("6", day(2023, 10, 27), None),
        ("7", day(2023, 11, 3), None),
        ("8", day(2023, 11, 10), "Head of AI @Ping An, Jing Xiao & Songyang Zhang @Opencompass"),
        ("9", day(2023, 11, 17), "Matthias Gallé from Cohere"),
        ("10", day(2023, 11, 24), "Hwaran Lee from Naver"),
        ("11-12", day(2023, 12, 1), None),
    ]
    titles = {w.number: w.title for w in course.weeks}
    assert titles["1"] == "Introduction to Large Language Models (LLMs) and LLM Ops"
    assert titles["5"] == "A Survey of Large Language Models"
    assert titles["7"] == "Project Development"
    assert titles["11-12"] == "Project Presentations Poster session"


def test_the_twenty_links(course: ReadingList) -> None:
    readings = course.readings()
    assert len(readings) == 20
    assert {r.arxiv_id: (r.role, r.title) for r in readings if r.arxiv_id} == {
        "1706.03762": (Role.ASSIGNED, "Transformer"),
        "2203.02155": (Role.ASSIGNED, "GPT3.5"),
        "2303.18223": (Role.ADVANCE, None),
        "2307.03109": (Role.ADVANCE, "LLM Evaluations"),
        "2307.04699": (Role.REFERENCE, "International Institutions for Advanced AI"),
        "2307.03718": (
            Role.REFERENCE,
            "Frontier AI Regulation: Managing Emerging Risks to Public Safety",
        ),
        "2303.12712": (Role.REFERENCE, None),
    }
    assert Counter(r.kind for r in readings) == {
        SourceKind.ARXIV: 7,
        SourceKind.WEB: 7,
        SourceKind.REPO: 4,
        SourceKind.NOTEBOOK: 2,
    }
    assigned = [r for r in readings if r.role is Role.ASSIGNED]
    assert [r.line for r in assigned] == [36, 37, 38]
    assert {r.task for r in assigned} == {"read and one-page report"}
    assert {r.role for r in readings} == {Role.ASSIGNED, Role.ADVANCE, Role.REFERENCE}
    assert [(r.line, r.kind) for r in course.unfiled] == [
        (16, SourceKind.NOTEBOOK),
        (104, SourceKind.REPO),
        (105, SourceKind.WEB),
        (106, SourceKind.WEB),
        (107, SourceKind.WEB),
        (108, SourceKind.ARXIV),
    ]
    assert all(r.due is None for r in readings)
    assert course.unparsed == ()


def test_every_linked_paper_of_every_file_is_found(shared: Path) -> None:
    folder = shared / "syllabi"
    table = (folder / "ARXIV-LINK-COUNTS.tsv").read_text().splitlines()[1:]
    checked = 0
    for row in table:
        name, _, links = row.split("\t")[:3]
        source = (folder / name).read_text()
        shown = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
        wanted = set(re.findall(r"arxiv\.org/+(?:abs|pdf|html)/+([0-9]{4}\.[0-9]{4,5})", shown))
        # One file has a link that lost a digit; it must be reported instead.
        broken = {i for i in wanted if i >= "1501" and len(i) < 10}
        listing = read_syllabus_file(folder / name)
        found = {r.arxiv_id for r in listing.readings() if r.arxiv_id}
        assert wanted - broken <= found, name
        assert all(any(i in u.why for u in listing.unparsed) for i in broken), name
        for week in listing.weeks:
            ids = [r.arxiv_id for r in week.readings if r.arxiv_id]
            assert len(ids) == len(set(ids)), name
        checked += bool(int(links))
    assert checked > 25
