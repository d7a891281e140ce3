"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from indexes.folders import Home
from indexes.library import Library

# The default run tries the same examples everywhere; `make soak` looks for new ones.
hypothesis_settings.register_profile("default-run", derandomize=True, deadline=None)
hypothesis_settings.register_profile("soak", max_examples=2_000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default-run"))

SHARED = Path(os.environ.get("PAPERDESK_TEST_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real papers and syllabi; tests that need it are skipped where it is absent."""
    if not (SHARED / "papers").is_dir():
        pytest.skip("needs the folder of real papers beside the project (see CONTRIBUTING.md)")
    return SHARED


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "library")


@pytest.fixture
def library(home: Home):  # type: ignore[no-untyped-def]
    with Library(home) as opened:
        yield opened
