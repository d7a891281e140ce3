"""Add papers: ids, links, DOIs or files, their form checked while they are typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from indexes.errors import PaperdeskError
from tui.labels import STRUCK, VERIFIED, kind_name, line, shortened, title_of
from tui.screens.dialog import Dialog
from tui.shelf import Shelf


class AddScreen(Dialog[list[str]]):
    """Asks for references; gives those that are understood."""

    def __init__(self, destination: str, shelf: Shelf) -> None:
        super().__init__(
            "Add papers", "Enter adds · several at once, with spaces between · Esc closes"
        )
        self._destination = destination
        self._shelf = shelf

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder="1706.03762, an arXiv or DOI link, a web page, a PDF file")
        yield Static(id="check", classes="cut")
        yield Static(Content.styled(f"goes to {line(self._destination)}", "$faint"), classes="cut")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        lines = [self._verdict(word) for word in event.value.split()[:6]]
        self.query_one("#check", Static).update(Content("\n").join(lines))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        words = event.value.split()
        good = [word for word in words if _understood(word)]
        if good:
            self.dismiss(good)
        elif words:
            self.hint(Content.styled("None of this is understood: see above", "$warning"))

    def _verdict(self, word: str) -> Content:
        from ingest.refs import parse_ref

        try:
            ref = parse_ref(word)
        except PaperdeskError as error:
            return Content.assemble(
                (f"{STRUCK} ", "$error"),
                (shortened(line(word), 40), "bold"),
                (f"  {line(error.remedy)}", "$warning"),
            )
        known = self._shelf.paper(ref.key)
        name = title_of(known) if known is not None else kind_name(ref.kind)
        return Content.assemble(
            (f"{VERIFIED} ", "$success"),
            line(ref.arxiv_id or ref.key),
            ("  on your list" if known is not None else "", "$primary"),
            (f"  {name}", "$faint"),
        )


def _understood(word: str) -> bool:
    """Whether `word` has the form of a reference; nobody is asked whether it exists."""
    from ingest.refs import parse_ref

    try:
        parse_ref(word)
    except PaperdeskError:
        return False
    return True
