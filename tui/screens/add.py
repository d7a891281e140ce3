"""Add papers: ids, links, DOIs or files, their form checked while they are typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from indexes.errors import PaperdeskError
from tui.labels import STRUCK, VERIFIED, line
from tui.screens.dialog import Dialog


class AddScreen(Dialog[list[str]]):
    """Asks for references; gives those that are understood."""

    def __init__(self, destination: str) -> None:
        super().__init__(
            "Add papers", "Enter adds · several at once, with spaces between · Esc closes"
        )
        self._destination = destination

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder="1706.03762, an arXiv or DOI link, a web page, a PDF file")
        yield Static(id="check")
        yield Static(Content.styled(f"goes to {line(self._destination)}", "$faint"))

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        lines = [_verdict(word) for word in event.value.split()[:6]]
        self.query_one("#check", Static).update(Content("\n").join(lines))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        words = event.value.split()
        good = [word for word in words if understood(word) is None]
        if good:
            self.dismiss(good)
        elif words:
            self.hint(Content.styled("None of this is understood: see above", "$warning"))


def understood(word: str) -> str | None:
    """None where `word` names a paper, else why not. Looks at its form only."""
    from ingest.refs import parse_ref

    try:
        parse_ref(word)
    except PaperdeskError as error:
        return str(error)
    return None


def _verdict(word: str) -> Content:
    from ingest.refs import parse_ref

    objection = understood(word)
    if objection is not None:
        return Content.assemble((f"{STRUCK} ", "$error"), (line(objection), "$warning"))
    ref = parse_ref(word)
    return Content.assemble(
        (f"{VERIFIED} ", "$success"), line(ref.key), (f"  {ref.kind.value}", "$faint")
    )
