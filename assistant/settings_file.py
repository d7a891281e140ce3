"""The settings file on disk: TOML, replaced in one step, readable by its owner alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indexes.errors import ConfigurationError, StorageError


def read_toml(path: Path) -> dict[str, Any]:
    """The file's content, empty where there is none. Raises ConfigurationError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ConfigurationError(
            f"the settings file {path} cannot be read ({error.strerror})", "make it readable"
        ) from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise ConfigurationError(
            f"the settings file {path} is not valid TOML ({error})", "mend it or move it away"
        ) from error


def write_toml(path: Path, content: Mapping[str, Any]) -> None:
    """Replace the file, never leaving half of it behind. Raises StorageError."""
    import tomli_w

    temporary: Path | None = None
    try:
        # A temporary file is made with mode 0600, which the settings file keeps: it may hold keys.
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            tomli_w.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise StorageError(
            f"the settings file {path} cannot be written ({error.strerror})",
            "make its folder writable and check that the disk has space",
        ) from error
