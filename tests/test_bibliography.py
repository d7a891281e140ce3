"""Bibliographic lines and BibTeX entries."""

from __future__ import annotations

import datetime as dt

from assistant.bibliography import bibtex, citation
from indexes.papers import Paper, SourceKind

PAPER = Paper(
    key="arxiv:1706.03762",
    kind=SourceKind.ARXIV,
    arxiv_id="1706.03762",
    version=7,
    title="Attention & {Braces}: 100% _All_ You Need",
    authors=("Ashish Vaswani", "Łukasz Kaiser"),
    published=dt.date(2017, 6, 12),
    categories=("cs.CL",),
    pages=15,
)


def test_citation_names_version_year_and_pages():
    assert citation(PAPER) == (
        "Ashish Vaswani, Łukasz Kaiser. Attention & {Braces}: 100% _All_ You Need. "
        "arXiv:1706.03762v7. 2017. 15 pages."
    )


def test_citation_of_what_has_only_a_title():
    bare = Paper(key="pdf:0123456789ab", kind=SourceKind.PDF)
    assert citation(bare) == "pdf:0123456789ab."


def test_bibtex_escapes_and_names_the_archive():
    entry = bibtex([PAPER])
    assert entry.startswith("@misc{vaswani2017attention,\n")
    assert r"title = {{Attention \& \{Braces\}: 100\% \_All\_ You Need}}," in entry
    assert "author = {Ashish Vaswani and Łukasz Kaiser}," in entry
    assert "eprint = {1706.03762}," in entry
    assert "primaryclass = {cs.CL}," in entry


def test_bibtex_keys_are_distinct():
    keys = [line for line in bibtex([PAPER, PAPER, PAPER]).splitlines() if line.startswith("@")]
    assert keys == [
        "@misc{vaswani2017attention,",
        "@misc{vaswani2017attention2,",
        "@misc{vaswani2017attention3,",
    ]
