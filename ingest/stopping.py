"""Stopping a request that runs in a worker thread, even one that waits for a silent server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

_POLL_S = 0.05

Trace = Callable[[str, Mapping[str, Any]], None]


class StoppedError(Exception):
    """The caller set its stop event. Not an error of the paper: nothing is recorded for it."""


def check(stop: threading.Event | None) -> None:
    """Raise StoppedError where `stop` is set."""
    if stop is not None and stop.is_set():
        raise StoppedError


def wait(seconds: float, stop: threading.Event | None) -> None:
    """Sleep, unless `stop` is set before: then StoppedError, at once."""
    if stop is None:
        time.sleep(seconds)
    elif stop.wait(seconds):
        raise StoppedError


def _no_trace(_event: str, _info: Mapping[str, Any]) -> None:
    """The hook of a request that nobody can stop."""


@contextmanager
def breaking_off(stop: threading.Event | None) -> Iterator[Trace]:
    """Shut the connection of the request within as soon as `stop` is set.

    A blocked read cannot look at an event, so a watcher shuts the socket under it and the read ends
    with an error. Yields the hook that learns the socket: httpx's `trace` request extension.
    """
    if stop is None:
        yield _no_trace
        return
    sockets: list[socket.socket] = []
    finished = threading.Event()

    def learn(event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            sockets.append(info["return_value"].get_extra_info("socket"))

    def watch() -> None:
        while not finished.wait(_POLL_S):
            if stop.is_set():
                for connection in sockets:
                    with suppress(OSError):
                        # SSLSocket's own shutdown would drop the TLS state under the reader.
                        socket.socket.shutdown(connection, socket.SHUT_RDWR)

    watcher = threading.Thread(target=watch, name="stop-watcher", daemon=True)
    watcher.start()
    try:
        yield learn
    finally:
        finished.set()
        watcher.join()
