"""What the agent can do: look things up. None of its tools writes anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.evidence import Evidence, Source
from assistant.lookup import Lookup
from assistant.turns import ToolCall, ToolSpec
from indexes.errors import NotFoundError, PaperdeskError
from indexes.papers import Paper

_HITS = 6
_SECTION_WORDS = 900


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchPassages(_Arguments):
    """Search the papers for passages. Use the words the papers themselves would use."""

    query: str = Field(min_length=2, max_length=300)


class ReadSection(_Arguments):
    """Read a section of a paper by (part of) its heading."""

    ref: str
    heading: str = Field(min_length=2)


class ReadPage(_Arguments):
    """Read one page of a paper; pages count from 1."""

    ref: str
    page: int = Field(ge=1)


class ListReadings(_Arguments):
    """List the papers that can be read, each with its ref."""


class PaperDetails(_Arguments):
    """Title, authors, date, pages, abstract and section headings of a paper."""

    ref: str


@dataclass(frozen=True)
class ToolResult:
    """What a call gave, as text for the model; `failed` where it could not be done."""

    text: str
    failed: bool = False


class Tools:
    """The tools of one question; what they find is labelled in `evidence`."""

    def __init__(self, lookup: Lookup, evidence: Evidence) -> None:
        self._lookup = lookup
        self._evidence = evidence
        self._run: dict[str, tuple[type[_Arguments], Callable[[Any], Awaitable[str]]]] = {
            "search_passages": (SearchPassages, self._search),
            "read_section": (ReadSection, self._read_section),
            "read_page": (ReadPage, self._read_page),
            "list_readings": (ListReadings, self._list_readings),
            "paper_details": (PaperDetails, self._paper_details),
        }

    def specs(self) -> list[ToolSpec]:
        """The tools as a model is offered them."""
        return [
            ToolSpec(
                name=name,
                description=(arguments.__doc__ or "").strip(),
                parameters=arguments.model_json_schema(),
            )
            for name, (arguments, _) in self._run.items()
        ]

    async def run(self, call: ToolCall) -> ToolResult:
        """Run a call whose arguments are complete and valid JSON; nothing else runs."""
        if call.name not in self._run:
            return ToolResult(f"There is no tool {call.name}.", failed=True)
        arguments, work = self._run[call.name]
        try:
            parsed = arguments.model_validate_json(call.arguments or "{}", strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "arguments"
            return ToolResult(f"Not run: {where}: {first['msg']}.", failed=True)
        try:
            return ToolResult(await work(parsed))
        except PaperdeskError as error:
            return ToolResult(str(error), failed=True)

    async def _search(self, arguments: SearchPassages) -> str:
        sources = self._evidence.add(await self._lookup.search(arguments.query, _HITS))
        return _render(sources) or "No passage found."

    async def _read_section(self, arguments: ReadSection) -> str:
        paper = self._paper(arguments.ref)
        wanted = arguments.heading.casefold()
        passages = await asyncio.to_thread(self._lookup.library.passages.of, paper.key)
        inside = [
            p
            for p in passages
            if not p.hidden and any(wanted in heading.casefold() for heading in p.section)
        ]
        if not inside:
            raise NotFoundError(f"no section of {paper.ref} is called {arguments.heading}")
        sources: list[Source] = []
        words = 0
        for number in dict.fromkeys(passage.page for passage in inside):
            sources.append(self._page(paper, number))
            words += len(sources[-1].text.split())
            if words > _SECTION_WORDS:
                break
        return _render(sources)

    async def _read_page(self, arguments: ReadPage) -> str:
        return _render([self._page(self._paper(arguments.ref), arguments.page)])

    async def _list_readings(self, _: ListReadings) -> str:
        papers = await asyncio.to_thread(self._lookup.readable)
        return "\n".join(f"{p.ref}: {p.title or '?'} ({p.pages} pages)" for p in papers) or "None."

    async def _paper_details(self, arguments: PaperDetails) -> str:
        paper = self._paper(arguments.ref)
        passages = await asyncio.to_thread(self._lookup.library.passages.of, paper.key)
        headings = dict.fromkeys(" > ".join(p.section) for p in passages if p.section)
        facts = {
            "Title": paper.title,
            "Authors": ", ".join(paper.authors),
            "Published": paper.published,
            "Pages": paper.pages,
            "Abstract": paper.abstract,
            "Sections": "; ".join(headings),
        }
        return "\n".join(f"{name}: {value}" for name, value in facts.items() if value)

    def _paper(self, ref: str) -> Paper:
        """A paper of the scope. Raises NotFoundError."""
        for paper in self._lookup.readable():
            if ref.strip() in (paper.ref, paper.key, paper.arxiv_id):
                return paper
        raise NotFoundError(f"{ref} is not among the papers of this question", "list_readings")

    def _page(self, paper: Paper, number: int) -> Source:
        text = self._lookup.library.passages.page(paper.key, number).text
        return self._evidence.add_page(paper.ref, paper.title or paper.ref, number, text)


def _render(sources: Iterable[Source]) -> str:
    return "\n\n".join(source.render() for source in sources)
