"""Embedders: what turns text into vectors, and which one the settings name."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from indexes.config import EmbeddingSettings
from indexes.engine import Vector
from indexes.errors import ConfigurationError, ModelError


class Embedder(Protocol):
    """Text to vectors of unit length. Calls are safe from several threads."""

    @property
    def identity(self) -> str:
        """Names the vectors: equal identities may be compared, others may not."""

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vector:
        """Passages as rows: shape (n, dimension), float32, L2-normalised. Raises ModelError."""

    def embed_query(self, text: str) -> Vector:
        """One question: shape (dimension,). Raises ModelError."""


def open_embedder(settings: EmbeddingSettings) -> Embedder | None:
    """The embedder the settings name, the bundled one where they name none.

    None where the bundled model's file is missing or wrong: search goes on with BM25 alone, and
    `bundled_problem` says why. A named embedder that can't be opened raises ConfigurationError:
    another in its place would write other vectors than the user asked for.
    """
    if settings.model is None:
        if settings.url is not None:
            raise ConfigurationError(
                "embedding.url is set without a model",
                "name one: paperdesk config set embedding.model NAME",
            )
        from indexes.minilm import BundledModelError, open_bundled

        try:
            return open_bundled()
        except BundledModelError:
            return None
    if settings.url is not None:
        from indexes.embedding_endpoint import EndpointEmbedder

        return EndpointEmbedder(settings.url, settings.model, api_key=settings.api_key)
    return FastembedEmbedder(settings.model)


def bundled_problem() -> str | None:
    """What is wrong with the bundled model's files and what to do, in one line; None if sound."""
    from indexes.minilm import BundledModelError, check_files

    try:
        check_files()
    except BundledModelError as error:
        return f"searching by words alone, without meaning: {error}"
    return None


class FastembedEmbedder:
    """A model of the optional package fastembed, by its name there."""

    def __init__(self, model: str) -> None:
        """Load `model`; fastembed downloads it on first use. Raises ConfigurationError."""
        try:
            fastembed: Any = importlib.import_module("fastembed")
        except ImportError:
            raise ConfigurationError(
                f"embedding.model {model} needs the package fastembed, which is not installed",
                "install it beside paperdesk (pip install fastembed), set embedding.url for a "
                "server, or unset embedding.model",
            ) from None
        try:
            self._model = fastembed.TextEmbedding(model_name=model)
        except Exception as error:  # the hub's, onnxruntime's and fastembed's own kinds
            raise ConfigurationError(
                f"fastembed cannot load {model} ({str(error).splitlines()[0][:200]})",
                "check the name and the connection, or unset embedding.model",
            ) from error
        self.identity = f"fastembed:{model}"
        self.dimension = int(self.embed_query("dimension").shape[0])

    def embed(self, texts: Sequence[str]) -> Vector:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows(list(self._model.embed(list(texts))), len(texts), self.identity)

    def embed_query(self, text: str) -> Vector:
        vector: Vector = unit_rows(list(self._model.query_embed([text])), 1, self.identity)[0]
        return vector


def unit_rows(rows: ArrayLike, count: int, source: str) -> Vector:
    """`rows` as float32 of unit length. Raises ModelError where they are not `count` vectors."""
    try:
        matrix = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError):
        matrix = np.zeros((0, 0), dtype=np.float32)
    if matrix.ndim != 2 or matrix.shape[0] != count or not matrix.size:
        raise ModelError(
            f"the embedder {source} did not answer with {count} vectors of one length",
            "check embedding.model and embedding.url",
        )
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not norms.all():
        raise ModelError(
            f"the embedder {source} answered with an empty or infinite vector",
            "check embedding.model and embedding.url",
        )
    unit: Vector = matrix / norms
    return unit
