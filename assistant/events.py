"""What the façade says while it works: plain pydantic messages, so that they can cross a socket."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, SerializeAsAny

from assistant.results import Claim
from indexes.errors import ErrorDocument
from indexes.hits import Hit
from indexes.papers import Frozen
from ingest.progress import Progress


class EvidenceFound(Frozen):
    """The passages an answer will be made from, best first."""

    event: Literal["evidence"] = "evidence"
    hits: tuple[Hit, ...]


class Step(Frozen):
    """A step of the agent or of the fixed path: a tool call, a rewrite, a retry countdown."""

    event: Literal["step"] = "step"
    name: str
    detail: str = ""
    status: Literal["running", "done", "failed"] = "running"


class TextDelta(Frozen):
    """A piece of the answer's text as a model streams it: provisional until Done."""

    event: Literal["text"] = "text"
    text: str


class ClaimChecked(Frozen):
    """A claim has passed the gate or was struck by it."""

    event: Literal["claim"] = "claim"
    claim: Claim


class Done(Frozen):
    """The last event of a job that ended well (or in part: see `failed`). `result` is its document.

    `failed` counts items that did not come through, so that callers can choose exit code 3.
    """

    event: Literal["done"] = "done"
    result: SerializeAsAny[BaseModel]
    failed: int = 0


class Failed(Frozen):
    """The last event of a job that ended badly."""

    event: Literal["failed"] = "failed"
    error: ErrorDocument
    exit_code: int = 1


Event = Progress | EvidenceFound | Step | TextDelta | ClaimChecked | Done | Failed
