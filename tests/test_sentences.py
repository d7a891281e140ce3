"""Sentences of scientific prose."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans, sentences


@pytest.mark.parametrize(
    "expected",
    [
        ["We follow Vaswani et al. (2017) closely.", "It works."],
        ["See Fig. 3 and Eq. 2 for more.", "Sec. 4 has the proof."],
        ["It grows, i.e. The Bound is loose, e.g. Markov's.", "Next one."],
        ["The rate is 0.05 vs. 0.1 in Table 2.", "3 of them fail."],
        ["J. K. Smith and A. Turing wrote it.", "We agree."],
        ["This was shown before [12].", "We show it again. [3, 4]", "Then we stop."],
        ['He called it "attention."', "(It is not.)", "Why?", "Nobody knows!"],
        ["We use head A.", "The others are unused."],
        ["We add noise, dropout, etc. before the sum.", "Done."],
        ["It runs in the U.S. and elsewhere.", "We tested."],
        ["This is true w.r.t. Gaussian noise.", "mBERT differs."],
        ["The end…", "Or not."],
        ["1. The first step.", "2. The second step."],
    ],
)
def test_cuts_where_sentences_end(expected: list[str]) -> None:
    assert [s.text for s in sentences(" ".join(expected))] == expected


@given(st.text(alphabet='aB. \n[1]"(!?é', max_size=60))
def test_offsets_hold_and_nothing_is_lost(text: str) -> None:
    found = sentences(text)
    assert all(text[s.start : s.end] == s.text for s in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    between = [text[a.end : b.start] for a, b in itertools.pairwise(found)]
    left_out = [text[: found[0].start], *between, text[found[-1].end :]] if found else [text]
    assert all(piece.strip().isdigit() or not piece.strip() for piece in left_out)  # footnotes'
    spans = sentence_spans(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


def test_the_number_of_a_footnote_belongs_to_no_sentence() -> None:
    text = "It may need formal regulation.43 While it lasts, see GPT-3.5 and Sec.4 Others.7"
    assert [s.text for s in sentences(text)] == [
        "It may need formal regulation.",
        "While it lasts, see GPT-3.5 and Sec.4 Others.",
    ]
    assert all(text[s.start : s.end] == s.text for s in sentences(text))


@given(st.text(alphabet="aB. \n[1]12", max_size=60))
def test_spans_hold_all_of_a_text(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_a_long_text_without_a_space_takes_no_time() -> None:
    assert len(sentences("x" * 200_000 + ". The end." + " a. b." * 20_000)) == 2
