"""Renders the three papers of the demo course: `python docs/demo_papers/render.py [FOLDER]`.

Each paper is an HTML template beside a module whose `paper()` runs its simulation and returns the
numbers that the text names and the figure. The output is the same, byte for byte, on every run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from string import Template

import hashing
import pymupdf
import spacing
import waiting

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "assistant" / "demo_course" / "papers"
A4 = pymupdf.paper_rect("a4")
TEXT = pymupdf.Rect(80, 74, A4.width - 80, A4.height - 78)
FIGURE_WIDTH = 350

# The numbers lie far above the highest that arXiv has given out in a month, in months long closed.
PAPERS = (
    (spacing, "2401.99991", "2024-01", ("Ines Halvorsen", "Tomas Okafor-Lind")),
    (waiting, "2402.99992", "2024-02", ("Dara Whitcombe", "Lucien Amsel")),
    (hashing, "2403.99993", "2024-03", ("Priya Raman-Voss", "Jonas Teller")),
)


def render(html: str, figure: bytes, arxiv_id: str, title: str, authors: tuple[str, ...]) -> bytes:
    """The paper as PDF with embedded font subsets and page numbers."""
    archive = pymupdf.Archive()
    archive.add((figure, "figure.png"))
    story = pymupdf.Story(html, user_css=(HERE / "papers.css").read_text(), archive=archive)
    draft = HERE / f".{arxiv_id}.pdf"
    writer = pymupdf.DocumentWriter(str(draft))
    more = 1
    while more:
        device = writer.begin_page(A4)
        more, _ = story.place(TEXT)
        story.draw(device)
        writer.end_page()
    writer.close()
    with pymupdf.open(draft) as document:
        for page in document:
            number = str(page.number + 1)
            page.insert_text(
                (A4.width / 2 - 3, A4.height - 48), number, fontname="tiro", fontsize=10
            )
        day = f"D:20{arxiv_id[:4]}01000000Z"
        document.set_metadata(
            {
                "title": title,
                "author": ", ".join(authors),
                "keywords": "CC0 1.0, written for Paperdesk's demo course",
                "creationDate": day,
                "modDate": day,
            }
        )
        document.subset_fonts()
        data = bytes(document.tobytes(garbage=4, deflate=True, no_new_id=True))
    draft.unlink()
    return data


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    metadata = []
    for module, arxiv_id, month, authors in PAPERS:
        numbers, figure = module.paper()
        source = (HERE / f"{module.__name__}.html").read_text()
        html = Template(source).substitute(numbers, figure_width=FIGURE_WIDTH)
        title = html.split("<h1>")[1].split("</h1>")[0]
        data = render(html, figure, arxiv_id, title, authors)
        name = f"{arxiv_id}v1.pdf"
        (target / name).write_bytes(data)
        with pymupdf.open(stream=data) as document:
            pages = len(document)
        print(f"{name}: {pages} pages, {len(data) / 1000:.0f} kB")
        metadata.append(
            {
                "file": name,
                "arxiv_id": arxiv_id,
                "version": 1,
                "title": title,
                "authors": authors,
                "published": month,
                "pages": pages,
            }
        )
    text = json.dumps(metadata, indent=1, ensure_ascii=False) + "\n"
    (target / "metadata.json").write_text(text)


if __name__ == "__main__":
    main()
