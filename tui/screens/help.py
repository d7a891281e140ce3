"""Help for where you are: every key, taken from the key map."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.keys import EVERYWHERE, IN_A_LIST, IN_A_PLACE, ON_A_PAGE, PLACES, PROMPT, Key
from tui.screens.dialog import Dialog
from tui.widgets.bars import PLACE_NAMES

_PURPOSE = {
    "library": "Your reading list. Readings: ○ unread  ◐ reading  ✓ read. "
    "Papers: · waits  ⟳ at work  ■ ready, with the minutes to read  ✗ failed  ↗ web link",
    "ask": "Every claim is shown with the words it rests on. ✓ the words stand on that page; "
    "✗ they do not, and the claim is struck.",
    "reader": "The paper page by page. Quoted words are painted where they stand.",
    "report": "A summary or a one-page outline, every point with its quote.",
}


class HelpScreen(Dialog[None]):
    """What can be done here."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"Help · {PLACE_NAMES[place]}",
            "Esc closes · Ctrl+P finds any action by name",
            classes="large",
        )
        self._place = place

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="body"):
            yield Static(self.content())

    def content(self) -> Content:
        """What the place is for, and its keys."""
        here = PLACES.get(self._place, ())
        if self._place == "ask":
            here = PROMPT + here
        parts: list[Content] = [Content(_PURPOSE.get(self._place, "")), Content("")]
        parts += [*_table("Here", here)]
        if self._place == "reader":
            parts += _table("On a page", ON_A_PAGE)
        if self._place == "library":
            parts += _table("In a list", IN_A_LIST)
        parts += _table("Everywhere", IN_A_PLACE + EVERYWHERE)
        return Content("\n").join(parts)


def _table(title: str, keys: tuple[Key, ...]) -> list[Content]:
    lines = [Content.styled(title, "bold $accent")]
    lines += [
        Content.assemble((f"{key.display:>7}  ", "bold $primary"), key.tooltip) for key in keys
    ]
    return [*lines, Content("")]
