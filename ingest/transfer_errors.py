"""What a failed request to arXiv means for the paper, and what to do about it.

`name` in these functions is what to call the server: arXiv, or the host of a mirror.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexes.cleaning import clean_line
from indexes.errors import IngestError

if TYPE_CHECKING:
    import httpx

_TRY_LATER = "run `paperdesk sync` again later"


class TransferError(IngestError):
    """A request that failed. `status` is None where no answer came; `again`: worth another try."""

    def __init__(
        self,
        code: str,
        message: str,
        remedy: str,
        *,
        retryable: bool,
        again: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(code, message, remedy, retryable=retryable)
        self.again = again
        self.status = status


def refused(name: str, response: httpx.Response) -> TransferError:
    """The server answered with a status other than 200."""
    status = response.status_code
    said = f"(HTTP {status} for {response.url})"
    if status in (429, 503):
        return TransferError(
            "rate_limited",
            f"{name} asks for fewer requests {said}",
            "wait some minutes, then run `paperdesk sync` again",
            retryable=True,
            again=True,
            status=status,
        )
    if status in (404, 410):
        return TransferError(
            "not_found",
            f"{name} does not have it {said}",
            "check the id and the version",
            retryable=False,
            status=status,
        )
    if status >= 500 or status == 408:
        return TransferError(
            "offline",
            f"{name} has trouble of its own {said}",
            _TRY_LATER,
            retryable=True,
            again=True,
            status=status,
        )
    return TransferError(
        "refused",
        f"{name} refuses the request {said}",
        "open the address in a browser: it may be blocked in your network for a while",
        retryable=False,
        status=status,
    )


def broken(name: str, error: httpx.HTTPError) -> TransferError:
    """No answer came, or not all of it."""
    import httpx

    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
        # Not tried again at once: who is offline should hear it now.
        return TransferError(
            "offline",
            f"{name} cannot be reached ({clean_line(str(error)) or 'no answer'})",
            "check the network, then run `paperdesk sync` again",
            retryable=True,
        )
    if isinstance(error, httpx.TimeoutException):
        return too_slow(name)
    return TransferError(
        "offline",
        f"the connection to {name} broke off ({clean_line(str(error)) or 'reset'})",
        _TRY_LATER,
        retryable=True,
        again=True,
    )


def too_slow(name: str) -> TransferError:
    """Silence, or bytes that only drip."""
    return TransferError(
        "timeout", f"{name} did not send it in time", _TRY_LATER, retryable=True, again=True
    )


def too_large(name: str, limit: int) -> TransferError:
    """More than `limit` bytes."""
    return TransferError(
        "too_large",
        f"{name} sends more than {limit // 1_000_000} MB",
        "download it yourself, then `paperdesk add FILE.pdf`",
        retryable=False,
    )


def too_many_hops(name: str, most: int) -> TransferError:
    """Redirects without an end."""
    return TransferError(
        "refused",
        f"{name} redirects more than {most} times",
        "check `arxiv.url`, or a proxy or login page in your network",
        retryable=False,
    )
