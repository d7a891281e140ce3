"""The door to language models: any server that speaks the OpenAI protocol, through llama-index.

Everything of the client library stays in here. Retries have one owner (assistant.retrying), the
SDK's own are off; nothing is downloaded; a key goes to the configured address alone, and redirects
are not followed.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, SecretStr

from assistant.events import Step, TextDelta
from assistant.model_errors import (
    WITHOUT,
    NotAModelServerError,
    TransientModelError,
    explain,
)
from assistant.model_settings import ModelSettings
from assistant.reasoning import ReasoningFilter
from assistant.results import Usage
from assistant.retrying import RetryPolicy, count_down
from assistant.structured import first_json, schema_of, schema_prompt
from assistant.turns import Capabilities, Message, Reply, ToolCall, ToolSpec
from assistant.waiting import attended
from indexes.errors import ConfigurationError, ModelError
from ingest.stopping import StoppedError

if TYPE_CHECKING:
    import httpx
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

PATIENCE_S = 120.0  # without a byte: small machines read long prompts slowly
_CONNECT_S = 5.0
_MOST_CHARS = 200_000  # of one turn, reasoning included: what says more does not end by itself
_CONTEXT = 8192  # where neither the settings nor the server say


def connect(settings: ModelSettings) -> Model | None:
    """The model the settings name, nothing asked of it yet; None where they name none.

    A local model is loaded: seconds. Raises ConfigurationError where the settings are not enough,
    ModelError where the file cannot be loaded.
    """
    if settings.kind == "local":
        from assistant.local_model import LocalServer

        server = LocalServer(settings.gguf, context=settings.context_window)
        return Model(
            server.url,
            server.name,
            api_key=server.api_key,
            context=server.context,
            on_close=server.close,
        )
    if settings.kind == "none" or (settings.kind == "auto" and not settings.url):
        return None
    if not settings.url:
        raise ConfigurationError(
            "llm.kind is openai but llm.url is not set",
            "set the server's address: paperdesk config set llm.url http://localhost:11434/v1",
        )
    name = settings.model
    if not name:
        raise ConfigurationError(
            "llm.url is set but llm.model is not",
            "name a model of that server: paperdesk config set llm.model NAME",
        )
    return Model(settings.url, name, api_key=settings.api_key, context=settings.context_window)


def open_model(settings: ModelSettings) -> Model | None:
    """The model the settings name, connected and probed; None where they name none.

    Raises ConfigurationError where the settings are not enough, ModelError where the model is down.
    """
    from assistant.probing import probe

    model = connect(settings)
    if model is not None:
        try:
            model.capabilities = model.run(probe(model))
        except BaseException:
            model.close()
            raise
    return model


def load_client() -> None:
    """Import the client library, which takes seconds, where nobody is kept waiting for it."""
    import httpx  # noqa: F401
    from llama_index.llms.openai_like import OpenAILike  # noqa: F401


class Model:
    """One model on one server. Calls are independent of each other and of the event loop."""

    def __init__(
        self,
        url: str,
        name: str,
        *,
        api_key: SecretStr | None = None,
        context: int | None = None,
        capabilities: Capabilities | None = None,
        retries: RetryPolicy | None = None,
        patience_s: float = PATIENCE_S,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        """`context` is the window in tokens, None to ask the server when the model is probed.

        Nothing is sent before the first call.
        """
        self.url = url.rstrip("/")
        self.name = name
        self.capabilities = capabilities or Capabilities(context=context or _CONTEXT)
        self.context = context
        self._api_key = api_key
        self._retries = retries or RetryPolicy()
        self._patience_s = patience_s
        self._on_close = on_close
        self._lock = threading.Lock()
        self._running: set[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = set()

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """`work` to its end, for code that is not asynchronous.

        Raises what it raises, and StoppedError where `close` breaks it off.
        """

        async def breakable() -> R:
            task = asyncio.current_task()
            assert task is not None
            mine = (asyncio.get_running_loop(), task)
            with self._lock:
                self._running.add(mine)
            try:
                return await work
            finally:
                with self._lock:
                    self._running.discard(mine)

        try:
            return asyncio.run(breakable())
        except asyncio.CancelledError:
            raise StoppedError from None

    def close(self) -> None:
        """Break off what `run` runs, and stop the server where it is ours."""
        with self._lock:
            for loop, task in self._running:
                loop.call_soon_threadsafe(task.cancel)
        if self._on_close is not None:
            self._on_close()
            self._on_close = None

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        schema: type[BaseModel] | None = None,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[Step | TextDelta | Reply, None]:
        """One turn: waits and countdowns, the text as it comes, the finished reply last.

        `schema` asks for JSON of that shape, by the server's own means where it has them, by words
        where not. Raises ModelError; a stream that breaks off after its first words ends in an
        incomplete reply instead.
        """
        if schema is not None and not self.capabilities.json_schema:
            messages = [*messages, Message("user", schema_prompt(schema))]
            schema = None
        started = time.monotonic()
        tried = 0
        while True:
            tried += 1
            spoken = False
            try:
                async with (
                    aclosing(self._turn(messages, tools, schema, max_tokens)) as turn,
                    aclosing(attended(turn, f"nothing from {self.name}")) as events,
                ):
                    async for event in events:
                        spoken = spoken or isinstance(event, TextDelta)
                        yield event
            except TransientModelError as error:
                wait = self._retries.wait(tried, time.monotonic() - started, error.retry_after_s)
                if spoken or wait is None:
                    raise
                async with aclosing(count_down(wait, error.message)) as waiting:
                    async for step in waiting:
                        yield step
            else:
                return

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        schema: type[BaseModel] | None = None,
        max_tokens: int | None = None,
    ) -> Reply:
        """Like `stream`, only its end. Raises ModelError."""
        reply: Reply | None = None
        turn = self.stream(messages, tools=tools, schema=schema, max_tokens=max_tokens)
        async with aclosing(turn) as events:
            async for event in events:
                if isinstance(event, Reply):
                    reply = event
        assert reply is not None
        return reply

    def parse(self, reply: Reply, schema: type[T]) -> T:
        """The reply's JSON as `schema`. Raises ModelError where it is cut off or misshapen."""
        document = first_json(reply.text)
        if document is not None:
            try:
                return schema.model_validate(document)
            except ValueError:
                pass
        why = "in the form asked for" if reply.complete else "to its end"
        raise ModelError(
            f"the model {self.name} did not answer {why}", f"choose a larger model, {WITHOUT}"
        )

    async def _turn(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        schema: type[BaseModel] | None,
        max_tokens: int | None,
    ) -> AsyncGenerator[TextDelta | Reply, None]:
        """One try at one turn."""
        options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if max_tokens is not None:
            options["max_tokens"] = max_tokens
        if schema is not None:
            options["response_format"] = {"type": "json_schema", "json_schema": schema_of(schema)}
        if tools:
            options["tools"] = [_tool(tool) for tool in tools]
        filtered = ReasoningFilter()
        text = ""
        heard = 0
        finish: str | None = None
        usage = Usage(requests=1)
        calls: list[ToolCall] = []
        broken: Exception | None = None
        try:
            async with self._client() as http:
                llm = self._llm(http)
                chunks = await llm.astream_chat([_message(m) for m in messages], **options)
                async for chunk in chunks:
                    raw = chunk.raw
                    finish = next((c.finish_reason for c in raw.choices if c.finish_reason), finish)
                    usage = _usage(raw.usage, usage)
                    calls = _calls(chunk.message.additional_kwargs.get("tool_calls"), calls)
                    heard += len(chunk.delta or "")
                    if heard > _MOST_CHARS:
                        finish = None
                        break
                    piece = filtered.feed(chunk.delta or "")
                    if piece:
                        text += piece
                        yield TextDelta(text=piece)
        except Exception as error:  # noqa: BLE001 - the client raises what its layers raise
            broken = error
        if broken is not None and not text:
            raise self._explain(broken) from None
        rest = filtered.finish()
        if rest:
            text += rest
            yield TextDelta(text=rest)
        complete = broken is None and finish in ("stop", "tool_calls", "function_call")
        if not text.strip() and not calls:
            raise ModelError(
                f"the model {self.name} at {self.url} answered nothing",
                f"try again or choose another model, {WITHOUT}",
            )
        yield Reply(text=text, calls=tuple(calls), complete=complete, usage=usage)

    def _explain(self, error: Exception) -> ModelError:
        told = explain(error, url=self.url, model=self.name)
        key = self._api_key.get_secret_value() if self._api_key else ""
        if key and key in str(told):  # a server may echo what it was sent
            told.message = told.message.replace(key, "***")
            told.args = (told.message,)
        return told

    def _client(self) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(
            timeout=httpx.Timeout(self._patience_s, connect=_CONNECT_S),
            follow_redirects=False,
            event_hooks={"response": [_refuse_web_pages]},
        )

    def _llm(self, http: httpx.AsyncClient) -> OpenAILike:
        from llama_index.llms.openai_like import OpenAILike

        return OpenAILike(
            model=self.name,
            api_base=self.url,
            api_key=self._api_key.get_secret_value() if self._api_key else "none",
            is_chat_model=True,
            is_function_calling_model=self.capabilities.tools,
            context_window=self.capabilities.context,
            max_retries=0,
            timeout=self._patience_s,
            temperature=0.0,
            tokenizer=None,  # no guessing of max_tokens, so nothing is downloaded
            async_http_client=http,
        )


async def _refuse_web_pages(response: httpx.Response) -> None:
    kind = response.headers.get("content-type", "")
    if response.is_redirect or (response.is_success and kind.startswith("text/html")):
        raise NotAModelServerError


def _message(message: Message) -> ChatMessage:
    from llama_index.core.base.llms.types import ChatMessage

    extra: dict[str, Any] = {}
    if message.calls:
        extra["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.calls
        ]
    if message.answers is not None:
        extra["tool_call_id"] = message.answers
    return ChatMessage(role=message.role, content=message.content, additional_kwargs=extra)


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }


def _calls(raw: Any, before: list[ToolCall]) -> list[ToolCall]:
    """The calls as far as they have come; arguments stay text, complete or not."""
    if not raw:
        return before
    return [
        ToolCall(call.id or f"call_{n}", call.function.name or "", call.function.arguments or "")
        for n, call in enumerate(raw)
        if call.function is not None
    ]


def _usage(raw: Any, before: Usage) -> Usage:
    if raw is None:
        return before
    return Usage(
        prompt_tokens=raw.prompt_tokens or 0,
        completion_tokens=raw.completion_tokens or 0,
        requests=1,
    )


def arguments_of(call: ToolCall) -> dict[str, Any] | None:
    """The call's arguments, None unless they are one complete JSON object."""
    try:
        parsed = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
