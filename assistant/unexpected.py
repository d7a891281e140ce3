"""What is said of an error that nobody foresaw: one line, never a traceback."""

from __future__ import annotations

import os

from indexes.errors import ErrorDocument, PaperdeskError


def shows_traceback() -> bool:
    """Whether the user asked for tracebacks: `PAPERDESK_DEBUG=1`."""
    return os.environ.get("PAPERDESK_DEBUG") == "1"


def describe(error: BaseException) -> ErrorDocument:
    """`error` in the shape of the command-line contract, with what to do."""
    if isinstance(error, PaperdeskError):
        return error.document()
    if isinstance(error, OSError) and error.strerror:
        named = f" ({error.filename})" if error.filename else ""
        return ErrorDocument(
            code="storage",
            message=f"the system refused: {error.strerror}{named}",
            remedy="check the disk's space and the rights on the folder",
        )
    return ErrorDocument(
        code="internal",
        message=f"this should not have happened: {type(error).__name__}: {error}",
        remedy="please report it as CONTRIBUTING.md says; PAPERDESK_DEBUG=1 shows the traceback",
    )
