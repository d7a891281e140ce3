"""Pages, passages and bibliographies in the database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from indexes.database import Database
from indexes.errors import NotFoundError
from indexes.papers import PaperState
from indexes.passages import Box, Page, Passage, PassageKind, Reference

_CHUNK = 500  # bound values a statement, well under SQLite's limit


class PassageTable:
    """What a paper says, page by page and passage by passage."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def write(self, paper: str, generation: str, passages: Iterable[Passage]) -> None:
        """Store one generation of a paper's passages; other generations stay.

        Passages must carry this paper and this generation.
        """
        with self._db.transaction() as db:
            db.execute(
                "DELETE FROM passages WHERE paper = ? AND generation = ?", (paper, generation)
            )
            db.executemany(_INSERT, (_row(p) for p in passages))

    def write_pages(
        self, paper: str, pages: Iterable[Page], references: Iterable[Reference] = ()
    ) -> None:
        """Store a paper's pages and bibliography in place of what was there."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM pages WHERE paper = ?", (paper,))
            db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?)",
                ((paper, p.number, p.width, p.height, p.text) for p in pages),
            )
            self._write_references(paper, references)

    def _write_references(self, paper: str, references: Iterable[Reference]) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM bibliography WHERE paper = ?", (paper,))
            db.executemany(
                "INSERT INTO bibliography VALUES (?, ?, ?, ?)",
                ((paper, r.ordinal, r.page, r.text) for r in references),
            )

    def revise(
        self,
        paper: str,
        changed: Iterable[Passage],
        removed: Collection[str],
        added: Iterable[Passage],
        references: Iterable[Reference] | None = None,
    ) -> None:
        """Apply layout labels: relabel, split and hide passages in one transaction."""
        with self._db.transaction() as db:
            db.executemany("DELETE FROM passages WHERE id = ?", ((i,) for i in removed))
            db.executemany(_INSERT, (_row(p) for p in changed))
            db.executemany(_INSERT, (_row(p) for p in added))
            if references is not None:
                self._write_references(paper, references)

    def drop_generations(self, paper: str, *, keep: str) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM passages WHERE paper = ? AND generation <> ?", (paper, keep))

    def of(self, paper: str, generation: str | None = None) -> list[Passage]:
        """A paper's passages in reading order; the live generation unless another is named."""
        rows = self._db.rows(
            "SELECT s.* FROM passages s JOIN papers p ON p.key = s.paper "
            "WHERE s.paper = ? AND s.generation = coalesce(?, p.generation) ORDER BY s.ordinal",
            (paper, generation),
        )
        return [_passage(row) for row in rows]

    def live(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages of these ids that may be shown.

        Left out: passages of papers that are not (or no longer) indexed, of generations that are
        not live, and hidden text. A half-written paper is never visible.
        """
        found: dict[str, Passage] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ", ".join("?" for _ in part)
            # CROSS JOIN fixes the order: without it SQLite walks every passage of every indexed
            # paper (5 ms at 10,000 passages, 0.06 ms so).
            rows = self._db.rows(
                "SELECT s.* FROM passages s CROSS JOIN papers p ON p.key = s.paper "
                f"WHERE s.id IN ({marks}) AND p.state = ? AND s.generation = p.generation "
                "AND s.hidden = 0",
                (*part, PaperState.INDEXED),
            )
            found.update((row["id"], _passage(row)) for row in rows)
        return found

    def any_live(self) -> bool:
        """Whether there is anything to search."""
        row = self._db.row(
            "SELECT 1 FROM papers p JOIN passages s ON s.paper = p.key "
            "AND s.generation = p.generation WHERE p.state = ? LIMIT 1",
            (PaperState.INDEXED,),
        )
        return row is not None

    def count(self, paper: str, generation: str) -> int:
        row = self._db.row(
            "SELECT count(*) AS n FROM passages WHERE paper = ? AND generation = ?",
            (paper, generation),
        )
        return 0 if row is None else int(row["n"])

    def pages(self, paper: str) -> list[Page]:
        rows = self._db.rows("SELECT * FROM pages WHERE paper = ? ORDER BY number", (paper,))
        return [_page(row) for row in rows]

    def page(self, paper: str, number: int) -> Page:
        """One page, 1-based. Raises NotFoundError."""
        row = self._db.row("SELECT * FROM pages WHERE paper = ? AND number = ?", (paper, number))
        if row is None:
            raise NotFoundError(
                f"page {number} of {paper} is not in the library",
                "see how many pages it has: paperdesk show " + paper,
            )
        return _page(row)

    def references(self, paper: str) -> list[Reference]:
        rows = self._db.rows(
            "SELECT * FROM bibliography WHERE paper = ? ORDER BY ordinal", (paper,)
        )
        return [Reference(ordinal=r["ordinal"], page=r["page"], text=r["text"]) for r in rows]


_INSERT = "INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _row(passage: Passage) -> tuple[object, ...]:
    return (
        passage.id,
        passage.paper,
        passage.generation,
        passage.ordinal,
        passage.page,
        passage.kind,
        json.dumps(passage.section, ensure_ascii=False),
        passage.text,
        json.dumps([[b.page, *(round(v, 2) for v in b.rect)] for b in passage.boxes]),
        int(passage.hidden),
    )


def _passage(row: sqlite3.Row) -> Passage:
    return Passage.model_construct(  # written by us, validated when it was written
        id=row["id"],
        paper=row["paper"],
        generation=row["generation"],
        ordinal=row["ordinal"],
        page=row["page"],
        kind=PassageKind(row["kind"]),
        section=tuple(json.loads(row["section"])),
        text=row["text"],
        boxes=tuple(
            Box.model_construct(page=page, rect=tuple(rect))
            for page, *rect in json.loads(row["boxes"])
        ),
        hidden=bool(row["hidden"]),
    )


def _page(row: sqlite3.Row) -> Page:
    return Page(number=row["number"], width=row["width"], height=row["height"], text=row["text"])
