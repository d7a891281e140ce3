"""The heavy things a library is worked with, opened when first needed, each once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from assistant.settings import Settings
from indexes.folders import Home
from indexes.library import Library
from indexes.ownership import Ownership, describe_holder, is_held

if TYPE_CHECKING:
    from assistant.gate import Gate
    from indexes.embedding import Embedder
    from indexes.engine import PassageIndex
    from indexes.search import Searcher
    from ingest.parsing import PdfParser


class Workspace:
    """Opens the embedder, the index and the parser of one library. Calls are thread-safe."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self.library = Library(home)
        self._ownership = Ownership(home.lock)
        self._lock = threading.RLock()
        self._embedder: Embedder | None = None
        self._embedder_opened = False
        self._index: PassageIndex | None = None
        self._parser: PdfParser | None = None
        self._gate: Gate | None = None

    @property
    def embedder(self) -> Embedder | None:
        """The embedder of the settings; None means that only BM25 searches."""
        with self._lock:
            if not self._embedder_opened:
                from indexes.embedding import open_embedder

                self._embedder = open_embedder(self.settings.embedding)
                self._embedder_opened = True
            return self._embedder

    @property
    def gate(self) -> Gate:
        from assistant.gate import Gate

        with self._lock:
            if self._gate is None:
                self._gate = Gate(self.library)
            return self._gate

    @property
    def index(self) -> PassageIndex:
        """The index, owned by this process from now on.

        Raises LibraryBusyError, IndexMismatchError, StorageError.
        """
        return self._open_index(anew=False)

    @property
    def new_index(self) -> PassageIndex:
        """The index emptied, whatever it held: for reindex."""
        return self._open_index(anew=True)

    def _open_index(self, *, anew: bool) -> PassageIndex:
        from indexes.opening import create_index, open_index

        with self._lock:
            if self._index is not None and not anew:
                return self._index
            embedder = self.embedder
            self._ownership.acquire()
            try:
                if anew:
                    if self._index is not None:
                        self._index.close()
                        self._index = None
                    self._index = create_index(self.library, self.settings.index, embedder)
                else:
                    self._index = open_index(self.library, self.settings.index, embedder)
            except BaseException:
                self._ownership.release()
                raise
            return self._index

    @property
    def searcher(self) -> Searcher:
        from indexes.search import Searcher

        return Searcher(self.library, self.index, self.embedder)

    @property
    def parser(self) -> PdfParser:
        from ingest.parsing import PdfParser

        with self._lock:
            if self._parser is None:
                self._parser = PdfParser()
            return self._parser

    def holder(self) -> str | None:
        """Which other process holds the index, None where it is free or ours."""
        if self._ownership.held or not is_held(self.home.lock):
            return None
        return describe_holder(self.home.lock)

    def close(self) -> None:
        with self._lock:
            if self._parser is not None:
                self._parser.close()
                self._parser = None
            if self._index is not None:
                self._index.close()
                self._index = None
            self._ownership.release()
            self.library.close()
