"""What a model is shown of the papers: passages and pages under short labels that it cites by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.gate import Gate
from assistant.results import Quote
from indexes.cleaning import clean
from indexes.hits import Hit


@dataclass(frozen=True)
class Source:
    """A labelled piece of a paper and the pages it stands on, the first one first."""

    label: str
    ref: str
    title: str
    pages: tuple[int, ...]
    text: str

    def render(self) -> str:
        return f"[{self.label}] {self.title}, page {self.pages[0]}:\n{self.text}"


class Evidence:
    """Sources in the order they were found, each passage once."""

    def __init__(self, hits: Iterable[Hit] = ()) -> None:
        self._sources: dict[str, Source] = {}
        self._labels: dict[object, str] = {}
        self._hits: list[Hit] = []
        self.add(hits)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The passages found by search."""
        return tuple(self._hits)

    def add(self, hits: Iterable[Hit]) -> list[Source]:
        """Label passages; one that is there already keeps its label."""
        found = []
        for hit in hits:
            if hit.passage not in self._labels:
                self._hits.append(hit)
            pages = tuple(dict.fromkeys([hit.page, *(box.page for box in hit.boxes)]))
            name = f"{hit.title or hit.ref}, {hit.section}" if hit.section else hit.title or hit.ref
            found.append(self._put(hit.passage, hit.ref, name, pages, hit.text))
        return found

    def add_page(self, ref: str, title: str, page: int, text: str) -> Source:
        """Label a whole page."""
        return self._put((ref, page), ref, title, (page,), clean(text))

    def _put(self, key: object, ref: str, title: str, pages: tuple[int, ...], text: str) -> Source:
        label = self._labels.setdefault(key, f"P{len(self._labels) + 1}")
        source = Source(label, ref, title, pages, text)
        self._sources[label] = source
        return source

    def render(self, words: int) -> str:
        """The sources as a prompt shows them, as many of the first as fit into `words` words."""
        shown: list[str] = []
        for source in self._sources.values():
            words -= len(source.text.split())
            if words < 0 and shown:
                break
            shown.append(source.render())
        return "\n\n".join(shown)

    def quote(self, label: str, text: str, gate: Gate) -> Quote | None:
        """What a model quotes, on the page where it stands; None for a label never given.

        A quote that stands nowhere in that paper keeps its passage's page and fails at the gate.
        """
        source = self._sources.get(label.strip().strip("[]"))
        if source is None:
            return None
        for page in source.pages:
            quote = gate.check(Quote(ref=source.ref, page=page, text=text))
            if quote.verified:
                return quote
        page = gate.locate(source.ref, text) or source.pages[0]
        return Quote(ref=source.ref, page=page, text=text)
