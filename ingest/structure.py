"""Layout labels for passages."""

from __future__ import annotations
from collections.abc import Sequence
from typing import NamedTuple
from indexes.passages import Passage, Reference
from ingest.blocks import PageLayout


class Revision(NamedTuple):
    """What the layout changes: relabelled passages, ids to remove, new passages, references."""

    changed: tuple[Passage, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[Passage, ...] = ()
    references: tuple[Reference, ...] | None = None


def label(passages: Sequence[Passage], layouts: Sequence[PageLayout]) -> Revision:
    return Revision()
