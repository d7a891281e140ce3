"""The doctor: every check says what it found and what to do, and one that breaks hides no other."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import namedtuple
from contextlib import closing

import pytest

from assistant import cli, connection, doctor, probing
from assistant.connection import Model
from assistant.doctor import Check, Level, diagnose
from assistant.probing import Discovered
from assistant.turns import Capabilities
from indexes import embedding, opening
from indexes.errors import ModelError
from indexes.folders import Home
from indexes.library import Library
from indexes.ownership import Ownership
from ingest.replica import Replica

Usage = namedtuple("Usage", "total used free")


class NoEmbedder:
    """Stands in for the bundled model, whose loading other tests cover."""

    identity = "none"
    dimension = 2

    def embed_query(self, text: str) -> list[float]:
        return [1.0, 0.0]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> list[Discovered]:
        return []

    for name in list(os.environ):
        if name.startswith(("PAPERDESK_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(probing, "discover", nothing)
    monkeypatch.setattr(embedding, "open_embedder", lambda settings: NoEmbedder())


def check(home: Home, name: str, **flags: str) -> Check:
    settings = {key.replace("_", ".", 1): value for key, value in flags.items()}
    return next(c for c in diagnose(home, settings).checks if c.name == name)


def test_a_sound_empty_home_is_healthy_and_stays_empty(home: Home) -> None:
    diagnosis = diagnose(home)
    assert diagnosis.healthy, diagnosis
    assert {c.name for c in diagnosis.checks} == {
        "python",
        "pymupdf",
        "folder",
        "disk",
        "database",
        "settings",
        "embedder",
        "index",
        "arxiv",
        "model",
        "model offers",
    }
    assert not home.root.exists(), "looking changes nothing"


def test_an_unwritable_folder_fails(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = check(home, "folder")
    assert found.level is Level.FAIL
    assert "PAPERDESK_HOME" in found.remedy


@pytest.mark.parametrize(
    ("free", "level"), [(10**8, Level.FAIL), (5 * 10**8, Level.WARN), (10**10, Level.OK)]
)
def test_disk_space_is_judged(
    home: Home, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: Usage(1, 1, free))
    assert check(home, "disk").level is level


def test_databases_are_read_without_being_changed(home: Home) -> None:
    home.create()
    home.database.write_bytes(b"this is not a database" * 100)
    found = check(home, "database")
    assert found.level is Level.FAIL
    assert "damaged" in found.message
    home.database.unlink()
    Library(home).close()
    assert check(home, "database").message == "schema 1; no papers"
    with closing(sqlite3.connect(home.database)) as db:
        db.execute("PRAGMA user_version = 999")
    found = check(home, "database")
    assert (found.level, found.remedy) == (Level.FAIL, "update Paperdesk")


def test_bad_settings_fail_and_the_other_checks_go_on(home: Home) -> None:
    home.create()
    home.settings.write_text('[llm]\nmodle = "x"\n')
    diagnosis = diagnose(home)
    found = next(c for c in diagnosis.checks if c.name == "settings")
    assert found.level is Level.FAIL
    assert "llm.model" in found.remedy
    assert {"python", "database"} <= {c.name for c in diagnosis.checks}
    home.settings.write_text("")
    home.settings.chmod(0o644)
    assert check(home, "settings").level is Level.WARN


def test_a_missing_bundled_model_is_a_warning(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "open_embedder", lambda settings: None)
    monkeypatch.setattr(embedding, "bundled_problem", lambda: "it is gone; pip install it")
    found = check(home, "embedder")
    assert (found.level, found.message, found.remedy) == (
        Level.WARN,
        "it is gone",
        "pip install it",
    )


def test_the_index_is_compared_and_its_holder_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    Library(home).close()
    with Ownership(home.lock):
        found = check(home, "index")
    assert found.level is Level.WARN
    assert f"process {os.getpid()}" in found.message
    monkeypatch.setattr(opening, "find_mismatch", lambda *_: "made with another embedder")
    found = check(home, "index")
    assert found.level is Level.FAIL
    assert "paperdesk reindex" in found.remedy


def test_arxiv_is_asked_only_when_told_to(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert "not asked" in check(home, "arxiv").message
    assert check(home, "arxiv", arxiv_interval_s="0").level is Level.WARN
    with Replica(tmp_path_factory.mktemp("shelf")) as replica:
        mirror = {"arxiv.url": replica.url, "arxiv.interval_s": "0"}
        offline = {c.name: c for c in diagnose(home, mirror).checks}
        assert offline["arxiv"].level is Level.OK
        assert replica.requests == []
        online = {c.name: c for c in diagnose(home, mirror, online=True).checks}
        assert "answers" in online["arxiv"].message
        assert len(replica.requests) == 1
    gone = {c.name: c for c in diagnose(home, mirror, online=True).checks}
    assert gone["arxiv"].level is Level.WARN


def test_a_model_is_described_or_its_failure_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    able = Capabilities(tools=True, json_schema=False, context=4096)
    model = Model("http://127.0.0.1:9/v1", "tiny", capabilities=able)
    monkeypatch.setattr(connection, "open_model", lambda settings: model)
    message = check(home, "model").message
    assert "tiny" in message
    assert "calls tools" in message
    assert "4096 tokens" in message

    def down(settings: object) -> Model:
        raise ModelError("the model is down", "start it or use --no-llm")

    monkeypatch.setattr(connection, "open_model", down)
    found = check(home, "model")
    assert (found.level, found.remedy) == (Level.FAIL, "start it or use --no-llm")


def test_models_on_this_machine_are_offered_not_used(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one() -> list[Discovered]:
        return [Discovered(name="Ollama", url="http://127.0.0.1:11434/v1", models=("qwen3",))]

    monkeypatch.setattr(probing, "discover", one)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hush")
    found = check(home, "model offers")
    assert "Ollama" in found.message
    assert "qwen3" in found.message
    assert "hush" not in found.message
    assert "paperdesk config set llm.url" in found.remedy


def test_a_check_that_breaks_down_hides_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: object) -> Usage:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(doctor.shutil, "disk_usage", broken)
    diagnosis = diagnose(home)
    found = next(c for c in diagnosis.checks if c.name == "disk")
    assert found.level is Level.FAIL
    assert "RuntimeError" in found.message
    assert len(diagnosis.checks) == 11


def test_the_command_prints_remedies_and_exits_by_health(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home_flag = ["--home", str(home.root)]
    assert cli.main(["doctor", "--json", *home_flag]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["healthy"] is True
    assert set(document["checks"][0]) == {"name", "level", "message", "remedy"}
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: Usage(1, 1, 1))
    assert cli.main(["doctor", *home_flag]) == 1
    out = capsys.readouterr().out
    assert "FAIL  disk: 0.0 GB free" in out
    assert "→ free some space" in out
