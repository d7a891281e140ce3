"""The library: one database, a table object for each kind of thing in it."""

from __future__ import annotations

from typing import Self

from indexes.course_table import CourseTable
from indexes.database import Database
from indexes.folders import Home
from indexes.notebook import AnswerTable, NoteTable
from indexes.paper_table import PaperTable
from indexes.passage_table import PassageTable


class Library:
    """Papers, passages, reading lists, notes and answers: the truth that the index caches."""

    def __init__(self, home: Home) -> None:
        """Open the library in `home`, making it where there is none. Raises StorageError."""
        home.create()
        self.home = home
        self.database = Database(home.database)
        self.papers = PaperTable(self.database)
        self.passages = PassageTable(self.database)
        self.courses = CourseTable(self.database)
        self.notes = NoteTable(self.database)
        self.answers = AnswerTable(self.database)

    def setting(self, key: str) -> str | None:
        """A fact about the library itself (such as the embedder of its index)."""
        row = self.database.row("SELECT value FROM meta WHERE key = ?", (key,))
        return None if row is None else str(row["value"])

    def set_setting(self, key: str, value: str | None) -> None:
        with self.database.transaction() as db:
            if value is None:
                db.execute("DELETE FROM meta WHERE key = ?", (key,))
            else:
                db.execute(
                    "INSERT INTO meta VALUES (?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (key, value),
                )

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
