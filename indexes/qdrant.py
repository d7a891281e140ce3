"""The same index on a Qdrant server or cluster, through qdrant-client.

The one module that imports qdrant_client. Schema and results are those of indexes.edge; one
contract test suite holds both to that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from indexes.config import IndexSettings
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
from indexes.errors import ConfigurationError, IndexMismatchError, StorageError
from indexes.passages import PassageKind

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

_BATCH = 256
_TIMEOUT_S = 30


class QdrantIndex:
    """A `PassageIndex` on one collection. `dimension` None makes it BM25-only."""

    def __init__(
        self, client: QdrantClient, collection: str, dimension: int | None, *, anew: bool = False
    ) -> None:
        """Open the collection, making it where there is none or where it is to start `anew`.

        Raises IndexMismatchError where it holds other vectors, StorageError where the server does
        not answer.
        """
        self._client = client
        self._collection = collection
        self._dimension = dimension
        with self._errors():
            exists = client.collection_exists(collection)
            if exists and not anew:
                self._check()
                return
            if exists:
                client.delete_collection(collection)
            self._create()

    @classmethod
    def connect(cls, settings: IndexSettings, dimension: int | None, *, anew: bool = False) -> Self:
        """The collection of the settings' server; `settings.url` must be set.

        Raises ConfigurationError for an address that is none, and what `__init__` raises.
        """
        from qdrant_client import QdrantClient

        key = settings.api_key.get_secret_value() if settings.api_key else None
        try:
            client = QdrantClient(
                url=settings.url, api_key=key, timeout=_TIMEOUT_S, check_compatibility=False
            )
        except ValueError as error:
            raise ConfigurationError(
                f"index.url {settings.url} is not the address of a Qdrant server ({error})",
                "set one such as http://localhost:6333, or unset it for the embedded index",
            ) from error
        return cls(client, settings.collection, dimension, anew=anew)

    def upsert(self, points: Sequence[Point]) -> None:
        with self._errors():
            for start in range(0, len(points), _BATCH):
                batch = [self._point(point) for point in points[start : start + _BATCH]]
                self._client.upsert(self._collection, batch, wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        from qdrant_client import models

        if ids:
            with self._errors():
                self._client.delete(
                    self._collection, models.PointIdsList(points=list(ids)), wait=True
                )

    def delete_paper(self, paper: str, *, keep_generation: str | None = None) -> None:
        from qdrant_client import models

        kept = None if keep_generation is None else [_any("generation", [keep_generation])]
        doomed = models.Filter(must=[_any("paper", [paper])], must_not=kept)
        with self._errors():
            self._client.delete(self._collection, models.FilterSelector(filter=doomed), wait=True)

    def retain(self, paper: str, generation: str, ids: Collection[str]) -> None:
        from qdrant_client import models

        doomed = models.Filter(
            must=[_any("paper", [paper]), _any("generation", [generation])],
            must_not=[models.HasIdCondition(has_id=list(ids))],
        )
        with self._errors():
            self._client.delete(self._collection, models.FilterSelector(filter=doomed), wait=True)

    def relabel(self, ids: Sequence[str], kind: PassageKind) -> None:
        from qdrant_client import models

        if ids:
            chosen = models.Filter(must=[models.HasIdCondition(has_id=list(ids))])
            with self._errors():
                self._client.set_payload(
                    self._collection, {"kind": kind.value}, points=chosen, wait=True
                )

    def reweigh(self, vectors: Mapping[str, Sparse]) -> None:
        from qdrant_client import models

        if vectors:
            points = [
                models.PointVectors(id=i, vector={BM25_VECTOR: _sparse(vector)})
                for i, vector in vectors.items()
            ]
            with self._errors():
                self._client.update_vectors(self._collection, points, wait=True)

    def query(
        self,
        dense: Vector | None,
        sparse: Sparse,
        *,
        limit: int,
        papers: Collection[str] | None = None,
        kinds: Collection[PassageKind] | None = None,
    ) -> Candidates:
        from qdrant_client import models

        scope: list[models.Condition] = [
            _any(key, [str(value) for value in values])
            for key, values in (("paper", papers), ("kind", kinds))
            if values is not None
        ]
        vectors: dict[str, list[float] | models.SparseVector] = {}
        if dense is not None and self._dimension is not None:
            vectors[DENSE_VECTOR] = dense.tolist()
        if sparse.indices:
            vectors[BM25_VECTOR] = _sparse(sparse)
        found = self._search({name: (vector, scope, limit) for name, vector in vectors.items()})
        rest = self._search(
            {
                name: (vectors[name], [models.HasIdCondition(has_id=list(ids))], len(ids))
                for name, ids in missing_from(found).items()
            }
        )
        return Candidates(
            dense=(*found.get(DENSE_VECTOR, ()), *rest.get(DENSE_VECTOR, ())),
            bm25=(*found.get(BM25_VECTOR, ()), *rest.get(BM25_VECTOR, ())),
        )

    def count(self, paper: str | None = None, generation: str | None = None) -> int:
        from qdrant_client import models

        scope: list[models.Condition] = [
            _any(key, [value])
            for key, value in (("paper", paper), ("generation", generation))
            if value is not None
        ]
        with self._errors():
            answer = self._client.count(
                self._collection, models.Filter(must=scope) if scope else None, exact=True
            )
        return answer.count

    def flush(self) -> None:
        """Nothing to do: every write waited for the server."""

    def optimize(self) -> None:
        """Nothing to do: the server optimizes by itself."""

    def clear(self) -> None:
        with self._errors():
            self._client.delete_collection(self._collection)
            self._create()

    def close(self) -> None:
        with self._errors():
            self._client.close()

    def _create(self) -> None:
        from qdrant_client import models

        dense = (
            {}
            if self._dimension is None
            else {
                DENSE_VECTOR: models.VectorParams(
                    size=self._dimension, distance=models.Distance.COSINE
                )
            }
        )
        self._client.create_collection(
            self._collection,
            vectors_config=dense,
            sparse_vectors_config={
                BM25_VECTOR: models.SparseVectorParams(modifier=models.Modifier.IDF)
            },
        )
        for key in PAYLOAD_KEYS:
            self._client.create_payload_index(
                self._collection, key, models.PayloadSchemaType.KEYWORD, wait=True
            )

    def _check(self) -> None:
        """The collection holds our vectors, not someone else's. Raises IndexMismatchError."""
        params = self._client.get_collection(self._collection).config.params
        dense = params.vectors.get(DENSE_VECTOR) if isinstance(params.vectors, dict) else None
        size = None if dense is None else dense.size
        if size != self._dimension or BM25_VECTOR not in (params.sparse_vectors or {}):
            raise IndexMismatchError(
                f"the Qdrant collection {self._collection} holds vectors of another embedder or "
                "another program",
                "rebuild it with paperdesk reindex (which empties it), or set index.collection to "
                "a name of its own",
            )

    def _search(
        self,
        requests: dict[str, tuple[list[float] | models.SparseVector, list[models.Condition], int]],
    ) -> dict[str, tuple[Candidate, ...]]:
        from qdrant_client import models

        if not requests:
            return {}
        batch = [
            models.QueryRequest(
                query=models.NearestQuery(nearest=vector),
                using=name,
                filter=models.Filter(must=scope) if scope else None,
                limit=limit,
                with_payload=False,
                with_vector=False,
            )
            for name, (vector, scope, limit) in requests.items()
        ]
        with self._errors():
            answers = self._client.query_batch_points(self._collection, batch)
        return {
            name: tuple(Candidate(str(point.id), point.score) for point in answer.points)
            for name, answer in zip(requests, answers, strict=True)
        }

    def _point(self, point: Point) -> models.PointStruct:
        from qdrant_client import models

        vectors: dict[str, list[float] | models.SparseVector] = {BM25_VECTOR: _sparse(point.sparse)}
        if self._dimension is not None:
            assert point.dense is not None
            vectors[DENSE_VECTOR] = point.dense.tolist()
        return models.PointStruct(id=point.id, vector=vectors, payload=point.payload())

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        from qdrant_client.http.exceptions import ApiException

        try:
            yield
        except ApiException as error:
            text = " ".join(str(error).split())[:200]
            raise StorageError(
                f"the Qdrant server failed ({text})",
                "check that it runs and index.url and index.api_key are right, or unset index.url "
                "for the embedded index",
            ) from error


def _any(key: str, values: list[str]) -> models.FieldCondition:
    from qdrant_client import models

    return models.FieldCondition(key=key, match=models.MatchAny(any=values))


def _sparse(vector: Sparse) -> models.SparseVector:
    from qdrant_client import models

    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
