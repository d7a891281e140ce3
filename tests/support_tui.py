"""A façade that plays scripted events, with a small course on its shelf."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from assistant.events import ClaimChecked, Done, Event, EvidenceFound, Step, TextDelta
from assistant.listing import ListedPaper, PaperList
from assistant.results import Answer, Claim, Document, Quote, Section
from indexes.course_table import Course
from indexes.errors import NotFoundError
from indexes.hits import Hit
from indexes.notebook import Note, StoredAnswer
from indexes.papers import (
    Fault,
    Frozen,
    Paper,
    PaperState,
    ReadingStatus,
    Role,
    SourceKind,
    Structure,
)
from indexes.passages import Page, Passage, PassageKind
from indexes.reading_list import Reading, ReadingList, Unparsed, Week
from ingest.progress import Progress

# Every application makes and drops some 100,000 objects: looking at all that was ever imported for
# each would be a fifth of these tests.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

QUOTE = "A uniform schedule forgets most in the second week"
PAGE = f"""1 Introduction
Learners forget, and they forget at a pace that a schedule of reviews can bend. {QUOTE},
while an expanding schedule spends its reviews where the curve is steep-
est and therefore keeps more of what was learned.
Table 1
12 words
"""


def listed(number: int, **changes: Any) -> ListedPaper:
    """A paper of the shelf: indexed, unread, in week 1."""
    arxiv_id = f"2401.{number:05}"
    fields: dict[str, Any] = {
        "key": f"arxiv:{arxiv_id}",
        "ref": f"arxiv:{arxiv_id}v1",
        "arxiv_id": arxiv_id,
        "version": 1,
        "url": f"https://arxiv.org/abs/{arxiv_id}",
        "kind": SourceKind.ARXIV,
        "title": f"A Paper Numbered {number}",
        "authors": ("Ada Writer", "Bo Reader"),
        "published": dt.date(2024, 1, number),
        "pages": 3,
        "passages": 40,
        "state": PaperState.INDEXED,
        "structure": Structure.DONE,
        "error": None,
        "status": ReadingStatus.UNREAD,
        "last_page": None,
        "course": "CSE 290: Small Experiments",
        "weeks": ("1",),
        "role": Role.ASSIGNED,
        "task": None,
        "due": None,
        "minutes": 25,
    }
    return ListedPaper(**(fields | changes))


def shelf() -> list[ListedPaper]:
    """Five papers in the states that a list shows."""
    return [
        listed(1, title="Spacing Reviews on an Expanding Schedule", due=dt.date(2024, 4, 12)),
        listed(
            2,
            title="Waiting Lines in a Library",
            status=ReadingStatus.READING,
            last_page=2,
            weeks=("2",),
        ),
        listed(3, title="Counting Words with Hashes", status=ReadingStatus.READ, weeks=("2",)),
        listed(
            4,
            title="Not There",
            state=PaperState.FAILED,
            structure=Structure.PENDING,
            passages=None,
            pages=None,
            minutes=None,
            error=Fault(code="not_found", message="arXiv has no 2401.00004", retryable=True),
            weeks=("2",),
        ),
        listed(
            5,
            title="Still to Come",
            state=PaperState.QUEUED,
            structure=Structure.PENDING,
            passages=None,
            pages=None,
            minutes=None,
            weeks=(),
            course=None,
        ),
    ]


def reading(paper: ListedPaper) -> Reading:
    return Reading(title=paper.title, url=paper.url, kind=paper.kind, arxiv_id=paper.arxiv_id)


def course_of(papers: list[ListedPaper]) -> ReadingList:
    weeks = [
        ("1", dt.date(2024, 4, 5), "Models of learning", "Mara Lindqvist"),
        ("2", dt.date(2024, 4, 12), "Waiting lines", None),
    ]
    return ReadingList(
        course="CSE 290: Small Experiments",
        term="Spring 2024",
        weeks=tuple(
            Week(
                number=number,
                date=date,
                title=title,
                speaker=speaker,
                readings=tuple(reading(p) for p in papers if number in p.weeks),
            )
            for number, date, title, speaker in weeks
        ),
        unparsed=(Unparsed(line=7, text="see the handout", why="no link"),),
    )


def claims(ref: str = "arxiv:2401.00001v1") -> tuple[Claim, ...]:
    """Two verified claims and one that the gate struck."""
    return (
        Claim(
            text="Uniform schedules lose most in week two.",
            quotes=(Quote(ref=ref, page=2, text=QUOTE, verified=True),),
        ),
        Claim(
            text="Expanding schedules keep more.",
            quotes=(
                Quote(
                    ref=ref,
                    page=2,
                    text="spends its reviews where the curve is steepest",
                    verified=True,
                ),
            ),
        ),
        Claim(
            text="Eight heads are used.",
            quotes=(Quote(ref=ref, page=1, text="we use eight heads"),),
            struck="its quote does not stand on page 1",
        ),
    )


def hit(ref: str = "arxiv:2401.00001v1") -> Hit:
    return Hit(
        rank=1,
        score=0.9,
        ref=ref,
        arxiv_id="2401.00001",
        version=1,
        title="Spacing Reviews on an Expanding Schedule",
        page=2,
        section="1 Introduction",
        kind=PassageKind.TEXT,
        text=QUOTE,
        boxes=(),
        passage="p1",
        paper="arxiv:2401.00001",
    )


def answer(question: str, **changes: Any) -> Answer:
    fields: dict[str, Any] = {
        "question": question,
        "answer": "Uniform schedules lose most in week two.",
        "abstained": False,
        "confidence": "found",
        "mode": "extractive",
        "claims": claims(),
        "evidence": (hit(),),
        "elapsed_ms": 400.0,
        "thread": "t1",
    }
    return Answer(**(fields | changes))


def document() -> Document:
    first, second, struck = claims()
    return Document(
        refs=("arxiv:2401.00001v1",),
        title="Spacing Reviews on an Expanding Schedule",
        mode="extractive",
        sections=(
            Section(heading="Problem", items=(first,)),
            Section(heading="Results", items=(second, struck)),
        ),
        pages=1,
        words=180,
        markdown="# Spacing Reviews\n",
    )


class FakeAssistant:
    """The façade's surface. `script` replaces a job's events; `calls` notes what was asked for.

    A callable among the events is awaited: the way a test holds a job back.
    """

    def __init__(self, papers: list[ListedPaper] | None = None) -> None:
        self.papers = shelf() if papers is None else papers
        self.lists = [course_of(self.papers)] if self.papers else []
        self.script: dict[str, list[Event | Callable[[], Any]]] = {}
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.closed: list[str] = []
        self.holder: str | None = None
        self.downloads = 1
        self.page_text = PAGE
        self.stored: list[StoredAnswer] = []

    def called(self, name: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        return [(args, kwargs) for called, args, kwargs in self.calls if called == name]

    # Instant

    def list_papers(self, **_: Any) -> PaperList:
        return PaperList(papers=tuple(self.papers))

    def courses(self) -> list[Course]:
        return [Course(id=i, name=c.course, term=c.term) for i, c in enumerate(self.lists)]

    def reading_list(self, course: str) -> ReadingList:
        return next(c for c in self.lists if c.course == course)

    def resolve(self, text: str) -> Paper:
        for paper in self.papers:
            if text in (paper.ref, paper.key):
                return Paper(
                    key=paper.key,
                    kind=paper.kind,
                    arxiv_id=paper.arxiv_id,
                    version=paper.version,
                    title=paper.title,
                    authors=paper.authors,
                    published=paper.published,
                    abstract="What a schedule of reviews does to what is kept.",
                    pages=paper.pages,
                    state=paper.state,
                )
        raise NotFoundError(f"{text} is not in the library", "add it")

    def pages(self, ref: str) -> list[Page]:
        count = self.resolve(ref).pages or 0
        texts = ["A title page\n", self.page_text, "The end\n"]
        return [Page(number=n + 1, width=612, height=792, text=texts[n]) for n in range(count)]

    def passages(self, ref: str) -> list[Passage]:
        return [
            Passage(
                id="p1",
                paper=self.resolve(ref).key,
                generation="g",
                ordinal=0,
                page=2,
                section=("1 Introduction",),
                text=QUOTE,
            )
        ]

    def page_image(self, ref: str, number: int, boxes: Any = ()) -> bytes:
        import io

        from PIL import Image

        png = io.BytesIO()
        Image.new("RGB", (61, 79), "white").save(png, "PNG")
        return png.getvalue()

    def set_status(self, ref: str, status: ReadingStatus, page: int | None = None) -> ListedPaper:
        self.calls.append(("set_status", (ref, status), {"page": page}))
        self.papers = [
            p.model_copy(update={"status": status, "last_page": page or p.last_page})
            if p.ref == ref
            else p
            for p in self.papers
        ]
        return next(p for p in self.papers if p.ref == ref)

    def notes(self, ref: str) -> list[Note]:
        return []

    def remove(self, refs: tuple[str, ...]) -> PaperList:
        self.calls.append(("remove", (refs,), {}))
        gone = tuple(p for p in self.papers if p.ref in refs)
        self.papers = [p for p in self.papers if p.ref not in refs]
        return PaperList(papers=gone)

    def downloads_waiting(self, *_: Any, **__: Any) -> int:
        return self.downloads

    def answers(self, limit: int = 50) -> list[StoredAnswer]:
        return self.stored

    def index_holder(self) -> str | None:
        return self.holder

    def model_name(self) -> str | None:
        return None

    # Long

    def import_syllabus(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        return self._play("import_syllabus", args, kwargs, [Done(result=course_of(shelf()))])

    def add(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        return self._play("add", args, kwargs, [self._all()])

    def sync(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        key = "arxiv:2401.00005"
        return self._play(
            "sync",
            args,
            kwargs,
            [
                Progress(stage="fetch", done=1, total=5),
                Progress(stage="fetch", key=key, done=62, total=100),
                Progress(stage="done", key=key),
                self._all(),
            ],
        )

    def reindex(self) -> AsyncIterator[Event]:
        return self._play("reindex", (), {}, [self._all()])

    def ask(self, question: str, **kwargs: Any) -> AsyncIterator[Event]:
        events: list[Event] = [
            Step(name="retrieve", detail="8 passages"),
            EvidenceFound(hits=(hit(),)),
            TextDelta(text="Uniform schedules *lose* most "),
            TextDelta(text="in week two."),
            *[ClaimChecked(claim=claim) for claim in claims()],
            Done(result=answer(question)),
        ]
        return self._play("ask", (question,), kwargs, events)

    def summarize(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        return self._play("summarize", args, kwargs, [Done(result=document())])

    def draft_report(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        return self._play("draft_report", args, kwargs, [Done(result=document())])

    def speaker_questions(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        return self._play("speaker_questions", args, kwargs, [Done(result=document())])

    def save_document(self, given: Document, output: Path) -> AsyncIterator[Event]:
        saved = given.model_copy(update={"path": str(output)})
        return self._play("save_document", (given, output), {}, [Done(result=saved)])

    def _all(self) -> Done:
        return Done(result=PaperList(papers=tuple(self.papers)))

    async def _play(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], events: list[Event]
    ) -> AsyncIterator[Event]:
        self.calls.append((name, args, kwargs))
        try:
            for event in self.script.get(name, events):
                if isinstance(event, Frozen):
                    yield event
                else:
                    await event()
        finally:
            self.closed.append(name)


def open_app(fake: FakeAssistant | None = None) -> Any:
    """The application on a fake."""
    from tui.app import PaperdeskApp

    return PaperdeskApp(fake or FakeAssistant())


async def until(pilot: Pilot[Any], met: Callable[[], object], *, tries: int = 400) -> None:
    """Let the application work until `met`; fails loudly where that never comes."""
    for _ in range(tries):
        if met():
            return
        await pilot.pause()
        await asyncio.sleep(0.005)
    raise AssertionError(f"never came true: {met}")


def told(app: App[Any]) -> str:
    """The toasts of the last seconds."""
    return "\n".join(toast.message for toast in app._notifications)


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, line by line."""
    screen = app.screen
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)
