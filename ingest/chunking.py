"""Pages to passages: about 90 words each, cut at paragraphs and sentence ends, never across headings."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from indexes.passages import Box, Page, PassageKind
from ingest.bibliography import entries
from ingest.blocks import Rect, SourcePage
from ingest.drafts import ORDINAL_GAP, ParsedPaper, PassageDraft
from ingest.flows import Flow, Outline, Sorter
from ingest.mending import Vocabulary
from ingest.rows import Row, body_size, rows_of, union
from ingest.running_heads import without_running_heads
from ingest.sentences import sentence_spans

TARGET, LEAST, MOST = 90, 40, 125  # words of a passage


class Sentence(NamedTuple):
    """A sentence with the rows it stands in; `opens` marks the first of a paragraph."""

    text: str
    rows: tuple[Row, ...]
    words: int
    opens: bool


class Cut(NamedTuple):
    """A passage with the rows it was made from."""

    text: str
    rows: tuple[Row, ...]
    kind: PassageKind
    section: tuple[str, ...]


class Document(NamedTuple):
    """A document cut up, with what the cutting learned."""

    cuts: list[Cut]
    outline: Outline
    vocabulary: Vocabulary
    title: str | None


def chunk(pages: Sequence[SourcePage]) -> ParsedPaper:
    """The document's pages, passages in the order of its text, references, title, abstract."""
    document = cut(pages)
    passages = tuple(
        PassageDraft(
            ordinal=index * ORDINAL_GAP,
            page=made.rows[0].page,
            kind=made.kind,
            section=made.section,
            text=made.text,
            boxes=boxes(made.rows),
            hidden=made.rows[0].hidden,
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
    outline = Sorter(rows, body, {page.number: page.height for page in pages}).sort()
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


def boxes(rows: Iterable[Row]) -> tuple[Box, ...]:
    """One box a page and column: rows that stand below one another share theirs."""
    groups: list[list[Row]] = []
    for row in rows:
        last = groups[-1][-1] if groups else None
        if last is None or last.page != row.page or row.rect[3] < last.rect[1] - 2 * row.size:
            groups.append([])
        groups[-1].append(row)
    return tuple(
        Box(page=group[0].page, rect=_rounded(union(row.rect for row in group))) for group in groups
    )


def _rounded(rect: Rect) -> Rect:
    return (round(rect[0], 1), round(rect[1], 1), round(rect[2], 1), round(rect[3], 1))


def _cut_flow(flow: Flow, vocabulary: Vocabulary) -> Iterator[Cut]:
    sentences = [
        sentence for paragraph in flow.paragraphs for sentence in _sentences(paragraph, vocabulary)
    ]
    for group in pack(sentences):
        rows = tuple(dict.fromkeys(row for sentence in group for row in sentence.rows))
        yield Cut(" ".join(s.text for s in group), rows, flow.kind, flow.section)


def _sentences(paragraph: Sequence[Row], vocabulary: Vocabulary) -> Iterator[Sentence]:
    text, starts = join(paragraph, vocabulary)
    opens = True
    for start, end in sentence_spans(text):
        for first, last in _bounded(text, start, end):
            rows = paragraph[
                max(0, bisect_right(starts, first) - 1) : bisect_right(starts, last - 1)
            ]
            piece = text[first:last]
            yield Sentence(piece, tuple(rows), len(piece.split()), opens)
            opens = False


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
    """The largest type in the upper part of the first page, where it reads like a title."""
    if not rows:
        return None
    bottom = max(row.rect[3] for row in rows)
    upper = [row for row in rows if row.rect[1] < 0.6 * bottom and len(row.text) > 2]
    largest = max((row.size for row in upper), default=0.0)
    if largest < 1.15 * body:
        return None
    first = next(i for i, row in enumerate(upper) if row.size > largest - 0.6)
    lines = itertools.takewhile(lambda row: row.size > largest - 0.6, upper[first:])
    title = " ".join(row.text for row in lines)
    return title if 5 <= len(title) <= 300 else None
