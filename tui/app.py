"""The application: wires places, themes, palette and status; the screens do the work."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SuspendNotSupported, SystemCommand
from textual.screen import Screen

from assistant.events import Event
from tui.desk import Desk
from tui.jobs import JobEnded, JobNews, JobStarted
from tui.keys import EVERYWHERE, bindings, commands
from tui.screens.place import Place, ShelfChanged
from tui.theme import DARK, LIGHT
from tui.widgets.bars import PlaceBar, Status, StatusBar

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant
    from assistant.settings import Settings
    from indexes.folders import Home

_HOLDER_POLL_S = 5.0


def _library() -> Screen[None]:
    from tui.screens.library import LibraryScreen

    return LibraryScreen()


def _ask() -> Screen[None]:
    from tui.screens.ask import AskScreen

    return AskScreen()


def _reader() -> Screen[None]:
    from tui.screens.reader import ReaderScreen

    return ReaderScreen()


def _report() -> Screen[None]:
    from tui.screens.report import ReportScreen

    return ReportScreen()


OpeningJob = tuple[str, Callable[["PaperAssistant"], AsyncIterator[Event]]]


class PaperdeskApp(App[str]):
    """Four places over one assistant. Gives "demo" where the reader asked for the demo course."""

    TITLE = "Paperdesk"
    CSS_PATH = "paperdesk.tcss"
    BINDINGS = bindings(EVERYWHERE)
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "library": _library,
        "ask": _ask,
        "reader": _reader,
        "report": _report,
    }
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-medium"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    DEFAULT_MODE = "library"
    NOTIFICATION_TIMEOUT = 4

    def __init__(self, assistant: PaperAssistant, opening: Sequence[OpeningJob] = ()) -> None:
        """`opening`: jobs to run one after the other once the library is on the screen."""
        super().__init__()
        self.desk = Desk(assistant)
        self.opening = list(opening)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def _fatal_error(self) -> None:
        """End with one line: Textual's own report shows every local variable, keys included."""
        from rich.text import Text

        from assistant.unexpected import describe, shows_traceback
        from indexes.cleaning import clean_line

        if self._exception is None or shows_traceback():
            super()._fatal_error()
            return
        said = describe(self._exception)
        self.panic(Text(clean_line(f"paperdesk: {said.message}; {said.remedy}")))

    def on_mount(self) -> None:
        self.set_interval(_HOLDER_POLL_S, self._look_for_holder)

    # Places

    def action_place(self, place: str) -> None:
        if not isinstance(self.screen, Place):
            return  # a dialog is answered first
        self.switch_mode(place)

    def on_place_bar_chosen(self, message: PlaceBar.Chosen) -> None:
        self.action_place(message.place)

    # Help, palette, theme

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        if isinstance(self.screen, Place):
            self.push_screen(HelpScreen(self.screen.PLACE))

    def action_switch_theme(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the key map that works where the reader is."""
        place = screen.PLACE if isinstance(screen, Place) else ""
        for key in commands(place):
            if screen.check_action(key.action.split("(")[0], ()) is False:
                continue
            title = f"{key.description}  ({key.display})"

            async def run(action: str = key.action, where: Screen[object] = screen) -> None:
                on_screen = hasattr(where, f"action_{action.split('(')[0]}")
                await self.run_action(action, where if on_screen else self)

            yield SystemCommand(title, key.tooltip, run)

    def learn_to_draw(self) -> None:
        """Ask the terminal what it can draw, once, before the first picture.

        It answers on the input that the application reads, which therefore steps aside a moment.
        Asking at the start would keep every reader waiting for those who look at pictures.
        """
        if "textual_image.widget" in sys.modules:
            return
        with contextlib.suppress(SuspendNotSupported), self.suspend():
            importlib.import_module("textual_image.widget")

    # Status: what runs, and whether another process holds the index

    def on_job_started(self, message: JobStarted) -> None:
        self.desk.jobs.append(message.job)
        self.show_status()

    def on_job_news(self, _: JobNews) -> None:
        self.show_status()

    def on_job_ended(self, message: JobEnded) -> None:
        self.desk.jobs = [job for job in self.desk.jobs if job is not message.job]
        self.show_status()

    def on_shelf_changed(self, _: ShelfChanged) -> None:
        self.show_status()

    def _look_for_holder(self) -> None:
        holder = self.desk.assistant.index_holder()
        if holder != self.desk.holder:
            self.desk.holder = holder
            self.show_status()

    def show_status(self) -> None:
        """Bring the bars of the place in front up to date."""
        desk = self.desk
        model = desk.assistant.model_name()
        status = Status(
            scope=f"scope: {desk.scope.label}",
            index=desk.index_line(),
            model=f"model {model}" if model else "no model: extractive",
            jobs=tuple(job.summary() for job in desk.jobs if not job.ended),
            trouble=f"index in use by {desk.holder.split(' on ')[0]}" if desk.holder else "",
        )
        group = desk.shelf.group(desk.group)
        for place in self.screen_stack:
            if isinstance(place, Place) and place.is_mounted:
                place.query_one(StatusBar).status = status
                place.query_one(PlaceBar).course = (group.course or "") if group else ""


def run() -> int:
    """Open the application on the default library; the exit code of the process."""
    from assistant.settings import load_settings
    from indexes.errors import PaperdeskError
    from indexes.folders import Home

    home = Home.default()
    try:
        if _open(home, load_settings(home)) == "demo":
            from assistant.demo import default_folder, prepared_demo

            with prepared_demo(default_folder(home)) as demo:
                steps = demo.steps()[:2]  # import and sync; the rest is the reader's
                jobs = [(s.command.removeprefix("paperdesk "), s.job) for s in steps]
                _open(demo.home, demo.settings, jobs)
    except PaperdeskError as error:
        print(f"paperdesk: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _open(home: Home, settings: Settings, opening: Sequence[OpeningJob] = ()) -> str | None:
    """Run the application on one library and close that library behind it."""
    import asyncio
    import signal

    from assistant.facade import PaperAssistant

    async def run_and_close() -> str | None:
        assistant = PaperAssistant(home, settings)
        app = PaperdeskApp(assistant, opening)
        # A closed terminal or a polite kill ends it as Ctrl+Q does: screen and library in order.
        for asked_to_end in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(asked_to_end, app.exit)
        try:
            asked_for = await app.run_async()
        finally:
            await assistant.aclose()
        if app.return_code:  # it broke, and has said how
            raise SystemExit(app.return_code)
        return asked_for

    return asyncio.run(run_and_close())
