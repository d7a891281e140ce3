"""A page of a paper: its text with the quote painted, or its picture."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.keys import ON_A_PAGE, bindings
from tui.labels import text
from tui.page_text import find_quote, reflow

_WIDEST_IMAGE = 110  # columns


class PageView(VerticalScroll, can_focus=True):
    """Paragraphs, one widget each, so that the quoted one can be scrolled to."""

    BINDINGS = bindings(ON_A_PAGE)

    def __init__(self) -> None:
        super().__init__(id="page-view")
        self._painted: list[Widget] = []

    async def show_text(
        self, page: str, following: str = "", *, quote: str | None = None, search: str = ""
    ) -> bool:
        """Show a page. True where the quote was found and painted.

        A quote may run on to the page that follows, of which nothing is shown.
        """
        paragraphs = [text(paragraph) for paragraph in reflow(page)]
        rest = [text(paragraph) for paragraph in reflow(following)] if quote else []
        places = find_quote(quote, paragraphs + rest) if quote else []
        spans: dict[int, list[tuple[int, int, str]]] = {}
        for number, start, end in places:
            spans.setdefault(number, []).append((start, end, "bold $foreground on $quote"))
        for number, paragraph in enumerate(paragraphs if search else ()):
            for match in re.finditer(re.escape(search), paragraph, re.IGNORECASE):
                spans.setdefault(number, []).append((*match.span(), "reverse"))
        shown = [
            Static(_painted(paragraph, spans.get(number, ())), classes="paragraph")
            for number, paragraph in enumerate(paragraphs)
        ]
        self._painted = [shown[number] for number in sorted(spans) if number < len(shown)]
        empty = Static(Content.styled("There is no text on this page.", "$faint"))
        await self._fill(shown or [empty])
        if self._painted:
            self._painted[0].add_class("-marked")
            self.call_after_refresh(
                self.scroll_to_widget, self._painted[0], animate=False, center=True
            )
        return bool(self._painted)

    async def show_image(self, png: bytes) -> None:
        """Show a page as wide as there is room, by the best means the terminal has."""
        from PIL import Image as Picture
        from textual_image.widget import Image, get_cell_size  # type: ignore[attr-defined]

        picture = Picture.open(io.BytesIO(png))
        cell = get_cell_size()
        image = Image(picture, classes="page-image")
        columns = max(1, min(self.scrollable_content_region.width, _WIDEST_IMAGE))
        # Both in cells: left to itself the widget takes its height from a size not known yet.
        image.styles.width = columns
        image.styles.height = max(
            1, round(columns * cell.width * picture.height / picture.width / cell.height)
        )
        await self._fill([image])

    async def say(self, message: Content) -> None:
        await self._fill([Static(message)])

    async def _fill(self, widgets: Sequence[Widget]) -> None:
        async with self.batch():
            await self.remove_children()
            await self.mount(*widgets)
        self.scroll_home(animate=False)


def _painted(paragraph: str, spans: Sequence[tuple[int, int, str]]) -> Content:
    content = Content(paragraph)
    for start, end, style in spans:
        content = content.stylize(style, start, end)
    return content
