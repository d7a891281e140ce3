"""The layout engine's labels, put on passages that are searchable already.

Most passages keep id and text, and only learn their kind and section. A passage that mixes text
with a table, a caption, a footnote or a figure's labels is taken apart; the pieces are new.

Passages stay in the order of the PDF's own text: on pages of two columns the engine's order of its
boxes goes from column to column and back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from indexes.passages import Passage, PassageKind, Reference, passage_id
from ingest.bibliography import entries
from ingest.blocks import PageLayout
from ingest.chunking import MOST, Cut, Document, Piece, boxes, cut, text_of
from ingest.flows import Heading, section_paths
from ingest.headings import numbering
from ingest.regions import APART, HEAD, HEADING, Region, Regions

_STRAY = 8  # words: fewer beside a unit do not make its passage a mixture
_LEAST_PIECE = 4  # words: fewer left over are not worth a passage
_KINDS = {
    "table": PassageKind.TABLE,
    "caption": PassageKind.CAPTION,
    "footnote": PassageKind.FOOTNOTE,
    "picture": PassageKind.TEXT,
}
_NOT_HEADINGS = APART | HEAD | {"formula"}


class Revision(NamedTuple):
    """What the layout changes in a paper; `references` is None where they stay.

    `changed` keep their id and text, `added` have to be embedded.
    """

    changed: tuple[Passage, ...]
    removed: tuple[str, ...]
    added: tuple[Passage, ...]
    references: tuple[Reference, ...] | None


class _Part(NamedTuple):
    """A piece of a document as the layout would have it."""

    pieces: tuple[Piece, ...]
    kind: PassageKind
    section: tuple[str, ...]
    hidden: bool


def label(passages: Sequence[Passage], layouts: Sequence[PageLayout]) -> Revision:
    """Label a paper's passages of the first cut; `layouts` holds its pages in order.

    Pages that are missing keep what the text gave them. Pure: the same input gives the same ids.
    """
    document = cut([layout.page for layout in layouts])
    regions = Regions(layouts)
    waiting: defaultdict[tuple[int, str], list[Passage]] = defaultdict(list)
    for passage in reversed(passages):
        waiting[passage.page, passage.text].append(passage)
    changed: list[Passage] = []
    removed: list[str] = []
    added: list[Passage] = []
    for made, parts in _relabelled(document, regions):
        same = waiting[made.page, made.text]
        if not same:
            continue
        passage = same.pop()
        if len(parts) == 1 and text_of(parts[0].pieces) == passage.text:
            revised = _revised(passage, parts[0])
            if revised != passage:
                changed.append(revised)
        else:
            removed.append(passage.id)
            added.extend(_new(passage, place, part) for place, part in enumerate(parts, start=1))
    return Revision(tuple(changed), tuple(removed), tuple(added), _references(document, regions))


def _relabelled(document: Document, regions: Regions) -> Iterator[tuple[Cut, list[_Part]]]:
    """Each cut of the document with the parts that take its place, one where it stays whole."""
    owners = _owners(document.cuts, regions)
    sections = _Sections(document, regions)
    units: defaultdict[int, list[tuple[Region, list[Piece]]]] = defaultdict(list)
    taken: set[Region] = set()
    for region, by_cut in owners.items():
        if len(by_cut) == 1:
            (index,) = by_cut
            outside = _words(document.cuts[index].pieces) - _words(by_cut[index])
            if outside < _STRAY:
                continue  # the cut is the unit
        taken.add(region)
        units[min(by_cut)].append((region, [p for index in sorted(by_cut) for p in by_cut[index]]))
    for index, made in enumerate(document.cuts):
        section = sections.of(index)
        rest = [p for p in made.pieces if regions.of(p.row) not in taken]
        body = [p for p in rest if regions.label(p.row) not in HEAD]
        parts: list[_Part] = []
        if not body and rest:
            parts.append(_Part(tuple(rest), made.kind, section, hidden=True))
        elif len(rest) == len(made.pieces) and len(body) == len(rest):
            parts.append(_whole(made, section, regions))
        elif _words(body) >= _LEAST_PIECE:
            parts.append(_whole(made._replace(pieces=tuple(body)), section, regions))
        for region, pieces in units[index]:
            hidden = region.label == "picture" and _says_nothing(pieces)
            parts.extend(
                _Part(tuple(group), _KINDS[region.label], section, hidden)
                for group in _grouped(pieces)
            )
        yield made, parts


def _owners(cuts: Sequence[Cut], regions: Regions) -> dict[Region, dict[int, list[Piece]]]:
    """The tables, captions, footnotes and figures, and which pieces of which cuts lie in each."""
    owners: defaultdict[Region, defaultdict[int, list[Piece]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for index, made in enumerate(cuts):
        for piece in made.pieces:
            region = regions.of(piece.row)
            if region is not None and region.label in APART:
                owners[region][index].append(piece)
    return {region: dict(by_cut) for region, by_cut in owners.items()}


def _whole(made: Cut, section: tuple[str, ...], regions: Regions) -> _Part:
    """A cut that stays together, with the kind that most of its words have."""
    counts: Counter[str] = Counter()
    for piece in made.pieces:
        counts[regions.label(piece.row)] += len(piece.text.split()) or 1
    main, words = counts.most_common(1)[0]
    share = words / counts.total()
    kind, hidden = made.kind, made.pieces[0].row.hidden
    if main in _KINDS and share > 0.5:
        kind = _KINDS[main] if main != "picture" or kind is PassageKind.TEXT else kind
        hidden = hidden or (main == "picture" and _says_nothing(made.pieces))
    elif kind is PassageKind.TEXT and share > 0.6:
        kind = {"formula": PassageKind.FORMULA, "list-item": PassageKind.LIST}.get(main, kind)
    return _Part(made.pieces, kind, section, hidden)


def _says_nothing(pieces: Sequence[Piece]) -> bool:
    """Whether a figure's labels are ticks and single letters rather than words."""
    words = "".join(piece.text for piece in pieces).split()
    spelled = sum(sum(map(str.isalpha, word)) > 2 for word in words)
    return spelled < 3 or spelled * 4 < len(words)


def _grouped(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """A unit's pieces in passages of at most about `MOST` words, cut between rows."""
    group: list[Piece] = []
    for piece in pieces:
        if group and _words(group) + len(piece.text.split()) > MOST:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _words(pieces: Iterable[Piece]) -> int:
    return len("".join(piece.text for piece in pieces).split())


class _Sections:
    """Section paths by the type, corrected by the layout.

    Headings that the layout takes for words of a figure or table open no section; headings that
    only the layout saw do, below the section they stand in.
    """

    def __init__(self, document: Document, regions: Regions) -> None:
        self._regions = regions
        self._paths: list[tuple[str, ...]] = []
        kept: list[Heading] = []
        counts = [0]
        for heading in document.outline.headings:
            if heading.row is None or regions.label(heading.row) not in _NOT_HEADINGS:
                kept.append(heading)
            counts.append(len(kept))
        paths = section_paths(kept)
        below: tuple[int, tuple[str, ...]] = (-1, ())
        for made in document.cuts:
            path = paths[counts[made.headings]]
            if below[0] != made.headings:
                below = (made.headings, path)
            found = self._heading_in(made)
            if found:
                level = numbering(found) or len(path) + 1
                below = (made.headings, (*path[: level - 1], found))
            self._paths.append(below[1] if made.kind is not PassageKind.ABSTRACT else path)

    def of(self, index: int) -> tuple[str, ...]:
        return self._paths[index]

    def _heading_in(self, made: Cut) -> str | None:
        """A heading in the first half of a cut that the layout alone saw."""
        for piece in made.pieces[: max(1, len(made.pieces) // 2)]:
            text = piece.row.text
            if (
                self._regions.label(piece.row) in HEADING
                and 1 <= len(text.split()) <= 16
                and text[0].isupper() | text[0].isdigit()
                and not text.endswith((".", ","))
                and sum(character.isalpha() for character in text) * 2 > len(text)
            ):
                return text
        return None


def _revised(passage: Passage, part: _Part) -> Passage:
    if (part.kind, part.section, part.hidden) == (passage.kind, passage.section, passage.hidden):
        return passage
    return passage.model_copy(
        update={"kind": part.kind, "section": part.section, "hidden": part.hidden}
    )


def _new(passage: Passage, place: int, part: _Part) -> Passage:
    """A piece of `passage`, right after it in reading order."""
    ordinal = passage.ordinal + place
    return Passage(
        id=passage_id(passage.paper, passage.generation, ordinal),
        paper=passage.paper,
        generation=passage.generation,
        ordinal=ordinal,
        page=part.pieces[0].row.page,
        kind=part.kind,
        section=part.section,
        text=text_of(part.pieces),
        boxes=boxes(part.pieces),
        hidden=part.hidden,
    )


def _references(document: Document, regions: Regions) -> tuple[Reference, ...] | None:
    """The bibliography without the running heads that the layout found in it."""
    rows = document.outline.references
    kept = [row for row in rows if regions.label(row) not in HEAD]
    if len(kept) == len(rows):
        return None
    return tuple(entries(kept, document.vocabulary))
