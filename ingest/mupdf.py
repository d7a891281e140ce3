"""The only door to PyMuPDF: reading pages, their layout, pictures of pages, HTML to PDF.

PyMuPDF is neither thread-safe nor proof against hostile files, so everything that opens a PDF runs
in the child processes of `ingest.workers`. Importing this module does not load the engine.
"""

from __future__ import annotations

import contextlib
import functools
import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from indexes.errors import IngestError
from ingest.blocks import LayoutBox, Line, PageLayout, Rect, RenderedPdf, SourcePage

MAX_PAGES = 3_000
MAX_BYTES = 200_000_000
MAX_TEXT = 40_000_000  # characters of one document; more is a bomb, not a paper
MAX_PIXELS = 30_000_000  # of one rendered page
MAX_STORY_PAGES = 500

_TINY = 2.0  # points: type below this height cannot be read
_BOLD = 16  # PyMuPDF's span flag
_BOLD_NAMES = ("bold", "black", "heavy", "medi", "cmbx", "sfbx", "demi")
_RENDERING = threading.Lock()  # reports are rendered in the process that asks for them
_PAPER = {"a4": (595.0, 842.0), "letter": (612.0, 792.0)}


@functools.cache
def _engine() -> Any:
    import pymupdf

    engine: Any = pymupdf
    engine.TOOLS.mupdf_display_errors(False)
    engine.TOOLS.mupdf_display_warnings(False)
    return engine


def load() -> None:
    """Load the engine and its layout model (most of a second), for a child about to work."""
    _engine()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The document at `path`, checked: a PDF by its content, readable, of a sane size.

    Raises IngestError: not_pdf, too_large, password, damaged, empty.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" not in head:
        raise _refused("not_pdf", "the file is not a PDF", "check the link or the file")
    if size > MAX_BYTES:
        raise _refused("too_large", f"the PDF has {size // 1_000_000} MB", "split it, add a part")
    try:
        document = _engine().open(str(path))
    except Exception as error:  # the engine's errors share no base class
        raise _damaged() from error
    with contextlib.closing(document):
        if not document.is_pdf:
            raise _refused("not_pdf", "the file does not open as a PDF", "check the link or file")
        if document.needs_pass:
            raise _refused("password", "the PDF asks for a password", "add a copy without one")
        try:
            pages = len(document)
        except Exception as error:
            raise _damaged() from error
        if pages == 0:
            raise _refused("empty", "the PDF has no pages", "add another copy")
        if pages > MAX_PAGES:
            raise _refused("too_large", f"the PDF has {pages:,} pages", "split it, add a part")
        yield document


def read_pages(document: Any) -> list[SourcePage]:
    """Every page's text and lines; a page that cannot be read has none.

    Raises IngestError: no_text where no page holds a word, damaged where none can be read,
    too_large for text beyond any paper's.
    """
    pages: list[SourcePage] = []
    unreadable = total = 0
    for number in range(1, len(document) + 1):
        try:
            page = read_page(document, number)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a broken page must not cost the others
            unreadable += 1
            page = SourcePage(number, 0.0, 0.0, "", ())
        pages.append(page)
        total += len(page.text)
        if total > MAX_TEXT:
            raise _refused("too_large", "the PDF holds more text than a book", "add a part of it")
    if unreadable == len(pages):
        raise _damaged()
    if not any(character.isalnum() for page in pages for character in page.text):
        raise without_text()
    return pages


def read_page(document: Any, number: int) -> SourcePage:
    """One page, counted from 1; `text` is what `page.get_text()` gives, untouched."""
    engine = _engine()
    page = document[number - 1]
    text_page = page.get_textpage(flags=engine.TEXTFLAGS_TEXT)
    text: str = page.get_text(textpage=text_page)
    width, height = page.rect.width, page.rect.height
    lines: list[Line] = []
    for index, block in enumerate(text_page.extractDICT()["blocks"]):
        for line in block.get("lines", ()):
            made = _line(line, index, width, height)
            if made is not None:
                lines.append(made)
    if sum(line.hidden for line in lines) * 2 > len(lines):
        # A scan's text layer is invisible as a whole: there it is the page's text.
        lines = [line._replace(hidden=False) for line in lines]
    return SourcePage(number, width, height, text, tuple(lines))


def _line(line: dict[str, Any], block: int, width: float, height: float) -> Line | None:
    spans = line["spans"]
    text = "".join(span["text"] for span in spans)
    if not text or text.isspace():
        return None
    x0, y0, x1, y1 = line["bbox"]
    upright = line["dir"][0] > 0.9
    tall = y1 - y0 if upright else x1 - x0
    widest = max(spans, key=lambda span: len(span["text"]))
    # Type 3 fonts carry their scale in the font matrix: only the box tells their size.
    size = widest["size"] if widest["size"] >= 1.0 else tall * 0.9
    bold = 0
    for span in spans:
        if span["flags"] & _BOLD or _is_bold_name(span["font"]):
            bold += len(span["text"])
    hidden = (
        tall < _TINY
        or x1 <= 0
        or y1 <= 0
        or x0 >= width
        or y0 >= height
        or all(span["alpha"] == 0 for span in spans)
    )
    rect = (round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))
    return Line(text, rect, round(size, 2), bold * 10 >= 7 * len(text), block, upright, hidden)


@functools.lru_cache(maxsize=4096)
def _is_bold_name(font: str) -> bool:
    name = font.lower()
    return any(mark in name for mark in _BOLD_NAMES)


def lay_out(document: Any, number: int) -> PageLayout:
    """One page with its regions in reading order, as the layout engine sees it."""
    source = read_page(document, number)
    page = document[number - 1]
    try:
        page.get_layout()  # fills layout_information and returns nothing
        found = page.layout_information or []
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a page without labels is still a page
        found = []
    boxes = tuple(
        LayoutBox((round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)), str(label))
        for x0, y0, x1, y1, label in (box[:5] for box in found)
    )
    return PageLayout(source, boxes)


def render_page(path: Path, page: int, dpi: int, boxes: Sequence[Rect] = ()) -> bytes:
    """A PNG picture of one page (from 1), `boxes` marked in yellow; dpi is lowered for huge pages.

    Raises IngestError as `opened` does, and `not_found` for a page the PDF lacks.
    """
    with opened(path) as document:
        if not 1 <= page <= len(document):
            raise _refused("not_found", f"the PDF has no page {page}", f"it has {len(document)}")
        sheet = document[page - 1]
        for rect in boxes:
            sheet.draw_rect(
                rect, color=None, fill=(1.0, 0.85, 0.1), fill_opacity=0.35, overlay=True
            )
        pixels = max(1.0, sheet.rect.width * sheet.rect.height / 72 / 72)
        dpi = max(1, min(dpi, int((MAX_PIXELS / pixels) ** 0.5)))
        picture: bytes = sheet.get_pixmap(dpi=dpi, alpha=False).tobytes("png")
        return picture


def render_html(
    html: str,
    css: str = "",
    page_size: Literal["a4", "letter"] = "a4",
    margins: tuple[float, float, float, float] = (54, 54, 54, 54),
) -> RenderedPdf:
    """Our own HTML as a PDF; margins are top, right, bottom, left in points.

    Its fonts hold the characters used and no others. Safe from several threads. Raises ValueError
    where the text cannot be laid out within 500 pages.
    """
    with _RENDERING:
        return _render_html(html, css, page_size, margins)


def _render_html(
    html: str,
    css: str,
    page_size: Literal["a4", "letter"],
    margins: tuple[float, float, float, float],
) -> RenderedPdf:
    engine = _engine()
    width, height = _PAPER[page_size]
    top, right, bottom, left = margins
    sheet = engine.Rect(0, 0, width, height)
    frame = engine.Rect(left, top, width - right, height - bottom)
    story = engine.Story(html, user_css=css)
    buffer = io.BytesIO()
    writer = engine.DocumentWriter(buffer)
    pages, more = 0, True
    while more:
        if pages == MAX_STORY_PAGES:
            raise ValueError("the text does not fit on 500 pages")
        device = writer.begin_page(sheet)
        more, _ = story.place(frame)
        story.draw(device)
        writer.end_page()
        pages += 1
    writer.close()
    with engine.open(stream=buffer.getvalue(), filetype="pdf") as document:
        document.subset_fonts()  # whole fonts take 200 kB
        return RenderedPdf(document.tobytes(garbage=3, deflate=True), pages)


def without_text() -> IngestError:
    return _refused(
        "no_text",
        "the PDF holds no text that can be extracted, only pictures of pages",
        "add a copy with a text layer",
    )


def _refused(code: str, message: str, remedy: str) -> IngestError:
    return IngestError(code, message, remedy, retryable=False)


def _damaged() -> IngestError:
    return _refused("damaged", "the PDF is damaged and cannot be read", "add another copy of it")
