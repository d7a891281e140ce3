"""The grammar of arXiv identifiers, and what is wrong with a string that nearly is one.

New style (April 2007 on): YYMM.NNNN until 1412, YYMM.NNNNN from 1501. Old style: archive/YYMMNNN,
with an optional subject class that is not part of the identity (`math.GT/0309136` is
`math/0309136`). Source: https://info.arxiv.org/help/arxiv_identifier.html
"""

# ruff: noqa: SIM905 - word lists are easier to read as words
from __future__ import annotations

import difflib
import re
from typing import NamedTuple

_ARCHIVES = frozenset(
    (
        "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph "
        "cmp-lg comp-gas cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math "
        "math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio "
        "quant-ph solv-int supr-con"
    ).split()
)
_VERSION = r"(?:v([1-9][0-9]{0,2}))?"
_NEW = re.compile(rf"([0-9]{{4}})\.([0-9]{{4,5}}){_VERSION}", re.IGNORECASE)
_OLD = re.compile(
    rf"([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{{2,4}}(?:-[a-z]{{2,4}})?)?/([0-9]{{4}})([0-9]{{3}}){_VERSION}",
    re.IGNORECASE,
)
_NEARLY_NEW = re.compile(r"([0-9]{4})[.,:]([0-9]{1,8})(v[0-9]*)?", re.IGNORECASE)
_NEARLY_OLD = re.compile(r"([a-z-]{2,12})(?:\.[a-z-]{2,8})?/([0-9]{5,9})(v[0-9]*)?", re.IGNORECASE)

_FIRST_NEW, _FIRST_FIVE_DIGITS = "0704", "1501"
_EARLIEST_OLD_YEAR = 91


class ArxivId(NamedTuple):
    """An identifier as arXiv writes it, and the version where one is named."""

    id: str
    version: int | None

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"


def match_arxiv_id(text: str) -> ArxivId | None:
    """`text` as an arXiv identifier, None unless all of it is a valid one."""
    if found := _NEW.fullmatch(text):
        month, number, version = found.groups()
        if _new_style_fault(month, number) is None:
            return ArxivId(f"{month}.{number}", int(version) if version else None)
    elif found := _OLD.fullmatch(text):
        archive, month, number, version = found.groups()
        archive = archive.lower()
        if archive in _ARCHIVES and _old_style_fault(month) is None:
            return ArxivId(f"{archive}/{month}{number}", int(version) if version else None)
    return None


def explain_near_miss(text: str) -> tuple[str, str | None] | None:
    """What keeps `text` from being an arXiv identifier, and the likely one; None if it is far off.

    `explain_near_miss("1706.3762")` gives ("ids from 2015 on have 5 digits after the dot",
    "1706.03762").
    """
    if found := _NEARLY_NEW.fullmatch(text):
        month, number, version = found.groups()
        why = _new_style_fault(month, number)
        if why is None:
            why = "a version is v1 or higher" if version else "the separator is a dot"
        width = 5 if month >= _FIRST_FIVE_DIGITS else 4
        likely = f"{month}.{number.lstrip('0').zfill(width)}"
        return why, likely if match_arxiv_id(likely) else None
    if found := _NEARLY_OLD.fullmatch(text):
        archive, digits = found.group(1).lower(), found.group(2)
        if archive not in _ARCHIVES:
            close = difflib.get_close_matches(archive, _ARCHIVES, n=1)
            likely = f"{close[0]}/{digits}" if close else ""
            return f"arXiv has no archive {archive}", likely if match_arxiv_id(likely) else None
        if len(digits) != 7:
            return "an old-style id has 7 digits after the slash", None
        return _old_style_fault(digits[:4]) or "a version is v1 or higher", None
    return None


def _new_style_fault(month: str, number: str) -> str | None:
    if not "01" <= month[2:] <= "12":
        return f"the month {month[2:]} is not one of 01 to 12"
    if month < _FIRST_NEW:
        return "ids of this form begin with April 2007 (0704)"
    width = 5 if month >= _FIRST_FIVE_DIGITS else 4
    if len(number) != width:
        when = "from 2015 on" if width == 5 else "until 2014"
        return f"ids {when} have {width} digits after the dot"
    if not number.strip("0"):
        return "numbers begin with 1"
    return None


def _old_style_fault(month: str) -> str | None:
    if not "01" <= month[2:] <= "12":
        return f"the month {month[2:]} is not one of 01 to 12"
    if int(month[:2]) < _EARLIEST_OLD_YEAR and month >= _FIRST_NEW:
        return "ids of this form end with March 2007 (0703)"
    return None
