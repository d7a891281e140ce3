"""Commands that bring papers in: sync and reindex."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from assistant.cli.output import ExitCode, Output
from assistant.cli.progress import bars
from assistant.cli.session import Call, call_of
from assistant.events import Done
from assistant.listing import ListedPaper, PaperList
from indexes.errors import UsageError
from indexes.papers import PaperState, Role

MANY_DOWNLOADS = 50  # above this, sync asks first


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("sync")(sync)
    app.command("reindex")(reindex)


def sync(
    context: typer.Context,
    refs: Annotated[
        list[str] | None, typer.Argument(metavar="REF", help="Only these papers.")
    ] = None,
    course: Annotated[str | None, typer.Option(help="Only this course.")] = None,
    week: Annotated[str | None, typer.Option(help="Only this week.")] = None,
    role: Annotated[Role | None, typer.Option(help="Only readings with this role.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before many downloads.")] = (
        False
    ),
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Refused: scans can't be read yet (no_text).")
    ] = False,
    update: Annotated[bool, typer.Option("--update", help="Look for newer versions.")] = False,
) -> int:
    """Fetch, parse and index what waits. Run it again to resume.

    arXiv is asked at most once in three seconds. A paper that failed for good is tried again only
    when it is named.

    \b
    Examples:
      paperdesk sync
      paperdesk sync --week 3 --role assigned
      paperdesk sync 1706.03762 --update
    """
    call = call_of(context)
    chosen, missed = call.known(refs or ())
    with call.assistant() as assistant:
        downloads = assistant.downloads_waiting(chosen, course=course, week=week, role=role)
    if downloads > MANY_DOWNLOADS and not yes:
        _ask_before(downloads)
    with bars(call.out) as watch:
        done = call.run(
            lambda assistant: assistant.sync(
                chosen, course=course, week=week, role=role, update=update, ocr=ocr
            ),
            watch,
            searches=True,
        )
    return _finish(call, done, missed)


def reindex(context: typer.Context) -> int:
    """Build the passage index anew from the library. Needs no network.

    \b
    Example:
      paperdesk reindex
    """
    call = call_of(context)
    with bars(call.out) as watch:
        done = call.run(lambda assistant: assistant.reindex(), watch, searches=True)
    return _finish(call, done)


def _ask_before(downloads: int) -> None:
    """Raises UsageError where nobody can be asked, typer.Abort where the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"this would download {downloads} papers, and nobody is there to be asked",
            "add --yes, or narrow it with --week or --role",
        )
    minutes = round(downloads * 2 * 3 / 60)
    question = f"Download {downloads} papers (about {minutes} minutes at arXiv's pace)?"
    if not typer.confirm(question, err=True):
        raise typer.Abort


def _finish(call: Call, done: Done, missed: int = 0) -> int:
    result = done.result
    assert isinstance(result, PaperList)
    papers = result.papers
    if call.out.as_json:
        call.out.document(result)
    else:
        print_summary(call.out, papers)
    failures = [paper for paper in papers if paper.error is not None]
    if any(paper.error is not None and paper.error.retryable for paper in failures):
        call.out.note("next: paperdesk sync tries again what may work later")
    elif any(paper.state == PaperState.INDEXED for paper in papers):
        call.out.note('next: paperdesk ask "…"')
    return ExitCode.PARTLY if done.failed or missed else ExitCode.DONE


def print_summary(out: Output, papers: Sequence[ListedPaper]) -> None:
    """How many papers are indexed, and which failed and why."""
    indexed = [paper for paper in papers if paper.state == PaperState.INDEXED]
    failures = [paper for paper in papers if paper.error is not None]
    passages = sum(paper.passages or 0 for paper in indexed)
    out.line(f"{len(indexed)} indexed ({passages} passages), {len(failures)} failed")
    if failures:
        out.heading("Failed")
        if out.on_terminal:
            out.facts({p.ref.removeprefix("arxiv:"): _failure(p) for p in failures})
        else:
            rows = [(p.ref, p.title, p.error.code, p.error.message) for p in failures if p.error]
            out.table(("ref", "title", "why", "what"), rows, wide=3)


def _failure(paper: ListedPaper) -> str:
    what = paper.error.message if paper.error else ""
    return f"{paper.title}: {what}" if paper.title else what
