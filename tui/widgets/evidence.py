"""The evidence pane: the quotes of the selected claim, or the passages that were found."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from assistant.results import Claim
from indexes.hits import Hit
from tui.labels import STRUCK, VERIFIED, line, text
from tui.widgets.claims import NameOf
from tui.widgets.pane import Pane

_KEYS = Content("   ").join(
    Content.assemble((key, "$accent"), (f" {does}", "$faint"))
    for key, does in (("Enter", "page"), ("v", "image"), ("y", "copy"), ("o", "web"))
)


class EvidencePane(Pane):
    """Shows each quote with its verdict, paper and page."""

    def __init__(self, name_of: NameOf, *, id: str = "evidence") -> None:  # noqa: A002
        self._body = VerticalScroll(classes="pane-body")
        super().__init__("Evidence", self._body, id=id)
        self._name_of = name_of

    async def clear(self, remark: str = "") -> None:
        self.heading.say("Evidence")
        await self._fill([Static(Content.styled(remark, "$faint"))] if remark else [])

    async def show_claim(self, number: int, claim: Claim) -> None:
        """The quotes of one claim, each with its verdict."""
        verified = sum(quote.verified for quote in claim.quotes)
        self.heading.say(
            f"Evidence for {number}",
            f"{VERIFIED if claim.verified else STRUCK} {verified} of {len(claim.quotes)}",
        )
        shown: list[Widget] = []
        for quote in claim.quotes:
            mark, style = (VERIFIED, "$success") if quote.verified else (STRUCK, "$error")
            where = f"{self._name_of(quote.ref)} · p. {quote.page}"
            verdict = "" if quote.verified else "  not on this page"
            shown.append(
                Static(
                    Content.assemble((f"{mark} ", style), (where, "bold"), (verdict, "$error")),
                    classes="source",
                )
            )
            kind = "quote" if quote.verified else "quote -unverified"
            shown.append(Static(Content(f"“{text(quote.reading)}”"), classes=kind))
        if any(quote.verified for quote in claim.quotes):
            shown.append(Static(_KEYS, classes="source"))
        if not claim.quotes:
            shown.append(Static(Content.styled("No quote was given for it.", "$faint")))
        await self._fill(shown)

    async def show_hits(self, hits: Sequence[Hit]) -> None:
        """The passages found, best first, before there is an answer."""
        self.heading.say("Found", f"{len(hits)}")
        shown: list[Widget] = []
        for hit in hits:
            section = f" · {line(hit.section)}" if hit.section else ""
            where = f"{self._name_of(hit.ref)} · p. {hit.page}{section}"
            shown.append(
                Static(
                    Content.assemble((f"{hit.rank} ", "$faint"), (where, "bold")), classes="source"
                )
            )
            shown.append(Static(Content(line(hit.text)), classes="passage"))
        await self._fill(shown)

    async def _fill(self, widgets: Sequence[Widget]) -> None:
        async with self.batch():
            await self._body.remove_children()
            if widgets:
                await self._body.mount(*widgets)
        self._body.scroll_home(animate=False)
