"""The ask place: streaming, claims and their evidence, stopping, scope."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from support_tui import (
    QUOTE,
    FakeAssistant,
    answer,
    claims,
    hit,
    open_app,
    screen_text,
    until,
)
from textual.pilot import Pilot

from assistant.events import Done, EvidenceFound, Failed, Step, TextDelta
from indexes.errors import ErrorDocument
from indexes.notebook import StoredAnswer

pytestmark = pytest.mark.anyio


async def ask(app: Any, pilot: Pilot[Any], question: str = "Why?") -> None:
    await pilot.press("2")
    await until(pilot, lambda: app.screen.PLACE == "ask" and app.focused is not None)
    app.screen.query_one("#prompt").text = question
    await pilot.press("enter")


async def settled(app: Any, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: app.screen.job is None and app.screen.chosen is not None)
    await until(pilot, lambda: "Evidence for" in screen_text(app))


async def test_claims_are_numbered_and_the_evidence_follows() -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(app, pilot)
        await settled(app, pilot)
        shown = screen_text(app)
        assert "1 ✓ Uniform schedules lose most" in shown
        assert "[Writer et al. 2024 p. 2]" in shown
        assert "3 ✗ Eight heads are used." in shown
        assert "struck: its quote does not stand on page 1" in shown
        assert "◐ 2 of 3 verified" in shown
        assert f"“{QUOTE}" in shown
        await pilot.press("tab", "right_square_bracket")
        await until(pilot, lambda: "spends its reviews where the curve" in screen_text(app))
        await pilot.press("j")
        await until(pilot, lambda: "✗ 0 of 1" in screen_text(app))
        assert "not on this page" in screen_text(app)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "Evidence for 2" in screen_text(app))


async def test_the_draft_streams_and_gives_way_to_the_claims() -> None:
    fake = FakeAssistant()
    go_on = asyncio.Event()
    fake.script["ask"] = [
        Step(name="rewrite", detail="two queries"),
        EvidenceFound(hits=(hit(),)),
        TextDelta(text="A **provisional** draft [with](https://example.org) a link"),
        go_on.wait,
        Done(result=answer("Why?")),
    ]
    app = open_app(fake)
    async with app.run_test(size=(140, 40)) as pilot:
        await ask(app, pilot)
        await until(pilot, lambda: "A provisional draft" in screen_text(app))
        assert "⟳ rewrite two queries" in screen_text(app)
        assert "⟳ asking" in screen_text(app)
        assert "1 Introduction" in screen_text(app)  # the passage found, before any claim
        go_on.set()
        await settled(app, pilot)
        assert "provisional" not in screen_text(app)


async def test_escape_stops_the_answer_then_goes_home() -> None:
    fake = FakeAssistant()
    fake.script["ask"] = [TextDelta(text="Half an answer"), asyncio.Event().wait]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await until(pilot, lambda: "Half an answer" in screen_text(app))
        loop = asyncio.get_running_loop()
        before = loop.time()
        await pilot.press("escape")
        await until(pilot, lambda: fake.closed == ["ask"])
        assert loop.time() - before < 0.2
        await until(pilot, lambda: "✗ stopped" in screen_text(app))
        assert "Half an answer" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.PLACE == "library")


async def test_what_is_not_in_the_papers_is_said_so() -> None:
    fake = FakeAssistant()
    absent = answer(
        "Why?", abstained=True, confidence="absent", claims=(), reason="No passage is about it."
    )
    fake.script["ask"] = [Done(result=absent)]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await until(pilot, lambda: "Not in your papers. No passage is" in screen_text(app))
        assert QUOTE[:40] in screen_text(app)  # the nearest passage


async def test_a_failure_is_told_and_the_question_stays() -> None:
    fake = FakeAssistant()
    error = ErrorDocument(code="model", message="the model is down", remedy="try --no-llm")
    fake.script["ask"] = [Failed(error=error)]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await until(pilot, lambda: "try --no-llm" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "✗ the model is down" in screen_text(app))
        assert "› Why?" in screen_text(app)


async def test_scope_goes_round_and_into_the_question() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down")
        await until(pilot, lambda: app.desk.group and app.desk.group.startswith("week:"))
        await pilot.press("2")
        await until(pilot, lambda: app.screen.PLACE == "ask")
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "week 1 ›" in screen_text(app))
        await pilot.press(*"Why", "enter")
        await until(pilot, lambda: fake.called("ask"))
        assert fake.called("ask")[0][1]["week"] == "1"
        await settled(app, pilot)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "Spacing Reviews on an Expanding Schedule ›" in screen_text(app))
        await pilot.press(*"And", "enter")
        await until(pilot, lambda: len(fake.called("ask")) == 2)
        assert fake.called("ask")[1][1]["refs"] == ("arxiv:2401.00001v1",)
        assert fake.called("ask")[1][1]["thread"] == "t1"


async def test_new_thread_forgets() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await settled(app, pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.screen.claims())
        await pilot.press(*"Again", "enter")
        await until(pilot, lambda: len(fake.called("ask")) == 2)
        assert fake.called("ask")[1][1]["thread"] is None


async def test_letters_in_the_prompt_are_letters() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await settled(app, pilot)
        await pilot.press(*"12say?[x]", "enter")
        await until(pilot, lambda: len(fake.called("ask")) == 2)
        assert fake.called("ask")[1][0] == ("12say?[x]",)
        await settled(app, pilot)
        await pilot.press("up")
        await pilot.pause()
        assert app.screen.query_one("#prompt").text == "12say?[x]"
        await pilot.press("ctrl+j", *"more")
        assert app.screen.query_one("#prompt").text.endswith("\nmore")


async def test_enter_on_a_claim_opens_its_page_with_the_quote_painted() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await settled(app, pilot)
        await pilot.press("tab", "left_square_bracket", "left_square_bracket", "enter")
        await until(pilot, lambda: app.screen.PLACE == "reader")
        await until(pilot, lambda: "✓ quote · p. 2/3" in screen_text(app))
        assert len(app.screen.query(".paragraph.-marked")) == 1


async def test_copying_a_claim_and_all_of_them() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot)
        await settled(app, pilot)
        await pilot.press("tab", "y")
        assert app.clipboard.startswith("1. Uniform schedules lose")
        assert f"> “{QUOTE}” (Writer et al. 2024, p. 2)" in app.clipboard
        await pilot.press("Y")
        assert "**Why?**" in app.clipboard
        assert "3. Eight heads are used. (struck:" in app.clipboard


async def test_an_answer_given_before_opens_again() -> None:
    fake = FakeAssistant()
    given = answer("What was asked?", claims=claims()[:1])
    fake.stored = [
        StoredAnswer(
            id=1,
            thread="t",
            asked_at=dt.datetime(2024, 4, 5, tzinfo=dt.UTC),
            question=given.question,
            scope="",
            mode=given.mode,
            model=None,
            document=given.model_dump_json(),
        )
    ]
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "What was asked?" in screen_text(app))
        await pilot.press("shift+tab", "enter")
        await until(pilot, lambda: "✓ 1 of 1 verified" in screen_text(app))
