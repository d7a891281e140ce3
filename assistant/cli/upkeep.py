"""Commands of upkeep: doctor, config, eval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import ExitCode, Output
from assistant.cli.progress import bars
from assistant.cli.session import call_of

if TYPE_CHECKING:
    from assistant.evaluation import Evaluation

config = typer.Typer(rich_markup_mode=None, help="Show or change the settings.")


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("doctor")(doctor)
    app.add_typer(config, name="config")
    app.command("eval")(evaluate)


@config.command("show")
def config_show(context: typer.Context) -> int:
    """Every setting, its value and where it came from; secrets are hidden.

    \b
    Example:
      paperdesk config show
    """
    from assistant.settings import environment_name, explain_settings

    call = call_of(context)
    rows = explain_settings(call.home, call.flags)
    if call.out.as_json:
        settings = [row.model_dump(mode="json") for row in rows]
        call.out.document({"path": str(call.home.settings), "settings": settings})
    else:
        cells = [
            (row.key, "–" if row.value is None else row.value, row.origin, row.environment)
            for row in rows
        ]
        if call.out.on_terminal:  # the names of the variables follow a rule, and need the room
            call.out.table(("key", "value", "from"), [cell[:3] for cell in cells], wide=1)
            call.out.note(
                f"each is an environment variable, too: llm.url is {environment_name('llm.url')}"
            )
        else:
            call.out.table(("key", "value", "from", "environment"), cells, wide=1)
    return ExitCode.DONE


@config.command("set")
def config_set(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as llm.kind.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help='"" puts the default back.')],
) -> int:
    """Write one setting to the settings file; the others stay.

    \b
    Examples:
      paperdesk config set llm.url http://localhost:11434/v1
      paperdesk config set arxiv.contact me@example.org
      paperdesk config set llm.url ""
    """
    from assistant.settings import explain_settings, write_setting

    call = call_of(context)
    write_setting(call.home, key, value or None)
    row = next(row for row in explain_settings(call.home, call.flags) if row.key == key)
    if call.out.as_json:
        call.out.document({"path": str(call.home.settings), "setting": row.model_dump(mode="json")})
    else:
        call.out.line(f"{key} = {'–' if row.value is None else row.value}")
    if value and row.origin != "file":
        call.out.note(f"{row.environment} is set and wins over the file")
    return ExitCode.DONE


@config.command("path")
def config_path(context: typer.Context) -> int:
    """Where the settings file is, whether or not it exists yet.

    \b
    Example:
      $EDITOR "$(paperdesk config path)"
    """
    call = call_of(context)
    if call.out.as_json:
        call.out.document({"path": str(call.home.settings)})
    else:
        call.out.line(str(call.home.settings))
    return ExitCode.DONE


def doctor(
    context: typer.Context,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask arXiv (or its mirror) for one answer.")
    ] = False,
) -> int:
    """Check the installation, the library and the model.

    Each finding comes with its remedy; exit code 1 where one keeps Paperdesk from its job.

    \b
    Example:
      paperdesk doctor --online
    """
    from assistant.doctor import diagnose

    call = call_of(context)
    diagnosis = diagnose(call.home, call.flags, online=online)
    if call.out.as_json:
        call.out.document(diagnosis)
    elif call.out.on_terminal:
        rows: list[tuple[str, str, str]] = []
        for check in diagnosis.checks:
            rows.append((check.level, check.name, check.message))
            if check.remedy:
                rows.append(("", "", f"→ {check.remedy}"))
        call.out.table(("", "check", "finding"), rows, wide=2)
    else:
        for check in diagnosis.checks:
            call.out.line(f"{check.level:<4}  {check.name}: {check.message}")
            if check.remedy:
                call.out.line(f"      → {check.remedy}")
    return ExitCode.DONE if diagnosis.healthy else ExitCode.FAILED


def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="The question set.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N questions.")] = None,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Without a language model.")] = False,
) -> int:
    """Run a question set on the library and measure it.

    \b
    Example:
      paperdesk eval questions.jsonl --limit 20 --json
    """
    from assistant import evaluation, question_set

    call = call_of(context)
    questions = question_set.read_questions(file, limit)
    settings = call.settings()
    with call.assistant() as assistant:
        question_set.require_papers(assistant, questions)
    use_model = settings.llm.display_name is not None and not no_llm
    with bars(call.out) as watch:
        done = call.run(
            lambda assistant: evaluation.evaluate(assistant, questions, use_model=use_model), watch
        )
    result = done.result
    assert isinstance(result, evaluation.Evaluation)
    if call.out.as_json:
        call.out.document(result)
    else:
        _print_evaluation(call.out, result)
    return ExitCode.DONE


def _print_evaluation(out: Output, result: Evaluation) -> None:
    shown = result.model_dump(mode="json", by_alias=True)
    rows: list[tuple[str, object]] = []
    for part in ("retrieval", "answers", "latency_ms"):
        for name, value in shown[part].items():
            if isinstance(value, dict):
                rows += [(f"{name} {inner}", _figure(v)) for inner, v in value.items()]
            else:
                label = f"answer {name} ms" if part == "latency_ms" else name
                rows.append((label, _figure(value)))
    out.heading(f"{result.questions} questions{f', {result.model}' if result.model else ''}")
    out.table(("measure", "value"), rows, wide=0)


def _figure(value: float | int | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
