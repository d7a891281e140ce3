"""REF: how a paper, a file or a page is named on the command line and in a syllabus."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from indexes.cleaning import clean_line
from indexes.errors import NotFoundError, UsageError
from indexes.papers import Frozen, Paper, SourceKind
from ingest.arxiv_ids import ArxivId, explain_near_miss, match_arxiv_id
from ingest.links import arxiv_slot, canonical_url, classify_url

__all__ = ["Ref", "classify_url", "paper_of", "parse_ref", "ref_of_url"]

_LONGEST = 2048  # characters; longer than any address that a browser accepts everywhere
_SHA_KEY = re.compile(r"(pdf|web):([0-9a-f]*)", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?:/\S*)?", re.IGNORECASE)
_BARE_ARXIV_URL = re.compile(
    r"(?:[a-z]+\.)?(?:arxiv\.org|alphaxiv\.org|doi\.org)/|(?:huggingface|hf)\.co/papers/",
    re.IGNORECASE,
)
_FORMS = "give an arXiv id (1706.03762), an https address, or the path of a PDF"


class Ref(Frozen):
    """A REF understood. `key` is the identity of the paper it names (see `Paper.key`).

    `url` is None for `pdf:` and `web:` keys and for files; `path` is set for files only.
    """

    kind: SourceKind
    key: str
    arxiv_id: str | None = None
    version: int | None = None
    url: str | None = None
    path: Path | None = None


def parse_ref(text: str) -> Ref:
    """The REF in `text`. Reads a file only to hash it; never touches the network.

    Raises UsageError, with the nearest form, for what is none of the forms.
    """
    text = text.strip()
    shown = _shorten(text)
    if not text:
        raise UsageError("an empty REF names nothing", _FORMS)
    if len(text) > _LONGEST or "\0" in text:
        raise UsageError(f"{shown} is too long or too odd to name a paper", _FORMS)
    if arxiv := _bare_arxiv(text):
        return _arxiv_ref(arxiv)
    if found := _SHA_KEY.fullmatch(text):
        return _sha_ref(found.group(1).lower(), found.group(2).lower(), shown)
    if _SCHEME.match(text):
        return _parse_address(text, shown)
    if _BARE_ARXIV_URL.match(text):
        return _parse_address(f"https://{text}", shown)
    if file := _existing(text):
        return _file_ref(file)
    raise _not_understood(text, shown)


def ref_of_url(url: str) -> Ref | None:
    """The REF of a link found in a syllabus, None where it leads to nothing that can be fetched.

    Unlike `parse_ref` it takes http links, under their https address.
    """
    slot = arxiv_slot(url)
    if slot is not None:
        arxiv = match_arxiv_id(slot)
        return _arxiv_ref(arxiv) if arxiv else None
    try:
        return _page_ref(canonical_url(url))
    except ValueError:
        return None


def paper_of(ref: Ref) -> Paper:
    """The paper that `ref` names, queued. Raises NotFoundError for a bare `pdf:` or `web:` key."""
    if ref.url is None and ref.path is None:
        raise NotFoundError(
            f"{ref.key} is not in the library", "add it by its path or address first"
        )
    return Paper(
        key=ref.key,
        kind=ref.kind,
        url=ref.url,
        path=str(ref.path) if ref.path is not None else None,
        arxiv_id=ref.arxiv_id,
        version=ref.version,
        pinned=ref.version is not None,
        sha256=None,
    )


def _bare_arxiv(text: str) -> ArxivId | None:
    """An id without an address around it: plain, with `arXiv:`, or as arXiv's DOI."""
    doi = _DOI.fullmatch(text)
    if doi and doi.group(1).lower().startswith(_ARXIV_DOI):
        return match_arxiv_id(doi.group(1)[len(_ARXIV_DOI) :])
    return match_arxiv_id(_without_prefix(text))


def _without_prefix(text: str) -> str:
    return text[6:].lstrip() if text[:6].lower() == "arxiv:" else text


def _arxiv_ref(arxiv: ArxivId) -> Ref:
    return Ref(
        kind=SourceKind.ARXIV,
        key=f"arxiv:{arxiv}",
        arxiv_id=arxiv.id,
        version=arxiv.version,
        url=f"https://arxiv.org/abs/{arxiv}",
    )


def _sha_ref(kind: str, digits: str, shown: str) -> Ref:
    if len(digits) != 12:
        raise UsageError(
            f"{shown} is not a key of this program", f"{kind}: is followed by 12 hex digits"
        )
    return Ref(kind=SourceKind(kind), key=f"{kind}:{digits}")


def _page_ref(url: str) -> Ref:
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return Ref(kind=classify_url(url), key=f"web:{digest}", url=url)


def _parse_address(url: str, shown: str) -> Ref:
    slot = arxiv_slot(url)
    if slot is not None:
        arxiv = match_arxiv_id(slot)
        if arxiv is None:
            raise _near_arxiv(slot, shown) or UsageError(
                f"{shown} carries no arXiv id", "such an address ends like /abs/1706.03762"
            )
        return _arxiv_ref(arxiv)
    scheme = url.partition("://")[0].lower()
    if scheme == "file":
        raise UsageError(f"{shown} is not a form of REF", "give the path itself, without file://")
    try:
        canonical = canonical_url(url)
    except ValueError as error:
        raise UsageError(f"{shown} cannot be used: {error}", _FORMS) from None
    if scheme != "https":
        raise UsageError(f"{shown} is not an https address", f"did you mean {canonical}?")
    return _page_ref(canonical)


def _existing(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _file_ref(path: Path) -> Ref:
    shown = _shorten(str(path))
    if not path.is_file():
        raise UsageError(f"{shown} is not a file", "give the path of a PDF in it")
    try:
        with path.open("rb") as file:
            is_pdf = b"%PDF-" in file.read(1024)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read: {error.strerror}", "check its permissions"
        ) from None
    if not is_pdf and path.suffix.lower() != ".pdf":
        raise UsageError(
            f"{shown} is not a PDF", "a syllabus is read by `paperdesk import`; " + _FORMS
        )
    return Ref(kind=SourceKind.PDF, key=f"pdf:{digest[:12]}", path=path.resolve())


def _not_understood(text: str, shown: str) -> UsageError:
    doi = _DOI.fullmatch(text)
    id_text = _without_prefix(text)
    if doi and doi.group(1).lower().startswith(_ARXIV_DOI):
        id_text, doi = doi.group(1)[len(_ARXIV_DOI) :], None
    if near := _near_arxiv(id_text, shown):
        return near
    if id_text != text:
        return UsageError(f"{shown} has no arXiv id after the prefix", "write it as 1706.03762")
    if doi:
        return UsageError(
            f"{shown} is a DOI of another publisher", f"give https://doi.org/{doi.group(1)}"
        )
    if text.lower().endswith(".pdf") or text.startswith(("/", "./", "../", "~")):
        return UsageError(f"there is no file {shown}", "check the path")
    if _BARE_HOST.fullmatch(text):
        return UsageError(f"{shown} is not a form of REF", f"did you mean https://{text}?")
    return UsageError(f"{shown} is not a form of REF", _FORMS)


def _near_arxiv(id_text: str, shown: str) -> UsageError | None:
    near = explain_near_miss(id_text)
    if near is None:
        return None
    why, likely = near
    remedy = f"did you mean {likely}?" if likely else "check it; a full id reads 1706.03762"
    return UsageError(f"{shown} looks like an arXiv id, but {why}", remedy)


def _shorten(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= 80 else f"{line[:77]}…"
