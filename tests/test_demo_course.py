"""The demo course: its papers are readable, and their numbers are those of their simulations."""

from __future__ import annotations

import json

import pytest
from support_homework import DEMO

from ingest import mupdf
from ingest.chunking import chunk
from ingest.syllabus import read_syllabus_file

SIMULATIONS = DEMO.parents[2] / "docs" / "demo_papers"
LISTED = json.loads((DEMO / "metadata.json").read_text())


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["arxiv_id"])
def test_paper_matches_its_metadata_and_reads_cleanly(entry):
    path = DEMO / entry["file"]
    with mupdf.opened(path) as document:
        parsed = chunk(mupdf.read_pages(document))
    assert len(parsed.pages) == entry["pages"]
    assert parsed.title == entry["title"]
    assert parsed.abstract
    assert len(parsed.references) == 3
    assert path.stat().st_size < 200_000
    text = "".join(page.text for page in parsed.pages)
    assert text.isprintable() or not [c for c in text if not c.isprintable() and c not in "\n\xa0"]
    for part in ("Table 1.", "Figure 1.", "6 Limitations", "(1)"):
        assert part in text


def test_syllabus_assigns_the_papers_that_ship():
    course = read_syllabus_file(DEMO.parent / "syllabus.md")
    readings = [reading for reading in course.readings() if reading.arxiv_id]
    assert {r.arxiv_id: r.role for r in readings} == {
        "2401.99991": "assigned",
        "2402.99992": "advance",
        "2403.99993": "reference",
    }
    assert readings[0].task == "read and one-page report"
    assert not course.unparsed


def test_numbers_of_the_first_paper_are_those_of_its_simulation(monkeypatch):
    monkeypatch.syspath_prepend(str(SIMULATIONS))
    import spacing

    numbers, _ = spacing.paper()
    with mupdf.opened(DEMO / LISTED[0]["file"]) as document:
        text = " ".join(" ".join(p.text.split()) for p in mupdf.read_pages(document))
    assert (
        f"expanding intervals give a mean recall of {numbers['expanding_60']} on day 60, equal "
        f"intervals {numbers['equal_60']}, contracting intervals {numbers['contracting_60']}"
    ) in text
