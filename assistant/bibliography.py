"""A paper as a line of a bibliography and as a BibTeX entry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from indexes.cleaning import clean_line
from indexes.papers import Paper, SourceKind

_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_MOST_AUTHORS = 8


def citation(paper: Paper) -> str:
    """One line: authors, title, where and when; what is not known is left out."""
    authors = [clean_line(author) for author in paper.authors]
    if len(authors) > _MOST_AUTHORS:
        authors = [*authors[:_MOST_AUTHORS], "et al."]
    source = f"arXiv:{paper.ref.removeprefix('arxiv:')}" if paper.arxiv_id else (paper.url or "")
    parts = [
        ", ".join(authors),
        clean_line(paper.title or paper.ref),
        source,
        str(paper.published.year) if paper.published else "",
        f"{paper.pages} page{'s' if paper.pages != 1 else ''}" if paper.pages else "",
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def bibtex(papers: Iterable[Paper]) -> str:
    """BibTeX entries with distinct keys, in the order of `papers`."""
    taken: set[str] = set()
    entries = []
    for paper in papers:
        base = _key(paper)
        key = next(k for k in (base, *(f"{base}{n}" for n in range(2, 10_000))) if k not in taken)
        taken.add(key)
        entries.append(_entry(paper, key))
    return "\n".join(entries)


def _entry(paper: Paper, key: str) -> str:
    fields = {
        "title": "{" + _escape(paper.title or paper.ref) + "}",
        "author": " and ".join(_escape(author) for author in paper.authors),
        "year": str(paper.published.year) if paper.published else "",
        "month": paper.published.strftime("%b").lower() if paper.published else "",
        "eprint": paper.arxiv_id or "",
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "primaryclass": paper.categories[0] if paper.categories and paper.arxiv_id else "",
        "doi": paper.doi or "",
        "url": paper.url or "",
        "note": f"Version {paper.version}" if paper.arxiv_id and paper.version else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    kind = "online" if paper.kind is SourceKind.WEB else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _escape(text: str) -> str:
    return clean_line(text).translate(_ESCAPED)


def _key(paper: Paper) -> str:
    """`vaswani2017attention`: family name, year, first long word of the title."""
    family = paper.authors[0].split(",")[0].split()[-1] if paper.authors else ""
    year = str(paper.published.year) if paper.published else ""
    words = re.findall(r"\w{4,}", _ascii(paper.title or ""))
    key = _ascii(family) + year + (words[0] if words else "")
    return re.sub(r"\W", "", key) or re.sub(r"\W", "", paper.key)


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return decomposed.encode("ascii", "ignore").decode()
