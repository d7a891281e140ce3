"""Reader and report: pages, quotes, search, documents, saving."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support_tui import PAGE, QUOTE, FakeAssistant, open_app, screen_text, told, until
from textual.pilot import Pilot

from assistant.events import Failed
from indexes.errors import ErrorDocument
from indexes.papers import ReadingStatus
from tui.page_text import find_quote, reflow

pytestmark = pytest.mark.anyio
# textual-image still asks Pillow in a way that Pillow 14 will end.
drawing = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")


async def read(app: Any, pilot: Pilot[Any]) -> None:
    """Open the first paper of week 1."""
    await pilot.press("down")
    await until(pilot, lambda: app.desk.group and app.desk.group.startswith("week:"))
    await pilot.press("3")
    await until(pilot, lambda: app.screen.PLACE == "reader" and "p. 1/3" in screen_text(app))


async def draft(app: Any, pilot: Pilot[Any], key: str = "p") -> None:
    await pilot.press(key)
    await until(pilot, lambda: app.screen.PLACE == "report")
    await until(pilot, lambda: "◐ 2 of 3 verified" in screen_text(app))


async def test_pages_turn_and_stop_at_both_ends() -> None:
    app = open_app()
    async with app.run_test(size=(140, 30)) as pilot:
        await read(app, pilot)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "p. 2/3" in screen_text(app))
        assert "steepest and therefore" in screen_text(app)  # the hyphen was mended
        assert "§ 1 Introduction" in screen_text(app)
        await pilot.press("l", "l")
        await until(pilot, lambda: "That is the last page" in told(app))
        await pilot.press("h")
        await until(pilot, lambda: "p. 2/3" in screen_text(app))


async def test_the_outline_leads_to_its_page() -> None:
    app = open_app()
    async with app.run_test(size=(140, 30)) as pilot:
        await read(app, pilot)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "p. 2/3" in screen_text(app))


async def test_search_finds_words_across_lines_and_goes_round() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await read(app, pilot)
        await pilot.press("slash", *"end", "enter")
        await until(pilot, lambda: "p. 2/3" in screen_text(app))  # "bend"
        await pilot.press("n")
        await until(pilot, lambda: "p. 3/3" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: "p. 2/3" in screen_text(app))
        await pilot.press("N")
        await until(pilot, lambda: "p. 3/3" in screen_text(app))
        await pilot.press("slash", *"zz", "enter")
        await until(pilot, lambda: "is not in this paper" in told(app))
        await pilot.press("slash", "escape")
        await until(pilot, lambda: not app.screen.query_one("#search").display)
        assert app.screen.PLACE == "reader"


@drawing
async def test_the_page_as_an_image_and_back() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await read(app, pilot)
        await pilot.press("v")
        await until(pilot, lambda: app.screen.query(".page-image"))
        await until(pilot, lambda: app.screen.query_one(".page-image").region.height > 40)
        await pilot.press("v")
        await until(pilot, lambda: "A title page" in screen_text(app))


async def test_a_paper_that_is_being_read_remembers_its_page() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await read(app, pilot)
        await pilot.press("space")
        await until(pilot, lambda: fake.called("set_status"))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: len(fake.called("set_status")) == 2)
        expected = (("arxiv:2401.00001v1", ReadingStatus.READING), {"page": 2})
        assert fake.called("set_status")[1] == expected


async def test_the_reader_leads_on_to_questions_and_reports() -> None:
    app = open_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await read(app, pilot)
        await pilot.press("y")
        assert app.clipboard == "A title page\n"
        await pilot.press("A")
        await until(pilot, lambda: app.screen.PLACE == "ask")
        assert app.desk.scope.refs == ("arxiv:2401.00001v1",)


async def test_an_empty_reader_says_what_to_do() -> None:
    app = open_app(FakeAssistant([]))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "Nothing is open." in screen_text(app))
        await pilot.press("right_square_bracket", "n", "escape", "y", "v")
        await pilot.pause()


@pytest.mark.parametrize(("key", "call"), [("p", "draft_report"), ("u", "summarize")])
async def test_a_document_shows_its_points_and_their_evidence(key: str, call: str) -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await draft(app, pilot, key)
        assert fake.called(call)
        shown = screen_text(app)
        assert "Problem" in shown
        assert "1 page · 180 words" in shown
        assert "[p. 2]" in shown  # one paper: its name would say nothing
        await until(pilot, lambda: screen_text(app).count(f"“{QUOTE}”") == 2)
        await pilot.press("j")
        await until(pilot, lambda: "Evidence for 2" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "✓ quote · p. 2/3" in screen_text(app))


async def test_questions_and_redrafting() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await draft(app, pilot)
        await pilot.press("Q")
        await until(pilot, lambda: "Questions · Spacing" in screen_text(app))
        assert fake.called("speaker_questions")[0][0] == (("arxiv:2401.00001v1",),)


async def test_saving_writes_what_is_on_the_screen(tmp_path: Path) -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await draft(app, pilot)
        await pilot.press("w")
        await until(pilot, lambda: "Save as" in screen_text(app))
        path = tmp_path / "out.pdf"
        app.screen.query_one("Input").value = str(path)
        await pilot.press("enter")
        await until(pilot, lambda: fake.called("save_document"))
        assert fake.called("save_document")[0][0][1] == path
        await until(pilot, lambda: "Saved" in told(app))
        await pilot.press("Y")
        assert app.clipboard == "# Spacing Reviews\n"


async def test_a_draft_can_be_stopped() -> None:
    fake = FakeAssistant()
    fake.script["draft_report"] = [asyncio.Event().wait]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: fake.called("draft_report"))
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing is drafted yet" in screen_text(app))
        assert fake.closed == ["draft_report"]


async def test_a_failed_draft_is_told() -> None:
    fake = FakeAssistant()
    error = ErrorDocument(code="usage", message="not read in yet", remedy="sync")
    fake.script["draft_report"] = [Failed(error=error)]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: "not read in yet" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing is drafted yet" in screen_text(app))


async def test_what_is_not_indexed_is_not_drafted() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("G", "p")
        await until(pilot, lambda: "is not indexed yet" in told(app))
        assert app.screen.PLACE == "library"
        assert not fake.called("draft_report")


def test_reflow_joins_lines_and_keeps_short_ones_apart() -> None:
    paragraphs = reflow(PAGE)
    assert paragraphs[0] == "1 Introduction"
    assert "steepest and therefore keeps more of what was learned." in paragraphs[1]
    assert paragraphs[-1] == "Table 1\n12 words"
    assert reflow(" \n\n") == []


@pytest.mark.parametrize(
    ("quote", "painted"),
    [
        (QUOTE, [QUOTE]),
        ("where the curve is steepest", ["where the curve is steepest"]),
        ("“It's ﬁne”", ['"It’s fine"']),
        ("first and\nsecond", ["first and", "second"]),
        ("nowhere to be found", []),
        ("", []),
    ],
)
def test_a_quote_is_painted_where_it_stands(quote: str, painted: list[str]) -> None:
    paragraphs = [*reflow(PAGE), 'He said "It’s fine" there.', "At first and", "second."]
    places = find_quote(quote, paragraphs)
    assert [paragraphs[number][start:end] for number, start, end in places] == painted
