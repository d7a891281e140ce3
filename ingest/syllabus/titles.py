"""The title of a linked reading: the link's text, or the words that introduce it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.syllabus.outline import Span
from ingest.syllabus.roles import leading_label

_LONGEST = 300  # characters; more is a paragraph, not a title

# Link texts that say what the link leads to, not what the work is called.
_GENERIC = re.compile(
    r"(?:the |this |full |original |research |conference |journal )?"
    r"(?:papers?|pdf|links?|here|arxiv(?: (?:link|preprint|version|pdf|paper))?|preprint|abs|html|"
    r"url|doi|web ?(?:page|site)|project(?: (?:page|website))?|homepage|code|github|repo|demo|"
    r"slides?|deck|notes?|lecture notes|video|recording|livestream|watch|blog(?: ?post)?|post|"
    r"article|report|tweet|thread|dataset|data|model|appendix|supplement|bib(?:tex)?|source|image "
    r"source|form|website|download|read|tutorial|\[?[0-9]{1,3}\]?|[0-9]{4}\.[0-9]{4,5}(?:v[0-9]+)?)",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w'’.-]+"
_CITATION = re.compile(
    rf"(?:{_NAME}(?:,? {_NAME}){{0,3}},? et\.? al\.?|{_NAME}(?:,? (?:and|&) {_NAME})?)"
    r",?(?: ?\(?(?:19|20)[0-9]{2}[a-z]?\)?)?"
)
_LEADING_DATE = re.compile(r"^[\s(\[]*(?:19|20)[0-9]{2}(?:[-/.][0-9]{1,2}){0,2}[)\]]\s*")
_LEADING_NUMBER = re.compile(r"^\s*(?:\[[0-9]{1,3}\]|[0-9]{1,3}[.)])\s+")
# Marks that no renderer took: template and attribute braces, doubled emphasis, lone bullets.
_MARKUP = re.compile(r"\{[:%{][^{}]{0,80}[:%}]?\}|\*\*|__|~~|`|(?:^|(?<=\s))[*•·]+(?=\s|$)")
_LEADS_ON = re.compile(r"\b(?:by|see|in|and|or|from|of|also|e\.g)$", re.IGNORECASE)
_MOST_WORDS = 24  # before a link; more is prose
_EDGES = " \t\n,;:|–—-•·_~&+\"“”'‘’<>.!«»"


class Title(NamedTuple):
    """A title and how far it can be trusted: 3 link text, 2 the words before, 1 a bare remark."""

    text: str | None
    weight: int = 0


def title_of(spans: Sequence[Span], index: int) -> Title:
    """The title of the link at `index` of a line."""
    span = spans[index]
    named = "" if span.bare else _tidy(span.text)
    if named and not is_generic(named):
        if not _CITATION.fullmatch(named):
            return Title(named, 3)
        before = _before(spans, index, same_work=False)
        introduced = len(before.split()) >= 2 and not _ends_label(spans, index)
        introduced = introduced and not _LEADS_ON.search(before)
        return Title(before if introduced else named, 2)
    before = _before(spans, index, same_work=True)
    if before and not is_generic(before):
        return Title(before, 2)
    after = _after(spans, index)
    if span.bare and after:
        return Title(after, 1)
    return Title(None)


def is_generic(text: str) -> bool:
    """Whether a link's text says only what is behind it: "pdf", "[slides]", "here"."""
    return _GENERIC.fullmatch(text.strip("[]() ")) is not None


def tidy_text(text: str) -> str:
    """`text` on one line without the marks of markup around it."""
    return " ".join(_MARKUP.sub(" ", text).split())


def _before(spans: Sequence[Span], index: int, *, same_work: bool) -> str:
    """The words that introduce the link at `index`, back to the link before it.

    With `same_work` the link before lends its text where nothing but a full stop and a venue stands
    between the two, as in "[Title](…). NeurIPS 2017. https://…".
    """
    words: list[str] = []
    for span in reversed(spans[:index]):
        if span.url is not None:
            between = "".join(reversed(words))
            name = "" if span.bare else _tidy(span.text)
            if _tidy(between) and not between.lstrip(' )*_"”').startswith("."):
                break
            if not same_work:
                return ""
            if not is_generic(name):
                return name
            continue
        words.append(span.text)
    text = "".join(reversed(words))
    _, text = leading_label(text)
    # The opening bracket of "(" or "[" belongs to the link.
    text = re.sub(r"[\s(\[<]+$", "", text)
    text = _LEADING_NUMBER.sub("", _LEADING_DATE.sub("", text))
    return _tidy(text) if len(text.split()) <= _MOST_WORDS else ""


def _after(spans: Sequence[Span], index: int) -> str:
    """The words after a bare address, up to the next link: "https://… (Title)"."""
    if index + 1 >= len(spans) or spans[index + 1].url is not None:
        return ""
    if not re.match(r"\s*[-–—:(]", spans[index + 1].text):
        return ""  # the sentence goes on
    text = _tidy(spans[index + 1].text)
    bracketed = re.match(r"\(([^()]{3,200})\)", text)
    text = bracketed.group(1) if bracketed else text
    return text if 2 <= len(text.split()) <= 20 else ""


def _ends_label(spans: Sequence[Span], index: int) -> bool:
    before = "".join(s.text for s in spans[:index] if s.url is None)
    return before.rstrip(" *_[(").endswith(":")


def _tidy(text: str) -> str:
    text = tidy_text(text).strip(_EDGES)
    # A bracket or quotation mark whose partner was cut off.
    for opening, closing in ("()", "[]"):
        if text.count(opening) > text.count(closing):
            text = text.rstrip(opening).rstrip(_EDGES)
        if text.count(closing) > text.count(opening):
            text = text.strip(closing).strip(_EDGES)
    return text if len(text) <= _LONGEST and any(c.isalnum() for c in text) else ""
