"""What the assistant answers: claims with quotes, in the shapes of the command-line contract."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, computed_field

from assistant.verbatim import mended
from indexes.hits import Hit
from indexes.papers import Frozen

Mode = Literal["agent", "fixed", "extractive"]
Confidence = Literal["found", "unsure", "absent"]


class Quote(Frozen):
    """Words of a paper. `verified` is set by the gate alone (assistant.gate).

    `text` keeps the line break after a hyphen that its page breaks a line at; `reading` is for
    people.
    """

    ref: str
    page: int
    text: str
    verified: bool = False

    @property
    def reading(self) -> str:
        """The quote on one line, as it is shown."""
        return mended(self.text)


class Claim(Frozen):
    """One statement and the quotes it rests on.

    `struck` says why the gate refused it; a struck claim is shown struck and counted, never kept
    silently. `supported` is False where the quotes are real but do not bear the statement.
    """

    text: str
    quotes: tuple[Quote, ...] = ()
    struck: str | None = None
    supported: bool | None = None

    @property
    def verified(self) -> bool:
        return bool(self.quotes) and self.struck is None and all(q.verified for q in self.quotes)


class Usage(Frozen):
    """What a model was asked and what it cost; zeros without a model."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 0
    cost_usd: float | None = None


def add_usage(one: Usage, other: Usage) -> Usage:
    """Both together."""
    costs = [usage.cost_usd for usage in (one, other) if usage.cost_usd is not None]
    return Usage(
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        requests=one.requests + other.requests,
        cost_usd=sum(costs) if costs else None,
    )


class _Readable(Frozen):
    """Printed with counts that follow from the claims, and read back without them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Answer(_Readable):
    """`ask --json`."""

    question: str
    answer: str
    abstained: bool
    confidence: Confidence
    reason: str | None = None
    score: float | None = None  # probability that the papers hold an answer
    mode: Mode
    model: str | None = None
    claims: tuple[Claim, ...] = ()
    complete: bool = True
    evidence: tuple[Hit, ...] = ()
    usage: Usage = Usage()
    elapsed_ms: float = 0.0
    thread: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verified(self) -> int:
        return sum(claim.verified for claim in self.claims)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> int:
        return len(self.claims)


class Section(Frozen):
    """A heading of a summary, report or question list, with its claims."""

    heading: str
    items: tuple[Claim, ...] = ()


class Document(_Readable):
    """`summary --json`, `report --json`, `questions --json`."""

    refs: tuple[str, ...]
    title: str = ""
    mode: Mode
    model: str | None = None
    sections: tuple[Section, ...] = ()
    missing: tuple[str, ...] = ()  # what was looked for and not found, in words
    pages: int = 0
    words: int = 0
    path: str | None = None
    markdown: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verified(self) -> int:
        return sum(claim.verified for section in self.sections for claim in section.items)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> int:
        return sum(len(section.items) for section in self.sections)
