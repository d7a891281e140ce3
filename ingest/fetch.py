"""One paper's PDF from arXiv into the store."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from indexes.errors import IngestError
from ingest.store import PdfStore

if TYPE_CHECKING:
    from ingest.transport import ArxivClient, OnBytes

_TAIL = 2048  # bytes at the end within which a complete PDF says %%EOF


@dataclass(frozen=True)
class Stored:
    """A fetched PDF: its hash in the store, its size in bytes, where it came from in the end."""

    sha256: str
    bytes: int
    url: str


def fetch_pdf(
    client: ArxivClient,
    store: PdfStore,
    arxiv_id: str,
    version: int | None = None,
    *,
    on_progress: OnBytes | None = None,
    stop: threading.Event | None = None,
) -> Stored:
    """Fetch `arxiv_id`, the latest version unless one is given, into `store`.

    `on_progress` is told the bytes received and, where known, expected. Raises IngestError (codes
    as `ArxivClient.download`, and `empty`, `not_pdf`, `damaged` for what is no whole PDF: such an
    answer is a passing trouble of the server, so these are retryable), StorageError, StoppedError.
    Nothing is stored then.
    """
    path = f"/pdf/{arxiv_id}" + (f"v{version}" if version is not None else "")
    with store.incoming() as incoming:
        transfer = client.download(path, incoming.file, on_bytes=on_progress, stop=stop)
        if not transfer.length_known and not _ends_as_pdf(incoming.file):
            raise IngestError(
                "damaged",
                f"the PDF from {transfer.url} ends in the middle",
                "run `paperdesk sync` again",
                retryable=True,
            )
        try:
            sha256 = incoming.keep()
        except IngestError as error:
            raise IngestError(
                error.code,
                f"{transfer.url} did not give a PDF: {error.message}",
                "run `paperdesk sync` again later, or open the address in a browser",
                retryable=True,
            ) from error
    return Stored(sha256=sha256, bytes=transfer.size, url=transfer.url)


def _ends_as_pdf(file: IO[bytes]) -> bool:
    """A hint only, used where the server did not say how long the body is."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _TAIL, 0))
    return b"%%EOF" in file.read()
