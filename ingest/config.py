"""Settings of arXiv access (table `arxiv` of the settings file)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

ARXIV_INTERVAL_S = 3.0


class ArxivSettings(BaseModel):
    """How arXiv, or a mirror of one's own, is asked.

    `url` is a base address under which `/api/query`, `/pdf/ID`, `/abs/ID` and `/html/ID` are asked;
    only this explicit setting may be http or loopback. `interval_s` is the gap between the starts
    of two requests.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    interval_s: float = Field(default=ARXIV_INTERVAL_S, ge=0)
    contact: str | None = None
