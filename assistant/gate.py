"""The gate: nothing is shown as cited unless its quote stands, word for word, on the page named.

Code checks that, no model does. A quote is compared with `Page.text`, which is PyMuPDF's
`get_text()` untouched; it may run on to the next page.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence

from assistant.bearing import unsupported
from assistant.folding import canonical, fold, occurrences
from assistant.results import Claim, Quote
from assistant.verbatim import with_line_breaks
from indexes.errors import NotFoundError
from indexes.library import Library
from indexes.papers import Paper

__all__ = ["Gate", "find_quote", "fold", "long_enough"]

_MIN_WORDS = 3
_MIN_LETTERS = 12
_CACHED_PAGES = 512
_REF = re.compile(r"arxiv:(?P<id>.+?)(?:v(?P<version>\d+))?")


def long_enough(text: str) -> bool:
    """Whether a quote says something: three words, or twelve letters and digits."""
    words = re.findall(r"\w+", fold(text))
    return len(words) >= _MIN_WORDS or sum(map(len, words)) >= _MIN_LETTERS


def find_quote(quote: str, page: str, following: str = "") -> bool:
    """Whether `quote` begins on the page of text `page`; it may end on the page after."""
    own = len(canonical(page))
    both = canonical(f"{page}\n{following}") if following else canonical(page)
    return any(start < own for start, _ in occurrences(canonical(quote), both))


class Gate:
    """Checks quotes and claims against the pages of a library. Safe from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        # (paper, bytes of its file, page) -> (page and the next, where the page itself ends)
        self._pages: OrderedDict[tuple[str, str | None, int], tuple[str, int]] = OrderedDict()

    def check(self, quote: Quote) -> Quote:
        """`quote` with `verified` set to what its page says, whatever it was before.

        A verified quote has its page's line breaks at hyphens.
        """
        paper = self.paper(quote.ref)
        verified = (
            paper is not None
            and long_enough(quote.text)
            and self._stands(paper, quote.page, canonical(quote.text))
        )
        if not verified or paper is None:
            return quote.model_copy(update={"verified": False})
        pages = f"{self._raw(paper.key, quote.page)}\n{self._raw(paper.key, quote.page + 1)}"
        text = with_line_breaks(quote.text, pages)
        return quote.model_copy(update={"verified": True, "text": text})

    def judge(self, claim: Claim) -> Claim:
        """`claim` with its quotes checked.

        Struck, with the reason, where it has no quote or one of them fails. `supported` is False
        where the claim holds a number, a negation or a name that none of its quotes has.
        """
        quotes = tuple(self.check(quote) for quote in claim.quotes)
        struck = self._objection(quotes)
        supported: bool | None = None
        if struck is None:
            known = [
                word
                for paper in map(self.paper, {quote.ref for quote in quotes})
                if paper is not None
                for word in (paper.title or "", *paper.authors, paper.ref, paper.short_name)
            ]
            supported = unsupported(claim.text, [q.reading for q in quotes], known=known) is None
        return claim.model_copy(update={"quotes": quotes, "struck": struck, "supported": supported})

    def locate(self, ref: str, text: str) -> int | None:
        """The first page of a paper on which `text` begins, None where it is on none."""
        paper = self.paper(ref)
        if paper is None or not long_enough(text):
            return None
        quote = canonical(text)
        pages = range(1, (paper.pages or len(self._library.passages.pages(paper.key))) + 1)
        return next((n for n in pages if self._stands(paper, n, quote)), None)

    def paper(self, ref: str) -> Paper | None:
        """The paper that a printed ref or a key names; another version of it is not it."""
        papers = self._library.papers
        match = _REF.fullmatch(ref)
        if match is None or match["version"] is None:
            return papers.get(ref)
        held = papers.find_arxiv(match["id"], int(match["version"]))
        return held[0] if held else None

    def _stands(self, paper: Paper, number: int, quote: str) -> bool:
        text, own = self._page(paper, number)
        return any(start < own for start, _ in occurrences(quote, text))

    def _page(self, paper: Paper, number: int) -> tuple[str, int]:
        """A page and the next, canonical, and the length of the page itself; empty where none."""
        key = (paper.key, paper.sha256 or paper.generation, number)
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        raw = self._raw(paper.key, number)
        own = len(canonical(raw))
        if not own:
            return "", 0
        value = (canonical(f"{raw}\n{self._raw(paper.key, number + 1)}"), own)
        with self._lock:
            self._pages[key] = value
            if len(self._pages) > _CACHED_PAGES:
                self._pages.popitem(last=False)
        return value

    def _raw(self, key: str, number: int) -> str:
        try:
            return self._library.passages.page(key, number).text
        except NotFoundError:
            return ""

    def _objection(self, quotes: Sequence[Quote]) -> str | None:
        """Why these quotes carry no claim, None where they do."""
        if not quotes:
            return "it names no quote"
        for quote in quotes:
            if quote.verified:
                continue
            if self.paper(quote.ref) is None:
                return f"{quote.ref} is not in the library"
            if not long_enough(quote.text):
                return "its quote is too short to mean anything"
            return f"its quote does not stand on page {quote.page} of {quote.ref}"
        return None
