"""Model servers: what is understood, what is tried again, what is said when they fail."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import current_thread
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from support_model import MODEL, ModelServer, Turn, model_server

from assistant.connection import Model, open_model
from assistant.events import Step, TextDelta
from assistant.model_keeper import ModelKeeper
from assistant.model_settings import ModelSettings
from assistant.probing import discover, probe
from assistant.reasoning import ReasoningFilter
from assistant.retrying import RetryPolicy, retry_after
from assistant.structured import ItemReader, first_json, schema_of
from assistant.turns import Capabilities, Message, Reply, ToolSpec
from indexes.errors import ConfigurationError, ModelError
from ingest.stopping import StoppedError

QUICK = RetryPolicy(first_wait_s=0.01)
HELLO = [Message("user", "Hello?")]
KEY = "sk-very-secret"
TOOL = ToolSpec("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}})


class Colour(BaseModel):
    colour: str
    note: str | None = None


def connect(server: ModelServer, **options: Any) -> Model:
    options.setdefault("retries", QUICK)
    capabilities = Capabilities(tools=True, json_schema=True)
    return Model(server.url, MODEL, api_key=SecretStr(KEY), capabilities=capabilities, **options)


async def collect(model: Model, **options: Any) -> list[Step | TextDelta | Reply]:
    return [event async for event in model.stream(HELLO, **options)]


def ask(script: Sequence[Turn], **options: Any) -> tuple[list[Any], ModelServer]:
    with model_server(script) as server:
        return asyncio.run(collect(connect(server), **options)), server


def test_a_turn_streams_and_ends_in_a_reply() -> None:
    events, server = ask([Turn("It has eight heads.")])
    reply = events[-1]
    assert isinstance(reply, Reply)
    assert reply.text == "It has eight heads."
    assert reply.complete
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (10, 5)
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == reply.text
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_tool_calls_keep_their_arguments_as_written() -> None:
    events, server = ask([Turn(calls=[("look", '{"at": "the mo')], finish="length")], tools=[TOOL])
    reply = events[-1]
    assert reply.calls[0].arguments == '{"at": "the mo'
    assert not reply.complete
    assert server.requests[0]["tools"][0]["function"]["name"] == "look"


def test_the_schema_is_sent_strict() -> None:
    _, server = ask([Turn('{"colour": "red", "note": null}')], schema=Colour)
    sent = server.requests[0]["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["required"] == ["colour", "note"]
    assert sent["schema"]["additionalProperties"] is False


def test_parse_reads_the_reply_behind_its_reasoning() -> None:
    with model_server([Turn('<think>{"colour": 1}</think>Sure: {"colour": "red"}')]) as server:
        model = connect(server)
        reply = model.run(model.reply([Message("user", "One?")], schema=Colour))
    assert model.parse(reply, Colour).colour == "red"
    assert reply.usage.requests == 1


@pytest.mark.parametrize("turn", [Turn("half an ans", finish="length"), Turn("half", end=False)])
def test_what_breaks_off_is_incomplete(turn: Turn) -> None:
    events, _ = ask([turn])
    assert not events[-1].complete


def test_a_cut_stream_keeps_what_came() -> None:
    events, server = ask([Turn("The first half and the second half.", cut=True)])
    assert events[-1].text.startswith("The first half")
    assert not events[-1].complete
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (Turn(status=401, error=f"bad key {KEY}"), "refused the key"),
        (Turn(status=404), f"no model {MODEL}"),
        (Turn(status=400, error=f"what is {KEY}?"), "HTTP 400"),
        (Turn(html=True), "web page"),
        (Turn(""), "answered nothing"),
        (Turn("<think>it never ends"), "answered nothing"),
        (Turn("", end=False), "answered nothing"),
    ],
)
def test_a_failure_is_one_line_that_names_the_way_out(turn: Turn, words: str) -> None:
    with model_server([turn]) as server, pytest.raises(ModelError) as caught:
        asyncio.run(collect(connect(server)))
    line = str(caught.value)
    assert words in line
    assert "--no-llm" in line
    assert "\n" not in line
    assert KEY not in line
    assert KEY not in repr(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_three_tries_and_no_more(status: int) -> None:
    with model_server([Turn(status=status)]) as server, pytest.raises(ModelError) as caught:
        asyncio.run(collect(connect(server)))
    assert len(server.requests) == 3
    assert f"HTTP {status}" in str(caught.value)


def test_a_retry_is_seen_and_may_succeed() -> None:
    events, server = ask([Turn(status=429, headers={"retry-after": "0"}), Turn("Here I am.")])
    assert len(server.requests) == 2
    steps = [e for e in events if isinstance(e, Step)]
    assert steps
    assert "HTTP 429" in steps[0].detail
    assert "trying again in 1 s" in steps[0].detail
    assert events[-1].text == "Here I am."


def test_a_wait_longer_than_the_budget_is_not_waited() -> None:
    started = time.monotonic()
    with (
        model_server([Turn(status=429, headers={"retry-after": "600"})]) as server,
        pytest.raises(ModelError),
    ):
        asyncio.run(collect(connect(server)))
    assert len(server.requests) == 1
    assert time.monotonic() - started < 5


def test_retry_policy() -> None:
    policy = RetryPolicy()
    assert [policy.wait(n, 0, None) for n in (1, 2, 3)] == [2, 4, None]
    assert policy.wait(1, 0, 7.5) == 7.5
    assert policy.wait(1, 25, 7.5) is None
    assert retry_after({"retry-after": "3"}) == 3
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "inf"}) is None


def test_nobody_at_the_address() -> None:
    with model_server([Turn("x")]) as server:
        url = server.url
    model = Model(url, MODEL, retries=QUICK)
    with pytest.raises(ModelError, match="no model server answers"):
        asyncio.run(model.reply(HELLO))


def test_a_silent_server_is_given_up() -> None:
    release = threading.Event()
    with model_server([Turn("late", stall=release)]) as server:
        with pytest.raises(ModelError, match="in time"):
            asyncio.run(connect(server, patience_s=0.2).reply(HELLO))
        release.set()


def test_a_silence_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.waiting.SILENCE_S", 0.01)
    release = threading.Event()

    async def run(server: ModelServer) -> list[Step | TextDelta | Reply]:
        events = []
        async for event in connect(server).stream(HELLO):
            events.append(event)
            release.set()  # only a step can come before the server has spoken
        return events

    with model_server([Turn("late", stall=release)]) as server:
        events = asyncio.run(run(server))
    assert isinstance(events[0], Step)
    assert events[0].name == "wait"
    assert isinstance(events[-1], Reply)


def test_closing_breaks_off_what_a_thread_asks() -> None:
    release = threading.Event()
    with model_server([Turn("late", stall=release)]) as server, ThreadPoolExecutor(1) as pool:
        model = connect(server)
        asked = pool.submit(lambda: model.run(model.reply(HELLO)))
        server.asked.wait(10)
        model.close()
        with pytest.raises(StoppedError):
            asked.result(timeout=5)
        release.set()


def test_a_library_gets_to_know_its_model_once() -> None:
    async def twice(keeper: ModelKeeper) -> list[Any]:
        return [event for _ in range(2) async for event in keeper.opened()]

    with model_server(able) as server:
        keeper = ModelKeeper(ModelSettings(kind="openai", url=server.url, model=MODEL))
        models = [e for e in asyncio.run(twice(keeper)) if isinstance(e, Model)]
        models.append(keeper.model())
        asked = len(server.requests)
        keeper.close()
    assert len({id(model) for model in models}) == 1
    assert models[0].capabilities.tools
    assert asked == 3


def test_the_client_is_not_imported_where_the_screen_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    importing: list[str] = []
    monkeypatch.setattr(
        "assistant.connection.load_client", lambda: importing.append(current_thread().name)
    )

    async def once(keeper: ModelKeeper) -> None:
        async for _ in keeper.opened():
            pass

    with model_server(able) as server:
        keeper = ModelKeeper(ModelSettings(kind="openai", url=server.url, model=MODEL))
        asyncio.run(once(keeper))
        keeper.close()
    assert len(importing) == 1
    assert importing[0] != current_thread().name


def test_the_name_shown_is_of_the_model_used() -> None:
    assert ModelSettings(gguf=Path("a.gguf")).display_name is None
    assert ModelSettings(kind="local", gguf=Path("a.gguf"), model="b").display_name == "a"
    assert ModelSettings(kind="openai", url="http://x/v1", model="b").display_name == "b"


def test_a_request_is_cancelled_at_once() -> None:
    release = threading.Event()

    async def run(server: ModelServer) -> float:
        task = asyncio.create_task(connect(server).reply(HELLO))
        await asyncio.to_thread(server.asked.wait, 10)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - started

    with model_server([Turn("late", stall=release)]) as server:
        assert asyncio.run(run(server)) < 0.2
        release.set()


def able(request: dict[str, Any]) -> Turn:
    """A model that can do everything the probe asks."""
    if "response_format" in request:
        return Turn('{"colour": "red", "letters": 3}')
    if request["messages"][-1]["role"] == "tool":
        mark = json.loads(request["messages"][-1]["content"])["shelf_mark"]
        return Turn(f"It is {mark}.")
    return Turn(calls=[("shelf_mark", '{"title": "The Blue Lighthouse"}')])


def prints_its_calls(request: dict[str, Any]) -> Turn:
    """A small model: knows schemas, prints a tool call as its answer."""
    if "response_format" in request:
        return Turn('{"colour": "red", "letters": 3}')
    return Turn('{"name": "shelf_mark", "arguments": {"title": "The Blue Lighthouse"}}')


def invents(request: dict[str, Any]) -> Turn:
    """Calls the tool and then does not listen; the server refuses schemas."""
    if "response_format" in request:
        return Turn(status=400, error="response_format is not supported")
    if request["messages"][-1]["role"] == "tool":
        return Turn("It is AB-1234.")
    return Turn(calls=[("shelf_mark", '{"title": "The Blue Lighthouse"}')])


@pytest.mark.parametrize(
    ("script", "tools", "schema"),
    [(able, True, True), (prints_its_calls, False, True), (invents, False, False)],
)
def test_the_probe_finds_out_what_a_model_can_do(script: Any, tools: bool, schema: bool) -> None:
    with model_server(script) as server:
        found = asyncio.run(probe(connect(server)))
    assert (found.tools, found.json_schema) == (tools, schema)


def test_open_model_probes_what_the_settings_name() -> None:
    with model_server(able) as server:
        settings = ModelSettings(kind="openai", url=server.url, model=MODEL)
        model = open_model(settings)
    assert model is not None
    assert model.capabilities.tools
    assert open_model(ModelSettings()) is None
    assert open_model(ModelSettings(kind="none", url="http://x")) is None
    with pytest.raises(ConfigurationError, match=r"llm\.url"):
        open_model(ModelSettings(kind="openai"))
    with pytest.raises(ConfigurationError, match=r"llm\.model"):
        open_model(ModelSettings(url="http://localhost:1/v1"))


def test_discovery_lists_servers_without_a_key() -> None:
    with model_server([Turn("x")]) as server:
        found = asyncio.run(discover([("Here", server.port), ("Nobody", 1)]))
    assert [(s.name, s.models) for s in found] == [("Here", (MODEL,))]
    assert server.requests == []


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_reasoning_is_taken_out_however_it_is_cut(size: int) -> None:
    text = (
        "<think>Hm, 1 < 2</b></think>\n\nThe answer: a < b and <b> c.<reasoning>x</reasoning> End"
    )
    filtered = ReasoningFilter()
    pieces = [filtered.feed(text[i : i + size]) for i in range(0, len(text), size)]
    assert "".join(pieces) + filtered.finish() == "The answer: a < b and <b> c.End"


@pytest.mark.parametrize("text", ['{"a":' * 9000, '{"claims": [{"a": ' + "[" * 9000])
def test_json_without_end_is_none(text: str) -> None:
    assert first_json(text) is None
    assert ItemReader("claims").feed(text) == []


def test_a_model_that_does_not_stop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.connection._MOST_CHARS", 100)
    events, _ = ask([Turn("and so on " * 500)])
    assert isinstance(events[-1], Reply)
    assert not events[-1].complete
    assert len(events[-1].text) <= 100


def test_json_is_found_in_prose_and_items_as_they_come() -> None:
    assert first_json('Sure {not it} {"a": {"b": 1}} {"c": 2}') == {"a": {"b": 1}}
    assert first_json('{"a": ') is None
    reader = ItemReader("claims")
    text = '{"answerable": true, "claims": [{"text": "a]}"}, {"text": "b"}, {"text": "c'
    found = [item for char in text for item in reader.feed(char)]
    assert [item["text"] for item in found] == ["a]}", "b"]
    assert schema_of(Colour)["name"] == "Colour"
