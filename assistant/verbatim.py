"""A quote as its page has it at line ends.

A passage mends what a page breaks: `English-` at a line's end and `to-German` on the next become
`English-to-German`. Whether that hyphen is the word's own or the line's, only a reader can say, so
whoever compares the quote with the page must be able to see where the line ended.
"""

from __future__ import annotations

import re
import unicodedata

LINE_BREAK = "-\n"
_HYPHEN = "[-\u00ad\u2010\u2011]"
_INNER = re.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")
_CONTEXT = 24  # characters on the left that tell one hyphen of a page from another


def with_line_breaks(text: str, page: str) -> str:
    """`text` with a line break after each hyphen that the page breaks a line at.

    `text` stands on `page`, which is as PyMuPDF reads it.
    """
    if not _INNER.search(text):
        return text
    page = unicodedata.normalize("NFKC", page)

    def restore(hyphen: re.Match[str]) -> str:
        at = hyphen.start()
        before, after = text[max(0, at - _CONTEXT) : at], text[at + 1 : at + 5]
        broken = rf"{_loose(before)}{_HYPHEN}\s*\n\s*{_loose(after)}"
        return LINE_BREAK if re.search(broken, page, re.IGNORECASE) else hyphen.group()

    return _INNER.sub(restore, text)


def mended(text: str) -> str:
    """The other way round, for reading: on one line."""
    return " ".join(text.replace(LINE_BREAK, "-").split())


def _loose(text: str) -> str:
    """A pattern for `text` on a page: white space and signs in any form, words maybe broken."""
    pieces = []
    for char in unicodedata.normalize("NFKC", text):
        if char.isspace():
            pieces.append(r"\s+")
        elif char.isalnum():
            pieces.append(rf"{re.escape(char)}(?:{_HYPHEN}\s*\n\s*)?")
        else:
            pieces.append(r"\W{1,2}\s*?")
    return "".join(pieces)
