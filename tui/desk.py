"""What the places share: the assistant, the reading list on screen, what is selected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tui.jobs import Job
from tui.labels import is_link, line, title_of
from tui.shelf import Shelf, arrange

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant
    from assistant.listing import ListedPaper

DocumentKind = Literal["summary", "report", "questions"]


@dataclass(frozen=True)
class Scope:
    """Which papers a question goes to; nothing set means all of them."""

    label: str = "all papers"
    refs: tuple[str, ...] = ()
    course: str | None = None
    week: str | None = None


@dataclass(frozen=True)
class Bookmark:
    """Where the reader is to open: a page, and a verified quote to paint there."""

    ref: str
    page: int | None = None
    quote: str | None = None
    image: bool = False


@dataclass(frozen=True)
class DocumentWanted:
    """What the report place is to draft when it comes up."""

    kind: DocumentKind
    ref: str


@dataclass
class Desk:
    """The state behind the screens. Only screens change it."""

    assistant: PaperAssistant
    shelf: Shelf = field(default_factory=Shelf)
    group: str | None = None
    ref: str | None = None
    scope: Scope = field(default_factory=Scope)
    bookmark: Bookmark | None = None
    wanted: DocumentWanted | None = None
    jobs: list[Job] = field(default_factory=list)
    holder: str | None = None

    def reload(self) -> None:
        """Read the list anew. Raises PaperdeskError where the library can't be read."""
        lists = [self.assistant.reading_list(course.name) for course in self.assistant.courses()]
        papers = tuple(self.assistant.list_papers().papers)
        self.shelf = arrange(lists, papers)
        self.holder = self.assistant.index_holder()
        if self.shelf.paper(self.ref) is None:
            self.ref = None

    @property
    def paper(self) -> ListedPaper | None:
        """The selected paper."""
        return self.shelf.paper(self.ref)

    def name(self, ref: str) -> str:
        """A paper's short name for a citation."""
        from tui.labels import short_name

        paper = self.shelf.paper(ref)
        return short_name(paper) if paper is not None else line(ref)

    def scopes(self) -> list[Scope]:
        """The scopes that make sense now: all papers, the selected week, the selected paper."""
        found = [Scope()]
        group = self.shelf.group(self.group)
        if group is not None and group.week is not None:
            label = f"week {line(group.week)}"
            found.append(Scope(label, course=group.course, week=group.week))
        if self.paper is not None:
            found.append(Scope(title_of(self.paper), refs=(self.paper.ref,)))
        return found

    def index_line(self) -> str:
        """`6 of 8 indexed`; failures are counted."""
        papers = [paper for paper in self.shelf.papers if not is_link(paper)]
        if not papers:
            return "no papers yet"
        indexed = sum(p.state == "indexed" for p in papers)
        failed = sum(p.state == "failed" for p in papers)
        said = f"{indexed} of {len(papers)} indexed"
        return f"{said}, {failed} failed" if failed else said
