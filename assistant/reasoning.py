"""Reasoning that a model writes into its answer between tags: taken out as it streams."""

from __future__ import annotations

import re

_TAGS = ("think", "thinking", "reasoning")
_OPEN = re.compile(rf"<({'|'.join(_TAGS)})>", re.IGNORECASE)
_LONGEST = max(map(len, _TAGS)) + len("</>")


class ReasoningFilter:
    """Feed it the pieces of a stream; it gives back what is outside of reasoning tags."""

    def __init__(self) -> None:
        self._held = ""
        self._inside: str | None = None
        self._trim = False  # the blank lines after a closing tag belong to it

    def feed(self, piece: str) -> str:
        """The part of what has come so far that is certainly answer."""
        self._held += piece
        if self._trim:
            self._held = self._held.lstrip()
            self._trim = not self._held
        out: list[str] = []
        while True:
            if self._inside is not None:
                end = self._held.lower().find(self._inside)
                if end < 0:
                    self._held = self._held[-_LONGEST:]
                    return "".join(out)
                self._held = self._held[end + len(self._inside) :].lstrip()
                self._inside = None
                self._trim = not self._held
                continue
            match = _OPEN.search(self._held)
            if match is None:
                # A tag may have begun at the very end: hold back what could be its start.
                cut = self._held.rfind("<", max(0, len(self._held) - _LONGEST))
                safe = len(self._held) if cut < 0 or ">" in self._held[cut:] else cut
                out.append(self._held[:safe])
                self._held = self._held[safe:]
                return "".join(out)
            out.append(self._held[: match.start()])
            self._inside = f"</{match[1].lower()}>"
            self._held = self._held[match.end() :]

    def finish(self) -> str:
        """What was held back; nothing where the reasoning never ended."""
        rest = "" if self._inside is not None else self._held
        self._held = ""
        return rest
