"""Labels and how far they reach: "HW" over its sub-list, "Required:" over the lines below it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ingest.syllabus.outline import Kind, Line
from ingest.syllabus.roles import Label


@dataclass(frozen=True, slots=True)
class _Scope:
    """A label and how far it reaches: below a heading level, or below a list depth."""

    kind: Kind
    level: int
    label: Label | None
    due: dt.date | None


@dataclass(slots=True)
class Scopes:
    """The labels in force at a line, the innermost last."""

    items: list[_Scope] = field(default_factory=list)

    def open(self, line: Line, label: Label | None, due: dt.date | None) -> None:
        """Put `line` in force as a label; one that says nothing ends the label before it."""
        # A definition (": Discussion paper:") ends the list that Markdown sees it in.
        definition = line.text.startswith(":")
        kind = Kind.TEXT if definition else line.kind
        self.items.append(_Scope(kind, 0 if definition else line.level, label, due))

    def reach(self, line: Line) -> None:
        """Drop the labels that do not reach `line`."""
        self.items = [scope for scope in self.items if _reaches(scope, line)]

    def keep_headings(self, below: int | None = None) -> None:
        """Drop all labels but headings (of a level above `below`, where one is given)."""
        self.items = [
            scope
            for scope in self.items
            if scope.kind is Kind.HEADING and (below is None or scope.level < below)
        ]

    def clear(self) -> None:
        self.items = []

    def copy(self) -> Scopes:
        return Scopes(list(self.items))

    @property
    def label(self) -> Label | None:
        return next((scope.label for scope in reversed(self.items) if scope.label), None)

    @property
    def due(self) -> dt.date | None:
        return next((scope.due for scope in reversed(self.items) if scope.due), None)


def _reaches(scope: _Scope, line: Line) -> bool:
    if line.kind is Kind.HEADING or scope.kind is Kind.HEADING:
        return scope.kind is Kind.HEADING
    if scope.kind is Kind.ITEM:
        return line.level > scope.level or not line.first
    # A label that is a line of text: until the next paragraph that holds no link.
    return line.level >= scope.level and (
        not line.first or line.has_links or line.level > scope.level
    )
