"""What a reader asks of any paper: problem, approach, results, strengths, limitations, open ends.

The cue phrases are data: aspects.toml.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from assistant.parts import Part

_SOURCE = Path(__file__).with_name("aspects.toml")
_NEVER = re.compile(r"(?!)")


def _phrases(phrases: Any) -> re.Pattern[str]:
    """Cue phrases as one pattern of whole words; none match nothing."""
    return re.compile(rf"\b(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE) if phrases else _NEVER


def _beginnings(phrases: Any) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})", re.IGNORECASE)


Phrases = Annotated[re.Pattern[str], BeforeValidator(_phrases)]
Beginnings = Annotated[re.Pattern[str], BeforeValidator(_beginnings)]


class Aspect(BaseModel):
    """One question to a paper; aspects.toml says what each field is for."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    heading: str  # of the section of a report
    labels: tuple[str, ...]  # the plain words that introduce a quote, best first
    query: str  # for embeddings
    missing: str  # what was looked for, where nothing was found
    homes: Mapping[Part, float]
    decisive: frozenset[Part] = frozenset()
    numbers: float = 0.0
    early: float = 0.0
    own: float = 0.25
    opens: bool = False
    strong: Phrases
    weak: Beginnings
    refused: Phrases = _NEVER
    prompts: Beginnings

    def label(self, number: int) -> str:
        """The words before the quote of this number, from 0."""
        return self.labels[min(number, len(self.labels) - 1)]


@functools.cache
def aspects() -> Mapping[str, Aspect]:
    """All aspects by name, in the order of a report."""
    document = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))
    return {aspect["name"]: Aspect.model_validate(aspect) for aspect in document["aspect"]}


def asked_for(heading: str) -> Sequence[Aspect]:
    """The aspects that a heading of an instructor's prompt asks for, in the order of a report."""
    return [aspect for aspect in aspects().values() if aspect.prompts.search(heading)]
