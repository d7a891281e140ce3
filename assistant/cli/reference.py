"""The command reference: what `--help` says of every command, in one page.

python -m assistant.cli.reference > docs/commands.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from assistant.cli.application import app

_WIDTH = 96
_OPENING = """\
# Commands

<!-- Written by `python -m assistant.cli.reference`; a test compares it with the code. -->

stdout carries data, stderr narration and progress. Without a command, `paperdesk` opens the
application. A REF is an arXiv id (`1706.03762`, `1706.03762v5`, `hep-th/9901001`), an arXiv
address, a path to a PDF, an https web page, or any `ref` that paperdesk prints.

| exit code | meaning |
|---|---|
| 0 | done (an empty list is done, too) |
| 1 | failed |
| 2 | usage or configuration |
| 3 | done in part: some REF not understood, some paper failed |
| 4 | not in your papers, nothing found |
| 130 | interrupted: run it again to resume |

With `--json`, codes 0, 3 and 4 print the command's own document, codes 1 and 2
`{"error": {"code", "message", "remedy"}}`. Settings are listed by `paperdesk config show`, each
with its environment variable; a flag wins over the environment, the environment over the file.
"""


def command_reference() -> str:
    """The page, as Markdown."""
    parts = [_OPENING]
    for name, help_text in _helps(typer.main.get_command(app), "paperdesk", None):
        parts.append(f"## {name}\n\n```text\n{help_text.strip()}\n```\n")
    return "\n".join(parts)


def _helps(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    """Each command's full name and its help, depth first."""
    context = command.context_class(
        command,
        info_name=name.split()[-1],
        parent=parent,
        max_content_width=_WIDTH,
        terminal_width=_WIDTH,
        help_option_names=["--help", "-h"],
    )
    text = command.get_help(context)
    yield name, "\n".join(line.rstrip() for line in text.splitlines())
    for child_name, child in getattr(command, "commands", {}).items():
        yield from _helps(child, f"{name} {child_name}", context)


if __name__ == "__main__":
    print(command_reference(), end="")
