"""Documents on paper: measured, cut to the pages allowed, and written as .md, .pdf or .docx."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from assistant.bibliography import bibtex
from assistant.document_text import CSS, markdown, note, sources, to_html
from assistant.document_text import lines as quote_lines
from assistant.results import Claim, Document, Section
from indexes.errors import StorageError, UsageError
from indexes.papers import Paper

PageSize = Literal["a4", "letter"]
MARGINS = (50.0, 54.0, 50.0, 54.0)  # points: top, right, bottom, left
_FORMATS = (".md", ".pdf", ".docx")
_MADE_BY = "Paperdesk"


def finished(document: Document, papers: Sequence[Paper]) -> Document:
    """`document` with its Markdown, its words and the pages it takes on A4."""
    text = markdown(document, papers)
    return document.model_copy(
        update={
            "markdown": text,
            "words": len(text.split()),
            "pages": page_count(document, papers, "a4"),
        }
    )


def page_count(document: Document, papers: Sequence[Paper], page_size: PageSize) -> int:
    """How many pages the document takes, measured on the rendered page."""
    from ingest.mupdf import render_html

    return render_html(to_html(document, papers), CSS, page_size, MARGINS).pages


def fit(
    document: Document, papers: Sequence[Paper], *, pages: int, ranking: Sequence[Claim]
) -> Document:
    """The document on at most `pages` pages of A4 and of Letter.

    `ranking` holds its claims, most important first; the last are left out until it fits. The size
    of the type never changes.
    """

    def kept(count: int) -> Document:
        keep = {id(claim) for claim in ranking[:count]}
        cut = (
            Section(heading=s.heading, items=tuple(c for c in s.items if id(c) in keep))
            for s in document.sections
        )
        return document.model_copy(update={"sections": tuple(s for s in cut if s.items)})

    def fits(count: int) -> bool:
        shorter = kept(count)
        return all(page_count(shorter, papers, size) <= pages for size in ("letter", "a4"))

    low, high = min(1, len(ranking)), len(ranking)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return kept(low)


def write_document(
    document: Document,
    papers: Sequence[Paper],
    output: Path,
    *,
    page_size: PageSize = "a4",
    force: bool = False,
) -> Document:
    """Write the document to `output` by its ending, and a .bib beside it; both whole or not at all.

    Returns it with path, pages and words. A file that Paperdesk did not write is left alone unless
    `force` is set. Raises UsageError for another ending or for such a file, StorageError where the
    folder cannot be written.
    """
    writers: dict[str, Callable[[Document, Sequence[Paper], PageSize], bytes]] = {
        ".md": _markdown_bytes,
        ".pdf": _pdf_bytes,
        ".docx": _docx_bytes,
    }
    suffix = output.suffix.lower()
    if suffix not in writers:
        raise UsageError(
            f"{output.name} names no format that can be written",
            f"end it in {', '.join(_FORMATS)}",
        )
    bibliography = output.with_suffix(".bib")
    for path in (output, bibliography):
        if not force and path.exists() and not _ours(path):
            raise UsageError(
                f"{path} is there already and was not written by {_MADE_BY}",
                "name another file, or move it away",
            )
    data = writers[suffix](document, papers, page_size)
    _replace(bibliography, f"% {_MADE_BY}\n\n{bibtex(papers)}".encode())
    _replace(output, data)
    return finished(document, papers).model_copy(update={"path": str(output.absolute())})


def _markdown_bytes(document: Document, papers: Sequence[Paper], _: PageSize) -> bytes:
    return f"{markdown(document, papers)}\n<!-- {_MADE_BY} -->\n".encode()


def _pdf_bytes(document: Document, papers: Sequence[Paper], page_size: PageSize) -> bytes:
    from ingest.mupdf import render_html

    pdf = render_html(to_html(document, papers), CSS, page_size, MARGINS).data
    return pdf + f"% {_MADE_BY}\n".encode()  # a comment after the end: readers skip it


def _docx_bytes(document: Document, papers: Sequence[Paper], page_size: PageSize) -> bytes:
    import io

    import docx
    from docx.shared import Pt

    made = docx.Document()
    made.core_properties.author = ""
    made.core_properties.comments = _MADE_BY
    made.core_properties.title = document.title
    sheet = made.sections[0]
    width, height = (595.3, 841.9) if page_size == "a4" else (612.0, 792.0)
    sheet.page_width, sheet.page_height = Pt(width), Pt(height)
    sheet.top_margin, sheet.right_margin, sheet.bottom_margin, sheet.left_margin = map(Pt, MARGINS)
    for name, size, before, after in (
        ("Normal", 10, 0, 2),
        ("Title", 14, 0, 4),
        ("Heading 1", 11, 6, 2),
        ("List Bullet", 10, 0, 2),
    ):
        style = made.styles[name]
        style.font.size = Pt(size)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(after)
        style.paragraph_format.line_spacing = 1.0
    made.styles["Normal"].font.name = "Times New Roman"
    made.add_paragraph(document.title, style="Title")
    for line in sources(papers):
        made.add_paragraph(line)
    made.add_paragraph().add_run(note(document)).italic = True
    for section in document.sections:
        made.add_paragraph(section.heading, style="Heading 1")
        for claim in section.items:
            paragraph = made.add_paragraph(style="List Bullet")
            paragraph.add_run(f"{claim.text.rstrip(':')}: ").bold = True
            quoted = " ".join(f"“{q.text}” ({q.place})" for q in quote_lines(claim, papers))
            paragraph.add_run(quoted)
    if document.missing:
        made.add_paragraph("What could not be found", style="Heading 1")
        for missing in document.missing:
            made.add_paragraph(missing, style="List Bullet")
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _ours(path: Path) -> bool:
    """Whether Paperdesk wrote the file: it says so at its end, or in its properties."""
    try:
        if path.suffix.lower() == ".docx":
            import docx

            return bool(docx.Document(str(path)).core_properties.comments == _MADE_BY)
        data = path.read_bytes()
    except Exception:  # noqa: BLE001 - what cannot be read was not written by us
        return False
    mark = _MADE_BY.encode()
    return data[:64].startswith(b"% " + mark) or mark in data[-64:]


def _replace(path: Path, data: bytes) -> None:
    """Write `path` whole or not at all."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}", "name a folder you may write to"
        ) from error
