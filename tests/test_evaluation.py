"""Evaluation: each measure against small cases counted by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant import measures
from assistant.evaluation import Outcome, evaluate, measure
from assistant.events import Done, Event, Failed
from assistant.facade import PaperAssistant
from assistant.question_set import Gold, Question, read_questions, require_papers
from assistant.results import Answer, Claim, Confidence, Quote
from assistant.settings import Settings
from indexes.errors import ErrorDocument, UsageError
from indexes.folders import Home
from indexes.hits import Hit, SearchResult
from indexes.papers import Paper, PaperState, SourceKind
from indexes.passages import PassageKind
from ingest.progress import Progress

GOLD = "the dot products grow large in magnitude"  # five trigrams


def hit(rank: int, text: str, arxiv_id: str = "1706.03762") -> Hit:
    return Hit(
        rank=rank,
        score=1 / rank,
        ref=f"arxiv:{arxiv_id}v7",
        arxiv_id=arxiv_id,
        version=7,
        title="A paper",
        page=1,
        section=None,
        kind=PassageKind.TEXT,
        text=text,
        boxes=(),
        passage=f"p{rank}",
        paper=f"arxiv:{arxiv_id}",
    )


def given(
    *quotes: str,
    abstained: bool = False,
    score: float | None = None,
    confidence: Confidence = "found",
    ref: str = "arxiv:1706.03762v7",
    verified: bool = True,
) -> Answer:
    claims = tuple(
        Claim(text=q, quotes=(Quote(ref=ref, page=1, text=q, verified=verified),)) for q in quotes
    )
    return Answer(
        question="?",
        answer="",
        abstained=abstained,
        confidence=confidence,
        mode="extractive",
        claims=claims,
        score=score,
    )


def outcome(
    *hits: Hit,
    evidence: tuple[Gold, ...] = (Gold(paper="1706.03762", version=7, page=4, quote=GOLD),),
    answer: Answer | None = None,
    kind: str = "reason",
    notes: str = "",
    answer_ms: float = 1.0,
) -> Outcome:
    question = Question(id="q", question="?", type=kind, evidence=evidence, notes=notes)
    return Outcome(
        question=question,
        hits=hits,
        search_ms=2.0,
        answer=answer or given(),
        answer_ms=answer_ms,
    )


def filler(count: int) -> str:
    return " ".join(f"filler{n}" for n in range(count))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Dot-Products, grow!", ["the", "dotproducts", "grow"]),
        ("magni-\ntude", ["magnitude"]),
        ("magni\u00adtude", ["magnitude"]),
        ("ﬁrst eﬀect", ["first", "effect"]),
        ("a — b … 3.5", ["a", "b", "35"]),
        ("Größe Δx", ["größe", "δx"]),
        ("", []),
    ],
)
def test_words_fold_what_the_measures_ignore(text: str, expected: list[str]) -> None:
    assert measures.words(text) == expected


def test_a_passage_hits_at_half_of_the_trigrams() -> None:
    gold = ["a", "b", "c", "d", "e", "f"]  # abc bcd cde def
    assert measures.hits(["x", "a", "b", "c", "d"], gold), "two of four"
    assert not measures.hits(["a", "b", "c", "x", "d", "e"], gold), "one of four"
    assert not measures.hits([], gold)
    assert not measures.hits(["a"], [])


def test_overlap_counts_against_the_shorter_quote() -> None:
    gold = [f"w{n}" for n in range(20)]
    assert measures.overlaps(gold[:4], gold)
    assert not measures.overlaps([*gold[:3], "x", "y", "z"], gold), "one of four trigrams"
    assert not measures.overlaps([], gold)
    assert not measures.overlaps(["w1"], gold), "a lone word is no trigram of the gold quote"


def test_words_budget_cuts_the_last_passage() -> None:
    ranked = [["a"] * 4, ["b"] * 4, ["c"] * 4]
    assert measures.within_words(ranked, 6) == [["a"] * 4, ["b"] * 2]
    assert measures.within_words(ranked, 8) == [["a"] * 4, ["b"] * 4]
    assert measures.within_words(ranked, 99) == ranked


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.9, 0.3], [0.5, 0.3], (1 + 1 + 0 + 0.5) / 4),
        ([], [0.1], None),
        ([0.1], [], None),
    ],
)
def test_auroc_counts_ties_half(
    positives: list[float], negatives: list[float], expected: float | None
) -> None:
    assert measures.auroc(positives, negatives) == expected


def test_percentiles_go_between_neighbours() -> None:
    assert measures.percentile([4, 1, 3, 2], 0.5) == 2.5
    assert measures.percentile([1, 2, 3], 1.0) == 3
    assert measures.percentile([7], 0.95) == 7
    assert measures.percentile([], 0.5) is None


def test_hit_at_words_and_rank() -> None:
    run = [
        outcome(hit(1, filler(290)), hit(2, GOLD)),  # words 291 to 297: within 300
        outcome(hit(1, filler(298)), hit(2, GOLD)),  # cut after 2 of 7 words: within 600
        outcome(hit(1, GOLD, "2203.02155")),  # of another paper
        outcome(hit(1, GOLD)),
    ]
    found = measure(run).retrieval
    assert found.hit_300 == 2 / 4
    assert found.hit_600 == 3 / 4
    assert found.recall_10 == 3 / 4
    assert found.mrr == (1 / 2 + 1 / 2 + 0 + 1) / 4


def test_recall_stops_at_ten_passages_while_mrr_goes_on() -> None:
    hits = [hit(n, f"other words {n}") for n in range(1, 11)]
    found = measure([outcome(*hits, hit(11, GOLD))]).retrieval
    assert found.recall_10 == 0
    assert found.mrr == 1 / 11
    assert found.hit_300 == 1


def test_a_cross_paper_question_counts_with_one_quote_and_whole_beside_it() -> None:
    both = (
        Gold(paper="1706.03762", quote=GOLD),
        Gold(paper="2203.02155", quote="labelers indicate which output they prefer"),
    )
    half = outcome(hit(1, GOLD), evidence=both, kind="cross-paper")
    whole = outcome(
        hit(1, GOLD), hit(2, both[1].quote, "2203.02155"), evidence=both, kind="cross-paper"
    )
    found = measure([half, whole]).retrieval
    assert found.hit_300 == 1
    assert found.all_papers == {
        "questions": 2,
        "hit@300w": 0.5,
        "hit@600w": 0.5,
        "hit@1200w": 0.5,
        "hit@2400w": 0.5,
    }
    assert found.all_parts["questions"] == 0
    assert found.all_parts["hit@300w"] is None


def test_notes_that_begin_with_all_want_every_part() -> None:
    parts = (Gold(paper="1706.03762", quote=GOLD), Gold(paper="1706.03762", quote="a b c d e f"))
    found = measure(
        [
            outcome(hit(1, GOLD), evidence=parts, notes="ALL: both"),
            outcome(hit(1, GOLD), hit(2, "a b c d e f"), evidence=parts, notes="ALL: both"),
            outcome(hit(1, GOLD), evidence=parts, notes="either will do"),
        ]
    ).retrieval
    assert found.hit_300 == 1
    assert found.all_parts["questions"] == 2
    assert found.all_parts["hit@300w"] == 0.5


def test_abstention_is_counted_and_ranked() -> None:
    run = [
        outcome(evidence=(), answer=given(abstained=True, score=0.1)),
        outcome(evidence=(), answer=given(score=0.6)),
        outcome(answer=given(abstained=True, score=0.2)),
        outcome(answer=given(score=0.9)),
        outcome(answer=given(score=0.6)),
    ]
    found = measure(run).answers
    assert (found.answered, found.abstained) == (3, 2)
    assert found.abstain_precision == 1 / 2
    assert found.abstain_recall == 1 / 2
    # doubts: unanswerable 0.9 and 0.4, answerable 0.8, 0.1 and 0.4 (a tie)
    assert found.abstain_auroc == pytest.approx((3 + 1.5) / 6)
    assert measure(run).retrieval.questions == 3


def test_without_a_score_the_confidence_ranks() -> None:
    run = [
        outcome(evidence=(), answer=given(confidence="absent", abstained=True)),
        outcome(answer=given(confidence="unsure")),
        outcome(answer=given(confidence="found")),
    ]
    assert measure(run).answers.abstain_auroc == 1.0


def test_evidence_hit_looks_at_three_verified_quotes_and_150_words() -> None:
    def found(answer: Answer) -> float | None:
        return measure([outcome(answer=answer)]).answers.evidence_hit

    assert found(given("dot products grow large")) == 1
    assert found(given("one two three", "four five six", "seven eight nine", GOLD)) == 0
    assert found(given(filler(148), GOLD)) == 0, "only two of its words are within 150"
    assert found(given(filler(140), GOLD)) == 1
    assert found(given(GOLD, verified=False)) == 0
    assert found(given(GOLD, ref="arxiv:2203.02155v1")) == 0, "another paper's quote"
    assert found(given(GOLD, ref="arxiv:1706.03762")) == 1
    assert found(given()) == 0, "an answerable question left open is a miss"


def test_quotes_and_latency_are_counted() -> None:
    run = [
        outcome(answer=given("a b c", "d e f"), answer_ms=10),
        outcome(answer=given("a b c", verified=False), answer_ms=30),
    ]
    result = measure(run)
    assert (result.answers.verified_quotes, result.answers.total_quotes) == (2, 3)
    assert result.latency_ms == {"p50": 20, "p95": pytest.approx(29)}


def test_the_document_has_the_keys_of_the_contract() -> None:
    shown = measure([outcome(hit(1, GOLD))]).model_dump(mode="json", by_alias=True)
    assert {"questions", "retrieval", "answers", "latency_ms"} <= set(shown)
    assert {"hit@300w", "hit@600w", "hit@1200w", "hit@2400w", "recall@10", "mrr"} <= set(
        shown["retrieval"]
    )
    assert {
        "answered",
        "abstained",
        "abstain_precision",
        "abstain_recall",
        "abstain_auroc",
        "evidence_hit",
        "verified_quotes",
        "total_quotes",
    } <= set(shown["answers"])


def test_an_empty_run_divides_by_nothing() -> None:
    result = measure([])
    assert result.retrieval.hit_300 is None
    assert result.answers.evidence_hit is None


def test_questions_are_read_and_bad_lines_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    line = json.dumps({"id": "a", "question": "?", "answer": "x", "evidence": []})
    file.write_text(f"{line}\n\n{line}\n", encoding="utf-8")
    assert len(read_questions(file)) == 2
    assert len(read_questions(file, limit=1)) == 1
    file.write_text(f'{line}\n{{"id": "b"}}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="line 2: question"):
        read_questions(file)
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no questions"):
        read_questions(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_questions(tmp_path / "absent.jsonl")


class ScriptedAssistant(PaperAssistant):
    """Answers every question alike, or fails."""

    failure: ErrorDocument | None = None
    kept = False

    async def search(self, query: str, **scope: object) -> AsyncIterator[Event]:  # type: ignore[override]
        yield Done(result=SearchResult(query=query, elapsed_ms=1, hits=(hit(1, GOLD),)))

    async def ask(  # type: ignore[override]
        self, question: str, *, keep: bool = True, **scope: object
    ) -> AsyncIterator[Event]:
        self.kept = self.kept or keep
        if self.failure is not None:
            yield Failed(error=self.failure)
        else:
            yield Done(result=given(GOLD))


@pytest.mark.anyio
async def test_a_run_asks_every_question_and_measures(home: Home) -> None:
    assistant = ScriptedAssistant(home, Settings())
    questions = [
        Question(id=str(n), question="?", evidence=(Gold(paper="1706.03762", quote=GOLD),))
        for n in range(3)
    ]
    events = [event async for event in evaluate(assistant, questions, use_model=False)]
    progress = [event for event in events if isinstance(event, Progress)]
    assert [(p.done, p.total) for p in progress] == [(0, 3), (1, 3), (2, 3)]
    assert isinstance(events[-1], Done)
    assert events[-1].result.model_dump()["answers"]["evidence_hit"] == 1
    assert not assistant.kept, "a run leaves no trace among the user's answers"
    assistant.failure = ErrorDocument(code="model", message="down", remedy="--no-llm")
    events = [event async for event in evaluate(assistant, questions, use_model=True)]
    assert isinstance(events[-1], Failed)
    await assistant.aclose()


def test_papers_the_library_lacks_are_named(home: Home) -> None:
    assistant = PaperAssistant(home, Settings())
    held = Paper(
        key="arxiv:1706.03762",
        kind=SourceKind.ARXIV,
        arxiv_id="1706.03762",
        version=5,
        state=PaperState.INDEXED,
    )
    library = assistant._library
    library.papers.insert(held)
    question = Question(
        id="a",
        question="?",
        scope=("2203.02155",),
        evidence=(Gold(paper="1706.03762", version=7, quote=GOLD),),
    )
    with pytest.raises(UsageError, match=r"lacks 2 .*1706\.03762v7, 2203\.02155") as caught:
        require_papers(assistant, [question])
    assert "1706.03762v7 2203.02155" in caught.value.remedy
    library.papers.update(held.key, version=7)
    require_papers(assistant, [question.model_copy(update={"scope": ("1706.03762",)})])
    library.papers.update(held.key, state=PaperState.QUEUED)
    with pytest.raises(UsageError, match=r"1706\.03762v7"):
        require_papers(assistant, [question])
    library.close()
