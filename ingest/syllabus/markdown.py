"""Markdown (and plain text, which is Markdown without marks) to outline.

Rendered to HTML with the source lines marked, then read like any HTML: so inline HTML, HTML tables
and reference links need no second reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ingest.syllabus.bibtex import bibtex_html, is_bibtex
from ingest.syllabus.html import html_outline
from ingest.syllabus.outline import Outline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FRONT_MATTER = re.compile(
    r"\A\ufeff?(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL
)
_FIELD = re.compile(r"""^(title|date)\s*[:=]\s*(["']?)(.+?)\2\s*$""", re.MULTILINE)


def markdown_outline(source: str) -> Outline:
    """The outline of Markdown text; title and date of the front matter are kept beside it."""
    front = _FRONT_MATTER.match(source)
    fields: dict[str, str] = {}
    if front:
        fields = {name: value for name, _, value in _FIELD.findall(front.group(2))}
        source = "\n" * front.group().count("\n") + source[front.end() :]
    outline = html_outline(_renderer().render(source))
    outline.title = fields.get("title")
    outline.date = fields.get("date")
    return outline


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Indented text is a habit of plain-text syllabi, not code.
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    renderer.disable("code")
    renderer.core.ruler.push("line_marks", _mark_lines)
    renderer.add_render_rule("html_block", _html_block)
    renderer.add_render_rule("fence", _fence)
    return renderer


def _mark_lines(state: Any) -> None:
    line = 0
    for token in state.tokens:
        if token.map:
            line = token.map[0] + 1
        if token.nesting == 1:
            token.attrSet("data-line", str(line))


def _fence(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    """A fenced block shows code or a sample, whose links nobody is to read; BibTeX is a list."""
    token = tokens[index]
    if is_bibtex(token.content):
        return bibtex_html(token.content, token.map[0] + 2)
    return ""


def _html_block(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    token = tokens[index]
    mark = f"<!--line {token.map[0] + 1}-->" if token.map else ""
    return mark + str(token.content)
