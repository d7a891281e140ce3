"""What a child process of ingest.workers does: the jobs, and the loop that serves them."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from indexes.errors import IngestError, PaperdeskError
from ingest import mupdf
from ingest.blocks import PageLayout, Rect, RenderedPdf
from ingest.chunking import chunk
from ingest.drafts import ParsedPaper
from ingest.workers import ANSWER_BYTES, HEADER, MEMORY_BYTES, Pages, Refusal

Report = Callable[[int], None]  # told how many pages the job has


def parse(report: Report, path: Path) -> ParsedPaper:
    """A PDF's pages, passages and references."""
    with mupdf.opened(path) as document:
        report(len(document))
        paper = chunk(mupdf.read_pages(document))
    if not paper.passages:
        raise mupdf.without_text()
    return paper


def layout(report: Report, path: Path, first: int, last: int) -> list[PageLayout]:
    """Pages `first` to `last` (from 1, inclusive) with the regions on them."""
    with mupdf.opened(path) as document:
        last = min(last, len(document))
        report(max(0, last - first + 1))
        return [mupdf.lay_out(document, number) for number in range(first, last + 1)]


def render_page(_: Report, path: Path, page: int, dpi: int, boxes: Sequence[Rect]) -> bytes:
    return mupdf.render_page(path, page, dpi, boxes)


def render_html(
    _: Report,
    html: str,
    css: str,
    page_size: Literal["a4", "letter"],
    margins: tuple[float, float, float, float],
) -> RenderedPdf:
    return mupdf.render_html(html, css, page_size, margins)


JOBS: dict[str, Callable[..., object]] = {
    "parse": parse,
    "layout": layout,
    "render_page": render_page,
    "render_html": render_html,
}


def serve() -> None:
    """Answer jobs from standard input until it ends. Never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):  # whatever the engine prints must not get between the answers
        os.dup2(nothing, stream)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()

    def send(content: object) -> None:
        message = pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
        if len(message) > ANSWER_BYTES:
            message = pickle.dumps(_TOO_LARGE)
        answers.write(HEADER.pack(len(message)) + message)
        answers.flush()

    mupdf.load()
    while header := requests.read(HEADER.size):
        (length,) = HEADER.unpack(header)
        (job, arguments), seconds, per_page = pickle.loads(requests.read(length))  # noqa: S301
        _allow_processor(seconds)

        def report(pages: int, per_page: float = per_page, seconds: float = seconds) -> None:
            _allow_processor(seconds + per_page * pages)
            send(Pages(pages))

        try:
            answer = JOBS[job](report, *arguments)
        except PaperdeskError as error:
            send(_refusal(error))
        except MemoryError:
            send(_TOO_LARGE)
        except Exception:  # noqa: BLE001 - any failure of a hostile file is that file's
            send(_UNREADABLE)
        else:
            send(answer)
    os._exit(0)


def _allow_processor(seconds: float) -> None:
    """Processor time from now on; going past it kills the process even inside the engine."""
    used = time.process_time()
    # Layout runs on a few threads at once, and the wall clock is the parent's.
    _limit(resource.RLIMIT_CPU, int(used + 2 * seconds) + 1)


def _limit(which: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # not every system has every limit
        resource.setrlimit(which, (value, resource.getrlimit(which)[1]))


def _end_with(parent: int) -> None:
    """End this process soon after its parent, whatever the engine is doing."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _refusal(error: PaperdeskError) -> Refusal:
    retryable = isinstance(error, IngestError) and error.retryable
    return Refusal(error.code, error.message, error.remedy, retryable)


_TOO_LARGE = Refusal("too_large", "the PDF needs too much memory", "add a part of it")
_UNREADABLE = Refusal("damaged", "the PDF is damaged and cannot be read", "add another copy of it")
