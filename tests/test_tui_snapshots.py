"""Pictures of the main screens; after a change on purpose: pytest --snapshot-update."""

from __future__ import annotations

from typing import Any

import pytest
from support_tui import open_app, until
from textual.pilot import Pilot

NARROW, WIDE = (80, 24), (140, 40)


async def library(app: Any, pilot: Pilot[Any]) -> None:
    await pilot.press("down", "down", "enter")
    await until(pilot, lambda: app.desk.ref == "arxiv:2401.00002v1")


async def ask(app: Any, pilot: Pilot[Any]) -> None:
    await pilot.press("down", "2")
    await until(pilot, lambda: app.screen.PLACE == "ask")
    app.screen.query_one("#prompt").cursor_blink = False
    app.screen.query_one("#prompt").text = "When is most forgotten?"
    await pilot.press("enter")
    await until(pilot, lambda: app.screen.chosen is not None and app.screen.job is None)
    await pilot.press("tab")


async def reader(app: Any, pilot: Pilot[Any]) -> None:
    await ask(app, pilot)
    await pilot.press("left_square_bracket", "left_square_bracket", "enter")
    await until(pilot, lambda: app.screen.PLACE == "reader")


async def report(app: Any, pilot: Pilot[Any]) -> None:
    await pilot.press("p")
    await until(pilot, lambda: app.screen.PLACE == "report" and app.screen.claims())


async def first_run(app: Any, pilot: Pilot[Any]) -> None:
    app.desk.assistant.papers, app.desk.assistant.lists = [], []
    app.screen.reload()


STEPS = {f.__name__: f for f in (library, ask, reader, report, first_run)}


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("library", NARROW),
        ("library", WIDE),
        ("ask", NARROW),
        ("ask", WIDE),
        ("reader", NARROW),
        ("report", WIDE),
        ("first_run", NARROW),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else value,
)
def test_screen(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    app = open_app()

    async def run_before(pilot: Pilot[Any]) -> None:
        await STEPS[name](app, pilot)
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run_before)


def test_light_theme(snap_compare: Any) -> None:
    app = open_app()
    app.theme = "paperdesk-light"

    async def run_before(pilot: Pilot[Any]) -> None:
        await library(app, pilot)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(100, 30), run_before=run_before)
