"""How the command line shows an answer."""

from __future__ import annotations

from assistant.cli.asking import answer_markdown
from assistant.results import Answer, Claim, Quote

QUOTE = Quote(ref="arxiv:2401.99991v1", page=2, text="Equal intervals do bet-\nter.", verified=True)


def answer(claim: Claim, **fields: object) -> Answer:
    values: dict[str, object] = {
        "question": "Which is better?",
        "answer": "From p. 2:",
        "abstained": False,
        "confidence": "found",
        "mode": "fixed",
        "claims": (claim,),
    }
    return Answer.model_validate(values | fields)


def test_what_the_gate_thought_of_a_claim_is_said() -> None:
    supported = answer_markdown(answer(Claim(text="Equal ones.", quotes=(QUOTE,))), {})
    assert "> “Equal intervals do bet-ter.” (p. 2)" in supported
    assert "Not supported" not in supported
    doubted = Claim(text="By 40 %.", quotes=(QUOTE,), supported=False)
    assert "Not supported by its quote: By 40 %." in answer_markdown(answer(doubted), {})
    struck = Claim(text="By 50 %.", struck="it names no quote")
    assert "Struck: By 50 % (it names no quote)" in answer_markdown(answer(struck), {}).replace(
        "%.", "%"
    )


def test_a_doubt_is_said_once() -> None:
    claim = Claim(text="Equal ones.", quotes=(QUOTE,))
    reason = "the passages name no animal"
    once = answer(claim, confidence="unsure", reason=reason, answer=f"Perhaps not ({reason}).")
    assert answer_markdown(once, {}).count(reason) == 1
    silent = answer(claim, confidence="unsure", reason=reason)
    assert f"Unsure: {reason}" in answer_markdown(silent, {})
