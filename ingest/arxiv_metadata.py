"""What arXiv knows about papers: many ids in one request, titles searched.

The `arxiv` package parses the feed; asking is ours (`transport`). Its parser repairs what is broken
and so takes a cut feed or an HTML page for a short or empty one; a feed is therefore checked to be
whole before it is parsed.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.parsers import expat

from indexes.cleaning import clean_line
from indexes.errors import IngestError
from indexes.papers import Frozen
from ingest.arxiv_ids import ArxivId, match_arxiv_id
from ingest.transfer_errors import TransferError

if TYPE_CHECKING:
    from ingest.transport import ArxivClient

IDS_PER_REQUEST = 100

# Its warnings about odd entries would land on stderr, where narration is ours.
logging.getLogger("arxiv").addHandler(logging.NullHandler())

_WITHDRAWN = re.compile(r"\b(?:has|have) been withdrawn\b|^\W*withdrawn\b", re.IGNORECASE)
_FEED = "http://www.w3.org/2005/Atom feed"


class Metadata(Frozen):
    """One version of a paper as arXiv describes it.

    Text is cleaned and on one line; LaTeX in it is left as the authors wrote it. `withdrawn` is
    what the comment or abstract says: arXiv has no field for it.
    """

    arxiv_id: str
    version: int
    title: str
    authors: tuple[str, ...]
    published: dt.date  # of version 1
    updated: dt.date  # of this version
    abstract: str
    doi: str | None  # the journal's; arXiv's own is 10.48550/arXiv.ID
    categories: tuple[str, ...]  # the primary one first
    pdf_url: str | None
    comment: str | None
    journal_ref: str | None
    withdrawn: bool


class ArxivMetadata:
    """Asks the arXiv API through `client`."""

    def __init__(self, client: ArxivClient) -> None:
        self._client = client

    def fetch(
        self, ids: Sequence[str], *, stop: threading.Event | None = None
    ) -> dict[str, Metadata]:
        """The metadata by id as given: `1706.03762` is the latest version, `1706.03762v5` that one.

        Ids that arXiv does not know, malformed ones included, are not in the result. Raises
        IngestError where arXiv could not be asked or answered nonsense, StoppedError.
        """
        named = {given: match_arxiv_id(given) for given in ids}
        found: dict[ArxivId, Metadata] = {}
        for request in _requests([asked for asked in named.values() if asked is not None]):
            found |= self._fetch_together(request, stop)
        return {given: found[asked] for given, asked in named.items() if asked in found}

    def search_title(
        self, title: str, *, limit: int = 10, stop: threading.Event | None = None
    ) -> list[Metadata]:
        """Papers whose title holds `title` as a phrase, else all its words; best first."""
        words = re.findall(r"\w+", clean_line(title))
        if not words:
            return []
        phrase = f'ti:"{" ".join(words)}"'
        return self._search(phrase, limit, stop) or (
            self._search(" AND ".join(f"ti:{word}" for word in words), limit, stop)
            if len(words) > 1
            else []
        )

    def _search(self, query: str, limit: int, stop: threading.Event | None) -> list[Metadata]:
        parameters = {"search_query": query, "start": 0, "max_results": limit}
        return parse_feed(self._client.read(_path(parameters), stop=stop))

    def _fetch_together(
        self, asked: Sequence[ArxivId], stop: threading.Event | None
    ) -> dict[ArxivId, Metadata]:
        """One request; two where arXiv calls an id malformed, which must not cost the others."""
        id_list = ",".join(map(str, asked))
        parameters = {"id_list": id_list, "start": 0, "max_results": len(asked)}
        try:
            feed = parse_feed(self._client.read(_path(parameters), stop=stop))
        except TransferError as error:
            if error.status != 400:
                raise
            if len(asked) == 1:
                return {}
            half = len(asked) // 2
            return self._fetch_together(asked[:half], stop) | self._fetch_together(
                asked[half:], stop
            )
        by_paper = {one.id: one for one in asked}
        return {
            one: metadata
            for metadata in feed
            if (one := by_paper.get(metadata.arxiv_id)) is not None
            and one.version in (None, metadata.version)
        }


def parse_feed(content: bytes) -> list[Metadata]:
    """The papers of an Atom feed of the arXiv API, in its order.

    Raises IngestError (retryable) for a page that is no feed, a feed that is cut off, and one
    without the entries it counts: arXiv sends such things when it is overloaded.
    """
    _require_whole_feed(content)
    # The package offers no public way to parse without its own transport; this function, bytes to
    # `arxiv.Result`, is the whole of its parser's surface.
    from arxiv._feed import parse  # type: ignore[import-untyped]

    feed = parse(content)
    papers = [paper for result in feed.results if (paper := _metadata(result)) is not None]
    if feed.header.total_results > 0 and not feed.results and b"/api/errors#" not in content:
        raise _nonsense("a feed that lacks the entries it counts")
    return papers


def _metadata(result: Any) -> Metadata | None:
    """One `arxiv.Result`; None for an entry that is no paper, as error messages are."""
    named = match_arxiv_id(result.entry_id.rpartition("/abs/")[2])
    if named is None:
        return None
    comment, abstract = _line(result.comment), clean_line(result.summary)
    primary = result.primary_category
    return Metadata(
        arxiv_id=named.id,
        version=named.version or 1,
        title=clean_line(result.title),
        authors=tuple(name for author in result.authors if (name := clean_line(author.name))),
        published=result.published.date(),
        updated=result.updated.date(),
        abstract=abstract,
        doi=_line(result.doi),
        categories=tuple(dict.fromkeys(filter(None, [primary, *result.categories]))),
        pdf_url=result.pdf_url,
        comment=comment,
        journal_ref=_line(result.journal_ref),
        withdrawn=bool(_WITHDRAWN.search(comment or "") or _WITHDRAWN.search(abstract[:200])),
    )


def _requests(asked: Sequence[ArxivId]) -> list[list[ArxivId]]:
    """The ids in requests of at most 100.

    Two versions of one paper go into separate requests: the answer would not tell which was which
    where one of them was asked for as "the latest".
    """
    requests: list[dict[str, ArxivId]] = []
    for one in dict.fromkeys(asked):
        for request in requests:
            if len(request) < IDS_PER_REQUEST and one.id not in request:
                request[one.id] = one
                break
        else:
            requests.append({one.id: one})
    return [list(request.values()) for request in requests]


def _path(parameters: dict[str, Any]) -> str:
    return "/api/query?" + urlencode(parameters, safe=",/:")


def _line(text: str | None) -> str | None:
    return (clean_line(text) or None) if text else None


def _require_whole_feed(content: bytes) -> None:
    """Raise unless `content` is well-formed XML, without a DOCTYPE, with an Atom feed as root."""
    roots: list[str] = []

    def element(name: str, _: object) -> None:
        if not roots:
            roots.append(name)

    def doctype(*_: object) -> None:
        raise _nonsense("a web page instead of a feed")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        what = "a feed that is cut off" if roots == [_FEED] else "something that is no feed"
        raise _nonsense(what) from error
    if roots != [_FEED]:
        raise _nonsense("something that is no feed")


def _nonsense(what: str) -> IngestError:
    return IngestError(
        "refused",
        f"arXiv answered with {what}",
        "wait some minutes, then run `paperdesk sync` again",
        retryable=True,
    )
