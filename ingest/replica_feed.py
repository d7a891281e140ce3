"""Atom feeds as the arXiv API writes them since 2025, errors included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from ingest.replica_shelf import ShelfPaper

_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
)


def feed(
    papers: Sequence[ShelfPaper], *, query: str, id_list: str, start: int, most: int, total: int
) -> bytes:
    """The answer to a query: `papers` is the page that begins at `start`, of `total` found."""
    asked = f"search_query={query}&id_list={id_list}&start={start}&max_results={most}"
    link = f"https://arxiv.org/api/query?{asked}"
    return (
        f"{_HEAD}"
        f"  <id>https://arxiv.org/api/replica</id>\n"
        f"  <title>arXiv Query: {escape(asked)}</title>\n"
        f"  <updated>{_stamp(dt.datetime.now(dt.UTC))}</updated>\n"
        f'  <link href={quoteattr(link)} type="application/atom+xml"/>\n'
        f"  <opensearch:itemsPerPage>{most}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n"
        f"{''.join(map(_entry, papers))}"
        "</feed>\n"
    ).encode()


def malformed_id(given: str) -> bytes:
    """The body of the status 400 that one malformed id earns the whole request."""
    link = f"https://arxiv.org/api/errors#incorrect_id_format_for_{given}"
    now = _stamp(dt.datetime.now(dt.UTC))
    return (
        f"{_HEAD}"
        "  <id>https://arxiv.org/</id>\n"
        "  <title>arXiv Search Results</title>\n"
        f"  <updated>{now}</updated>\n"
        "  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        "  <entry>\n"
        f"    <id>{escape(link)}</id>\n"
        "    <title>Error</title>\n"
        f"    <updated>{now}</updated>\n"
        f'    <link href={quoteattr(link)} rel="alternate" type="text/html"/>\n'
        f"    <summary>incorrect id format for {escape(given)}</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n"
        "  </entry>\n"
        "</feed>\n"
    ).encode()


def _entry(paper: ShelfPaper) -> str:
    published = _stamp(paper.published)
    comment = escape(paper.comment or "")
    return (
        "  <entry>\n"
        f"    <id>http://arxiv.org/abs/{paper.name}</id>\n"
        f"    <title>{escape(paper.title)}</title>\n"
        f"    <updated>{published}</updated>\n"
        f'    <link href="https://arxiv.org/abs/{paper.name}" rel="alternate" type="text/html"/>\n'
        f'    <link href="https://arxiv.org/pdf/{paper.name}" rel="related"'
        ' type="application/pdf" title="pdf"/>\n'
        f"    <summary>{escape(paper.abstract)}</summary>\n"
        + "".join(
            f'    <category term={quoteattr(term)} scheme="http://arxiv.org/schemas/atom"/>\n'
            for term in paper.categories
        )
        + f"    <published>{published}</published>\n"
        + (f"    <arxiv:comment>{comment}</arxiv:comment>\n" if comment else "")
        + f"    <arxiv:primary_category term={quoteattr(paper.categories[0])}/>\n"
        + "".join(
            f"    <author>\n      <name>{escape(name)}</name>\n    </author>\n"
            for name in paper.authors
        )
        + "  </entry>\n"
    )


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
