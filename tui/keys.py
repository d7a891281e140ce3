"""The key map: every action's id, keys, name and explanation, by the place where it works.

The bindings, the help screen, the palette and docs/keys.md are all made from this table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Key:
    """One action. `action` is Textual's action string; `shown` puts it into the footer.

    Keys are Textual key names, comma-separated; `display` is how the first is written. `palette`
    is off for movements, which make no sense as a command.
    """

    id: str
    keys: str
    action: str
    description: str
    tooltip: str
    display: str
    shown: bool = False
    palette: bool = True
    priority: bool = False

    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.action,
            self.description,
            show=self.shown,
            key_display=self.display,
            priority=self.priority,
            tooltip=self.tooltip,
            id=self.id,
        )


EVERYWHERE = (
    Key("app.library", "1", "place('library')", "Library", "The reading list by week", "1"),
    Key("app.ask", "2", "place('ask')", "Ask", "Ask your papers and check the quotes", "2"),
    Key("app.reader", "3", "place('reader')", "Reader", "Read a paper page by page", "3"),
    Key("app.report", "4", "place('report')", "Report", "Summary and one-page report", "4"),
    Key(
        "app.help",
        "question_mark,f1",
        "help",
        "Help",
        "Every key that works where you are",
        "?",
        shown=True,
    ),
    Key(
        "app.palette",
        "ctrl+p",
        "command_palette",
        "Palette",
        "Find any action by its name",
        "^p",
        shown=True,
        palette=False,
        priority=True,
    ),
    Key("app.theme", "f2", "switch_theme", "Light or dark", "Switch the theme", "F2"),
    Key("app.quit", "ctrl+q", "quit", "Quit", "Leave Paperdesk", "^q", priority=True),
)

IN_A_PLACE = (
    Key(
        "place.next_pane",
        "tab",
        "next_pane(1)",
        "Next pane",
        "Move to the next pane",
        "Tab",
        palette=False,
    ),
    Key(
        "place.previous_pane",
        "shift+tab",
        "next_pane(-1)",
        "Previous pane",
        "Move to the previous pane",
        "⇧Tab",
        palette=False,
    ),
    Key(
        "place.back",
        "escape",
        "back",
        "Cancel, back",
        "Stop what runs here; then close what is open; then go back to the library",
        "Esc",
        palette=False,
    ),
)

IN_A_LIST = (
    Key("list.down", "down,j", "cursor(1)", "Down", "One row down", "↓ j", palette=False),
    Key("list.up", "up,k", "cursor(-1)", "Up", "One row up", "↑ k", palette=False),
    Key("list.page_down", "pagedown", "leap(1)", "Page down", "A page down", "PgDn", palette=False),
    Key("list.page_up", "pageup", "leap(-1)", "Page up", "A page up", "PgUp", palette=False),
    Key("list.top", "home,g", "edge(False)", "Top", "To the first row", "g", palette=False),
    Key("list.bottom", "end,G", "edge(True)", "Bottom", "To the last row", "G", palette=False),
    Key("list.open", "enter", "open", "Open", "Open the row", "Enter", palette=False),
)

LIBRARY = (
    Key(
        "library.left",
        "left,h",
        "next_pane(-1)",
        "Pane left",
        "Move to the pane on the left",
        "← h",
        palette=False,
    ),
    Key(
        "library.right",
        "right,l",
        "next_pane(1)",
        "Pane right",
        "Move to the pane on the right",
        "→ l",
        palette=False,
    ),
    Key(
        "library.sync",
        "s",
        "sync",
        "Sync",
        "Fetch and index the week, or the paper where the cursor is in the readings",
        "s",
        shown=True,
    ),
    Key("library.sync_all", "S", "sync_all", "Sync all", "Fetch and index everything", "S"),
    Key("library.add", "a", "add", "Add", "Add papers by id, link or file", "a", shown=True),
    Key("library.import", "i", "import", "Import", "Import a syllabus", "i", shown=True),
    Key("library.demo", "d", "demo", "Demo course", "Load the course that ships with it", "d"),
    Key(
        "library.status",
        "space",
        "cycle_status",
        "Status",
        "Reading status: unread, reading, read",
        "Space",
        shown=True,
    ),
    Key("library.filter", "slash", "filter", "Filter", "Show rows that hold a word", "/"),
    Key("library.retry", "r", "retry", "Retry", "Try a failed paper again", "r"),
    Key("library.reindex", "R", "reindex", "Reindex", "Rebuild the index, offline", "R"),
    Key("library.ask", "A", "ask", "Ask", "Ask about the selected paper", "A", shown=True),
    Key("library.summary", "u", "summary", "Summary", "Summarize the selected paper", "u"),
    Key(
        "library.report",
        "p",
        "report",
        "Report",
        "One-page report on the selected paper",
        "p",
        shown=True,
    ),
    Key("library.browser", "o", "browser", "Browser", "Open the paper's page on the web", "o"),
    Key("library.copy", "y", "copy", "Copy", "Copy the paper's title and link", "y"),
    Key("library.remove", "x,delete", "remove", "Remove", "Take the paper off the list", "x"),
)

PROMPT = (
    Key(
        "ask.send",
        "enter",
        "send",
        "Ask",
        "Ask the question",
        "Enter",
        shown=True,
        palette=False,
    ),
    Key(
        "ask.newline",
        "ctrl+j",
        "newline",
        "New line",
        "Start a new line in the question",
        "^j",
        palette=False,
    ),
)

ASK = (
    Key("ask.scope", "ctrl+t", "scope", "Scope", "All papers, a week, one paper", "^t", shown=True),
    Key("ask.new", "ctrl+n", "new_thread", "New thread", "Forget what was asked before", "^n"),
    Key(
        "ask.prompt",
        "slash",
        "prompt",
        "Write a question",
        "Move to the prompt",
        "/",
        shown=True,
    ),
)

CLAIMS = (
    Key("claims.next", "right_square_bracket", "claim(1)", "Next claim", "The next claim", "]"),
    Key(
        "claims.previous",
        "left_square_bracket",
        "claim(-1)",
        "Previous claim",
        "The claim before",
        "[",
    ),
    Key(
        "claims.page",
        "enter",
        "read_claim",
        "Read",
        "Open the page that the claim quotes",
        "Enter",
        shown=True,
    ),
    Key("claims.image", "v", "view_claim", "Page image", "The cited page, quote boxed", "v"),
    Key("claims.copy", "y", "copy", "Copy", "Copy the claim with its quote", "y", shown=True),
    Key("claims.copy_all", "Y", "copy_all", "Copy all", "Copy everything as Markdown", "Y"),
    Key("claims.browser", "o", "browser", "Browser", "Open the cited paper on the web", "o"),
)

READER = (
    Key("reader.previous", "left_square_bracket,left,h", "page(-1)", "Page back", "Back", "["),
    Key(
        "reader.next",
        "right_square_bracket,right,l",
        "page(1)",
        "Page",
        "The next page",
        "[ ]",
        shown=True,
    ),
    Key("reader.image", "v", "image", "Image", "Page as text or image", "v", shown=True),
    Key("reader.search", "slash", "search", "Search", "Search this paper", "/", shown=True),
    Key("reader.next_match", "n", "match(1)", "Next match", "The next match", "n"),
    Key("reader.previous_match", "N", "match(-1)", "Previous match", "The match before", "N"),
    Key(
        "reader.status",
        "space",
        "cycle_status",
        "Status",
        "Reading status: unread, reading, read",
        "Space",
    ),
    Key("reader.ask", "A", "ask", "Ask", "Ask about this paper", "A", shown=True),
    Key("reader.summary", "u", "summary", "Summary", "Summarize this paper", "u"),
    Key("reader.report", "p", "report", "Report", "One-page report on this paper", "p"),
    Key("reader.copy", "y", "copy", "Copy", "Copy the quote, or the page's text", "y"),
    Key("reader.browser", "o", "browser", "Browser", "Open the paper on the web", "o"),
)

REPORT = (
    Key("report.summary", "u", "summary", "Summary", "Summarize the paper", "u", shown=True),
    Key("report.report", "p", "report", "Report", "Draft a one-page report", "p", shown=True),
    Key(
        "report.questions",
        "Q",
        "questions",
        "Questions",
        "Questions for the speaker",
        "Q",
    ),
    Key("report.save", "w", "save", "Save", "Write it to a file (.md, .pdf)", "w", shown=True),
)

ON_A_CLAIM = (
    Key("claim.down", "down,j", "screen.claim(1)", "Down", "The next claim", "↓ j", palette=False),
    Key("claim.up", "up,k", "screen.claim(-1)", "Up", "The claim before", "↑ k", palette=False),
)

ON_A_PAGE = (
    Key("page.down", "down,j", "scroll_down", "Down", "Scroll down", "↓ j", palette=False),
    Key("page.up", "up,k", "scroll_up", "Up", "Scroll up", "↑ k", palette=False),
    Key("page.leap_down", "pagedown", "page_down", "Page down", "A screen down", "PgDn"),
    Key("page.leap_up", "pageup", "page_up", "Page up", "A screen up", "PgUp"),
    Key("page.top", "home,g", "scroll_home", "Top", "To the top of the page", "g"),
    Key("page.bottom", "end,G", "scroll_end", "Bottom", "To the end of the page", "G"),
)

IN_A_DIALOG = (
    Key("dialog.close", "escape", "close", "Close", "Leave this dialog", "Esc", palette=False),
)
ON_A_PROBLEM = (Key("problem.copy", "y", "copy", "Copy", "Copy the error", "y", palette=False),)
TO_CONFIRM = (Key("confirm.yes", "y", "yes", "Yes", "Do it", "y", palette=False),)

PLACES: dict[str, tuple[Key, ...]] = {
    "library": LIBRARY,
    "ask": ASK + CLAIMS,
    "reader": READER,
    "report": REPORT + CLAIMS,
}

_HEADINGS = (
    ("Everywhere", EVERYWHERE + IN_A_PLACE),
    ("In a list", IN_A_LIST),
    ("Library", LIBRARY),
    ("Ask", PROMPT + ASK),
    ("Claims, in Ask and Report", CLAIMS + ON_A_CLAIM),
    ("Reader", READER + ON_A_PAGE),
    ("Report", REPORT),
    ("In a dialog", IN_A_DIALOG + ON_A_PROBLEM + TO_CONFIRM),
)


def bindings(*groups: tuple[Key, ...]) -> list[BindingType]:
    """The groups' keys in the form that Textual takes."""
    return [key.binding() for group in groups for key in group]


def commands(place: str) -> Iterator[Key]:
    """The actions that the palette offers in a place, its own first."""
    for key in (*PLACES.get(place, ()), *EVERYWHERE):
        if key.palette:
            yield key


def key_page() -> str:
    """docs/keys.md: the key map as Markdown."""
    lines = [
        "# Keys",
        "",
        "Made from tui/keys.py by `python -m tui.keys`. Letters never act inside a prompt; Esc or",
        "Tab leaves it. Every action is in the palette too (Ctrl+P).",
    ]
    for heading, keys in _HEADINGS:
        lines += ["", f"## {heading}", "", "| key | does | |", "|---|---|---|"]
        lines += [f"| `{k.display}` | {k.description} | {k.tooltip} |" for k in keys]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(key_page(), end="")
