"""The library database: papers, passages, courses, schema version, damage."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading

import pytest

from indexes.errors import NotFoundError, StorageError
from indexes.folders import Home
from indexes.library import Library
from indexes.papers import Fault, Paper, PaperState, Role, SourceKind
from indexes.passages import Box, Page, Passage, PassageKind, Reference, passage_id
from indexes.reading_list import Reading, ReadingList, Week

PAPER = Paper(
    key="arxiv:9912.00001",
    kind=SourceKind.ARXIV,
    arxiv_id="9912.00001",
    url="https://arxiv.org/abs/9912.00001",
)


def passage(ordinal: int, generation: str = "g1", **fields: object) -> Passage:
    values: dict[str, object] = {
        "id": passage_id(PAPER.key, generation, ordinal),
        "paper": PAPER.key,
        "generation": generation,
        "ordinal": ordinal,
        "page": 1,
        "text": f"Passage {ordinal}: 中文, naïve, ∑.",
        "section": ("3 Results", "3.1 Recall"),
        "boxes": (Box(page=1, rect=(1.0, 2.0, 3.5, 4.25)),),
    }
    return Passage.model_validate(values | fields)


def test_a_paper_comes_back_as_it_was_stored(library: Library) -> None:
    paper = PAPER.model_copy(
        update={
            "title": "Ångström’s “law”",
            "authors": ("Ana García", "李雷"),
            "published": dt.date(2024, 2, 29),
            "pinned": True,
            "version": 3,
        }
    )
    assert library.papers.insert(paper)
    assert not library.papers.insert(paper)  # the same key again changes nothing
    held = library.papers.require(paper.key)
    assert held.model_copy(update={"added_at": None}) == paper
    assert held.ref == "arxiv:9912.00001v3"
    assert held.short_name == "García et al. 2024"


def test_a_fault_is_forgotten_when_the_paper_advances(library: Library) -> None:
    library.papers.insert(PAPER)
    library.papers.intend(PAPER.key, "fetch")
    failed = library.papers.fail(PAPER.key, Fault(code="offline", message="no", retryable=True))
    assert (failed.state, failed.error and failed.error.code) == (PaperState.FAILED, "offline")
    assert library.papers.intents() == {}
    assert library.papers.advance(PAPER.key, PaperState.FETCHED, sha256="ab").error is None


def test_an_unknown_column_is_a_bug_not_sql(library: Library) -> None:
    library.papers.insert(PAPER)
    with pytest.raises(ValueError, match="not columns"):
        library.papers.update(PAPER.key, **{"title = 'x' --": 1})


def test_only_the_live_generation_of_indexed_papers_is_shown(library: Library) -> None:
    library.papers.insert(PAPER)
    old, new = passage(0, "g1"), passage(0, "g2")
    hidden = passage(1, "g1", hidden=True)
    library.passages.write(PAPER.key, "g1", [old, hidden])
    library.passages.write(PAPER.key, "g2", [new])
    ids = [old.id, new.id, hidden.id]
    assert library.passages.live(ids) == {}  # not indexed yet
    library.papers.advance(PAPER.key, PaperState.INDEXED, generation="g1")
    assert library.passages.live(ids) == {old.id: old}
    library.papers.advance(PAPER.key, PaperState.INDEXED, generation="g2")
    assert library.passages.live(ids) == {new.id: new}
    library.passages.drop_generations(PAPER.key, keep="g2")
    assert library.passages.count(PAPER.key, "g1") == 0
    assert library.papers.require(PAPER.key).passages == 1


def test_revision_is_one_transaction(library: Library) -> None:
    library.papers.insert(PAPER)
    library.passages.write(PAPER.key, "g1", [passage(0), passage(1)])
    library.papers.advance(PAPER.key, PaperState.INDEXED, generation="g1")
    relabelled = passage(0).model_copy(update={"kind": PassageKind.CAPTION})
    references = [Reference(ordinal=0, page=9, text="[1] A. Nother.")]
    library.passages.revise(PAPER.key, [relabelled], [passage(1).id], [passage(2)], references)
    assert library.passages.of(PAPER.key) == [relabelled, passage(2)]
    assert library.passages.references(PAPER.key) == references

    def fail_half_way() -> None:
        with library.database.transaction():
            library.passages.revise(PAPER.key, [], [relabelled.id], [])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert library.passages.of(PAPER.key) == [relabelled, passage(2)]


def test_removing_a_paper_takes_what_belongs_to_it(library: Library) -> None:
    library.papers.insert(PAPER)
    library.passages.write_pages(PAPER.key, [Page(number=1, width=1, height=1, text="x\x1by\x00")])
    library.passages.write(PAPER.key, "g1", [passage(0)])
    library.notes.add(PAPER.key, "mine", 1)
    assert library.passages.page(PAPER.key, 1).text == "x\x1by\x00"  # kept untouched
    assert library.papers.remove(PAPER.key)
    assert library.notes.of(PAPER.key) == []
    with pytest.raises(NotFoundError):
        library.passages.page(PAPER.key, 1)


def reading(title: str, arxiv_id: str, line: int | None = 1) -> Reading:
    url = f"https://arxiv.org/abs/{arxiv_id}"
    return Reading(
        title=title,
        url=url,
        kind=SourceKind.ARXIV,
        arxiv_id=arxiv_id,
        role=Role.ASSIGNED,
        line=line,
    )


def test_importing_again_updates_and_marks_what_is_gone(library: Library) -> None:
    ids = {"A": "9912.00001", "B": "9912.00002"}
    for arxiv_id in ids.values():
        library.papers.insert(
            Paper(key=f"arxiv:{arxiv_id}", kind=SourceKind.ARXIV, arxiv_id=arxiv_id)
        )

    def key_of(item: Reading) -> str:
        return f"arxiv:{item.arxiv_id}"

    first = ReadingList(
        course="C", weeks=(Week(number="1", readings=tuple(reading(t, i) for t, i in ids.items())),)
    )
    library.courses.save(first, source=None, key_of=key_of)
    assert library.courses.reading_list("C") == first
    library.courses.set_due("arxiv:9912.00001", dt.date(2023, 9, 15))
    library.courses.attach(reading("By hand", "9912.00002", line=None), None, "C", "2")

    second = ReadingList(
        course="C", weeks=(Week(number="1", title="New", readings=(reading("A", ids["A"]),)),)
    )
    library.courses.save(second, source=None, key_of=key_of)
    entries = library.courses.entries(course="C")
    assert [(e.reading.title, e.week, e.gone) for e in entries] == [
        ("A", "1", False),
        ("B", "1", True),
        ("By hand", "2", False),
    ]
    assert entries[0].reading.due == dt.date(2023, 9, 15)  # the reader's own date stays


def test_threads_share_one_connection(library: Library) -> None:
    def add(start: int) -> None:
        for number in range(start, start + 20):
            library.papers.insert(PAPER.model_copy(update={"key": f"arxiv:9912.{number:05}"}))

    threads = [threading.Thread(target=add, args=(n,)) for n in (100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(library.papers.all()) == 60


def test_a_newer_schema_is_refused_in_one_line(home: Home) -> None:
    Library(home).close()
    connection = sqlite3.connect(home.database)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="newer Paperdesk"):
        Library(home)


def test_a_file_that_is_no_database_is_refused_in_one_line(home: Home) -> None:
    home.create()
    home.database.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageError, match="not a Paperdesk library"):
        Library(home)
