"""One owner per library, in a second process and after the death of the first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.errors import LibraryBusyError, StorageError
from indexes.ownership import Ownership, is_held

HOLDER = """
import sys, pathlib
from indexes.ownership import Ownership
Ownership(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_process_learns_who_holds_it_and_gets_it_when_the_first_dies(
    tmp_path: Path,
) -> None:
    lock = tmp_path / "owner.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_held(lock)
        with pytest.raises(LibraryBusyError, match=f"process {holder.pid} "):
            Ownership(lock).acquire()
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    assert not is_held(lock)
    with Ownership(lock) as mine:
        assert is_held(lock)
        mine.acquire()  # taking it again changes nothing


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="not writable"):
        Ownership(tmp_path / "owner.lock").acquire()
