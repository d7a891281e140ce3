"""The README's pictures, made from the application itself on the demo course.

    python docs/tour.py [FOLDER]

imports and indexes the demo course in a temporary library (no network), opens the application on
it, asks a question, and writes library.svg and ask.svg into FOLDER (docs/images unless named).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from assistant.demo import ANSWERABLE, prepared_demo
from assistant.facade import PaperAssistant
from tui.app import PaperdeskApp

SIZE = (124, 24)
PATIENCE_S = 180.0


async def until(pilot: Pilot[str], met: Callable[[], object]) -> None:
    """Let the application work until `met`; TimeoutError where that takes too long."""
    async with asyncio.timeout(PATIENCE_S):
        while not met():
            await pilot.pause(0.05)


async def tour(assistant: PaperAssistant, app: PaperdeskApp, folder: Path) -> None:
    """Walk through the places and take the pictures."""
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.opening and not app.desk.jobs)
        papers = assistant.list_papers().papers
        read = next(paper for paper in papers if paper.arxiv_id == "2402.99992")
        assistant.set_status(read.ref, type(read.status)("reading"), 2)
        app.screen.reload()
        await pilot.press("g", "enter", "down")
        await pilot.pause(0.2)
        save(app, folder / "library.svg")
        await pilot.press("2")
        await pilot.pause(0.2)
        app.screen.query_one("#prompt").text = ANSWERABLE
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.claims() and app.screen.job is None)
        await pilot.press("tab")
        await pilot.pause(0.3)
        save(app, folder / "ask.svg")


def save(app: PaperdeskApp, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = app.export_screenshot(title="Paperdesk")
    # Some renderers drop the space that a piece of text begins with.
    picture = picture.replace("<svg ", '<svg xml:space="preserve" ', 1)
    path.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n", "utf-8")
    print(path)


async def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home, prepared_demo(Path(home) / "demo") as demo:
        assistant = PaperAssistant(demo.home, demo.settings)
        jobs = [(step.command, step.job) for step in demo.steps()[:2]]
        try:
            await tour(assistant, PaperdeskApp(assistant, jobs), folder)
        finally:
            await assistant.aclose()


if __name__ == "__main__":
    named = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images"
    asyncio.run(main(named))
