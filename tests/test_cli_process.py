"""The command line as a process: what it loads, how signals and closed pipes end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.folders import Home

ROOT = Path(__file__).parents[1]
HEAVY = ("llama_index", "qdrant_client", "pymupdf", "textual", "openai", "trafilatura", "docx")

# Runs the command line, then prints on stderr which packages it has loaded.
_LIST_MODULES = """
import json, sys
from assistant.cli import main
code = main(sys.argv[1:])
sys.stdout.flush()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
sys.exit(code)
"""

# Runs a job that says on stdout that it has begun, and then waits to be stopped.
_WAIT = """
import asyncio, sys
from assistant.cli import main, session
from assistant.facade import PaperAssistant
from ingest.progress import Progress

class Waiting(PaperAssistant):
    async def search(self, *_, **__):
        print("begun", flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            print("ended", flush=True)
        yield Progress(stage="never")

session.open_assistant = Waiting
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def environment(home: Home) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PAPERDESK_")}
    kept |= {"PAPERDESK_HOME": str(home.root), "PAPERDESK_LLM__KIND": "none"}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _modules(environment: dict[str, str], *arguments: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return set(json.loads(ran.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    ("arguments", "banned"),
    [
        (["--help"], (*HEAVY, "onnxruntime", "qdrant_edge", "numpy", "httpx", "rich")),
        (["ask", "--help"], (*HEAVY, "onnxruntime", "qdrant_edge", "numpy", "httpx")),
        (["list"], (*HEAVY, "onnxruntime", "qdrant_edge", "httpx")),
        (["config", "show"], (*HEAVY, "onnxruntime", "numpy", "httpx")),
        (["show", "1706.03762"], (*HEAVY, "onnxruntime", "qdrant_edge", "httpx")),
        (["add", "1706.03762"], (*HEAVY, "onnxruntime", "qdrant_edge", "numpy", "httpx")),
        (["sync"], (*HEAVY, "onnxruntime", "qdrant_edge", "httpx")),  # with nothing to do
        (["search", "attention"], HEAVY),
    ],
)
def test_a_command_loads_only_what_it_needs(
    environment: dict[str, str], arguments: list[str], banned: tuple[str, ...]
) -> None:
    assert not _modules(environment, *arguments) & set(banned)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_job_cleanly_with_130(
    environment: dict[str, str], processes: list[subprocess.Popen[str]], sent: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WAIT, "search", "x"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    processes.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(sent)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == "ended\n", "the job was told to stop"
    assert err == "paperdesk: interrupted; run it again to resume\n"


def test_a_closed_pipe_is_no_error(
    environment: dict[str, str], processes: list[subprocess.Popen[str]]
) -> None:
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.launcher", "config", "show"],
        env=environment,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    processes.append(process)
    os.close(write)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stdout_is_one_line(
    environment: dict[str, str],
) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "tui.launcher", "config", "show"],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "No space left" in ran.stderr


def test_a_terminal_that_knows_only_ascii_gets_no_traceback(environment: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tui.launcher", "config", "show"],
        env=environment | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "llm.kind" in ran.stdout
