"""Question sets: one question a line, with the quotes that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from indexes.errors import NotFoundError, UsageError
from indexes.papers import PaperState

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant


class Gold(BaseModel):
    """A quote that answers a question, and where it stands."""

    model_config = ConfigDict(frozen=True)

    paper: str
    version: int | None = None
    page: int | None = None
    quote: str


class Question(BaseModel):
    """One line of a question set; without evidence it is one that the papers don't answer."""

    model_config = ConfigDict(frozen=True)

    id: str
    question: str
    type: str = ""
    scope: tuple[str, ...] = ()
    evidence: tuple[Gold, ...] = ()
    notes: str = ""

    @property
    def answerable(self) -> bool:
        return bool(self.evidence)

    def groups(self) -> list[list[Gold]] | None:
        """What must be hit for the whole answer: a group a paper, or a quote each; else None."""
        if self.notes.startswith("ALL:"):
            return [[gold] for gold in self.evidence]
        papers = list(dict.fromkeys(gold.paper for gold in self.evidence))
        if self.type == "cross-paper" and len(papers) > 1:
            return [[g for g in self.evidence if g.paper == paper] for paper in papers]
        return None


def read_questions(path: Path, limit: int | None = None) -> list[Question]:
    """The questions of a JSONL file. Raises UsageError naming file and line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read ({why})", "name a .jsonl file") from error
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            questions.append(Question.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the line"
            raise UsageError(
                f"{path} line {number}: {where}: {first['msg']}", "mend that line"
            ) from None
    if not questions:
        raise UsageError(f"{path} holds no questions", "write one JSON object a line")
    return questions[:limit]


def require_papers(assistant: PaperAssistant, questions: Sequence[Question]) -> None:
    """Raise UsageError naming the papers that the questions are about and the library lacks."""
    golds = [gold for question in questions for gold in question.evidence]
    wanted = {f"{gold.paper}v{gold.version}" if gold.version else gold.paper for gold in golds}
    scopes = {name for question in questions for name in question.scope}
    wanted |= scopes - {gold.paper for gold in golds}
    lacking = sorted(name for name in wanted if not _is_indexed(assistant, name))
    if lacking:
        raise UsageError(
            f"the library lacks {len(lacking)} of the papers asked about: {', '.join(lacking)}",
            f"paperdesk add {' '.join(lacking)} and paperdesk sync",
        )


def _is_indexed(assistant: PaperAssistant, name: str) -> bool:
    try:
        return assistant.resolve(name).state is PaperState.INDEXED
    except NotFoundError:
        return False
