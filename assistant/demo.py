"""The main job end to end, on the course that ships with the program, without any network.

A replica of arXiv on this machine serves the course's papers into a library of the demo's own;
neither the user's library nor the user's settings are read.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.events import Event
from assistant.model_settings import ModelSettings
from assistant.settings import Settings
from indexes.errors import StorageError, UsageError
from indexes.folders import ENVIRONMENT, Home
from ingest.config import ArxivSettings

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant

COURSE = Path(__file__).parent / "demo_course"
PAPER = "2401.99991"  # the one that is summarised and reported on
ANSWERABLE = "Where does the advantage of expanding intervals come from?"
NOT_IN_THE_PAPERS = "Who won the 1998 football world cup?"

_MARK = "this-is-a-demo.txt"
_MARK_TEXT = "A library made by `paperdesk demo`. Nothing else uses it: delete it when you like.\n"


@dataclass(frozen=True)
class DemoStep:
    """One command of the demo: what to type, why, and the job that does it.

    `doing` says what goes on meanwhile, None for a job that tells of its progress itself.
    """

    command: str
    why: str
    doing: str | None
    job: Callable[[PaperAssistant], AsyncIterator[Event]]


@dataclass(frozen=True)
class Demo:
    """A prepared demo: its library, its settings, its steps and where its report will be."""

    home: Home
    settings: Settings
    report: Path

    @property
    def opening(self) -> str:
        """The line that opens the application on the demo's library."""
        return f"{ENVIRONMENT}={shlex.quote(str(self.home.root))} {_program()}"

    def steps(self) -> list[DemoStep]:
        syllabus = self.home.root / "syllabus.md"
        shown = shlex.quote(self.report.name)
        return [
            DemoStep(
                "paperdesk import syllabus.md",
                "A syllabus becomes the reading list by week.",
                "reading the syllabus",
                lambda assistant: assistant.import_syllabus(str(syllabus)),
            ),
            DemoStep(
                "paperdesk sync",
                "The papers on the list are fetched, parsed and indexed.",
                None,
                lambda assistant: assistant.sync(),
            ),
            DemoStep(
                f'paperdesk ask "{ANSWERABLE}"',
                "An answer, its quotes checked word for word on the pages they name.",
                "reading the papers",
                lambda assistant: assistant.ask(ANSWERABLE, use_model=False),
            ),
            DemoStep(
                f'paperdesk ask "{NOT_IN_THE_PAPERS}"',
                "What the papers don't hold is said to be missing.",
                "reading the papers",
                lambda assistant: assistant.ask(NOT_IN_THE_PAPERS, use_model=False),
            ),
            DemoStep(
                f"paperdesk summary {PAPER}",
                "A summary, every sentence with its quote.",
                "summarising",
                lambda assistant: assistant.summarize(PAPER, use_model=False),
            ),
            DemoStep(
                f"paperdesk report {PAPER} -o {shown}",
                "An outline of the one-page report that week 1 asks for.",
                "drafting the report",
                lambda assistant: assistant.draft_report(
                    [PAPER], output=self.report, use_model=False
                ),
            ),
        ]


def _program() -> str:
    """What to type for this program: its name where the shell finds it, else its path."""
    called = Path(sys.argv[0])
    if called.name != "paperdesk" or shutil.which("paperdesk"):
        return "paperdesk"
    return shlex.quote(str(called.absolute()))


def default_folder(home: Home) -> Path:
    """The demo's library: beside the user's, never in it."""
    return home.root.with_name(f"{home.root.name}-demo")


@contextlib.contextmanager
def prepared_demo(folder: Path) -> Iterator[Demo]:
    """Make the demo's library in `folder` and serve its papers while the block runs.

    Raises UsageError where the folder holds something else, StorageError where it is not writable.
    """
    from ingest.replica import Replica

    _prepare(folder)
    with Replica(COURSE / "papers") as replica:
        yield Demo(
            home=Home(folder),
            settings=Settings(
                arxiv=ArxivSettings(url=replica.url, interval_s=0), llm=ModelSettings(kind="none")
            ),
            report=folder / "report.pdf",
        )


def _prepare(folder: Path) -> None:
    mark = folder / _MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} holds something that is not a demo", "name an empty or a new folder"
        )
    Home(folder).create()
    try:
        mark.write_text(_MARK_TEXT, encoding="utf-8")
        shutil.copyfile(COURSE / "syllabus.md", folder / "syllabus.md")
    except OSError as error:
        raise StorageError(
            f"the demo's folder {folder} cannot be written ({error.strerror})",
            "name another: paperdesk demo --folder FOLDER",
        ) from error
