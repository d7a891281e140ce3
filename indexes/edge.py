"""The embedded index: a Qdrant Edge shard in the library's folder, and the BM25 encoder.

The one module that imports qdrant_edge. A shard has one owner (indexes.ownership); here calls come
from several threads of that owner.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexes.engine import (
    BM25_VECTOR,
    DENSE_VECTOR,
    PAYLOAD_KEYS,
    Candidate,
    Candidates,
    Point,
    Sparse,
    Vector,
    missing_from,
)
from indexes.errors import IndexMismatchError, LibraryBusyError, PaperdeskError, StorageError
from indexes.passages import PassageKind

if TYPE_CHECKING:
    import qdrant_edge as edge

_BATCH = 256  # points an update: conversion holds the GIL for about 10 ms
_POINT_BYTES = 16_384  # write-ahead log, vectors, postings and payload of one point, amply
# The engine writes through memory maps that grow in steps: a disk that fills up under one kills the
# process (SIGBUS), so writing stops well before.
_RESERVE_BYTES = 256 << 20
# Up to here scanning takes 5 ms and is exact; past it `optimize` builds the HNSW graph.
_SCANNED_POINTS = 25_000
_DAMAGED = "rebuild it from the library: paperdesk reindex"


class Bm25Encoder:
    """Text to BM25 weights: English stop words and stems, accents folded, no download.

    The engine multiplies the inverse document frequency in when it is asked.
    """

    identity = "bm25-en:1"

    def __init__(self) -> None:
        import qdrant_edge as edge

        self._bm25 = edge.Bm25(edge.Bm25Config(avg_len=AVERAGE_TERMS, ascii_folding=True))

    def document(self, text: str) -> Sparse:
        return _sparse(self._bm25.embed_document(text))

    def query(self, text: str) -> Sparse:
        """Every distinct term of a question with weight 1; empty where it has only stop words."""
        return _sparse(self._bm25.embed_query(text))


AVERAGE_TERMS = 64  # terms in a passage of 90 words once stop words are gone


class EdgeIndex:
    """A `PassageIndex` on one Edge shard. `dimension` None makes it BM25-only."""

    def __init__(self, path: Path, dimension: int | None) -> None:
        """Open the shard in `path`, making it where there is none.

        Raises IndexMismatchError where it holds vectors of another dimension, StorageError where it
        is damaged or cannot be written.
        """
        self._path = path
        self._dimension = dimension
        # One lock for all calls: the engine holds the GIL through each, so nothing is lost.
        self._lock = threading.RLock()
        self._shard = self._open()

    def upsert(self, points: Sequence[Point]) -> None:
        import qdrant_edge as edge

        for start in range(0, len(points), _BATCH):
            batch = points[start : start + _BATCH]
            with self._lock, self._errors("written"):
                self._require_space(len(batch) * _POINT_BYTES)
                self._shard.update(
                    edge.UpdateOperation.upsert_points([self._point(p) for p in batch])
                )

    def delete(self, ids: Sequence[str]) -> None:
        import qdrant_edge as edge

        if ids:
            with self._lock, self._errors("written"):
                self._shard.update(edge.UpdateOperation.delete_points(list(ids)))

    def delete_paper(self, paper: str, *, keep_generation: str | None = None) -> None:
        import qdrant_edge as edge

        kept: list[edge.ConditionType] = (
            [] if keep_generation is None else [_any("generation", [keep_generation])]
        )
        doomed = edge.Filter(must=[_any("paper", [paper])], must_not=kept)
        with self._lock, self._errors("written"):
            self._shard.update(edge.UpdateOperation.delete_points_by_filter(doomed))

    def retain(self, paper: str, generation: str, ids: Collection[str]) -> None:
        import qdrant_edge as edge

        doomed = edge.Filter(
            must=[_any("paper", [paper]), _any("generation", [generation])],
            must_not=[edge.HasIdCondition(set(ids))],
        )
        with self._lock, self._errors("written"):
            self._shard.update(edge.UpdateOperation.delete_points_by_filter(doomed))

    def relabel(self, ids: Sequence[str], kind: PassageKind) -> None:
        import qdrant_edge as edge

        if ids:
            chosen = edge.Filter(must=[edge.HasIdCondition(set(ids))])
            with self._lock, self._errors("written"):
                self._require_space(len(ids) * _POINT_BYTES)
                self._shard.update(
                    edge.UpdateOperation.set_payload_by_filter(chosen, {"kind": kind.value})
                )

    def reweigh(self, vectors: Mapping[str, Sparse]) -> None:
        import qdrant_edge as edge

        if vectors:
            points = [
                edge.PointVectors(
                    i, {BM25_VECTOR: edge.SparseVector(list(v.indices), list(v.values))}
                )
                for i, v in vectors.items()
            ]
            with self._lock, self._errors("written"):
                self._require_space(len(points) * _POINT_BYTES)
                self._shard.update(edge.UpdateOperation.update_vectors(points))

    def query(
        self,
        dense: Vector | None,
        sparse: Sparse,
        *,
        limit: int,
        papers: Collection[str] | None = None,
        kinds: Collection[PassageKind] | None = None,
    ) -> Candidates:
        import qdrant_edge as edge

        scope: list[edge.ConditionType] = [
            _any(key, [str(value) for value in values])
            for key, values in (("paper", papers), ("kind", kinds))
            if values is not None
        ]
        vectors: dict[str, edge.NamedVector] = {}
        if dense is not None and self._dimension is not None:
            vectors[DENSE_VECTOR] = dense.tolist()
        if sparse.indices:
            vectors[BM25_VECTOR] = edge.SparseVector(list(sparse.indices), list(sparse.values))
        found = self._search({name: (vector, scope, limit) for name, vector in vectors.items()})
        rest = self._search(
            {
                name: (vectors[name], [edge.HasIdCondition(set(ids))], len(ids))
                for name, ids in missing_from(found).items()
            }
        )
        return Candidates(
            dense=(*found.get(DENSE_VECTOR, ()), *rest.get(DENSE_VECTOR, ())),
            bm25=(*found.get(BM25_VECTOR, ()), *rest.get(BM25_VECTOR, ())),
        )

    def count(self, paper: str | None = None, generation: str | None = None) -> int:
        import qdrant_edge as edge

        scope: list[edge.ConditionType] = [
            _any(key, [value])
            for key, value in (("paper", paper), ("generation", generation))
            if value is not None
        ]
        with self._lock, self._errors("read"):
            return self._shard.count(
                edge.CountRequest(filter=edge.Filter(must=scope) if scope else None)
            )

    def flush(self) -> None:
        with self._lock, self._errors("written"):
            self._shard.flush()

    def optimize(self) -> None:
        """Build the HNSW graph of a large index; others wait meanwhile.

        In a process of its own: the engine would hold the GIL, and with it the screen, for as long
        as it takes.
        """
        with self._lock, self._errors("written"):
            count = self.count()
            if count <= _SCANNED_POINTS:
                return
            self._require_space(count * _POINT_BYTES)  # segments are rewritten, then swapped
            self._shard.close()
            try:
                child = multiprocessing.get_context("spawn").Process(
                    target=_optimize, args=(str(self._path),), daemon=True
                )
                child.start()
                child.join()
            finally:
                self._shard = self._open()

    def clear(self) -> None:
        with self._lock:
            self._shard.close()
            remove_shard(self._path)
            self._shard = self._open()

    def close(self) -> None:
        with self._lock, self._errors("closed"):
            self._shard.close()

    def _open(self) -> edge.EdgeShard:
        import qdrant_edge as edge

        config = edge.EdgeConfig(
            vectors=None
            if self._dimension is None
            else {DENSE_VECTOR: edge.EdgeVectorParams(self._dimension, edge.Distance.Cosine)},
            sparse_vectors={BM25_VECTOR: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
            optimizers=edge.EdgeOptimizersConfig(indexing_threshold=self._threshold_kb()),
        )
        with self._errors("opened"):
            if self._path.is_dir() and any(self._path.iterdir()):
                return edge.EdgeShard.load(str(self._path), config)
            self._path.mkdir(parents=True, exist_ok=True)
            self._require_space(0)
            shard = edge.EdgeShard.create(str(self._path), config)
            for key in PAYLOAD_KEYS:
                shard.update(
                    edge.UpdateOperation.create_field_index(key, edge.PayloadSchemaType.Keyword)
                )
            shard.flush()
            return shard

    def _threshold_kb(self) -> int:
        return _SCANNED_POINTS * (self._dimension or 1) * 4 // 1000

    def _search(
        self,
        requests: dict[str, tuple[edge.NamedVector, list[edge.ConditionType], int]],
    ) -> dict[str, tuple[Candidate, ...]]:
        import qdrant_edge as edge

        if not requests:
            return {}
        batch = [
            edge.QueryRequest(
                limit=limit,
                query=edge.Query.Nearest(vector, using=name),
                filter=edge.Filter(must=scope) if scope else None,
                with_payload=False,
                with_vector=False,
            )
            for name, (vector, scope, limit) in requests.items()
        ]
        with self._lock, self._errors("read"):
            answers = self._shard.query_batch(edge.QueryBatchRequest(batch))
        return {
            name: tuple(Candidate(str(point.id), point.score) for point in answer)
            for name, answer in zip(requests, answers, strict=True)
        }

    def _point(self, point: Point) -> edge.Point:
        import qdrant_edge as edge

        vectors: dict[str, edge.NamedVector] = {
            BM25_VECTOR: edge.SparseVector(list(point.sparse.indices), list(point.sparse.values))
        }
        if self._dimension is not None:
            assert point.dense is not None
            vectors[DENSE_VECTOR] = np.asarray(point.dense, dtype=np.float32).tolist()
        return edge.Point(point.id, vectors, point.payload())

    def _require_space(self, needed: int) -> None:
        free = shutil.disk_usage(self._path).free
        if free < needed + _RESERVE_BYTES:
            raise StorageError(
                f"the disk that holds {self._path} has {free >> 20} MB left, and the index needs "
                f"{(needed + _RESERVE_BYTES) >> 20} MB to write safely",
                "free some space and try again",
            )

    @contextlib.contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        """The engine's errors, and the panics of its Rust code, as errors a user can act on."""
        try:
            yield
        except PaperdeskError:
            raise
        except BaseException as error:
            panic = type(error).__name__ == "PanicException"  # a BaseException of no public type
            if not (panic or isinstance(error, Exception)):
                raise
            raise self._translated(verb, error) from error

    def _translated(self, verb: str, error: BaseException) -> PaperdeskError:
        text = " ".join(str(error).split())[:200]
        if "WouldBlock" in text:
            return LibraryBusyError(
                f"the index {self._path} is open in another process",
                "wait for it, or close it; list, show and notes work meanwhile",
            )
        if "expected vector size" in text or "expected dim" in text:
            return IndexMismatchError(
                "the index holds vectors of another embedder",
                "rebuild it: paperdesk reindex",
            )
        if isinstance(error, PermissionError):
            return StorageError(
                f"the index {self._path} cannot be {verb}: its folder is not writable",
                "make it writable",
            )
        return StorageError(f"the index {self._path} cannot be {verb} ({text})", _DAMAGED)


def remove_shard(path: Path) -> None:
    """Delete a shard's files. Raises StorageError."""
    try:
        if path.exists():
            shutil.rmtree(path)
    except OSError as error:
        raise StorageError(
            f"the index {path} cannot be deleted ({error.strerror})", "make its folder writable"
        ) from error


def _optimize(path: str) -> None:
    """Runs in a child process; a failure leaves the index as it was, whole and slower."""
    import qdrant_edge as edge

    shard = edge.EdgeShard.load(path)
    shard.optimize()
    shard.flush()
    shard.close()


def _any(key: str, values: list[str]) -> edge.FieldCondition:
    import qdrant_edge as edge

    return edge.FieldCondition(key, match=edge.MatchAny(values))


def _sparse(vector: edge.SparseVector) -> Sparse:
    return Sparse(tuple(vector.indices), tuple(vector.values))
