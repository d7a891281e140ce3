"""Writing passages to the index: encoding, embedding, and the check that all arrived."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from indexes.edge import Bm25Encoder
from indexes.embedding import Embedder
from indexes.engine import PassageIndex, Point, Sparse
from indexes.errors import StorageError
from indexes.library import Library
from indexes.opening import mark_whole, require_embedder
from indexes.papers import Paper, PaperState
from indexes.passages import Passage, passage_id

# Passages between two looks at the outside (progress, stop): about 0.2 s of embedding.
_BATCH = 16

Progress = Callable[[int, int], None]


def generation(embedder: Embedder | None, chunker: str, sha256: str | None) -> str:
    """Names the passages of one file, as `chunker` cuts and `embedder` embeds them.

    With the file in the name another version of a paper is written beside the one that is searched.
    """
    name = f"{chunker}|{'bm25' if embedder is None else embedder.identity}"
    return name if sha256 is None else f"{name}|{sha256[:12]}"


def chunker_of(name: str) -> str:
    """The chunker in a generation's name."""
    return name.partition("|")[0]


class IndexWriter:
    """Brings papers' passages into the index. One writer at a time per paper."""

    def __init__(self, library: Library, index: PassageIndex, embedder: Embedder | None) -> None:
        """Raises ConfigurationError where the index has vectors and there is no embedder."""
        require_embedder(library, embedder)
        self._library = library
        self._index = index
        self._embedder = embedder
        self._terms = Bm25Encoder()

    def generation(self, chunker: str, sha256: str | None) -> str:
        """The generation that `write` makes of the file's passages, cut by `chunker`."""
        return generation(self._embedder, chunker, sha256)

    def write(
        self, paper: Paper, passages: Sequence[Passage], on_progress: Progress | None = None
    ) -> None:
        """Write one generation of a paper, make it durable and check that it is complete.

        Other generations stay. Hidden passages are left out: they are never searched. Calls
        `on_progress(done, total)` after each batch; what it raises ends the writing, which may then
        be begun again. Raises StorageError, ModelError.
        """
        searched = [passage for passage in passages if not passage.hidden]
        self._upsert(paper, searched, on_progress)
        if passages:
            self._verify(paper, passages[0].generation, {p.id for p in searched})

    def revise(
        self,
        paper: Paper,
        changed: Sequence[Passage],
        removed: Collection[str],
        added: Sequence[Passage],
    ) -> None:
        """Bring the index to what the library is about to hold: call it before the library changes.

        Vectors of passages whose text stays are kept; only what reads differently is embedded.
        Raises StorageError, ModelError.
        """
        held = {p.id: p for p in self._library.passages.of(paper.key)}
        visible = {i for i, passage in held.items() if not passage.hidden}
        shown = [p for p in changed if not p.hidden]
        relabelled = [p for p in shown if p.id in visible and p.text == held[p.id].text]
        kept = {p.id for p in relabelled}
        rewritten = [p for p in shown if p.id not in kept] + [p for p in added if not p.hidden]

        for kind in sorted({p.kind for p in relabelled if p.kind is not held[p.id].kind}):
            self._index.relabel([p.id for p in relabelled if p.kind is kind], kind)
        self._index.reweigh(
            {p.id: self._encode(paper, p) for p in relabelled if p.section != held[p.id].section}
        )
        self._upsert(paper, rewritten, None)
        gone = {*removed, *(p.id for p in changed if p.hidden)}
        self._index.delete(sorted(gone))
        name = next((p.generation for p in (*held.values(), *changed, *added)), None)
        if name is not None:
            self._verify(paper, name, (visible | kept | {p.id for p in rewritten}) - gone)

    def drop_generations(self, paper: str, *, keep: str | None) -> None:
        """Delete the paper's generations (by its key) but for one; None keeps none."""
        self._index.delete_paper(paper, keep_generation=keep)
        self._index.flush()

    def _upsert(
        self, paper: Paper, passages: Sequence[Passage], on_progress: Progress | None
    ) -> None:
        for start in range(0, len(passages), _BATCH):
            batch = passages[start : start + _BATCH]
            # Vectors take the passage's text alone: the prefix that helps BM25 blurs them.
            vectors = (
                [None] * len(batch)
                if self._embedder is None
                else list(self._embedder.embed([p.text for p in batch]))
            )
            self._index.upsert(
                [
                    Point(p.id, p.paper, p.generation, p.kind, vector, self._encode(paper, p))
                    for p, vector in zip(batch, vectors, strict=True)
                ]
            )
            if on_progress is not None:
                on_progress(start + len(batch), len(passages))

    def _encode(self, paper: Paper, passage: Passage) -> Sparse:
        return self._terms.document(" ".join([paper.title or "", *passage.section, passage.text]))

    def _verify(self, paper: Paper, name: str, expected: Collection[str]) -> None:
        """Flush, drop what an interrupted attempt left over, and count. Raises StorageError."""
        if self._index.count(paper.key, name) > len(expected):
            self._index.retain(paper.key, name, expected)
        self._index.flush()
        count = self._index.count(paper.key, name)
        if count != len(expected):
            raise StorageError(
                f"the index took {count} of {len(expected)} passages of {paper.ref}",
                "rebuild it from the library: paperdesk reindex",
            )


def rebuild(
    library: Library,
    index: PassageIndex,
    embedder: Embedder | None,
    on_progress: Progress | None = None,
) -> None:
    """Fill an empty index (see `opening.create_index`) from the library: no file is read again.

    `on_progress(done, total)` counts passages. Where the embedder is another than before, each
    paper's passages move to the generation of that name. Cut off at any point, the index stays
    marked unfinished and is refused until it is built again.
    """
    writer = IndexWriter(library, index, embedder)
    papers = [p for p in library.papers.all(states={PaperState.INDEXED}) if p.generation]
    total = sum(paper.passages or 0 for paper in papers)
    done = 0
    for paper in papers:
        passages = library.passages.of(paper.key)
        assert paper.generation is not None
        name = writer.generation(chunker_of(paper.generation), paper.sha256)
        if name != paper.generation:
            passages = list(_moved(passages, name))
        writer.write(paper, passages, _from(done, total, on_progress))
        if name != paper.generation:
            with library.database.transaction():
                library.passages.write(paper.key, name, passages)
                library.papers.update(paper.key, generation=name)
                library.passages.drop_generations(paper.key, keep=name)
        done += len(passages)
    index.optimize()
    index.flush()
    mark_whole(library)


def _moved(passages: Iterable[Passage], name: str) -> Iterable[Passage]:
    for passage in passages:
        identity = passage_id(passage.paper, name, passage.ordinal)
        yield passage.model_copy(update={"id": identity, "generation": name})


def _from(offset: int, total: int, on_progress: Progress | None) -> Progress | None:
    if on_progress is None:
        return None
    return lambda done, _: on_progress(offset + done, total)
