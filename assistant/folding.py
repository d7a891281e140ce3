"""Text folded for verification, and the search for a quote in it.

Folding takes away what differs between a page and a faithful copy of it: NFKC form, ligatures,
case, white space, hyphens at line ends, variants of quotation marks and dashes, invisible
characters. Everything else counts: signs, decimal points, letters of every script.
"""

from __future__ import annotations

import re
import unicodedata

# Noncharacters stand for what a page leaves open; none of them can come in with the text itself.
_JOIN = "\ufdd0"  # a hyphen at a line end between letters: there or not
_GAP = "\ufdd1"  # a line break after a long dash: a space or nothing
_BARRIER = "\ufdd2"  # a control character: may hide a sign, so no quote runs across it
_LONG = "–"  # en and em dash: a dash like any other, but a word may begin or end at it

_ZERO_WIDTH = "\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{_ZERO_WIDTH}]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef]")
_VARIANTS = str.maketrans(
    dict.fromkeys("‘’‚‛‹›′`´ʹʼ", "'")
    | dict.fromkeys("“”„‟«»″〝〞", '"')
    | dict.fromkeys("‐‑‒−⁃﹣", "-")
    | dict.fromkeys("–—―", _LONG)
)
_LETTER = r"[^\W\d_]"
_BROKEN_WORD = re.compile(rf"(?<={_LETTER})(?:[-\u00ad]\s*\n\s*|\u00ad)(?={_LETTER})")
_BROKEN_COMPOUND = re.compile(r"(?<=\S)[-\u00ad]\s*\n\s*(?=\w)")
_BROKEN_DASH = re.compile(rf"(?<=\S){_LONG}\s*\n\s*")

_SIGNS = "-–+±~≈<>≤≥≠"


def canonical(text: str) -> str:
    """`text` folded, with what its line ends leave open marked; input of `occurrences`."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _CONTROL.sub(_BARRIER, _INVISIBLE.sub("", text))
    text = text.translate(_VARIANTS).replace("''", '"')
    text = _BROKEN_WORD.sub(_JOIN, text)
    text = _BROKEN_COMPOUND.sub("-", text)
    text = _BROKEN_DASH.sub(_LONG + _GAP, text)
    # A soft hyphen that breaks no word: before a digit it is how some fonts encode a minus.
    text = re.sub(r"\u00ad(?=\d)", "-", text).replace("\u00ad", "")
    return " ".join(text.split())


def fold(text: str) -> str:
    """`text` as quotes are compared: one line, one case, words broken at line ends mended."""
    return (
        canonical(text)
        .replace(_JOIN, "")
        .replace(_GAP, " ")
        .replace(_BARRIER, "\ufffd")
        .replace(_LONG, "-")
    ).strip()


def occurrences(quote: str, page: str) -> list[tuple[int, int]]:
    """Where `quote` stands in `page` from word to word; both canonical, offsets into `page`.

    A match that cuts a word, a compound or a number (`8` out of `18`, `0.05` out of `<0.05`) is
    none.
    """
    if not quote or _BARRIER in quote:
        return []
    found = _pattern(quote).finditer(page)
    return [m.span() for m in found if _begins(page, m.start()) and _ends(page, m.end())]


def _pattern(quote: str) -> re.Pattern[str]:
    parts: list[str] = []
    for char, following in zip(quote, [*quote[1:], ""], strict=True):
        if char == _JOIN:
            parts.append(f"[-{_LONG}{_JOIN}]?")
        elif char == _GAP:
            parts.append(f"[ {_GAP}]?")
        elif char == " ":
            parts.append(f"[ {_GAP}]")
        elif char in "-" + _LONG:
            gap = "" if following in (" ", _GAP) else f"{_GAP}?"
            parts.append(f"[-{_LONG}{_JOIN}]{gap}")
        elif char.isalpha() and following.isalpha():
            parts.append(f"{re.escape(char)}{_JOIN}?")
        else:
            parts.append(re.escape(char))
    return re.compile("".join(parts))


def _begins(text: str, start: int) -> bool:
    """Whether a quote may begin at `start`: not inside a word, a compound or a number."""
    if start == 0:
        return True
    before, first = text[start - 1], text[start]
    following = text[start + 1 : start + 2]
    if first in _SIGNS or first in ".,":
        return not (_in_word(before) and _in_word(following))
    if not _in_word(first):
        return True
    if before in ("-", _JOIN, _BARRIER) or _same_word(before, first):
        return False
    if first.isdigit():
        if before in _SIGNS or before == ".":
            return False
        return not (before == "," and start > 1 and text[start - 2].isdigit())
    return not (before == "'" and start > 1 and _in_word(text[start - 2]))


def _ends(text: str, end: int) -> bool:
    """Whether a quote may end at `end`."""
    if end == len(text):
        return True
    last, after = text[end - 1], text[end]
    following = text[end + 1 : end + 2]
    if last in _SIGNS or last in ".,":
        return not (_in_word(after) and (last in _SIGNS or text[end - 2 : end - 1].isdigit()))
    if not _in_word(last):
        return True
    if after in (_JOIN, _BARRIER) or _same_word(last, after):
        return False
    if after in "-'" and _in_word(following):
        return False
    if last.isdigit():
        if after in "%‰°":
            return False
        return not (after in ".," + _LONG and following.isdigit())
    return True


def _in_word(char: str) -> bool:
    return bool(char) and (char.isalnum() or unicodedata.category(char)[0] == "M")


def _same_word(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word; scripts without spaces have no such thing."""
    return _in_word(left) and _in_word(right) and not (_unspaced(left) and _unspaced(right))


def _unspaced(char: str) -> bool:
    """Han, kana, Thai, Lao, Burmese, Khmer: written without spaces between words."""
    code = ord(char)
    return (
        0x0E00 <= code <= 0x0EFF
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x17FF
        or 0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
    )
