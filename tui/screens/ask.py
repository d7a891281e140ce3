"""Ask: questions and checked answers, with the evidence beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from assistant.events import ClaimChecked, Done, EvidenceFound, Failed, Step, TextDelta
from assistant.results import Answer
from indexes.errors import PaperdeskError
from indexes.notebook import StoredAnswer
from tui.jobs import Job, JobEnded, JobNews
from tui.keys import ASK, CLAIMS, bindings
from tui.labels import line, verdict
from tui.screens.claims_place import ClaimsPlace
from tui.widgets.claims import ClaimView
from tui.widgets.evidence import EvidencePane
from tui.widgets.pane import Pane
from tui.widgets.prompt import Prompt
from tui.widgets.rows import RowList
from tui.widgets.turn import Turn

_SHOWN_ANSWERS = 50
_ON_CLAIMS = {"read_claim", "prompt"}
_EMPTY = Content.assemble(
    ("Ask your papers.\n\n", "bold"),
    (
        (
            "Every claim comes with the words it rests on, checked letter by letter against the "
            "page. What is not in your papers is said not to be.\n\n"
        ),
        "$faint",
    ),
    ("Enter", "bold $accent"),
    ("  asks\n", "$faint"),
    ("^t", "bold $accent"),
    ("     all papers, a week, or one paper\n", "$faint"),
    ("Tab", "bold $accent"),
    ("    to the claims, then ] and [ move among them\n", "$faint"),
    ("Enter", "bold $accent"),
    ("  on a claim opens the page it quotes", "$faint"),
)


@dataclass(frozen=True)
class QuestionRow:
    """A question asked before."""

    stored: StoredAnswer

    @property
    def id(self) -> str:
        return str(self.stored.id)

    @property
    def heading(self) -> bool:
        return False

    def draw(self, width: int) -> tuple[Content, Content]:  # noqa: ARG002
        return Content(line(self.stored.question)), Content("")


class AskScreen(ClaimsPlace):
    """One question at a time; Esc stops it and keeps what came so far."""

    PLACE = "ask"
    PANES = ("prompt-box", "conversation", "evidence", "asked")
    BINDINGS = bindings(ASK, CLAIMS)

    def __init__(self) -> None:
        super().__init__()
        self._turn: Turn | None = None
        self._thread: str | None = None
        self._asked = RowList(empty="Nothing asked yet", id="asked-list")
        self._talk = VerticalScroll(Static(_EMPTY, id="nothing-asked"), id="talk")
        self._prompt = Prompt("Ask your papers")
        self._scope_line = Static(id="scope")

    def compose_panes(self) -> ComposeResult:
        with Pane("Asked before", id="asked"):
            yield self._asked
        with Pane("Answer", id="conversation"):
            yield self._talk
        yield EvidencePane(lambda ref: self.desk.name(ref))

    def compose_below(self) -> ComposeResult:
        with Horizontal(id="prompt-box"):
            yield self._scope_line
            yield self._prompt

    def on_mount(self) -> None:
        self._talk.can_focus = False

    async def on_screen_resume(self) -> None:
        self._show_scope()
        self._show_asked()
        if self.focused is None:
            self._prompt.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """While a question is written, the footer offers what its keys do then."""
        return not (action in _ON_CLAIMS and self.focused is self._prompt)

    def pane_target(self, pane: str) -> Widget | None:
        if pane == "conversation":
            views = self.claims()
            return self.chosen or (views[-1] if views else None)
        if pane == "asked":
            return self._asked if self._asked.rows else None
        if pane == "prompt-box":
            return self._prompt
        return super().pane_target(pane)

    def pane_open(self, pane: str) -> bool:
        return pane != "asked" or not self.has_class("-medium")

    # Scope and earlier questions

    def _show_scope(self) -> None:
        self._scope_line.update(
            Content.assemble((line(self.desk.scope.label), "$primary"), (" › ", "bold $accent"))
        )
        self.paperdesk.show_status()

    def action_scope(self) -> None:
        scopes = self.desk.scopes()
        here = scopes.index(self.desk.scope) if self.desk.scope in scopes else -1
        self.desk.scope = scopes[(here + 1) % len(scopes)]
        self._show_scope()

    def _show_asked(self) -> None:
        try:
            stored = self.desk.assistant.answers(_SHOWN_ANSWERS)
        except PaperdeskError as error:
            self.problem(error)
            return
        self._asked.show([QuestionRow(answer) for answer in stored])
        self._prompt.remember([answer.question for answer in reversed(stored)])

    async def on_row_list_opened(self, message: RowList.Opened) -> None:
        if isinstance(message.row, QuestionRow):
            answer = _stored_answer(message.row.stored)
            turn = await self._new_turn(answer.question)
            await turn.finish(answer)
            await self._settle(turn, answer)
            self.show_pane("conversation")

    def action_prompt(self) -> None:
        self.show_pane("prompt-box")

    async def action_new_thread(self) -> None:
        self.stop_job()
        self._thread = None
        self._turn = None
        await self._talk.remove_children()
        await self._talk.mount(Static(_EMPTY, id="nothing-asked"))
        await self.query_one(EvidencePane).clear()
        self._prompt.focus()

    # Asking

    async def on_prompt_sent(self, message: Prompt.Sent) -> None:
        if self.job is not None:
            self.stop_job()
        turn = await self._new_turn(message.question)
        await self.query_one(EvidencePane).clear()
        scope = self.desk.scope
        events = self.desk.assistant.ask(
            message.question,
            refs=scope.refs,
            course=scope.course,
            week=scope.week,
            thread=self._thread,
        )
        self._turn = turn
        self.start(Job("ask", "asking", events))

    async def _new_turn(self, question: str) -> Turn:
        await self._talk.query("#nothing-asked").remove()
        turn = Turn(question, self.desk.name)
        await self._talk.mount(turn)
        self._talk.scroll_end(animate=False)
        return turn

    async def on_job_news(self, message: JobNews) -> None:
        turn, event = self._turn, message.event
        if turn is None or message.job.ended:
            return
        if isinstance(event, EvidenceFound):
            await self.query_one(EvidencePane).show_hits(event.hits)
        elif isinstance(event, Step):
            turn.step(event)
        elif isinstance(event, TextDelta):
            await turn.write(event.text)
            self._talk.scroll_end(animate=False)
        elif isinstance(event, ClaimChecked):
            await turn.add_claim(event.claim)
        elif isinstance(event, Failed):
            await turn.stop(event.error.message)
            self.problem(event.error)
        elif isinstance(event, Done) and isinstance(event.result, Answer):
            self._thread = event.result.thread
            await turn.finish(event.result)
            await self._settle(turn, event.result)
            self._show_asked()
            self._asked.action_edge(False)

    async def on_job_ended(self, message: JobEnded) -> None:
        turn = self._turn
        if message.outcome != "done" and turn is not None and turn.working:
            stopped = message.outcome == "stopped"
            await turn.stop(
                "stopped: nothing was kept but what stands here" if stopped else "it did not finish"
            )

    async def _settle(self, turn: Turn, answer: Answer) -> None:
        """Show the first verified claim's evidence, and the question at the top."""
        views = turn.views
        if views:
            await self.choose(next((v for v in views if v.claim.verified), views[0]))
        elif answer.evidence:
            await self.query_one(EvidencePane).show_hits(answer.evidence)
        else:
            await self.query_one(EvidencePane).clear("No passage comes near it.")
        remark = verdict(answer.verified, answer.total) if answer.total else ""
        self.query_one("#conversation", Pane).heading.say("Answer", remark)
        turn.call_after_refresh(turn.scroll_visible, animate=False, top=True)

    def claims(self) -> list[ClaimView]:
        return list(self._talk.query(ClaimView))

    def action_copy_all(self) -> None:
        turns = list(self._talk.query(Turn))
        if turns:
            self.copy("\n".join(turn.markdown() for turn in turns), "the conversation as Markdown")
        else:
            self.toast("There is no answer to copy yet", warning=True)


def _stored_answer(stored: StoredAnswer) -> Answer:
    """An answer as it was given; what is computed from its claims is computed anew."""
    document = json.loads(stored.document)
    for computed in ("verified", "total"):
        document.pop(computed, None)
    return Answer.model_validate(document)
