"""What Ask and Report share: claims to move among, and the evidence that follows the focus."""

from __future__ import annotations

from tui.desk import Bookmark
from tui.screens.place import Place
from tui.widgets.claims import ClaimView, claim_markdown
from tui.widgets.evidence import EvidencePane


class ClaimsPlace(Place):
    """A place whose claims can be chosen, read in the paper, and copied."""

    def claims(self) -> list[ClaimView]:
        """All claims on the screen, top to bottom."""
        return list(self.query(ClaimView))

    @property
    def chosen(self) -> ClaimView | None:
        """The claim whose evidence is shown."""
        return next((view for view in self.claims() if view.has_class("-chosen")), None)

    async def on_claim_view_selected(self, message: ClaimView.Selected) -> None:
        await self.choose(message.view)

    async def choose(self, view: ClaimView) -> None:
        """Show a claim's evidence."""
        for other in self.claims():
            other.set_class(other is view, "-chosen")
        await self.query_one(EvidencePane).show_claim(view.number, view.claim)

    def action_claim(self, step: int) -> None:
        views = self.claims()
        if not views:
            return
        chosen = self.chosen
        here = views.index(chosen) if chosen is not None else (-1 if step > 0 else len(views))
        target = views[min(max(0, here + step), len(views) - 1)]
        target.focus()

    def action_read_claim(self) -> None:
        self._open_page(image=False)

    def action_view_claim(self) -> None:
        self._open_page(image=True)

    def _open_page(self, *, image: bool) -> None:
        chosen = self.chosen
        quotes = chosen.claim.quotes if chosen is not None else ()
        if not quotes:
            self.toast("Choose a claim first: [ and ] move among them", warning=True)
            return
        quote = next((q for q in quotes if q.verified), quotes[0])
        words = quote.reading if quote.verified else None
        self.read(Bookmark(quote.ref, quote.page, words, image=image))

    def action_copy(self) -> None:
        chosen = self.chosen
        if chosen is None:
            self.action_copy_all()
        else:
            self.copy(claim_markdown(chosen.number, chosen.claim, self.desk.name), "the claim")

    def action_copy_all(self) -> None:
        """Copy everything on the screen as Markdown."""
        raise NotImplementedError

    def action_browser(self) -> None:
        chosen = self.chosen
        quotes = chosen.claim.quotes if chosen is not None else ()
        self.browse(self.desk.shelf.paper(quotes[0].ref) if quotes else self.desk.paper)
