"""An answer composed by a model: claims with quotes, checked one by one as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field, ValidationError

from assistant.connection import Model
from assistant.events import ClaimChecked, Event, TextDelta
from assistant.evidence import Evidence
from assistant.gate import Gate
from assistant.prompts import prompt
from assistant.results import Claim, Usage, add_usage
from assistant.structured import ItemReader, first_json
from assistant.turns import Message, Reply

ANSWER_TOKENS = 1200
_WORDS_PER_TOKEN = 0.6
_PROMPT_TOKENS = 900  # instructions, question and conversation


class DraftQuote(BaseModel):
    """Words copied from the passage of that label."""

    passage: str
    text: str


class DraftClaim(BaseModel):
    """One statement of the answer and the quotes it rests on."""

    text: str
    quotes: list[DraftQuote] = Field(max_length=3)


class DraftAnswer(BaseModel):
    """What a model is asked to fill in; claims are empty where the passages don't answer."""

    answerable: bool
    claims: list[DraftClaim] = Field(max_length=8)


@dataclass(frozen=True)
class Composed:
    """The claims as the gate left them. `answerable` is the model's own word, None if it said none.

    `wellformed` is False where nothing of the form asked for came.
    """

    claims: tuple[Claim, ...]
    answerable: bool | None
    wellformed: bool
    complete: bool
    usage: Usage

    def after(self, earlier: Usage) -> Composed:
        """The same with the requests before it counted in."""
        return replace(self, usage=add_usage(earlier, self.usage))


async def compose(
    question: str,
    evidence: Evidence,
    *,
    model: Model,
    gate: Gate,
    conversation: Sequence[Message] = (),
) -> AsyncGenerator[Event | Composed, None]:
    """Ask for the answer; each claim is judged and shown when it is whole. Raises ModelError."""
    passages = evidence.render(max(150, words_of(model)))
    messages = [
        Message("system", prompt("compose")),
        *conversation,
        Message("user", f"Passages:\n\n{passages}\n\nQuestion: {question}"),
    ]
    items = ItemReader("claims")
    claims: list[Claim] = []
    reply: Reply | None = None
    turn = model.stream(messages, schema=DraftAnswer, max_tokens=ANSWER_TOKENS)
    async with aclosing(turn) as events:
        async for event in events:
            if isinstance(event, Reply):
                reply = event
            elif isinstance(event, TextDelta):
                for item in items.feed(event.text):
                    claim = await asyncio.to_thread(read_claim, item, evidence, gate)
                    if claim is not None:
                        claims.append(claim)
                        yield TextDelta(text=f"{claim.text}\n")
                        yield ClaimChecked(claim=claim)
            else:
                yield event
    assert reply is not None
    yield composed(reply, claims)


def words_of(model: Model) -> int:
    """How many words of papers fit into the model's context beside everything else."""
    room = model.capabilities.context - ANSWER_TOKENS - _PROMPT_TOKENS
    return int(room * _WORDS_PER_TOKEN)


def composed(reply: Reply, claims: Sequence[Claim]) -> Composed:
    """The end of an answer whose claims were read from `reply`."""
    document = first_json(reply.text) or {}
    said = document.get("answerable")
    return Composed(
        claims=tuple(claims),
        answerable=said if isinstance(said, bool) else None,
        wellformed=bool(claims) or isinstance(said, bool),
        complete=reply.complete,
        usage=reply.usage,
    )


def read_claim(item: object, evidence: Evidence, gate: Gate) -> Claim | None:
    """A claim as a model wrote it, judged; None for what is no claim."""
    try:
        draft = DraftClaim.model_validate(item)
    except ValidationError:
        return None
    if not draft.text.strip():
        return None
    quotes = [evidence.quote(q.passage, q.text, gate) for q in draft.quotes]
    if any(quote is None for quote in quotes):
        return Claim(text=draft.text, struck="it cites a passage that was not shown")
    return gate.judge(Claim(text=draft.text, quotes=tuple(q for q in quotes if q is not None)))
