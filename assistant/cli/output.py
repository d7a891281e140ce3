"""What the command line prints: data on stdout, narration on stderr, errors in one line.

Strings that come from papers, syllabi or models are cleaned here once more and never read as
markup. Tables and colour appear on a terminal only.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from indexes.cleaning import clean, clean_line
from indexes.errors import ErrorDocument

if TYPE_CHECKING:
    from rich.console import Console


class ExitCode(IntEnum):
    """The documented exit codes."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    NOTHING_FOUND = 4
    INTERRUPTED = 130


class Output:
    """Where a command writes. `as_json` turns every document into one JSON object on stdout."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet

    @property
    def on_terminal(self) -> bool:
        """Whether a person is likely to read stdout as it comes."""
        return sys.stdout.isatty() and not self.as_json

    @property
    def narrates_on_terminal(self) -> bool:
        """Whether stderr can show moving progress."""
        return sys.stderr.isatty() and not self.quiet

    def console(self, *, stderr: bool = False) -> Console:
        """A rich console as wide as the terminal; colour as NO_COLOR and the terminal allow."""
        from rich.console import Console

        return Console(stderr=stderr, highlight=False, markup=False, emoji=False)

    def document(self, document: BaseModel | Mapping[str, Any]) -> None:
        """Print the command's one JSON document."""
        if isinstance(document, BaseModel):
            document = document.model_dump(mode="json", by_alias=True)
        print(to_json(document))

    def line(self, text: str = "") -> None:
        """Print one line of data."""
        print(clean(text).replace("\n", " "))

    def text(self, text: str) -> None:
        """Print lines of data as they are."""
        print(clean(text).rstrip("\n"))

    def heading(self, text: str, *, plain_mark: str = "# ") -> None:
        """Print a line that stands out: bold on a terminal, with a mark before it elsewhere."""
        if self.on_terminal:
            from rich.text import Text

            self.console().print(Text(clean_line(text), style="bold"))
        else:
            self.line(f"{plain_mark}{text}")

    def markdown(self, text: str) -> None:
        """Print Markdown: set on a terminal, as it is elsewhere.

        Only headings, bullets and quotations are set; a quote's own asterisks and underscores are
        the paper's words and stay.
        """
        if not self.on_terminal:
            self.text(text)
            return
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        console = self.console()
        for line in clean(text).rstrip("\n").split("\n"):
            mark, _, rest = line.strip().partition(" ")
            indent = len(line) - len(line.lstrip())
            if mark and mark == "#" * len(mark):
                console.print(Text(rest, style="bold"))
            elif mark in {">", "-"}:
                lead = re.match(r"\*\*(.+?)\*\*", rest)  # a bullet's own heading
                words = Text.assemble(
                    (lead[1] if lead else "", "bold"), rest[lead.end() :] if lead else rest
                )
                hanging = Table.grid(padding=(0, 1))
                hanging.add_row(mark.replace("-", "•"), words)
                console.print(Padding(hanging, (0, 0, 0, indent)))
            elif whole := re.fullmatch(r"\*([^*]+)\*", line):
                console.print(Text(whole[1], style="italic"))
            else:
                console.print(Text(line))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], wide: int) -> None:
        """Print rows: a table on a terminal, tab-separated elsewhere.

        `wide` is the number of the column that takes the room that is left.
        """
        cells = [["" if cell is None else clean_line(str(cell)) for cell in row] for row in rows]
        if not self.on_terminal:
            for row in cells:
                print("\t".join(row))
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="dim", expand=False)
        for number, column in enumerate(columns):
            if number == wide:
                table.add_column(column, overflow="fold", ratio=1, min_width=16)
            else:
                table.add_column(column, overflow="ellipsis", no_wrap=True)
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        self.console().print(table)

    def groups(self, groups: Iterable[tuple[str, Sequence[Sequence[object]]]], wide: int) -> None:
        """Print headings and the rows under each.

        On a terminal the columns of all groups line up, a row is a line, and the column `wide` is
        cut to fit; elsewhere the rows are tab-separated and whole.
        """
        shown = [
            (heading, [["" if c is None else clean_line(str(c)) for c in row] for row in rows])
            for heading, rows in groups
        ]
        widths = _widths([row for _, rows in shown for row in rows], wide)
        for heading, rows in shown:
            if self.on_terminal:
                self.line()
            self.heading(heading)
            if not self.on_terminal:
                for row in rows:
                    print("\t".join(row))
            elif rows:
                self._aligned(rows, widths, wide)

    def _aligned(self, rows: Sequence[Sequence[str]], widths: Sequence[int], wide: int) -> None:
        from rich.table import Table
        from rich.text import Text

        console = self.console()
        others = sum(width + 2 for number, width in enumerate(widths) if number != wide)
        room = max(16, console.width - 2 - others - 2)
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=0)  # the indent
        for number, width in enumerate(widths):
            width = min(width, room) if number == wide else width
            table.add_column(overflow="ellipsis", no_wrap=True, width=width)
        for row in rows:
            table.add_row("", *(Text(cell) for cell in row))
        console.print(table)

    def facts(self, facts: Mapping[str, object]) -> None:
        """Print names and values, a line each; empty values are left out."""
        rows = [
            (name, clean_line(str(value)))
            for name, value in facts.items()
            if value not in (None, "")
        ]
        if not self.on_terminal:
            for name, value in rows:
                self.line(f"{name}: {value}")
            return
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2, 0, 0))
        for name, value in rows:
            table.add_row(Text(name, style="dim"), Text(value))
        self.console().print(table)

    def paragraph(self, text: str, *, dim: bool = False) -> None:
        """Print running text: broken between words on a terminal, one line elsewhere."""
        if not self.on_terminal:
            self.line(text)
            return
        from rich.text import Text

        self.console().print(Text(clean_line(text), style="dim" if dim else ""))

    def note(self, text: str) -> None:
        """Say something about the work, on stderr."""
        if not self.quiet:
            print(clean_line(text), file=sys.stderr, flush=True)

    def error(self, error: ErrorDocument, *, document: bool = True) -> None:
        """Report a failure in one line on stderr, and with --json as a document on stdout."""
        what = clean_line(error.message).rstrip(".")
        remedy = clean_line(error.remedy)
        print(f"paperdesk: {what}" + (f"; {remedy}" if remedy else ""), file=sys.stderr, flush=True)
        if self.as_json and document:
            self.document({"error": error.model_dump(mode="json")})


def _widths(rows: Sequence[Sequence[str]], wide: int) -> list[int]:
    """How many cells of the terminal each column gets; the column `wide` gets what it asks for."""
    if not rows:
        return []
    from rich.cells import cell_len

    asked = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [width if number == wide else min(width, 20) for number, width in enumerate(asked)]


def to_json(document: Mapping[str, Any]) -> str:
    """JSON that is safe to show: what a terminal would act on is written as an escape."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(
        document, ensure_ascii=not readable, indent=2 if sys.stdout.isatty() else None
    )
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
