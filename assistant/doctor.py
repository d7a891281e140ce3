"""Checks of the installation, the library and the model: OK, WARN or FAIL, each with a remedy.

Nothing is changed, nothing leaves this machine unless `online` is asked for or a model is set.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from assistant.settings import Settings, load_settings
from indexes.errors import PaperdeskError
from indexes.folders import ENVIRONMENT, Home
from indexes.papers import Frozen
from ingest.config import ARXIV_INTERVAL_S

LEAST_SPACE = 200_000_000  # bytes: below this a sync soon stops
COMFORTABLE_SPACE = 1_000_000_000


class Level(StrEnum):
    """How a check came out; FAIL is what keeps Paperdesk from its job."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Check(Frozen):
    """One finding and, where there is something to do, what."""

    name: str
    level: Level
    message: str
    remedy: str = ""


class Diagnosis(Frozen):
    """`doctor --json`."""

    healthy: bool
    checks: tuple[Check, ...]


Finding = tuple[Level, str, str]


def diagnose(
    home: Home, flags: Mapping[str, str] | None = None, *, online: bool = False
) -> Diagnosis:
    """Run every check; one that breaks down counts as FAIL and the others go on."""
    checks = [
        *_run("python", _python),
        *_run("pymupdf", _pymupdf),
        *_run("folder", lambda: _folder(home)),
        *_run("disk", lambda: _disk(home)),
        *_run("database", lambda: _database(home)),
    ]
    try:
        settings = load_settings(home, flags)
    except PaperdeskError as error:
        checks.append(
            Check(name="settings", level=Level.FAIL, message=error.message, remedy=error.remedy)
        )
    else:
        checks += [
            *_run("settings", lambda: _settings(home)),
            *_run("embedder", lambda: _embedder(settings)),
            *_run("index", lambda: _index(home, settings)),
            *_run("arxiv", lambda: _arxiv(home, settings, online=online)),
            *_run("model", lambda: _model(settings)),
            *_run("model offers", lambda: _offers(settings)),
        ]
    healthy = all(check.level is not Level.FAIL for check in checks)
    return Diagnosis(healthy=healthy, checks=tuple(checks))


def _run(name: str, look: Callable[[], Finding]) -> Iterator[Check]:
    try:
        level, message, remedy = look()
    except PaperdeskError as error:
        level, message, remedy = Level.FAIL, error.message, error.remedy
    except Exception as error:  # noqa: BLE001  a check that breaks must not hide the others
        level, message = Level.FAIL, f"the check broke down ({type(error).__name__}: {error})"
        remedy = "report it with this output"
    yield Check(name=name, level=level, message=message, remedy=remedy)


def _python() -> Finding:
    version = platform.python_version()
    system = f"{platform.system()} {platform.machine()}"
    if platform.system() == "Windows":
        return Level.FAIL, f"Python {version} on {system}", "run Paperdesk within WSL"
    if sys.version_info < (3, 11):  # noqa: UP036  a copied folder can run anywhere
        return Level.FAIL, f"Python {version} is too old", "install Python 3.11 or newer"
    return Level.OK, f"Python {version} on {system}, SQLite {sqlite3.sqlite_version}", ""


def _pymupdf() -> Finding:
    """Found, not imported: that takes seconds and belongs in the parser's processes."""
    if importlib.util.find_spec("pymupdf") is None:
        return Level.FAIL, "PyMuPDF is not installed", "pip install pymupdf"
    return Level.OK, f"PyMuPDF {importlib.metadata.version('pymupdf')}", ""


def _folder(home: Home) -> Finding:
    place = _nearest_existing(home.root)
    if not os.access(place, os.W_OK | os.X_OK):
        return (
            Level.FAIL,
            f"{place} is not writable",
            f"make it writable or point {ENVIRONMENT} at another folder",
        )
    if not home.root.exists():
        return Level.OK, f"{home.root} (made when first needed)", ""
    return Level.OK, str(home.root), ""


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(_nearest_existing(home.root)).free
    message = f"{free / 1e9:.1f} GB free"
    if free < LEAST_SPACE:
        return Level.FAIL, message, "free some space: sync stops when the disk is full"
    if free < COMFORTABLE_SPACE:
        return Level.WARN, message, "free some space: a course takes about 0.2 GB"
    return Level.OK, message, ""


def _database(home: Home) -> Finding:
    from indexes.database import SCHEMA_VERSION

    if not home.database.exists():
        return Level.OK, "no library yet (made by import or add)", ""
    with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True, timeout=5)) as db:
        try:
            schema = db.execute("PRAGMA user_version").fetchone()[0]
            sound = db.execute("PRAGMA quick_check").fetchone()[0]
            states = Counter(row[0] for row in db.execute("SELECT state FROM papers"))
        except sqlite3.DatabaseError as error:
            return (
                Level.FAIL,
                f"{home.database} is damaged ({error})",
                "restore it from a backup, or move it away and import again",
            )
    if sound != "ok":
        return Level.FAIL, f"{home.database}: {sound}", "restore it from a backup"
    if schema > SCHEMA_VERSION:
        return Level.FAIL, f"schema {schema} is newer than {SCHEMA_VERSION}", "update Paperdesk"
    counts = ", ".join(f"{n} {state}" for state, n in sorted(states.items())) or "no papers"
    return Level.OK, f"schema {schema}; {counts}", ""


def _settings(home: Home) -> Finding:
    if not home.settings.exists():
        return Level.OK, f"defaults ({home.settings} does not exist)", ""
    if home.settings.stat().st_mode & 0o077:
        return (
            Level.WARN,
            f"{home.settings} can be read by others",
            f"chmod 600 {home.settings}",
        )
    return Level.OK, str(home.settings), ""


def _embedder(settings: Settings) -> Finding:
    from indexes.embedding import bundled_problem, open_embedder

    embedder = open_embedder(settings.embedding)
    if embedder is None:
        problem, _, remedy = (bundled_problem() or "the bundled model does not load").partition(
            "; "
        )
        return Level.WARN, problem, remedy
    embedder.embed_query("a question")
    return Level.OK, f"{embedder.identity}, {embedder.dimension} dimensions", ""


def _index(home: Home, settings: Settings) -> Finding:
    from indexes.embedding import open_embedder
    from indexes.library import Library
    from indexes.opening import find_mismatch
    from indexes.ownership import describe_holder, is_held

    engine = f"Qdrant at {settings.index.url}" if settings.index.url else "Qdrant Edge"
    if not home.database.exists():
        return Level.OK, f"{engine}; nothing is indexed yet", ""
    embedder = open_embedder(settings.embedding)
    with Library(home) as library:
        mismatch = find_mismatch(library, settings.index, embedder)
    if mismatch is not None:
        return Level.FAIL, mismatch, "rebuild it from the library: paperdesk reindex"
    if is_held(home.lock):
        holder = describe_holder(home.lock)
        return Level.WARN, f"{engine}, in use by {holder}", "wait for it, or close it, to search"
    return Level.OK, f"{engine}, matches the embedder", ""


def _arxiv(home: Home, settings: Settings, *, online: bool) -> Finding:
    address = settings.arxiv.url or "arXiv itself"
    pace = f"{address}, a request every {settings.arxiv.interval_s:g} s"
    if settings.arxiv.url is None and settings.arxiv.interval_s < ARXIV_INTERVAL_S:
        return (
            Level.WARN,
            pace,
            f"arXiv asks for {ARXIV_INTERVAL_S:g} s: paperdesk config set arxiv.interval_s ''",
        )
    if not online:
        return Level.OK, f"{pace} (not asked; --online asks)", ""
    from indexes.errors import IngestError
    from ingest.arxiv_metadata import ArxivMetadata
    from ingest.transport import ArxivClient, Patience

    home.create()
    patience = Patience(tries=1, total_s=20, queue_s=20)
    try:
        with ArxivClient(settings.arxiv, home.arxiv_gate, patience=patience) as client:
            ArxivMetadata(client).fetch(["1706.03762"])
    except IngestError as error:
        return Level.WARN, f"{address} did not answer: {error.message}", error.remedy
    return Level.OK, f"{address} answers", ""


def _model(settings: Settings) -> Finding:
    """Asks the configured model two small questions, as every session does."""
    from assistant.connection import open_model

    model = open_model(settings.llm)
    if model is None:
        return Level.OK, "none: answers are made of the papers' own sentences", ""
    try:
        able = model.capabilities
        tools = "calls tools" if able.tools else "no tools (takes the fixed path)"
        schema = "fills JSON schemas" if able.json_schema else "no JSON schemas"
        message = f"{model.name} at {model.url}: {tools}, {schema}, {able.context} tokens"
    finally:
        model.close()
    return Level.OK, message, ""


def _offers(settings: Settings) -> Finding:
    """Models that could be chosen. Nothing is sent to them but a request for their list."""
    from assistant.probing import discover

    found = [
        f"{server.name} at {server.url} ({', '.join(server.models[:3]) or 'no model loaded'})"
        for server in asyncio.run(discover())
    ]
    if "OPENAI_API_KEY" in os.environ:
        found.append("a key in OPENAI_API_KEY (not used unless you choose a hosted model)")
    if importlib.util.find_spec("xllamacpp") is not None:
        found.append("GGUF files in-process (llm.kind local)")
    if not found:
        return Level.OK, "none found on this machine", ""
    remedy = "" if settings.llm.display_name else "choose one: paperdesk config set llm.url URL"
    return Level.OK, "; ".join(found), remedy


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
