"""Question sets run on the library: retrieval, answers and abstention measured as documented.

A question counts as hit when one of its gold quotes is. Where a question needs quotes of several
papers, or of several parts (notes that begin with `ALL:`), the share that has them all stands
beside it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from assistant import measures
from assistant.events import Done, Event, Failed
from assistant.measures import RECALL_DEPTH, WORD_BUDGETS
from assistant.question_set import Gold, Question
from assistant.results import Answer
from indexes.hits import Hit, SearchResult
from indexes.papers import Frozen
from ingest.progress import Progress

if TYPE_CHECKING:
    from assistant.facade import PaperAssistant

SEARCH_DEPTH = 60  # passages asked for: enough for 2,400 words of short ones; MRR reaches as deep
Words = list[str]


class RetrievalMeasures(Frozen):
    """Shares of the answerable questions; `whole_answer` of those that need several quotes."""

    hit_300: float | None = Field(serialization_alias="hit@300w")
    hit_600: float | None = Field(serialization_alias="hit@600w")
    hit_1200: float | None = Field(serialization_alias="hit@1200w")
    hit_2400: float | None = Field(serialization_alias="hit@2400w")
    recall_10: float | None = Field(serialization_alias="recall@10")
    mrr: float | None
    questions: int
    all_papers: dict[str, float | int | None]
    all_parts: dict[str, float | int | None]
    p50_ms: float | None
    p95_ms: float | None


class AnswerMeasures(Frozen):
    """Counts and shares over all questions; see docs for each measure."""

    answered: int
    abstained: int
    abstain_precision: float | None
    abstain_recall: float | None
    abstain_auroc: float | None
    evidence_hit: float | None
    verified_quotes: int
    total_quotes: int
    unanswerable: int


class Evaluation(Frozen):
    """`eval --json`."""

    questions: int
    retrieval: RetrievalMeasures
    answers: AnswerMeasures
    latency_ms: dict[str, float | None]
    model: str | None = None


class Outcome(Frozen):
    """What one question got: the passages, the answer, and how long each took."""

    question: Question
    hits: tuple[Hit, ...]
    search_ms: float
    answer: Answer
    answer_ms: float


async def evaluate(
    assistant: PaperAssistant, questions: Sequence[Question], *, use_model: bool
) -> AsyncIterator[Event]:
    """Search and ask every question. Yields Progress; Done carries the Evaluation."""
    outcomes: list[Outcome] = []
    for number, question in enumerate(questions):
        yield Progress(
            stage="eval", done=number, total=len(questions), message=f"question {question.id}"
        )
        started = time.perf_counter()
        found = await _last(
            assistant.search(question.question, k=SEARCH_DEPTH, refs=question.scope)
        )
        searched = time.perf_counter()
        if isinstance(found, Failed):
            yield found
            return
        given = await _last(
            assistant.ask(question.question, refs=question.scope, use_model=use_model, keep=False)
        )
        answered = time.perf_counter()
        if isinstance(given, Failed):
            yield given
            return
        assert isinstance(found.result, SearchResult)
        assert isinstance(given.result, Answer)
        outcomes.append(
            Outcome(
                question=question,
                hits=found.result.hits,
                search_ms=(searched - started) * 1000,
                answer=given.result,
                answer_ms=(answered - searched) * 1000,
            )
        )
    yield Done(result=measure(outcomes))


async def _last(events: AsyncIterator[Event]) -> Done | Failed:
    async for event in events:
        if isinstance(event, Done | Failed):
            return event
    raise RuntimeError("a job ended without Done or Failed")


def measure(outcomes: Sequence[Outcome]) -> Evaluation:
    """The documented measures of a run."""
    times = [outcome.answer_ms for outcome in outcomes]
    return Evaluation(
        questions=len(outcomes),
        retrieval=_measure_retrieval(outcomes),
        answers=_measure_answers(outcomes),
        latency_ms={
            "p50": measures.percentile(times, 0.5),
            "p95": measures.percentile(times, 0.95),
        },
        model=next((o.answer.model for o in outcomes if o.answer.model), None),
    )


def _measure_retrieval(outcomes: Sequence[Outcome]) -> RetrievalMeasures:
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    texts = [[measures.words(hit.text) for hit in outcome.hits] for outcome in answerable]
    pairs = list(zip(answerable, texts, strict=True))
    hit = {
        n: _mean([_any_hit(o, t, o.question.evidence, budget=n) for o, t in pairs])
        for n in WORD_BUDGETS
    }
    ranks = [_best_rank(o, t) for o, t in pairs]
    times = [outcome.search_ms for outcome in outcomes]
    crossing = [p for p in pairs if p[0].question.type == "cross-paper"]
    parted = [p for p in pairs if p[0].question.notes.startswith("ALL:")]
    return RetrievalMeasures(
        hit_300=hit[300],
        hit_600=hit[600],
        hit_1200=hit[1200],
        hit_2400=hit[2400],
        recall_10=_mean([rank is not None and rank <= RECALL_DEPTH for rank in ranks]),
        mrr=_mean([1 / rank if rank else 0.0 for rank in ranks]),
        questions=len(answerable),
        all_papers=_whole_answers(crossing),
        all_parts=_whole_answers(parted),
        p50_ms=measures.percentile(times, 0.5),
        p95_ms=measures.percentile(times, 0.95),
    )


def _whole_answers(pairs: Sequence[tuple[Outcome, list[Words]]]) -> dict[str, float | int | None]:
    """Of questions that need several quotes: the share that finds one of each group."""

    def whole(outcome: Outcome, texts: list[Words], budget: int) -> bool:
        groups = outcome.question.groups() or [list(outcome.question.evidence)]
        return all(_any_hit(outcome, texts, group, budget=budget) for group in groups)

    shares: dict[str, float | int | None] = {"questions": len(pairs)}
    for budget in WORD_BUDGETS:
        shares[f"hit@{budget}w"] = _mean([whole(o, t, budget) for o, t in pairs])
    return shares


def _of_paper(outcome: Outcome, texts: Sequence[Words], gold: Gold) -> list[Words]:
    """The ranked passages, those of other papers than the quote's emptied."""
    return [
        text if hit.arxiv_id == gold.paper else []
        for hit, text in zip(outcome.hits, texts, strict=False)
    ]


def _any_hit(
    outcome: Outcome, texts: Sequence[Words], golds: Sequence[Gold], *, budget: int
) -> bool:
    cut = [list(text) for text in measures.within_words(texts, budget)]
    return any(
        measures.first_hit(_of_paper(outcome, cut, gold), measures.words(gold.quote))
        for gold in golds
    )


def _best_rank(outcome: Outcome, texts: Sequence[Words]) -> int | None:
    ranks = (
        measures.first_hit(_of_paper(outcome, texts, gold), measures.words(gold.quote))
        for gold in outcome.question.evidence
    )
    return min((rank for rank in ranks if rank is not None), default=None)


def _measure_answers(outcomes: Sequence[Outcome]) -> AnswerMeasures:
    abstained = [o for o in outcomes if o.answer.abstained]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    answerable = [o for o in outcomes if o.question.answerable]
    rightly = sum(not o.question.answerable for o in abstained)
    quotes = [q for o in outcomes for claim in o.answer.claims for q in claim.quotes]
    return AnswerMeasures(
        answered=len(outcomes) - len(abstained),
        abstained=len(abstained),
        abstain_precision=measures.ratio(rightly, len(abstained)),
        abstain_recall=measures.ratio(rightly, len(unanswerable)),
        abstain_auroc=measures.auroc(
            [_doubt(o.answer) for o in unanswerable], [_doubt(o.answer) for o in answerable]
        ),
        evidence_hit=_mean([_evidence_hit(o) for o in answerable]),
        verified_quotes=sum(quote.verified for quote in quotes),
        total_quotes=len(quotes),
        unanswerable=len(unanswerable),
    )


def _doubt(answer: Answer) -> float:
    """How sure the assistant is that the papers hold no answer, 0 to 1."""
    if answer.score is not None:
        return 1 - answer.score
    return {"found": 0.0, "unsure": 0.5, "absent": 1.0}[answer.confidence]


def _evidence_hit(outcome: Outcome) -> bool:
    """Whether one of the first verified quotes overlaps a gold quote of the same paper."""
    quotes = [q for claim in outcome.answer.claims for q in claim.quotes if q.verified]
    quotes = quotes[: measures.EVIDENCE_QUOTES]
    texts = measures.within_words(
        [measures.words(quote.reading) for quote in quotes], measures.EVIDENCE_WORDS
    )
    return any(
        _names(quote.ref, gold.paper) and measures.overlaps(text, measures.words(gold.quote))
        for quote, text in zip(quotes, texts, strict=False)
        for gold in outcome.question.evidence
    )


def _names(ref: str, arxiv_id: str) -> bool:
    """Whether a printed ref is of this arXiv paper, whatever its version."""
    name = ref.removeprefix("arxiv:")
    version = name[len(arxiv_id) :]
    return name.startswith(arxiv_id) and (not version or version[0] == "v")


def _mean(values: Sequence[float | bool]) -> float | None:
    return measures.ratio(sum(values), len(values))
