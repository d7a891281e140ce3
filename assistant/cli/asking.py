"""Commands that ask the library: search, ask, summary, report, questions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import ExitCode, Output
from assistant.cli.progress import steps
from assistant.cli.session import Call, call_of, unwatched
from assistant.results import Answer, Claim, Document, Quote
from indexes.errors import PaperdeskError, UsageError
from indexes.hits import SearchResult
from indexes.passages import PassageKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from assistant.events import Event
    from assistant.facade import PaperAssistant

PaperFlag = Annotated[
    list[str] | None, typer.Option("--paper", metavar="REF", help="Only in this paper; repeatable.")
]
CourseFlag = Annotated[str | None, typer.Option(help="Only in this course's papers.")]
WeekFlag = Annotated[str | None, typer.Option(help="Only in this week's papers.")]
NoModelFlag = Annotated[bool, typer.Option("--no-llm", help="Without a language model.")]
RefsArgument = Annotated[list[str] | None, typer.Argument(metavar="REF", help="The papers.")]


class Length(StrEnum):
    """How long a summary is."""

    SENTENCE = "sentence"
    SHORT = "short"
    PAGE = "page"


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (search, ask, summary, report, questions):
        app.command(command.__name__)(command)


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words or a question.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 10,
    papers: PaperFlag = None,
    course: CourseFlag = None,
    week: WeekFlag = None,
    kinds: Annotated[
        list[PassageKind] | None, typer.Option("--kind", help="Only such passages; repeatable.")
    ] = None,
) -> int:
    """Passages, best first, each with its paper and page.

    \b
    Examples:
      paperdesk search "scaled dot-product attention"
      paperdesk search "BLEU on newstest" --kind table -k 3
    """
    _require_words(query, "query")
    call = call_of(context)
    done = call.run(
        lambda assistant: assistant.search(
            query, k=k, refs=papers or (), course=course, week=week, kinds=kinds
        ),
        unwatched,
        searches=True,
    )
    result = done.result
    assert isinstance(result, SearchResult)
    if call.out.as_json:
        call.out.document(result)
    else:
        for hit in result.hits:
            section = f" · {hit.section}" if hit.section else ""
            call.out.heading(f"{hit.rank}. {hit.title or hit.ref} · p. {hit.page}{section}")
            call.out.paragraph(hit.text)
            call.out.paragraph(f"{hit.ref} · {hit.kind} · {hit.score:.2f}", dim=True)
            call.out.line()
    if not result.hits:
        call.out.note("nothing found in the papers searched")
        return ExitCode.NOTHING_FOUND
    return ExitCode.DONE


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    papers: PaperFlag = None,
    course: CourseFlag = None,
    week: WeekFlag = None,
    thread: Annotated[str | None, typer.Option(help="Continue this conversation.")] = None,
    no_llm: NoModelFlag = False,
) -> int:
    """An answer with verified quotes, or "not in your papers".

    Every quote shown as verified stands word for word on the page named.

    \b
    Examples:
      paperdesk ask "Why are the dot products scaled down before the softmax?"
      paperdesk ask "How many heads?" --paper 1706.03762 --no-llm
    """
    _require_words(question, "question")
    call = call_of(context)
    names: dict[str, str] = {}
    with steps(call.out, "reading your papers") as watch:
        done = call.run(
            lambda assistant: assistant.ask(
                question,
                refs=papers or (),
                course=course,
                week=week,
                thread=thread,
                use_model=not no_llm,
            ),
            watch,
            searches=True,
        )
    answer = done.result
    assert isinstance(answer, Answer)
    if call.out.as_json:
        call.out.document(answer)
    else:
        if len(papers or ()) != 1:
            names = _short_names(call, answer.claims)
        call.out.markdown(answer_markdown(answer, names))
    if not answer.complete:
        call.out.note("the answer is incomplete: the model stopped before its end")
    return ExitCode.NOTHING_FOUND if answer.abstained else ExitCode.DONE


def summary(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="The paper.")],
    length: Annotated[Length, typer.Option(help="How long.")] = Length.SHORT,
    no_llm: NoModelFlag = False,
) -> int:
    """A reading summary, every sentence with its quote.

    \b
    Examples:
      paperdesk summary 1706.03762
      paperdesk summary 1706.03762 --length sentence
    """
    call = call_of(context)
    return _document(
        call,
        "summarising",
        lambda assistant: assistant.summarize(ref, length=length.value, use_model=not no_llm),
    )


def report(
    context: typer.Context,
    refs: RefsArgument = None,
    week: Annotated[str | None, typer.Option(help="On this week's papers.")] = None,
    course: Annotated[str | None, typer.Option(help="The course of that week.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="F.md|F.pdf|F.docx", help="Write it there."),
    ] = None,
    prompt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The assignment's own words.")
    ] = None,
    pages: Annotated[int, typer.Option(min=1, max=20, help="How many pages at most.")] = 1,
    no_llm: NoModelFlag = False,
) -> int:
    """A one-page report outline as Markdown, PDF or Word.

    \b
    Examples:
      paperdesk report 1706.03762 -o report.pdf
      paperdesk report --week 3 --prompt assignment.txt -o week3.docx
    """
    call = call_of(context)
    chosen, missed = call.known(_chosen(refs, week))
    task = _read(prompt) if prompt is not None else None
    if output is not None and output.suffix.lower() not in {".md", ".pdf", ".docx"}:
        raise UsageError(f"{output} is not a kind of report", "end it in .md, .pdf or .docx")
    return _document(
        call,
        "drafting the report",
        lambda assistant: assistant.draft_report(
            chosen,
            course=course,
            week=week,
            prompt=task,
            pages=pages,
            output=output,
            use_model=not no_llm,
        ),
        missed=missed,
    )


def questions(
    context: typer.Context,
    refs: RefsArgument = None,
    week: Annotated[str | None, typer.Option(help="On this week's papers.")] = None,
    course: Annotated[str | None, typer.Option(help="The course of that week.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=50, help="How many.")] = 5,
    no_llm: NoModelFlag = False,
) -> int:
    """Questions for the speaker, each anchored to a page.

    \b
    Examples:
      paperdesk questions 1706.03762 -n 3
      paperdesk questions --week 3
    """
    call = call_of(context)
    chosen, missed = call.known(_chosen(refs, week))
    return _document(
        call,
        "looking for questions",
        lambda assistant: assistant.speaker_questions(
            chosen, course=course, week=week, n=n, use_model=not no_llm
        ),
        missed=missed,
    )


def answer_markdown(answer: Answer, names: dict[str, str]) -> str:
    """An answer for people: its text, its quotes, and what was checked.

    A line of the text that holds a quote gives way to the quote itself; the others follow the text.
    `names` maps refs to short names, where several papers are in play.
    """
    lines: list[str] = []
    quotes = [quote for claim in answer.claims for quote in claim.quotes]
    if answer.abstained:
        lines += [f"Not in your papers: {answer.reason or 'no passage answers it'}", ""]
    else:
        for line in answer.answer.splitlines():
            held = [quote for quote in quotes if _one_line(quote.reading) in _one_line(line)]
            lines += [*_quote_lines(held, names)] if held else [line]
            quotes = [quote for quote in quotes if quote not in held]
        lines.append("")
    reason = answer.reason or "the passages found may not be about this"
    if answer.confidence == "unsure" and not answer.abstained and reason not in answer.answer:
        lines += [f"Unsure: {reason}", ""]
    for claim in answer.claims:
        if claim.struck is not None:
            lines += [f"Struck: {claim.text} ({claim.struck})", ""]
        elif claim.supported is False:
            lines += [f"Not supported by its quote: {claim.text}", ""]
        lines += _quote_lines([quote for quote in claim.quotes if quote in quotes], names)
    model = f", {answer.model}" if answer.model else ""
    checked = f"{answer.verified} of {answer.total} verified · " if answer.claims else ""
    lines.append(f"{checked}{answer.mode}{model}")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).lstrip("\n")


def document_markdown(document: Document) -> str:
    """A document for people: as its writer set it, else its sections one after the other."""
    if document.markdown:
        return document.markdown
    lines: list[str] = []
    for section in document.sections:
        lines += [f"## {section.heading}", ""]
        for claim in section.items:
            lines += [f"- {claim.text}", *_quote_lines(claim.quotes, {})]
    return "\n".join(lines)


def _quote_lines(quotes: Iterable[Quote], names: dict[str, str]) -> list[str]:
    lines = []
    for quote in quotes:
        name = f"{names[quote.ref]}, " if quote.ref in names else ""
        doubt = "" if quote.verified else ", not found there"
        lines += ["", f"> “{_one_line(quote.reading)}” ({name}p. {quote.page}{doubt})", ""]
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _document(
    call: Call,
    doing: str,
    job: Callable[[PaperAssistant], AsyncIterator[Event]],
    *,
    missed: int = 0,
) -> int:
    """Run a job that ends in a Document and print it. `missed` counts papers left out of it."""
    with steps(call.out, doing) as watch:
        done = call.run(job, watch)
    document = done.result
    assert isinstance(document, Document)
    if call.out.as_json:
        call.out.document(document)
    else:
        print_document(call.out, document)
    if document.total == 0:
        return ExitCode.NOTHING_FOUND
    return ExitCode.PARTLY if done.failed or missed else ExitCode.DONE


def print_document(out: Output, document: Document) -> None:
    """A document, or where it was written; what was checked goes to stderr."""
    if document.path is not None:
        out.line(document.path)
    else:
        out.markdown(document_markdown(document))
        if out.on_terminal:
            out.line()
    by = f"by {document.model}" if document.model else "without a model: sentences of the paper"
    out.note(f"{document.verified} of {document.total} verified · {document.mode}, {by}")
    for missing in document.missing:
        out.note(f"not found: {missing}")


def _short_names(call: Call, claims: tuple[Claim, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    with call.assistant() as assistant:
        for ref in {quote.ref for claim in claims for quote in claim.quotes}:
            try:
                names[ref] = assistant.resolve(ref).short_name
            except PaperdeskError:
                names[ref] = ref  # removed meanwhile
    return names


def _require_words(text: str, what: str) -> None:
    """Raises UsageError for a text without a single letter or digit."""
    if not any(character.isalnum() for character in text):
        raise UsageError(f"the {what} is empty", 'write it in quotes: "Why …?"')


def _chosen(refs: list[str] | None, week: str | None) -> list[str]:
    if not refs and week is None:
        raise UsageError("no paper is named", "give a REF or --week N")
    if refs and week is not None:
        raise UsageError("a REF and --week were both given", "give one of them")
    return list(refs or ())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read ({why})", "name a text file") from error
