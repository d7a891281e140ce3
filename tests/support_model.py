"""A scripted model server on loopback that speaks the OpenAI protocol, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "scripted"


@dataclass(frozen=True)
class Turn:
    """One answer of the server; what is not set is as a healthy server has it.

    `cut` closes the connection in mid-stream, `end` False ends the stream without a finish reason,
    `stall` is an event that the server waits for before it says anything.
    """

    text: str = ""
    calls: Sequence[tuple[str, str]] = ()  # name, arguments as written
    finish: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    html: bool = False
    cut: bool = False
    end: bool = True
    stall: threading.Event | None = None
    error: str = "scripted failure"


Script = Sequence[Turn] | Callable[[dict[str, Any]], Turn]


class ModelServer:
    """Plays a script: turns one after the other (the last one again), or a function of requests."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._lock = threading.Lock()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.asked = threading.Event()
        server = self

        class Handler(_Handler):
            owner = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def next_turn(self, request: dict[str, Any], headers: dict[str, str]) -> Turn:
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            self.asked.set()
            if callable(self._script):
                return self._script(request)
            return self._script[min(len(self.requests), len(self._script)) - 1]


@contextmanager
def model_server(script: Script) -> Iterator[ModelServer]:
    """A running server, stopped at the end."""
    server = ModelServer(script)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class _Handler(BaseHTTPRequestHandler):
    owner: ModelServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._json(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        else:
            self._json(404, {"error": {"message": "no such page"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        turn = self.owner.next_turn(body, {k.lower(): v for k, v in self.headers.items()})
        if turn.stall is not None:
            turn.stall.wait(10)
        if turn.html:
            self._send(200, "text/html", b"<html><body>Welcome</body></html>")
        elif turn.status != 200:
            self._json(turn.status, {"error": {"message": turn.error}}, turn.headers)
        else:
            self._stream(turn)

    def _stream(self, turn: Turn) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        self._chunk({"role": "assistant", "content": ""})
        for start in range(0, len(turn.text), 7):
            self._chunk({"content": turn.text[start : start + 7]})
            if turn.cut and start >= len(turn.text) // 2:
                return
        for number, (name, arguments) in enumerate(turn.calls):
            function = {"name": name, "arguments": ""}
            call = {"index": number, "id": f"c{number}", "type": "function", "function": function}
            self._chunk({"tool_calls": [call]})
            for start in range(0, len(arguments), 9):
                piece = {"index": number, "function": {"arguments": arguments[start : start + 9]}}
                self._chunk({"tool_calls": [piece]})
        if not turn.end:
            return
        self._chunk({}, turn.finish or ("tool_calls" if turn.calls else "stop"))
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        self._event(json.dumps({**_chunk_of([]), "usage": usage}))
        self._event("[DONE]")

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._event(json.dumps(_chunk_of([choice])))

    def _event(self, data: str) -> None:
        try:
            self.wfile.write(f"data: {data}\n\n".encode())
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client has gone, as it may

    def _json(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(document).encode(), headers)

    def _send(
        self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def _chunk_of(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chat-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": MODEL,
        "choices": choices,
    }
