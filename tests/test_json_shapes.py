"""The documents that `--json` prints, key by key, on the demo course with nothing simulated.

Every key is always there, null where nothing is known yet; more keys may come. A shape below is a
type, a pattern, alternatives in a tuple, a list of one shape, or a mapping of keys to shapes.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import cli
from assistant.demo import ANSWERABLE, COURSE, NOT_IN_THE_PAPERS, PAPER
from ingest.replica import Replica

Run = Callable[..., tuple[int, Any]]

DATE = re.compile(r"\d{4}-\d\d-\d\d")
REF = re.compile(r"arxiv:\d{4}\.\d{5}(v\d+)?|(pdf|web):[0-9a-f]{12}")
PAGE = re.compile(r"[1-9]\d*")  # 1-based; numbers are matched as they are written
COUNT = re.compile(r"\d+")
KIND = re.compile("arxiv|pdf|web|repo|notebook|video|other")
ROLE = re.compile("assigned|advance|reference|optional")
NUMBER = (int, float)

READING = {
    "title": (str, None),
    "url": (str, None),
    "kind": KIND,
    "arxiv_id": (str, None),
    "version": (int, None),
    "role": ROLE,
    "task": (str, None),
    "due": (DATE, None),
    "line": (PAGE, None),
}
WEEK = {
    "number": str,
    "date": (DATE, None),
    "title": (str, None),
    "speaker": (str, None),
    "readings": [READING],
}
READING_LIST = {
    "course": str,
    "term": (str, None),
    "weeks": [WEEK],
    "unfiled": [READING],
    "unparsed": [{"line": PAGE, "text": str, "why": str}],
}
PAPERS = {
    "papers": [
        {
            "ref": REF,
            "arxiv_id": (str, None),
            "version": (int, None),
            "url": (str, None),
            "kind": KIND,
            "title": (str, None),
            "authors": [str],
            "published": (DATE, None),
            "pages": (PAGE, None),
            "passages": (COUNT, None),
            "state": re.compile("queued|fetched|parsed|indexed|failed"),
            "structure": re.compile("pending|done"),
            "error": ({"code": str, "message": str, "retryable": bool}, None),
            "status": re.compile("unread|reading|read"),
            "course": (str, None),
            "weeks": [str],
            "role": (ROLE, None),
            "due": (DATE, None),
            "minutes": (COUNT, None),
        }
    ]
}
HIT = {
    "rank": PAGE,
    "score": NUMBER,
    "ref": REF,
    "arxiv_id": (str, None),
    "version": (int, None),
    "title": (str, None),
    "page": PAGE,
    "section": (str, None),
    "kind": re.compile("text|abstract|caption|table|formula|list|footnote"),
    "text": str,
    "boxes": [{"page": PAGE, "rect": [NUMBER]}],
}
FOUND = {"query": str, "elapsed_ms": NUMBER, "hits": [HIT]}
CLAIM = {
    "text": str,
    "quotes": [{"ref": REF, "page": PAGE, "text": str, "verified": bool}],
}
MODE = re.compile("agent|fixed|extractive")
ANSWER = {
    "question": str,
    "answer": str,
    "abstained": bool,
    "confidence": re.compile("found|unsure|absent"),
    "reason": (str, None),
    "mode": MODE,
    "model": (str, None),
    "claims": [CLAIM],
    "verified": COUNT,
    "total": COUNT,
    "complete": bool,
    "evidence": [HIT],
    "usage": {
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
        "requests": COUNT,
        "cost_usd": (float, None),
    },
    "elapsed_ms": NUMBER,
}
DOCUMENT = {
    "refs": [REF],
    "mode": MODE,
    "model": (str, None),
    "sections": [{"heading": str, "items": [CLAIM]}],
    "verified": COUNT,
    "total": COUNT,
    "pages": COUNT,
    "words": COUNT,
    "path": (str, None),
}
MEASURE = (int, float, None)
EVALUATION = {
    "questions": COUNT,
    "retrieval": dict.fromkeys(
        ("hit@300w", "hit@600w", "hit@1200w", "hit@2400w", "recall@10", "mrr"), MEASURE
    ),
    "answers": {
        "answered": COUNT,
        "abstained": COUNT,
        "abstain_precision": MEASURE,
        "abstain_recall": MEASURE,
        "abstain_auroc": MEASURE,
        "evidence_hit": MEASURE,
        "verified_quotes": COUNT,
        "total_quotes": COUNT,
    },
    "latency_ms": {"p50": MEASURE, "p95": MEASURE},
}
ERROR = {"error": {"code": str, "message": str, "remedy": str}}


def misfits(value: Any, shape: Any, where: str = "") -> Iterator[str]:
    """Where `value` departs from `shape`."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is no object"
            return
        for key, inner in shape.items():
            if key not in value:
                yield f"{where}.{key} is missing"
            else:
                yield from misfits(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no list"
            return
        for number, item in enumerate(value):
            yield from misfits(item, shape[0], f"{where}[{number}]")
    elif isinstance(shape, tuple):
        if all(list(misfits(value, one)) for one in shape):
            yield f"{where}: {value!r} is none of {shape}"
    elif isinstance(shape, re.Pattern):
        number = isinstance(value, int) and not isinstance(value, bool)
        if number is not (shape in (PAGE, COUNT)) or not shape.fullmatch(str(value)):
            yield f"{where}: {value!r} is not {shape.pattern}"
    elif shape is None:
        if value is not None:
            yield f"{where}: {value!r} is not null"
    elif type(value) is not shape:
        yield f"{where}: {value!r} is no {shape.__name__}"


def fits(value: Any, shape: Any) -> Any:
    assert list(misfits(value, shape)) == []
    return value


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs a command with `--json` on one library; the replica serves the demo's papers."""
    folder = tmp_path_factory.mktemp("shapes")
    with pytest.MonkeyPatch.context() as patch, Replica(COURSE / "papers") as replica:
        for name in list(os.environ):
            if name.startswith("PAPERDESK_"):
                patch.delenv(name)
        patch.setenv("PAPERDESK_HOME", str(folder / "library"))
        patch.setenv("PAPERDESK_LLM__KIND", "none")
        patch.setenv("PAPERDESK_ARXIV__URL", replica.url)
        patch.setenv("PAPERDESK_ARXIV__INTERVAL_S", "0")
        patch.chdir(folder)

        def call(*arguments: str) -> tuple[int, Any]:
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                code = cli.main(["--json", *arguments])
            return code, json.loads(out.getvalue())

        yield call


@pytest.fixture(scope="module")
def synced(run: Run) -> dict[str, Any]:
    """What import, add and sync print, in the order of the job."""
    imported = run("import", str(COURSE / "syllabus.md"))
    queued = run("list")
    added = run("add", "2401.99998", "https://example.org/page")
    return {"import": imported, "list": queued, "add": added, "sync": run("sync")}


pytestmark = pytest.mark.slow


def test_import(synced: dict[str, Any]) -> None:
    code, document = synced["import"]
    assert code == 0
    fits(document, READING_LIST)
    assert [week["number"] for week in document["weeks"]] == ["1", "2", "break", "3", "4"]
    assert document["weeks"][0]["date"] == "2024-04-05"
    assert document["weeks"][0]["readings"][0]["task"] == "read and one-page report"


def test_lists_before_and_after(run: Run, synced: dict[str, Any]) -> None:
    for command, expected in (("list", 0), ("add", 0), ("sync", 3)):
        code, document = synced[command]
        assert code == expected
        fits(document, PAPERS)
    queued = synced["list"][1]["papers"][0]
    assert (queued["state"], queued["pages"], queued["published"]) == ("queued", None, None)
    papers = {paper["arxiv_id"]: paper for paper in synced["sync"][1]["papers"]}
    assert papers[PAPER]["state"] == "indexed"
    assert papers[PAPER]["structure"] == "done"
    assert papers[PAPER]["weeks"] == ["1"]
    assert papers["2401.99998"]["error"]["code"] == "not_found"
    assert fits(run("list", "--week", "none")[1], PAPERS) == {"papers": []}


def test_search(run: Run, synced: dict[str, Any]) -> None:
    code, document = run("search", ANSWERABLE, "-k", "5")
    assert code == 0
    fits(document, FOUND)
    assert [hit["rank"] for hit in document["hits"]] == [1, 2, 3, 4, 5]
    scores = [hit["score"] for hit in document["hits"]]
    assert scores == sorted(scores, reverse=True)
    for hit in document["hits"]:
        assert hit["boxes"][0]["page"] == hit["page"]
        for box in hit["boxes"]:
            left, top, right, bottom = box["rect"]
            assert 0 <= left < right <= 620
            assert 0 <= top < bottom <= 850
    code, document = run("search", "learner", "--course", "CSE", "--week", "3", "--kind", "table")
    fits(document, FOUND)
    assert code == (0 if document["hits"] else 4)


def test_ask(run: Run, synced: dict[str, Any]) -> None:
    code, document = run("ask", ANSWERABLE)
    assert code == 0
    fits(document, ANSWER)
    assert document["verified"] == document["total"] > 0
    code, document = run("ask", NOT_IN_THE_PAPERS)
    assert code == 4
    fits(document, ANSWER)
    assert document["abstained"]
    assert document["reason"]


@pytest.mark.parametrize("command", ["summary", "report", "questions"])
def test_documents(run: Run, synced: dict[str, Any], command: str) -> None:
    code, document = run(command, PAPER)
    assert code == 0
    fits(document, DOCUMENT)
    assert document["refs"] == [f"arxiv:{PAPER}v1"]
    assert document["verified"] == document["total"] > 0
    assert document["words"] > 0
    assert document["pages"] >= 1
    assert document["path"] is None


def test_report_in_a_file(run: Run, synced: dict[str, Any]) -> None:
    code, document = run("report", PAPER, "-o", "report.pdf")
    assert code == 0
    fits(document, DOCUMENT)
    assert document["pages"] == 1
    assert Path(document["path"]).read_bytes().startswith(b"%PDF")


def test_eval(run: Run, synced: dict[str, Any]) -> None:
    quote = "The model shows that the advantage of expanding intervals comes from reviews"
    lines = [
        {
            "id": "one",
            "question": ANSWERABLE,
            "scope": [],
            "evidence": [{"paper": PAPER, "version": 1, "page": 1, "quote": quote}],
        },
        {"id": "two", "question": NOT_IN_THE_PAPERS, "scope": [], "evidence": []},
    ]
    Path("set.jsonl").write_text("\n".join(map(json.dumps, lines)))
    code, document = run("eval", "set.jsonl")
    assert code == 0
    fits(document, EVALUATION)
    assert document["questions"] == 2
    assert document["retrieval"]["recall@10"] == 1
    lines[0]["evidence"] = [{"paper": "1706.03762", "version": 7, "page": 1, "quote": quote}]
    Path("set.jsonl").write_text("\n".join(map(json.dumps, lines)))
    code, document = run("eval", "set.jsonl")
    assert code == 2
    assert "1706.03762" in fits(document, ERROR)["error"]["message"]


def test_the_rest_of_the_list_commands(run: Run, synced: dict[str, Any]) -> None:
    for command in (
        ["status", PAPER, "read"],
        ["due", PAPER, "2024-04-12"],
        ["due", PAPER, "none"],
    ):
        code, document = run(*command)
        assert code == 0
        fits(document, PAPERS)
    code, document = run("show", PAPER, "--page", "2")
    assert code == 0
    assert document["page"]["number"] == 2
    for command in (["show", PAPER, "--page", "99"], ["summary", "1706.03762"], ["list", "--x"]):
        code, document = run(*command)
        assert code in {1, 2}
        fits(document, ERROR)


def test_a_shape_notices_what_is_wrong() -> None:
    whole = {"query": "x", "elapsed_ms": 1.0, "hits": []}
    assert list(misfits(whole, FOUND)) == []
    assert list(misfits({**whole, "query": 3}, FOUND)) == [".query: 3 is no str"]
    assert list(misfits({"query": "x", "hits": []}, FOUND)) == [".elapsed_ms is missing"]
    assert list(misfits(0, PAGE))
    assert list(misfits("1", PAGE))
    assert list(misfits(True, COUNT))
