"""The database file: new, migrated, opened twice at once, damaged, full."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from indexes import database
from indexes.database import Database
from indexes.errors import StorageError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture
def version_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later program, whose schema has a table of tags."""
    migration = "CREATE TABLE tags (name TEXT NOT NULL) STRICT;\nINSERT INTO tags VALUES ('a;b');"
    monkeypatch.setattr(database, "SCHEMA_VERSION", 2)
    monkeypatch.setattr(database, "_MIGRATIONS", {2: migration})


def old_library(path: Path) -> None:
    made = Database(path)
    with made.transaction() as db:
        db.execute("INSERT INTO meta VALUES ('kept', 'yes')")
    made.close()


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return found


def test_an_older_file_is_copied_and_migrated(path: Path, request: pytest.FixtureRequest) -> None:
    old_library(path)
    request.getfixturevalue("version_two")
    migrated = Database(path)
    assert [row["name"] for row in migrated.rows("SELECT name FROM tags")] == ["a;b"]
    assert [row["value"] for row in migrated.rows("SELECT value FROM meta")] == ["yes"]
    assert version(path) == 2
    migrated.close()
    copy = path.with_name("library.v1.bak")
    assert version(copy) == 1
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT value FROM meta").fetchall() == [("yes",)]
    connection.close()
    assert sorted(p.name for p in path.parent.iterdir()) == ["library.db", "library.v1.bak"]
    Database(path).close()  # and again, with nothing to do


def test_a_migration_that_fails_changes_nothing(
    path: Path, version_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "SCHEMA_VERSION", 1)
        old_library(path)
    with monkeypatch.context() as broken:
        steps = {2: "CREATE TABLE tags (name TEXT) STRICT;\nINSERT INTO nowhere VALUES (1);"}
        broken.setattr(database, "_MIGRATIONS", steps)
        with pytest.raises(StorageError):
            Database(path)
    assert version(path) == 1
    repaired = Database(path)
    assert len(repaired.rows("SELECT * FROM tags")) == 1
    repaired.close()


def test_a_migration_without_a_copy_does_not_begin(
    path: Path, request: pytest.FixtureRequest
) -> None:
    old_library(path)
    path.with_name("library.v1.bak").mkdir()
    (path.with_name("library.v1.bak") / "in the way").touch()
    request.getfixturevalue("version_two")
    with pytest.raises(StorageError, match="cannot be copied"):
        Database(path)
    assert version(path) == 1


def test_processes_may_open_a_new_library_at_once(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from indexes.database import Database;"
        "print('ready', flush=True); sys.stdin.readline(); Database(Path(sys.argv[1])).close()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [(process.communicate()[1], process.returncode) for process in processes] == [
        ("", 0)
    ] * 3


def test_a_file_that_is_refused_is_closed_again(path: Path) -> None:
    old_library(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    descriptors = Path("/proc/self/fd")  # elsewhere the errors alone are checked
    before = len(list(descriptors.iterdir())) if descriptors.is_dir() else 0
    for _ in range(5):
        with pytest.raises(StorageError, match="newer Paperdesk"):
            Database(path)
    assert before == 0 or len(list(descriptors.iterdir())) == before


def test_a_full_disk_is_one_line_and_the_transaction_is_undone(path: Path) -> None:
    held = Database(path)
    pages = held.rows("PRAGMA page_count")[0][0]
    held.rows(f"PRAGMA max_page_count = {pages + 2}")

    def write() -> None:
        with held.transaction() as db:
            db.execute("INSERT INTO meta VALUES ('a', 'small')")
            db.execute("INSERT INTO meta VALUES ('b', ?)", ("x" * 100_000,))

    with pytest.raises(StorageError, match="is full"):
        write()
    assert held.rows("SELECT * FROM meta") == []
    held.close()
