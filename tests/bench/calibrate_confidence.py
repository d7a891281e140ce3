"""Fits the weights of assistant/confidence.py: questions on the papers against off-topic ones.

    python tests/bench/calibrate_confidence.py HOME QUESTIONS.jsonl

HOME is a library that holds the papers the questions are about (with their index), QUESTIONS.jsonl
a question set in the form that `paperdesk eval` reads. The off-topic questions are ours
(tests/bench/data/off_topic.jsonl). Prints the weights to copy, and shares by five-fold cross-validation.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.confidence import ABSENT_BELOW, Features, features
from indexes.folders import Home
from indexes.hits import Hit

OFF_TOPIC = Path(__file__).parent / "data" / "off_topic.jsonl"
Matrix = NDArray[np.float64]
Find = Callable[[str, Sequence[str]], Sequence[Hit]]  # question, scope (arXiv ids) to hits

_FOLDS = 5
_RIDGE = 0.02  # keeps the weights from running off where the classes separate


def row(found: Features, *, meaning: bool) -> list[float]:
    """The features as the weights multiply them, the bias first."""
    near = [found.near or 0.0, found.deep or 0.0] if meaning else [0.0, 0.0]
    return [1.0, *near, found.matched, found.known]


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


def calibrate(positive: Sequence[Features], negative: Sequence[Features]) -> None:
    """Print weights with and without the meaning features, and what they would get wrong."""
    labels = np.array([1.0] * len(positive) + [0.0] * len(negative))
    folds = np.random.default_rng(0).permutation(len(labels)) % _FOLDS
    for name, meaning in (("WITH_MEANING", True), ("WORDS_ALONE", False)):
        rows = np.array([row(f, meaning=meaning) for f in [*positive, *negative]])
        held_out = np.zeros(len(labels))
        for fold in range(_FOLDS):
            weights = fit(rows[folds != fold], labels[folds != fold])
            held_out[folds == fold] = 1 / (1 + np.exp(-rows[folds == fold] @ weights))
        weights = fit(rows, labels)
        print(name, [round(float(w), 2) for w in weights])
        for threshold in (ABSENT_BELOW, 0.3, 0.5):
            lost = float((held_out[labels == 1] < threshold).mean())
            caught = float((held_out[labels == 0] < threshold).mean())
            print(f"  below {threshold}: {caught:.1%} of off-topic, {lost:.1%} of answerable")


def run(find: Find, questions: Path) -> None:
    """Search every question with `find` and calibrate on what it finds."""
    asked = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    answerable: list[Any] = [q for q in asked if q.get("evidence")]
    off = [json.loads(line) for line in OFF_TOPIC.read_text(encoding="utf-8").splitlines()]
    calibrate(
        [features(q["question"], find(q["question"], q.get("scope", ()))) for q in answerable],
        [features(q["question"], find(q["question"], ())) for q in off],
    )


def main() -> None:
    from assistant.settings import Settings
    from assistant.workspace import Workspace

    if len(sys.argv) != 3:
        sys.exit(__doc__)
    workspace = Workspace(Home(Path(sys.argv[1])), Settings())

    def find(question: str, scope: Sequence[str]) -> Sequence[Hit]:
        keys = [paper.key for id_ in scope for paper in workspace.library.papers.find_arxiv(id_)]
        return workspace.searcher.search(question, k=12, papers=keys or None).hits

    try:
        run(find, Path(sys.argv[2]))
    finally:
        workspace.close()


if __name__ == "__main__":
    main()
