"""Words mended for reading: hyphens at line ends, ligatures, lost glyphs, control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from indexes.cleaning import clean

# Old TeX fonts without a Unicode map give their ligatures as the bare code points of the font.
_TEX_LIGATURES = {"\x0b": "ff", "\x0c": "fi", "\r": "fl", "\x0e": "ffi", "\x0f": "ffl"}
_TEX_LIGATURE = re.compile(
    "(?<=[a-zA-Z])[\x0b\x0c\r\x0e\x0f](?=[a-z])|(?<![^\\s(])[\x0b\x0c\r\x0e\x0f](?=[a-z]{3})"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]+")
_LIGATURES = str.maketrans(
    {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
)
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_HYPHEN_END = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_HYPHENS = ("-", "\u2010", "\u00ad")
_WORD_START = re.compile(r"[^\W\d_]+")


def mend_glyphs(text: str) -> str:
    """One line's text with its ligatures spelled out and without control characters.

    A control character stands for a glyph that the font does not name: it becomes a space, so that
    what stood around it is not glued.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _TEX_LIGATURE.sub(lambda match: _TEX_LIGATURES[match.group()], text)
    text = _CONTROL.sub(" ", text)
    text = text.translate(_LIGATURES)
    return " ".join(clean(text).split())


class Vocabulary:
    """The words of one document as they stand inside its lines, where no line end cuts them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._words: set[str] = set()
        for line in lines:
            words = _WORD.findall(line.lower())
            # The last word may be the first half of one, and the first the second half.
            self._words.update(words[1:-1])
            if words and not line.endswith(_HYPHENS):
                self._words.add(words[-1])

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def joint(self, line: str, following: str) -> tuple[str, str]:
        """(`line` as it should end, what goes between it and `following`).

        A hyphen at the line's end is dropped where it divides a word and kept where it belongs to a
        compound, as the document itself writes the word elsewhere.
        """
        if not line.endswith(_HYPHENS):
            return line, " "
        end = _HYPHEN_END.search(line)
        start = _WORD_START.match(following)
        if end is None or start is None:
            joined = line[-2:-1].isalnum() and following[:1].isalnum()  # GPT-4, 34-layer
            return line, "" if joined else " "
        if line.endswith("\u00ad"):
            return line[:-1], ""
        first, second = end.group(1).lower(), start.group().lower()
        if following[0].isupper() or self._compound(line, first, second, following):
            return line, ""
        return line[:-1], ""

    def _compound(self, line: str, first: str, second: str, following: str) -> bool:
        if first + second in self:
            return False
        if f"{first}-{second}" in self:
            return True
        if line[: -len(first) - 1].endswith("-") or following[len(second) :].startswith("-"):
            return True  # state-of-the-art
        return len(first) > 2 and len(second) > 2 and first in self and second in self
