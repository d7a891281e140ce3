"""Report: the summary, the one-page report or the questions on a paper, every point checked."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from assistant.events import Done, Failed, Step
from assistant.results import Document
from ingest.progress import Progress
from tui.desk import DocumentKind, DocumentWanted
from tui.jobs import Job, JobEnded, JobNews
from tui.keys import CLAIMS, REPORT, bindings
from tui.labels import RUNNING, count, line, title_of, verdict
from tui.screens.claims_place import ClaimsPlace
from tui.widgets.claims import ClaimView, claim_markdown
from tui.widgets.evidence import EvidencePane
from tui.widgets.pane import Pane

_EMPTY = Content.assemble(
    ("Nothing is drafted yet.\n\n", "bold"),
    ("u", "bold $accent"),
    "  summary of the selected paper\n",
    ("p", "bold $accent"),
    "  one-page report outline\n",
    ("Q", "bold $accent"),
    "  questions for the speaker\n",
)
_NAMES: dict[DocumentKind, str] = {
    "summary": "Summary",
    "report": "Report",
    "questions": "Questions",
}


class ReportScreen(ClaimsPlace):
    """One document at a time."""

    PLACE = "report"
    PANES = ("document", "evidence")
    BINDINGS = bindings(REPORT, CLAIMS)

    def __init__(self) -> None:
        super().__init__()
        self._shown: DocumentWanted | None = None
        self._document: Document | None = None
        self._body = VerticalScroll(Static(_EMPTY), id="draft")

    def compose_panes(self) -> ComposeResult:
        with Pane("Report", id="document"):
            yield self._body
        yield EvidencePane(lambda ref: self.desk.name(ref))

    async def on_screen_resume(self) -> None:
        wanted, self.desk.wanted = self.desk.wanted, None
        if wanted is not None:
            await self._draft(wanted)
        self.paperdesk.show_status()

    def pane_target(self, pane: str) -> Widget | None:
        if pane == "document":
            views = self.claims()
            return self.chosen or (views[0] if views else self._body)
        return super().pane_target(pane)

    # Drafting

    async def action_summary(self) -> None:
        await self._want("summary")

    async def action_report(self) -> None:
        await self._want("report")

    async def action_questions(self) -> None:
        await self._want("questions")

    async def _want(self, kind: DocumentKind) -> None:
        ref = self._shown.ref if self._shown is not None else None
        paper = self.desk.shelf.paper(ref) or self.desk.paper
        if paper is None or paper.state != "indexed":
            self.draft(kind, paper)
        else:
            await self._draft(DocumentWanted(kind, paper.ref))

    async def _draft(self, wanted: DocumentWanted) -> None:
        self.stop_job()
        self._shown, self._document = wanted, None
        self._say()
        await self._fill([Static(Content.styled(f"{RUNNING} reading the paper", "$faint"))])
        await self.query_one(EvidencePane).clear()
        assistant, ref = self.desk.assistant, wanted.ref
        if wanted.kind == "summary":
            events = assistant.summarize(ref)
        elif wanted.kind == "report":
            events = assistant.draft_report((ref,))
        else:
            events = assistant.speaker_questions((ref,))
        self.start(Job(wanted.kind, _NAMES[wanted.kind].lower(), events))

    def _say(self, remark: str = "") -> None:
        assert self._shown is not None
        paper = self.desk.shelf.paper(self._shown.ref)
        title = title_of(paper) if paper is not None else line(self._shown.ref)
        pane = self.query_one("#document", Pane)
        pane.heading.say(f"{_NAMES[self._shown.kind]} · {title}", remark)

    async def on_job_news(self, message: JobNews) -> None:
        event = message.event
        if isinstance(event, (Step, Progress)):
            message.job.progress = event if isinstance(event, Progress) else message.job.progress
        elif isinstance(event, Failed):
            self.problem(event.error)
        elif isinstance(event, Done) and isinstance(event.result, Document):
            if message.job.kind == "save":
                self.toast(f"Saved {event.result.path}")
            elif not message.job.ended:
                await self._show(event.result)

    async def on_job_ended(self, message: JobEnded) -> None:
        if self._document is None and message.outcome != "done" and self.job is None:
            self._shown = None
            await self._fill([Static(_EMPTY)])

    async def _show(self, document: Document) -> None:
        self._document = document
        parts = [verdict(document.verified, document.total)]
        parts += [count(document.pages, "page")] if document.pages else []
        parts += [count(document.words, "word")] if document.words else []
        self._say(" · ".join(parts))
        widgets: list[Widget] = []
        number = 0
        # On one paper its name before every page says nothing.
        name_of = self.desk.name if len(document.refs) > 1 else lambda _: ""
        if document.title:
            widgets.append(Static(Content(line(document.title)), classes="document-title"))
        for section in document.sections:
            widgets.append(Static(Content(line(section.heading)), classes="section"))
            for claim in section.items:
                number += 1
                widgets.append(ClaimView(number, claim, name_of, quoting=True))
        if document.missing:
            missing = "; ".join(line(item) for item in document.missing)
            widgets.append(
                Static(Content.styled(f"Looked for and not found: {missing}", "$warning"))
            )
        how = line(document.model) if document.model else "quoted from the paper, no model"
        widgets.append(Static(Content.styled(how, "$faint"), classes="how"))
        await self._fill(widgets)
        views = self.claims()
        if views:
            views[0].focus(scroll_visible=False)

    async def _fill(self, widgets: list[Widget]) -> None:
        async with self._body.batch():
            await self._body.remove_children()
            await self._body.mount(*widgets)
        self._body.scroll_home(animate=False)

    # Taking it along

    def action_save(self) -> None:
        from tui.screens.ask_for import LineScreen

        document, shown = self._document, self._shown
        if document is None or shown is None:
            self.toast("There is nothing to save yet: p drafts a report", warning=True)
            return
        name = shown.ref.split(":")[-1].replace("/", "-")
        suggestion = str(Path.cwd() / f"{shown.kind}-{name}.md")

        def save(path: str | None) -> None:
            if path:
                events = self.desk.assistant.save_document(document, Path(path).expanduser())
                self.start(Job("save", "saving", events))

        self.app.push_screen(
            LineScreen("Save as", suggestion, "Enter saves · .md, .pdf or .docx · Esc closes"), save
        )

    def action_copy_all(self) -> None:
        if self._document is None:
            self.toast("There is nothing to copy yet", warning=True)
            return
        said = self._document.markdown or "\n\n".join(
            claim_markdown(view.number, view.claim, self.desk.name) for view in self.claims()
        )
        self.copy(said, "it as Markdown")
