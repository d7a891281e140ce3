"""Papers in the database, and the state machine's record of what is being done to each."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection
from typing import Any

from indexes.database import Database
from indexes.errors import NotFoundError
from indexes.papers import (
    Fault,
    Paper,
    PaperState,
    ReadingStatus,
    SourceKind,
    Structure,
)

_JSON = {"authors", "categories"}
_COLUMNS = set(Paper.model_fields) - {"error", "passages", "key", "added_at"}
_SELECT = """
SELECT p.*, (SELECT count(*) FROM passages s WHERE s.paper = p.key AND s.generation = p.generation)
  AS passages
FROM papers p
"""


class PaperTable:
    """Papers by key. Every write is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: str) -> Paper | None:
        row = self._db.row(f"{_SELECT} WHERE p.key = ?", (key,))
        return None if row is None else _paper(row)

    def require(self, key: str) -> Paper:
        """Like `get`. Raises NotFoundError."""
        paper = self.get(key)
        if paper is None:
            raise NotFoundError(f"{key} is not in the library", f"add it: paperdesk add {key}")
        return paper

    def all(
        self, *, keys: Collection[str] | None = None, states: Collection[PaperState] | None = None
    ) -> list[Paper]:
        """Papers in the order they were added."""
        conditions = {"p.key": keys, "p.state": states}
        given = {column: values for column, values in conditions.items() if values is not None}
        where = " AND ".join(f"{column} IN (SELECT value FROM json_each(?))" for column in given)
        rows = self._db.rows(
            f"{_SELECT} WHERE {where or 'true'} ORDER BY p.rowid",
            [json.dumps(list(values)) for values in given.values()],
        )
        return [_paper(row) for row in rows]

    def find_arxiv(self, arxiv_id: str, version: int | None = None) -> list[Paper]:
        """Papers with this arXiv id: the one that follows the latest first, then newest first."""
        rows = self._db.rows(
            f"{_SELECT} WHERE p.arxiv_id = ? ORDER BY p.pinned, p.version DESC", (arxiv_id,)
        )
        papers = [_paper(row) for row in rows]
        return papers if version is None else [p for p in papers if p.version == version]

    def find_sha256(self, sha256: str) -> list[Paper]:
        return [_paper(r) for r in self._db.rows(f"{_SELECT} WHERE p.sha256 = ?", (sha256,))]

    def insert(self, paper: Paper) -> bool:
        """Add a paper; False where its key is there already, which changes nothing."""
        values = _values({name: getattr(paper, name) for name in _COLUMNS})
        values["key"] = paper.key
        values["added_at"] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        with self._db.transaction() as db:
            cursor = db.execute(
                f"INSERT INTO papers ({names}) VALUES ({marks}) ON CONFLICT (key) DO NOTHING",
                tuple(values.values()),
            )
            return cursor.rowcount == 1

    def update(self, key: str, **fields: Any) -> Paper:
        """Change named fields of a paper and clear its intent. Raises NotFoundError."""
        unknown = set(fields) - _COLUMNS
        if unknown:
            raise ValueError(f"not columns of a paper: {sorted(unknown)}")
        values = _values(fields)
        assignments = ", ".join([*(f"{name} = ?" for name in values), "intent = NULL"])
        with self._db.transaction() as db:
            db.execute(f"UPDATE papers SET {assignments} WHERE key = ?", (*values.values(), key))
            return self.require(key)

    def advance(self, key: str, state: PaperState, **fields: Any) -> Paper:
        """Bring a paper to the next state; a fault of an earlier try is forgotten."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE papers SET error_code = NULL, error_message = NULL, error_retryable = NULL "
                "WHERE key = ?",
                (key,),
            )
            return self.update(key, state=state, **fields)

    def intend(self, key: str, intent: str) -> None:
        """Record what is about to be done, before it is done: a restart finds what was cut off."""
        with self._db.transaction() as db:
            db.execute("UPDATE papers SET intent = ? WHERE key = ?", (intent, key))

    def intents(self) -> dict[str, str]:
        rows = self._db.rows("SELECT key, intent FROM papers WHERE intent IS NOT NULL")
        return {row["key"]: row["intent"] for row in rows}

    def fail(self, key: str, fault: Fault) -> Paper:
        with self._db.transaction() as db:
            db.execute(
                "UPDATE papers SET error_code = ?, error_message = ?, error_retryable = ? "
                "WHERE key = ?",
                (fault.code, fault.message, int(fault.retryable), key),
            )
            return self.update(key, state=PaperState.FAILED)

    def remove(self, key: str) -> bool:
        """Delete a paper with its pages, passages and notes; readings keep their link."""
        with self._db.transaction() as db:
            return db.execute("DELETE FROM papers WHERE key = ?", (key,)).rowcount == 1


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    """Python values as SQLite holds them."""
    out: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _JSON:
            out[name] = json.dumps(list(value), ensure_ascii=False)
        elif isinstance(value, bool):
            out[name] = int(value)
        elif isinstance(value, dt.date):
            out[name] = value.isoformat()
        else:
            out[name] = value
    return out


def _paper(row: sqlite3.Row) -> Paper:
    error = None
    if row["state"] == PaperState.FAILED and row["error_code"] is not None:
        error = Fault(
            code=row["error_code"],
            message=row["error_message"] or "",
            retryable=bool(row["error_retryable"]),
        )
    published = row["published"]
    return Paper(
        key=row["key"],
        kind=SourceKind(row["kind"]),
        url=row["url"],
        path=row["path"],
        arxiv_id=row["arxiv_id"],
        version=row["version"],
        pinned=bool(row["pinned"]),
        title=row["title"],
        authors=tuple(json.loads(row["authors"])),
        published=dt.date.fromisoformat(published) if published else None,
        abstract=row["abstract"],
        doi=row["doi"],
        categories=tuple(json.loads(row["categories"])),
        sha256=row["sha256"],
        pages=row["pages"],
        passages=row["passages"] if row["generation"] is not None else None,
        minutes=row["minutes"],
        state=PaperState(row["state"]),
        structure=Structure(row["structure"]),
        error=error,
        status=ReadingStatus(row["status"]),
        last_page=row["last_page"],
        generation=row["generation"],
        added_at=dt.datetime.fromisoformat(row["added_at"]),
    )
