"""The command demo: types the main commands for you and prints what each of them prints."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import asking, reading_tables, work
from assistant.cli.output import ExitCode, Output
from assistant.cli.progress import bars, steps
from assistant.cli.session import Call, call_of
from assistant.listing import PaperList
from assistant.results import Answer, Document
from indexes.errors import UsageError
from indexes.papers import PaperState
from indexes.reading_list import ReadingList

if TYPE_CHECKING:
    from pydantic import BaseModel

    from assistant.demo import Demo, DemoStep


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where its library goes.")
    ] = None,
) -> int:
    """The whole job on a small course that ships with the program.

    It needs neither a network nor a model, and has a library of its own: yours is not touched.

    \b
    Example:
      paperdesk demo
    """
    from assistant.demo import default_folder, prepared_demo

    call = call_of(context)
    chosen = folder.expanduser().absolute() if folder else default_folder(call.home)
    if chosen == call.home.root:
        raise UsageError(f"{chosen} is your own library", "name another folder for the demo")
    with prepared_demo(chosen) as prepared:
        own = call.elsewhere(prepared.home, prepared.settings)
        if call.out.as_json:
            return _in_one_document(own, prepared)
        return _step_by_step(own, prepared)


def _step_by_step(call: Call, prepared: Demo) -> int:
    out = call.out
    folder = shlex.quote(str(prepared.home.root))
    out.line(f"$ cd {folder} && export PAPERDESK_HOME={folder}")
    came_through = True
    for step in prepared.steps():
        out.line()
        out.paragraph(step.why, dim=True)
        out.heading(f"$ {step.command}", plain_mark="")
        sys.stdout.flush()
        result, whole = _run(call, step)
        came_through = came_through and whole
        _print_result(out, result)
    out.line()
    out.line(f"The report: {prepared.report}")
    out.line(f"The application on this library: {prepared.opening}")
    return ExitCode.DONE if came_through else ExitCode.FAILED


def _in_one_document(call: Call, prepared: Demo) -> int:
    results = [(step, *_run(call, step)) for step in prepared.steps()]
    call.out.document(
        {
            "folder": str(prepared.home.root),
            "report": str(prepared.report),
            "open": prepared.opening,
            "steps": [
                {"command": step.command, "result": result.model_dump(mode="json")}
                for step, result, _ in results
            ],
        }
    )
    return ExitCode.DONE if all(whole for _, _, whole in results) else ExitCode.FAILED


def _run(call: Call, step: DemoStep) -> tuple[BaseModel, bool]:
    """A step's result, and whether it is what the demo promises."""
    with bars(call.out) if step.doing is None else steps(call.out, step.doing) as watch:
        done = call.run(step.job, watch)
    return done.result, done.failed == 0 and _has_come_through(done.result)


def _has_come_through(result: BaseModel) -> bool:
    from assistant.demo import NOT_IN_THE_PAPERS

    match result:
        case PaperList():
            return {paper.state for paper in result.papers} == {PaperState.INDEXED}
        case Answer():
            return result.abstained == (result.question == NOT_IN_THE_PAPERS)
        case Document():
            return result.total > 0
        case _:
            return True


def _print_result(out: Output, result: BaseModel) -> None:
    """Print a step's result as its command does."""
    match result:
        case ReadingList():
            reading_tables.print_reading_list(out, result)
        case PaperList():
            work.print_summary(out, result.papers)
        case Answer():
            out.markdown(asking.answer_markdown(result, {}))
        case Document():
            asking.print_document(out, result)
        case _:
            raise TypeError(type(result).__name__)
