"""The SQLite database of a library: connection, schema version, migrations."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from indexes.errors import StorageError

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE papers (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  url TEXT, path TEXT,
  arxiv_id TEXT, version INTEGER, pinned INTEGER NOT NULL DEFAULT 0,
  title TEXT, authors TEXT NOT NULL DEFAULT '[]', published TEXT, abstract TEXT, doi TEXT,
  categories TEXT NOT NULL DEFAULT '[]',
  sha256 TEXT, pages INTEGER, minutes INTEGER,
  state TEXT NOT NULL DEFAULT 'queued', intent TEXT,
  structure TEXT NOT NULL DEFAULT 'pending',
  error_code TEXT, error_message TEXT, error_retryable INTEGER,
  generation TEXT,
  status TEXT NOT NULL DEFAULT 'unread', last_page INTEGER,
  added_at TEXT NOT NULL
) STRICT;
CREATE INDEX papers_arxiv ON papers (arxiv_id);
CREATE INDEX papers_state ON papers (state);

CREATE TABLE pages (
  paper TEXT NOT NULL REFERENCES papers (key) ON DELETE CASCADE,
  number INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (paper, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE passages (
  id TEXT PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (key) ON DELETE CASCADE,
  generation TEXT NOT NULL, ordinal INTEGER NOT NULL,
  page INTEGER NOT NULL, kind TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL,
  boxes TEXT NOT NULL, hidden INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX passages_paper ON passages (paper, generation, ordinal);

CREATE TABLE bibliography (
  paper TEXT NOT NULL REFERENCES papers (key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, page INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (paper, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE courses (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, term TEXT, source TEXT,
  imported_at TEXT NOT NULL
) STRICT;

CREATE TABLE weeks (
  id INTEGER PRIMARY KEY,
  course INTEGER NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  position INTEGER NOT NULL, number TEXT NOT NULL, date TEXT, title TEXT, speaker TEXT,
  UNIQUE (course, number)
) STRICT;

CREATE TABLE readings (
  id INTEGER PRIMARY KEY,
  course INTEGER REFERENCES courses (id) ON DELETE CASCADE,
  week INTEGER REFERENCES weeks (id) ON DELETE SET NULL,
  paper TEXT REFERENCES papers (key) ON DELETE SET NULL,
  position INTEGER NOT NULL, title TEXT, url TEXT, kind TEXT NOT NULL, role TEXT NOT NULL,
  task TEXT, due TEXT, line INTEGER, gone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX readings_paper ON readings (paper);

CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (key) ON DELETE CASCADE,
  page INTEGER, text TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;

CREATE TABLE answers (
  id INTEGER PRIMARY KEY,
  thread TEXT NOT NULL, asked_at TEXT NOT NULL, question TEXT NOT NULL, scope TEXT NOT NULL,
  mode TEXT NOT NULL, model TEXT, document TEXT NOT NULL
) STRICT;
CREATE INDEX answers_thread ON answers (thread, id);
"""

_LEAST_BYTES = 1 << 20  # with less the disk counts as full
_BUSY_S = 10.0  # how long to wait for another process's transaction

# version -> statements that bring a database of the version before to it
_MIGRATIONS: dict[int, str] = {}


class Database:
    """One connection shared by a process's threads, one statement at a time.

    WAL lets other processes read while this one writes; synchronous=FULL because this file is the
    truth that everything else is rebuilt from.
    """

    def __init__(self, path: Path) -> None:
        """Open the database, making or migrating it where that is due. Raises StorageError."""
        self._path = path
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                path, check_same_thread=False, isolation_level=None, timeout=_BUSY_S
            )
        except sqlite3.Error as error:
            raise _storage_error(path, error) from error
        try:
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA foreign_keys = ON")
            if self._version() < SCHEMA_VERSION:
                self._use_wal()
                self._migrate()
            self._connection.execute("PRAGMA synchronous = FULL")
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.Error):
                raise _storage_error(path, error) from error
            raise

    def _version(self) -> int:
        """The schema's version, 0 for a new file. Raises StorageError for a newer one than ours."""
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StorageError(
                f"{self._path} was written by a newer Paperdesk (schema {version}, "
                f"this one knows {SCHEMA_VERSION})",
                "update Paperdesk",
            )
        return version

    def _use_wal(self) -> None:
        """Wait ourselves where another process does it to a new file: SQLite does not."""
        give_up = time.monotonic() + _BUSY_S
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return

    def _migrate(self) -> None:
        """Bring the file to our schema in one transaction, an older one after a copy of it."""
        with self.transaction() as db:
            version = self._version()  # read again: another process may have been faster
            if version == SCHEMA_VERSION:
                return
            if version:
                self._back_up(self._path.with_suffix(f".v{version}.bak"))
            due = range(version + 1, SCHEMA_VERSION + 1)
            for step in [_MIGRATIONS[v] for v in due] if version else [_SCHEMA]:
                for statement in _statements(step):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _back_up(self, target: Path) -> None:
        """Copy what is committed to `target`, whole or not at all."""
        partial = target.with_suffix(".part")
        try:
            partial.unlink(missing_ok=True)
            with (
                contextlib.closing(sqlite3.connect(self._path)) as source,
                contextlib.closing(sqlite3.connect(partial)) as copy,
            ):
                source.backup(copy)
            partial.replace(target)
        except OSError as error:
            raise StorageError(
                f"the library cannot be copied to {target} before it is updated ({error.strerror})",
                "free some space or make the folder writable",
            ) from error

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise _storage_error(self._path, error) from error

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of a block's writes, or none of them. Nested blocks join the outer one."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise _storage_error(self._path, error) from error
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit half-way."""
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _storage_error(path: Path, error: sqlite3.Error) -> StorageError:
    """What SQLite's error means for the reader, told from its result code."""
    name = getattr(error, "sqlite_errorname", "")  # none where Python's own module objects
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _is_full(path)):
        return StorageError(f"the disk that holds {path} is full", "free some space and try again")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StorageError(
            f"the library {path} cannot be opened for writing",
            "make its folder writable or point PAPERDESK_HOME at another",
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StorageError(
            f"{path} is not a Paperdesk library or is damaged ({error})",
            "restore it from a backup, or move it away and import again",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageError(f"{path} is locked by another process", "try again in a moment")
    return StorageError(f"the library {path} failed ({error})", "run paperdesk doctor")


def _is_full(path: Path) -> bool:
    """SQLite names a full disk only where its main files grow, not its shared memory."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_BYTES
    except OSError:
        return False
