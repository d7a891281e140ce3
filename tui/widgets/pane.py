"""A pane: a quiet title over its content; the one with the focus says so by mark and colour."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static


class PaneTitle(Static):
    """One line: a name on the left, a remark on the right."""

    def __init__(self, left: str = "") -> None:
        super().__init__(classes="pane-title")
        self._left = Content(left)
        self._right = Content("")

    def say(self, left: Content | str, right: Content | str = "") -> None:
        """Replace both parts; plain strings are shown as they are."""
        self._left = left if isinstance(left, Content) else Content(left)
        self._right = right if isinstance(right, Content) else Content(right)
        self.refresh()

    def render(self) -> Content:
        width = self.content_size.width
        if not self._right or self._right.cell_length + 6 > width:
            return self._left.truncate(width, ellipsis=True)
        room = width - self._right.cell_length - 1
        return self._left.truncate(room, ellipsis=True, pad=True) + " " + self._right


class Pane(Vertical):
    """Holds what it is given under its title."""

    def __init__(self, title: str, *children: Widget, id: str) -> None:  # noqa: A002
        self.heading = PaneTitle(title)
        super().__init__(self.heading, *children, id=id)
