"""One call of the command line: its library, its settings, and jobs run to their end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import typer

from assistant.cli.output import Output
from indexes.errors import ErrorDocument, NotFoundError, PaperdeskError, UsageError
from indexes.folders import Home

if TYPE_CHECKING:
    from assistant.events import Done, Event
    from assistant.facade import PaperAssistant
    from assistant.settings import Settings


class JobFailedError(PaperdeskError):
    """A job of the façade ended with `Failed`; carries its error and its exit code."""

    def __init__(self, error: ErrorDocument, exit_code: int) -> None:
        super().__init__(error.message, error.remedy, code=error.code)
        self.exit_code = exit_code


def open_assistant(home: Home, settings: Settings) -> PaperAssistant:
    """The façade of a library: the one place where the command line builds it."""
    from assistant.facade import PaperAssistant

    return PaperAssistant(home, settings)


@dataclass(frozen=True)
class Call:
    """What the global flags said.

    `flags` are the settings given on the command line; `fixed` takes the place of everything the
    user has set.
    """

    home: Home
    out: Output
    flags: Mapping[str, str] = field(default_factory=dict)
    fixed: Settings | None = None

    def settings(self) -> Settings:
        """The settings in force. Raises ConfigurationError."""
        from assistant.settings import load_settings

        return self.fixed or load_settings(self.home, self.flags)

    def elsewhere(self, home: Home, settings: Settings) -> Call:
        """The same call on another library with settings of its own."""
        return replace(self, home=home, fixed=settings)

    @contextlib.contextmanager
    def assistant(self) -> Iterator[PaperAssistant]:
        """The façade for what it answers at once."""
        assistant = open_assistant(self.home, self.settings())
        try:
            yield assistant
        finally:
            asyncio.run(assistant.aclose())

    def known(self, refs: Sequence[str]) -> tuple[list[str], int]:
        """Those of several references that are in the library, and how many are not.

        Each that is not is reported in a line, and the rest goes on; where none is, the error of
        the first is raised (UsageError, NotFoundError).
        """
        if len(refs) < 2:  # what is wrong with the only one is the job's to say
            return list(refs), 0
        known: list[str] = []
        refused: list[PaperdeskError] = []
        with self.assistant() as assistant:
            for ref in refs:
                try:
                    assistant.resolve(ref)
                except (UsageError, NotFoundError) as error:
                    refused.append(error)
                else:
                    known.append(ref)
        if not known:
            raise refused[0]
        for refusal in refused:
            self.out.error(refusal.document(), document=False)
        return known, len(refused)

    def run(
        self,
        job: Callable[[PaperAssistant], AsyncIterator[Event]],
        watch: Callable[[Event], None],
        *,
        searches: bool = False,
    ) -> Done:
        """Run a job to its end, handing each event on the way to `watch`.

        Where the job `searches` or fills the index, what makes search worse is said first.
        SIGINT and SIGTERM cancel the job, which leaves the library whole, and end in
        KeyboardInterrupt. Raises JobFailedError where the job fails.
        """
        assistant = open_assistant(self.home, self.settings())
        if searches and (notice := assistant.search_notice()):
            self.out.note(f"warning: {notice}")
        try:
            return asyncio.run(_to_the_end(assistant, job, watch))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


async def _to_the_end(
    assistant: PaperAssistant,
    job: Callable[[PaperAssistant], AsyncIterator[Event]],
    watch: Callable[[Event], None],
) -> Done:
    from assistant.events import Done, Failed

    task = asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError, RuntimeError):  # not in the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        events = job(assistant)
        try:
            async for event in events:
                if isinstance(event, Done):
                    return event
                if isinstance(event, Failed):
                    raise JobFailedError(event.error, event.exit_code)
                watch(event)
        finally:
            close = getattr(events, "aclose", None)
            if close is not None:
                await close()
    finally:
        await assistant.aclose()
    raise RuntimeError("a job ended without Done or Failed")


def unwatched(_: Event) -> None:
    """Watch a job that is over too soon to be told of."""


def call_of(context: typer.Context) -> Call:
    """The call that the root command has made of the global flags."""
    call = context.obj
    assert isinstance(call, Call)
    return call
