"""An arXiv of one's own on this machine, serving a folder of PDFs.

`paperdesk demo`, tests and benchmarks ask it instead of arXiv. By hand:

    python -m ingest.replica FOLDER

prints the settings that point Paperdesk at it. It answers `/api/query`, `/pdf/ID`, `/abs/ID` and
`/html/ID` as arXiv does; see `replica_shelf` for what the folder holds and `replica_faults` for
making it fail.
"""

from __future__ import annotations

import argparse
import socket
import struct
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from ingest import replica_feed
from ingest.arxiv_ids import match_arxiv_id
from ingest.replica_faults import Answer, Fault
from ingest.replica_shelf import Shelf

_HTML = "text/html; charset=utf-8"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    path: str  # with the query
    at: float  # seconds of `time.monotonic`
    user_agent: str
    port: int  # of the client: tells connections apart
    open: int  # requests being answered at that moment, this one included


class Replica:
    """The server, between `__enter__` and `__exit__` (or `start` and `close`).

    `faults` by a part of the path: the first whose key occurs in a request's path and query turns
    its answer into another. It may be changed while the server runs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        faults: Mapping[str, Fault] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.faults = dict(faults or {})
        self.requests: list[Request] = []
        self._shelf = Shelf(folder)
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._open = 0
        self._server = _Server((host, port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="arxiv-replica", daemon=True
        )

    @property
    def url(self) -> str:
        """The base address: the value of the setting `arxiv.url`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def paths(self, part: str = "") -> list[str]:
        """The paths asked for so far that hold `part`."""
        return [request.path for request in self.requests if part in request.path]

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def arrive(self, path: str, user_agent: str, port: int) -> None:
        """Log a request."""
        with self._lock:
            self._open += 1
            self.requests.append(Request(path, time.monotonic(), user_agent, port, self._open))

    def depart(self) -> None:
        """Count a request as answered."""
        with self._lock:
            self._open -= 1

    def answer(self, target: str) -> Answer:
        """What to send for a request's path and query, faults included."""
        due = self._due(target)
        for part, fault in list(self.faults.items()):
            if part in target:
                return fault(due)
        return due

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        self._closing.wait(seconds)

    def _due(self, target: str) -> Answer:
        parts = urlsplit(target)
        path = unquote(parts.path)
        if path == "/api/query":
            return self._query(parse_qs(parts.query))
        room, _, name = path.removeprefix("/").partition("/")
        if room == "pdf" and name.endswith(".pdf"):
            return Answer(301, b"", _HTML, {"Location": path.removesuffix(".pdf")})
        asked = match_arxiv_id(name)
        paper = self._shelf.find(asked) if asked is not None else None
        if asked is None or paper is None:
            return _not_found(path)
        if room == "pdf":
            name = f"{paper.name.replace('/', '_')}.pdf"
            headers = {"Content-Disposition": f'inline; filename="{name}"'}
            return Answer(200, paper.path.read_bytes(), "application/pdf", headers)
        if room == "abs":
            title, authors = escape(paper.title), escape(", ".join(paper.authors))
            page = (
                f"<!DOCTYPE html><html><head><title>[{paper.arxiv_id}] {title}</title></head>"
                f"<body><h1>{title}</h1><p>{authors}</p>"
                f'<p><a href="/pdf/{paper.name}">View PDF</a></p></body></html>'
            )
            return Answer(200, page.encode(), _HTML)
        if room == "html" and (beside := self._shelf.page(asked)) is not None:
            return Answer(200, beside.read_bytes(), _HTML)
        return _not_found(path)

    def _query(self, parameters: Mapping[str, Sequence[str]]) -> Answer:
        query = parameters.get("search_query", [""])[0]
        id_list = parameters.get("id_list", [""])[0]
        start = int(parameters.get("start", ["0"])[0])
        most = int(parameters.get("max_results", ["10"])[0])
        if id_list:
            found = []
            for given in id_list.split(","):
                asked = match_arxiv_id(given)
                if asked is None:
                    return Answer(400, replica_feed.malformed_id(given), "application/atom+xml")
                if (paper := self._shelf.find(asked)) is not None:
                    found.append(paper)
        else:
            found = self._shelf.search(query)
        body = replica_feed.feed(
            found[start : start + most],
            query=query,
            id_list=id_list,
            start=start,
            most=most,
            total=len(found),
        )
        return Answer(200, body, "application/atom+xml; charset=utf-8")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], replica: Replica) -> None:
        self.replica = replica
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        replica = self.server.replica
        replica.arrive(self.path, self.headers.get("User-Agent", ""), self.client_address[1])
        try:
            self._send(replica, replica.answer(self.path))
        finally:
            replica.depart()

    def _send(self, replica: Replica, answer: Answer) -> None:
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length is not None:
            length = len(answer.body) if answer.length < 0 else answer.length
            self.send_header("Content-Length", str(length))
        if answer.length is None or answer.sent is not None:
            self.close_connection = True
        self.end_headers()
        self.wfile.flush()
        body = answer.body if answer.sent is None else answer.body[: answer.sent]
        for begin in range(0, len(body), answer.piece):
            if answer.pause_s:
                replica.pause(answer.pause_s)
            self.wfile.write(body[begin : begin + answer.piece])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Requests are in `Replica.requests`; stderr is for people."""


def _not_found(path: str) -> Answer:
    page = f"<!DOCTYPE html><html><body><h1>No paper {escape(path)}</h1></body></html>"
    return Answer(404, page.encode(), _HTML)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a folder until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest.replica", description="Serve a folder of PDFs as arXiv would."
    )
    parser.add_argument("folder", type=Path, help="PDFs named by id and version")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"there is no folder {given.folder}")
    try:
        papers = Shelf(given.folder).papers()
    except (KeyError, TypeError, ValueError) as error:
        parser.error(f"metadata.json is not as it should be: {error!r}")
    print(f"serving {len(papers)} PDFs of {given.folder}; Ctrl-C ends it", file=sys.stderr)
    server = Replica(given.folder, host=given.host, port=given.port)
    with server as replica, suppress(KeyboardInterrupt):
        print(f"PAPERDESK_ARXIV__URL={replica.url} PAPERDESK_ARXIV__INTERVAL_S=0", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
