"""Settings: precedence, refusals that name the place, and a file that is written safely."""

from __future__ import annotations

import stat

import pytest

from assistant.settings import (
    Settings,
    environment_name,
    explain_settings,
    load_settings,
    setting_keys,
    write_setting,
)
from indexes.errors import ConfigurationError, StorageError
from indexes.folders import Home


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("PAPERDESK_") and "__" in name:
            monkeypatch.delenv(name)


def _write(home: Home, text: str) -> None:
    home.create()
    home.settings.write_text(text, encoding="utf-8")


def test_without_anything_set_the_defaults_hold(home: Home) -> None:
    assert load_settings(home) == Settings()
    assert load_settings(home).arxiv.interval_s == 3.0
    assert not home.root.exists(), "reading settings makes no folder"


def test_flag_beats_environment_beats_file_beats_default(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(home, '[llm]\nmodel = "file"\nurl = "http://file"\n[arxiv]\ninterval_s = 1\n')
    assert load_settings(home).llm.model == "file"
    monkeypatch.setenv("PAPERDESK_LLM__MODEL", "environment")
    assert load_settings(home).llm.model == "environment"
    settings = load_settings(home, {"llm.model": "flag"})
    assert settings.llm.model == "flag"
    assert settings.llm.url == "http://file", "another field of the same section stays"
    origins = {s.key: s.origin for s in explain_settings(home, {"arxiv.interval_s": "0"})}
    assert origins["llm.model"] == "environment"
    assert origins["llm.url"] == "file"
    assert origins["arxiv.interval_s"] == "flag"
    assert origins["index.collection"] == "default"


def test_values_of_the_environment_are_converted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERDESK_ARXIV__INTERVAL_S", "0.5")
    monkeypatch.setenv("PAPERDESK_LLM__CONTEXT_WINDOW", "8192")
    monkeypatch.setenv("PAPERDESK_ARXIV__URL", "")
    settings = load_settings(home)
    assert settings.arxiv.interval_s == 0.5
    assert settings.llm.context_window == 8192
    assert settings.arxiv.url is None, "an empty variable is not set"


@pytest.mark.parametrize(
    ("text", "named", "nearest"),
    [
        ('[llm]\nmodle = "x"\n', "llm.modle", "llm.model"),
        ('[lmm]\nurl = "x"\n', "lmm.url", "llm.url"),
        ("interval_s = 3\n", "interval_s", "arxiv.interval_s"),
        ("[arxive]\n", "arxive", "arxiv."),
    ],
)
def test_an_unknown_key_in_the_file_names_file_key_and_nearest(
    home: Home, text: str, named: str, nearest: str
) -> None:
    _write(home, text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(home)
    assert str(home.settings) in str(caught.value)
    assert repr(named) in str(caught.value)
    assert nearest in caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("PAPERDESK_LLM__MODLE", "PAPERDESK_LLM__MODEL"),
        ("PAPERDESK_LLM_URL", "PAPERDESK_LLM__URL"),
        ("PAPERDESK_LMM__URL", "PAPERDESK_LLM__URL"),
    ],
)
def test_an_unknown_variable_names_the_nearest(
    home: Home, monkeypatch: pytest.MonkeyPatch, variable: str, nearest: str
) -> None:
    monkeypatch.setenv(variable, "x")
    with pytest.raises(ConfigurationError, match=variable) as caught:
        load_settings(home)
    assert nearest in caught.value.remedy


def test_variables_that_are_not_settings_are_left_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERDESK_HOME", "/somewhere")
    monkeypatch.setenv("PAPERDESK_TEST_QDRANT_URL", "http://localhost:6333")
    monkeypatch.setenv("PAPERDESK_DEBUG", "1")
    assert load_settings(home) == Settings()


@pytest.mark.parametrize(
    "text",
    ["[arxiv]\ninterval_s = -1\n", '[llm]\nkind = "gpt"\n', "[llm\n", '[llm]\nurl = "\xff'],
)
def test_a_bad_file_is_one_line(home: Home, text: str) -> None:
    home.create()
    home.settings.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError) as caught:
        load_settings(home)
    assert "\n" not in str(caught.value)
    assert str(home.settings) in str(caught.value)


def test_a_bad_value_says_where_it_stands(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERDESK_ARXIV__INTERVAL_S", "soon")
    with pytest.raises(ConfigurationError, match="PAPERDESK_ARXIV__INTERVAL_S"):
        load_settings(home)
    monkeypatch.delenv("PAPERDESK_ARXIV__INTERVAL_S")
    with pytest.raises(ConfigurationError, match="command line"):
        load_settings(home, {"arxiv.interval_s": "soon"})


def test_secrets_are_never_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERDESK_LLM__API_KEY", "sk-hush")
    monkeypatch.setenv("PAPERDESK_INDEX__URL", "http://me:hush@host:6333")
    shown = " ".join(s.model_dump_json() for s in explain_settings(home))
    assert "hush" not in shown
    assert "host:6333" in shown
    _write(home, '[llm]\napi_key = ["sk-hush"]\n')
    monkeypatch.delenv("PAPERDESK_LLM__API_KEY")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(home)
    assert "hush" not in str(caught.value)


def test_writing_keeps_the_other_keys_and_the_file_private(home: Home) -> None:
    write_setting(home, "llm.kind", "openai")
    write_setting(home, "llm.api_key", "sk-1")
    write_setting(home, "arxiv.interval_s", "0")
    settings = load_settings(home)
    assert settings.llm.kind == "openai"
    assert settings.llm.api_key is not None
    assert settings.llm.api_key.get_secret_value() == "sk-1"
    assert settings.arxiv.interval_s == 0
    assert stat.S_IMODE(home.settings.stat().st_mode) == 0o600
    assert [p.name for p in home.root.iterdir()] == [home.settings.name], "no temporary file stays"
    write_setting(home, "llm.kind", None)
    assert load_settings(home).llm.kind == "auto"
    assert load_settings(home).llm.api_key is not None


def test_a_refused_value_leaves_the_file_as_it_was(home: Home) -> None:
    write_setting(home, "llm.kind", "none")
    before = home.settings.read_bytes()
    for key, value in [("llm.kind", "gpt"), ("llm.knd", "none"), ("arxiv.interval_s", "-2")]:
        with pytest.raises(ConfigurationError):
            write_setting(home, key, value)
    assert home.settings.read_bytes() == before


def test_a_wrong_value_in_the_file_can_be_corrected(home: Home) -> None:
    _write(home, '[llm]\nkind = "gpt"\n')
    write_setting(home, "llm.kind", "none")
    assert load_settings(home).llm.kind == "none"


def test_an_unwritable_folder_is_said(home: Home) -> None:
    home.root.parent.mkdir(parents=True, exist_ok=True)
    home.root.write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        write_setting(home, "llm.kind", "none")


def test_environment_names_follow_the_contract() -> None:
    assert environment_name("arxiv.interval_s") == "PAPERDESK_ARXIV__INTERVAL_S"
    for key in ("arxiv.url", "arxiv.contact", "llm.gguf", "index.collection", "embedding.model"):
        assert key in setting_keys()
