"""The loopback arXiv answers as arXiv does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ingest.arxiv_ids import ArxivId
from ingest.replica import Replica, main
from ingest.replica_shelf import Shelf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("1706.03762v5", "1706.03762v10", "hep-th_9108004v1", "2304.05332", "notes", "a_b"):
        (tmp_path / f"{name}.pdf").write_bytes(b"%PDF-1.4 " + name.encode())
    described = [{"file": "hep-th_9108004v1.pdf", "comment": "4 pages"}]
    (tmp_path / "metadata.json").write_text(json.dumps(described))
    (tmp_path / "1706.03762v10.html").write_text("<article>text</article>")
    return tmp_path


def test_paths(folder: Path) -> None:
    with Replica(folder) as replica, httpx.Client(base_url=replica.url, trust_env=False) as http:
        assert http.get("/pdf/1706.03762").content.endswith(b"v10")
        assert http.get("/pdf/1706.03762v5").content.endswith(b"v5")
        assert http.get("/pdf/hep-th/9108004").content.endswith(b"9108004v1")
        assert http.get("/pdf/2304.05332v1").status_code == 200
        moved = http.get("/pdf/1706.03762.pdf")
        assert (moved.status_code, moved.headers["location"]) == (301, "/pdf/1706.03762")
        assert "v10" in http.get("/abs/1706.03762").text
        assert "text" in http.get("/html/1706.03762v10").text
        for path in (
            "/pdf/1706.03762v6",
            "/pdf/2307.03109",
            "/pdf/notes",
            "/pdf/../notes.pdf",
            "/html/1706.03762v5",
            "/list/cs",
            "/",
        ):
            assert http.get(path).status_code == 404, path
        assert [one.path for one in replica.requests[:2]] == [
            "/pdf/1706.03762",
            "/pdf/1706.03762v5",
        ]


def test_the_feed_has_the_form_of_a_recorded_one(shared: Path, folder: Path) -> None:
    recorded = shared / "arxiv-api/atom-unwrapped/id_quant-ph_0201082v1_s0_m100_86989fe779ef"
    error = shared / "arxiv-api/atom-unwrapped/id_abc_s0_m100_b79c8dcf6bc3"
    with Replica(folder) as replica, httpx.Client(base_url=replica.url, trust_env=False) as http:
        ours = http.get("/api/query?id_list=hep-th/9108004v1&start=0&max_results=100")
        malformed = http.get("/api/query?id_list=1706.03762,abc")
    assert ours.status_code == 200
    assert _form(ours.text) == _form(Path(f"{recorded}.status200.xml").read_text())
    assert malformed.status_code == 400
    assert _form(malformed.text) == _form(Path(f"{error}.status400.xml").read_text())


def _form(feed: str) -> list[str]:
    """The tags with the names of their attributes, repetitions apart."""
    tags = re.findall(r"<([^\s>/?]+)([^>]*)>", feed)
    return list(
        dict.fromkeys(f"{tag} {re.findall(r' ([a-z:]+)=', attributes)}" for tag, attributes in tags)
    )


def test_files_may_be_added_while_it_serves(folder: Path) -> None:
    shelf = Shelf(folder)
    (folder / "1706.03762v11.pdf").write_bytes(b"%PDF-1.4")
    latest = shelf.find(ArxivId("1706.03762", None))
    assert latest is not None
    assert latest.version == 11
    assert len(shelf.papers()) == 5


def test_it_serves_the_real_papers(shared: Path) -> None:
    with (
        Replica(shared / "papers") as replica,
        httpx.Client(base_url=replica.url, trust_env=False) as http,
    ):
        feed = http.get("/api/query?id_list=1706.03762,2307.03109,math/9404236").text
    assert re.findall(r"<id>http://arxiv.org/abs/(.*)</id>", feed) == [
        "1706.03762v7",
        "math/9404236v1",
    ]
    assert "<title>Attention Is All You Need</title>" in feed


def test_it_runs_by_hand(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest.replica", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert process.stdout is not None
        said = re.match(r"PAPERDESK_ARXIV__URL=(\S+)", process.stdout.readline())
        assert said is not None
        answer = httpx.get(f"{said[1]}/pdf/1706.03762", trust_env=False)
        assert answer.content.startswith(b"%PDF-")
    finally:
        process.terminate()
        _, narration = process.communicate(timeout=10)
    assert "serving 4 PDFs" in narration


def test_a_broken_description_is_said_at_the_start(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in ("[{}]", "{", '[{"file": "2304.05332.pdf", "published": "soon"}]'):
        (folder / "metadata.json").write_text(content)
        with pytest.raises(SystemExit):
            main([str(folder)])
        assert "metadata.json" in capsys.readouterr().err
