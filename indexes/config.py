"""Settings of the index and the embedder (tables `index` and `embedding` of the settings file)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr


class IndexSettings(BaseModel):
    """Where passages are searched: the embedded engine unless a Qdrant URL is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    api_key: SecretStr | None = None
    collection: str = "paperdesk"


class EmbeddingSettings(BaseModel):
    """Which embedder: the bundled one unless a model is named.

    With `url`, `model` is asked for at an OpenAI-compatible `/embeddings` endpoint; without it,
    `model` is a fastembed model name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    url: str | None = None
    api_key: SecretStr | None = None
