"""Labels of the layout on passages that are searchable already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support_pdf import Sheet, paragraph

from indexes.passages import Passage, PassageKind
from ingest import mupdf
from ingest.blocks import LayoutBox, PageLayout, Rect
from ingest.chunking import chunk
from ingest.drafts import finish
from ingest.structure import Revision, label

BODY = (60.0, 90.0, 540.0, 190.0)


def laid_out(
    path: Path, *boxes: tuple[Rect, str], page: int = 1
) -> tuple[list[Passage], list[PageLayout]]:
    """The passages of a made PDF, and its pages with the boxes given on one of them."""
    with mupdf.opened(path) as document:
        pages = mupdf.read_pages(document)
    passages = [finish(draft, "pdf:made", "g") for draft in chunk(pages).passages]
    regions = tuple(LayoutBox(rect, name) for rect, name in boxes)
    return passages, [PageLayout(p, regions if p.number == page else ()) for p in pages]


def revised(passages: Sequence[Passage], revision: Revision) -> list[Passage]:
    """The paper's passages after the revision, in order."""
    known = {passage.id: passage for passage in passages}
    for passage_id in revision.removed:
        del known[passage_id]
    assert not {passage.id for passage in revision.added} & known.keys()
    known.update({passage.id: passage for passage in (*revision.changed, *revision.added)})
    assert len({passage.ordinal for passage in known.values()}) == len(known)
    return sorted(known.values(), key=lambda passage: passage.ordinal)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Text that the page's blocks run together with a small table."""
    sheet = Sheet().new_page()
    sheet.write(paragraph(0, 5), y=100)
    sheet.write(["Rows 1 2 3", "Mean 0.1 0.2 0.3", "Best 0.4 0.5 0.6"], y=200)
    sheet.write(paragraph(10, 5), y=300)
    return sheet.save(tmp_path / "mixed.pdf")


def test_what_stays_whole_keeps_id_and_text(mixed: Path) -> None:
    passages, layouts = laid_out(mixed, (BODY, "text"))
    assert label(passages, layouts) == Revision((), (), (), None)


def test_a_kind_changes_in_place(tmp_path: Path) -> None:
    sheet = Sheet().new_page()
    sheet.write(paragraph(0, 6))
    passages, layouts = laid_out(sheet.save(tmp_path / "a.pdf"), (BODY, "list-item"))
    revision = label(passages, layouts)
    assert not revision.removed
    assert not revision.added
    assert [(p.id, p.text, p.kind) for p in revision.changed] == [
        (p.id, p.text, PassageKind.LIST) for p in passages
    ]


def test_a_table_becomes_a_unit_of_its_own(mixed: Path) -> None:
    passages, layouts = laid_out(mixed, ((60, 185, 540, 235), "table"))
    revision = label(passages, layouts)
    after = revised(passages, revision)
    (table,) = [p for p in after if p.kind is PassageKind.TABLE]
    assert table.text == "Rows 1 2 3 Mean 0.1 0.2 0.3 Best 0.4 0.5 0.6"
    assert table.boxes[0].rect[1] > 180
    others = " ".join(p.text for p in after if p is not table)
    assert "0.1" not in others
    assert "case 0." in others
    assert "case 14." in others
    assert label(passages, layouts) == revision  # the same ids, whenever it is done


def test_no_word_is_lost_or_doubled(mixed: Path) -> None:
    passages, layouts = laid_out(
        mixed, ((60, 185, 540, 235), "table"), ((60, 140, 540, 152), "footnote")
    )
    after = revised(passages, label(passages, layouts))
    before = sorted(word for passage in passages for word in passage.text.split())
    assert sorted(word for passage in after for word in passage.text.split()) == before


def test_running_heads_that_only_the_layout_sees_are_hidden(tmp_path: Path) -> None:
    sheet = Sheet().new_page()
    sheet.write("Accepted for the Journal of Pages in May", y=60)
    sheet.write("A heading of some size", y=100, size=14, bold=True)
    sheet.write(paragraph(0, 6), y=120)
    passages, layouts = laid_out(sheet.save(tmp_path / "a.pdf"), ((60, 45, 540, 70), "page-header"))
    after = revised(passages, label(passages, layouts))
    assert [p.hidden for p in after if "Accepted for" in p.text] == [True]
    assert not any(p.hidden for p in after if "case 0." in p.text)


def test_words_of_a_figure_open_no_section(tmp_path: Path) -> None:
    sheet = Sheet().new_page()
    sheet.write("Method", y=100, size=14, bold=True)
    sheet.write(paragraph(0, 6), y=120)
    sheet.write("Big Words In A Picture", y=250, size=14, bold=True)
    sheet.write(paragraph(10, 6), y=300)
    passages, layouts = laid_out(sheet.save(tmp_path / "a.pdf"), ((60, 230, 540, 260), "picture"))
    assert passages[-1].section == ("Big Words In A Picture",)
    after = revised(passages, label(passages, layouts))
    assert {p.section for p in after} == {("Method",)}


def test_a_heading_that_only_the_layout_sees_names_its_section(tmp_path: Path) -> None:
    sheet = Sheet().new_page()
    sheet.write("Method", y=100, size=14, bold=True)
    sheet.write(["Data we use here", *paragraph(0, 6)], y=120)
    passages, layouts = laid_out(
        sheet.save(tmp_path / "a.pdf"), ((60, 110, 540, 122), "section-header")
    )
    assert passages[-1].section == ("Method",)
    after = revised(passages, label(passages, layouts))
    assert after[-1].section == ("Method", "Data we use here")


def test_pages_without_a_layout_keep_their_labels(mixed: Path) -> None:
    passages, layouts = laid_out(mixed)
    assert label(passages, layouts) == Revision((), (), (), None)
    assert label(passages, []) == Revision((), (), (), None)
