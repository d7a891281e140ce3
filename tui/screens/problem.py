"""An error, said in full: what happened, why, what to do; it can be copied."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from indexes.errors import ErrorDocument
from tui.keys import ON_A_PROBLEM, bindings
from tui.labels import line, text
from tui.screens.dialog import Dialog


class ProblemScreen(Dialog[None]):
    """A failed job's error."""

    BINDINGS = bindings(ON_A_PROBLEM)

    def __init__(self, error: ErrorDocument) -> None:
        super().__init__("That did not work", "y copies it · Esc closes", classes="problem")
        self._error = error

    def compose_body(self) -> ComposeResult:
        remedy = text(self._error.remedy)
        with VerticalScroll(id="body"):
            yield Static(
                Content.assemble(
                    (text(self._error.message), "bold"),
                    ("\n\n→ " + remedy if remedy else "", "$primary"),
                    (f"\n\n{line(self._error.code)}", "$faint"),
                )
            )

    def action_copy(self) -> None:
        said = f"paperdesk: {self._error.message}; {self._error.remedy} [{self._error.code}]"
        self.app.copy_to_clipboard(line(said))
        self.notify("Copied the error", markup=False)
