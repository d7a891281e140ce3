"""PDFs to pages, passages and layout, in child processes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from ingest.blocks import PageLayout, Rect, RenderedPdf
from ingest.drafts import ParsedPaper, PassageDraft, finish
from ingest.workers import LAYOUT_PAGE_S, WorkerPool

__all__ = ["CHUNKER", "PageLayout", "ParsedPaper", "PassageDraft", "PdfParser", "finish"]

CHUNKER = "blocks-2"  # names the way passages are cut; a change makes a new generation

_SHOW, _TEXT, _LAYOUT = 0, 1, 2  # what a reader waits for first, searchability next, labels last


class PdfParser:
    """Reads PDFs in up to `workers` child processes (one a processor unless told otherwise).

    Safe to call from several threads at once. Every method raises IngestError for a file that
    cannot be read (not_pdf, password, damaged, empty, no_text, too_large, timeout) and
    StoppedError where `stop` was set or the parser was closed. Children start with the first call.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._pool = WorkerPool(workers)

    @property
    def workers(self) -> int:
        """How many children may run at once."""
        return self._pool.size

    def parse(self, path: Path, *, stop: threading.Event | None = None) -> ParsedPaper:
        """The PDF's pages, passages and references."""
        paper: ParsedPaper = self._pool.run("parse", path, priority=_TEXT, stop=stop)
        return paper

    def layout(
        self, path: Path, first: int, last: int, *, stop: threading.Event | None = None
    ) -> list[PageLayout]:
        """Pages `first` to `last` (from 1, inclusive) as the layout engine sees them."""
        pages: list[PageLayout] = self._pool.run(
            "layout", path, first, last, priority=_LAYOUT, per_page=LAYOUT_PAGE_S, stop=stop
        )
        return pages

    def render_page(
        self, path: Path, page: int, *, dpi: int = 110, boxes: Sequence[Rect] = ()
    ) -> bytes:
        """A PNG picture of a page (from 1) with `boxes` (PDF points) marked."""
        picture: bytes = self._pool.run(
            "render_page", path, page, dpi, tuple(boxes), priority=_SHOW
        )
        return picture

    def render_html(
        self,
        html: str,
        css: str = "",
        page_size: Literal["a4", "letter"] = "a4",
        margins: tuple[float, float, float, float] = (54, 54, 54, 54),
    ) -> RenderedPdf:
        """Our own HTML as a PDF; margins are top, right, bottom, left in points."""
        made: RenderedPdf = self._pool.run(
            "render_html", html, css, page_size, margins, priority=_SHOW
        )
        return made

    @property
    def pids(self) -> list[int]:
        """Process ids of the children alive now."""
        return self._pool.pids

    def close(self) -> None:
        """Kill the children at once; running and waiting jobs end as StoppedError."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
