"""An embedder behind an OpenAI-compatible `/embeddings` endpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import SecretStr

from indexes.embedding import unit_rows
from indexes.engine import Vector
from indexes.errors import ModelError

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 60.0
_TRIES = 3
_LONGEST_WAIT_S = 10.0


class EndpointEmbedder:
    """Asks a server for vectors: at most three tries, only where trying again may help."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: SecretStr | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Nothing is asked yet. `url` is the base address, with or without `/embeddings`."""
        import httpx

        self._url = url.rstrip("/").removesuffix("/embeddings") + "/embeddings"
        self._model = model
        headers = {}
        if api_key is not None:
            headers["Authorization"] = f"Bearer {api_key.get_secret_value()}"
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT_S, transport=transport)
        # Without the address: the same model elsewhere gives the same vectors.
        self.identity = f"endpoint:{model}"

    @cached_property
    def dimension(self) -> int:
        """Found out with the first request. Raises ModelError."""
        return int(self.embed_query("dimension").shape[0])

    def embed(self, texts: Sequence[str]) -> Vector:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        answer = self._post(
            {"model": self._model, "input": list(texts), "encoding_format": "float"}
        )
        try:
            data = sorted(answer["data"], key=lambda item: item["index"])
            rows = [item["embedding"] for item in data]
        except (KeyError, TypeError):
            rows = []
        return unit_rows(rows, len(texts), self._model)

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self.embed([text])[0]
        return vector

    def _post(self, body: dict[str, Any]) -> Any:
        import httpx

        for attempt in range(1, _TRIES + 1):
            wait = float(attempt)
            try:
                response = self._client.post(self._url, json=body)
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
            except httpx.InvalidURL as error:
                raise self._failure(str(error)) from None
            else:
                if response.is_success:
                    return _decoded(response)
                reason = f"HTTP {response.status_code}"
                if response.status_code not in {408, 429} and response.status_code < 500:
                    raise self._failure(reason)
                wait = _retry_after(response, wait)
            if attempt < _TRIES:
                time.sleep(min(wait, _LONGEST_WAIT_S))
        raise self._failure(reason)

    def _failure(self, reason: str) -> ModelError:
        return ModelError(
            f"the embedding server {self._url} did not serve {self._model} ({reason[:200]})",
            "check embedding.url, embedding.model and embedding.api_key, or unset them and run "
            "paperdesk reindex",
        )


def _decoded(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _retry_after(response: httpx.Response, default: float) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return default
