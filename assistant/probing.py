"""What a model can do is found out once, by asking; what a machine offers, by looking.

Small models fail at tools in ways that look like answers, so the probe asks for something that only
the tool knows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel

from assistant.connection import Model, arguments_of
from assistant.structured import first_json
from assistant.turns import Capabilities, Message, ToolSpec
from indexes.errors import ModelError
from indexes.papers import Frozen

_SHELF = ToolSpec(
    name="shelf_mark",
    description="Looks up the shelf mark of a book. Nobody knows it without this tool.",
    parameters={
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
    },
)
_MARK = "QX-7319"
_TITLE = "The Blue Lighthouse"
_PROBE_TOKENS = 200
# Servers on their usual ports: Ollama, LM Studio, llama.cpp, vLLM.
_LOCAL = (("Ollama", 11434), ("LM Studio", 1234), ("llama.cpp", 8080), ("vLLM", 8000))
_LOOK_S = 0.5


class _Colour(BaseModel):
    colour: str
    letters: int


class Discovered(Frozen):
    """A server that answers on this machine, and its models."""

    name: str
    url: str
    models: tuple[str, ...]


async def probe(model: Model) -> Capabilities:
    """What `model` can do. Raises ModelError where it can't be asked at all."""
    schema = await _fills_schemas(model)
    tools = await _calls_tools(model)
    context = model.context or await _context(model.url) or model.capabilities.context
    return Capabilities(tools=tools, json_schema=schema, context=context)


async def _fills_schemas(model: Model) -> bool:
    """Whether the server holds the model to a schema; raises where it can't be reached."""
    model.capabilities = model.capabilities.model_copy(update={"json_schema": True})
    ask = [Message("user", "Name a colour and count its letters.")]
    try:
        reply = await model.reply(ask, schema=_Colour, max_tokens=_PROBE_TOKENS)
    except ModelError as error:
        model.capabilities = model.capabilities.model_copy(update={"json_schema": False})
        if "HTTP 400" in error.message or "HTTP 422" in error.message:
            return False  # the server lives, it only knows no schemas
        raise
    try:
        _Colour.model_validate(first_json(reply.text))
    except ValueError:
        return False
    return True


async def _calls_tools(model: Model) -> bool:
    """Whether the model asks the tool and then uses what it said."""
    messages = [
        Message("system", "You answer with the help of tools."),
        Message("user", f"What is the shelf mark of the book “{_TITLE}”?"),
    ]
    try:
        first = await model.reply(messages, tools=[_SHELF], max_tokens=_PROBE_TOKENS)
        if len(first.calls) != 1 or first.calls[0].name != _SHELF.name:
            return False
        arguments = arguments_of(first.calls[0])
        if arguments is None or _TITLE.lower() not in str(arguments.get("title", "")).lower():
            return False
        messages += [
            Message("assistant", first.text, calls=first.calls),
            Message("tool", json.dumps({"shelf_mark": _MARK}), answers=first.calls[0].id),
        ]
        second = await model.reply(messages, tools=[_SHELF], max_tokens=_PROBE_TOKENS)
    except ModelError:
        return False
    return _MARK in second.text


async def _context(url: str) -> int | None:
    """The context window as llama.cpp and vLLM tell it, None where the server doesn't."""
    import httpx

    root = url.removesuffix("/v1")
    async with httpx.AsyncClient(timeout=_LOOK_S, follow_redirects=False) as http:
        for address in (f"{root}/props", f"{url}/models"):
            try:
                found = _window((await http.get(address)).json())
            except (httpx.HTTPError, ValueError):
                continue
            if found is not None:
                return found
    return None


def _window(document: object) -> int | None:
    """`n_ctx` of llama.cpp's props, `max_model_len` of vLLM's model list."""
    if not isinstance(document, dict):
        return None
    settings = document.get("default_generation_settings")
    models = document.get("data")
    values = [
        settings.get("n_ctx") if isinstance(settings, dict) else None,
        *(m.get("max_model_len") for m in (models or []) if isinstance(m, dict)),
    ]
    return next((v for v in values if isinstance(v, int) and v > 0), None)


async def discover(ports: Sequence[tuple[str, int]] = _LOCAL) -> list[Discovered]:
    """The model servers of this machine. Nothing but the list of models is asked, without a key."""
    import asyncio

    found = await asyncio.gather(*(_look(name, port) for name, port in ports))
    return [server for server in found if server is not None]


async def _look(name: str, port: int) -> Discovered | None:
    import httpx

    url = f"http://127.0.0.1:{port}/v1"
    try:
        async with httpx.AsyncClient(timeout=_LOOK_S, follow_redirects=False) as http:
            listed = (await http.get(f"{url}/models")).json()
        models = tuple(str(entry["id"]) for entry in listed["data"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    return Discovered(name=name, url=url, models=models)
