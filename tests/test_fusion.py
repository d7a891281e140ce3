"""Fusion of two retrievers' scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.engine import Candidate, Candidates, missing_from
from indexes.fusion import fuse


def candidates(dense: dict[str, float], bm25: dict[str, float]) -> Candidates:
    return Candidates(
        dense=tuple(Candidate(i, s) for i, s in dense.items()),
        bm25=tuple(Candidate(i, s) for i, s in bm25.items()),
    )


def test_a_passage_good_at_both_beats_the_best_of_either() -> None:
    fused = fuse(candidates({"a": 0.8, "b": 0.75, "c": 0.1}, {"a": 1.0, "b": 9.0, "c": 10.0}))
    assert [f.id for f in fused] == ["b", "a", "c"]
    assert (fused[0].dense, fused[0].bm25) == (0.75, 9.0)


def test_raw_scales_do_not_matter() -> None:
    dense = {"a": 0.8, "b": 0.5, "c": 0.3}
    bm25 = {"a": 3.0, "b": 7.0, "c": 1.0}
    plain = fuse(candidates(dense, bm25))
    scaled = fuse(candidates(dense, {i: 100 * s for i, s in bm25.items()}))
    assert [f.id for f in plain] == [f.id for f in scaled]
    assert [f.score for f in plain] == pytest.approx([f.score for f in scaled])


def test_without_a_shared_term_bm25_is_zero_not_unknown() -> None:
    fused = {f.id: f for f in fuse(candidates({"a": 0.5, "b": 0.5}, {"a": 4.0}))}
    assert fused["a"].score > fused["b"].score
    assert fused["b"].bm25 is None


def test_one_retriever_ranks_alone() -> None:
    assert [f.id for f in fuse(candidates({"a": 0.2, "b": 0.9}, {}))] == ["b", "a"]
    assert [f.id for f in fuse(candidates({}, {"a": 2.0, "b": 9.0}))] == ["b", "a"]
    assert fuse(candidates({}, {})) == []


def test_ties_go_by_id() -> None:
    assert [f.id for f in fuse(candidates({"b": 0.5, "a": 0.5}, {"b": 2.0, "a": 2.0}))] == [
        "a",
        "b",
    ]


def test_missing_from_names_what_only_the_other_found() -> None:
    found = {
        "dense": [Candidate("a", 1), Candidate("b", 1)],
        "bm25": [Candidate("b", 1), Candidate("c", 1)],
    }
    assert missing_from(found) == {"dense": ["c"], "bm25": ["a"]}
    assert missing_from({"bm25": [Candidate("b", 1)]}) == {}


scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-50, 50), max_size=8)


@given(scores, scores)
def test_every_candidate_appears_once_in_descending_order(
    dense: dict[str, float], bm25: dict[str, float]
) -> None:
    fused = fuse(candidates(dense, bm25))
    assert sorted(f.id for f in fused) == sorted(dense.keys() | bm25.keys())
    assert [f.score for f in fused] == sorted((f.score for f in fused), reverse=True)
