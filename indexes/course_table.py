"""Courses, weeks and readings in the database."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable

from indexes.database import Database
from indexes.papers import Frozen, Role, SourceKind
from indexes.reading_list import Reading, ReadingList, Week

_AT_THE_END = 10_000  # position of a reading put in by hand


class Course(Frozen):
    """A course in the library."""

    id: int
    name: str
    term: str | None


class Entry(Frozen):
    """A reading where it stands: in which course and week, and which paper it is.

    `paper` is None for a reading with neither a link nor an id. `gone` marks one that a later
    import of the syllabus no longer held.
    """

    course: str | None
    week: str | None
    reading: Reading
    paper: str | None
    gone: bool = False


class CourseTable:
    """Reading lists by course and week. Every write is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save(
        self,
        reading_list: ReadingList,
        *,
        source: str | None,
        key_of: Callable[[Reading], str | None],
    ) -> Course:
        """Store a syllabus, or update the course of its name.

        Readings that vanished are marked gone, not deleted; weeks that vanished go where nothing
        is left in them. `key_of` puts each reading's paper into the library and names it, None for
        a reading that is no paper.
        """
        with self._db.transaction() as db:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            db.execute(
                "INSERT INTO courses (name, term, source, imported_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET term = excluded.term, source = excluded.source, "
                "imported_at = excluded.imported_at",
                (reading_list.course, reading_list.term, source, now),
            )
            course = self._require(reading_list.course)
            # A reading without a line was put in by hand; an import never takes that away.
            db.execute(
                "UPDATE readings SET gone = 1 WHERE course = ? AND line IS NOT NULL", (course.id,)
            )
            for position, week in enumerate(reading_list.weeks):
                week_id = self._save_week(db, course.id, position, week)
                for order, reading in enumerate(week.readings):
                    _save_reading(db, course.id, week_id, order, reading, key_of(reading))
            for order, reading in enumerate(reading_list.unfiled):
                _save_reading(db, course.id, None, order, reading, key_of(reading))
            named = json.dumps([week.number for week in reading_list.weeks])
            db.execute(
                "DELETE FROM weeks WHERE course = ? "
                "AND number NOT IN (SELECT value FROM json_each(?)) "
                "AND NOT EXISTS (SELECT 1 FROM readings r WHERE r.week = weeks.id AND r.gone = 0)",
                (course.id, named),
            )
            return course

    def attach(
        self,
        reading: Reading,
        paper: str | None,
        course: str | None,
        week: str | None,
        *,
        keep_role: bool = False,
    ) -> None:
        """Put one reading on the list by hand; a new course or week is made where named.

        One that stands there already keeps all but its role, and with `keep_role` that too.
        """
        with self._db.transaction() as db:
            course_id = week_id = None
            if course is not None:
                db.execute(
                    "INSERT INTO courses (name, imported_at) VALUES (?, ?) "
                    "ON CONFLICT (name) DO NOTHING",
                    (course, dt.datetime.now(dt.UTC).isoformat(timespec="seconds")),
                )
                course_id = self._require(course).id
                if week is not None:
                    row = db.execute(
                        "SELECT id FROM weeks WHERE course = ? AND number = ?", (course_id, week)
                    ).fetchone()
                    if row is None:
                        last = db.execute(
                            "SELECT coalesce(max(position), -1) AS n FROM weeks WHERE course = ?",
                            (course_id,),
                        ).fetchone()["n"]
                        week_id = self._save_week(db, course_id, last + 1, Week(number=week))
                    else:
                        week_id = row["id"]
            same = _find_reading(db, course_id, week_id, reading, paper)
            if same is None:
                _insert_reading(db, course_id, week_id, _AT_THE_END, reading, paper)
            else:
                role = None if keep_role else reading.role
                db.execute(
                    "UPDATE readings SET role = coalesce(?, role), paper = ?, gone = 0 "
                    "WHERE id = ?",
                    (role, paper, same),
                )

    def _require(self, name: str) -> Course:
        row = self._db.row("SELECT id, name, term FROM courses WHERE name = ?", (name,))
        assert row is not None
        return Course(id=row["id"], name=row["name"], term=row["term"])

    def all(self) -> list[Course]:
        """Courses in the order they came."""
        rows = self._db.rows("SELECT id, name, term FROM courses ORDER BY id")
        return [Course(id=r["id"], name=r["name"], term=r["term"]) for r in rows]

    def find(self, name: str) -> list[Course]:
        """The courses a user may mean: the exact name, else those that contain it (any case)."""
        courses = self.all()
        exact = [c for c in courses if c.name == name]
        return exact or [c for c in courses if name.casefold() in c.name.casefold()]

    def reading_list(self, name: str) -> ReadingList:
        """A stored course in the shape of its import, without what is gone."""
        course = self._require(name)
        entries = [e for e in self.entries(course=name) if not e.gone]
        weeks = self._db.rows(
            "SELECT * FROM weeks WHERE course = ? ORDER BY position", (course.id,)
        )
        return ReadingList(
            course=course.name,
            term=course.term,
            weeks=tuple(
                Week(
                    number=w["number"],
                    date=_date(w["date"]),
                    title=w["title"],
                    speaker=w["speaker"],
                    readings=tuple(e.reading for e in entries if e.week == w["number"]),
                )
                for w in weeks
            ),
            unfiled=tuple(e.reading for e in entries if e.week is None),
        )

    def entries(self, *, course: str | None = None, paper: str | None = None) -> list[Entry]:
        """Readings in the order of their lists, weeks first, then those of no week."""
        rows = self._db.rows(
            "SELECT r.*, c.name AS course_name, w.number AS week_number, p.arxiv_id, p.version, "
            "p.pinned FROM readings r LEFT JOIN courses c ON c.id = r.course "
            "LEFT JOIN weeks w ON w.id = r.week LEFT JOIN papers p ON p.key = r.paper "
            "WHERE (? IS NULL OR c.name = ?) AND (? IS NULL OR r.paper = ?) "
            "ORDER BY c.id IS NULL, c.id, w.id IS NULL, w.position, r.position, r.id",
            (course, course, paper, paper),
        )
        return [
            Entry(
                course=row["course_name"],
                week=row["week_number"],
                paper=row["paper"],
                gone=bool(row["gone"]),
                reading=_reading(row),
            )
            for row in rows
        ]

    def set_due(self, paper: str, due: dt.date | None) -> None:
        with self._db.transaction() as db:
            db.execute(
                "UPDATE readings SET due = ? WHERE paper = ?",
                (due.isoformat() if due else None, paper),
            )

    @staticmethod
    def _save_week(db: sqlite3.Connection, course: int, position: int, week: Week) -> int:
        db.execute(
            "INSERT INTO weeks (course, position, number, date, title, speaker) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (course, number) DO UPDATE SET "
            "position = excluded.position, date = excluded.date, title = excluded.title, "
            "speaker = excluded.speaker",
            (
                course,
                position,
                week.number,
                week.date.isoformat() if week.date else None,
                week.title,
                week.speaker,
            ),
        )
        row = db.execute(
            "SELECT id FROM weeks WHERE course = ? AND number = ?", (course, week.number)
        ).fetchone()
        return int(row["id"])


def _save_reading(
    db: sqlite3.Connection,
    course: int,
    week: int | None,
    position: int,
    reading: Reading,
    paper: str | None,
) -> None:
    """Insert an imported reading, or bring the one it was before up to date (its due date stays).

    A paper may stand in a week twice; what this import has brought up to date is not gone any more.
    """
    same = _find_reading(db, course, week, reading, paper, "AND (gone = 1 OR line IS NULL)")
    if same is None:
        _insert_reading(db, course, week, position, reading, paper)
    else:
        db.execute(
            "UPDATE readings SET paper = ?, position = ?, title = ?, url = ?, kind = ?, role = ?, "
            "task = ?, due = coalesce(?, due), line = ?, gone = 0 WHERE id = ?",
            (paper, position, *_values(reading), same),
        )


def _find_reading(
    db: sqlite3.Connection,
    course: int | None,
    week: int | None,
    reading: Reading,
    paper: str | None,
    condition: str = "",
) -> int | None:
    """The id of the same reading in that week: the same paper, or the same words where none is."""
    row = db.execute(
        "SELECT id FROM readings WHERE course IS ? AND week IS ? AND "
        "((paper IS NOT NULL AND paper = ?) OR (paper IS NULL AND url IS ? AND title IS ?)) "
        f"{condition} ORDER BY position, id LIMIT 1",
        (course, week, paper, reading.url, reading.title),
    ).fetchone()
    return None if row is None else int(row["id"])


def _insert_reading(
    db: sqlite3.Connection,
    course: int | None,
    week: int | None,
    position: int,
    reading: Reading,
    paper: str | None,
) -> None:
    db.execute(
        "INSERT INTO readings (course, week, paper, position, title, url, kind, role, task, due, "
        "line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (course, week, paper, position, *_values(reading)),
    )


def _values(reading: Reading) -> tuple[object, ...]:
    return (
        reading.title,
        reading.url,
        reading.kind,
        reading.role,
        reading.task,
        reading.due.isoformat() if reading.due else None,
        reading.line,
    )


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _reading(row: sqlite3.Row) -> Reading:
    url = row["url"]
    return Reading(
        title=row["title"],
        url=url,
        kind=SourceKind(row["kind"]),
        arxiv_id=row["arxiv_id"],
        version=row["version"] if row["pinned"] else None,
        role=Role(row["role"]),
        task=row["task"],
        due=_date(row["due"]),
        line=row["line"],
    )
