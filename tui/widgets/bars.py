"""The line of places at the top and the status line at the bottom."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.labels import line, shortened

_SCOPE_CELLS = 36
PLACE_NAMES = {"library": "Library", "ask": "Ask", "reader": "Reader", "report": "Report"}


class PlaceBar(Widget):
    """The four places; the open one stands out. A click goes there."""

    course: reactive[str] = reactive("")

    class Chosen(Message):
        def __init__(self, place: str) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def render(self) -> Content:
        parts = []
        for number, (place, name) in enumerate(PLACE_NAMES.items(), start=1):
            if place == self._place:
                parts.append(Content.styled(f" {number} {name} ", "bold $background on $accent"))
            else:
                parts.append(Content.styled(f" {number} ", "$accent") + Content(f"{name} "))
        bar = Content("").join(parts)
        room = self.size.width - bar.cell_length - 3
        course = Content.styled(line(self.course), "$faint").truncate(max(0, room), ellipsis=True)
        if room < 8:
            return bar
        return bar + " " * (room - course.cell_length + 2) + course + " "

    def on_click(self, event: Click) -> None:
        edge = 0
        for number, (place, name) in enumerate(PLACE_NAMES.items(), start=1):
            edge += len(f" {number} {name} ")
            if event.x < edge:
                self.post_message(self.Chosen(place))
                return


@dataclass(frozen=True)
class Status:
    """What is true right now."""

    scope: str = ""
    index: str = ""
    model: str = ""
    jobs: tuple[str, ...] = ()
    trouble: str = ""


class StatusBar(Widget):
    """Trouble first, then scope, index, model; work in progress on the right, never cut."""

    status: reactive[Status] = reactive(Status())

    def render(self) -> Content:
        status = self.status
        parts = []
        if status.trouble:
            parts.append(Content.styled(f"! {line(status.trouble)}", "bold $warning"))
        scope = shortened(line(status.scope), _SCOPE_CELLS)
        parts += [Content(line(part)) for part in (scope, status.index, status.model) if part]
        said = Content(" ") + Content.styled(" · ", "$rule").join(parts)
        jobs = Content("  ").join(
            Content.styled(f"⟳ {line(job)} ", "bold $accent") for job in status.jobs
        )
        room = max(0, self.size.width - jobs.cell_length - 1)
        bar = said.truncate(room, ellipsis=True, pad=True) + " " + jobs if jobs else said
        return bar.truncate(self.size.width, ellipsis=True)
