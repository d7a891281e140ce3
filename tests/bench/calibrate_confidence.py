"""Fits the weights of assistant/confidence.py: questions on the papers against off-topic ones.

    python tests/bench/calibrate_confidence.py HOME QUESTIONS.jsonl

HOME is a library that holds the papers the questions are about (with their index), QUESTIONS.jsonl
a question set in the form that `paperdesk eval` reads. The off-topic questions are ours
(tests/bench/data/off_topic.jsonl).

A question is asked of the whole library, or of the papers it names; one of the whole library also
of a shelf of six that holds its papers. Off-topic questions are asked of the library, of six papers
and of one. Prints the weights to copy, and shares by five-fold cross-validation in which all forms
of one question stay together.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.confidence import ABSENT_BELOW, DEPTH, FOUND_FROM, Features, features
from indexes.folders import Home
from indexes.hits import Hit

OFF_TOPIC = Path(__file__).parent / "data" / "off_topic.jsonl"
Matrix = NDArray[np.float64]
Find = Callable[[str, Sequence[str]], Sequence[Hit]]  # question, papers (arXiv ids) to hits

_FOLDS = 5
_SHELF = 6  # papers: a small library
_RIDGE = 0.02  # keeps the weights from running off where the classes separate


@dataclass(frozen=True)
class Asked:
    """A question, by number, asked of so many papers."""

    question: int
    answerable: bool
    papers: int
    features: Features


def row(found: Features, *, meaning: bool) -> list[float]:
    """The features as the weights multiply them, the bias first."""
    near = [found.near or 0.0, found.deep or 0.0] if meaning else [0.0, 0.0]
    return [1.0, *near, found.matched, found.narrow]


def fit(rows: Matrix, labels: Matrix) -> Matrix:
    """Logistic regression by Newton steps, classes weighted alike; shape (columns,)."""
    weights = np.zeros(rows.shape[1])
    share = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean())) / len(labels)
    ridge = _RIDGE * np.eye(rows.shape[1]) / len(labels)
    ridge[0, 0] = 1e-9
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (share * (p - labels)) + ridge @ weights
        hessian = (rows * (share * p * (1 - p))[:, None]).T @ rows + ridge
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def calibrate(asked: Sequence[Asked]) -> None:
    """Print weights with and without the meaning features, and what they would get wrong."""
    labels = np.array([float(one.answerable) for one in asked])
    papers = np.array([one.papers for one in asked])
    fold_of = np.random.default_rng(0).permutation(max(one.question for one in asked) + 1) % _FOLDS
    folds = np.array([fold_of[one.question] for one in asked])
    for name, meaning in (("WITH_MEANING", True), ("WORDS_ALONE", False)):
        rows = np.array([row(one.features, meaning=meaning) for one in asked])
        held_out = np.zeros(len(labels))
        for fold in range(_FOLDS):
            weights = fit(rows[folds != fold], labels[folds != fold])
            held_out[folds == fold] = 1 / (1 + np.exp(-rows[folds == fold] @ weights))
        weights = fit(rows, labels)
        print(name, [round(float(w), 2) for w in weights])
        for threshold in sorted({ABSENT_BELOW, 0.3, 0.5, 0.6, FOUND_FROM}):
            print(f"  below {threshold}:", end="")
            for scope, among in (
                ("all", papers > 0),
                ("one paper", papers == 1),
                ("shelf", papers == _SHELF),
                ("library", papers > _SHELF),
            ):
                caught = float((held_out[among & (labels == 0)] < threshold).mean())
                lost = float((held_out[among & (labels == 1)] < threshold).mean())
                print(f"  {scope} {caught:.1%} of off-topic, {lost:.1%} of answerable", end=";")
            print()


def run(find: Find, questions: Path, library: Sequence[str]) -> None:
    """Search every question with `find` and calibrate on what it finds; `library` holds ids."""
    lines = questions.read_text(encoding="utf-8").splitlines()
    lines += OFF_TOPIC.read_text(encoding="utf-8").splitlines()
    chance = random.Random(0)
    asked: list[Asked] = []
    for number, line in enumerate(lines):
        question: dict[str, Any] = json.loads(line)
        gold = [evidence["paper"] for evidence in question.get("evidence", ())]
        off_topic = "evidence" not in question
        if not (gold or off_topic):
            continue  # about the field, but with no answer in the papers: neither one nor the other
        others = chance.sample([i for i in library if i not in gold], _SHELF)
        shelf = [*dict.fromkeys(gold), *others][:_SHELF]
        scopes = [question["scope"]] if question.get("scope") else [list(library), shelf]
        if off_topic:
            scopes.append(shelf[:1])
        for scope in scopes:
            hits = find(question["question"], scope)
            measured = features(question["question"], hits, papers=len(scope))
            asked.append(Asked(number, not off_topic, len(scope), measured))
    calibrate(asked)


def main() -> None:
    from assistant.settings import Settings
    from assistant.workspace import Workspace

    if len(sys.argv) != 3:
        sys.exit(__doc__)
    workspace = Workspace(Home(Path(sys.argv[1])), Settings())
    held = {paper.arxiv_id: paper.key for paper in workspace.library.papers.all() if paper.arxiv_id}

    def find(question: str, papers: Sequence[str]) -> Sequence[Hit]:
        keys = [held[id_] for id_ in papers]
        return workspace.searcher.search(question, k=DEPTH, papers=keys).hits

    try:
        run(find, Path(sys.argv[2]), sorted(held))
    finally:
        workspace.close()


if __name__ == "__main__":
    main()
