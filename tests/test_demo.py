"""The demo: the whole job on the course that ships, in a library of its own, with no network."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant import cli
from assistant.cli import session
from assistant.demo import COURSE, NOT_IN_THE_PAPERS, default_folder, prepared_demo
from assistant.events import Done, Event
from assistant.facade import PaperAssistant
from assistant.results import Answer, Claim, Document, Quote, Section
from assistant.settings import Settings
from indexes.errors import UsageError
from indexes.folders import Home


@pytest.fixture(autouse=True)
def _users_own(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with a library elsewhere, an index on a server and a hosted model."""
    for name in list(os.environ):
        if name.startswith("PAPERDESK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PAPERDESK_HOME", str(home.root))
    monkeypatch.setenv("PAPERDESK_INDEX__URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PAPERDESK_LLM__URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PAPERDESK_LLM__MODEL", "hosted")


class Quick(PaperAssistant):
    """The façade without its slow jobs; remembers what it was opened with."""

    opened: list[tuple[Path, Settings]]

    def __init__(self, home: Home, settings: Settings) -> None:
        super().__init__(home, settings)
        self.opened.append((home.root, settings))

    async def sync(self, *_: object, **__: object) -> AsyncIterator[Event]:  # type: ignore[override]
        yield Done(result=self.list_papers(), failed=0)

    async def ask(self, question: str, **how: object) -> AsyncIterator[Event]:
        absent = question == NOT_IN_THE_PAPERS
        yield Done(
            result=Answer(
                question=question,
                answer="" if absent else "From reviews that succeed.",
                abstained=absent,
                confidence="absent" if absent else "found",
                mode="extractive",
            )
        )

    async def summarize(self, ref: str, **how: object) -> AsyncIterator[Event]:  # type: ignore[override]
        yield Done(result=a_document())

    async def draft_report(  # type: ignore[override]
        self, refs: object, *, output: Path, **how: object
    ) -> AsyncIterator[Event]:
        yield Done(result=a_document().model_copy(update={"path": str(output)}))


def a_document() -> Document:
    quote = Quote(ref="arxiv:2401.99991v1", page=1, text="no person was tested", verified=True)
    claim = Claim(text=quote.text, quotes=(quote,))
    sections = (Section(heading="Limits", items=(claim,)),)
    return Document(refs=("arxiv:2401.99991v1",), mode="extractive", sections=sections)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> type[Quick]:
    monkeypatch.setattr(Quick, "opened", [], raising=False)
    monkeypatch.setattr(session, "open_assistant", Quick)
    return Quick


def test_the_demo_teaches_its_commands_and_ends_with_the_next_step(
    quick: type[Quick], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a demo"
    cli.main(["demo", "--folder", str(folder)])
    out = capsys.readouterr().out
    commands = [line.split()[2] for line in out.splitlines() if line.startswith("$ paperdesk")]
    assert commands == ["import", "sync", "ask", "ask", "summary", "report"]
    assert "Not in your papers" in out
    assert "> “no person was tested” (p. 1)" in out
    assert f"The report: {folder / 'report.pdf'}" in out
    assert f"PAPERDESK_HOME='{folder}' paperdesk" in out


def test_the_demo_never_looks_at_the_users_own(
    quick: type[Quick], home: Home, tmp_path: Path
) -> None:
    home.create()
    home.settings.write_text('[llm]\nkind = "openai"\n')
    before = sorted(path.name for path in home.root.iterdir())
    cli.main(["demo"])
    assert sorted(path.name for path in home.root.iterdir()) == before
    for root, settings in quick.opened:
        assert root == default_folder(home) != home.root
        assert settings.index.url is None
        assert settings.llm.kind == "none"
        assert settings.llm.url is None
        assert (settings.arxiv.url or "").startswith("http://127.0.0.1:")


def test_the_demo_refuses_folders_that_hold_something_else(home: Home, tmp_path: Path) -> None:
    full = tmp_path / "thesis"
    full.mkdir()
    (full / "chapter1.tex").write_text("…")
    assert cli.main(["demo", "--folder", str(full)]) == 2
    assert [path.name for path in full.iterdir()] == ["chapter1.tex"]
    assert cli.main(["demo", "--folder", str(home.root)]) == 2
    with pytest.raises(UsageError), prepared_demo(full / "chapter1.tex"):
        pass


def test_the_demo_is_ready_to_run_again(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    for _ in range(2):
        with prepared_demo(folder) as prepared:
            syllabus = (prepared.home.root / "syllabus.md").read_text(encoding="utf-8")
    assert syllabus == (COURSE / "syllabus.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_whole_job_comes_through_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["demo", "--folder", str(tmp_path / "demo"), "--json", "--quiet"]
    for _ in range(2):
        code = cli.main(arguments)
        captured = capsys.readouterr()
        assert (code, captured.err) == (0, "")
        document = json.loads(captured.out)
        _, synced, found, absent, summary, report = [s["result"] for s in document["steps"]]
        assert {paper["state"] for paper in synced["papers"]} == {"indexed"}
        assert not found["abstained"]
        assert found["verified"] == found["total"] > 0
        assert absent["abstained"]
        assert summary["verified"] == summary["total"] > 0
        assert report["pages"] == 1
        assert report["path"] == document["report"]
        assert Path(document["report"]).read_bytes().startswith(b"%PDF-")
