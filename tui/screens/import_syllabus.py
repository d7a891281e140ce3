"""Import a syllabus: name the file, look at what was recognised, take it or leave it."""

from __future__ import annotations

from contextlib import aclosing

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.widgets import Input, Static

from assistant.events import Done, Failed
from assistant.facade import PaperAssistant
from indexes.reading_list import Reading, ReadingList, Week
from tui.labels import STRUCK, count, day, line
from tui.screens.dialog import Dialog


class ImportScreen(Dialog[str]):
    """Gives the path or URL once its preview was accepted."""

    def __init__(self, assistant: PaperAssistant) -> None:
        super().__init__(
            "Import a syllabus", "Enter shows what is in it · Esc closes", classes="large"
        )
        self._assistant = assistant
        self._seen: str | None = None

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder="path of a Markdown, text, HTML or PDF file")
        with VerticalScroll(id="body"):
            yield Static(id="preview", classes="cut")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_key(self, event: Key) -> None:
        """The preview scrolls while the line is being written."""
        body = self.query_one("#body", VerticalScroll)
        scrolls = {
            "down": body.scroll_down,
            "up": body.scroll_up,
            "pagedown": body.scroll_page_down,
            "pageup": body.scroll_page_up,
        }
        if event.key in scrolls:
            event.stop()
            scrolls[event.key](animate=False)

    def on_input_changed(self) -> None:
        self._seen = None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        source = event.value.strip()
        if source and source == self._seen:
            self.dismiss(source)
        elif source:
            self._look(source)

    @work(exclusive=True, exit_on_error=False)
    async def _look(self, source: str) -> None:
        preview = self.query_one("#preview", Static)
        preview.update(Content.styled("⟳ reading", "$faint"))
        stream = self._assistant.import_syllabus(source, dry_run=True)
        async with aclosing(stream) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, Failed):
                    preview.update(
                        Content.assemble(
                            (f"{STRUCK} {line(event.error.message)}", "$error"),
                            (f"\n→ {line(event.error.remedy)}", "$primary"),
                        )
                    )
                elif isinstance(event, Done) and isinstance(event.result, ReadingList):
                    preview.update(describe_list(event.result))
                    self._seen = source
                    self.hint(
                        Content.assemble(
                            ("Enter again", "bold $accent"),
                            (" imports it · ↓ ↑ scroll · Esc closes", "$faint"),
                        )
                    )


def describe_list(found: ReadingList) -> Content:
    """What a syllabus was understood to say, and the lines that were not."""
    readings = found.readings()
    counted = [
        count(len(found.weeks), "week"),
        count(len(readings), "reading"),
        f"{sum(r.kind == 'arxiv' for r in readings)} from arXiv",
    ]
    parts: list[str | tuple[str, str]] = [
        (line(found.course), "bold"),
        (f"  {line(found.term)}" if found.term else "", "$faint"),
        "\n",
        ", ".join(counted) + "\n",
    ]
    for week in found.weeks:
        title = line(week.title)
        parts += [
            (f"\n{_week_name(week)}", "bold $primary" if week.readings else "$faint"),
            (f"  {day(week.date)}", "$faint"),
            (f"  {title}" if title else "", "" if week.readings else "$faint"),
        ]
        parts += [_reading(reading) for reading in week.readings]
    if found.unfiled:
        parts += [("\nNo week", "bold $primary"), *[_reading(r) for r in found.unfiled]]
    if found.unparsed:
        parts += [(f"\n\nNot recognised: {count(len(found.unparsed), 'line')}", "bold $warning")]
        parts += [
            (f"\n  {STRUCK} line {item.line}: {line(item.text)}  ({line(item.why)})", "$warning")
            for item in found.unparsed
        ]
    return Content.assemble(*parts)


def _week_name(week: Week) -> str:
    return f"Week {line(week.number)}" if week.number[:1].isdigit() else line(week.number).title()


def _reading(reading: Reading) -> str:
    address = line(reading.url).split("://")[-1].removeprefix("www.")
    name = line(reading.title) or address or "?"
    return f"\n  {line(reading.arxiv_id or reading.kind.value):<11} {reading.role.value:<10} {name}"
