"""Reading summaries: a sentence, a paragraph or a page, every line a verified quote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.aspects import aspects
from assistant.gate import Gate
from assistant.parts import Part
from assistant.rendering import finished, fit
from assistant.report import labelled
from assistant.results import Claim, Document, Section
from assistant.salience import Found, PaperReading
from indexes.cleaning import clean_line
from indexes.embedding import Embedder
from indexes.library import Library
from indexes.papers import Paper

Length = Literal["sentence", "short", "page"]

_SHORT = {"problem": 1, "approach": 2, "result": 2, "limitation": 1}
_PAGE = {"problem": 2, "approach": 2, "result": 3, "limitation": 2, "open": 1}
_MOST_SECTIONS = 9


def build_summary(
    paper: Paper,
    *,
    length: Length,
    library: Library,
    embedder: Embedder | None,
    gate: Gate,
) -> Document:
    """A summary of `paper`: one sentence, about six, or a page that ends with its sections."""
    reading = PaperReading(paper, library=library, gate=gate, embedder=embedder)
    reading.prepare(aspects().values())
    missing: list[str] = []
    if length == "sentence":
        found = reading.gist(aspects()["approach"], aspects()["result"])
        sections = [Section(heading="In one sentence", items=_claims("In short", found, gate))]
    else:
        sections, missing = _argument(reading, _SHORT if length == "short" else _PAGE, gate)
        if length == "page":
            sections.append(Section(heading="Section by section", items=_walk(reading, gate)))
    sections = [section for section in sections if section.items]
    if not sections:
        central = reading.central(3)
        sections = [
            Section(heading="What it says", items=_claims("The authors write", central, gate))
        ]
        missing = ["A sentence that states the problem, the approach or a result."]
    document = Document(
        refs=(paper.ref,),
        title=f"Summary: {clean_line(paper.title or paper.ref)}",
        mode="extractive",
        sections=tuple(section for section in sections if section.items),
        missing=tuple(missing),
    )
    ranking = [claim for section in document.sections for claim in section.items]
    return finished(fit(document, [paper], pages=1, ranking=ranking), [paper])


def _argument(
    reading: PaperReading, counts: dict[str, int], gate: Gate
) -> tuple[list[Section], list[str]]:
    chosen = {
        name: reading.choose(aspects()[name], counts[name])
        for name in sorted(
            counts, key=["limitation", "open", "result", "problem", "approach"].index
        )
    }
    headings = {"limitation": "Limitations"}
    sections = [
        Section(
            heading=headings.get(name, aspects()[name].heading),
            items=tuple(
                labelled(aspects()[name].label(number), found, gate)
                for number, found in enumerate(chosen[name])
            ),
        )
        for name in counts
    ]
    lacking = [aspects()[name].missing for name in counts if not chosen[name]]
    return sections, [f"{text[0].upper()}{text[1:]}." for text in lacking]


def _walk(reading: PaperReading, gate: Gate) -> tuple[Claim, ...]:
    """The most central sentence left of each outermost section, in reading order."""
    by_section: dict[str, list[int]] = {}
    for statement in reading.statements:
        if statement.section and statement.part not in (Part.ABSTRACT, Part.APPENDIX):
            by_section.setdefault(statement.section[0], []).append(statement.number)
    largest = sorted(by_section, key=lambda heading: -len(by_section[heading]))[:_MOST_SECTIONS]
    return tuple(
        labelled(clean_line(heading), found, gate)
        for heading in by_section
        if heading in largest
        for found in reading.central(1, among=frozenset(by_section[heading]))
    )


def _claims(label: str, found: Sequence[Found], gate: Gate) -> tuple[Claim, ...]:
    return tuple(labelled(label, one, gate) for one in found)
