"""Hostile text, any size of window, any theme: nothing crashes and nothing leaks."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from support_tui import (
    FakeAssistant,
    answer,
    claims,
    course_of,
    listed,
    open_app,
    screen_text,
    told,
    until,
)
from textual.pilot import Pilot

from assistant.events import Done, TextDelta
from assistant.results import Claim, Quote

pytestmark = pytest.mark.anyio
# textual-image still asks Pillow in a way that Pillow 14 will end.
drawing = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")


HOSTILE = (
    "[/foo] [b]bold[/b] [@click=app.quit]x[/] "
    "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m "
    "\u202eright\u2066to left\u200b "
    "{braces} $primary \\[ end"
)
FOREIGN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069]")


def hostile_library() -> FakeAssistant:
    papers = [
        listed(1, title=HOSTILE, authors=(HOSTILE, ""), url="https://example.org/[/x]"),
        listed(2, title=HOSTILE, course=None, weeks=()),
    ]
    fake = FakeAssistant(papers)
    week = fake.lists[0].weeks[0].model_copy(update={"title": HOSTILE, "speaker": HOSTILE})
    fake.lists = [course_of(papers).model_copy(update={"course": HOSTILE, "weeks": (week,)})]
    fake.page_text = HOSTILE
    fake.holder = HOSTILE
    said = Claim(
        text=HOSTILE,
        quotes=(Quote(ref="arxiv:2401.00001v1", page=2, text=HOSTILE, verified=True),),
    )
    struck = claims()[2].model_copy(update={"struck": HOSTILE, "text": HOSTILE})
    given = answer(HOSTILE, claims=(said, struck), answer=HOSTILE, model=HOSTILE)
    fake.script["ask"] = [TextDelta(text=HOSTILE), Done(result=given)]
    return fake


async def test_foreign_text_is_shown_and_never_obeyed() -> None:
    app = open_app(hostile_library())
    async with app.run_test(size=(140, 40)) as pilot:
        seen = []
        for keys in (["down"], ["space"], ["x"], ["escape"], ["2"]):
            await pilot.press(*keys)
            await pilot.pause()
            seen.append(screen_text(app))
        app.screen.query_one("#prompt").text = HOSTILE
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.chosen is not None)
        await pilot.pause()
        seen.append(screen_text(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.screen.PLACE == "reader")
        await pilot.pause()
        seen.append(screen_text(app))
        await pilot.press("p")
        await until(pilot, lambda: app.screen.PLACE == "report" and app.screen.claims())
        seen.append(screen_text(app))
    assert "[/foo] [b]bold[/b] [@click=app.quit]x[/]" in seen[0]
    for shown in seen:
        assert FOREIGN.findall(shown.replace("\n", "")) == []


SIZES = [(40, 12), (79, 30), (120, 15), (1, 1)]


async def test_every_place_survives_every_size() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await visit_all(app, pilot)
        for place in "1234":
            await app.switch_mode(["library", "ask", "reader", "report"][int(place) - 1])
            for width, height in SIZES:
                await pilot.resize_terminal(width, height)
                await pilot.pause()
                if width >= 40 and app.focused is not None:
                    assert focus_is_seen(app), (place, width, height, app.focused)


@drawing
async def test_random_keys_and_sizes() -> None:
    keys = [*"12345aiuprxyovnNgGhjklsSQAYwd[]/", "tab", "shift+tab", "enter", "escape"]
    keys += ["down", "up", "space", "ctrl+t", "ctrl+n", "f2", "question_mark", "pagedown"]
    keys = ["left_square_bracket" if k == "[" else k for k in keys if k not in ("d", "o")]
    chance = random.Random(20240405)
    app = open_app()
    opened: list[str] = []
    app.open_url = lambda url, **_: opened.append(url)  # type: ignore[method-assign]
    async with app.run_test(size=(100, 30)) as pilot:
        for _ in range(35):
            if chance.random() < 0.1:
                await pilot.resize_terminal(chance.randint(40, 160), chance.randint(12, 50))
            await pilot.press(chance.choice(keys))
        assert app.is_running


async def test_both_themes() -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for theme in ("paperdesk-light", "paperdesk-dark"):
            await pilot.press("f2")
            await pilot.pause()
            assert app.theme == theme
            assert "Spacing Reviews" in screen_text(app)


async def test_without_colour_the_cursor_is_still_marked(monkeypatch: Any) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("down")
        await pilot.pause()
        assert app.no_color
        assert "▸ 1     5 Apr" in screen_text(app)


async def test_ctrl_c_explains_and_ctrl_q_quits() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "to quit" in told(app))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0


async def test_ten_thousand_papers_are_drawn_only_where_they_are_seen() -> None:
    papers = [listed(1).model_copy(update={"key": f"k{n}", "ref": f"r{n}"}) for n in range(10_000)]
    fake = FakeAssistant(papers)
    fake.lists = []
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        readings = app.screen.query_one("#reading-list")
        drawn = 0
        row_type = type(readings.rows[0])
        draw = row_type.draw

        def counted(row: Any, width: int) -> Any:
            nonlocal drawn
            drawn += 1
            return draw(row, width)

        row_type.draw = counted
        try:
            await pilot.press("G")
            await pilot.pause()
        finally:
            row_type.draw = draw
        assert readings.cursor == 9_999
        assert 0 < drawn < 300


async def visit_all(app: Any, pilot: Pilot[Any]) -> None:
    """Fill every place with something."""
    await pilot.press("down", "2")
    await until(pilot, lambda: app.screen.PLACE == "ask")
    app.screen.query_one("#prompt").text = "Why?"
    await pilot.press("enter")
    await until(pilot, lambda: app.screen.chosen is not None)
    await pilot.press("tab", "enter")
    await until(pilot, lambda: app.screen.PLACE == "reader")
    await pilot.press("p")
    await until(pilot, lambda: app.screen.PLACE == "report" and app.screen.claims())


def focus_is_seen(app: Any) -> bool:
    region = app.focused.region
    return bool(region.area) and app.screen.region.overlaps(region)


async def test_a_crash_says_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_app(FakeAssistant([]))
    shown: list[str] = []
    monkeypatch.setattr(app, "panic", lambda *said: shown.extend(str(part) for part in said))

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app._handle_exception(RuntimeError("first"))
        app._exception = None  # what run_test would raise again
        [line] = shown
        assert line.startswith("paperdesk: this should not have happened: RuntimeError: first;")
        assert "\n" not in line
