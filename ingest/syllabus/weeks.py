"""Week headings: number, date, title and speaker of "Week 3 Sep 22: Fine-tuning (A. Name) Zoom"."""

# ruff: noqa: SIM905 - word lists are easier to read as words
from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from ingest.syllabus.dates import Dated, find_date
from ingest.syllabus.titles import tidy_text

_WORD_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen"
        ).split(),
        start=1,
    )
}
_NUMBER = (
    r"#?\s*([0-9]{1,2}[a-z]?(?![0-9a-z/])|" + "|".join(_WORD_NUMBERS) + r")\b"
    r"(?:\s*(?:-|–|—|/|&|,|\band\b|\bto\b)\s*(?:week\s*)?([0-9]{1,2})"
    # In "Week 5 - 18 Mar" the second number is a day; in "Week 11-12 Dec 1" it is a week.
    r"(?![0-9]|[.:][0-9]|\s*(?:/|am\b|pm\b)|"
    r"\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?!\s*[0-9]{1,2}\b)))?"
)
_WEEK = re.compile(rf"\b(?:weeks?|wks?)\.?\s*{_NUMBER}|^\W*w\s*{_NUMBER}", re.IGNORECASE)
_LECTURE = re.compile(
    rf"\b(?:lectures?|lec|session|class|meeting|seminar|module|unit|tutorial)\.?\s*{_NUMBER}",
    re.IGNORECASE,
)
_CELL_NUMBER = re.compile(r"\W*([0-9]{1,2})(?:\s*[-–]\s*([0-9]{1,2}))?(?![0-9/.])")
_BREAK = re.compile(
    r"\b(?:no (?:class|lecture|session|meeting|seminar)(?:es|s)?|(?:class|lecture) cancell?ed|"
    r"(?:public |university )?holidays?|vacation|recess|thanksgiving|"
    r"(?:spring|fall|autumn|winter|reading|mid-?term|mid-?autumn|mod-?autumn|christmas|easter|"
    r"semester|term|study|golden|exam)[ -](?:break|week|recess))\b",
    re.IGNORECASE,
)
# Where and how a session is held; it says nothing of its subject.
_PLACE = re.compile(
    r"(?:\s*(?:-+>|→|\+|/|&|,|\||@|\b(?:or|and|via|on)\b)?\s*"
    r"(?:\b(?:zoom|gz|hk|hkust(?:\(gz\))?|teams|webex|on-?line|on-?site|off-?line|hybrid|"
    r"in[- ]person|remote(?:ly)?|recorded|virtual)\b))+\s*(?:only)?\s*$",
    re.IGNORECASE,
)
_PROSE_AFTER = re.compile(r"\s*(?:[:.)\]|(,•–—-]|$)")
_EDGES = " \t,;:|–—-•·*_~."

_PARENTHESES = re.compile(r"\(([^()]{3,160})\)")
_PERSON_WORD = r"(?:[A-Z][\w'’.-]*[a-z.][\w'’.-]*|[A-Z]{2,}(?=\s+[A-Z][a-z]))"
_PERSON = re.compile(
    rf"{_PERSON_WORD}(?:\s+(?:van|von|de|der|den|da|di|del|la|le|bin)){{0,2}}\s+{_PERSON_WORD}"
)
_BY = re.compile(rf"\s+by\s+({_PERSON_WORD}(?:\s+{_PERSON_WORD}){{1,3}})\s*$")
_LABELLED = re.compile(
    r"^\W*(?:guest )?(?:speakers?|lecturers?|presenters?|instructors?|guests?|presented by|talk by)"
    r"\s*[:–-]\s*(.{3,160})$",
    re.IGNORECASE,
)
_NOT_A_PERSON = re.compile(
    r"\b(?:models?|learning|networks?|language|lecture|reading|class|part|break|introduction|"
    r"week|continued|attention|training|survey|methods?|systems?|architectures?|theory|overview|"
    r"data|project|exam|deadline|due|slides?|notes|optional|required|session|intelligence|cont)\b",
    re.IGNORECASE,
)


class MarkerKind(IntEnum):
    """What a session is counted by; a syllabus is cut by the highest kind that it uses."""

    DATE = 1
    LECTURE = 2
    WEEK = 3


@dataclass(frozen=True, slots=True)
class Marker:
    """A line that opens a week or session. `number` is None for a break or a mere date."""

    kind: MarkerKind
    number: str | None
    date: Dated | None
    title: str | None
    speaker: str | None
    is_break: bool = False  # the session does not take place


def read_heading(text: str, *, heading: bool) -> Marker | None:
    """The marker that `text` is. Outside headings it must look like one, not like prose."""
    text = tidy_text(text)
    if len(text) > 300:
        return None
    for kind, pattern in ((MarkerKind.WEEK, _WEEK), (MarkerKind.LECTURE, _LECTURE)):
        found = pattern.search(text)
        if not found or not (heading or not text[: found.start()].strip(_EDGES + "[(")):
            continue
        dated = find_date(text[found.end() :])
        follows = text[found.end() :]
        dated_next = dated is not None and not follows[: dated.start].strip(_EDGES + "(")
        if not heading and not (dated_next or _PROSE_AFTER.match(follows)):
            continue
        before = text[: found.start()].rstrip()
        if before.endswith(("(", "[")):
            before, follows = before[:-1], follows.lstrip(")] ")
        rest = f"{before} {follows}".strip()
        return _marker(kind, _number(found), rest)
    dated = find_date(text)
    if dated and not text[: dated.start].strip(_EDGES + "("):
        if heading or dated.end == len(text) or len(text) < 80:
            return _marker(MarkerKind.DATE, None, text)
    elif dated and heading and _BREAK.search(text):
        return _marker(MarkerKind.DATE, None, text)
    return None


def read_week_cell(text: str) -> tuple[MarkerKind, str] | None:
    """The number in a cell of a table's week or lecture column: "Week 3", "W3 - 09/17", "3"."""
    for kind, pattern in ((MarkerKind.WEEK, _WEEK), (MarkerKind.LECTURE, _LECTURE)):
        if found := pattern.search(text):
            return kind, _number(found)
    return None


def read_cell_number(text: str) -> str | None:
    """The number that a cell under "Week" or "#" begins with: "0: 23 Aug" is week 0."""
    found = _CELL_NUMBER.match(text)
    if not found:
        return None
    first, last = found.groups()
    return f"{int(first)}-{int(last)}" if last else str(int(first))


def is_break(text: str) -> bool:
    """Whether a session with this title does not take place."""
    return _BREAK.search(text) is not None


def split_title(text: str) -> tuple[str | None, str | None]:
    """Title and speaker of a session's heading without its number and date."""
    text = _PLACE.sub("", text.strip(_EDGES)).strip(_EDGES)
    for found in _PARENTHESES.finditer(text):
        if _names_a_person(found.group(1), text[: found.start()]):
            # What follows the speaker is place and remarks.
            return text[: found.start()].strip(_EDGES) or None, found.group(1).strip()
    without = re.sub(r"\s*\([^()]*\)$", "", text)
    if by := _BY.search(without):
        return without[: by.start()].strip(_EDGES) or None, by.group(1)
    return text or None, None


def read_speaker(text: str) -> str | None:
    """The speaker that a line such as "Speaker: A. Name (University)" names."""
    found = _LABELLED.match(tidy_text(text))
    return found.group(1).strip(_EDGES) if found else None


def _marker(kind: MarkerKind, number: str | None, rest: str) -> Marker:
    dated = find_date(rest)
    if dated:
        before, after = rest[: dated.start].strip(_EDGES + "("), rest[dated.end :]
        # "Break Sep 29, Oct 6": the days that follow belong to the date.
        while (more := find_date(after)) and not after[: more.start].strip(_EDGES + "&/and"):
            after = after[more.end :]
        after = after.lstrip(")").strip(_EDGES)
        rest = f"{before}: {after}" if before and after else before or after
    title, speaker = split_title(rest)
    return Marker(kind, number, dated, title, speaker, number is None and is_break(rest))


def _number(found: re.Match[str]) -> str:
    first, *more = [group for group in found.groups() if group]
    first = _WORD_NUMBERS.get(first.lower(), first.lstrip("0") or "0")
    return f"{first}-{int(more[0])}" if more else first


def _names_a_person(inside: str, before: str) -> bool:
    if _NOT_A_PERSON.search(inside.split(",")[0]) or _is_spelt_out(inside, before):
        return False
    return _PERSON.search(inside) is not None or _person_after_comma(inside)


def _person_after_comma(inside: str) -> bool:
    """ "Code-GPT, John": an organisation and a first name."""
    parts = [part.strip() for part in inside.split(",")]
    return len(parts) > 1 and all(
        re.fullmatch(r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+)*", p) for p in parts
    )


def _is_spelt_out(inside: str, before: str) -> bool:
    """Whether `inside` writes out the abbreviation before it, as in "RAG (Retrieval …)"."""
    words = before.split()
    short = re.sub(r"[^A-Z]", "", words[-1]) if words else ""
    initials = "".join(word[0] for word in re.split(r"[\s-]+", inside) if word).upper()
    return len(short) > 1 and initials.startswith(short)
