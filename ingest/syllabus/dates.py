"""Dates and terms as syllabi write them.

A date without a year gets one only where the syllabus names it: in the date, in the term line, or
in the front matter. Nothing is guessed from today.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?(?![0-9]|:[0-9])"
_YEAR = r"((?:19|20)[0-9]{2})"
_WEEKDAY = r"(?:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s*)?"
# 28/30 Aug, 28-30 Aug, 18 and 20 Aug: the first day counts.
_MORE_DAYS = r"(?:\s*(?:/|-|–|&|and|,)\s*[0-9]{1,2}(?:st|nd|rd|th)?)*"
_PATTERNS = (
    re.compile(
        rf"{_WEEKDAY}\b{_YEAR}[-/.](0[1-9]|1[0-2])[-/.](0[1-9]|[12][0-9]|3[01])\b", re.IGNORECASE
    ),
    re.compile(
        rf"{_WEEKDAY}\b{_MONTH}\s*{_DAY}(?!\s*(?:am|pm)\b)(?:\s*[-–]\s*[0-9]{{1,2}}\b)?"
        rf"(?:,?\s+{_YEAR}\b)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_WEEKDAY}\b{_DAY}{_MORE_DAYS}\s*(?:of\s+)?{_MONTH}(?![a-z])(?:,?\s+{_YEAR}\b)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_WEEKDAY}\b(0?[1-9]|[12][0-9]|3[01])\.(0?[1-9]|1[0-2])\.{_YEAR}?(?![0-9])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_WEEKDAY}\b(0?[1-9]|1[0-2])/(0?[1-9]|[12][0-9]|3[01])(?:/{_YEAR})?(?![0-9/])",
        re.IGNORECASE,
    ),
)
_SEASON = r"(spring|summer|fall|autumn|winter|ws|ss|wise|sose|michaelmas|hilary|trinity)"
_TERM = re.compile(
    rf"\b{_SEASON}(?:\s+(?:term|semester|quarter))?[\s,'’]*{_YEAR}(?:\s*[/–-]\s*([0-9]{{2,4}}))?\b|"
    rf"\b{_YEAR}(?:\s*[/–-]\s*([0-9]{{2,4}}))?[\s,]+{_SEASON}\b|"
    rf"\b(?:semester|term|academic year)\s*[:,]?\s*{_YEAR}(?:\s*[/–-]\s*([0-9]{{2,4}}))?\b",
    re.IGNORECASE,
)
_AUTUMN = frozenset(["fall", "autumn", "ws", "wise", "michaelmas"])
_NEXT_YEAR_MONTHS = 5  # January to May of an autumn term lie in the following year


@dataclass(frozen=True, slots=True)
class Term:
    """A term as written, and the years of its months."""

    text: str | None
    year: int
    two_years: bool = False

    def year_of(self, month: int) -> int:
        """The year in which `month` of this term lies."""
        return self.year + 1 if self.two_years and month <= _NEXT_YEAR_MONTHS else self.year


@dataclass(frozen=True, slots=True)
class Dated:
    """A date found in a text: where it stands, and what it says."""

    start: int
    end: int
    year: int | None
    month: int
    day: int

    def resolve(self, term: Term | None) -> dt.date | None:
        """The date, None where no year is known or the calendar has no such day."""
        year = self.year or (term.year_of(self.month) if term else None)
        try:
            return dt.date(year, self.month, self.day) if year else None
        except ValueError:
            return None


def find_date(text: str) -> Dated | None:
    """The first date in `text`."""
    found = [dated for pattern in _PATTERNS if (dated := _first(pattern, text))]
    return min(found, key=lambda d: (d.start, -d.end), default=None)


def find_term(texts: Iterable[str]) -> Term | None:
    """The first term named in `texts`, with its season where one stands there."""
    for text in texts:
        found = _TERM.search(text)
        if found:
            first, year, until, year2, until2, second, year3, until3 = found.groups()
            season = (first or second or "").lower()
            end = until or until2 or until3
            number = int(year or year2 or year3)
            two_years = season in _AUTUMN or (
                end is not None and int(end) % 100 == (number + 1) % 100
            )
            return Term(" ".join(found.group().split()), number, two_years)
    return None


def _first(pattern: re.Pattern[str], text: str) -> Dated | None:
    found = pattern.search(text)
    if not found:
        return None
    index = _PATTERNS.index(pattern)
    a, b, c = found.groups()
    if index == 0:
        return Dated(found.start(), found.end(), int(a), int(b), int(c))
    year = int(c) if c else None
    month, day = (_month(b), int(a)) if index in (2, 3) else (_month(a), int(b))
    return Dated(found.start(), found.end(), year, month, day)


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTH_NAMES.index(text[:3].lower()) + 1
