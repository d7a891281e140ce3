"""Polite HTTP to arXiv or a mirror: the only way Paperdesk asks it anything.

One connection at a time and a pause between any two requests, across all processes of a library
(`request_gate`); at most three tries under one deadline; `Retry-After` honoured; every hop of a
redirect checked (`addresses`); bodies streamed, with a limit on their size.

A proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used, since some networks have no other
way out; never for a mirror on this machine, which no proxy could reach.
"""

from __future__ import annotations

import email.utils
import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from indexes.cleaning import clean_line
from indexes.errors import ConfigurationError
from ingest.addresses import Addresses
from ingest.config import ArxivSettings
from ingest.request_gate import RequestGate, Turn
from ingest.stopping import breaking_off, check, wait
from ingest.transfer_errors import (
    TransferError,
    broken,
    refused,
    too_large,
    too_many_hops,
    too_slow,
)

if TYPE_CHECKING:
    import httpx

METADATA_LIMIT = 20_000_000  # bytes of a body
PDF_LIMIT = 200_000_000
MOST_HOPS = 5

OnBytes = Callable[[int, int | None], None]  # received, expected where the server says


@dataclass(frozen=True)
class Patience:
    """How long to go on asking. Seconds, except `tries`."""

    tries: int = 3
    connect_s: float = 10.0
    silence_s: float = 30.0  # without a byte
    total_s: float = 300.0  # all tries of one address, from the first turn at the gate
    pause_s: float = 5.0  # before the second try; doubles; a Retry-After takes its place
    queue_s: float = 600.0  # behind other processes


@dataclass(frozen=True)
class Transfer:
    """What came: from where in the end, and whether the server vouched for the length."""

    url: str
    size: int
    content_type: str
    length_known: bool


@dataclass
class _Job:
    """One address on its way through hops and tries."""

    target: IO[bytes]
    limit: int
    on_bytes: OnBytes | None
    stop: threading.Event | None
    total_s: float
    _end: float | None = field(default=None, init=False)

    def begin(self) -> None:
        if self._end is None:
            self._end = time.monotonic() + self.total_s

    @property
    def left_s(self) -> float:
        return self.total_s if self._end is None else self._end - time.monotonic()


class ArxivClient:
    """Asks arXiv, or the mirror of the settings. Blocks: call it from a worker thread.

    `gate_file` is `Home.arxiv_gate`. `on_wait` is told the seconds of a pause that the server asked
    for. Thread-safe: threads take turns as processes do.
    """

    def __init__(
        self,
        settings: ArxivSettings,
        gate_file: Path,
        *,
        patience: Patience | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        import httpx

        self.addresses = Addresses(settings.url)
        self._patience = patience or Patience()
        self._gate = RequestGate(
            gate_file, settings.interval_s, queue_s=self._patience.queue_s, announce=on_wait
        )
        try:
            self._http = httpx.Client(
                follow_redirects=False,
                trust_env=not self.addresses.loopback,
                headers={"User-Agent": user_agent(settings.contact), "Accept": "*/*"},
                # An idle connection kept here would be a second one beside another process's.
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        except (ImportError, OSError, ValueError) as error:
            raise ConfigurationError(
                f"the proxy or certificates that the environment names cannot be used ({error})",
                "correct or unset HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE",
            ) from error

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, path: str, *, stop: threading.Event | None = None) -> bytes:
        """The body of `path` (with its query) under the base address, up to 20 MB.

        Raises IngestError (see `download`), StoppedError.
        """
        target = io.BytesIO()
        self.download(path, target, limit=METADATA_LIMIT, stop=stop)
        return target.getvalue()

    def download(
        self,
        path: str,
        target: IO[bytes],
        *,
        limit: int = PDF_LIMIT,
        on_bytes: OnBytes | None = None,
        stop: threading.Event | None = None,
    ) -> Transfer:
        """Stream the body of `path` into `target` (seekable; emptied before each try).

        Raises IngestError: `not_found`, `refused` and `too_large` for good; `rate_limited`,
        `timeout` and `offline` for the next sync. Raises StoppedError once `stop` is set, and lets
        through the OSError of a `target` that can't be written.
        """
        job = _Job(target, limit, on_bytes, stop, self._patience.total_s)
        pause = self._patience.pause_s
        for final in [False] * (self._patience.tries - 1) + [True]:
            target.seek(0)
            target.truncate()
            try:
                return self._follow(self.addresses.url(path), job, pause)
            except TransferError as error:
                if final or not error.again or job.left_s < pause:
                    raise
                if error.code != "rate_limited":  # for those the gate makes everyone wait
                    wait(pause, stop)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _follow(self, url: httpx.URL, job: _Job, pause: float) -> Transfer:
        for _ in range(MOST_HOPS + 1):
            with self._gate.turn(job.left_s, job.stop) as turn:
                job.begin()
                answer = self._ask(url, job, turn, pause)
            if isinstance(answer, Transfer):
                return answer
            url = self.addresses.hop(url, answer)
        raise too_many_hops(self.addresses.name, MOST_HOPS)

    def _ask(self, url: httpx.URL, job: _Job, turn: Turn, pause: float) -> Transfer | str:
        """One request: the body in `job.target`, or the address that it redirects to."""
        import httpx

        silence = max(min(self._patience.silence_s, job.left_s), 0.001)
        timeout = httpx.Timeout(silence, connect=self._patience.connect_s)
        with breaking_off(job.stop) as trace:
            try:
                with self._http.stream(
                    "GET", url, timeout=timeout, extensions={"trace": trace}
                ) as response:
                    if response.has_redirect_location:
                        return response.headers["location"]
                    if response.status_code != httpx.codes.OK:
                        refusal = refused(self.addresses.name, response)
                        if refusal.code == "rate_limited":
                            asked = retry_after_s(response.headers.get("retry-after"))
                            turn.postpone(pause if asked is None else asked)
                        raise refusal
                    return self._receive(response, job)
            except httpx.HTTPError as error:
                check(job.stop)
                raise broken(self.addresses.name, error) from error

    def _receive(self, response: httpx.Response, job: _Job) -> Transfer:
        announced = response.headers.get("content-length", "")
        encoded = "content-encoding" in response.headers
        expected = int(announced) if announced.isdecimal() and not encoded else None
        received = 0
        if expected is not None and expected > job.limit:
            raise too_large(self.addresses.name, job.limit)
        for chunk in response.iter_bytes():
            check(job.stop)
            received += len(chunk)
            if received > job.limit:
                raise too_large(self.addresses.name, job.limit)
            if job.left_s < 0:
                raise too_slow(self.addresses.name)
            job.target.write(chunk)
            if job.on_bytes is not None:
                job.on_bytes(received, expected)
        check(job.stop)
        return Transfer(
            url=str(response.url),
            size=received,
            content_type=response.headers.get("content-type", ""),
            length_known=bool(announced) or "transfer-encoding" in response.headers,
        )


def retry_after_s(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date), None without one."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def user_agent(contact: str | None) -> str:
    """`paperdesk/<version> (mailto:contact)`: arXiv writes there before it blocks a program."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        name = f"paperdesk/{version('paperdesk')}"
    except PackageNotFoundError:
        name = "paperdesk"
    address = clean_line(contact or "").encode("ascii", "ignore").decode()
    return f"{name} (mailto:{address})" if address else name
