"""Feeds of the arXiv API, asked of the replica and read from recordings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from indexes.errors import IngestError
from ingest import replica_faults
from ingest.arxiv_metadata import IDS_PER_REQUEST, ArxivMetadata, parse_feed
from ingest.config import ArxivSettings
from ingest.replica import Replica
from ingest.replica_faults import Answer
from ingest.transport import ArxivClient, Patience


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    folder = tmp_path / "papers"
    folder.mkdir()
    described: list[dict[str, Any]] = [
        {
            "file": "1706.03762v5.pdf",
            "title": "Attention Is All You Need",
            "authors": ["Ashish Vaswani", "Noam Shazeer"],
            "published": "2017-06-12",
        },
        {
            "file": "1706.03762v7.pdf",
            "title": "Attention Is All You Need",
            "authors": ["Ashish Vaswani", "Noam Shazeer"],
            "published": "2017-06",
            "abstract": "A & B < C",
            "comment": "15 pages",
            "categories": ["cs.CL", "cs.LG"],
        },
        {
            "file": "math_0309136v2.pdf",
            "title": "On $\\mathbb{Z}/2$ \u202eand\x1b[2J \\alpha",
            "comment": "This paper has been withdrawn by the author",
        },
    ]
    for entry in described:
        (folder / entry["file"]).write_bytes(b"%PDF-1.4")
    (folder / "2304.05332.pdf").write_bytes(b"%PDF-1.4")
    (folder / "slides.pdf").write_bytes(b"%PDF-1.4")
    (folder / "metadata.json").write_text(json.dumps(described))
    with Replica(folder) as running:
        yield running


@pytest.fixture
def client(replica: Replica, tmp_path: Path) -> Iterator[ArxivClient]:
    settings = ArxivSettings(url=replica.url, interval_s=0)
    with ArxivClient(settings, tmp_path / "gate", patience=Patience(pause_s=0.01)) as opened:
        yield opened


@pytest.fixture
def metadata(client: ArxivClient) -> ArxivMetadata:
    return ArxivMetadata(client)


def asked_ids(replica: Replica) -> list[list[str]]:
    return [
        parse_qs(urlsplit(path).query)["id_list"][0].split(",")
        for path in replica.paths("/api/query")
    ]


def test_many_ids_in_one_request(replica: Replica, metadata: ArxivMetadata) -> None:
    asked = ["1706.03762", "math.GT/0309136", "2304.05332", "2307.03109"]
    found = metadata.fetch(asked)
    assert set(found) == set(asked[:3])
    assert asked_ids(replica) == [["1706.03762", "math/0309136", "2304.05332", "2307.03109"]]

    attention = found["1706.03762"]
    assert (attention.arxiv_id, attention.version) == ("1706.03762", 7)
    assert attention.title == "Attention Is All You Need"
    assert attention.authors == ("Ashish Vaswani", "Noam Shazeer")
    assert attention.published == dt.date(2017, 6, 1)
    assert attention.abstract == "A & B < C"
    assert attention.categories == ("cs.CL", "cs.LG")
    assert attention.comment == "15 pages"
    assert not attention.withdrawn
    assert found["2304.05332"].title == "2304.05332"

    old = found["math.GT/0309136"]
    assert (old.arxiv_id, old.version, old.published) == (
        "math/0309136",
        2,
        dt.date(2003, 9, 1),
    )
    assert old.title == "On $\\mathbb{Z}/2$ and[2J \\alpha"
    assert old.withdrawn


def test_a_named_version_is_that_version(replica: Replica, metadata: ArxivMetadata) -> None:
    asked = ["1706.03762v5", "1706.03762", "1706.03762v6"]
    found = metadata.fetch(asked)
    assert {key: one.version for key, one in found.items()} == {
        "1706.03762v5": 5,
        "1706.03762": 7,
    }
    assert asked_ids(replica) == [[one] for one in asked]


def test_long_lists_go_in_chunks_and_malformed_ids_not_at_all(
    replica: Replica, metadata: ArxivMetadata
) -> None:
    ids = [f"2301.{number:05}" for number in range(1, IDS_PER_REQUEST + 20)]
    found = metadata.fetch([*ids, "abc", "2313.00001", "1706.03762", ids[0]])
    assert set(found) == {"1706.03762"}
    assert list(map(len, asked_ids(replica))) == [IDS_PER_REQUEST, 20]
    sizes = [parse_qs(urlsplit(path).query)["max_results"] for path in replica.paths()]
    assert sizes == [[str(IDS_PER_REQUEST)], ["20"]]
    assert metadata.fetch([]) == {}


def test_an_id_that_arxiv_calls_malformed_costs_only_itself(
    replica: Replica, metadata: ArxivMetadata
) -> None:
    replica.faults["2302.13971"] = lambda _: Answer(400, b"<feed/>", "application/atom+xml")
    found = metadata.fetch(["1706.03762", "2302.13971", "2304.05332", "math/0309136"])
    assert set(found) == {"1706.03762", "2304.05332", "math/0309136"}


WHOLE = b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>'
COUNTED = (
    b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
    b"<o:totalResults>3</o:totalResults></feed>"
)


@pytest.mark.parametrize(
    "fault",
    [
        replica_faults.html(),
        replica_faults.html("<html><body>well-formed, but no feed</body></html>"),
        replica_faults.truncated(0.6, announced=False),
        replica_faults.body(b""),
        replica_faults.body(WHOLE[:-3]),
        replica_faults.body(COUNTED),
        replica_faults.body(b'<!DOCTYPE a [<!ENTITY b "c">]>' + WHOLE),
    ],
)
def test_nonsense_with_status_200_is_no_empty_list(
    replica: Replica, metadata: ArxivMetadata, fault: replica_faults.Fault
) -> None:
    replica.faults["/api/query"] = fault
    with pytest.raises(IngestError) as raised:
        metadata.fetch(["1706.03762"])
    assert raised.value.retryable
    replica.faults["/api/query"] = replica_faults.body(WHOLE)
    assert metadata.fetch(["1706.03762"]) == {}


def test_titles_are_searched_as_a_phrase_then_by_words(
    replica: Replica, metadata: ArxivMetadata
) -> None:
    assert [one.arxiv_id for one in metadata.search_title('Attention is "all" you need!')] == [
        "1706.03762"
    ]
    assert len(replica.requests) == 1
    assert [one.version for one in metadata.search_title("all attention")] == [7]
    assert metadata.search_title("attention gradient") == []
    assert metadata.search_title("--") == []


def test_recorded_feeds(shared: Path) -> None:
    recorded = shared / "arxiv-api"
    for folder, papers in (("atom-new-format", 12), ("atom-old-format", 2)):
        feeds = [parse_feed(path.read_bytes()) for path in sorted((recorded / folder).iterdir())]
        assert sum(map(len, feeds)) == papers
        for one in (paper for feed in feeds for paper in feed):
            assert one.title == " ".join(one.title.split())
            assert one.authors
            assert one.categories
            assert one.abstract
            assert one.pdf_url is not None
            assert one.published <= one.updated
    new = parse_feed((recorded / "atom-new-format/saeedrafsharx_nicotine_2026-07.xml").read_bytes())
    assert (new[1].arxiv_id, new[1].version, new[1].updated) == (
        "1206.3474",
        2,
        dt.date(2013, 7, 9),
    )
    assert new[0].doi == "10.1063/1.4904358"
    unwrapped = {
        path.name.split("_s0_")[0]: parse_feed(path.read_bytes())
        for path in (recorded / "atom-unwrapped").glob("id_*")
    }
    assert {name: [paper.arxiv_id for paper in feed] for name, feed in unwrapped.items()} == {
        "id_0000.0000": [],
        "id_0808.05394": [],
        "id_0808.05394_1707.08567": ["1707.08567"],
        "id_1605.08386": ["1605.08386"],
        "id_1707.08567": ["1707.08567"],
        "id_2104.12255v1": ["2104.12255"],
        "id_abc": [],
        "id_astro-ph_0601001": ["astro-ph/0601001"],
        "id_quant-ph_0201082v1": ["quant-ph/0201082"],
    }
    with pytest.raises(IngestError, match="web page"):
        parse_feed((recorded / "errors/captcha_synthetic.html").read_bytes())
