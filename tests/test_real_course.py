"""The main job on real input: a real course, two of its papers, judged by independent folding.

The folding here is written anew from the contract, so that it can contradict the gate.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from assistant.events import Done, Event
from assistant.facade import PaperAssistant
from assistant.listing import PaperList
from assistant.results import Answer, Document
from assistant.settings import load_settings
from indexes.folders import Home
from ingest.replica import Replica

TRANSFORMER, POLICY, LACKING = "1706.03762", "2307.04699", "2307.03109"

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.anyio]


@pytest.fixture
def replica(shared: Path) -> Iterator[Replica]:
    with Replica(shared / "papers") as running:
        yield running


async def result_of(events: AsyncIterator[Event]) -> Done:
    last = [event async for event in events][-1]
    assert isinstance(last, Done), last
    return last


def folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[-\u00ad\u2010\u2011]\s*\n\s*", "", text)
    for variants, plain in (("“”„‟«»″", '"'), ("‘’‚‛′", "'"), ("‐‑‒–—―−", "-")):
        text = re.sub(f"[{variants}]", plain, text)
    return " ".join(text.casefold().split())


def assert_quotes_stand(claims: Iterator[tuple[int, str]], pdf: Path) -> None:
    import pymupdf

    with pymupdf.open(pdf) as document:
        pages = [page.get_text() for page in document]
    for page, quote in claims:
        text = pages[page - 1] + (pages[page] if page < len(pages) else "")
        assert folded(quote) in folded(text), (page, quote)


async def test_the_course_from_syllabus_to_report(
    home: Home, shared: Path, replica: Replica, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PAPERDESK_ARXIV__URL", replica.url)
    monkeypatch.setenv("PAPERDESK_ARXIV__INTERVAL_S", "0")
    monkeypatch.setenv("PAPERDESK_LLM__KIND", "none")
    paperdesk = PaperAssistant(home, load_settings(home))
    try:
        await result_of(paperdesk.import_syllabus(str(shared / "syllabi" / "dsa6000i.md")))
        synced = await result_of(paperdesk.sync([TRANSFORMER, POLICY, LACKING]))
        assert synced.failed == 1
        assert isinstance(synced.result, PaperList)
        outcome = {p.ref: (p.state, p.error and p.error.code) for p in synced.result.papers}
        assert outcome == {
            "arxiv:1706.03762v7": ("indexed", None),
            "arxiv:2307.04699v2": ("indexed", None),
            "arxiv:2307.03109": ("failed", "not_found"),
        }
        assert {p.structure for p in synced.result.papers if not p.error} == {"done"}
        sections = {p.section[-1] for p in paperdesk.passages(TRANSFORMER) if p.section}
        assert any("Scaled Dot-Product Attention" in heading for heading in sections)

        question = "Why are the dot products scaled down before the softmax?"
        answer = (await result_of(paperdesk.ask(question))).result
        assert isinstance(answer, Answer)
        quotes = [quote for claim in answer.claims for quote in claim.quotes]
        assert ("arxiv:1706.03762v7", 4, True) in [(q.ref, q.page, q.verified) for q in quotes]
        pdf = shared / "papers" / "1706.03762v7.pdf"
        assert_quotes_stand(((q.page, q.text) for q in quotes if "1706" in q.ref), pdf)

        football = await result_of(paperdesk.ask("Who won the 1998 football world cup?"))
        assert isinstance(football.result, Answer)
        assert (football.result.confidence, football.result.abstained) == ("absent", True)

        report = tmp_path / "report.pdf"
        document = (await result_of(paperdesk.draft_report([TRANSFORMER], output=report))).result
        assert isinstance(document, Document)
        assert document.pages == 1
        assert document.verified == document.total >= 8
        items = [item for section in document.sections for item in section.items]
        assert_quotes_stand(((q.page, q.text) for item in items for q in item.quotes), pdf)
        assert_one_readable_page(report)
    finally:
        await paperdesk.aclose()


def assert_one_readable_page(report: Path) -> None:
    import pymupdf

    with pymupdf.open(report) as document:
        assert len(document) == 1
        blocks = document[0].get_text("dict")["blocks"]
        sizes = [s["size"] for b in blocks for line in b.get("lines", ()) for s in line["spans"]]
        assert min(sizes) >= 9.99
