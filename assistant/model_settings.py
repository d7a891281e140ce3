"""Settings of the language model (table `llm` of the settings file)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

ModelKind = Literal["auto", "openai", "local", "none"]


class ModelSettings(BaseModel):
    """Which model answers.

    `auto` is what the user chose in setup, else none; `openai` any OpenAI-compatible server at
    `url`; `local` a GGUF file run in-process, the tiny bundled one where none is named; `none` the
    extractive reader. `api_key` is looked up in the keyring where it is not set. `context_window`
    is in tokens; None asks the server.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ModelKind = "auto"
    url: str | None = None
    model: str | None = None
    api_key: SecretStr | None = None
    gguf: Path | None = None
    context_window: int | None = Field(default=None, gt=0)

    @property
    def display_name(self) -> str | None:
        """What the status bar calls the model; None where none is used."""
        if self.kind == "none" or (self.kind == "auto" and self.url is None):
            return None
        if self.kind == "local":
            return self.gguf.stem if self.gguf else "bundled"
        return self.model or self.kind
