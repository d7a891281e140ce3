"""The command line: a module per group of commands over the façade.

`main` loads only what its command needs; tests hold the lists of modules.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises, never shows a traceback."""
    from assistant.cli.application import run

    return run(list(sys.argv[1:] if arguments is None else arguments))
