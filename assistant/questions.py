"""Questions for the speaker or the discussion, each anchored at a page.

Without a model they are templates over verified sentences: the muddiest point, the most interesting
result, a limit, an assumption, an open end, and links between papers. The templates assert nothing
about the paper; the quote beside them does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.aspects import aspects
from assistant.gate import Gate
from assistant.parts import Part
from assistant.proposals import propose, worded
from assistant.rendering import finished
from assistant.report import labelled
from assistant.results import Claim, Document, Section
from assistant.salience import Found, PaperReading
from assistant.statements import Statement
from indexes.cleaning import clean_line
from indexes.embedding import Embedder
from indexes.library import Library
from indexes.papers import Paper

if TYPE_CHECKING:
    from assistant.connection import Model

_TASK = "Propose questions to the authors: `text` is one question about what the sentence says."


@dataclass(frozen=True)
class Kind:
    """A kind of question: its heading and its wordings, used in turn."""

    heading: str
    wordings: tuple[str, ...]


MUDDIEST = Kind(
    "Muddiest point",
    (
        "Could you explain this step in plain words, with a small example?",
        "What is the intuition behind this definition?",
        "Why is it done this way rather than in the obvious one?",
    ),
)
INTERESTING = Kind(
    "Most interesting",
    (
        "How sure are you of this result, and where would you expect it to stop holding?",
        "Which part of the setup matters most for this result?",
        "Did this surprise you, and what else could explain it?",
    ),
)
LIMIT = Kind(
    "Limits",
    (
        "What would it take to remove this limit, and might the conclusion change?",
        "How much does this limit matter in practice?",
        "Which experiment would show how serious this is?",
    ),
)
ASSUMPTION = Kind(
    "Assumptions",
    (
        "What happens to the results if this assumption is wrong?",
        "How could this assumption be tested?",
        "Where in practice does this assumption hold?",
    ),
)
OPEN_END = Kind(
    "What comes next",
    (
        "Has anything been learned about this since the paper was written?",
        "What would be the first step, and what stands in its way?",
        "Which outcome do you expect here, and why?",
    ),
)
LINK = Kind(
    "Links",
    (
        "How do these two statements fit together?",
        "Do these two papers mean the same thing here?",
        "Which of the two would change if the other were wrong?",
    ),
)

_DEFINING = re.compile(
    r"\b(?:defin\w+|denot\w+|is called|we call|let|where|corresponds? to|if and only if|given by|"
    r"formally|equation|on note|désigne|est appelé\w*)\b",
    re.IGNORECASE,
)
_SURPRISING = re.compile(
    r"\b(?:surpris\w+|interesting\w*|remarkabl\w+|unexpected\w*|counter-?intuitive\w*|notabl\w+|"
    r"strikingly|curiously|contrary to|however|despite|étonnamment)\b",
    re.IGNORECASE,
)
_ASSUMING = re.compile(
    r"\b(?:assum\w+|suppos\w+|hypothes\w+|ideali[sz]e|ideali[sz]ation\w*|neglect\w*|"
    r"approximat(?:es?|ed|ing|ions?)|for simplicity|supposons)\b",
    re.IGNORECASE,
)


def build_questions(
    papers: Sequence[Paper],
    *,
    n: int,
    library: Library,
    embedder: Embedder | None,
    gate: Gate,
    model: Model | None = None,
) -> Document:
    """`n` questions, fewer where the papers hold too few sentences to ask about.

    A `model` proposes first, the templates fill up. Raises ModelError where it cannot be reached.
    """
    readings = [
        PaperReading(paper, library=library, gate=gate, embedder=embedder) for paper in papers
    ]
    for reading in readings:
        reading.prepare(aspects().values())
    asked: dict[Kind, list[Claim]] = {}
    kinds = _kinds(len(papers))
    if model is not None:
        asked = _proposed(readings, model, n, gate)
    turns = itertools.count()
    idle = 0  # turns since the last question: after a round of all kinds and papers nothing is left
    while idle < len(kinds) * len(readings) and sum(map(len, asked.values())) < n:
        around, place = divmod(next(turns), len(kinds))
        kind = kinds[place]
        reading = readings[(around + place) % len(readings)]
        mine = asked.setdefault(kind, [])
        found = _anchors(kind, reading, readings)
        idle = 0 if found else idle + 1
        if found:
            wording = kind.wordings[len(mine) % len(kind.wordings)]
            mine.append(labelled(wording, found, gate))
    total = sum(map(len, asked.values()))
    document = Document(
        refs=tuple(paper.ref for paper in papers),
        title="Questions: "
        + ", ".join(
            clean_line(p.short_name if len(papers) > 1 else p.title or p.ref) for p in papers
        ),
        mode="extractive" if model is None else "fixed",
        model=None if model is None else model.name,
        sections=tuple(
            Section(heading=kind.heading, items=tuple(asked[kind])) for kind in asked if asked[kind]
        ),
        missing=() if total == n else (f"Sentences for {n - total} more questions.",),
    )
    return finished(document, papers)


def _proposed(
    readings: Sequence[PaperReading], model: Model, n: int, gate: Gate
) -> dict[Kind, list[Claim]]:
    """The model's questions, `n` at most, as evenly from the papers as they come."""
    kinds = {kind.heading: kind for kind in _kinds(1)}
    each = [propose(model, reading, list(kinds), _TASK, gate) for reading in readings]
    asked: dict[Kind, list[Claim]] = {}
    turns = (item for turn in itertools.zip_longest(*each) for item in turn if item is not None)
    for item in itertools.islice(turns, n):
        kind = kinds[item.topic]
        mine = asked.setdefault(kind, [])
        mine.append(worded(item, kind.wordings[len(mine) % len(kind.wordings)]))
    return asked


def _kinds(papers: int) -> tuple[Kind, ...]:
    kinds = (MUDDIEST, INTERESTING, LIMIT, ASSUMPTION, OPEN_END)
    return (*kinds[:3], LINK, *kinds[3:]) if papers > 1 else kinds


def _anchors(kind: Kind, reading: PaperReading, readings: Sequence[PaperReading]) -> list[Found]:
    """The quotes that the next question of this kind is about; empty where there are none left."""
    if kind is LINK:
        return _link(reading, readings)
    if kind is LIMIT:
        return reading.choose(aspects()["limitation"], 1)
    if kind is OPEN_END:
        return reading.choose(aspects()["open"], 1)
    if kind is INTERESTING:
        striking = _among(reading, _SURPRISING, (Part.RESULTS, Part.DISCUSSION, Part.BODY))
        return striking or reading.choose(aspects()["result"], 1)
    pattern = _DEFINING if kind is MUDDIEST else _ASSUMING
    return _among(reading, pattern, (Part.METHOD, Part.BODY, Part.RESULTS))


def _among(reading: PaperReading, pattern: re.Pattern[str], parts: Sequence[Part]) -> list[Found]:
    matching = frozenset(
        s.number for s in reading.statements if s.part in parts and pattern.search(s.text)
    )
    return reading.central(1, among=matching)


def _link(reading: PaperReading, readings: Sequence[PaperReading]) -> list[Found]:
    """The sentence of this paper and the one of another that are most alike."""
    others = [other for other in readings if other is not reading]
    ours = reading.central(1)
    if not ours:
        return []
    best: tuple[float, PaperReading, Statement] | None = None
    for other in others:
        for statement in other.untaken():
            likeness = reading.like(ours[0].statement, statement)
            if best is None or likeness > best[0]:
                best = (likeness, other, statement)
    if best is None:
        return []
    theirs = best[1].central(1, among=frozenset({best[2].number}))
    return [*ours, *theirs] if theirs else []
