"""One question and its answer: the streamed draft gives way to the checked claims."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from assistant.events import Step
from assistant.results import Answer, Claim
from tui.labels import RUNNING, STRUCK, duration, line, text
from tui.widgets.claims import ClaimView, NameOf, claim_markdown


class Turn(Vertical):
    """Grows while the assistant works. What a model streams is a draft until its claims pass."""

    def __init__(self, question: str, name_of: NameOf) -> None:
        super().__init__(classes="turn")
        self.question = question
        self.answer: Answer | None = None
        self._name_of = name_of
        self._claims: list[Claim] = []
        self._stream: MarkdownStream | None = None
        self._draft = Markdown("", open_links=False, classes="draft")
        self._progress = Static(classes="progress")
        self._list = Vertical(classes="claims")
        self._verdict = Static(classes="verdict")

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble(("› ", "bold $accent"), (text(self.question), "bold")),
            classes="question",
        )
        yield self._draft
        yield self._list
        yield self._progress
        yield self._verdict

    def on_mount(self) -> None:
        self._draft.display = False
        self._verdict.display = False
        if self.answer is None:
            self.say("searching")

    def say(self, doing: str) -> None:
        """What is going on right now."""
        self._progress.update(Content.styled(f"{RUNNING} {line(doing)}", "$faint"))
        self._progress.display = True

    def step(self, step: Step) -> None:
        self.say(f"{step.name} {step.detail}")

    async def write(self, delta: str) -> None:
        """A piece of the draft."""
        if self._stream is None:
            self._draft.display = True
            self._stream = Markdown.get_stream(self._draft)
        await self._stream.write(text(delta))

    async def add_claim(self, claim: Claim) -> None:
        """A claim that has just been checked."""
        self._claims.append(claim)
        await self._list.mount(ClaimView(len(self._claims), claim, self._name_of))

    async def finish(self, answer: Answer) -> None:
        """The checked answer in place of the draft."""
        self.answer = answer
        await self._end_stream()
        self._progress.display = False
        if list(answer.claims) != self._claims:
            self._claims = list(answer.claims)
            await self._list.remove_children()
            await self._list.mount(
                *(ClaimView(n, c, self._name_of) for n, c in enumerate(answer.claims, start=1))
            )
        self._draft.display = False
        if answer.abstained:
            self._verdict.update(self._abstention(answer))
        elif answer.claims:
            self._verdict.update(_verdict(answer))
        else:
            self._verdict.update(Content(text(answer.answer) or "No answer."))
        self._verdict.display = True

    async def stop(self, why: str) -> None:
        """The job ended without an answer: what came so far stays and is marked."""
        await self._end_stream()
        self._progress.display = False
        self._verdict.update(Content.styled(f"{STRUCK} {line(why)}", "$warning"))
        self._verdict.display = True

    @property
    def working(self) -> bool:
        """Whether it still waits for an answer or an end."""
        return bool(self._progress.display)

    @property
    def views(self) -> list[ClaimView]:
        return list(self._list.query(ClaimView))

    def markdown(self) -> str:
        """The turn as it is copied: the question, then the claims with their quotes."""
        claims = [
            claim_markdown(number, claim, self._name_of)
            for number, claim in enumerate(self._claims, start=1)
        ]
        answer = self.answer
        body = claims or [text(answer.answer)] if answer is not None else claims
        return "\n\n".join([f"**{line(self.question)}**", *body]) + "\n"

    async def _end_stream(self) -> None:
        if self._stream is not None:
            await self._stream.stop()
            self._stream = None

    @staticmethod
    def _abstention(answer: Answer) -> Content:
        parts: list[tuple[str, str]] = [("Not in your papers.", "bold $warning")]
        if answer.reason:
            parts.append((f" {line(answer.reason)}", ""))
        if answer.evidence:
            parts.append(("\nThe nearest passages are shown as evidence.", "$faint"))
        return Content.assemble(*parts)


def _verdict(answer: Answer) -> Content:
    whole = answer.verified == answer.total
    parts: list[tuple[str, str]] = [
        (f"{answer.verified} of {answer.total} verified", "$success" if whole else "$warning")
    ]
    if answer.confidence != "found":
        parts.append((f" · {answer.confidence}", "$warning"))
    if not answer.complete:
        parts.append((" · incomplete", "$warning"))
    how = line(answer.model) if answer.model else "quoted, no model"
    parts.append((f" · {how} · {duration(answer.elapsed_ms)}", "$faint"))
    return Content.assemble(*parts)
