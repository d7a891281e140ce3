"""The one-page report: an outline to write from, every bullet a quote with its page.

Without a model the outline is extractive: the sentences in which the authors state their problem,
approach, results, strengths, limits and open questions. A model may propose bullets; the gate
decides about them, and what it refuses the extractive outline makes good.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.aspects import Aspect, asked_for, aspects
from assistant.gate import Gate
from assistant.proposals import propose, worded
from assistant.rendering import finished, fit
from assistant.results import Claim, Document, Section
from assistant.salience import Found, PaperReading
from assistant.terms import terms
from indexes.cleaning import clean_line
from indexes.embedding import Embedder
from indexes.errors import UsageError
from indexes.library import Library
from indexes.papers import Paper

if TYPE_CHECKING:
    from assistant.connection import Model

LEAST_BULLETS = 8
_MOST = {"problem": 2, "approach": 3, "result": 4, "strength": 2, "limitation": 3, "open": 2}
RAREST_FIRST = ("limitation", "open", "strength", "result", "problem", "approach")
_PLAIN = "The authors write"
BROKEN = "Sentences that stand on their page as they read: the PDF's text is in pieces."
_TASK = "Propose bullets for a one-page report: `text` says in plain words what the sentence says."
_FURTHER = "Also worth quoting"
_PER_HEADING = 3
_MOST_HEADINGS = 12
_ABOUT = 0.45  # likeness of a sentence to a heading that names a matter of its own
_RELATED = 0.32  # likeness of a sentence to a heading from which it may stand under it

_OWN_WORDS = re.compile(
    r"\b(?:your?|yourself|opinion|reflect\w*|agree|personal\w*|respond|response|reaction)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_ITEM = re.compile(r"^\s{0,6}(?:[-*+•]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(.+)$")


@dataclass(frozen=True)
class Bullet:
    """A claim on its way into a report: the heading it stands under and how early it is dropped."""

    heading: str
    claim: Claim
    rank: tuple[int, int, float]


def build_report(
    papers: Sequence[Paper],
    *,
    library: Library,
    embedder: Embedder | None,
    gate: Gate,
    model: Model | None = None,
    prompt: str | None = None,
    pages: int = 1,
) -> Document:
    """A report outline on `papers`, on at most `pages` pages of A4 or Letter.

    With `prompt`, the text of an instructor's assignment, its headings are the sections. A `model`
    proposes bullets first. Raises UsageError for a prompt without headings, ModelError where the
    model cannot be reached.
    """
    readings = [
        PaperReading(paper, library=library, gate=gate, embedder=embedder) for paper in papers
    ]
    for reading in readings:
        reading.prepare(aspects().values())
    proposed: list[Bullet] = []
    if prompt is None:
        headings = list(dict.fromkeys(aspect.heading for aspect in aspects().values()))
        if model is not None:
            proposed = _proposed_by_aspect(readings, model, gate)
        bullets, missing = _by_aspect(readings, proposed, gate, pages)
    else:
        headings = prompt_headings(prompt)
        if model is not None:
            proposed = _proposed_by_heading(readings, headings, model, gate)
        bullets, missing = _by_heading(readings, headings, proposed, gate)
    bullets += proposed
    if len(bullets) < LEAST_BULLETS:
        more, lacking = _further(readings, LEAST_BULLETS - len(bullets), gate)
        bullets += more
        missing += lacking
        headings = [*headings, _FURTHER]
    bullets.sort(key=lambda bullet: bullet.rank)
    sections = (
        Section(heading=h, items=tuple(b.claim for b in bullets if b.heading == h))
        for h in headings
    )
    document = Document(
        refs=tuple(paper.ref for paper in papers),
        title=f"Report outline: {_subject(papers)}",
        mode="extractive" if model is None else "fixed",
        model=None if model is None else model.name,
        sections=tuple(section for section in sections if section.items),
        missing=tuple(missing),
    )
    ranking = [bullet.claim for bullet in bullets]
    return finished(fit(document, papers, pages=pages, ranking=ranking), papers)


def prompt_headings(prompt: str) -> list[str]:
    """The headings of an assignment: its Markdown headings, else its list items, else its lines.

    Raises UsageError where there is none.
    """
    rows = [clean_line(row) for row in prompt.splitlines()]
    titles = [m[1] for m in map(_HEADING.match, rows) if m]
    if len(titles) > 1 and rows and _HEADING.match(next(row for row in rows if row)):
        titles = titles[1:]  # the first names the assignment
    items = [m[1] for m in map(_ITEM.match, rows) if m]
    short = [row for row in rows if 0 < len(row.split()) <= 15]
    found = next((kind for kind in (titles, items, short) if kind), [])
    headings = [heading.strip(" :*_") for heading in dict.fromkeys(found)]
    headings = [heading for heading in headings if re.search(r"\w", heading)]
    if not headings:
        raise UsageError(
            "the prompt holds no headings", "give a file with a heading or list item per section"
        )
    return headings[:_MOST_HEADINGS]


def labelled(label: str, found: Sequence[Found], gate: Gate) -> Claim:
    """Quotes under plain words of ours, judged by the gate; the words assert nothing."""
    claim = gate.judge(Claim(text=label, quotes=tuple(one.quote for one in found)))
    return claim.model_copy(update={"supported": None})


def _proposed_by_aspect(readings: Sequence[PaperReading], model: Model, gate: Gate) -> list[Bullet]:
    order = {aspect.name: place for place, aspect in enumerate(aspects().values())}
    return [
        Bullet(
            aspects()[item.topic].heading,
            worded(item, aspects()[item.topic].label(0)),
            (number // len(order), order[item.topic], 0.0),
        )
        for reading in readings
        for number, item in enumerate(propose(model, reading, list(order), _TASK, gate))
    ]


def _proposed_by_heading(
    readings: Sequence[PaperReading], headings: Sequence[str], model: Model, gate: Gate
) -> list[Bullet]:
    topics = [heading for heading in headings if not _OWN_WORDS.search(heading)]
    return [
        Bullet(item.topic, worded(item, _PLAIN), (number // len(topics), number, 0.0))
        for reading in readings
        for number, item in enumerate(propose(model, reading, topics, _TASK, gate))
    ]


def _by_aspect(
    readings: Sequence[PaperReading], proposed: Sequence[Bullet], gate: Gate, pages: int
) -> tuple[list[Bullet], list[str]]:
    """The extractive bullets, and what was found neither by them nor by the model."""
    bullets: list[Bullet] = []
    missing: dict[str, str] = {}
    for order, aspect in sorted(
        enumerate(aspects().values()), key=lambda pair: RAREST_FIRST.index(pair[1].name)
    ):
        had = sum(bullet.rank[1] == order for bullet in proposed)
        limit = max(1, round(_MOST[aspect.name] * pages / len(readings)))
        for reading in readings:
            chosen = reading.choose(aspect, max(limit - had, 1)) if had < limit else []
            for number, found in enumerate(chosen):
                claim = labelled(aspect.label(number), [found], gate)
                bullets.append(Bullet(aspect.heading, claim, (had + number, order, -found.score)))
            if not chosen and not had:
                missing[aspect.name] = _missing(aspect, reading, several=len(readings) > 1)
    return bullets, [missing[name] for name in aspects() if name in missing]


def _by_heading(
    readings: Sequence[PaperReading],
    headings: Sequence[str],
    proposed: Sequence[Bullet],
    gate: Gate,
) -> tuple[list[Bullet], list[str]]:
    bullets: list[Bullet] = []
    missing: list[str] = []
    for order, heading in enumerate(headings):
        if _OWN_WORDS.search(heading):
            missing.append(f"“{heading}” asks for your own words: nothing is quoted there.")
            continue
        if any(bullet.heading == heading for bullet in proposed):
            continue
        found = _under(heading, readings)
        for number, (label, one) in enumerate(found):
            claim = labelled(label, [one], gate)
            bullets.append(Bullet(heading, claim, (number, order, -one.score)))
        if not found:
            missing.append(f"No sentence was found that fits “{heading}”.")
    return bullets, missing


def _under(heading: str, readings: Sequence[PaperReading]) -> list[tuple[str, Found]]:
    """What may stand under a heading: by the aspects it asks for, or by likeness to it."""
    wanted = asked_for(heading)
    limit = max(1, _PER_HEADING // len(readings))
    if len(_specific(heading, wanted)) > 1:
        about = [
            (_PLAIN, one)
            for reading in readings
            for one in reading.about(heading, limit, least=_ABOUT)
        ]
        if about:
            return about
    found = [
        (aspect.label(number), one)
        for reading in readings
        for aspect in wanted
        for number, one in enumerate(reading.choose(aspect, max(1, limit // len(wanted))))
    ]
    if found:
        return found
    return [
        (_PLAIN, one)
        for reading in readings
        for one in reading.about(heading, limit, least=_RELATED)
    ]


def _specific(heading: str, wanted: Sequence[Aspect]) -> list[str]:
    """The words of a heading by which it asks for more than an aspect of any paper."""
    bare = heading
    for aspect in wanted:
        bare = aspect.prompts.sub(" ", bare)
    return [word for word in terms(bare) if len(word) > 3]


def _further(
    readings: Sequence[PaperReading], count: int, gate: Gate
) -> tuple[list[Bullet], list[str]]:
    """The most central sentences left, where the rest gave too few bullets."""
    each = -(-count // len(readings))
    bullets = [
        Bullet(_FURTHER, labelled(_PLAIN, [found], gate), (number, 9, -found.score))
        for reading in readings
        for number, found in enumerate(reading.central(each))
    ]
    if len(bullets) < count:
        if any(reading.broken for reading in readings):
            return bullets, [BROKEN]
        lacking = (
            "Enough sentences that can be quoted on their own: the text may be slides or a scan."
        )
        return bullets, [lacking]
    return bullets, []


def _missing(aspect: Aspect, reading: PaperReading, *, several: bool) -> str:
    where = f" in {clean_line(reading.paper.short_name)}" if several else ""
    return f"{aspect.missing[0].upper()}{aspect.missing[1:]}{where}."


def _subject(papers: Sequence[Paper]) -> str:
    if len(papers) == 1:
        return clean_line(papers[0].title or papers[0].ref)
    return ", ".join(clean_line(paper.short_name) for paper in papers)
