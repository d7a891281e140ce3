"""A model with tools: it looks things up until it can answer, then its claims are verified.

The loop is our own, on llama-index's chat interface: its agent runs tools on truncated arguments
and takes a printed tool call for an answer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from assistant.composing import ANSWER_TOKENS, Composed, compose, composed, read_claim, words_of
from assistant.connection import Model
from assistant.events import ClaimChecked, Event, EvidenceFound, Step, TextDelta
from assistant.evidence import Evidence
from assistant.gate import Gate
from assistant.lookup import Lookup
from assistant.prompts import prompt
from assistant.results import Claim, Usage, add_usage
from assistant.structured import ItemReader
from assistant.tools import Tools
from assistant.turns import Message, Reply, ToolCall, ToolSpec
from indexes.hits import Hit

STEPS = 8  # turns in which tools may be called
_REPEATS = 2  # of the same call with the same arguments
_GIVEN = 6
_GIVEN_WORDS = 900
_RESULT_WORDS = 1200


async def answer_with_tools(
    question: str,
    hits: Sequence[Hit],
    *,
    lookup: Lookup,
    model: Model,
    gate: Gate,
    conversation: Sequence[Message] = (),
) -> AsyncGenerator[Event | Composed, None]:
    """Tool calls as steps, claims as they come, the composed answer last. Raises ModelError."""
    evidence = Evidence(hits[:_GIVEN])
    tools = Tools(lookup, evidence)
    specs = tools.specs()
    given = evidence.render(_GIVEN_WORDS)
    messages = [
        Message("system", prompt("agent")),
        *conversation,
        Message("user", f"Passages:\n\n{given}\n\nQuestion: {question}"),
    ]
    usage = Usage()
    asked: Counter[tuple[str, str]] = Counter()
    for _ in range(STEPS):
        claims: list[Claim] = []
        reply: Reply | None = None
        turn = _turn(messages, specs, claims, evidence, model=model, gate=gate)
        async with aclosing(turn) as events:
            async for event in events:
                if isinstance(event, Reply):
                    reply = event
                else:
                    yield event
        assert reply is not None
        if not reply.calls:
            answer = composed(reply, claims)
            if answer.wellformed or not answer.complete:
                yield answer.after(usage)
                return
            usage = add_usage(usage, reply.usage)
            break
        usage = add_usage(usage, reply.usage)
        messages.append(Message("assistant", reply.text, calls=reply.calls))
        known = len(evidence.hits)
        for call in reply.calls:
            asked[call.name, call.arguments] += 1
            again = asked[call.name, call.arguments] >= _REPEATS
            yield Step(name=call.name, detail=call.arguments)
            text, failed = await _result(tools, call, complete=reply.complete, again=again)
            messages.append(Message("tool", text, answers=call.id))
            yield Step(name=call.name, detail=call.arguments, status="failed" if failed else "done")
        if len(evidence.hits) > known:
            yield EvidenceFound(hits=evidence.hits)
        words = sum(len(message.content.split()) for message in messages)
        if max(asked.values()) > _REPEATS or words > words_of(model) - _RESULT_WORDS:
            break
    # Out of steps or room, in circles, or an answer in no form: it answers from what was found.
    yield Step(name="compose", detail=model.name)
    final = compose(question, evidence, model=model, gate=gate, conversation=conversation)
    async with aclosing(final) as composing:
        async for part in composing:
            yield part.after(usage) if isinstance(part, Composed) else part
    yield Step(name="compose", detail=model.name, status="done")


async def _turn(
    messages: Sequence[Message],
    specs: Sequence[ToolSpec],
    claims: list[Claim],
    evidence: Evidence,
    *,
    model: Model,
    gate: Gate,
) -> AsyncGenerator[Event | Reply, None]:
    """One turn; the claims in its text are judged and put into `claims` as they come."""
    items = ItemReader("claims")
    turn = model.stream(messages, tools=specs, max_tokens=ANSWER_TOKENS)
    async with aclosing(turn) as events:
        async for event in events:
            if not isinstance(event, TextDelta):
                yield event
                continue
            for item in items.feed(event.text):
                claim = await asyncio.to_thread(read_claim, item, evidence, gate)
                if claim is not None:
                    claims.append(claim)
                    yield TextDelta(text=f"{claim.text}\n")
                    yield ClaimChecked(claim=claim)


async def _result(tools: Tools, call: ToolCall, *, complete: bool, again: bool) -> tuple[str, bool]:
    """What is told to the model about its call, and whether it failed."""
    if not complete:
        return "Not run: the call was cut off.", True
    if again:
        return "Not run: you asked this before. Use what you have, or answer.", True
    result = await tools.run(call)
    words = result.text.split(" ")
    return " ".join(words[:_RESULT_WORDS]), result.failed
