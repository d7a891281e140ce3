"""Child processes that read PDFs: limits, replacement, stopping, priorities."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support_pdf import Sheet, paragraph

from indexes.errors import IngestError
from ingest import workers
from ingest.parsing import PdfParser
from ingest.stopping import StoppedError
from ingest.workers import WorkerPool


@pytest.fixture(scope="module")
def parser() -> Iterator[PdfParser]:
    with PdfParser(1) as opened:
        yield opened


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sheet = Sheet()
    for number in range(3):
        sheet.new_page().write(paragraph(number * 10, 10))
    return sheet.save(tmp_path_factory.mktemp("pdf") / "paper.pdf")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_one_child_serves_many_jobs(parser: PdfParser, paper: Path) -> None:
    first = parser.parse(paper)
    pids = parser.pids
    assert parser.parse(paper) == first
    assert [page.number for page in first.pages] == [1, 2, 3]
    layouts = parser.layout(paper, 2, 9)
    assert [layout.number for layout in layouts] == [2, 3]
    assert any(box.label == "text" for box in layouts[0].boxes)
    assert parser.pids == pids


def test_pictures_and_made_pdfs_come_from_the_child(parser: PdfParser, paper: Path) -> None:
    picture = parser.render_page(paper, 1, dpi=40, boxes=[(72, 90, 300, 120)])
    assert picture.startswith(b"\x89PNG")
    assert picture != parser.render_page(paper, 1, dpi=40)
    made = parser.render_html("<h1>Report</h1>" + "<p>word word word</p>" * 200)
    assert made.data.startswith(b"%PDF-")
    assert made.pages > 1
    with pytest.raises(IngestError) as caught:
        parser.render_page(paper, 4)
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path, paper: path.write_bytes(b"<html>not found</html>"), "not_pdf"),
        (lambda path, paper: path.write_bytes(b""), "not_pdf"),
        (lambda path, paper: path.write_bytes(b"%PDF-1.7\nnothing follows"), "damaged"),
        (lambda path, paper: Sheet().new_page().save(path), "no_text"),
        (
            lambda path, paper: _written().save(path, encryption=5, user_pw="u", owner_pw="o"),
            "password",
        ),
    ],
)
def test_files_that_cannot_be_read(
    parser: PdfParser, paper: Path, tmp_path: Path, make: Callable[..., object], code: str
) -> None:
    path = tmp_path / "bad.pdf"
    make(path, paper)
    with pytest.raises(IngestError) as caught:
        parser.parse(path)
    assert caught.value.code == code
    assert caught.value.message
    assert not caught.value.retryable


def test_a_cut_off_pdf_is_read_as_far_as_it_goes_or_refused(
    parser: PdfParser, paper: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cut.pdf"
    path.write_bytes(paper.read_bytes()[:1500])
    assert outcome(parser, path) in {"read", "damaged", "empty", "no_text"}


def test_empty_pages_are_kept_as_pages(parser: PdfParser, tmp_path: Path) -> None:
    sheet = _written().new_page()
    parsed = parser.parse(sheet.save(tmp_path / "half.pdf"))
    assert [page.text.strip() == "" for page in parsed.pages] == [False, True]


def test_a_child_that_dies_is_replaced(paper: Path) -> None:
    with PdfParser(1) as parser:
        parser.parse(paper)
        (pid,) = parser.pids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(IngestError) as caught:
            parser.parse(paper)
        assert caught.value.code == "damaged"
        assert parser.parse(paper).passages
        assert parser.pids != [pid]


def test_a_job_that_takes_too_long_ends_as_timeout(
    paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WorkerPool(1) as pool:
        pool.run("parse", paper)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(IngestError) as caught:
            pool.run("parse", paper, seconds=0.2)
        assert caught.value.code == "timeout"
        assert pool.run("parse", paper).passages


def test_an_answer_past_its_limit_is_refused(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ANSWER_BYTES", 100)
    with WorkerPool(1) as pool, pytest.raises(IngestError) as caught:
        pool.run("parse", paper)
    assert caught.value.code == "too_large"


def test_stop_abandons_a_running_job_within_200_ms(paper: Path) -> None:
    stop = threading.Event()
    with WorkerPool(1) as pool, ThreadPoolExecutor(1) as threads:
        pool.run("parse", paper)
        os.kill(pool.pids[0], signal.SIGSTOP)
        job = threads.submit(pool.run, "parse", paper, stop=stop)
        stop.set()
        began = time.monotonic()
        with pytest.raises(StoppedError):
            job.result(timeout=5)
        assert time.monotonic() - began < 0.2
        assert pool.pids == []


def test_closing_ends_running_and_waiting_jobs_within_200_ms(paper: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        pool = WorkerPool(1)
        pool.run("parse", paper)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)
        jobs = [threads.submit(pool.run, "parse", paper) for _ in range(2)]
        until(lambda: pool.waiting == 1)
        began = time.monotonic()
        pool.close()
        for job in jobs:
            with pytest.raises(StoppedError):
                job.result(timeout=5)
        assert time.monotonic() - began < 0.2
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(StoppedError):
            pool.run("parse", paper)


def test_text_goes_before_waiting_layout(paper: Path) -> None:
    finished: list[str] = []
    with WorkerPool(1) as pool, ThreadPoolExecutor(4) as threads:
        pool.run("parse", paper)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)

        def job(name: str, priority: int) -> None:
            pool.run("parse", paper, priority=priority)
            finished.append(name)

        jobs = [threads.submit(job, "running", 2)]
        until(lambda: pool.busy == 1)
        for waiting, (name, priority) in enumerate([("layout", 2), ("text", 1)], start=1):
            jobs.append(threads.submit(job, name, priority))
            until(lambda waiting=waiting: pool.waiting == waiting)
        os.kill(pid, signal.SIGCONT)
        for running in jobs:
            running.result(timeout=30)
    assert finished == ["running", "text", "layout"]


def test_children_survive_an_interrupt_and_go_with_their_parent(paper: Path) -> None:
    with WorkerPool(1) as pool:
        pool.run("parse", paper)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGINT)
        pool.run("parse", paper)
        assert pool.pids == [pid]


@pytest.mark.shared
def test_hostile_files_end_as_a_paper_or_an_error(parser: PdfParser, shared: Path) -> None:
    folder = shared / "nasty-pdfs"
    names = [
        "malformed/pdf.js__GHOSTSCRIPT-698804-1-fuzzed.pdf",
        "malformed/pdf.js__ContentStreamCycleType3insideType3.pdf",
        "malformed/qpdf__pages-loop.pdf",
        "malformed/qpdf__outlines-with-loop.pdf",
        "malformed/pdf.js__poppler-90-0-fuzzed.pdf",
        "malformed/pdf.js__bug1980958.pdf",
        "deceptive-or-bomb/pocs__quine.pdf",
        "deceptive-or-bomb/pocs__shattered-2.pdf",
        "encrypted/qpdf__enc-long-password.pdf",
        "zero-page-or-empty/pdf.js__empty.pdf",
        "scripts-layout/pdf.js__vertical.pdf",
        "image-only-or-bad-ocr/jabref__scanned-image-only.pdf",
    ]
    for name in names:
        allowed = {"read", "damaged", "empty", "no_text", "password", "not_pdf"}
        assert outcome(parser, folder / name) in allowed, name


def outcome(parser: PdfParser, path: Path) -> str:
    """`read`, or the code of the error that reading ended in."""
    try:
        assert parser.parse(path).passages
    except IngestError as error:
        return error.code
    return "read"


def _written() -> Sheet:
    sheet = Sheet().new_page()
    sheet.write(paragraph(0, 10))
    return sheet
