"""A model without tools: rewrite the question, retrieve, compose, verify."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from pydantic import BaseModel, Field, ValidationError

from assistant.composing import Composed, compose
from assistant.connection import Model
from assistant.events import Event, EvidenceFound, Step
from assistant.evidence import Evidence
from assistant.gate import Gate
from assistant.lookup import Lookup
from assistant.prompts import prompt
from assistant.structured import first_json
from assistant.turns import Message, Reply
from indexes.hits import Hit

_REWRITE_TOKENS = 120
_FIRST = 6  # of the question's own hits, before those of its rewritten forms
_EACH = 6


class _Queries(BaseModel):
    queries: list[str] = Field(max_length=3)


async def answer_fixed(
    question: str,
    hits: Sequence[Hit],
    *,
    lookup: Lookup,
    model: Model,
    gate: Gate,
    conversation: Sequence[Message] = (),
) -> AsyncGenerator[Event | Composed, None]:
    """Steps, claims as they come, the composed answer last. Raises ModelError."""
    yield Step(name="rewrite")
    asked = [Message("system", prompt("rewrite")), *conversation, Message("user", question)]
    reply: Reply | None = None
    turn = model.stream(asked, schema=_Queries, max_tokens=_REWRITE_TOKENS)
    async with aclosing(turn) as rewriting:
        async for said in rewriting:
            if isinstance(said, Reply):
                reply = said
            elif isinstance(said, Step):
                yield said
    assert reply is not None
    queries = _queries(reply.text)
    # A question that can't be rewritten is still a question.
    yield Step(name="rewrite", detail="; ".join(queries), status="done" if queries else "failed")

    evidence = Evidence(hits[:_FIRST])
    for query in queries:
        yield Step(name="search", detail=query)
        evidence.add(await lookup.search(query, _EACH))
        yield Step(name="search", detail=query, status="done")
    evidence.add(hits[_FIRST:])
    if len(evidence.hits) > len(hits):
        yield EvidenceFound(hits=evidence.hits)

    yield Step(name="compose", detail=model.name)
    answer = compose(question, evidence, model=model, gate=gate, conversation=conversation)
    async with aclosing(answer) as events:
        async for event in events:
            yield event.after(reply.usage) if isinstance(event, Composed) else event
    yield Step(name="compose", detail=model.name, status="done")


def _queries(text: str) -> list[str]:
    try:
        queries = _Queries.model_validate(first_json(text)).queries
    except ValidationError:
        return []
    return [query.strip() for query in queries if query.strip()][:2]
