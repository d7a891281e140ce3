"""The `paperdesk` command: global flags, the groups of commands, and the last line of defence."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import asking, demonstration, reading, upkeep, work
from assistant.cli.output import ExitCode, Output
from assistant.cli.session import Call
from assistant.unexpected import describe, shows_traceback
from indexes.errors import ErrorDocument, PaperdeskError, UsageError
from indexes.folders import Home

_SWITCHES = ("--json", "--quiet", "-q")
_OPTIONS = ("--home", "--set")

app = typer.Typer(
    name="paperdesk",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="Exit codes: 0 done, 1 failed, 2 usage or settings, 3 done in part, "
    "4 not in your papers, 130 interrupted.",
)
for group in (reading, work, asking, upkeep, demonstration):
    group.register(app)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"paperdesk {version('paperdesk')}")
        raise typer.Exit


@app.callback()
def paperdesk(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on stdout.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No narration and no progress on stderr.")
    ] = False,
    home: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The library's folder, instead of PAPERDESK_HOME."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, for this call only."),
    ] = None,
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Reading lists, arXiv papers and answers with checked quotes, in the terminal.

    Without a command, paperdesk opens the application. These flags may stand anywhere.

    \b
    Begin:
      paperdesk demo                       the whole job on a small course, no network
      paperdesk import syllabus.md         a syllabus becomes the reading list
      paperdesk sync                       fetch and index its papers
      paperdesk ask "Why is it scaled?"    an answer, every quote checked on its page
      paperdesk report 1706.03762 -o report.pdf

    A REF is an arXiv id (1706.03762, 1706.03762v5), an arXiv address, a path to a PDF, a web
    address, or any ref that paperdesk prints.
    """
    context.obj = Call(
        home=Home(home.expanduser().absolute()) if home is not None else Home.default(),
        out=Output(as_json=as_json, quiet=quiet),
        flags=_assignments(settings or []),
    )


def run(arguments: list[str]) -> int:
    """Run one command. Whatever goes wrong ends as one line and a documented exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a narrow encoding must not end a command
            stream.reconfigure(errors="backslashreplace")
    arguments = _global_flags_first(arguments)
    out = Output(as_json="--json" in _before_separator(arguments))
    try:
        _require_text(arguments)
        with _terminate_like_interrupt():
            code = _invoke(arguments)
            sys.stdout.flush()
            return code
    except PaperdeskError as error:
        return _fail(out, error.document(), error.exit_code)
    except typer.TyperException as error:
        return _fail(out, _usage_document(error), ExitCode.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        out.error(
            ErrorDocument(
                code="interrupted", message="interrupted", remedy="run it again to resume"
            ),
            document=False,
        )
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe has what it wanted. Python's last flush must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        if shows_traceback():
            raise
        return _fail(out, describe(error), ExitCode.FAILED)


def _invoke(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    if "_PAPERDESK_COMPLETE" in os.environ:
        command.main(args=arguments, prog_name="paperdesk")
    try:
        with command.make_context("paperdesk", arguments) as context:
            return int(command.invoke(context) or 0)
    except typer.Exit as error:
        return error.exit_code


def _fail(out: Output, document: ErrorDocument, code: int) -> int:
    with contextlib.suppress(OSError):  # stdout itself may be what failed
        out.error(document)
        sys.stdout.flush()
    return int(code)


def _usage_document(error: typer.TyperException) -> ErrorDocument:
    message = error.format_message().rstrip(".").replace("Value error, ", "")
    where = getattr(getattr(error, "ctx", None), "command_path", "paperdesk")
    return ErrorDocument(
        code="usage",
        message=message[:1].lower() + message[1:],
        remedy=f"{where} --help shows how",
    )


def _require_text(arguments: Sequence[str]) -> None:
    """Raises UsageError for bytes that are no UTF-8: no database and no index could hold them."""
    for argument in arguments:
        if any("\ud800" <= character <= "\udfff" for character in argument):
            shown = argument.encode("utf-8", "backslashreplace").decode("utf-8")
            raise UsageError(f"{shown[:80]} is not text in UTF-8", "write it, or name it, in UTF-8")


def _assignments(pairs: Sequence[str]) -> dict[str, str]:
    """`--set KEY=VALUE` as a mapping. Raises UsageError."""
    flags = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"--set {pair!r} has no value", "write --set KEY=VALUE")
        flags[key.strip()] = value
    return flags


def _global_flags_first(arguments: Sequence[str]) -> list[str]:
    """Move the global flags before the command, so that they may stand anywhere before `--`."""
    before = _before_separator(arguments)
    moved: list[str] = []
    kept: list[str] = []
    rest = iter(before)
    for argument in rest:
        if argument in _SWITCHES or argument.startswith(tuple(f"{o}=" for o in _OPTIONS)):
            moved.append(argument)
        elif argument in _OPTIONS:
            moved += [argument, *([value] if (value := next(rest, None)) is not None else [])]
        else:
            kept.append(argument)
    return [*moved, *kept, *arguments[len(before) :]]


def _before_separator(arguments: Sequence[str]) -> list[str]:
    listed = list(arguments)
    return listed[: listed.index("--")] if "--" in listed else listed


@contextlib.contextmanager
def _terminate_like_interrupt() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does: cleanly, with exit code 130."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
