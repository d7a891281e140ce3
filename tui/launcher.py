"""The console script: without arguments the application, else the command line.

Imports no Textual before it is needed.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run Paperdesk and return its exit code."""
    if len(sys.argv) > 1:
        from assistant.cli import main as command_line

        return command_line()
    from tui.app import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
