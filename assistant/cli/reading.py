"""Commands around the reading list: import, add, list, status, due, note, show, remove."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import ExitCode
from assistant.cli.reading_tables import print_by_week, print_reading_list
from assistant.cli.session import Call, call_of, unwatched
from indexes.errors import StorageError, UsageError
from indexes.papers import PaperState, ReadingStatus, Role
from indexes.reading_list import ReadingList

if TYPE_CHECKING:
    from assistant.listing import ListedPaper


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("import")(import_syllabus)
    app.command("add")(add)
    app.command("list")(list_papers)
    app.command("show")(show)
    app.command("status")(status)
    app.command("due")(due)
    app.command("note")(note)
    app.command("remove")(remove)


def import_syllabus(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="The syllabus; save a web page as a file first.")
    ],
    course: Annotated[str | None, typer.Option(help="The course's name, instead of its own.")] = (
        None
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, change nothing.")] = False,
) -> int:
    """A syllabus or reading list becomes the reading list by week.

    Its links are classified by their form; none of them is opened.

    \b
    Examples:
      paperdesk import syllabus.md
      paperdesk import reading-list.md --course "Language models" --dry-run
    """
    if not source.strip():
        raise UsageError("no syllabus is named", "give a file")
    call = call_of(context)
    done = call.run(
        lambda assistant: assistant.import_syllabus(source, course=course, dry_run=dry_run),
        unwatched,
    )
    result = done.result
    assert isinstance(result, ReadingList)
    if call.out.as_json:
        call.out.document(result)
    else:
        print_reading_list(call.out, result)
    if dry_run:
        call.out.note("nothing was changed (--dry-run)")
    elif result.readings():
        call.out.note("next: paperdesk sync fetches and indexes what is on the list")
    if not result.readings():
        call.out.note(f"no readings were found in {source}; is it the syllabus?")
    return ExitCode.PARTLY if done.failed else ExitCode.DONE


def add(
    context: typer.Context,
    refs: Annotated[list[str], typer.Argument(metavar="REF", help="Papers and pages.")],
    course: Annotated[str | None, typer.Option(help="Put them on this course's list.")] = None,
    week: Annotated[str | None, typer.Option(help="Put them in this week.")] = None,
    role: Annotated[Role | None, typer.Option(help="What is to be done with them.")] = None,
) -> int:
    """Put papers and pages on the list.

    Only the form is checked here; sync finds out the rest.

    \b
    Examples:
      paperdesk add 1706.03762 https://arxiv.org/abs/2203.02155
      paperdesk add paper.pdf --course "Language models" --week 3 --role assigned
    """
    call = call_of(context)
    done = call.run(
        lambda assistant: assistant.add(refs, course=course, week=week, role=role),
        unwatched,
    )
    from assistant.facade import AddResult

    result = done.result
    assert isinstance(result, AddResult)
    for error in result.not_understood:
        call.out.error(error, document=False)
    if call.out.as_json:
        call.out.document(result)
    else:
        for paper in result.papers:
            call.out.line(f"{paper.ref}\t{paper.title or paper.url or ''}".rstrip())
    call.out.note("next: paperdesk sync")
    return ExitCode.PARTLY if result.not_understood else ExitCode.DONE


def list_papers(
    context: typer.Context,
    course: Annotated[str | None, typer.Option(help="Only this course.")] = None,
    week: Annotated[str | None, typer.Option(help="Only this week.")] = None,
    state: Annotated[PaperState | None, typer.Option(help="Only papers in this state.")] = None,
    status: Annotated[ReadingStatus | None, typer.Option(help="Only with this status.")] = None,
) -> int:
    """The reading list, by week.

    \b
    Examples:
      paperdesk list --week 2
      paperdesk list --state failed
      paperdesk list --json
    """
    call = call_of(context)
    with call.assistant() as assistant:
        papers = assistant.list_papers(course=course, week=week, state=state, status=status)
        if call.out.as_json:
            call.out.document(papers)
        else:
            print_by_week(call.out, assistant, papers.papers, week)
    if not papers.papers:
        filtered = any(given is not None for given in (course, week, state, status))
        call.out.note(
            "nothing on the list matches; paperdesk list shows all of it"
            if filtered
            else "the list is empty; paperdesk import or paperdesk add fills it"
        )
    return ExitCode.DONE


def show(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="The paper.")],
    page: Annotated[int | None, typer.Option(min=1, help="Print this page's text.")] = None,
    image: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Write a picture of the page.")
    ] = None,
) -> int:
    """A paper's metadata and notes, or one of its pages.

    \b
    Examples:
      paperdesk show 1706.03762
      paperdesk show 1706.03762 --page 4 --image page4.png
    """
    call = call_of(context)
    with call.assistant() as assistant:
        paper = assistant.resolve(ref)
        listed = assistant.list_papers(keys=[paper.key]).papers[0]
        notes = assistant.notes(ref)
        text = assistant.page(ref, page or 1) if page is not None else None
        if image is not None:
            _write_bytes(image, assistant.page_image(ref, page or 1))
    if call.out.as_json:
        call.out.document(
            {
                "paper": listed.model_dump(mode="json"),
                "abstract": paper.abstract,
                "doi": paper.doi,
                "categories": list(paper.categories),
                "last_page": paper.last_page,
                "notes": [n.model_dump(mode="json") for n in notes],
                "page": text.model_dump(mode="json") if text else None,
                "image": str(image) if image else None,
            }
        )
    elif text is not None and image is None:
        call.out.text(text.text)
    elif image is not None:
        call.out.line(str(image))
    else:
        facts: dict[str, object] = {
            "title": paper.title,
            "authors": ", ".join(paper.authors),
            "published": paper.published,
            "ref": paper.ref,
            "url": paper.url,
            "pages": paper.pages,
            "minutes": listed.minutes,
            "state": listed.error.message if listed.error else str(paper.state),
            "status": str(paper.status),
            "course": listed.course,
            "weeks": ", ".join(listed.weeks),
            "role": listed.role,
            "task": listed.task,
            "due": listed.due,
            "abstract": paper.abstract,
        }
        call.out.facts(facts)
        for one in notes:
            where = f" (p. {one.page})" if one.page else ""
            call.out.paragraph(f"note{where}: {one.text}")
    return ExitCode.DONE


def status(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="The paper.")],
    value: Annotated[ReadingStatus, typer.Argument(metavar="unread|reading|read")],
    page: Annotated[int | None, typer.Option(min=1, help="The page you have come to.")] = None,
) -> int:
    """How far you have come with a paper.

    \b
    Example:
      paperdesk status 1706.03762 reading --page 6
    """
    call = call_of(context)
    with call.assistant() as assistant:
        paper = assistant.set_status(ref, value, page)
    return _print_one(call, paper, f"{paper.ref} {paper.status}")


def due(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="The paper.")],
    date: Annotated[str, typer.Argument(metavar="DATE", help="2023-09-15, or none.")],
) -> int:
    """When a paper is due. Only what the syllabus or you say; nothing is inferred.

    \b
    Example:
      paperdesk due 1706.03762 2023-09-15
    """
    call = call_of(context)
    day = None if date.lower() == "none" else _date(date)
    with call.assistant() as assistant:
        paper = assistant.set_due(ref, day)
    return _print_one(call, paper, f"{paper.ref} due {paper.due or 'at no date'}")


def note(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="The paper.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Your note.")],
    page: Annotated[int | None, typer.Option(min=1, help="The page it is about.")] = None,
) -> int:
    """A note on a paper, or on one of its pages.

    \b
    Example:
      paperdesk note 1706.03762 "why not layer-normalise first?" --page 3
    """
    call = call_of(context)
    with call.assistant() as assistant:
        written = assistant.add_note(ref, text, page)
    if call.out.as_json:
        call.out.document({"note": written.model_dump(mode="json")})
    else:
        where = f" p. {written.page}" if written.page else ""
        call.out.line(f"noted: {written.paper}{where}")
    return ExitCode.DONE


def remove(
    context: typer.Context,
    refs: Annotated[list[str], typer.Argument(metavar="REF", help="The papers.")],
) -> int:
    """Take papers out of the library, with their passages and notes.

    \b
    Example:
      paperdesk remove 1706.03762v5
    """
    call = call_of(context)
    chosen, missed = call.known(refs)
    with call.assistant() as assistant:
        removed = assistant.remove(chosen)
    if call.out.as_json:
        call.out.document(removed)
    else:
        for paper in removed.papers:
            call.out.line(f"removed {paper.ref}\t{paper.title or ''}".rstrip())
    return ExitCode.PARTLY if missed else ExitCode.DONE


def _print_one(call: Call, paper: ListedPaper, line: str) -> int:
    if call.out.as_json:
        call.out.document({"papers": [paper.model_dump(mode="json")]})
    else:
        call.out.line(line)
    return ExitCode.DONE


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a date", "write it as 2023-09-15, or none") from None


def _write_bytes(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror})", "name a file in a folder of yours"
        ) from error
