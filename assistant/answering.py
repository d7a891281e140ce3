"""A question becomes an answer: evidence first, claims with quotes, the gate last.

Three ways to one result: a model with tools (agent), a model without (fixed path), no model (the
extractive reader). Whether the papers hold an answer at all is decided before any model is asked.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.confidence import Verdict, assess
from assistant.events import ClaimChecked, Done, Event, EvidenceFound, TextDelta
from assistant.gate import Gate
from assistant.lookup import Lookup
from assistant.phrasing import absent_text, bears, composed_text, extractive_text
from assistant.reader import read
from assistant.results import Answer, Claim, Confidence, Mode, Usage
from indexes.embedding import Embedder
from indexes.hits import Hit
from indexes.library import Library
from indexes.papers import Paper
from indexes.search import Searcher

if TYPE_CHECKING:
    from assistant.composing import Composed
    from assistant.connection import Model
    from assistant.turns import Message

_HITS = 12
_REMEMBERED = 3  # earlier answers of the thread that a model is told


@dataclass(frozen=True)
class _Outcome:
    """What became of a question, whichever way it went."""

    text: str
    confidence: Confidence
    reason: str | None = None
    claims: tuple[Claim, ...] = ()
    abstained: bool = False
    complete: bool = True
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class _Asked:
    """A question with what is known before it is answered."""

    question: str
    hits: tuple[Hit, ...]
    papers: dict[str, Paper]
    verdict: Verdict
    lookup: Lookup
    gate: Gate
    embedder: Embedder | None


async def answer(
    question: str,
    *,
    searcher: Searcher,
    library: Library,
    gate: Gate,
    embedder: Embedder | None = None,
    model: Model | None = None,
    papers: Collection[str] | None = None,
    thread: str | None = None,
) -> AsyncGenerator[Event, None]:
    """Evidence first, then steps, text and claims as they come, `Done` with the `Answer` last.

    `papers` are keys, None for the whole library. Raises the errors of search and ModelError.
    Closing the generator stops the work: a thread that is still at it is not waited for.
    """
    started = time.perf_counter()
    lookup = Lookup(searcher, library, papers)
    readable = {paper.key: paper for paper in await asyncio.to_thread(lookup.readable)}
    hits = await lookup.search(question, _HITS) if readable else ()
    yield EvidenceFound(hits=hits)
    verdict = await asyncio.to_thread(assess, question, hits, papers=len(readable))
    asked = _Asked(question, hits, readable, verdict, lookup, gate, embedder)

    outcome: _Outcome | None = None
    if verdict.confidence == "absent":
        outcome = _absent(verdict)
    else:
        way = _extract(asked) if model is None else _with_model(asked, model, thread)
        async with aclosing(way) as events:
            async for event in events:
                if isinstance(event, _Outcome):
                    outcome = event
                    continue
                if isinstance(event, EvidenceFound):
                    hits = event.hits
                yield event
    assert outcome is not None
    yield Done(
        result=Answer(
            question=question,
            answer=outcome.text,
            abstained=outcome.abstained,
            confidence=outcome.confidence,
            reason=outcome.reason,
            score=round(verdict.score, 4),
            mode=_mode(model),
            model=model.name if model is not None else None,
            claims=outcome.claims,
            complete=outcome.complete,
            evidence=hits,
            usage=outcome.usage,
            elapsed_ms=round((time.perf_counter() - started) * 1000, 1),
            thread=thread,
        )
    )


def _mode(model: Model | None) -> Mode:
    if model is None:
        return "extractive"
    return "agent" if model.capabilities.tools else "fixed"


def _absent(verdict: Verdict) -> _Outcome:
    return _Outcome(absent_text(verdict), "absent", verdict.reason, abstained=True)


async def _extract(asked: _Asked) -> AsyncGenerator[Event | _Outcome, None]:
    """The best quotes, without a model."""
    outcome = await asyncio.to_thread(_extracted, asked)
    for claim in outcome.claims:
        yield ClaimChecked(claim=claim)
    yield TextDelta(text=outcome.text)
    yield outcome


def _extracted(asked: _Asked) -> _Outcome:
    verdict = asked.verdict
    excerpts = read(asked.question, asked.hits, gate=asked.gate, embedder=asked.embedder)
    if not excerpts:
        reason = "no sentence of the nearest passages stands on its page as it was read"
        return _absent(Verdict("absent", verdict.score, reason))
    # The words themselves are the statement: nothing is said that the paper does not say.
    claims = tuple(asked.gate.judge(Claim(text=e.sentence, quotes=(e.quote,))) for e in excerpts)
    text = extractive_text(asked.question, excerpts, verdict, papers=asked.papers)
    return _Outcome(text, verdict.confidence, verdict.reason, claims)


async def _with_model(
    asked: _Asked, model: Model, thread: str | None
) -> AsyncGenerator[Event | _Outcome, None]:
    """The agent or the fixed path; what the model can't answer verifiably falls to the reader."""
    from assistant.agent import answer_with_tools
    from assistant.composing import Composed
    from assistant.fixed_path import answer_fixed

    path = answer_with_tools if model.capabilities.tools else answer_fixed
    conversation = await asyncio.to_thread(_conversation, asked.lookup.library, thread)
    steps = path(
        asked.question,
        asked.hits,
        lookup=asked.lookup,
        model=model,
        gate=asked.gate,
        conversation=conversation,
    )
    composed: Composed | None = None
    async with aclosing(steps) as events:
        async for event in events:
            if isinstance(event, Composed):
                composed = event
            else:
                yield event
    assert composed is not None
    verdict = asked.verdict
    if any(bears(claim) for claim in composed.claims):
        names = {paper.ref: paper.short_name for paper in asked.papers.values()}
        outcome = _Outcome(
            composed_text(composed.claims, names),
            verdict.confidence,
            verdict.reason,
            composed.claims,
            complete=composed.complete,
            usage=composed.usage,
        )
    elif composed.answerable is False and not composed.claims:
        reason = f"{model.name} found no answer in the passages that come nearest"
        text = absent_text(Verdict("absent", verdict.score, reason))
        outcome = _Outcome(
            text, "unsure", reason, (), True, composed.complete, usage=composed.usage
        )
    else:
        outcome = await asyncio.to_thread(_rescued, asked, composed, model)
    yield outcome


def _rescued(asked: _Asked, composed: Composed, model: Model) -> _Outcome:
    """Nothing that the model said can be shown: the reader's quotes instead, and that it is so."""
    extracted = _extracted(asked)
    if composed.claims:
        reason = f"nothing that {model.name} stated could be verified"
    elif composed.complete:
        reason = f"{model.name} did not answer in the form asked for"
    else:
        reason = f"the answer of {model.name} broke off"
    return _Outcome(
        f"{reason[0].upper()}{reason[1:]}; these are the papers' own words.\n\n{extracted.text}",
        "absent" if extracted.abstained else "unsure",
        reason,
        (*extracted.claims, *composed.claims),
        extracted.abstained,
        composed.complete,
        composed.usage,
    )


def _conversation(library: Library, thread: str | None) -> list[Message]:
    """The last questions and answers of the thread, oldest first."""
    from assistant.turns import Message

    if thread is None:
        return []
    told: list[Message] = []
    for stored in library.answers.thread(thread)[-_REMEMBERED:]:
        earlier = str(json.loads(stored.document)["answer"])
        told += [Message("user", stored.question), Message("assistant", earlier)]
    return told
