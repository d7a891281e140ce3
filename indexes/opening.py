"""Opening the index a library is searched with, and refusing one that was made differently."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError

from indexes.config import IndexSettings
from indexes.edge import Bm25Encoder, EdgeIndex, remove_shard
from indexes.embedding import Embedder, bundled_problem
from indexes.engine import PassageIndex
from indexes.errors import ConfigurationError, IndexMismatchError
from indexes.library import Library
from indexes.papers import Frozen

_SETTING = "index"
_SCHEMA = 1  # of the points: vectors' names, payload keys, what text BM25 sees
_REMEDY = "rebuild it from the library: paperdesk reindex"


class IndexIdentity(Frozen):
    """What an index was made with; two that differ can't share points."""

    points: int
    backend: str
    embedder: str | None
    dimension: int | None
    terms: str
    state: Literal["whole", "unfinished"] = "whole"


def open_index(
    library: Library, settings: IndexSettings, embedder: Embedder | None
) -> PassageIndex:
    """The index of the settings, made where the library holds nothing to search yet.

    The caller owns the library (indexes.ownership). Raises IndexMismatchError where the library
    holds indexed papers and the index was made otherwise, was not finished, or is gone;
    StorageError, LibraryBusyError where it can't be opened. An index with vectors may be opened
    without an embedder: its words can still be searched (but see `require_embedder`).
    """
    if not library.passages.any_live():
        return _fresh_or_same(library, settings, embedder, _identity(settings, embedder))
    mismatch = find_mismatch(library, settings, embedder)
    if mismatch is not None:
        raise IndexMismatchError(mismatch, _REMEDY)
    held = _held(library)
    index = _backend(library, settings, None if held is None else held.dimension)
    if index.count() == 0:
        index.close()
        raise IndexMismatchError("the index is empty though papers were indexed", _REMEDY)
    return index


def find_mismatch(
    library: Library, settings: IndexSettings, embedder: Embedder | None
) -> str | None:
    """Why the library's index can't be searched as it is, None where it can; opens nothing."""
    if not library.passages.any_live():
        return None
    held = _held(library)
    wanted = _identity(settings, embedder)
    if held is None or held.state == "unfinished":
        return "the index was not built to its end"
    if embedder is None:  # the bundled model is missing: what has vectors keeps them meanwhile
        wanted = wanted.model_copy(update={"embedder": held.embedder, "dimension": held.dimension})
    if held != wanted:
        return _difference(held, wanted)
    if settings.url is None and not library.home.index.is_dir():
        return f"the index {library.home.index} is gone"
    return None


def create_index(
    library: Library, settings: IndexSettings, embedder: Embedder | None
) -> PassageIndex:
    """An empty index in place of whatever was there, marked unfinished until `mark_whole`.

    For `reindex`. Raises StorageError, LibraryBusyError.
    """
    unfinished = _identity(settings, embedder).model_copy(update={"state": "unfinished"})
    library.set_setting(_SETTING, unfinished.model_dump_json())
    if settings.url is None:
        remove_shard(library.home.index)
        return _backend(library, settings, _dimension(embedder))
    from indexes.qdrant import QdrantIndex

    return QdrantIndex.connect(settings, _dimension(embedder), anew=True)


def mark_whole(library: Library) -> None:
    """Record that the index now holds all that the library holds."""
    held = _held(library)
    if held is not None:
        whole = held.model_copy(update={"state": "whole"})
        library.set_setting(_SETTING, whole.model_dump_json())


def _fresh_or_same(
    library: Library, settings: IndexSettings, embedder: Embedder | None, wanted: IndexIdentity
) -> PassageIndex:
    """Nothing is searched yet, so nothing is lost where the index was made otherwise."""
    index = (
        _backend(library, settings, wanted.dimension)
        if _held(library) == wanted
        else create_index(library, settings, embedder)
    )
    library.set_setting(_SETTING, wanted.model_dump_json())
    return index


def require_embedder(library: Library, embedder: Embedder | None) -> None:
    """Refuse to write points without vectors into an index that has them.

    Raises ConfigurationError.
    """
    held = _held(library)
    if embedder is None and held is not None and held.embedder is not None:
        raise ConfigurationError(
            f"the embedding model of the index ({held.embedder}) is missing",
            f"{bundled_problem() or 'install it'}; or go on by words alone: paperdesk reindex",
        )


def _backend(library: Library, settings: IndexSettings, dimension: int | None) -> PassageIndex:
    if settings.url is None:
        return EdgeIndex(library.home.index, dimension)
    from indexes.qdrant import QdrantIndex

    return QdrantIndex.connect(settings, dimension)


def _dimension(embedder: Embedder | None) -> int | None:
    return None if embedder is None else embedder.dimension


def _identity(settings: IndexSettings, embedder: Embedder | None) -> IndexIdentity:
    return IndexIdentity(
        points=_SCHEMA,
        backend="edge" if settings.url is None else f"{settings.url}/{settings.collection}",
        embedder=None if embedder is None else embedder.identity,
        dimension=_dimension(embedder),
        terms=Bm25Encoder.identity,
    )


def _held(library: Library) -> IndexIdentity | None:
    stored = library.setting(_SETTING)
    if stored is None:
        return None
    try:
        return IndexIdentity.model_validate_json(stored)
    except ValidationError:
        return None  # of another version of Paperdesk: as good as none


def _difference(held: IndexIdentity, wanted: IndexIdentity) -> str:
    if held.backend != wanted.backend:
        return f"the library was indexed in {held.backend}, the settings name {wanted.backend}"
    if held.embedder != wanted.embedder:
        names = [i.embedder or "no embedder (BM25 alone)" for i in (held, wanted)]
        return f"the index was made with {names[0]}, now there is {names[1]}"
    return "the index was made by another version of Paperdesk"
