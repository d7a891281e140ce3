"""Which sentences can be quoted on their own, and which part of a paper they come from."""

from __future__ import annotations

import pytest

from assistant.aspects import asked_for, aspects
from assistant.parts import Part, part_of
from assistant.statements import standing
from indexes.passages import PassageKind


@pytest.mark.parametrize(
    ("section", "part"),
    [
        (("Abstract",), Part.ABSTRACT),
        (("Résumé",), Part.ABSTRACT),
        (("4 Mesure de qualité d’un résumé",), Part.BODY),
        (("1 Introduction",), Part.INTRODUCTION),
        (("I. INTRODUCTION",), Part.INTRODUCTION),
        (("3 Method", "3.2 Results on toys"), Part.RESULTS),
        (("6 Discussion", "6.1 Limitations"), Part.LIMITATIONS),
        (("IV. CONCLUSIONS",), Part.CONCLUSION),
        (("8 Conclusion and Future Directions",), Part.CONCLUSION),
        (("Acknowledgments",), Part.APPARATUS),
        (("Appendix B", "Results"), Part.APPENDIX),
        ((), Part.BODY),
    ],
)
def test_headings_tell_the_part(section, part):
    assert part_of(section) is part


def test_an_abstract_is_one_whatever_its_heading():
    assert part_of(("Some Title",), PassageKind.ABSTRACT) is Part.ABSTRACT


@pytest.mark.parametrize(
    "sentence",
    [
        "We propose a new simple network architecture, the Transformer, based on attention.",
        "This paper describes a method for rating pages by the links between them [3, 4].",
        "It remains open how much of the remaining noise a trained model absorbs.",
        "Dans ce papier, nous proposons une méthode pour résumer des logs de requêtes.",
    ],
)
def test_sentences_that_stand_alone(sentence):
    assert standing(sentence) == 1.0


@pytest.mark.parametrize(
    "sentence",
    [
        "This leads to a much better result on all of the tasks.",
        "In the former task our best model outperforms all reported ensembles.",
        "We discuss limitations of our approach and future directions.",
        "Table 3 lists the results of all models on the test set.",
        "However, it is not sufficient for the larger of the two models.",
        "We will correct the open points in a future version of our survey.",
        "Cependant, la méthode ne permet pas de traiter tous les cas.",
    ],
)
def test_sentences_that_lean_on_others_count_less(sentence):
    assert 0 < standing(sentence) < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Too short to say.",
        "7.2 TEMPORAL AVERAGING Since the last iterate is noisy, averaging often helps.",
        "Task description Please translate: Input en: A cat sleeps there. Output fr: Un chat.",
        "Assessment If the models pose a risk to all, a new organization may be valuable.",
        "and so the sentence began in the passage before this one.",
        "The sentence that never comes to its own proper end because the page",
        "Write to the first author at someone@example.org for the code of this work.",
        "W + 1 = x ∂ ∂y W + 1 , 0 = 1 2 x ∂ ∂ x − y ∂ ∂ y and so on.",
        "A Bracket (that is never closed makes a sentence look cut off on the page.",
        " ".join(["Words"] + ["words"] * 60) + ".",
    ],
)
def test_what_is_no_quotable_sentence(text):
    assert standing(text) == 0.0


def test_aspects_are_read_whole_and_found_by_what_instructors_ask():
    assert list(aspects()) == ["problem", "approach", "result", "strength", "limitation", "open"]
    assert [a.name for a in asked_for("Key findings")] == ["result"]
    assert [a.name for a in asked_for("Weaknesses of the paper")] == ["limitation"]
    assert asked_for("Zebra stripes") == []


def test_cue_phrases_match_whole_words():
    result = aspects()["result"]
    assert result.strong.search("the shared line wins by far")
    assert not result.strong.search("it ran under Windows on one core")
