"""Web addresses: what they point at, and one spelling for each."""

# ruff: noqa: SIM905 - word lists are easier to read as words
from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from indexes.papers import SourceKind
from ingest.arxiv_ids import ArxivId, match_arxiv_id

_ARXIV_HOSTS = re.compile(r"(?:[a-z0-9-]+\.)*(?:arxiv\.org|ar5iv\.org|xxx\.lanl\.gov)")
_ARXIV_PAGES = frozenset(["abs", "pdf", "html", "ps", "e-print", "format", "src"])
_ALPHAXIV_PAGES = frozenset(["abs", "overview", "pdf", "html", "paper", "audio"])
_VIDEO = frozenset(
    (
        "youtube.com youtu.be youtube-nocookie.com vimeo.com bilibili.com b23.tv "
        "slideslive.com ted.com videolectures.net"
    ).split()
)
_NOTEBOOK = frozenset(
    [
        "colab.research.google.com",
        "nbviewer.org",
        "nbviewer.jupyter.org",
        "mybinder.org",
        "deepnote.com",
    ]
)
_FORGES = frozenset(["github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com"])
_FORGE_PAGES = frozenset(
    (
        "about apps collections explore features login marketplace orgs search sponsors topics"
    ).split()
)
_HUGGING_FACE = frozenset(["huggingface.co", "hf.co"])
_HUGGING_FACE_PAGES = frozenset(
    (
        "blog chat collections docs enterprise join learn login models organizations papers "
        "posts pricing spaces tasks"
    ).split()
)
_TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|mkt_tok|ref_src|_hs(?:enc|mi)",
    re.IGNORECASE,
)
_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_HOST = re.compile(r"(?=.{4,253}$)[a-z0-9](?:[a-z0-9_-]*\.)+[a-z0-9-]*[a-z][a-z0-9-]*")
_DEFAULT_PORT = {"http": 80, "https": 443}


def arxiv_id_in(url: str) -> ArxivId | None:
    """The identifier that an arXiv, alphaXiv, Hugging Face papers or DOI address carries."""
    text = arxiv_slot(url)
    return match_arxiv_id(text) if text is not None else None


def arxiv_slot(url: str) -> str | None:
    """What stands in `url` where an arXiv id belongs, valid or not; None at any other address."""
    parts = _split(url)
    if parts is None:
        return None
    host = _host(parts)
    segments = [s for s in unquote(parts.path).split("/") if s]
    if host in ("doi.org", "dx.doi.org", "www.doi.org"):
        found = _DOI.fullmatch("/".join(segments))
        return found.group(1) if found else None
    if len(segments) < 2:
        return None
    page, rest = segments[0].lower(), "/".join(segments[1:])
    if (
        (_ARXIV_HOSTS.fullmatch(host) and page in _ARXIV_PAGES)
        or (_site(host, {"alphaxiv.org"}) and page in _ALPHAXIV_PAGES)
        or (_site(host, _HUGGING_FACE) and page == "papers")
    ):
        rest = re.sub(r"^arxiv:", "", rest, flags=re.IGNORECASE)
        return re.sub(r"(?:\.pdf)?[\s).,;:]*$", "", rest, flags=re.IGNORECASE)
    return None


def classify_url(url: str) -> SourceKind:
    """What `url` points at, told from the address alone. Anything but http(s) is `other`."""
    parts = _split(url)
    if parts is None:
        return SourceKind.OTHER
    if arxiv_id_in(url) is not None:
        return SourceKind.ARXIV
    host = _host(parts)
    path = unquote(parts.path).rstrip("/").lower()
    segments = [s for s in path.split("/") if s]
    if path.endswith(".ipynb") or _site(host, _NOTEBOOK):
        return SourceKind.NOTEBOOK
    if _site(host, {"kaggle.com"}) and ("code" in segments[:1] or "notebooks" in segments):
        return SourceKind.NOTEBOOK
    if _site(host, _VIDEO) or path.endswith((".mp4", ".webm", ".mov")):
        return SourceKind.VIDEO
    if _is_repository(host, segments):
        return SourceKind.REPO
    if path.endswith(".pdf") or (_site(host, {"openreview.net"}) and segments[:1] == ["pdf"]):
        # A forge shows a page around the file; only its raw address is the PDF.
        on_forge = _site(host, _FORGES) and "blob" in segments
        return SourceKind.WEB if on_forge else SourceKind.PDF
    if segments[:2] == ["doi", "pdf"]:
        return SourceKind.PDF
    return SourceKind.WEB


def canonical_url(url: str) -> str:
    """One spelling for one page: https, lower-case host, no default port, fragment, tracking
    parameters or trailing slash. Raises ValueError for what is no address of a public page.
    """
    parts = _split(url)
    if parts is None:
        raise ValueError("not a web address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address with a user name or password is not kept")
    host = _host(parts)
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host or 'nothing'} is not the name of a public host")
    port = "" if parts.port in (None, _DEFAULT_PORT[parts.scheme.lower()]) else f":{parts.port}"
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not _TRACKING.fullmatch(name)]
    # Re-encoding is left to addresses that lose a parameter: a server may tell the two apart.
    text = parts.query if len(kept) == len(query) else urlencode(kept)
    return urlunsplit(("https", host + port, parts.path.rstrip("/"), text, ""))


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address, None for anything else."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    return parts if parts.scheme.lower() in _DEFAULT_PORT and parts.netloc else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _site(host: str, sites: frozenset[str] | set[str]) -> bool:
    """Whether `host` is one of `sites` or under one of them."""
    labels = host.split(".")
    return any(".".join(labels[i:]) in sites for i in range(len(labels) - 1))


def _is_repository(host: str, segments: list[str]) -> bool:
    if _site(host, _FORGES) and not host.startswith(("gist.", "raw.", "pages.", "docs.")):
        if len(segments) < 2 or segments[0] in _FORGE_PAGES:
            return False
        return len(segments) == 2 or segments[2] in ("tree", "-", "src")
    if host.removeprefix("www.") in _HUGGING_FACE and len(segments) >= 2:
        if segments[0] == "datasets":
            return True
        return segments[0] not in _HUGGING_FACE_PAGES
    return False
