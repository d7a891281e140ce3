"""What is said to a language model and what comes back, independent of its client library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.results import Usage
from indexes.papers import Frozen


class Capabilities(Frozen):
    """What a model can do, found out by asking it. `context` is in tokens."""

    tools: bool = False
    json_schema: bool = False
    streaming: bool = True
    context: int = 4096


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it; `arguments` is JSON text that nobody has parsed yet."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Message:
    """One turn. A `tool` message answers the call of id `answers`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()
    answers: str | None = None


@dataclass(frozen=True)
class ToolSpec:
    """A tool as it is offered; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """A finished turn; not `complete` where it was cut off (length limit, no end of stream)."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    complete: bool = True
    usage: Usage = field(default_factory=Usage)
