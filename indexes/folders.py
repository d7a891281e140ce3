"""The folder that holds a library, and what lies where in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import StorageError

ENVIRONMENT = "PAPERDESK_HOME"


@dataclass(frozen=True)
class Home:
    """One library on disk: database, PDF store, index, settings."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        """`$PAPERDESK_HOME`, else the platform's data folder."""
        named = os.environ.get(ENVIRONMENT)
        if named:
            return cls(Path(named).expanduser().absolute())
        from platformdirs import user_data_path

        return cls(user_data_path("paperdesk", appauthor=False))

    @property
    def database(self) -> Path:
        return self.root / "library.db"

    @property
    def store(self) -> Path:
        """PDFs by the SHA-256 of their bytes."""
        return self.root / "pdf"

    @property
    def index(self) -> Path:
        """The embedded engine's shard: a cache that `reindex` rebuilds."""
        return self.root / "index"

    @property
    def lock(self) -> Path:
        return self.root / "owner.lock"

    @property
    def arxiv_gate(self) -> Path:
        """Holds the time of the last request to arXiv, shared by all processes."""
        return self.root / "arxiv.gate"

    @property
    def settings(self) -> Path:
        return self.root / "config.toml"

    def create(self) -> None:
        """Make the folder (0700: it holds what its owner reads).

        Raises StorageError where that can't be done.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the library folder {self.root} cannot be created ({error.strerror})",
                f"make it writable or point {ENVIRONMENT} at another folder",
            ) from error
