"""The library place: what it shows, and each of its keys."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from support_tui import FakeAssistant, course_of, listed, open_app, screen_text, shelf, told, until

from assistant.events import Done, Failed
from assistant.listing import PaperList
from indexes.errors import ErrorDocument
from indexes.papers import ReadingStatus
from indexes.reading_list import Week
from ingest.progress import Progress

pytestmark = pytest.mark.anyio


async def test_weeks_readings_and_details_side_by_side() -> None:
    app = open_app()
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down", "down")
        await until(pilot, lambda: app.desk.group == "week:CSE 290: Small Experiments|2")
        shown = screen_text(app)
        assert "12 Apr" in shown
        assert "1/3" in shown  # read of week 2
        assert "Week 2 · Fri 12 Apr 2024 · Waiting lines" in shown
        assert "✗ not found" in shown
        assert "◐ Waiting Lines in a Library" in shown
        assert "What a schedule of reviews does" in shown  # the abstract, in the details


async def test_a_list_of_one_course_shows_what_belongs_to_none() -> None:
    app = open_app()
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert "Still to Come" in screen_text(app)


async def test_two_courses_are_told_apart_by_headings() -> None:
    fake = FakeAssistant()
    other = course_of([listed(6)]).model_copy(update={"course": "Another Course"})
    fake.lists.append(other)
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down", "down", "down")
        await pilot.pause()
        assert "Another Course" in screen_text(app)
        assert app.desk.group == "week:Another Course|1"  # the heading was passed over


async def test_first_run_names_the_keys() -> None:
    app = open_app(FakeAssistant([]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = screen_text(app)
        assert "import a syllabus" in shown
        assert "demo course" in shown
        await pilot.press("d")
        await pilot.pause()
    assert app.return_value == "demo"


async def test_sync_shows_live_progress_and_the_new_state() -> None:
    fake = FakeAssistant()
    go_on = asyncio.Event()
    key = "arxiv:2401.00005"
    fake.script["sync"] = [
        Progress(stage="fetch", done=1, total=5),
        Progress(stage="fetch", key=key, done=62, total=100),
        go_on.wait,
        Progress(stage="done", key=key),
        Done(result=PaperList(papers=()), failed=1),
    ]
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "⟳ fetching 62 %" in screen_text(app))
        assert "⟳ sync 1/5" in screen_text(app)
        fake.papers[4] = listed(5, title="Still to Come", weeks=(), course=None)
        go_on.set()
        await until(pilot, lambda: app.screen.job is None and not app.desk.jobs)
        await until(pilot, lambda: "4 of 5 indexed" in screen_text(app))
        assert "62 %" not in screen_text(app)


async def test_sync_of_a_week_asks_for_that_week() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down", "s")
        await until(pilot, lambda: fake.called("sync"))
        course = "CSE 290: Small Experiments"
        assert fake.called("sync")[0] == ((), {"course": course, "week": "1"})
        await until(pilot, lambda: not app.desk.jobs)
        await pilot.press("S")
        await until(pilot, lambda: len(fake.called("sync")) == 2)
        assert fake.called("sync")[1] == ((), {})


async def test_escape_stops_a_job_at_once() -> None:
    fake = FakeAssistant()
    fake.script["sync"] = [asyncio.Event().wait]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: fake.called("sync"))
        loop = asyncio.get_running_loop()
        before = loop.time()
        await pilot.press("escape")
        await until(pilot, lambda: fake.closed == ["sync"])
        assert loop.time() - before < 0.2
        assert app.screen.job is None
        await until(pilot, lambda: not app.desk.jobs)
        assert "sync" not in screen_text(app).splitlines()[-2]


async def test_a_failed_job_is_told_in_a_dialog_that_can_be_copied() -> None:
    fake = FakeAssistant()
    error = ErrorDocument(code="library_busy", message="in use by [b]4711[/b]", remedy="wait")
    fake.script["sync"] = [Failed(error=error)]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "That did not work" in screen_text(app))
        assert "in use by [b]4711[/b]" in screen_text(app)
        await pilot.press("y")
        assert app.clipboard == "paperdesk: in use by [b]4711[/b]; wait [library_busy]"
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.PLACE == "library"


async def test_a_job_that_breaks_leaves_the_application_standing() -> None:
    fake = FakeAssistant()

    async def breaks() -> None:
        raise RuntimeError("[/no] such thing")

    fake.script["sync"] = [breaks]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "[/no] such thing" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.desk.jobs)


async def test_space_cycles_the_reading_status() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down", "enter")
        for expected in (ReadingStatus.READING, ReadingStatus.READ, ReadingStatus.UNREAD):
            await pilot.press("space")
            await until(pilot, lambda: fake.called("set_status"))
            assert fake.called("set_status")[-1][0] == ("arxiv:2401.00001v1", expected)


async def test_add_checks_the_form_while_typing() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("down", "a")
        await pilot.press(*"1706.03762 nonsense[/b]")
        await until(pilot, lambda: "✗" in screen_text(app))
        shown = screen_text(app)
        assert "✓ 1706.03762" in shown
        assert "goes to Week 1" in shown
        await pilot.press("enter")
        await until(pilot, lambda: fake.called("add"))
        course = "CSE 290: Small Experiments"
        assert fake.called("add")[0] == ((["1706.03762"],), {"course": course, "week": "1"})


async def test_import_previews_before_it_imports() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("i")
        await pilot.press(*"list.md", "enter")
        await until(pilot, lambda: "Not recognised: 1 line" in screen_text(app))
        assert "Enter again imports it" in screen_text(app)
        assert fake.called("import_syllabus") == [(("list.md",), {"dry_run": True})]
        await pilot.press("enter")
        await until(pilot, lambda: len(fake.called("import_syllabus")) == 2)
        assert fake.called("import_syllabus")[1] == (("list.md",), {})


async def test_import_that_fails_says_why_in_the_dialog() -> None:
    fake = FakeAssistant()
    error = ErrorDocument(code="usage", message="no such file", remedy="check the path")
    fake.script["import_syllabus"] = [Failed(error=error)]
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("i", *"x.md", "enter")
        await until(pilot, lambda: "✗ no such file" in screen_text(app))
        assert "→ check the path" in screen_text(app)


async def test_filter_narrows_and_escape_ends_it() -> None:
    app = open_app()
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("slash", *"hash")
        await until(pilot, lambda: "1 of 5" in screen_text(app))
        assert "Waiting Lines" not in screen_text(app).split("Details")[0]
        await pilot.press("escape")
        await until(pilot, lambda: "5 readings" in screen_text(app))


async def test_retry_names_the_failed_paper() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("r")
        assert not fake.called("sync")
        await pilot.press("down", "down", "enter", "G", "r")
        await until(pilot, lambda: fake.called("sync"))
        assert fake.called("sync")[0] == ((), {"refs": ("arxiv:2401.00004v1",)})


async def test_reindex() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("R")
        await until(pilot, lambda: fake.closed == ["reindex"])


async def test_remove_asks_first() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        await pilot.pause()
        assert "Remove Spacing Reviews" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert not fake.called("remove")
        await pilot.press("x", "y")
        await until(pilot, lambda: fake.called("remove"))
        assert fake.called("remove")[0][0] == (("arxiv:2401.00001v1",),)


async def test_copy_and_browser(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    app = open_app()
    opened: list[str] = []
    monkeypatch.setattr(app, "open_url", opened.append)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("y", "o")
        await pilot.pause()
        assert app.clipboard.endswith("https://arxiv.org/abs/2401.00001")
        assert opened == ["https://arxiv.org/abs/2401.00001"]


async def test_in_a_narrow_terminal_enter_opens_the_details_then_the_paper() -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "Ada Writer" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "Ada Writer" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Ada Writer" not in screen_text(app))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen.PLACE == "reader")


async def test_one_pane_at_a_time_under_80_columns() -> None:
    app = open_app()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "5 Apr" in screen_text(app)
        await pilot.press("tab")
        await until(pilot, lambda: "Spacing Reviews" in screen_text(app))
        assert "5 Apr" not in screen_text(app)
        await pilot.press("tab")
        await until(pilot, lambda: "Ada Writer" in screen_text(app))
        await pilot.press("shift+tab", "h")
        await until(pilot, lambda: "5 Apr" in screen_text(app))


async def test_when_another_process_holds_the_index_the_list_still_works() -> None:
    fake = FakeAssistant()
    fake.holder = "process 4711 (paperdesk sync)"
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause()
        shown = screen_text(app)
        assert "index in use by process 4711 (paperdesk sync)" in shown
        assert "Spacing Reviews" in shown


async def test_failed_papers_are_counted_in_the_status_bar() -> None:
    app = open_app()
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause()
        indexed = sum(p.state == "indexed" for p in shelf())
        assert f"{indexed} of 5 indexed, 1 failed" in screen_text(app)


async def test_many_downloads_are_asked_about_first() -> None:
    fake = FakeAssistant()
    fake.downloads = 51
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "Download 51 papers?" in screen_text(app))
        await pilot.press("escape")
        await pilot.pause()
        assert not fake.called("sync")
        await pilot.press("s", "y")
        await until(pilot, lambda: fake.called("sync"))


async def test_in_the_readings_sync_is_of_the_paper_under_the_cursor() -> None:
    fake = FakeAssistant()
    app = open_app(fake)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter", "s")
        await until(pilot, lambda: "is indexed already" in told(app))
        await pilot.press("G", "s")
        await until(pilot, lambda: fake.called("sync"))
        assert fake.called("sync") == [((), {"refs": ("arxiv:2401.00005v1",)})]


async def test_a_break_shows_its_title_and_date_and_holds_nothing() -> None:
    fake = FakeAssistant()
    rest = Week(number="break", date=dt.date(2024, 4, 19), title="Spring Break")
    course = fake.lists[0]
    fake.lists = [course.model_copy(update={"weeks": (*course.weeks, rest)})]
    app = open_app(fake)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: "Nothing is to be read here" in told(app))
        shown = screen_text(app)
        assert "Fri 19 Apr 2024 · Spring Break" in shown
        assert "Week break" not in shown
        assert app.desk.ref is None
