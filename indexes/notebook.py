"""The reader's notes, and the answers that were given."""

from __future__ import annotations

import datetime as dt

from indexes.database import Database
from indexes.papers import Frozen


class Note(Frozen):
    """A reader's note on a paper, at a page or on the whole."""

    id: int
    paper: str
    page: int | None
    text: str
    created_at: dt.datetime


class StoredAnswer(Frozen):
    """An answer as it was given; `document` is the JSON of `ask --json`."""

    id: int
    thread: str
    asked_at: dt.datetime
    question: str
    scope: str
    mode: str
    model: str | None
    document: str


class NoteTable:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, paper: str, text: str, page: int | None = None) -> Note:
        with self._db.transaction() as db:
            cursor = db.execute(
                "INSERT INTO notes (paper, page, text, created_at) VALUES (?, ?, ?, ?)",
                (paper, page, text, _now()),
            )
            row = db.execute("SELECT * FROM notes WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return Note.model_validate(dict(row))

    def of(self, paper: str) -> list[Note]:
        rows = self._db.rows("SELECT * FROM notes WHERE paper = ? ORDER BY id", (paper,))
        return [Note.model_validate(dict(row)) for row in rows]

    def remove(self, note: int) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM notes WHERE id = ?", (note,))


class AnswerTable:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self, *, thread: str, question: str, scope: str, mode: str, model: str | None, document: str
    ) -> int:
        with self._db.transaction() as db:
            cursor = db.execute(
                "INSERT INTO answers (thread, asked_at, question, scope, mode, model, document) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (thread, _now(), question, scope, mode, model, document),
            )
            return int(cursor.lastrowid or 0)

    def thread(self, thread: str) -> list[StoredAnswer]:
        """A thread's answers, oldest first."""
        rows = self._db.rows("SELECT * FROM answers WHERE thread = ? ORDER BY id", (thread,))
        return [StoredAnswer.model_validate(dict(row)) for row in rows]

    def recent(self, limit: int = 50) -> list[StoredAnswer]:
        """The latest answers, newest first."""
        rows = self._db.rows("SELECT * FROM answers ORDER BY id DESC LIMIT ?", (limit,))
        return [StoredAnswer.model_validate(dict(row)) for row in rows]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
