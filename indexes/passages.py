"""Passages: the pieces of a paper that are searched and quoted, with their place on the page."""

from __future__ import annotations

import uuid
from enum import StrEnum

from indexes.papers import Frozen

_NAMESPACE = uuid.UUID("6f0c6a5e-3b5c-5d0e-9a52-3f1d8f6a7b10")


class PassageKind(StrEnum):
    """What a passage is on its page."""

    TEXT = "text"
    ABSTRACT = "abstract"
    CAPTION = "caption"
    TABLE = "table"
    FORMULA = "formula"
    LIST = "list"
    FOOTNOTE = "footnote"


class Box(Frozen):
    """A rectangle on a page: PDF points, origin top left, (x0, y0, x1, y1); pages count from 1."""

    page: int
    rect: tuple[float, float, float, float]


class Passage(Frozen):
    """One searchable piece of a paper, about 90 words.

    `text` is mended for reading (hyphenation, ligatures, control characters); the gate compares
    quotes with `Page.text`, never with this. `section` is the path from the outermost heading in.
    """

    id: str
    paper: str  # the paper's key
    generation: str
    ordinal: int  # reading order within the generation
    page: int  # where it begins
    kind: PassageKind = PassageKind.TEXT
    section: tuple[str, ...] = ()
    text: str
    boxes: tuple[Box, ...] = ()
    hidden: bool = False  # invisible, off-page or tiny text: kept out of answers

    @property
    def words(self) -> int:
        return len(self.text.split())


class Page(Frozen):
    """A page as PyMuPDF's `get_text()` reads it, untouched: what quotes are verified against."""

    number: int
    width: float
    height: float
    text: str


class Reference(Frozen):
    """One entry of a paper's bibliography, set apart from its passages."""

    ordinal: int
    page: int
    text: str


def passage_id(paper: str, generation: str, ordinal: int) -> str:
    """Deterministic point id, so that writing the same passage twice changes nothing."""
    return str(uuid.uuid5(_NAMESPACE, f"{paper}|{generation}|{ordinal}"))
