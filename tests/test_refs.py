"""REF: every form is understood, each paper has one key, and what is no REF is explained."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import NotFoundError, UsageError
from indexes.papers import PaperState, SourceKind
from ingest.refs import classify_url, paper_of, parse_ref, ref_of_url

_new_ids = st.builds(
    lambda year, month, number: (
        f"{year:02}{month:02}.{number:05}"
        if (year, month) >= (15, 1)
        else f"{year:02}{month:02}.{number % 9999 + 1:04}"
    ),
    st.integers(8, 30),
    st.integers(1, 12),
    st.integers(1, 99_999),
)
_old_ids = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02}{month:02}{number:03}",
    st.sampled_from(["hep-th", "math", "cs", "quant-ph", "astro-ph", "cond-mat"]),
    st.sampled_from([91, 95, 99, 0, 3, 6]),
    st.integers(1, 12),
    st.integers(1, 999),
)
_ids = _new_ids | _old_ids
_versions = st.none() | st.integers(1, 30)


def _forms(arxiv: str) -> list[str]:
    return [
        arxiv,
        f"arXiv:{arxiv}",
        f"ARXIV:{arxiv}",
        f"arxiv: {arxiv}",
        f"https://arxiv.org/abs/{arxiv}",
        f"http://www.arxiv.org/pdf/{arxiv}.pdf",
        f"https://export.arxiv.org/pdf/{arxiv}?download=1#page=3",
        f"https://arxiv.org/html/{arxiv}#S3",
        f"https://arxiv.org/abs//{arxiv}/",
        f"arxiv.org/abs/{arxiv}",
        f"https://www.alphaxiv.org/overview/{arxiv}",
        f"https://huggingface.co/papers/{arxiv}",
        f"10.48550/arXiv.{arxiv}",
        f"doi:10.48550/ARXIV.{arxiv}",
        f"https://doi.org/10.48550/arXiv.{arxiv}",
    ]


@given(_ids, _versions)
def test_every_form_of_an_arxiv_paper_gives_the_same_ref(arxiv: str, version: int | None) -> None:
    full = arxiv if version is None else f"{arxiv}v{version}"
    refs = {parse_ref(form) for form in _forms(full)}
    assert len(refs) == 1
    (ref,) = refs
    assert (ref.kind, ref.key) == (SourceKind.ARXIV, f"arxiv:{full}")
    assert (ref.arxiv_id, ref.version) == (arxiv, version)
    assert ref.url == f"https://arxiv.org/abs/{full}"


@given(_ids, _versions)
def test_what_the_program_prints_is_a_ref(arxiv: str, version: int | None) -> None:
    paper = paper_of(parse_ref(arxiv if version is None else f"{arxiv}v{version}"))
    assert parse_ref(paper.ref).key == paper.key
    assert paper.state is PaperState.QUEUED
    assert paper.pinned == (version is not None)


@given(st.text(max_size=120))
def test_any_text_is_a_ref_or_a_one_line_explanation(text: str) -> None:
    try:
        said = parse_ref(text).key
    except UsageError as error:
        said = f"{error.message}; {error.remedy}" if error.remedy else ""
    assert said
    assert "\n" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("math.GT/0309136v2", "arxiv:math/0309136v2"),
        ("cond-mat.mtrl-sci/0309136", "arxiv:cond-mat/0309136"),
        ("hep-th/9901001", "arxiv:hep-th/9901001"),
        ("0704.0001", "arxiv:0704.0001"),
        ("1412.9999", "arxiv:1412.9999"),
        ("1501.00001", "arxiv:1501.00001"),
        ("pdf:0123456789ab", "pdf:0123456789ab"),
        ("web:0123456789AB", "web:0123456789ab"),
    ],
)
def test_keys(text: str, key: str) -> None:
    assert parse_ref(text).key == key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1706.3762", "did you mean 1706.03762?"),
        ("arXiv:2305.1571", "5 digits"),
        ("https://arxiv.org/abs/2305.1571", "did you mean 2305.01571?"),
        ("1713.03762", "month 13"),
        ("1700.03762", "month 00"),
        ("1412.12345", "4 digits"),
        ("0612.0001", "April 2007"),
        ("1706.03762v0", "did you mean 1706.03762?"),
        ("1706,03762", "did you mean 1706.03762?"),
        ("hepth/9901001", "did you mean hep-th/9901001?"),
        ("cs/0704001", "March 2007"),
        ("http://example.com/a", "did you mean https://example.com/a?"),
        ("example.com/a", "did you mean https://example.com/a?"),
        ("10.1145/3292500.3330701", "https://doi.org/10.1145/3292500.3330701"),
        ("missing.pdf", "no file"),
        ("pdf:12", "12 hex digits"),
        ("https://localhost/a", "localhost"),
        ("https://name:secret@example.com/a", "password"),
        ("ftp://example.com/a", "https"),
        ("attention", "1706.03762"),
        ("", "1706.03762"),
        ("१७०६.०३७६२", "1706.03762"),
    ],
)
def test_what_is_no_ref_names_the_nearest_form(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ref(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "unit", ["1", "a.", "a/", "1.", "arxiv:", "https://a.b/", "-", "(", "[", "a-"]
)
def test_long_text_is_refused_at_once(unit: str) -> None:
    with pytest.raises(UsageError):
        parse_ref(unit * 100_000)


def test_a_page_has_one_key_however_it_is_written() -> None:
    forms = [
        "https://Example.com:443/Path/?b=1&a=2#part",
        "HTTPS://example.com/Path?b=1&a=2&utm_source=x&fbclid=y",
        " https://example.com/Path?b=1&a=2 ",
    ]
    refs = {parse_ref(form) for form in forms}
    assert len(refs) == 1
    (ref,) = refs
    assert ref.url == "https://example.com/Path?b=1&a=2"
    digest = hashlib.sha256(ref.url.encode()).hexdigest()[:12]
    assert ref.key == f"web:{digest}"
    assert ref_of_url("http://example.com/Path?b=1&a=2") == ref
    assert parse_ref("https://example.com/path?b=1&a=2").key != ref.key


def test_a_file_is_known_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"%PDF-1.7 a"
    (tmp_path / "one.pdf").write_bytes(data)
    (tmp_path / "other name").write_bytes(data)
    (tmp_path / "notes.txt").write_text("no paper")
    monkeypatch.setenv("HOME", str(tmp_path))
    first, second = parse_ref("~/one.pdf"), parse_ref(str(tmp_path / "other name"))
    assert first.key == second.key == f"pdf:{hashlib.sha256(data).hexdigest()[:12]}"
    assert paper_of(first).path == str(tmp_path / "one.pdf")
    with pytest.raises(UsageError, match="not a PDF"):
        parse_ref(str(tmp_path / "notes.txt"))
    with pytest.raises(UsageError, match="not a file"):
        parse_ref(str(tmp_path))


def test_a_bare_key_names_only_what_is_there_already() -> None:
    with pytest.raises(NotFoundError):
        paper_of(parse_ref("web:0123456789ab"))


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://arxiv.org/abs/1706.03762", SourceKind.ARXIV),
        ("https://arxiv.org/list/cs.CL/recent", SourceKind.WEB),
        ("https://github.com/owner/name", SourceKind.REPO),
        ("https://github.com/owner/name/tree/main/docs", SourceKind.REPO),
        ("https://github.com/owner/name/blob/main/a.ipynb", SourceKind.NOTEBOOK),
        ("https://github.com/owner/name/blob/main/a.pdf", SourceKind.WEB),
        ("https://github.com/owner", SourceKind.WEB),
        ("https://gitlab.com/owner/name/", SourceKind.REPO),
        ("https://huggingface.co/owner/model", SourceKind.REPO),
        ("https://huggingface.co/docs/trl/index", SourceKind.WEB),
        ("https://colab.research.google.com/drive/abc", SourceKind.NOTEBOOK),
        ("https://www.kaggle.com/code/owner/name", SourceKind.NOTEBOOK),
        ("https://youtu.be/abc", SourceKind.VIDEO),
        ("https://www.youtube.com/watch?v=abc", SourceKind.VIDEO),
        ("https://www.bilibili.com/video/abc", SourceKind.VIDEO),
        ("https://example.com/a.PDF?x=1", SourceKind.PDF),
        ("https://openreview.net/pdf?id=abc", SourceKind.PDF),
        ("https://notyoutube.com/a", SourceKind.WEB),
        ("mailto:someone@example.com", SourceKind.OTHER),
        ("https://[broken", SourceKind.OTHER),
    ],
)
def test_kinds_of_addresses(url: str, kind: SourceKind) -> None:
    assert classify_url(url) is kind
