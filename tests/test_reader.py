"""The extractive reader's choice, and when the papers are said to hold no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support_papers import hits_of, put_paper

from assistant.confidence import assess, missing_words
from assistant.gate import Gate
from assistant.question_kind import QuestionKind, answers_kind, question_kind
from assistant.reader import read
from assistant.terms import coverage, rarity, terms
from indexes.library import Library

PAGE = (
    "Cats sleep for 16 hours a day. They do so because hunting costs them energy.\n\n"
    "A nap is defined as a short sleep during the day. Dogs sleep less than cats.\n\n"
    "Mice avoid both. Their burrows are deep and dark and narrow."
)
OFF_TOPIC = Path(__file__).parent / "bench" / "data" / "off_topic.jsonl"


def test_quotes_are_verified_distinct_and_short(library: Library) -> None:
    paper = put_paper(library, "2001.00003", [PAGE])
    chosen = read(
        "How many hours do cats sleep?", hits_of(library, paper), gate=Gate(library), embedder=None
    )
    assert chosen[0].quote.text.startswith("Cats sleep for 16 hours")
    assert len(chosen) <= 3
    assert all(excerpt.quote.verified for excerpt in chosen)
    assert sum(len(excerpt.quote.text.split()) for excerpt in chosen) <= 150
    texts = [excerpt.quote.text for excerpt in chosen]
    assert not any(a in b for a in texts for b in texts if a is not b)


def test_a_quote_that_helps_little_or_repeats_another_is_not_shown(library: Library) -> None:
    page = (
        "The reactor reached 28.4 points after training for a whole week.\n\n"
        "After training for a whole week, the reactor reached 28.4 points.\n\n"
        "Their burrows are deep and dark and narrow and old."
    )
    paper = put_paper(library, "2001.00003", [page])
    chosen = read(
        "How many points did the reactor reach after training?",
        hits_of(library, paper),
        gate=Gate(library),
        embedder=None,
    )
    assert [excerpt.quote.text for excerpt in chosen] == [
        "The reactor reached 28.4 points after training for a whole week."
    ]


def test_contents_and_footnote_numbers_are_no_answers(library: Library) -> None:
    contents = (
        "2.1 What is a burrow? . . . . . . . . 3\n2.2 What is a nest? . . . . . . . . 4\n"
        "2.3 What is a den? . . . . . . . . 5"
    )
    page = "11However, a burrow may be a nest to birds.\n\nA burrow is a hole dug by an animal."
    paper = put_paper(library, "2001.00003", [f"{contents}\n\n{page}"])
    chosen = read(
        "What is a burrow?", hits_of(library, paper), gate=Gate(library), embedder=None, limit=1
    )
    assert chosen[0].quote.text == "A burrow is a hole dug by an animal."


def test_a_long_sentence_is_quoted_whole(library: Library) -> None:
    middle = " ".join(f"word{n}" for n in range(55))
    page = f"The reactor reached, as {middle} and others said, 28.4 points."
    paper = put_paper(library, "2001.00003", [page])
    hits = hits_of(library, paper)
    chosen = read("What did the reactor reach?", hits, gate=Gate(library), embedder=None)
    assert chosen[0].quote.text == page


@pytest.mark.parametrize(
    ("question", "sentence", "answers"),
    [
        ("How many heads does it have?", "The model has 8 heads in each layer.", True),
        ("How many heads does it have?", "It was better than all others [22].", False),
        ("How many heads does it have?", "The 3 tasks of the benchmark are old.", False),
        ("What is a nap?", "A nap is a short sleep.", True),
        (
            "What is a nap?",
            "The nap was dear to all of the old cats there; a mouse is an animal.",
            False,
        ),
        ("How do cats differ from dogs?", "Cats sleep more than dogs, unlike mice.", True),
        ("How do cats differ from dogs?", "Cats sleep.", False),
        ("Where were the burrows?", "The burrows were in a field.", False),
    ],
)
def test_what_an_answer_is_known_by(question: str, sentence: str, answers: bool) -> None:
    assert answers_kind(question_kind(question), sentence, terms(question)) is answers


def test_what_does_not_stand_on_its_page_is_not_chosen(library: Library) -> None:
    paper = put_paper(library, "2001.00003", [PAGE])
    hits = hits_of(library, paper)
    forged = [h.model_copy(update={"text": h.text.replace("16", "61")}) for h in hits]
    chosen = read("How many hours do cats sleep?", forged, gate=Gate(library), embedder=None)
    assert chosen
    assert not any("61" in excerpt.quote.text for excerpt in chosen)
    assert read("How many?", [], gate=Gate(library), embedder=None) == []


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Why do cats sleep?", QuestionKind.REASON),
        ("How many heads does it have?", QuestionKind.NUMBER),
        ("What score does the large model reach?", QuestionKind.NUMBER),
        ("How do they define a nap?", QuestionKind.DEFINITION),
        ("How does it differ from the older one?", QuestionKind.COMPARISON),
        ("Which limits do they admit?", QuestionKind.LIMITATION),
        ("What are the limitations of ChatGPT?", QuestionKind.LIMITATION),
        ("What is the difference between cats and dogs?", QuestionKind.COMPARISON),
        ("What is a nap?", QuestionKind.DEFINITION),
        ("Where were the burrows?", QuestionKind.PASSAGE),
    ],
)
def test_kinds_of_questions(question: str, kind: QuestionKind) -> None:
    assert question_kind(question) is kind


def test_terms_and_their_weight() -> None:
    assert terms("scores scaled") == terms("score scaling")
    assert terms("What do the authors use?") == []
    assert set(terms("attention")) < set(terms("self-attention"))
    weights = rarity(["cats sleep", "cats eat", "cats purr"])
    assert coverage(terms("cats sleep"), "they sleep", weights) > 0.5
    assert coverage([], "anything", weights) == 0


def test_confidence_follows_meaning_and_words(library: Library) -> None:
    paper = put_paper(library, "2001.00003", [PAGE])
    near = hits_of(library, paper, dense=0.6)
    far = hits_of(library, paper, dense=0.05)
    assert assess("How many hours do cats sleep?", near, papers=1).confidence == "found"
    verdict = assess("Who won the football cup?", far, papers=1)
    assert verdict.confidence == "absent"
    assert verdict.reason is not None
    assert "football" in verdict.reason
    assert assess("Anything?", [], papers=3).confidence == "absent"
    assert missing_words("Do cats play football?", near) == ["play", "football"]


def test_one_paper_is_asked_with_more_trust_than_many(library: Library) -> None:
    paper = put_paper(library, "2001.00003", [PAGE])
    hits = hits_of(library, paper, dense=0.3)
    scores = [assess("Do cats hunt?", hits, papers=papers).score for papers in (1, 6, 100)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_the_off_topic_questions_are_many_and_distinct() -> None:
    lines = OFF_TOPIC.read_text(encoding="utf-8").splitlines()
    questions = {json.loads(line)["question"] for line in lines}
    assert len(questions) == len(lines) >= 100
