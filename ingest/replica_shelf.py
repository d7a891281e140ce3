"""A folder of PDFs seen as arXiv would: papers by id and version."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexes.cleaning import clean_line
from ingest.arxiv_ids import ArxivId, match_arxiv_id

_TERM = re.compile(r'(?:(?P<field>[a-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')


@dataclass(frozen=True)
class ShelfPaper:
    """One version of a paper in the folder, with what `metadata.json` says about it."""

    arxiv_id: str
    version: int
    path: Path
    title: str
    authors: tuple[str, ...]
    published: dt.datetime
    abstract: str
    categories: tuple[str, ...]
    comment: str | None

    @property
    def name(self) -> str:
        return f"{self.arxiv_id}v{self.version}"


class Shelf:
    """The papers of `folder`, looked up afresh each time: files may be added while it is served.

    File names carry id and version: `1706.03762v7.pdf`, `hep-th_9108004v1.pdf`; without a version
    it is version 1; other names are ignored. `metadata.json` beside them may hold a list of objects
    with `file` and any of `title`, `authors`, `published` (`2017-06` or `2017-06-12`), `abstract`,
    `categories`, `comment`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, asked: ArxivId) -> ShelfPaper | None:
        """That version, or the highest one where none is named."""
        versions = [paper for paper in self.papers() if paper.arxiv_id == asked.id]
        if asked.version is not None:
            versions = [paper for paper in versions if paper.version == asked.version]
        return max(versions, key=lambda paper: paper.version, default=None)

    def search(self, query: str) -> list[ShelfPaper]:
        """Latest versions that match all terms: `ti:"a phrase"`, `au:name`, `abs:`, `all:`, `cat:`.

        `AND` between terms may be left out; `OR` and brackets are not understood.
        """
        terms = [match for match in _TERM.finditer(query) if match["word"] != "AND"]
        latest: dict[str, ShelfPaper] = {}
        for paper in sorted(self.papers(), key=lambda paper: paper.version):
            latest[paper.arxiv_id] = paper
        return [p for p in latest.values() if terms and all(_holds(p, term) for term in terms)]

    def page(self, asked: ArxivId) -> Path | None:
        """The HTML version of a paper, where the folder has one beside the PDF."""
        paper = self.find(asked)
        page = paper.path.with_suffix(".html") if paper else None
        return page if page is not None and page.is_file() else None

    def papers(self) -> list[ShelfPaper]:
        """All versions of all papers, by file name."""
        described = self._described()
        found = []
        for path in sorted(self._folder.glob("*.pdf")):
            named = match_arxiv_id(path.stem.replace("_", "/"))
            if named is not None:
                found.append(_paper(path, named, described.get(path.name, {})))
        return found

    def _described(self) -> dict[str, dict[str, Any]]:
        try:
            entries = json.loads((self._folder / "metadata.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {entry["file"]: entry for entry in entries}


def _paper(path: Path, named: ArxivId, described: dict[str, Any]) -> ShelfPaper:
    return ShelfPaper(
        arxiv_id=named.id,
        version=named.version or 1,
        path=path,
        title=clean_line(described.get("title") or path.stem),
        authors=tuple(map(clean_line, described.get("authors") or ["Unknown"])),
        published=_published(described.get("published"), named.id),
        abstract=clean_line(described.get("abstract") or ""),
        categories=tuple(described.get("categories") or _archive(named.id)),
        comment=described.get("comment"),
    )


def _published(given: str | None, arxiv_id: str) -> dt.datetime:
    """The date given, its first day where only the month is, else the month of the id."""
    if given:
        day = dt.date.fromisoformat(given if given.count("-") == 2 else f"{given}-01")
    else:
        month = arxiv_id.rpartition("/")[2][:4]
        century = 1900 if int(month[:2]) > 90 else 2000
        day = dt.date(century + int(month[:2]), int(month[2:]), 1)
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _archive(arxiv_id: str) -> tuple[str, ...]:
    archive, slash, _ = arxiv_id.rpartition("/")
    return (archive,) if slash else ("cs.LG",)


def _holds(paper: ShelfPaper, term: re.Match[str]) -> bool:
    fields = {
        "ti": paper.title,
        "au": " ".join(paper.authors),
        "abs": paper.abstract,
        "cat": " ".join(paper.categories),
    }
    text = fields.get(term["field"] or "all", " ".join(fields.values()))
    wanted = term["phrase"] if term["phrase"] is not None else term["word"]
    return _words(wanted) in _words(text)


def _words(text: str) -> str:
    """Words between spaces, so that a phrase is found at word borders only."""
    return " ".join(["", *re.findall(r"\w+", text.lower()), ""])
