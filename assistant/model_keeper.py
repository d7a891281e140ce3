"""The configured model of one library: opened when first needed, once, and closed with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from assistant.events import Step
from assistant.waiting import until_done

if TYPE_CHECKING:
    from assistant.connection import Model
    from assistant.model_settings import ModelSettings


class ModelKeeper:
    """Connects once, whoever asks first. Calls are safe from several threads."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._probed = False
        self._closed = False

    def model(self) -> Model | None:
        """The model, ready to be asked; for threads. `close` breaks it off.

        Raises ConfigurationError, ModelError, StoppedError.
        """
        model = self._connected()
        if model is not None and not self._probed:
            from assistant.probing import probe

            model.capabilities = model.run(probe(model))
            self._probed = True
        return model

    async def opened(self) -> AsyncGenerator[Step | Model | None, None]:
        """Steps while it takes time, then the model, None where the settings name none.

        Raises ConfigurationError, ModelError.
        """
        pending = asyncio.ensure_future(self._ready())
        async with aclosing(until_done(pending, "getting to know the model")) as waiting:
            async for step in waiting:
                yield step
        yield pending.result()

    async def _ready(self) -> Model | None:
        model = await asyncio.to_thread(self._connected)
        if model is not None and not self._probed:
            from assistant.probing import probe

            model.capabilities = await probe(model)
            self._probed = True
        return model

    def _connected(self) -> Model | None:
        with self._lock:
            if self._model is None and not self._closed:
                from assistant.connection import connect, load_client

                self._model = connect(self._settings)
                if self._model is not None:
                    load_client()
            return self._model

    def close(self) -> None:
        """Break off what threads ask the model, and stop its server where that is ours."""
        with self._lock:
            self._closed = True
            if self._model is not None:
                self._model.close()
                self._model = None
