"""Claims with their numbers and verdicts: the form in which every answer is shown."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.results import Claim
from tui.keys import ON_A_CLAIM, bindings
from tui.labels import STRUCK, VERIFIED, line, text

NameOf = Callable[[str], str]


class ClaimView(Horizontal, can_focus=True):
    """One claim. The one with the focus is the one whose quotes the evidence pane shows."""

    BINDINGS = bindings(ON_A_CLAIM)

    class Selected(Message):
        """The focus came to this claim."""

        def __init__(self, view: ClaimView) -> None:
            super().__init__()
            self.view = view

    def __init__(
        self, number: int, claim: Claim, name_of: NameOf, *, quoting: bool = False
    ) -> None:
        """`quoting` shows the words themselves under the claim."""
        super().__init__(classes="claim")
        self.number = number
        self.claim = claim
        self._name_of = name_of
        self._quoting = quoting
        self.set_class(not claim.verified, "-struck")

    def compose(self) -> ComposeResult:
        mark, style = (VERIFIED, "$success") if self.claim.verified else (STRUCK, "$error")
        yield Static(
            Content.assemble((f"{self.number:>2} ", "$faint"), (mark, style)), classes="claim-mark"
        )
        yield Static(self._said(), classes="claim-text")

    def on_focus(self) -> None:
        self.post_message(self.Selected(self))

    def _said(self) -> Content:
        claim = self.claim
        said = text(claim.text)
        if not claim.verified:
            reason = line(claim.struck) or (
                "its quote does not stand on the page" if claim.quotes else "it has no quote"
            )
            return Content.assemble((said, "$faint strike"), (f"\nstruck: {reason}", "$error"))
        places = dict.fromkeys(f"{self._name_of(q.ref)} p. {q.page}".strip() for q in claim.quotes)
        parts: list[tuple[str, str] | str] = [said, (f"  [{'; '.join(places)}]", "$primary")]
        if self._quoting:
            parts += [(f"\n“{line(quote.reading)}”", "$faint") for quote in claim.quotes]
        if claim.supported is False:
            parts.append(("\nthe quote stands, but may not bear this out", "$warning"))
        return Content.assemble(*parts)


def claim_markdown(number: int, claim: Claim, name_of: NameOf) -> str:
    """A claim with its quotes, as copied: struck claims say so."""
    mark = "" if claim.verified else f" (struck: {line(claim.struck) or 'no verified quote'})"
    lines = [f"{number}. {line(claim.text)}{mark}"]
    lines += [
        f"   > “{line(q.text)}” ({name_of(q.ref)}, p. {q.page})" for q in claim.quotes if q.verified
    ]
    return "\n".join(lines)
