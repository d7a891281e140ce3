"""The key map: complete, without clashes, and the page in the docs made from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support_tui import open_app, screen_text, until

from tui import keys
from tui.app import PaperdeskApp
from tui.keys import Key, key_page
from tui.screens.help import HelpScreen

pytestmark = pytest.mark.anyio


TABLES = {
    name: table
    for name, table in vars(keys).items()
    if name.isupper() and isinstance(table, tuple) and table and isinstance(table[0], Key)
}


def test_docs_page_is_made_from_the_key_map() -> None:
    page = Path(__file__).parents[1] / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == key_page(), "run: python -m tui.keys > docs/keys.md"


def test_every_action_says_what_it_is() -> None:
    ids = Counter(key.id for table in TABLES.values() for key in table)
    assert not [name for name, times in ids.items() if times > 1]
    for table in TABLES.values():
        assert all(key.description and key.tooltip and key.display for key in table)


def test_every_table_is_in_the_docs() -> None:
    page = key_page()
    missing = [k.id for table in TABLES.values() for k in table if k.tooltip not in page]
    assert missing == []


@pytest.mark.parametrize("place", keys.PLACES)
def test_no_key_does_two_things_in_a_place(place: str) -> None:
    everywhere = (*keys.EVERYWHERE, *keys.IN_A_PLACE)
    pressed = Counter(
        key for entry in (*keys.PLACES[place], *everywhere) for key in entry.keys.split(",")
    )
    assert not [key for key, times in pressed.items() if times > 1]


def test_every_action_exists() -> None:
    for place, open_place in PaperdeskApp.MODES.items():
        screen = type(open_place())
        for key in keys.commands(place):
            name = f"action_{key.action.split('(')[0]}"
            assert hasattr(screen, name) or hasattr(PaperdeskApp, name), (place, key.id)


async def test_palette_offers_the_actions_of_the_place() -> None:
    app = open_app()
    async with app.run_test(size=(100, 40)) as pilot:
        offered = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Sync  (s)", "Add  (a)", "Ask  (2)", "Quit  (^q)"} <= offered
        await pilot.press("ctrl+p")
        await pilot.press(*"sync all")
        await pilot.pause(0.3)
        assert "Sync all" in screen_text(app)


async def test_help_lists_the_keys_of_the_place() -> None:
    for place, table in keys.PLACES.items():
        shown = HelpScreen(place).content().plain
        assert all(key.tooltip in shown for key in (*table, *keys.EVERYWHERE))
    app = open_app()
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "Help · Library" in screen_text(app))
        assert keys.LIBRARY[-1].tooltip in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.PLACE == "library")
