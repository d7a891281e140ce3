"""Reading summaries: a sentence, a paragraph or a page, every line a verified quote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from assistant.aspects import aspects
from assistant.gate import Gate
from assistant.parts import Part
from assistant.proposals import propose, worded
from assistant.rendering import finished, fit
from assistant.report import BROKEN, RAREST_FIRST, labelled
from assistant.results import Claim, Document, Section
from assistant.salience import Found, PaperReading
from indexes.cleaning import clean_line
from indexes.embedding import Embedder
from indexes.library import Library
from indexes.papers import Paper

if TYPE_CHECKING:
    from assistant.connection import Model

Length = Literal["sentence", "short", "page"]

_SHORT = {"problem": 1, "approach": 2, "result": 2, "limitation": 1}
_PAGE = {"problem": 2, "approach": 2, "result": 3, "limitation": 2, "open": 1}
_HEADINGS = {"limitation": "Limitations"}
_MOST_SECTIONS = 9
_PLAIN = "The authors write"
_TASK = "Propose lines of a reading summary: `text` says in plain words what the sentence says."


def build_summary(
    paper: Paper,
    *,
    length: Length,
    library: Library,
    embedder: Embedder | None,
    gate: Gate,
    model: Model | None = None,
) -> Document:
    """A summary of `paper`: one sentence, about six, or a page that ends with its sections.

    A `model` chooses and words first; what it leaves out is extractive. Raises ModelError where it
    cannot be reached.
    """
    reading = PaperReading(paper, library=library, gate=gate, embedder=embedder)
    reading.prepare(aspects().values())
    missing: list[str] = []
    if length == "sentence":
        claims = _proposed(reading, model, ["gist"], gate).get("gist", ())[:1]
        found = reading.gist(aspects()["approach"], aspects()["result"]) if not claims else []
        claims = claims or _claims("In short", found, gate)
        sections = [Section(heading="In one sentence", items=claims)]
    else:
        sections, missing = _argument(reading, _SHORT if length == "short" else _PAGE, model, gate)
        if length == "page":
            sections.append(Section(heading="Section by section", items=_walk(reading, gate)))
    sections = [section for section in sections if section.items]
    if not sections:
        central = reading.central(3)
        sections = [Section(heading="What it says", items=_claims(_PLAIN, central, gate))]
        missing = ["A sentence that states the problem, the approach or a result."]
    if reading.broken:
        missing.append(BROKEN)
    document = Document(
        refs=(paper.ref,),
        title=f"Summary: {clean_line(paper.title or paper.ref)}",
        mode="extractive" if model is None else "fixed",
        model=None if model is None else model.name,
        sections=tuple(section for section in sections if section.items),
        missing=tuple(missing),
    )
    ranking = [claim for section in document.sections for claim in section.items]
    return finished(fit(document, [paper], pages=1, ranking=ranking), [paper])


def _proposed(
    reading: PaperReading, model: Model | None, topics: Sequence[str], gate: Gate
) -> dict[str, tuple[Claim, ...]]:
    """The model's claims by topic; empty without a model."""
    claims: dict[str, tuple[Claim, ...]] = {}
    if model is not None:
        for item in propose(model, reading, topics, _TASK, gate):
            claims[item.topic] = (*claims.get(item.topic, ()), worded(item, _PLAIN))
    return claims


def _argument(
    reading: PaperReading, counts: dict[str, int], model: Model | None, gate: Gate
) -> tuple[list[Section], list[str]]:
    """A section for each aspect of `counts`, and what was not found."""
    claims = _proposed(reading, model, list(counts), gate)
    for name in sorted(counts, key=RAREST_FIRST.index):
        had = claims.get(name, ())[: counts[name]]
        found = reading.choose(aspects()[name], counts[name] - len(had)) if not had else []
        labelled_ones = (
            labelled(aspects()[name].label(number), [one], gate) for number, one in enumerate(found)
        )
        claims[name] = (*had, *labelled_ones)
    sections = [
        Section(heading=_HEADINGS.get(name, aspects()[name].heading), items=claims[name])
        for name in counts
    ]
    lacking = [aspects()[name].missing for name in counts if not claims[name]]
    return sections, [f"{text[0].upper()}{text[1:]}." for text in lacking]


def _walk(reading: PaperReading, gate: Gate) -> tuple[Claim, ...]:
    """The most central sentence left of each outermost section, in reading order."""
    by_section: dict[str, list[int]] = {}
    for statement in reading.statements:
        if statement.section and statement.part not in (Part.ABSTRACT, Part.APPENDIX):
            by_section.setdefault(statement.section[0], []).append(statement.number)
    largest = sorted(by_section, key=lambda heading: -len(by_section[heading]))[:_MOST_SECTIONS]
    return tuple(
        labelled(clean_line(heading), [found], gate)
        for heading in by_section
        if heading in largest
        for found in reading.central(1, among=frozenset(by_section[heading]))
    )


def _claims(label: str, found: Sequence[Found], gate: Gate) -> tuple[Claim, ...]:
    return tuple(labelled(label, [one], gate) for one in found)
