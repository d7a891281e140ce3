"""The question prompt: Enter sends, Ctrl+J breaks the line, Up on the first row recalls."""

from __future__ import annotations

from textual.events import Key
from textual.message import Message
from textual.widgets import TextArea

from tui.keys import PROMPT, bindings


class Prompt(TextArea):
    """A small text area that remembers what was sent."""

    BINDINGS = bindings(PROMPT)

    class Sent(Message):
        """A question is ready."""

        def __init__(self, question: str) -> None:
            super().__init__()
            self.question = question

    def __init__(self, placeholder: str) -> None:
        super().__init__(
            id="prompt", compact=True, highlight_cursor_line=False, placeholder=placeholder
        )
        self._sent: list[str] = []
        self._recalled = 0

    def remember(self, questions: list[str]) -> None:
        """Questions of earlier sessions, oldest first; what was sent in this one comes after."""
        if not self._sent:
            self._sent = questions
            self._recalled = len(questions)

    async def _on_key(self, event: Key) -> None:
        # The bindings only name the keys in the footer: one that beats the text area's own keys
        # would also overtake the letters typed just before it that still wait in the queue.
        actions = {"enter": self.action_send, "ctrl+j": self.action_newline}
        if event.key in actions:
            event.stop()
            event.prevent_default()
            actions[event.key]()
        else:
            await super()._on_key(event)

    def action_send(self) -> None:
        question = self.text.strip()
        if question:
            if self._sent[-1:] != [question]:
                self._sent.append(question)
            self._recalled = len(self._sent)
            self.text = ""
            self.post_message(self.Sent(question))

    def action_newline(self) -> None:
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_location[0] == 0 and not select:
            self._recall(-1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_location[0] == self.document.line_count - 1 and not select:
            self._recall(1)
        else:
            super().action_cursor_down(select)

    def _recall(self, step: int) -> None:
        wanted = self._recalled + step
        if 0 <= wanted <= len(self._sent) and self._sent:
            self._recalled = wanted
            self.text = self._sent[wanted] if wanted < len(self._sent) else ""
            self.move_cursor(self.document.end)
