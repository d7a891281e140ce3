"""JSON of a wanted shape: how it is asked for, and how it is read from what a model wrote."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The shape in the protocol's form, strict: every key required, none besides."""
    return {"name": model.__name__, "schema": _strict(model.model_json_schema()), "strict": True}


def schema_prompt(model: type[BaseModel]) -> str:
    """The same in words, for servers that know no schemas."""
    schema = json.dumps(_strict(model.model_json_schema()), ensure_ascii=False)
    return f"Answer with one JSON object and nothing else. Its JSON schema:\n{schema}"


def first_json(text: str) -> dict[str, Any] | None:
    """The first complete JSON object in `text`, None where there is none."""
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            found, _ = decoder.raw_decode(text, start)
        except ValueError:
            start = text.find("{", start + 1)
            continue
        except RecursionError:  # nested by thousands: nothing that was asked for
            return None
        return found if isinstance(found, dict) else None
    return None


class ItemReader:
    """Reads the complete objects of one array out of JSON that is still being written."""

    def __init__(self, key: str) -> None:
        self._key = f'"{key}"'
        self._text = ""
        self._at: int | None = None
        self._decoder = json.JSONDecoder()

    def feed(self, piece: str) -> list[dict[str, Any]]:
        """The objects that `piece` completes, in order."""
        self._text += piece
        if self._at is None:
            key = self._text.find(self._key)
            opening = self._text.find("[", key) if key >= 0 else -1
            if opening < 0:
                return []
            self._at = opening + 1
        found: list[dict[str, Any]] = []
        while True:
            start = self._at
            while start < len(self._text) and self._text[start] in " \t\r\n,":
                start += 1
            if start >= len(self._text) or self._text[start] != "{":
                return found
            try:
                item, self._at = self._decoder.raw_decode(self._text, start)
            except (ValueError, RecursionError):
                return found
            found.append(item)


def _strict(schema: Any) -> Any:
    """Without titles and defaults, with every object closed and all its keys required."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {
        key: {name: _strict(value) for name, value in value.items()}
        if key in ("properties", "$defs")
        else _strict(value)
        for key, value in schema.items()
        if key not in ("title", "default")
    }
    if out.get("type") == "object":
        out["additionalProperties"] = False
        out["required"] = list(out.get("properties", {}))
    return out
