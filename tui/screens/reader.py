"""The reader: a paper page by page, as text or picture, the quote painted where it stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from indexes.errors import PaperdeskError
from indexes.papers import Paper, ReadingStatus
from indexes.passages import Box, Page, Passage
from tui.desk import Bookmark
from tui.keys import READER, bindings
from tui.labels import VERIFIED, line
from tui.page_text import find_quote
from tui.screens.place import Place
from tui.widgets.page_view import PageView
from tui.widgets.pane import Pane
from tui.widgets.rows import RowList

if TYPE_CHECKING:
    from assistant.listing import ListedPaper

_NOTHING = Content.assemble(
    ("Nothing is open.\n\n", "bold"),
    (
        "Enter on a paper in the library opens it; Enter on a claim opens the page it quotes.",
        "$faint",
    ),
)


@dataclass(frozen=True)
class SectionRow:
    """A heading of the outline and the page it is on."""

    title: str
    depth: int
    page: int
    id: str
    heading: bool = False

    def draw(self, width: int) -> tuple[Content, Content]:  # noqa: ARG002
        indent = "  " * self.depth
        style = "" if self.depth == 0 else "$faint"
        return Content.styled(indent + self.title, style), Content.styled(str(self.page), "$faint")


class ReaderScreen(Place):
    """One paper, open at one page."""

    PLACE = "reader"
    PANES = ("outline", "page")
    BINDINGS = bindings(READER)

    def __init__(self) -> None:
        super().__init__()
        self._paper: Paper | None = None
        self._pages: list[Page] = []
        self._passages: list[Passage] = []
        self._number = 1
        self._quote: str | None = None
        self._image = False
        self._search = ""
        self._outline = RowList(empty="No sections yet", id="outline-list")
        self._view = PageView()

    def compose_panes(self) -> ComposeResult:
        with Pane("Outline", id="outline"):
            yield self._outline
        with Pane("Reader", id="page"):
            yield Input(placeholder="search in this paper", id="search")
            yield self._view

    def on_mount(self) -> None:
        self.query_one("#search").display = False

    async def on_screen_resume(self) -> None:
        bookmark, self.desk.bookmark = self.desk.bookmark, None
        selected = self.desk.paper
        other = self._paper is None or selected is None or selected.key != self._paper.key
        if bookmark is None and selected is not None and selected.pages and other:
            bookmark = Bookmark(selected.ref, selected.last_page)
        if bookmark is not None:
            await self._open(bookmark)
        elif self._paper is None:
            await self._view.say(_NOTHING)
        if self.focused is None or bookmark is not None:
            self.show_pane("page")

    def pane_target(self, pane: str) -> Widget | None:
        if pane == "outline":
            return self._outline if self._outline.rows else None
        return self._view

    def pane_open(self, pane: str) -> bool:
        return pane == "page" or not self.has_class("-medium")

    async def _open(self, bookmark: Bookmark) -> None:
        assistant = self.desk.assistant
        try:
            paper = assistant.resolve(bookmark.ref)
            pages = assistant.pages(bookmark.ref)
            passages = assistant.passages(bookmark.ref)
        except PaperdeskError as error:
            self.problem(error)
            return
        if not pages:
            await self._view.say(
                Content(f"{title_of_paper(paper)} is not here yet: sync fetches it.")
            )
            return
        self._paper, self._pages, self._passages = paper, pages, passages
        self._quote, self._image, self._search = bookmark.quote, bookmark.image, ""
        headings: dict[tuple[str, ...], int] = {}
        for passage in passages:
            for depth in range(1, len(passage.section) + 1):
                headings.setdefault(passage.section[:depth], passage.page)
        self._outline.show(
            [
                SectionRow(line(path[-1]), len(path) - 1, page, " / ".join(path))
                for path, page in headings.items()
            ],
            keep=False,
        )
        await self._turn_to(bookmark.page or 1)

    async def _turn_to(self, number: int) -> None:
        if not self._pages or self._paper is None:
            return
        self._number = min(max(1, number), len(self._pages))
        section = self._section()
        parts = [title_of_paper(self._paper), f"§ {section}" if section else ""]
        where = f"p. {self._number}/{len(self._pages)}"
        heading = self.query_one("#page", Pane).heading
        heading.say(" · ".join(filter(None, parts)), where)
        if self._image:
            self._draw_image()
            return
        page = self._pages[self._number - 1]
        following = self._pages[self._number].text if self._number < len(self._pages) else ""
        found = await self._view.show_text(
            page.text, following, quote=self._quote, search=self._search
        )
        if self._quote and found:
            heading.say(" · ".join(filter(None, parts)), f"{VERIFIED} quote · {where}")
        self._remember()

    def _section(self) -> str:
        """The section of the quote where one is shown, else the one that the page begins in."""
        if self._quote:
            places = find_quote(self._quote, [passage.text for passage in self._passages])
            path = self._passages[places[0][0]].section if places else ()
            if path:
                return line(path[-1])
        rows = [r for r in self._outline.rows if isinstance(r, SectionRow)]
        before = [row.title for row in rows if row.page < self._number]
        here = [row.title for row in rows if row.page == self._number]
        return before[-1] if before else here[0] if here else ""

    def _remember(self) -> None:
        """Note how far the reader has come in a paper that is being read."""
        paper = self.desk.shelf.paper(self._paper.ref) if self._paper else None
        if paper is not None and paper.status == ReadingStatus.READING:
            try:
                self.desk.assistant.set_status(paper.ref, ReadingStatus.READING, self._number)
            except PaperdeskError as error:
                self.problem(error)

    # Pages

    async def action_page(self, step: int) -> None:
        target = self._number + step
        if self._pages and 1 <= target <= len(self._pages):
            await self._turn_to(target)
        elif self._pages:
            self.toast("That is the last page" if step > 0 else "That is the first page")

    async def on_row_list_opened(self, message: RowList.Opened) -> None:
        if isinstance(message.row, SectionRow):
            await self._turn_to(message.row.page)
            self.show_pane("page")

    async def action_image(self) -> None:
        self._image = not self._image
        await self._turn_to(self._number)

    @work(exclusive=True, group="image", exit_on_error=False)
    async def _draw_image(self) -> None:
        assert self._paper is not None
        await self._view.say(Content.styled("⟳ drawing the page", "$faint"))
        number, ref = self._number, self._paper.ref
        try:
            png = await asyncio.to_thread(
                self.desk.assistant.page_image, ref, number, self._boxes(number)
            )
        except PaperdeskError as error:
            self._image = False
            self.problem(error)
            await self._turn_to(number)
            return
        self.paperdesk.learn_to_draw()
        await self._view.show_image(png)

    def _boxes(self, number: int) -> tuple[Box, ...]:
        """Where the quote stands on a page, as far as its passages tell."""
        if not self._quote or self._paper is None:
            return ()
        here = [p for p in self._passages if any(box.page == number for box in p.boxes)]
        places = find_quote(self._quote, [p.text for p in here])
        touched = [here[index] for index, _, _ in places]
        return tuple(box for p in touched for box in p.boxes if box.page == number)

    # Search

    def action_search(self) -> None:
        box = self.query_one("#search", Input)
        box.display = True
        box.focus()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        self._search = event.value.strip()
        self.query_one("#search").display = False
        self.show_pane("page")
        if self._search:
            self._quote, self._image = None, False
            await self._go_to_match(1, include_here=True)

    async def action_match(self, step: int) -> None:
        if not self._search:
            self.action_search()
        else:
            await self._go_to_match(step)

    async def _go_to_match(self, step: int, *, include_here: bool = False) -> None:
        """Turn to the next page in a direction that holds the words, around the end."""
        words, total = self._search.casefold(), len(self._pages)
        offsets = range(0 if include_here else 1, total + (0 if include_here else 1))
        for offset in offsets:
            number = (self._number - 1 + step * offset) % total + 1
            if words in " ".join(self._pages[number - 1].text.casefold().split()):
                await self._turn_to(number)
                return
        self.toast(f"{self._search} is not in this paper", warning=True)

    def close_open(self) -> bool:
        box = self.query_one("#search", Input)
        if box.display:
            box.display = False
            self.show_pane("page")
            return True
        return False

    # The paper

    def _listed(self) -> ListedPaper | None:
        return self.desk.shelf.paper(self._paper.ref) if self._paper else self.desk.paper

    def action_cycle_status(self) -> None:
        self.cycle_status(self._listed())

    def action_ask(self) -> None:
        self.ask_about(self._listed())

    def action_summary(self) -> None:
        self.draft("summary", self._listed())

    def action_report(self) -> None:
        self.draft("report", self._listed())

    def action_browser(self) -> None:
        self.browse(self._listed())

    def action_copy(self) -> None:
        if not self._pages or self._paper is None:
            return
        if self._quote:
            self.copy(
                f"“{self._quote}” ({title_of_paper(self._paper)}, p. {self._number})", "the quote"
            )
        else:
            self.copy(self._pages[self._number - 1].text, "the page's text")


def title_of_paper(paper: Paper) -> str:
    return line(paper.title) or line(paper.ref)
