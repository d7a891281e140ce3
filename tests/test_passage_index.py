"""The contract of `PassageIndex`, held by both backends.

The server is qdrant-client's in-memory mode, or a real one where PAPERDESK_TEST_QDRANT_URL is set.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from indexes import edge
from indexes.edge import Bm25Encoder, EdgeIndex
from indexes.engine import Candidate, PassageIndex, Point, Vector
from indexes.errors import IndexMismatchError
from indexes.passages import PassageKind, passage_id
from indexes.qdrant import QdrantIndex

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect")

DIMENSION = 8
SERVER = os.environ.get("PAPERDESK_TEST_QDRANT_URL")
BACKENDS = ["edge", "memory", *(["server"] if SERVER else [])]
Open = Callable[[int | None], PassageIndex]

TERMS = Bm25Encoder()


def axis(number: int, towards: int | None = None, share: float = 0.0) -> Vector:
    """A unit vector along one axis, leaning towards another."""
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[number] = 1.0
    if towards is not None:
        vector[towards] = share
    unit: Vector = vector / np.linalg.norm(vector)
    return unit


def point(
    ordinal: int,
    text: str,
    dense: Vector | None,
    *,
    paper: str = "arxiv:1706.03762",
    generation: str = "g1",
    kind: PassageKind = PassageKind.TEXT,
) -> Point:
    return Point(
        id=passage_id(paper, generation, ordinal),
        paper=paper,
        generation=generation,
        kind=kind,
        dense=dense,
        sparse=TERMS.document(text),
    )


@pytest.fixture(params=BACKENDS)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same index again and again, closing what was open before."""
    from qdrant_client import QdrantClient

    collection = f"test-{uuid.uuid4()}"
    memory = QdrantClient(":memory:") if request.param == "memory" else None
    opened: list[PassageIndex] = []

    def open_it(dimension: int | None) -> PassageIndex:
        if opened and memory is None:
            opened.pop().close()
        if request.param == "edge":
            index: PassageIndex = EdgeIndex(tmp_path / "index", dimension)
        else:
            client = memory or QdrantClient(url=SERVER)
            index = QdrantIndex(client, collection, dimension)
        opened.append(index)
        return index

    yield open_it
    if request.param == "server":
        QdrantClient(url=SERVER).delete_collection(collection)
    opened[-1].close()


@pytest.fixture
def index(opener: Open) -> PassageIndex:
    return opener(DIMENSION)


POINTS = [
    point(0, "attention scales the dot products", axis(0)),
    point(1, "a table of translation scores", axis(1), kind=PassageKind.TABLE),
    point(2, "low rank adaptation of weights", axis(2), paper="arxiv:2106.09685"),
    point(3, "residual learning of attention", axis(3), paper="arxiv:1512.03385"),
]


def ids(candidates: tuple[Candidate, ...]) -> list[str]:
    return [candidate.id for candidate in candidates]


def test_both_retrievers_rank_their_own_best_first(index: PassageIndex) -> None:
    index.upsert(POINTS)
    found = index.query(axis(1, towards=0, share=0.5), TERMS.query("attention scales"), limit=4)
    assert ids(found.dense)[:2] == [POINTS[1].id, POINTS[0].id]
    assert found.dense[0].score == pytest.approx(1 / np.sqrt(1.25), abs=1e-4)
    assert ids(found.bm25) == [POINTS[0].id, POINTS[3].id]
    assert found.bm25[0].score > found.bm25[1].score > 0


def test_rare_terms_weigh_more(index: PassageIndex) -> None:
    common = [point(i, "attention layer", axis(0)) for i in range(6)]
    rare = point(9, "softmax layer", axis(0))
    index.upsert([*common, rare])
    found = index.query(None, TERMS.query("attention softmax"), limit=10)
    assert found.bm25[0].id == rare.id
    assert found.dense == ()


def test_a_candidate_of_one_retriever_carries_the_others_score(index: PassageIndex) -> None:
    index.upsert(POINTS)
    found = index.query(axis(2), TERMS.query("attention scales"), limit=1)
    assert set(ids(found.dense)) == {POINTS[2].id, POINTS[0].id}
    assert dict(zip(ids(found.dense), found.dense, strict=True))[
        POINTS[0].id
    ].score == pytest.approx(0, abs=1e-6)
    assert ids(found.bm25) == [POINTS[0].id]  # the other shares no term


def test_writing_twice_leaves_one(index: PassageIndex) -> None:
    index.upsert(POINTS)
    index.upsert(POINTS[:2])
    assert index.count() == 4
    moved = point(0, "entirely other words", axis(5))
    index.upsert([moved])
    found = index.query(axis(5), TERMS.query("attention"), limit=1)
    assert found.dense[0].id == moved.id
    assert ids(found.bm25) == [POINTS[3].id]


FILTERS: list[tuple[list[str] | None, list[PassageKind] | None, set[int]]] = [
    (None, None, {0, 1, 2, 3}),
    (["arxiv:1706.03762"], None, {0, 1}),
    (["arxiv:1706.03762", "arxiv:2106.09685"], None, {0, 1, 2}),
    (None, [PassageKind.TABLE], {1}),
    (["arxiv:2106.09685"], [PassageKind.TABLE], set()),
    (["arxiv:0000.00000"], None, set()),
    ([], None, set()),
    (None, [], set()),
]


def test_filters(index: PassageIndex) -> None:
    index.upsert(POINTS)
    for papers, kinds, expected in FILTERS:
        found = index.query(axis(0), TERMS.query("attention"), limit=10, papers=papers, kinds=kinds)
        assert set(ids(found.dense)) == {POINTS[i].id for i in expected}, (papers, kinds)
        assert set(ids(found.bm25)) == {POINTS[i].id for i in expected & {0, 3}}, (papers, kinds)


def test_relabelling_changes_the_kind_and_keeps_the_vectors(index: PassageIndex) -> None:
    index.upsert(POINTS)
    index.relabel([POINTS[0].id, passage_id("nobody", "g", 0)], PassageKind.CAPTION)
    found = index.query(axis(0), TERMS.query("scales"), limit=10, kinds=[PassageKind.CAPTION])
    assert ids(found.dense) == ids(found.bm25) == [POINTS[0].id]
    assert found.dense[0].score == pytest.approx(1, abs=1e-5)
    assert index.count("arxiv:1706.03762", "g1") == 2


def test_reweighing_changes_the_words_and_keeps_the_rest(index: PassageIndex) -> None:
    index.upsert(POINTS)
    index.reweigh({POINTS[1].id: TERMS.document("perplexity")})
    found = index.query(axis(1), TERMS.query("perplexity"), limit=1, kinds=[PassageKind.TABLE])
    assert ids(found.bm25) == ids(found.dense) == [POINTS[1].id]
    assert found.dense[0].score == pytest.approx(1, abs=1e-5)
    assert index.query(None, TERMS.query("translation"), limit=5).bm25 == ()


def test_deleting_by_id_generation_and_paper(index: PassageIndex) -> None:
    newer = [point(i, "attention again", axis(i), generation="g2") for i in range(3)]
    index.upsert([*POINTS, *newer])
    index.delete([newer[2].id, passage_id("nobody", "g", 0)])
    assert index.count("arxiv:1706.03762", "g2") == 2
    index.delete_paper("arxiv:1706.03762", keep_generation="g2")
    assert index.count("arxiv:1706.03762", "g1") == 0
    assert index.count("arxiv:1706.03762", "g2") == 2
    index.retain("arxiv:1706.03762", "g2", [newer[1].id])
    assert index.count("arxiv:1706.03762") == 1
    index.delete_paper("arxiv:1706.03762")
    assert index.count() == 2
    index.clear()
    assert index.count() == 0
    index.upsert(POINTS)
    assert index.count() == 4


def test_nothing_is_asked_and_nothing_is_there(index: PassageIndex) -> None:
    index.upsert([])
    index.delete([])
    index.relabel([], PassageKind.TEXT)
    index.reweigh({})
    empty = index.query(axis(0), TERMS.query("attention"), limit=5)
    assert empty.dense == empty.bm25 == ()
    index.upsert([point(0, "", axis(0))])  # a passage of punctuation has no terms
    found = index.query(axis(0), TERMS.query("the of and"), limit=5)
    assert len(found.dense) == 1
    assert found.bm25 == ()
    assert index.query(None, TERMS.query("the"), limit=5).bm25 == ()


def test_keys_and_words_of_every_script(index: PassageIndex) -> None:
    odd = point(0, "Schrödinger 注意力 Ελληνικά naïve", axis(4), paper="pdf:Ünïcode/'\"\n注")
    index.upsert([odd, *POINTS])
    for query in ("schrodinger", "注意力", "ελληνικά", "Naive"):
        assert ids(index.query(None, TERMS.query(query), limit=5).bm25) == [odd.id], query
    assert index.count(odd.paper) == 1
    assert ids(index.query(axis(4), TERMS.query("x"), limit=5, papers=[odd.paper]).dense) == [
        odd.id
    ]


def test_reopening_finds_what_was_flushed(opener: Open) -> None:
    index = opener(DIMENSION)
    index.upsert(POINTS)
    index.optimize()
    index.flush()
    again = opener(DIMENSION)
    assert again.count() == 4
    assert again.query(axis(3), TERMS.query("residual"), limit=1).dense[0].id == POINTS[3].id


def test_vectors_of_another_length_are_refused(opener: Open) -> None:
    opener(DIMENSION).upsert(POINTS)
    with pytest.raises(IndexMismatchError) as refusal:
        opener(DIMENSION * 2)
    assert "paperdesk reindex" in refusal.value.remedy
    opener(DIMENSION)


def test_without_an_embedder_words_alone_are_searched(opener: Open) -> None:
    index = opener(None)
    index.upsert([point(0, "attention", None), point(1, "weights", None)])
    found = index.query(None, TERMS.query("weights"), limit=5)
    assert found.dense == ()
    assert len(found.bm25) == 1
    assert opener(None).count() == 2


def test_readers_go_on_while_a_writer_writes(
    index: PassageIndex, request: pytest.FixtureRequest
) -> None:
    if "memory" in request.node.name:
        pytest.skip("qdrant-client's in-memory mode, unlike a server, has no locks")
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    points = [point(i, f"attention number{i}", v) for i, v in enumerate(vectors)]
    index.upsert(points[:10])
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(20):
                assert index.query(axis(0), TERMS.query("attention"), limit=5).dense
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for start in range(10, 300, 29):
        index.upsert(points[start : start + 29])
    for reader in readers:
        reader.join()
    assert failures == []
    assert index.count() == 300


def test_a_killed_writer_leaves_what_it_flushed(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from test_passage_index import DIMENSION, POINTS, axis, point
from indexes.edge import EdgeIndex
index = EdgeIndex(Path(sys.argv[1]), DIMENSION)
index.upsert(POINTS)
index.flush()
index.upsert([point(i, "attention", axis(5), paper="half") for i in range(300)])
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "index")],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"},
        timeout=60,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL
    index = EdgeIndex(tmp_path / "index", DIMENSION)
    assert index.count() - index.count("half") == 4
    found = index.query(axis(1), TERMS.query("translation"), limit=1)
    assert ids(found.bm25) == ids(found.dense) == [POINTS[1].id]
    index.delete_paper("half")
    index.upsert(POINTS)
    assert index.count() == 4
    index.close()


def test_a_large_index_is_optimised_beside_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "_SCANNED_POINTS", 100)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(1500, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = EdgeIndex(tmp_path / "index", 64)
    index.upsert([point(i, f"number{i}", v) for i, v in enumerate(vectors)])
    before = index.query(vectors[7], TERMS.query("number8"), limit=3)
    index.optimize()
    graphs = list((tmp_path / "index").rglob("vector_index-dense/graph*"))
    assert graphs
    assert index.count() == 1500
    after = index.query(vectors[7], TERMS.query("number8"), limit=3)
    assert after.dense[0].id == before.dense[0].id
    assert after.bm25[0].id == before.bm25[0].id
    index.close()
