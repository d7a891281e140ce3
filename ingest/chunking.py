"""Pages to passages of about 90 words, cut at paragraphs and sentences, never across headings."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from indexes.passages import Box, Page, PassageKind
from ingest.bibliography import entries
from ingest.blocks import Rect, SourcePage
from ingest.drafts import ORDINAL_GAP, ParsedPaper, PassageDraft
from ingest.flows import Flow, Outline, Sorter, section_paths
from ingest.mending import Vocabulary
from ingest.rows import Row, body_size, rows_of, union
from ingest.running_heads import without_running_heads
from ingest.sentences import sentence_spans

TARGET, LEAST, MOST = 90, 40, 125  # words of a passage


class Piece(NamedTuple):
    """What of a passage stands in one row, with the space after it, if any."""

    row: Row
    text: str


class Sentence(NamedTuple):
    """A sentence row by row; `opens` marks the first of a paragraph."""

    pieces: tuple[Piece, ...]
    words: int
    opens: bool


class Cut(NamedTuple):
    """A passage row by row. `headings` counts the headings before it in the document."""

    pieces: tuple[Piece, ...]
    kind: PassageKind
    headings: int

    @property
    def text(self) -> str:
        return text_of(self.pieces)

    @property
    def page(self) -> int:
        return self.pieces[0].row.page


class Document(NamedTuple):
    """A document cut up, with what the cutting learned."""

    cuts: list[Cut]
    outline: Outline
    vocabulary: Vocabulary
    title: str | None


def chunk(pages: Sequence[SourcePage]) -> ParsedPaper:
    """The document's pages, passages in the order of its text, references, title, abstract."""
    document = cut(pages)
    paths = section_paths(document.outline.headings)
    passages = tuple(
        PassageDraft(
            ordinal=index * ORDINAL_GAP,
            page=made.page,
            kind=made.kind,
            section=paths[made.headings],
            text=made.text,
            boxes=boxes(made.pieces),
            hidden=made.pieces[0].row.hidden,
        )
        for index, made in enumerate(document.cuts)
    )
    abstract = " ".join(p.text for p in passages if p.kind is PassageKind.ABSTRACT)
    return ParsedPaper(
        pages=tuple(
            Page(number=p.number, width=p.width, height=p.height, text=p.text) for p in pages
        ),
        passages=passages,
        references=tuple(entries(document.outline.references, document.vocabulary)),
        title=document.title,
        abstract=abstract or None,
    )


def cut(pages: Sequence[SourcePage]) -> Document:
    """The same document always gives the same cuts: the labels of the layout rest on that."""
    by_page = [rows_of(page) for page in pages]
    body = body_size(itertools.chain.from_iterable(by_page))
    by_page = without_running_heads(pages, by_page, body)
    rows = list(itertools.chain.from_iterable(by_page))
    vocabulary = Vocabulary(row.text for row in rows)
    outline = Sorter(rows, body, pages).sort()
    cuts = [made for flow in outline.flows for made in _cut_flow(flow, vocabulary)]
    title = _title(by_page[0], body) if by_page else None
    return Document(cuts, outline, vocabulary, title)


def join(rows: Sequence[Row], vocabulary: Vocabulary) -> tuple[str, list[int]]:
    """The rows as one mended text, and where in it each row begins."""
    text, starts = "", []
    for row in rows:
        if text:
            end, between = vocabulary.joint(text[-80:], row.text)
            text = text[: max(0, len(text) - 80)] + end + between
        starts.append(len(text))
        text += row.text
    return text, starts


def text_of(pieces: Iterable[Piece]) -> str:
    """The text of consecutive pieces."""
    return "".join(piece.text for piece in pieces).strip()


def boxes(pieces: Iterable[Piece]) -> tuple[Box, ...]:
    """One box a page and column: rows that stand below one another share theirs."""
    groups: list[list[Row]] = []
    for row, _ in pieces:
        last = groups[-1][-1] if groups else None
        if last is None or last.page != row.page or row.rect[3] < last.rect[1] - 2 * row.size:
            groups.append([])
        groups[-1].append(row)
    return tuple(
        Box(page=group[0].page, rect=_rounded(union([row.rect for row in group])))
        for group in groups
    )


def _rounded(rect: Rect) -> Rect:
    return (round(rect[0], 1), round(rect[1], 1), round(rect[2], 1), round(rect[3], 1))


def _cut_flow(flow: Flow, vocabulary: Vocabulary) -> Iterator[Cut]:
    sentences = [
        sentence for paragraph in flow.paragraphs for sentence in _sentences(paragraph, vocabulary)
    ]
    for group in pack(sentences):
        pieces = tuple(piece for sentence in group for piece in sentence.pieces)
        yield Cut(pieces, flow.kind, flow.headings)


def _sentences(paragraph: Sequence[Row], vocabulary: Vocabulary) -> Iterator[Sentence]:
    text, starts = join(paragraph, vocabulary)
    opens = True
    for start, end in sentence_spans(text):
        for first, last in _bounded(text, start, end):
            words = len(text[first:last].split())
            yield Sentence(tuple(_pieces(text, paragraph, starts, first, last)), words, opens)
            opens = False


def _pieces(
    text: str, rows: Sequence[Row], starts: Sequence[int], first: int, last: int
) -> Iterator[Piece]:
    """The span row by row; its last piece ends with a space."""
    index = bisect_right(starts, first) - 1
    while index < len(rows) and starts[index] < last:
        end = starts[index + 1] if index + 1 < len(rows) else last
        piece = text[max(first, starts[index]) : min(end, last)]
        if piece:
            yield Piece(rows[index], piece if end < last else piece + " ")
        index += 1


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span itself, or pieces of `MOST` words where it has more (tables, broken punctuation)."""
    words = text[start:end].split(" ")
    if len(words) <= MOST:
        yield start, end
        return
    for index in range(0, len(words), MOST):
        length = len(" ".join(words[index : index + MOST]))
        yield start, start + length
        start += length + 1


def pack(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    """Sentences to passages: whole paragraphs where they fit, long ones in even parts."""
    packed: list[list[Sentence]] = []
    current: list[Sentence] = []
    have = 0
    for paragraph in _paragraphs(sentences):
        words = sum(sentence.words for sentence in paragraph)
        if current and have + words > MOST and have >= LEAST:
            packed.append(current)
            current, have = [], 0
        parts = max(1, round((have + words) / TARGET)) if have + words > MOST else 1
        share = (have + words) / parts
        for sentence in paragraph:
            if current and parts > 1 and have + sentence.words / 2 > share:
                packed.append(current)
                current, have = [], 0
            current.append(sentence)
            have += sentence.words
    if current:
        short = packed and have < LEAST
        if short and have + sum(sentence.words for sentence in packed[-1]) <= MOST + LEAST:
            packed[-1].extend(current)
        else:
            packed.append(current)
    return packed


def _paragraphs(sentences: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    paragraph: list[Sentence] = []
    for sentence in sentences:
        if sentence.opens and paragraph:
            yield paragraph
            paragraph = []
        paragraph.append(sentence)
    if paragraph:
        yield paragraph


def _title(rows: Sequence[Row], body: float) -> str | None:
    """The largest type in the upper part of the first page, else the first line in capitals."""
    bottom = max((row.rect[3] for row in rows), default=0.0)
    upper = [row for row in rows if row.rect[1] < 0.6 * bottom and len(row.text) > 2]
    largest = max((row.size for row in upper), default=0.0)
    if largest >= 1.15 * body:
        chosen = [row.size > largest - 0.6 for row in upper]
    else:
        chosen = [row.size > 0.95 * body and (row.bold or row.text.isupper()) for row in upper]
    lines = itertools.takewhile(
        lambda pair: pair[1],
        itertools.dropwhile(lambda pair: not pair[1], zip(upper, chosen, strict=True)),
    )
    title = " ".join(row.text for row, _ in lines)
    return title if 5 <= len(title) <= 300 else None
