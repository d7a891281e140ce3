"""Which links of a syllabus are readings, and which only run the course."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from indexes.errors import UsageError
from indexes.papers import SourceKind
from ingest.arxiv_ids import explain_near_miss
from ingest.links import arxiv_id_in, arxiv_slot, classify_url
from ingest.refs import parse_ref

_PAPERS = frozenset([SourceKind.ARXIV, SourceKind.PDF, SourceKind.NOTEBOOK])
_COURSE_TOOLS = re.compile(
    r"(?:^|\.)(?:zoom\.us|forms\.gle|discord\.(?:gg|com)|slack\.com|piazza\.com|edstem\.org|"
    r"gradescope\.(?:com|ca)|canvas\.[a-z.]+|instructure\.com|moodle\.[a-z.]+|calendly\.com|"
    r"overleaf\.com|goo\.gl|meet\.google\.com|teams\.microsoft\.com|twitter\.com|x\.com|"
    r"linkedin\.com|awesome\.re|shields\.io)$",
    re.IGNORECASE,
)
_FORM = re.compile(r"^/(?:forms|spreadsheets)/")
_READING_SECTION = re.compile(
    r"reading|papers?\b|references?|resources?|bibliograph|book|material|literature|further|links",
    re.IGNORECASE,
)
_COURSE_SECTION = re.compile(
    r"instructor|lecturer|staff|teaching|team|contact|grading|evaluation|logistic|polic|registration|"
    r"prerequisite|office hours|enrol|prospective|announcement|certificate|coursework|credits?\b|"
    r"table of contents?|exams?\b|project|description|overview|speakers|requirement|course data",
    re.IGNORECASE,
)
_ARXIV_TEXT = re.compile(r"(?:arxiv:\s?|(?:doi:\s?)?10\.48550/arxiv\.)(.+)", re.IGNORECASE)


def address_of(link: str) -> str:
    """The full address of a link as written: bare ids, DOIs and `www.` get theirs."""
    if found := _ARXIV_TEXT.fullmatch(link):
        return f"https://arxiv.org/abs/{found.group(1)}"
    if re.match(r"(?:www|(?:export\.)?arxiv)\.", link, re.IGNORECASE):
        return f"https://{link}"
    return link


def fault_of(url: str) -> str | None:
    """Why a link that should lead to a reading cannot be read; None where it can."""
    slot = arxiv_slot(url)
    if slot is not None:
        if arxiv_id_in(url) is not None:
            return None
        if (near := explain_near_miss(slot)) is not None:
            why, likely = near
            return f"{slot} is not an arXiv id: {why}" + (f" (perhaps {likely})" if likely else "")
        return f"{slot or 'nothing'} is not an arXiv id"
    if not url:
        return "the link has no address"
    if re.match(r"(?:mailto|tel|javascript|data):|#", url, re.IGNORECASE):
        return None
    scheme = urlsplit_scheme(url)
    if scheme in ("http", "https"):
        if classify_url(url) is SourceKind.OTHER:
            return "the address is damaged"
        try:
            parse_ref(re.sub(r"^http:", "https:", url, flags=re.IGNORECASE))
        except UsageError as error:
            return error.message
        return None
    if re.match(r"\w{0,6}(?::/|//|:\w)", url):
        return "the address is damaged"
    return "the link is relative, and this file does not say to which site"


def is_relative(url: str) -> bool:
    return bool(url) and not re.match(r"[a-z][a-z0-9+.-]*:|\w*//|#", url, re.IGNORECASE)


def runs_the_course(url: str, text: str) -> bool:
    """Whether a link leads to a tool or form of the course rather than to something to read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    if host and "." not in host:
        return True  # the reader's own machine
    if _COURSE_TOOLS.search(host) or (host == "docs.google.com" and _FORM.match(parts.path)):
        return True
    return re.match(r"(?:mailto|tel|javascript|data):|#", url, re.IGNORECASE) is not None or (
        re.fullmatch(
            r"\W*(?:quiz|lab|homework|hw|assignment|problem set)\W*[0-9]*\W*", text, re.IGNORECASE
        )
        is not None
        and arxiv_id_in(url) is None
    )


def counts_outside_weeks(kind: SourceKind, section: str, *, listed: bool, weekless: bool) -> bool:
    """Whether a link under no week is a reading.

    Papers and notebooks always are. Other pages are when they stand in a list under a heading
    about readings, or anywhere in a list where the whole file is one (`weekless`).
    """
    if kind in _PAPERS:
        return True
    if _COURSE_SECTION.search(section) and not re.search(
        r"reading|paper|reference", section, re.IGNORECASE
    ):
        return False
    return listed and (weekless or _READING_SECTION.search(section) is not None)


def urlsplit_scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return "http" if url.lower().startswith("http") else ""
