"""What can go wrong between arXiv and a client, made to happen by the replica.

A fault turns the answer that was due into the one that is sent: `Fault = Answer -> Answer`. Combine
with `first` to let later requests pass. A new trouble is one more such function.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, and how it is sent."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = -1  # Content-Length: -1 the body's own, None no such header
    sent: int | None = None  # bytes of the body after which the connection is closed
    pause_s: float = 0.0  # before each piece of the body
    piece: int = 1 << 16  # bytes
    reset: bool = False  # close without an answer


Fault = Callable[[Answer], Answer]


def status(code: int, *, retry_after: str | None = None) -> Fault:
    """Answer with an error status, such as 403, 429 or 503."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda _: Answer(code, b"<html><body>no</body></html>", "text/html", headers)


def html(text: str = "<!DOCTYPE html><html><body>Are you a robot?</body></html>") -> Fault:
    """Answer 200 with a web page, as a captcha or a login page does."""
    return lambda _: Answer(200, text.encode(), "text/html; charset=utf-8")


def redirect(location: str, code: int = 302) -> Fault:
    """Send the client elsewhere."""
    return lambda _: Answer(code, b"", "text/html", {"Location": location})


def truncated(share: float = 0.5, *, announced: bool = True) -> Fault:
    """Close after that share of the body; the length announced is the whole one, or none."""
    return lambda answer: replace(
        answer, sent=int(len(answer.body) * share), length=-1 if announced else None
    )


def slow(pause_s: float, piece: int = 64) -> Fault:
    """Send the body in pieces with a pause before each."""
    return lambda answer: replace(answer, pause_s=pause_s, piece=piece)


def reset() -> Fault:
    """Close the connection without an answer."""
    return lambda answer: replace(answer, reset=True)


def body(content: bytes) -> Fault:
    """Answer as due, with other bytes."""
    return lambda answer: replace(answer, body=content)


def first(times: int, fault: Fault) -> Fault:
    """`fault` for that many requests, then none."""
    count = itertools.count(1)
    return lambda answer: fault(answer) if next(count) <= times else answer
