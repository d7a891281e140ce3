"""Statements: the sentences of a paper that can be quoted on their own.

A quote is shown without its surroundings. So a statement is a whole sentence of moderate length, in
words rather than symbols, that does not point at the sentence before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.parts import Part, lettered, part_of
from assistant.results import Quote
from assistant.terms import terms
from indexes.library import Library
from indexes.papers import Paper
from indexes.passages import Passage, PassageKind
from ingest.sentences import sentences

MAX_WORDS = 40
MIN_WORDS = 7
_MARGIN = 0.12  # share of a paper that opens or closes it, where no heading says so
_LEAD = 3  # sentences that open an abstract

_PROSE = (PassageKind.TEXT, PassageKind.ABSTRACT, PassageKind.LIST)
_WORD = re.compile(r"[^\W\d_]{2,}")
_BULLET = re.compile(r"^(?:[•●▪◦∗*–-]|\(?\d{1,2}[.)]|\([a-z]\))\s+")
_CITATION = re.compile(r"\s?\[[\d,;\s–-]+\]")
_NOISE = re.compile(r"https?:|www\.|@|©|\barXiv:|\\|[{}|]|\.{3,}|□|�|\x00")
_SYMBOLS = re.compile(r"[=∈∑∏∫√∂∇⟨⟩←→↦⊂⊆∀∃≤≥≪≫⊗⊕∞^_]")
_STRAY = re.compile(
    r"(?<![\w’'])[b-zB-HJ-Z](?![\w’'.])"
)  # single letters: variables, torn formulas
_FRAME = re.compile(r"^(?:abstract|résumé|zusammenfassung|summary)\s*[.:—–-]+\s*", re.IGNORECASE)
_LEANING = re.compile(  # beginnings that need the sentence before
    r"(?:(?:in|with|for|by|from|of|to|at|on|under|after|before|despite|given|unlike|like|as|while|"
    r"when|if|since|although|though|considering|among|using|based on|because of|due to|both) "
    r"(?:this|these|that|those|such|it|they|them|the (?:former|latter|two|above|same))|"
    r"we (?:then|also|next|first|again)|first,|firstly|this|these|those|it|its|they|their|"
    r"them|he|she|his|her|such|that|which|another|"
    r"both|neither|either|also|and|but|so|or|then|thus|hence|therefore|here|there|however|"
    r"moreover|furthermore|additionally|similarly|likewise|nevertheless|nonetheless|instead|"
    r"otherwise|consequently|accordingly|conversely|meanwhile|again|indeed|rather|besides|"
    r"still|yet|now|next|finally|second|secondly|third|thirdly|first of all|lastly|"
    r"specifically|namely|in particular|in addition|in contrast|in this case|in other words|"
    r"in turn|on the other hand|by contrast|on the contrary|as a result|as a consequence|"
    r"as such|as above|for example|for instance|to this end|to do so|to achieve this|"
    r"after that|at this point|at the same time|more precisely|the (?:former|latter|other|"
    r"second|same|above|following|resulting)|let us|recall|ce|cet|cette|ces|cela|ceci|celle|"
    r"celui|il|ils|elle|elles|leur|leurs|son|ses|ainsi|cependant|toutefois|donc|or|mais|"
    r"puis|enfin|ensuite|de plus|en effet|par exemple|par ailleurs|en revanche|dies\w*|er|"
    r"sie|es|jedoch|daher|somit|außerdem)\b",
    re.IGNORECASE,
)
_STANDING = re.compile(  # beginnings that only look as if they did
    r"(?:(?:in|of|for) )?(?:this|the present) (?:paper|work|article|report|survey|study|"
    r"thesis|note|chapter|"
    r"course|white paper|review)\b|these notes\b|it (?:is|was|has|remains|would|will|may|"
    r"seems|turns)\b(?! also| then)|there (?:is|are|was|were)\b|"
    r"both \w+ and\b|neither \w+ nor\b|cet (?:article|ouvrage)\b|il (?:est|existe|faut)\b|"
    r"cette (?:étude|thèse)\b|here,? we\b|however, (?:we|the|in|no|there|most|existing|"
    r"current)\b",
    re.IGNORECASE,
)
_ANNOUNCING = re.compile(  # sentences that only say what will be said
    r"\b(?:discuss|describe|present|review|summari[sz]e|report|list|provide|give)s? (?:\w+ ){0,4}"
    r"(?:limitations|related work|future (?:work|directions)|background|details|an overview)\b",
    re.IGNORECASE,
)
_RUN_IN = re.compile(  # a heading run into its text
    r"^(?:(?:\d+(?:\.\d+)*|[A-Z]\.\d*)\s+[A-Z]{3,}|"
    r"(?:[A-Z][\w-]+ ){1,4}(?:If|The|We|This|These|In|It|As|For|Our|While|When|To) [a-z])"
)
_LABEL = re.compile(r"\w: (?=\S)")  # several in one sentence: the words of a figure or a form
_MAKING = re.compile(  # sentences about the text's making, not about its matter
    r"\b(?:future|next|updated|revised) versions?\b|\b(?:we|to) (?:\w+ )?(?:acknowledge|thank)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(  # sentences about a figure, not about the world
    r"^(?:see|the (?:left|right|top|bottom)|(?:figs?|figures?|tables?|eqs?|equations?|"
    r"algorithms?|sections?|appendi\w+|tableaux?)\W*\d)|\b(?:is|are) (?:shown|given|listed|"
    r"depicted|summari[sz]ed|illustrated|presented|plotted|reported) in (?:fig|tab|sec|app|"
    r"the (?:left|right))|\b(?:above|below|following|previous|next|preceding) (?:table|"
    r"figure|section|paragraph|equation)|rest of (?:the|this) (?:paper|article)|"
    r"is organi[sz]ed as follows|permission to|equal contribution|the following\b|"
    r"as follows\b|\b(?:in|of) (?:this|the following|the next) (?:sub)?(?:section|part|appendix|"
    r"chapter)\b|in what follows|^(?:la |in )?section \d|dans cette section",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Statement:
    """One quotable sentence.

    `position` is how far into the paper it stands, 0 to 1; `lead` tells the abstract's beginning.
    """

    number: int  # among its paper's statements, from 0
    paper: Paper
    text: str
    pages: tuple[int, ...]  # where it may begin: its passage's pages
    part: Part
    section: tuple[str, ...]
    position: float
    lead: bool
    terms: frozenset[str]  # its content words, stemmed
    ease: float  # how well it stands alone, 0 to 1

    def quotes(self) -> list[Quote]:
        """The quote on each page where the sentence may begin, unverified."""
        return [Quote(ref=self.paper.ref, page=page, text=self.text) for page in self.pages]


def statements(paper: Paper, library: Library) -> list[Statement]:
    """The paper's quotable sentences in reading order; empty where there are none."""
    passages = [p for p in library.passages.of(paper.key) if p.kind in _PROSE and not p.hidden]
    parts = _parts(passages)
    found: list[Statement] = []
    seen: set[str] = set()
    abstract = 0
    for index, (passage, part) in enumerate(zip(passages, parts, strict=True)):
        if part is Part.APPARATUS:
            continue
        for text in _sentences(passage, passages[index - 1] if index else None):
            abstract += part is Part.ABSTRACT
            ease = standing(text)
            if ease == 0 or text.casefold() in seen:
                continue
            seen.add(text.casefold())
            found.append(
                Statement(
                    number=len(found),
                    paper=paper,
                    text=text,
                    pages=_pages(passage),
                    part=part,
                    section=passage.section,
                    position=index / len(passages),
                    lead=part is Part.ABSTRACT and abstract <= _LEAD,
                    terms=frozenset(terms(text)),
                    ease=ease,
                )
            )
    return found


def standing(text: str) -> float:
    """How well a sentence stands alone: 0 not at all, 1 well."""
    bare = _CITATION.sub("", text)
    words = bare.split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS or len(text) > 9 * MAX_WORDS:
        return 0.0
    first = text.lstrip("“\"'(‘")[:1]
    if not (first.isupper() or first.isdigit()) or text.rstrip("”\"')]’")[-1:] not in {
        ".",
        "!",
        "?",
    }:
        return 0.0
    if _NOISE.search(text) or _RUN_IN.match(text) or text.count("(") != text.count(")"):
        return 0.0
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return 0.0
    if len(_LABEL.findall(text)) > 1:
        return 0.0
    letters = sum(len(word) for word in _WORD.findall(bare))
    if letters < 0.68 * len(bare.replace(" ", "")) or len(_SYMBOLS.findall(bare)) > 1:
        return 0.0
    if len(_STRAY.findall(bare)) > 2 or _capitals(words) > 0.5:
        return 0.0
    ease = 1.0
    if _LEANING.match(bare) and not _STANDING.match(bare):
        ease *= 0.35
    if any(p.search(bare) for p in (_POINTING, _ANNOUNCING, _MAKING)):
        ease *= 0.3
    if len(_STRAY.findall(bare)) or _SYMBOLS.search(bare):
        ease *= 0.8
    if text.endswith("?"):
        ease *= 0.8
    return ease


def _parts(passages: Sequence[Passage]) -> list[Part]:
    """The part of each passage, by its headings and by where it stands.

    Prose on the first page before the introduction is the abstract where no heading says so. A
    heading with a letter begins an appendix where the others have numbers. Without headings a paper
    opens with its introduction and closes with its conclusion.
    """
    parts = [part_of(passage.section, passage.kind) for passage in passages]
    numbered = any(p.section[0][:1].isdigit() for p in passages if p.section)
    opening = Part.ABSTRACT not in parts
    for index, passage in enumerate(passages):
        opening = opening and parts[index] is Part.BODY and passage.page == 1
        if opening:
            parts[index] = Part.ABSTRACT
        elif numbered and passage.section and lettered(passage.section[0]):
            parts[index] = Part.APPENDIX
    if Part.INTRODUCTION not in parts:
        _name(parts, range(round(_MARGIN * len(parts))), Part.INTRODUCTION)
    if Part.CONCLUSION not in parts:
        end = parts.index(Part.APPENDIX) if Part.APPENDIX in parts else len(parts)
        _name(parts, range(round((1 - _MARGIN) * end), end), Part.CONCLUSION)
    return parts


def _name(parts: list[Part], indices: range, part: Part) -> None:
    """Call what no heading names `part`."""
    for index in indices:
        if parts[index] is Part.BODY:
            parts[index] = part


def _sentences(passage: Passage, before: Passage | None) -> list[str]:
    """A passage's whole sentences; its first is left out where it began in the passage before."""
    cut = [_BULLET.sub("", s.text) for s in sentences(passage.text)]
    if not cut:
        return []
    cut[0] = _FRAME.sub("", cut[0])
    same = before is not None and before.section == passage.section
    if (
        same
        and before is not None
        and before.text.rstrip()[-1:] not in {".", "!", "?", ":", "”", ")"}
    ):
        return cut[1:]
    return cut


def _pages(passage: Passage) -> tuple[int, ...]:
    return tuple(sorted({passage.page, *(box.page for box in passage.boxes)}))


def _capitals(words: Sequence[str]) -> float:
    """The share of words with a capital: high in headings, lists of names and tables."""
    return sum(word[:1].isupper() for word in words) / len(words)
