"""What every dialog is made of: a frame with a title, one line of hints, Esc."""

from __future__ import annotations

from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keys import IN_A_DIALOG, bindings
from tui.labels import line

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A frame in the middle of the screen, over the place that opened it."""

    BINDINGS = bindings(IN_A_DIALOG)

    def __init__(self, title: str, hint: str, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._title = Content.styled(line(title), "bold $accent")
        self._hint = Content.styled(hint, "$faint")

    def compose(self) -> ComposeResult:
        with Vertical(id="frame"):
            yield Static(self._title, id="title")
            yield from self.compose_body()
            yield Static(self._hint, id="hint")

    def compose_body(self) -> ComposeResult:
        """What stands between title and hint."""
        raise NotImplementedError

    def hint(self, said: Content) -> None:
        self.query_one("#hint", Static).update(said)

    def action_close(self) -> None:
        self.dismiss(None)
