"""Headings that the type gives away (size, weight, numbering), and the path they make."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ingest.rows import Row

_NUMBER = re.compile(
    r"(?P<decimal>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=\S)"
    r"|(?P<letter>[A-H](?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])"
    r"|(?P<roman>[IVX]{1,5})\.\s+(?=\S)"
    r"|(?:Appendix|Annex|Chapter|Part|Annexe|Chapitre)\s+(?P<part>[A-Z0-9]{1,3})\b[.:]?\s*"
)
_KNOWN = re.compile(
    r"(?:abstract|summary|introduction|background|related works?|methods?|results?|discussion|"
    r"conclusions?|concluding remarks|acknowledge?ments?|references|bibliography|appendix|"
    r"appendices|résumé|bibliographie|références|remerciements|zusammenfassung|"
    r"literatur(?:verzeichnis)?|"
    r"supplementary materials?|contents|table of contents|literature cited)",
    re.IGNORECASE,
)
REFERENCES = re.compile(
    r"(?:\W*(?:\d{1,2}|[IVX]{1,4})?\.?\s*)(?:references(?: and notes)?|bibliography|"
    r"literature cited|bibliographie|références(?: bibliographiques)?|"
    r"literatur(?:verzeichnis)?|works cited)\W*",
    re.IGNORECASE,
)
ABSTRACT = re.compile(r"\W*(?:abstract|résumé|zusammenfassung)\W*", re.IGNORECASE)
APPENDIX = re.compile(
    r"(?:appendix|appendices|annexe|supplement|[A-H](?:\.\d+)*\.?\s+[A-Z])", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]")
_SMALL = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "into",
    "of",
    "on",
    "or",
    "the",
    "to",
    "via",
    "with",
    "vs",
    "de",
    "la",
    "le",
    "les",
    "des",
    "du",
    "et",
    "à",
    "en",
    "un",
    "une",
}
_SENTENCES = re.compile(r"[a-z]{2}[.:;] +[A-Z]")  # two sentences, or a heading run into its text
_MAX_WORDS, _MAX_CHARACTERS = 16, 120
_NUMBERED = 4  # so many numbered headings make a numbered document


class Headings:
    """Which rows of a document are headings, and how deep each lies."""

    def __init__(self, rows: Iterable[Row], body: float) -> None:
        self._body = body
        self._numbered = self._roman = False
        romans: set[str] = set()
        levels: defaultdict[tuple[float, bool], Counter[int]] = defaultdict(Counter)
        self._levels: dict[tuple[float, bool], int] = {}
        for before, row, after in _neighbours(list(rows)):
            number = numbering(row.text)
            if number and self.is_heading(before, row, after):
                levels[_style(row)][number] += 1
                match = _NUMBER.match(row.text)
                if match and match["roman"]:
                    romans.add(match["roman"])
        self._roman = {"I", "II"} <= romans
        self._numbered = sum(count.total() for count in levels.values()) >= _NUMBERED
        self._levels = {style: count.most_common(1)[0][0] for style, count in levels.items()}

    def is_heading(self, before: Row | None, row: Row, after: Row | None) -> bool:
        """Whether `row` opens a section, judged with the rows around it."""
        text = row.text
        letters = len(_LETTERS.findall(text))
        words = text.split()
        if not (letters >= 3 and len(text) <= _MAX_CHARACTERS and len(words) <= _MAX_WORDS):
            return False
        if letters * 2 < len(text.replace(" ", "")) or row.size < 0.88 * self._body:
            return False
        if _is_known(text):
            return _apart(before, row) or row.bold or row.size > 1.05 * self._body
        number = _NUMBER.match(text)
        title = text[number.end() :] if number else text
        if number and number["part"] and not title:
            return _apart(before, row)
        if not title or not (title[0].isupper() or title[0].isdigit()) or text[-1] in ",;":
            return False
        if _SENTENCES.search(title):
            return False
        if text[-1] in ".:" and not (
            number and len(words) <= 10 and (row.bold or _apart(row, after))
        ):
            return False
        large = row.size >= 1.1 * self._body
        if row.gaps and not number:
            return large and row.bold
        emphasised = large or row.bold or (title.isupper() and letters > 5)
        if number:
            if emphasised:
                return _starts_block(before, row)
            apart = _apart(before, row) and _apart(row, after)
            return (apart and _title_case(title)) or _alone(before, row, after)
        if self._numbered and _style(row) not in self._levels and not _above_text(row, after):
            return False  # large words in a figure
        if emphasised:
            # A bold row inside a paragraph is emphasis; one of its own block is a heading.
            return _starts_block(before, row) and (
                large or _ends_block(row, after) or _apart(row, after)
            )
        return len(words) >= 2 and _title_case(title) and _alone(before, row, after)

    def opens_body(self, row: Row) -> bool:
        """Whether `row` is numbered or bears a name that every paper uses."""
        number = _NUMBER.match(row.text)
        return (number is not None and number["letter"] is None) or _is_known(row.text)

    def level(self, row: Row) -> int:
        """Depth from 1, by the numbering, else by what numbered headings of its style have."""
        number = numbering(row.text)
        if number:
            match = _NUMBER.match(row.text)
            below = self._roman and match is not None and match["letter"] is not None
            return number + 1 if below else number  # B. stands below II.
        known = self._levels.get(_style(row))
        if known is not None:
            return known
        if _is_known(row.text):
            return 1
        above = [1] if self._numbered else []
        above += [level for (size, _), level in self._levels.items() if size > row.size + 0.3]
        return min(max(above, default=0) + 1, 4)


def numbering(text: str) -> int:
    """How deep a heading's own number says it lies; 0 without a number."""
    match = _NUMBER.match(text)
    if match is None:
        return 0
    number = match["decimal"] or match["letter"]
    return number.count(".") + 1 if number else 1


def _is_known(text: str) -> bool:
    return text[0].isupper() and _KNOWN.fullmatch(text.strip(" .:—–-")) is not None


def _style(row: Row) -> tuple[float, bool]:
    return round(row.size * 2) / 2, row.bold


def _neighbours(rows: Sequence[Row]) -> Iterable[tuple[Row | None, Row, Row | None]]:
    for index, row in enumerate(rows):
        yield (
            rows[index - 1] if index else None,
            row,
            rows[index + 1] if index + 1 < len(rows) else None,
        )


def _starts_block(before: Row | None, row: Row) -> bool:
    return before is None or before.page != row.page or before.block != row.block


def _ends_block(row: Row, after: Row | None) -> bool:
    return after is None or after.page != row.page or after.block != row.block


def _apart(above: Row | None, below: Row | None) -> bool:
    """Whether more than the usual space parts two rows (or a column or page ends between)."""
    if above is None or below is None or above.page != below.page:
        return True
    gap = below.rect[1] - above.rect[3]
    return gap > 0.35 * min(above.size, below.size) or gap < -2 * below.size


def _alone(before: Row | None, row: Row, after: Row | None) -> bool:
    """A line with more room above it than text has between its lines, on a page with prose."""
    if before is None or after is None or after.page != row.page or not after.prose:
        return False
    room = row.rect[1] - before.rect[3] if before.page == row.page else 99.0
    return room > 0.8 * row.size and after.rect[1] - row.rect[3] > 0.6 * row.size


def _above_text(row: Row, after: Row | None) -> bool:
    return (
        after is not None
        and after.page == row.page
        and (after.prose or _style(after) == _style(row))
        and after.rect[1] > row.rect[1]
    )


def _title_case(text: str) -> bool:
    words = [word for word in text.split() if word.lower() not in _SMALL]
    return bool(words) and all(
        word[0].isupper() and _LETTERS.match(word) is not None for word in words
    )
