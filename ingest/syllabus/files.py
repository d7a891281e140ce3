"""Files and texts: which format it is, how it is decoded, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

from indexes.errors import UsageError
from indexes.reading_list import ReadingList
from ingest.syllabus.bibtex import bibtex_html, is_bibtex
from ingest.syllabus.html import html_outline
from ingest.syllabus.markdown import markdown_outline
from ingest.syllabus.outline import Outline
from ingest.syllabus.reader import read_outline
from ingest.syllabus.yaml import yaml_outline

LARGEST_SYLLABUS = 400_000  # bytes; the longest of forty real ones had 245,000
_LARGEST_YAML = 200_000  # characters; the parser is slow
_HTML = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_REMEDY = "give a Markdown, HTML, YAML, BibTeX or plain-text file"


def read_syllabus(text: str, *, name: str = "", course: str | None = None) -> ReadingList:
    """The reading list in the text of a syllabus. An empty text gives an empty list.

    `name` is the file's name or address: its ending tells the format, and it names the course where
    nothing else does. `course` overrules that name. Raises UsageError for binary or overlong text.
    """
    shown = name or "the text"
    if len(text) > LARGEST_SYLLABUS:
        raise _too_large(shown, len(text))
    if "\0" in text:
        raise UsageError(f"{shown} holds binary data, no text", _REMEDY)
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return read_outline(_outline(source, name), course=course, name=name)


def read_syllabus_file(path: Path | str, *, course: str | None = None) -> ReadingList:
    """The reading list in a file. Raises UsageError where there is no such text file."""
    file = Path(path).expanduser()
    try:
        size = file.stat().st_size
        if size > LARGEST_SYLLABUS:
            raise _too_large(str(path), size)
        data = file.read_bytes()
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", "name the syllabus in it") from None
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", "check the path") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "check its permissions"
        ) from None
    return read_syllabus(decode(data, str(path)), name=file.name, course=course)


def decode(data: bytes, name: str) -> str:
    """Bytes as text: UTF-8, UTF-16 with its mark, else Latin-1. UsageError for binary data."""
    if data[:5] == b"%PDF-":
        raise UsageError(
            f"{name} is a PDF, not a syllabus in text", "add it as a paper, or save its text"
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise UsageError(f"{name} holds binary data, no text", _REMEDY)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _outline(source: str, name: str) -> Outline:
    if _HTML.match(source) or re.search(r"\.x?html?$", name, re.IGNORECASE):
        return html_outline(source)
    is_yaml = re.search(r"\.ya?ml$", name, re.IGNORECASE) and len(source) < _LARGEST_YAML
    if is_yaml and (outline := yaml_outline(source)):
        outline.title = outline.title or " ".join(Path(name).stem.replace("_", " ").split())
        return outline
    if is_bibtex(source):
        return html_outline(bibtex_html(source, 1))
    return markdown_outline(source)


def _too_large(name: str, size: int) -> UsageError:
    return UsageError(
        f"{name} has {size / 1e6:.1f} MB, too much for a syllabus",
        f"cut out the part with the readings (up to {LARGEST_SYLLABUS // 1000} KB)",
    )
