"""Small PDFs made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf

WIDTH, HEIGHT, MARGIN, LEADING = 595, 842, 72, 12


class Sheet:
    """A document under construction: text goes where it is told, in points from the top left."""

    def __init__(self) -> None:
        self.document: Any = pymupdf.open()
        self.page: Any = None

    def new_page(self, width: int = WIDTH, height: int = HEIGHT) -> Sheet:
        self.page = self.document.new_page(width=width, height=height)
        return self

    def write(
        self,
        lines: Sequence[str] | str,
        x: float = MARGIN,
        y: float = 100,
        size: float = 10,
        bold: bool = False,
        **options: Any,
    ) -> float:
        """Lines one below the other as one block; returns the height below them."""
        for line in [lines] if isinstance(lines, str) else lines:
            font = "hebo" if bold else "helv"
            self.page.insert_text((x, y), line, fontsize=size, fontname=font, **options)
            y += size * 1.2
        return y

    def save(self, path: Path, **options: Any) -> Path:
        self.document.save(path, **options)
        self.document.close()
        return path


SENTENCES = [
    "The model reads every word of the page before it answers a question.",
    "Nothing that it says is kept unless the words stand on the page it names.",
    "We train on forty thousand pages and test on four thousand more of them.",
    "The error falls by a third when the margin of the page is left out.",
    "A reader who wants the numbers finds all of them in the second table.",
    "This holds for short papers as well as for the long surveys of a field.",
]


def paragraph(first: int, count: int) -> list[str]:
    """`count` lines of prose, a sentence a line, each different by its number."""
    return [
        f"{SENTENCES[(first + i) % len(SENTENCES)][:-1]} in case {first + i}." for i in range(count)
    ]
