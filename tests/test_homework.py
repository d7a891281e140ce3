"""Reports, summaries and questions: every quote stands on its page, and they fit on paper."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from support_homework import ScriptedModel, add_listed, add_pdf, demo_library

from assistant.gate import Gate
from assistant.questions import build_questions
from assistant.rendering import page_count, write_document
from assistant.report import build_report, prompt_headings
from assistant.results import Document
from assistant.summary import build_summary
from indexes.errors import StorageError, UsageError
from indexes.folders import Home
from indexes.library import Library

SPACING, WAITING, HASHING = "arxiv:2401.99991", "arxiv:2402.99992", "arxiv:2403.99993"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demo_library(tmp_path_factory.mktemp("demo")) as library:
        yield library


def tools(library: Library) -> dict[str, object]:
    return {"library": library, "gate": Gate(library), "embedder": None}


def papers(library: Library, *keys: str):
    return [library.papers.require(key) for key in keys]


def letters(text: str) -> str:
    """A second folding, simpler than the gate's: letters, digits and signs in order."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u00ad", "")
    return re.sub(r"[\s‐‑–—-]|[“”„\"'‘’]", "", text)


def assert_quotes_stand(document: Document, library: Library) -> None:
    for section in document.sections:
        for claim in section.items:
            assert claim.verified
            for quote in claim.quotes:
                paper = next(p for p in library.papers.all() if p.ref == quote.ref)
                texts = {page.number: page.text for page in library.passages.pages(paper.key)}
                page = texts[quote.page] + texts.get(quote.page + 1, "")
                assert letters(quote.text) in letters(page)
                assert len(quote.text.split()) <= 40


def pdf_text_and_sizes(data: bytes) -> tuple[str, set[float], int]:
    """Text, sizes of type in points and number of pages, read by the PDF library itself."""
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open(stream=data, filetype="pdf") as pdf:
        text = "\n".join(page.get_text() for page in pdf)
        sizes = {
            round(span["size"], 1)
            for page in pdf
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", ())
            for span in line["spans"]
            if span["text"].strip()
        }
        return text, sizes, len(pdf)


def test_report_covers_a_paper_on_one_page(demo):
    document = build_report(papers(demo, SPACING), **tools(demo))
    headings = [section.heading for section in document.sections]
    assert headings == [
        "Problem",
        "Approach",
        "Main results",
        "Strengths and limitations",
        "Open questions",
    ]
    assert document.verified == document.total >= 8
    assert document.pages == 1
    assert document.mode == "extractive"
    assert "without a language model" in document.markdown
    assert_quotes_stand(document, demo)


def test_limitations_come_from_the_section_that_names_them(demo):
    document = build_report(papers(demo, WAITING), **tools(demo))
    limits = [
        claim.quotes[0]
        for section in document.sections
        for claim in section.items
        if "limit" in claim.text
    ]
    assert limits
    assert {quote.page for quote in limits} == {3}


def test_markdown_holds_quotes_in_the_form_of_the_contract(demo):
    one = build_report(papers(demo, HASHING), **tools(demo))
    quotes = re.findall(r"^  > “(.+)” \(p\. (\d+)\)$", one.markdown, re.MULTILINE)
    assert len(quotes) == one.total
    several = build_report(papers(demo, SPACING, HASHING), **tools(demo))
    named = re.findall(r"” \((.+), p\. \d+\)$", several.markdown, re.MULTILINE)
    assert set(named) == {"Halvorsen et al. 2024", "Raman-Voss et al. 2024"}


@pytest.mark.parametrize("page_size", ["a4", "letter"])
def test_pdf_is_one_page_of_readable_type_with_searchable_quotes(demo, tmp_path, page_size):
    chosen = papers(demo, SPACING, WAITING, HASHING)
    document = build_report(chosen, **tools(demo))
    output = tmp_path / "out" / "report.pdf"
    written = write_document(document, chosen, output, page_size=page_size)
    assert output.stat().st_size < 100_000  # its fonts hold no more than the characters used
    assert written.path == str(output)
    text, sizes, pages = pdf_text_and_sizes(output.read_bytes())
    assert pages == 1
    assert min(sizes) >= 10
    for section in written.sections:
        for claim in section.items:
            assert all(letters(quote.text) in letters(text) for quote in claim.quotes)
    assert output.with_suffix(".bib").read_text().count("@misc{") == 3


def test_more_pages_hold_more_bullets(demo):
    chosen = papers(demo, SPACING, WAITING, HASHING)
    one = build_report(chosen, **tools(demo))
    two = build_report(chosen, pages=2, **tools(demo))
    assert two.total > one.total
    assert page_count(two, chosen, "letter") <= 2


def test_docx_and_markdown_hold_the_same_quotes(demo, tmp_path):
    docx = pytest.importorskip("docx")
    chosen = papers(demo, SPACING)
    document = build_report(chosen, **tools(demo))
    write_document(document, chosen, tmp_path / "r.docx")
    write_document(document, chosen, tmp_path / "r.md")
    paragraphs = "\n".join(p.text for p in docx.Document(str(tmp_path / "r.docx")).paragraphs)
    markdown = (tmp_path / "r.md").read_text()
    for section in document.sections:
        for claim in section.items:
            assert f"“{claim.quotes[0].text}”" in paragraphs
            assert f"“{claim.quotes[0].text}”" in markdown


@pytest.mark.parametrize("name", ["r.md", "r.pdf", "r.docx"])
def test_only_our_own_files_are_replaced(demo, tmp_path, name):
    chosen = papers(demo, SPACING)
    document = build_summary(chosen[0], length="sentence", **tools(demo))
    write_document(document, chosen, tmp_path / name)
    write_document(document, chosen, tmp_path / name)
    (tmp_path / name).write_text("my own essay")
    with pytest.raises(UsageError, match="not written by Paperdesk"):
        write_document(document, chosen, tmp_path / name)
    assert (tmp_path / name).read_text() == "my own essay"


def test_other_endings_and_blocked_folders_are_refused(demo, tmp_path):
    chosen = papers(demo, SPACING)
    document = build_summary(chosen[0], length="sentence", **tools(demo))
    with pytest.raises(UsageError, match=r"r\.odt"):
        write_document(document, chosen, tmp_path / "r.odt")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        write_document(document, chosen, tmp_path / "file" / "r.md")


def test_prompt_headings_become_sections(demo):
    prompt = "# Week 1\n## What is the problem?\n## Weaknesses\n## Your own opinion\n"
    document = build_report(papers(demo, SPACING), prompt=prompt, **tools(demo))
    headings = [section.heading for section in document.sections]
    assert headings[:2] == ["What is the problem?", "Weaknesses"]
    assert any("Your own opinion" in missing for missing in document.missing)
    assert document.total >= 8


@pytest.mark.parametrize(
    ("prompt", "headings"),
    [
        ("# A\n## B\n## C", ["B", "C"]),
        ("Answer these:\n1. What is new?\n2) What is weak?\n", ["What is new?", "What is weak?"]),
        ("- **Problem**\n- Method:", ["Problem", "Method"]),
        ("Problem\n\nMethod", ["Problem", "Method"]),
    ],
)
def test_headings_of_a_prompt(prompt, headings):
    assert prompt_headings(prompt) == headings


def test_a_prompt_without_words_is_refused():
    with pytest.raises(UsageError, match="no headings"):
        prompt_headings(" \n--\n")


@pytest.mark.parametrize(("length", "least", "most"), [("sentence", 1, 1), ("short", 5, 6)])
def test_summary_lengths(demo, length, least, most):
    document = build_summary(papers(demo, HASHING)[0], length=length, **tools(demo))
    assert least <= document.total <= most
    assert_quotes_stand(document, demo)


def test_page_summary_walks_through_the_sections(demo):
    document = build_summary(papers(demo, HASHING)[0], length="page", **tools(demo))
    assert document.sections[-1].heading == "Section by section"
    walked = [claim.text for claim in document.sections[-1].items]
    assert walked == sorted(walked)
    assert len(walked) >= 4
    assert document.pages == 1
    assert_quotes_stand(document, demo)


def test_questions_are_anchored_distinct_and_link_papers(demo):
    document = build_questions(papers(demo, SPACING, WAITING), n=8, **tools(demo))
    claims = [claim for section in document.sections for claim in section.items]
    assert len(claims) == 8
    assert all(claim.text.endswith("?") for claim in claims)
    links = next(s.items for s in document.sections if s.heading == "Links")
    assert len({quote.ref for quote in links[0].quotes}) == 2
    assert_quotes_stand(document, demo)


def test_fewer_questions_than_asked_are_admitted(demo):
    document = build_questions(papers(demo, SPACING), n=200, **tools(demo))
    assert 5 < document.total < 200
    assert document.missing


def proposals(*items: tuple[str, int, str]) -> str:
    return json.dumps({"items": [{"topic": t, "sentence": n, "text": x} for t, n, x in items]})


def test_a_model_points_at_sentences_and_the_gate_decides(demo):
    model = ScriptedModel(
        proposals(
            ("problem", 1, "How reviews are best spread over the days."),
            ("result", 2, "It improves recall by 4711 percent."),
            ("result", 999, "There is no such sentence."),
            ("weather", 3, "There is no such topic."),
        )
    )
    document = build_report(papers(demo, SPACING), model=model, **tools(demo))
    texts = [claim.text for section in document.sections for claim in section.items]
    assert "How reviews are best spread over the days." in texts
    assert not any("4711" in text or "no such" in text for text in texts)
    assert (document.mode, document.model) == ("fixed", "scripted")
    assert "language model scripted" in document.markdown
    assert "[1] (p. 1)" in model.asked[0]
    assert document.total >= 8
    assert_quotes_stand(document, demo)


def test_what_a_model_cannot_do_is_done_without_it(demo):
    document = build_report(
        papers(demo, SPACING), model=ScriptedModel("I would rather write a poem."), **tools(demo)
    )
    assert document.verified == document.total >= 8


def test_model_words_questions_and_summaries(demo):
    asked = build_questions(
        papers(demo, WAITING),
        n=3,
        model=ScriptedModel(proposals(("Limits", 1, "Who loses when lines are joined?"))),
        **tools(demo),
    )
    assert asked.total == 3
    assert asked.sections[0].items[0].text == "Who loses when lines are joined?"
    told = build_summary(
        papers(demo, WAITING)[0],
        length="sentence",
        model=ScriptedModel(proposals(("gist", 2, "Lines are compared."))),
        **tools(demo),
    )
    assert [c.text for s in told.sections for c in s.items] == ["Lines are compared."]


def test_hostile_words_are_shown_not_obeyed(demo, tmp_path):
    chosen = [papers(demo, SPACING)[0].model_copy(update={"title": "<script>x</script>\x1b[2J"})]
    document = build_summary(chosen[0], length="sentence", **tools(demo))
    assert "<script>" not in document.markdown.replace("\\<", "")
    assert "\x1b" not in document.markdown
    written = write_document(document, chosen, tmp_path / "s.pdf")
    text, _, _ = pdf_text_and_sizes((tmp_path / "s.pdf").read_bytes())
    assert "<script>x</script>" in text
    assert written.pages == 1


def test_the_bundled_embedder_improves_nothing_away(demo):
    from indexes.minilm import open_bundled

    document = build_report(
        papers(demo, SPACING), library=demo, gate=Gate(demo), embedder=open_bundled()
    )
    assert document.verified == document.total >= 8
    assert_quotes_stand(document, demo)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("1706.03762v7.pdf", 8),
        ("0908.0054v1.pdf", 8),
        ("math_9404236v1.pdf", 8),
        ("2203.02155v1.pdf", 8),
        ("fr_olap_12p.pdf", 8),
        ("slides_princeton-cos597g_RLHF_112p.pdf", 8),
        ("scan-ocr_aho-corasick_8p.pdf", 8),
        ("pagerank_type3fonts_broken-words.pdf", 0),
    ],
)
def test_real_papers_of_many_kinds(shared: Path, tmp_path, name, least):
    folder = shared / "papers"
    listed = {entry["file"] for entry in json.loads((folder / "metadata.json").read_text())}
    with Library(Home(tmp_path)) as library:
        add = add_listed if name in listed else lambda lib, where, file: add_pdf(lib, where / file)
        paper = add(library, folder, name)
        document = build_report([paper], **tools(library))
        assert document.verified == document.total >= least
        assert document.missing or least
        assert least or "in pieces" in document.missing[-1]
        assert_quotes_stand(document, library)
        for page_size in ("a4", "letter"):
            assert page_count(document, [paper], page_size) == 1
        assert build_questions([paper], n=5, **tools(library)).markdown
        assert build_summary(paper, length="page", **tools(library)).pages == 1
