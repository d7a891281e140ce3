"""The error tree of Paperdesk.

PaperdeskError            one line: what happened; what to do
├── UsageError            exit 2: the words given are not understood
├── ConfigurationError    exit 2: a setting is wrong or missing
├── LibraryBusyError      exit 1: another process owns the index
├── IndexMismatchError    exit 1: the index was made with another embedder or schema
├── StorageError          exit 1: disk full, folder read-only, database unreadable
├── NotFoundError         exit 1: the thing named is not in the library
├── IngestError           per paper; `retryable` drives the next sync
└── ModelError            exit 1: the language model failed; names `--no-llm`
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ErrorDocument(BaseModel):
    """What `--json` prints under `error` for exit codes 1 and 2, and what events carry."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    remedy: str


class PaperdeskError(Exception):
    """Something a user can act on. `message` says what and why, `remedy` what to do next."""

    code = "failed"
    exit_code = 1

    def __init__(self, message: str, remedy: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message

    def document(self) -> ErrorDocument:
        """The error in the shape of the command-line contract."""
        return ErrorDocument(code=self.code, message=self.message, remedy=self.remedy)


class UsageError(PaperdeskError):
    """The words of the call are not understood."""

    code = "usage"
    exit_code = 2


class ConfigurationError(PaperdeskError):
    """A setting is unknown, invalid or missing."""

    code = "configuration"
    exit_code = 2


class LibraryBusyError(PaperdeskError):
    """Another process owns the library's index; the message names it."""

    code = "library_busy"


class IndexMismatchError(PaperdeskError):
    """The index was written by another embedder or another schema."""

    code = "index_mismatch"


class StorageError(PaperdeskError):
    """The disk is full, the folder is read-only, or a file of the library is unreadable."""

    code = "storage"


class NotFoundError(PaperdeskError):
    """The paper, page, thread or note named is not in the library."""

    code = "not_found"


class IngestError(PaperdeskError):
    """One paper could not be fetched or read.

    `code` is one of the contract's: not_found, no_text, password, damaged, empty, too_large,
    timeout, refused, offline, not_pdf, rate_limited, unsupported, changed, internal. A retryable
    failure is tried again by the next sync, a permanent one only on request.
    """

    def __init__(self, code: str, message: str, remedy: str = "", *, retryable: bool) -> None:
        super().__init__(message, remedy, code=code)
        self.retryable = retryable


class ModelError(PaperdeskError):
    """The language model is down, refused the request, or answered nonsense."""

    code = "model"
