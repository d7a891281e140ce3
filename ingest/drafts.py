"""What reading a PDF gives, before the passages belong to a paper and a generation."""

from __future__ import annotations

from indexes.papers import Frozen
from indexes.passages import Box, Page, Passage, PassageKind, Reference, passage_id

ORDINAL_GAP = 100  # between the passages of the first cut, so that pieces find room between them


class PassageDraft(Frozen):
    """A passage without its paper, generation and id; the rest as in `Passage`."""

    ordinal: int
    page: int
    kind: PassageKind = PassageKind.TEXT
    section: tuple[str, ...] = ()
    text: str
    boxes: tuple[Box, ...] = ()
    hidden: bool = False


class ParsedPaper(Frozen):
    """A PDF in state `parsed`. `title` and `abstract` are guesses from the page, None if unsure."""

    pages: tuple[Page, ...]
    passages: tuple[PassageDraft, ...]
    references: tuple[Reference, ...] = ()
    title: str | None = None
    abstract: str | None = None


def finish(draft: PassageDraft, paper: str, generation: str) -> Passage:
    """The draft as a passage of `paper` (its key) in `generation`."""
    return Passage.model_construct(  # every field was validated in the draft
        id=passage_id(paper, generation, draft.ordinal),
        paper=paper,
        generation=generation,
        ordinal=draft.ordinal,
        page=draft.page,
        kind=draft.kind,
        section=draft.section,
        text=draft.text,
        boxes=draft.boxes,
        hidden=draft.hidden,
    )
