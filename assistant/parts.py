"""Which part of a paper a section is, by its heading: abstract, method, results, limitations, …

Headings are matched in English, French and German. A section whose heading says nothing takes the
part of the section around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from indexes.passages import PassageKind


class Part(StrEnum):
    """The part that a section plays in the argument of a paper."""

    ABSTRACT = "abstract"
    INTRODUCTION = "introduction"
    RELATED = "related work"
    METHOD = "method"
    RESULTS = "results"
    DISCUSSION = "discussion"
    LIMITATIONS = "limitations"
    CONCLUSION = "conclusion"
    BODY = "body"
    APPENDIX = "appendix"
    APPARATUS = "apparatus"  # thanks, contents, funding: never quoted


_HEADINGS: dict[Part, str] = {  # the first that matches counts
    Part.APPARATUS: r"""acknowledge?ments? remerciements danksagung funding author.contributions?
        contents table.des.matieres inhalt references bibliograph\w+ litterature literatur checklist
        competing.interests conflicts?.of.interest (?:data|code).availability keywords glossary
        contribution.statement disclosure\w* licen[cs]e about.the.authors? ethics.statement
        technology.use""",
    Part.APPENDIX: r"append\w+ annexe?s? anhang supplement\w*",
    Part.LIMITATIONS: r"limit\w* threats?.to.validity weakness\w* uncertainties grenzen",
    Part.CONCLUSION: r"""conclu\w+ summary concluding.remarks outlook perspectives schluss\w*
        ausblick future.(?:work|directions?|research) open.(?:problems?|questions?)""",
    Part.RELATED: r"""(?:related|previous|prior).works? travaux.(?:existants|connexes) background
        etat.de.l.?art preliminaries""",
    Part.DISCUSSION: r"discussion implications broader.impacts? diskussion",
    Part.RESULTS: r"""results? resultats? ergebnisse experiments? experimental.\w+ evaluation
        findings applications? performance ablations? experiences? tests? analysis comparisons?""",
    Part.INTRODUCTION: r"introduction motivation einleitung einfuhrung overview",
    Part.METHOD: r"""methods? methodology methodologie methode approach approche models? modele
        setup algorithms? architecture implementation training problem.statement formulation""",
}
_PATTERNS = {
    part: re.compile(rf"\b(?:{'|'.join(words.split())})(?!\w)") for part, words in _HEADINGS.items()
}
_ABSTRACT = re.compile("abstract|resume|zusammenfassung|executive summary|synopsis|highlights")
_NUMBERING = re.compile(r"^(?:[0-9]+|[ivxlc]+|[a-z])(?:[.)]|\.[0-9.]+|\s)\s*", re.IGNORECASE)
_LETTERED = re.compile(r"[A-Z](?:\.[0-9.]*)?\s+\S")
_LONGEST_HEADING = 9  # words; a longer one is a sentence


def part_of(section: Sequence[str], kind: PassageKind = PassageKind.TEXT) -> Part:
    """The part that a section path (outermost heading first) plays in its paper."""
    if kind is PassageKind.ABSTRACT:
        return Part.ABSTRACT
    parts = [_part(heading) for heading in section]
    for outer in (Part.APPARATUS, Part.APPENDIX):
        if outer in parts[:1]:
            return outer
    return next((part for part in reversed(parts) if part is not Part.BODY), Part.BODY)


def _part(heading: str) -> Part:
    if len(heading.split()) > _LONGEST_HEADING:
        return Part.BODY
    bare = _NUMBERING.sub("", _plain(heading)).strip(" .:—-")
    if _ABSTRACT.fullmatch(bare):
        return Part.ABSTRACT
    return next((part for part, words in _PATTERNS.items() if words.search(bare)), Part.BODY)


def _plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def lettered(heading: str) -> bool:
    """Whether a heading is numbered by a letter, as those of appendices are: `A Proofs`."""
    return _LETTERED.match(heading) is not None
