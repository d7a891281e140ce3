"""The command line: exit codes, documents, one-line errors, and what is safe to print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant import cli
from assistant.cli import session
from assistant.cli.output import Output
from assistant.events import Done, Event, Failed, Step, TextDelta
from assistant.facade import PaperAssistant
from assistant.listing import PaperList
from assistant.results import Answer, Claim, Document, Quote, Section
from assistant.settings import Settings
from indexes.errors import ErrorDocument
from indexes.folders import Home
from indexes.hits import Hit, SearchResult
from indexes.library import Library
from indexes.papers import Fault, PaperState
from indexes.passages import Page, PassageKind
from ingest.progress import Progress

SYLLABUS = """\
# TST 101: Testing
Fall 2023

## Week 1 (Sep 8): First things
- HW (read and one-page report): https://arxiv.org/abs/1706.03762

## Week 2 (Sep 15): Second things
- Reference: https://arxiv.org/abs/2203.02155
"""


@dataclass
class Ran:
    """What one call left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def one_error(self) -> str:
        """The error's line; fails where stderr holds a traceback or more than one error."""
        assert "Traceback" not in self.err
        lines = [line for line in self.err.splitlines() if line.startswith("paperdesk: ")]
        assert len(lines) == 1, self.err
        return lines[0]


Run = Callable[..., Ran]


def keys(words: str) -> set[str]:
    return set(words.split())


@pytest.fixture
def run(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in list(os.environ):
        if name.startswith("PAPERDESK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PAPERDESK_HOME", str(home.root))
    monkeypatch.setenv("PAPERDESK_LLM__KIND", "none")

    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = cli.main(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


class Scripted(PaperAssistant):
    """The façade with its long jobs replaced by lists of events."""

    script: Sequence[Event | BaseException] = ()
    closed = 0

    async def _play(self, *_: object, **__: object) -> AsyncIterator[Event]:
        for event in self.script:
            if isinstance(event, BaseException):
                raise event
            yield event

    sync = search = ask = reindex = _play  # type: ignore[assignment]
    summarize = draft_report = speaker_questions = _play  # type: ignore[assignment]

    async def aclose(self) -> None:
        type(self).closed += 1
        await super().aclose()


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make every long job yield these events."""

    def use(*events: Event | BaseException) -> None:
        monkeypatch.setattr(Scripted, "script", events)
        monkeypatch.setattr(Scripted, "closed", 0)
        monkeypatch.setattr(session, "open_assistant", Scripted)

    return use


@pytest.fixture
def paper(home: Home, run: Run) -> str:
    """One indexed paper with a page, in week 3 of a course."""
    assert run("add", "1706.03762", "--course", "Testing", "--week", "3").code == 0
    with Library(home) as library:
        key = "arxiv:1706.03762"
        library.papers.advance(
            key,
            PaperState.INDEXED,
            version=7,
            title="Attention Is All You Need",
            authors=("Ashish Vaswani", "Noam Shazeer"),
            published="2017-06-12",
            pages=1,
        )
        library.passages.write_pages(
            key, [Page(number=1, width=612, height=792, text="The first page.\n\x1b[2JSafe?")]
        )
    return key


def quoted(text: str = "grow large in magnitude", **fields: Any) -> Claim:
    quote = Quote(ref="arxiv:1706.03762v7", page=4, text=text, verified=True)
    return Claim(text=text, quotes=(quote,), **fields)


def answer(**fields: Any) -> Answer:
    return Answer(
        **{
            "question": "Why?",
            "answer": "They grow.",
            "abstained": False,
            "confidence": "found",
            "mode": "extractive",
            "claims": (quoted(),),
            **fields,
        }
    )


def one_hit(text: str) -> Hit:
    return Hit(
        rank=1,
        score=0.83,
        ref="arxiv:1706.03762v7",
        arxiv_id="1706.03762",
        version=7,
        title="Attention",
        page=4,
        section="3.2.1",
        kind=PassageKind.TEXT,
        text=text,
        boxes=(),
        passage="x",
        paper="arxiv:1706.03762",
    )


# -- usage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "no such command 'frobnicate'; paperdesk --help"),
        (["search"], "missing argument 'QUERY'; paperdesk search --help"),
        (["list", "--stat", "x"], "no such option: --stat"),
        (["list", "--state", "lost"], "--state"),
        (["show", "1706.03762", "--page", "0"], "--page"),
        (["search", "x", "-k", "many"], "-k"),
        (["status", "1706.03762", "skimmed"], "skimmed"),
        (["due", "1706.03762", "soon"], "'soon' is not a date; write it as"),
        (["report"], "no paper is named; give a REF or --week N"),
        (["report", "1706.03762", "--week", "1"], "both given"),
        (["report", "1706.03762", "-o", "r.odt"], ".md, .pdf or .docx"),
        (["report", "1706.03762", "--prompt", "absent.txt"], "absent.txt cannot be read"),
        (["--set", "llm.kind", "list"], "has no value; write --set KEY=VALUE"),
        (["--set", "llm.knd=none", "list"], "did you mean llm.kind?"),
        (["config"], "missing command"),
        (["find", "a title"], "no such command 'find'"),
        (["add", "what is this"], "not a form of REF"),
        (["show", "nonsense"], "not a form of REF"),
        (["list", "--course", "none such"], "no course matches"),
        (["import", " "], "no syllabus is named"),
        (["ask", "?!"], "the question is empty"),
        (["search", ""], "the query is empty"),
        (["search", "x", "--kind", "song"], "invalid value for '--kind': 'song' is not one of"),
        (["search", "x", "-k", "0"], "'-k'"),
        (["note", "1706.03762", "\udcff\udcfe"], "\\udcff\\udcfe is not text in UTF-8"),
        (["sync", "--ocr"], "scans without text cannot be read yet"),
        (["sync", "nonsense", "2203.02155"], "nonsense is not a form of REF"),
        (["import", "."], "is a folder"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(run: Run, arguments: list[str], words: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert words in ran.one_error
    assert ran.out == ""
    ran = run(*arguments, "--json")
    assert ran.code == 2
    assert set(ran.document) == {"error"}
    assert set(ran.document["error"]) == {"code", "message", "remedy"}


def test_global_flags_may_stand_anywhere(run: Run, home: Home, tmp_path: Path) -> None:
    assert run("--json", "list").document == run("list", "--json").document == {"papers": []}
    other = tmp_path / "other"
    assert run("config", "path", "--home", str(other)).out.strip() == str(other / "config.toml")
    shown = run("config", "show", f"--home={other}", "--set", "arxiv.interval_s=0", "--json")
    row = next(s for s in shown.document["settings"] if s["key"] == "arxiv.interval_s")
    assert (row["value"], row["origin"]) == (0, "flag")


def test_what_follows_two_dashes_is_never_a_flag(run: Run, paper: str) -> None:
    assert run("note", "--", "1706.03762", "--json").code == 0
    assert "note: --json" in run("show", "1706.03762").out


def test_help_and_version_exit_0(run: Run) -> None:
    for arguments in (["--help"], ["ask", "-h"], ["config", "set", "--help"]):
        ran = run(*arguments)
        assert ran.code == 0
        assert "paperdesk" in ran.out
        assert "\x1b" not in ran.out
    assert run("--version").out.startswith("paperdesk ")


def test_every_command_shows_an_example(run: Run) -> None:
    from assistant.cli.application import app

    names = [command.name or "" for command in app.registered_commands]
    assert len(names) >= 18
    for name in names:
        assert f"paperdesk {name}" in run(name, "--help").out.split("Example", 1)[1]


# -- the reading list -----------------------------------------------------------------------


def test_import_prints_the_list_by_week_and_changes_nothing_on_a_dry_run(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "syllabus.md"
    file.write_text(SYLLABUS, encoding="utf-8")
    ran = run("import", str(file), "--dry-run", "--json")
    assert ran.code == 0
    assert {"course", "term", "weeks", "unfiled", "unparsed"} <= set(ran.document)
    assert run("list", "--json").document == {"papers": []}
    ran = run("import", str(file))
    assert ran.code == 0
    assert "1706.03762" in ran.out
    assert "next: paperdesk sync" in ran.err
    listed = run("list").out
    assert listed.index("Week 1") < listed.index("1706.03762") < listed.index("Week 2")
    assert "2203.02155" not in run("list", "--week", "1").out
    assert run("import", str(tmp_path / "absent.md")).code == 2
    file.write_text("")
    assert run("import", str(file)).code == 0
    assert "no readings were found" in run("import", str(file)).err


def test_adding_in_part_exits_3_and_prints_the_document(run: Run) -> None:
    ran = run("add", "1706.03762", "what is this", "--json")
    assert ran.code == 3
    assert [p["ref"] for p in ran.document["papers"]] == ["arxiv:1706.03762"]
    assert "what is this" in ran.one_error
    assert run("add", "1706.03762").code == 0


def test_listed_papers_have_the_keys_of_the_contract(run: Run, paper: str) -> None:
    (listed,) = run("list", "--json").document["papers"]
    assert set(listed) >= keys(
        "ref arxiv_id version url kind title authors published pages passages state structure "
        "error status course weeks role due minutes"
    )


def test_status_due_note_show_and_remove(run: Run, paper: str) -> None:
    assert run("status", "1706.03762", "reading", "--page", "1").code == 0
    assert run("due", "1706.03762", "2023-09-15").code == 0
    assert run("note", "1706.03762", "why the root?", "--page", "1").code == 0
    shown = run("show", "1706.03762", "--json").document
    assert shown["paper"]["status"] == "reading"
    assert shown["paper"]["due"] == "2023-09-15"
    assert shown["notes"][0]["text"] == "why the root?"
    out = run("show", "1706.03762").out
    assert "title: Attention Is All You Need" in out
    assert "note (p. 1): why the root?" in out
    assert run("due", "1706.03762", "none", "--json").document["papers"][0]["due"] is None
    ran = run("show", "1706.03762", "--page", "9")
    assert ran.code == 1
    assert ran.one_error


def test_a_paper_that_is_not_there_is_named(run: Run) -> None:
    ran = run("show", "2203.02155", "--json")
    assert ran.code == 1
    assert ran.document["error"]["code"] == "not_found"
    assert "paperdesk add 2203.02155" in ran.one_error


# -- sync -----------------------------------------------------------------------------------


def test_sync_in_part_exits_3_with_reasons_and_a_next_step(
    run: Run, script: Callable[..., None], home: Home, paper: str
) -> None:
    run("add", "2307.03109")
    with Library(home) as library:
        fault = Fault(code="not_found", message="arXiv has no 2307.03109", retryable=False)
        library.papers.fail("arxiv:2307.03109", fault)
    assistant = PaperAssistant(home, Settings())
    papers = assistant.list_papers()
    script(
        Progress(stage="fetch", key="arxiv:1706.03762", done=1, total=9),
        Progress(stage="fetch", key="arxiv:1706.03762", done=9, total=9),
        Progress(stage="wait", message="arXiv asks to wait 30 s"),
        Progress(stage="embed", key="arxiv:1706.03762", done=9, total=9),
        Progress(stage="index", key="arxiv:1706.03762", done=9, total=9),
        Progress(stage="structure", key="arxiv:1706.03762", done=1, total=1),
        Progress(stage="done", key="arxiv:1706.03762"),
        Done(result=papers, failed=1),
    )
    ran = run("sync")
    assert ran.code == 3
    assert "1 indexed" in ran.out
    assert "not_found\tarXiv has no 2307.03109" in ran.out
    assert ran.err.splitlines() == [
        "arXiv asks to wait 30 s",
        "arxiv:1706.03762: searchable (9 passages)",
        "arxiv:1706.03762: done",
        'next: paperdesk ask "…"',
    ], "a line for what matters, not for each stage"
    assert run("sync", "--quiet").err == ""
    assert len(run("sync", "--json").document["papers"]) == 2
    assert run("reindex", "--json").code == 3


def test_the_rest_goes_on_where_some_refs_are_not_in_the_library(
    run: Run, script: Callable[..., None], paper: str
) -> None:
    document = Document(
        refs=(), mode="extractive", sections=(Section(heading="Approach", items=(quoted(),)),)
    )
    for command in (["report"], ["questions"]):
        script(Done(result=document))
        ran = run(*command, "1706.03762", "nonsense")
        assert ran.code == 3
        assert "nonsense is not a form of REF" in ran.one_error
        assert "## Approach" in ran.out
    script(Done(result=PaperList(papers=())))
    ran = run("sync", "2203.02155", "1706.03762", "--json")
    assert ran.code == 3
    assert "2203.02155 is not in the library" in ran.one_error
    assert ran.document == {"papers": []}
    ran = run("remove", "nonsense", "1706.03762")
    assert ran.code == 3
    assert "removed arxiv:1706.03762" in ran.out
    assert ran.one_error


def test_searching_by_words_alone_is_said_once(
    run: Run, script: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "indexes.embedding.bundled_problem", lambda: "searching by words alone: no model; do this"
    )
    script(Done(result=SearchResult(query="x", elapsed_ms=1.5, hits=(one_hit("We suspect"),))))
    assert run("search", "x").err == "warning: searching by words alone: no model; do this\n"
    assert run("search", "x", "--set", "embedding.model=other").err == ""
    script(Done(result=answer()))
    assert run("ask", "Why?").err.count("words alone") == 1
    script(Done(result=PaperList(papers=())))
    assert run("sync").err.count("words alone") == 1


def test_an_empty_list_says_why(run: Run, paper: str) -> None:
    assert run("list", "--week", "99").err == (
        "nothing on the list matches; paperdesk list shows all of it\n"
    )
    assert run("list", "--week", "99").code == 0


def test_many_downloads_need_yes_where_nobody_can_be_asked(
    run: Run, script: Callable[..., None]
) -> None:
    assert run("add", *(f"2301.{n:05}" for n in range(1, 52))).code == 0
    script(Done(result=PaperList(papers=())))
    ran = run("sync")
    assert ran.code == 2
    assert "51 papers" in ran.one_error
    assert "--yes" in ran.one_error
    assert run("sync", "--yes").code == 0
    assert run("sync", "2301.00001").code == 0, "one download needs no leave"


# -- asking ---------------------------------------------------------------------------------


def test_search_prints_passages_and_exits_4_without_any(
    run: Run, script: Callable[..., None]
) -> None:
    script(Done(result=SearchResult(query="x", elapsed_ms=1.5, hits=(one_hit("We suspect"),))))
    ran = run("search", "x")
    assert ran.code == 0
    assert "1. Attention · p. 4 · 3.2.1" in ran.out
    assert "We suspect" in ran.out
    (found,) = run("search", "x", "--json").document["hits"]
    assert set(found) >= keys("rank score ref arxiv_id version title page section kind text boxes")
    script(Done(result=SearchResult(query="x", elapsed_ms=1.5)))
    assert run("search", "x").code == 4
    assert run("search", "x", "--json").document["hits"] == []


def test_an_answer_is_followed_by_its_quotes(
    run: Run, script: Callable[..., None], paper: str
) -> None:
    script(
        Step(name="search", detail="dot products"), TextDelta(text="They"), Done(result=answer())
    )
    ran = run("ask", "Why?")
    assert ran.code == 0
    assert ran.out.startswith("They grow.\n")
    assert "> “grow large in magnitude” (Vaswani et al. 2017, p. 4)" in ran.out
    assert "1 of 1 verified · extractive" in ran.out
    assert "search: dot products" in ran.err
    assert "> “grow large in magnitude” (p. 4)" in run("ask", "Why?", "--paper", "1706.03762").out


def test_ask_prints_the_document_of_the_contract(run: Run, script: Callable[..., None]) -> None:
    script(Done(result=answer()))
    document = run("ask", "Why?", "--json").document
    assert set(document) >= keys(
        "question answer abstained confidence reason mode model claims verified total complete "
        "evidence usage elapsed_ms"
    )
    assert document["claims"][0]["quotes"][0]["verified"] is True
    assert (document["verified"], document["total"]) == (1, 1)


def test_what_is_not_in_the_papers_exits_4_with_the_reason(
    run: Run, script: Callable[..., None]
) -> None:
    absent = answer(
        answer="", abstained=True, confidence="absent", reason="no passage is about it", claims=()
    )
    script(Done(result=absent))
    ran = run("ask", "Who won?")
    assert ran.code == 4
    assert ran.out.startswith("Not in your papers: no passage is about it")
    assert run("ask", "Who won?", "--json").code == 4


def test_struck_and_unverified_claims_are_shown_as_such(
    run: Run, script: Callable[..., None], paper: str
) -> None:
    unfound = Quote(ref="arxiv:1706.03762v7", page=2, text="eight heads", verified=False)
    claims = (quoted(), Claim(text="It has eight.", quotes=(unfound,), struck="not on page 2"))
    script(Done(result=answer(claims=claims, complete=False)))
    ran = run("ask", "Why?")
    assert "Struck: It has eight. (not on page 2)" in ran.out
    assert "p. 2, not found there)" in ran.out
    assert "1 of 2 verified" in ran.out
    assert "incomplete" in ran.err


def test_a_job_that_fails_prints_its_error(run: Run, script: Callable[..., None]) -> None:
    down = ErrorDocument(code="model", message="the model is down", remedy="use --no-llm")
    script(Failed(error=down, exit_code=1))
    ran = run("ask", "Why?", "--json")
    assert ran.code == 1
    assert ran.document == {"error": down.model_dump()}
    assert ran.one_error == "paperdesk: the model is down; use --no-llm"


def test_documents_are_printed_or_named(run: Run, script: Callable[..., None]) -> None:
    made = Document(
        refs=("arxiv:1706.03762v7",),
        mode="extractive",
        sections=(Section(heading="Approach", items=(quoted(),)),),
        missing=("limitations",),
    )
    script(Done(result=made))
    for command in (["summary"], ["report"], ["questions"]):
        ran = run(*command, "1706.03762")
        assert ran.code == 0
        assert "## Approach" in ran.out
        assert "> “grow large in magnitude” (p. 4)" in ran.out
        assert "1 of 1 verified" in ran.err
        assert "not found: limitations" in ran.err
    document = run("summary", "1706.03762", "--json").document
    assert set(document) >= keys("refs mode model sections verified total pages words path")
    script(Done(result=made.model_copy(update={"markdown": "# Set\n", "path": None})))
    assert run("report", "1706.03762").out == "# Set\n"
    script(Done(result=made.model_copy(update={"path": "/there/report.pdf"})))
    assert run("report", "1706.03762", "-o", "report.pdf").out == "/there/report.pdf\n"
    script(Done(result=made.model_copy(update={"sections": ()})))
    assert run("summary", "1706.03762").code == 4


# -- the last line of defence ----------------------------------------------------------------


def test_an_interrupt_closes_the_library_and_exits_130(
    run: Run, script: Callable[..., None]
) -> None:
    script(Progress(stage="fetch"), KeyboardInterrupt())
    ran = run("sync", "--json")
    assert ran.code == 130
    assert ran.one_error == "paperdesk: interrupted; run it again to resume"
    assert ran.out == "", "there is no document of a job that was cut off"
    assert Scripted.closed == 2, "the one that counts and the one that syncs"


def test_an_unexpected_exception_is_one_line(
    run: Run, script: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    script(ZeroDivisionError("division\nby zero"))
    ran = run("search", "x", "--json")
    assert ran.code == 1
    assert ran.document["error"]["code"] == "internal"
    assert "ZeroDivisionError" in ran.one_error
    assert "CONTRIBUTING.md" in ran.one_error
    monkeypatch.setenv("PAPERDESK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("search", "x")


def test_a_home_that_cannot_be_made_is_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    ran = run("list", "--home", str(file / "library"))
    assert ran.code == 1
    assert "PAPERDESK_HOME" in ran.one_error


def test_a_bad_setting_stops_every_command_that_needs_one(run: Run, home: Home) -> None:
    home.create()
    home.settings.write_text('[llm]\nmodle = "x"\n')
    for arguments in (["list"], ["sync"], ["config", "show"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert "did you mean llm.model?" in ran.one_error
    assert run("config", "path").code == 0


def test_untrusted_text_reaches_neither_the_terminal_nor_markup(
    run: Run, script: Callable[..., None], monkeypatch: pytest.MonkeyPatch, paper: str
) -> None:
    evil = "a\x1b]52;c;aGk=\x07b \x1b[2J[bold]c[/nope] \u202ed\u200b \x9b31m"
    script(Done(result=answer(answer=evil, claims=(quoted(evil),))))
    unsafe = set("\x1b\x07\u202e\u200b\x9b")
    plain = run("ask", "Why?").out
    assert "[bold]c[/nope]" in plain
    assert not unsafe & set(plain)
    text = run("ask", "Why?", "--json")
    assert not unsafe & set(text.out)
    assert text.document["answer"] == evil, "escaped, not lost"
    assert not unsafe & set(run("show", "1706.03762", "--page", "1").out)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(Output, "on_terminal", property(lambda self: not self.as_json))
    shown = run("ask", "Why?").out
    assert "[bold]c[/nope]" in shown
    assert not unsafe & set(shown)
    assert run("list").code == 0


def test_config_set_show_and_path(run: Run, home: Home) -> None:
    assert run("config", "set", "llm.api_key", "sk-hush").code == 0
    assert run("config", "set", "arxiv.interval_s", "0").code == 0
    ran = run("config", "set", "llm.kind", "local")
    assert "PAPERDESK_LLM__KIND is set and wins" in ran.err
    shown = run("config", "show")
    assert "hush" not in shown.out
    assert "arxiv.interval_s\t0.0\tfile\tPAPERDESK_ARXIV__INTERVAL_S" in shown.out
    assert run("config", "set", "arxiv.interval_s", "").code == 0
    assert "arxiv.interval_s\t3.0\tdefault" in run("config", "show").out
    assert run("config", "set", "llm.knd", "x").code == 2
    assert run("config", "path").out.strip() == str(home.settings)


def test_the_command_reference_is_up_to_date() -> None:
    from assistant.cli.reference import command_reference

    written = (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == command_reference(), (
        "run: python -m assistant.cli.reference > docs/commands.md"
    )


def test_the_console_script_hands_over(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.launcher import main

    monkeypatch.setattr(sys, "argv", ["paperdesk", "config", "path"])
    assert main() == 0
