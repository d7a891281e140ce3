"""Settings: one TOML file, environment variables over it, flags over both.

`Settings()` alone is the defaults; `load_settings` reads what the user has set.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from assistant.model_settings import ModelSettings
from assistant.settings_file import read_toml, write_toml
from indexes.config import EmbeddingSettings, IndexSettings
from indexes.errors import ConfigurationError
from indexes.folders import Home
from indexes.papers import Frozen
from ingest.config import ArxivSettings

PREFIX = "PAPERDESK_"
Origin = Literal["default", "file", "environment", "flag"]
Layer = dict[str, dict[str, Any]]  # section -> field -> value


class Settings(BaseSettings):
    """All settings of a library, a section for each room that reads them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    arxiv: ArxivSettings = ArxivSettings()
    llm: ModelSettings = ModelSettings()
    index: IndexSettings = IndexSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # the others are read by load_settings, which knows the file


class Setting(Frozen):
    """One line of `config show`: a key, its value (secrets redacted) and where it came from."""

    key: str
    environment: str
    value: str | int | float | bool | None
    origin: Origin


def _sections() -> dict[str, type[BaseModel]]:
    found = {}
    for name, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type)
        assert issubclass(field.annotation, BaseModel)
        found[name] = field.annotation
    return found


def setting_keys() -> list[str]:
    """Every key, `section.field`, in the order of the documentation."""
    return [f"{s}.{f}" for s, model in _sections().items() for f in model.model_fields]


def environment_name(key: str) -> str:
    """The environment variable of a key: `llm.url` is `PAPERDESK_LLM__URL`."""
    return PREFIX + key.replace(".", "__").upper()


def load_settings(home: Home, flags: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: flag > environment > file > default.

    `flags` maps keys to values as typed. Raises ConfigurationError, one line naming the place, the
    key and, where it is unknown, the nearest one.
    """
    layers = _read_layers(home, flags or {})
    return _validate(home, layers)


def explain_settings(home: Home, flags: Mapping[str, str] | None = None) -> list[Setting]:
    """Every setting with its value and the layer that won, secrets redacted."""
    layers = _read_layers(home, flags or {})
    settings = _validate(home, layers)
    rows = []
    for key in setting_keys():
        section, field = key.split(".")
        origin = _origin(layers, section, field)
        value = getattr(getattr(settings, section), field)
        rows.append(
            Setting(key=key, environment=environment_name(key), value=_shown(value), origin=origin)
        )
    return rows


def write_setting(home: Home, key: str, value: str | None) -> None:
    """Set one key in the settings file, or with None take it out; the others stay.

    The file is replaced in one step and readable by its owner alone, since it may hold keys.
    Raises ConfigurationError where the key or the value is refused, StorageError where the file
    cannot be written.
    """
    section, field = _split(key, "the settings")
    layer = _read_file(home)
    layer.setdefault(section, {}).pop(field, None)
    if value is not None:
        layer[section][field] = value
        valid = getattr(
            getattr(_validate(home, {"flag": {section: {field: value}}}), section), field
        )
        layer[section][field] = _stored(valid)
    _validate(home, {"file": layer})
    home.create()
    write_toml(home.settings, {name: table for name, table in layer.items() if table})


def _read_layers(home: Home, flags: Mapping[str, str]) -> dict[Origin, Layer]:
    """What each place sets, the strongest first."""
    flag_layer: Layer = {}
    for key, value in flags.items():
        section, field = _split(key, "the command line")
        flag_layer.setdefault(section, {})[field] = value
    return {"flag": flag_layer, "environment": _read_environment(), "file": _read_file(home)}


def _read_file(home: Home) -> Layer:
    path = home.settings
    content = read_toml(path)
    for section, table in content.items():
        if not isinstance(table, dict):
            raise _unknown_key(section, str(path))
        for field in table:
            _split(f"{section}.{field}", str(path))
        if not table and section not in _sections():
            raise _unknown_key(section, str(path))
    return content


def _read_environment() -> Layer:
    """The layer of the environment. `PAPERDESK_HOME` and the like are not settings."""
    known = {environment_name(key): key for key in setting_keys()}
    openings = tuple(f"{PREFIX}{section.upper()}_" for section in _sections())
    for name in os.environ:
        upper = name.upper()
        looks_like_setting = upper.startswith(openings) or (
            upper.startswith(PREFIX) and "__" in upper
        )
        if looks_like_setting and upper not in known:
            near = difflib.get_close_matches(upper, known, n=1, cutoff=0.6)
            raise ConfigurationError(
                f"the environment variable {name} is not a setting",
                f"did you mean {near[0]}?" if near else "paperdesk config show lists them all",
            )
    try:
        found = EnvSettingsSource(Settings)()
    except SettingsError as error:
        raise ConfigurationError(
            f"the environment variables of the settings cannot be read ({error})",
            "set one variable for each key: paperdesk config show lists them",
        ) from error
    return {s: dict(table) for s, table in found.items() if isinstance(table, dict)}


def _split(key: str, place: str) -> tuple[str, str]:
    """A key's section and field. Raises ConfigurationError naming the nearest key."""
    if key not in setting_keys():
        raise _unknown_key(key, place)
    section, field = key.split(".")
    return section, field


def _unknown_key(key: str, place: str) -> ConfigurationError:
    near = difflib.get_close_matches(key, setting_keys(), n=1, cutoff=0.5)
    return ConfigurationError(
        f"unknown key {key!r} in {place}",
        f"did you mean {near[0]}?" if near else f"the keys are {', '.join(setting_keys())}",
    )


def _validate(home: Home, layers: Mapping[Origin, Layer]) -> Settings:
    """Settings of the layers put over one another, the strongest first."""
    merged: Layer = {}
    for layer in reversed(list(layers.values())):
        for section, table in layer.items():
            merged.setdefault(section, {}).update(table)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"][:2])
        section, _, field = key.partition(".")
        origin = _origin(layers, section, field)
        variable = environment_name(key)
        place, remedy = {
            "flag": ("on the command line", "give another value"),
            "environment": (f"in the environment ({variable})", "change or unset that variable"),
            "file": (f"in {home.settings}", f"correct it: paperdesk config set {key} VALUE"),
            "default": ("by default", "report this"),
        }[origin]
        message = first["msg"][0].lower() + first["msg"][1:]
        raise ConfigurationError(
            f"{key} {place} is wrong: {message}", remedy
        ) from None  # the ValidationError would quote the value, which may be a key


def _origin(layers: Mapping[Origin, Layer], section: str, field: str) -> Origin:
    for origin, layer in layers.items():
        if field in layer.get(section, {}):
            return origin
    return "default"


def _shown(value: object) -> str | int | float | bool | None:
    """A value fit to print: no secret, no password within an address."""
    if isinstance(value, SecretStr):
        return "(set, hidden)"
    if value is None or isinstance(value, bool | int | float):
        return value
    return re.sub(r"(?<=://)[^/@\s]+@", "(hidden)@", str(value))


def _stored(value: object) -> Any:
    """A validated value as TOML holds it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if isinstance(value, bool | int | float) else str(value)
