"""A list of one-line rows, aligned left and right, drawn only where it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui.keys import IN_A_LIST, bindings

GUTTER = 2


class Row(Protocol):
    """A row draws itself when it comes into sight. `heading` rows can't be chosen."""

    @property
    def id(self) -> str: ...

    @property
    def heading(self) -> bool: ...

    def draw(self, width: int) -> tuple[Content, Content]:
        """What stands on the left (cut to fit) and on the right (never cut), in `width` cells."""
        ...


class RowList(ScrollView, can_focus=True):
    """Rows with a cursor. Ten thousand cost no more than ten."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", "rows--heading"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .rows--heading { color: $faint; text-style: bold; }
        & > .rows--cursor { background: $cursor-blurred; }
        &:focus > .rows--cursor { background: $cursor; text-style: bold; }
    }
    """
    BINDINGS = bindings(IN_A_LIST)

    cursor: reactive[int] = reactive(-1)

    class Highlighted(Message):
        """The cursor came to another row."""

        def __init__(self, rows: RowList, row: Row) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> RowList:
            return self.rows

    class Opened(Highlighted):
        """A row was opened by Enter or a click."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._empty = empty

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    def show(self, rows: Sequence[Row], *, keep: bool = True) -> None:
        """Replace the rows; the cursor stays on the row of the same id where there is one."""
        before = self.chosen
        self._rows = rows
        self.virtual_size = Size(self.size.width, len(rows))
        wanted = next((i for i, r in enumerate(rows) if before and r.id == before.id), None)
        if wanted is None or not keep:
            wanted = self._choosable(0, 1)
        self.set_reactive(RowList.cursor, wanted)
        self._reveal()
        self.refresh()
        if self.chosen is not None:
            self.post_message(self.Highlighted(self, self.chosen))

    def choose(self, row_id: str) -> bool:
        """Put the cursor on a row; False where there is none of that id."""
        for index, row in enumerate(self._rows):
            if row.id == row_id:
                self.cursor = index
                return True
        return False

    def redraw(self) -> None:
        """Rows changed how they look, not which they are."""
        self.refresh()

    def watch_cursor(self) -> None:
        self._reveal()
        self.refresh()
        if self.chosen is not None:
            self.post_message(self.Highlighted(self, self.chosen))

    def action_cursor(self, step: int) -> None:
        self.cursor = self._choosable(self.cursor + step, step, fallback=self.cursor)

    def action_leap(self, direction: int) -> None:
        step = direction * max(1, self.size.height - 1)
        target = min(max(0, self.cursor + step), len(self._rows) - 1)
        self.cursor = self._choosable(target, -direction, fallback=self.cursor)

    def action_edge(self, bottom: bool) -> None:
        self.cursor = self._choosable(len(self._rows) - 1 if bottom else 0, -1 if bottom else 1)

    def action_open(self) -> None:
        if self.chosen is not None:
            self.post_message(self.Opened(self, self.chosen))

    def on_click(self, event: Click) -> None:
        index = event.y + round(self.scroll_y)
        if 0 <= index < len(self._rows) and not self._rows[index].heading:
            if index == self.cursor:
                self.action_open()
            else:
                self.cursor = index

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows))
        self._reveal()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_y)
        if width <= 0:
            return Strip.blank(0)
        if index >= len(self._rows):
            if y == 0 and not self._rows and self._empty:
                return self._strip(Content.styled(" " * GUTTER + self._empty, "$faint"), "", width)
            return Strip.blank(width, self.rich_style)
        row = self._rows[index]
        left, right = row.draw(width - GUTTER)
        if row.heading:
            return self._strip(left.truncate(width, ellipsis=True), "rows--heading", width)
        at_cursor = index == self.cursor
        room = max(1, width - GUTTER - right.cell_length - (1 if right else 0) - 1)
        mark = Content.styled("▸ " if at_cursor else "  ", "$accent")
        body = mark + left.truncate(room, ellipsis=True, pad=True)
        if right and width > right.cell_length + GUTTER + 4:
            body = body + " " + right + " "
        return self._strip(body, "rows--cursor" if at_cursor else "", width)

    def _strip(self, content: Content, component: str, width: int) -> Strip:
        style = self.visual_style
        if component:
            style = style + self.get_visual_style(component)
        strips = Visual.to_strips(self, content.truncate(width, pad=True), width, 1, style)
        return strips[0] if strips else Strip.blank(width)

    def _choosable(self, start: int, step: int, fallback: int = -1) -> int:
        """The first row from `start` on that is no heading."""
        index = start
        while 0 <= index < len(self._rows):
            if not self._rows[index].heading:
                return index
            index += step
        return fallback

    def _reveal(self) -> None:
        if self.cursor >= 0 and self.size.height:
            top = 0 if self.cursor <= 1 else self.cursor  # shows a heading above the first row
            self.scroll_to_region(Region(0, top, 1, 1), animate=False, immediate=True, force=True)
