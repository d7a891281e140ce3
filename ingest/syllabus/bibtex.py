"""BibTeX entries, as files and as fenced blocks within Markdown, to lines of an outline."""

from __future__ import annotations

import html
import re

_ENTRY = re.compile(r"^\s*@(?!comment|string|preamble)[a-z]+\s*\{", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(
    r"""^[ \t]*(title|eprint|url|doi|journal|note|howpublished)\s*=\s*[{"]([^\n]{0,1000})""",
    re.IGNORECASE | re.MULTILINE,
)
_ARXIV = re.compile(r"arxiv[:./ ]\s*([a-z-]*/?[0-9]{4}\.?[0-9]{3,5}(?:v[0-9]+)?)", re.IGNORECASE)
_BARE_ID = re.compile(r"[0-9]{4}\.[0-9]{4,5}(?:v[0-9]+)?|[a-z-]+/[0-9]{7}", re.IGNORECASE)


def is_bibtex(text: str) -> bool:
    """Whether `text` begins like a bibliography."""
    return _ENTRY.match(text.lstrip()) is not None


def bibtex_html(text: str, first_line: int) -> str:
    """The entries that name an arXiv id or an address, as an HTML list with marked lines.

    `first_line` is the source line of the first line of `text`. Entries that name neither are left
    out: a bibliography names its works, it does not ask for them.
    """
    starts = [found.start() for found in _ENTRY.finditer(text)]
    items: list[str] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        entry = text[start:end]
        fields = {name.lower(): value for name, value in reversed(_FIELD.findall(entry))}
        link = _link(fields)
        if link is None:
            continue
        line = first_line + text.count("\n", 0, start) + _leading_lines(entry)
        title = html.escape(_plain(fields.get("title", "")))
        address = html.escape(link, quote=True)
        items.append(f'<li data-line="{line}"><a href="{address}">{title or address}</a></li>')
    return f"<ul>{''.join(items)}</ul>"


def _link(fields: dict[str, str]) -> str | None:
    eprint = _plain(fields.get("eprint", ""))
    if _BARE_ID.fullmatch(eprint):
        return f"https://arxiv.org/abs/{eprint}"
    for name in ("journal", "note", "howpublished", "doi"):
        if found := _ARXIV.search(fields.get(name, "")):
            return f"https://arxiv.org/abs/{found.group(1)}"
    if url := _plain(fields.get("url", "")):
        return url
    doi = _plain(fields.get("doi", ""))
    return f"https://doi.org/{doi}" if doi.startswith("10.") else None


def _leading_lines(entry: str) -> int:
    return entry[: len(entry) - len(entry.lstrip())].count("\n")


def _plain(value: str) -> str:
    """A field's value without braces and the comma after it."""
    text = re.sub(r"[{}]", "", value).strip()
    return " ".join(text.rstrip(",").strip().strip('"').split())
