"""Small questions: one line of text, or yes and no."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tui.keys import TO_CONFIRM, bindings
from tui.labels import text
from tui.screens.dialog import Dialog


class LineScreen(Dialog[str]):
    """Asks for one line, such as a file's name."""

    def __init__(self, title: str, value: str, hint: str) -> None:
        super().__init__(title, hint)
        self._value = value

    def compose_body(self) -> ComposeResult:
        yield Input(self._value)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())


class ConfirmScreen(Dialog[bool]):
    """Asks before something is taken away, or takes long."""

    BINDINGS = bindings(TO_CONFIRM)

    def __init__(self, question: str, title: str = "Are you sure?") -> None:
        super().__init__(title, "y does it · Esc leaves all as it is")
        self._question = question

    def compose_body(self) -> ComposeResult:
        yield Static(Content(text(self._question)))

    def action_yes(self) -> None:
        self.dismiss(True)
