"""A library of the demo course's papers, read in this process, and a model that says its script."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path

from assistant.results import Usage
from assistant.turns import Capabilities, Reply
from indexes.folders import Home
from indexes.library import Library
from indexes.papers import Paper, PaperState, SourceKind
from ingest import mupdf
from ingest.chunking import chunk
from ingest.drafts import finish

DEMO = Path(__file__).parents[1] / "assistant" / "demo_course" / "papers"
_GENERATION = "test"


def add_pdf(library: Library, path: Path, **fields: object) -> Paper:
    """Put a PDF into the library as an indexed paper, without an index."""
    with mupdf.opened(path) as document:
        parsed = chunk(mupdf.read_pages(document))
    paper = Paper.model_validate(
        {
            "key": f"pdf:{path.stem}",
            "kind": SourceKind.PDF,
            "title": parsed.title,
            "pages": len(parsed.pages),
            "passages": len(parsed.passages),
            "state": PaperState.INDEXED,
            "generation": _GENERATION,
            **fields,
        }
    )
    library.papers.insert(paper)
    library.passages.write_pages(paper.key, parsed.pages, parsed.references)
    passages = [finish(draft, paper.key, _GENERATION) for draft in parsed.passages]
    library.passages.write(paper.key, _GENERATION, passages)
    return paper


def add_listed(library: Library, folder: Path, name: str) -> Paper:
    """Put a PDF of `folder` into the library with what its metadata.json says of it."""
    listed = {entry["file"]: entry for entry in json.loads((folder / "metadata.json").read_text())}
    entry = listed[name]
    year, month = (int(part) for part in entry["published"].split("-")[:2])
    return add_pdf(
        library,
        folder / name,
        key=f"arxiv:{entry['arxiv_id']}",
        kind=SourceKind.ARXIV,
        arxiv_id=entry["arxiv_id"],
        version=entry["version"],
        title=entry["title"],
        authors=entry["authors"],
        published=dt.date(year, month, 1),
    )


def demo_library(folder: Path) -> Library:
    """The three papers of the demo course."""
    library = Library(Home(folder))
    for path in sorted(DEMO.glob("*.pdf")):
        add_listed(library, DEMO, path.name)
    return library


class ScriptedModel:
    """Stands in for a connected model: answers with what it was given, keeps what it was asked."""

    name = "scripted"
    capabilities = Capabilities(json_schema=True, context=8192)

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def reply(self, messages, *, schema=None, max_tokens=None):  # type: ignore[no-untyped-def]
        self.asked.append(messages[-1].content)
        return Reply(text=self._answers.pop(0), usage=Usage(requests=1))

    def run(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run(work)

    def parse(self, reply, schema):  # type: ignore[no-untyped-def]
        from assistant.connection import Model

        return Model.parse(self, reply, schema)  # type: ignore[arg-type]
