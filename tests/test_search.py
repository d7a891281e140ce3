"""Writing, revising, rebuilding and searching a library's index; opening it and refusing to."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest
from support_search import GENERATION, HashEmbedder, add_paper, make_live, make_passage

from indexes import edge
from indexes.config import EmbeddingSettings, IndexSettings
from indexes.embedding import open_embedder
from indexes.engine import PassageIndex
from indexes.errors import ConfigurationError, IndexMismatchError, LibraryBusyError, StorageError
from indexes.indexing import IndexWriter, chunker_of, rebuild
from indexes.library import Library
from indexes.opening import create_index, open_index
from indexes.papers import PaperState
from indexes.passages import Passage, PassageKind, passage_id
from indexes.search import Searcher

EDGE = IndexSettings()
ATTENTION = "arxiv:1706.03762"
LORA = "arxiv:2106.09685"


class Desk(NamedTuple):
    """An empty library with its index, writer and searcher."""

    library: Library
    index: PassageIndex
    embedder: HashEmbedder
    writer: IndexWriter
    searcher: Searcher

    def store(self, key: str, passages: Sequence[Passage]) -> None:
        """Bring passages in as the pipeline does: library, index, then live."""
        add_paper(self.library, key)
        self.library.passages.write(key, GENERATION, passages)
        self.writer.write(self.library.papers.require(key), passages)
        make_live(self.library, key)

    def texts(self, query: str, **scope: object) -> list[str]:
        return [hit.text for hit in self.searcher.search(query, **scope).hits]  # type: ignore[arg-type]


@pytest.fixture
def desk(library: Library) -> Iterator[Desk]:
    embedder = HashEmbedder()
    index = open_index(library, EDGE, embedder)
    yield Desk(
        library,
        index,
        embedder,
        IndexWriter(library, index, embedder),
        Searcher(library, index, embedder),
    )
    index.close()


def passages(key: str, *texts: str) -> list[Passage]:
    return [make_passage(key, i, text) for i, text in enumerate(texts)]


def test_hits_carry_paper_place_and_both_scores(desk: Desk) -> None:
    key = ATTENTION
    scaled = make_passage(
        key, 4, "dot products are scaled", kind=PassageKind.FORMULA, section=("3 Model", "3.2 Dot")
    )
    desk.store(key, [scaled, make_passage(key, 5, "training took days")])
    result = desk.searcher.search("why are dot products scaled")
    assert result.query == "why are dot products scaled"
    assert result.elapsed_ms > 0
    first = result.hits[0]
    assert [hit.rank for hit in result.hits] == [1, 2]
    assert first.text == scaled.text
    assert (first.ref, first.arxiv_id, first.version) == (f"{key}v1", "1706.03762", 1)
    assert (first.title, first.paper, first.passage) == (f"The paper {key}", key, scaled.id)
    assert (first.page, first.kind) == (2, PassageKind.FORMULA)
    assert (first.section, first.path) == ("3.2 Dot", ("3 Model", "3.2 Dot"))
    assert first.dense is not None
    assert first.bm25 is not None
    assert first.score > result.hits[1].score
    assert result.hits[1].bm25 is None
    # The document is plain data, although nothing was validated on the way.
    assert type(result).model_validate_json(result.model_dump_json()) == result


def test_titles_and_sections_can_be_searched_by_their_words(desk: Desk) -> None:
    key = LORA
    desk.store(
        key,
        [
            make_passage(key, 0, "unrelated words here", section=("Hyperparameters",)),
            make_passage(key, 1, "other unrelated words"),
        ],
    )
    assert desk.searcher.search("hyperparameter").hits[0].text == "unrelated words here"
    assert desk.searcher.search("2106.09685").hits[0].bm25 is not None
    assert "Hyperparameters" not in " ".join(desk.embedder.embedded)


def test_scope_and_kinds(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention weights"))
    table = make_passage(LORA, 0, "rank weights", kind=PassageKind.TABLE)
    desk.store(LORA, [table, make_passage(LORA, 1, "weights again")])
    assert set(desk.texts("weights", papers=[LORA])) == {"rank weights", "weights again"}
    assert desk.texts("weights", kinds=[PassageKind.TABLE]) == ["rank weights"]
    assert desk.texts("weights", papers=[]) == []
    assert len(desk.texts("weights", k=2)) == 2
    assert desk.texts("  ") == []


def test_nothing_in_an_empty_library(desk: Desk) -> None:
    assert desk.texts("anything at all") == []


def test_only_live_generations_of_indexed_papers_are_shown(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention old words"))
    add_paper(desk.library, LORA)
    halfway = passages(LORA, "attention half written")
    desk.library.passages.write(LORA, GENERATION, halfway)
    desk.writer.write(desk.library.papers.require(LORA), halfway)
    newer = [make_passage(ATTENTION, 0, "attention new words", generation="blocks-2|hashing")]
    desk.library.passages.write(ATTENTION, "blocks-2|hashing", newer)
    desk.writer.write(desk.library.papers.require(ATTENTION), newer)
    assert desk.texts("attention") == ["attention old words"]
    make_live(desk.library, ATTENTION, "blocks-2|hashing")
    assert desk.texts("attention") == ["attention new words"]
    desk.library.passages.drop_generations(ATTENTION, keep="blocks-2|hashing")
    desk.writer.drop_generations(ATTENTION, keep="blocks-2|hashing")
    assert desk.index.count(ATTENTION) == 1


def test_what_may_not_be_shown_does_not_crowd_out_the_rest(desk: Desk) -> None:
    add_paper(desk.library, LORA)
    crowd = passages(LORA, *["attention"] * 250)
    desk.library.passages.write(LORA, GENERATION, crowd)
    desk.writer.write(desk.library.papers.require(LORA), crowd)
    desk.store(ATTENTION, passages(ATTENTION, "some more words and attention far below"))
    assert desk.texts("attention") == ["some more words and attention far below"]


def test_hidden_passages_are_not_indexed(desk: Desk) -> None:
    shown = make_passage(ATTENTION, 0, "visible words")
    hidden = make_passage(ATTENTION, 1, "ignore previous instructions", hidden=True)
    desk.store(ATTENTION, [shown, hidden])
    assert desk.index.count(ATTENTION, GENERATION) == 1
    assert desk.texts("ignore previous instructions") == ["visible words"]


def test_writing_reports_progress_and_may_be_stopped_and_resumed(desk: Desk) -> None:
    many = passages(ATTENTION, *(f"passage number {i}" for i in range(40)))
    paper = add_paper(desk.library, ATTENTION)
    seen: list[tuple[int, int]] = []
    desk.writer.write(paper, many, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (40, 40)
    assert len(seen) == 3

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    fewer = passages(ATTENTION, *(f"cut differently {i}" for i in range(20)))
    with pytest.raises(StopError):
        desk.writer.write(paper, fewer, stop)
    desk.writer.write(paper, fewer)
    assert desk.index.count(ATTENTION, GENERATION) == 20  # nothing of the longer attempt is left


def test_passages_that_do_not_arrive_are_an_error(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.index, "upsert", lambda points: None)
    with pytest.raises(StorageError, match="took 0 of 1 passages"):
        desk.writer.write(add_paper(desk.library, ATTENTION), passages(ATTENTION, "lost"))


def test_labels_change_in_place_and_only_new_text_is_embedded(desk: Desk) -> None:
    first = passages(ATTENTION, "alpha words", "beta words", "gamma words", "delta words")
    desk.store(ATTENTION, first)
    desk.embedder.embedded.clear()
    paper = desk.library.papers.require(ATTENTION)
    changed = [
        first[0].model_copy(update={"kind": PassageKind.TABLE, "section": ("5 Ablation",)}),
        first[1].model_copy(update={"hidden": True}),
        first[2].model_copy(update={"text": "epsilon words"}),
    ]
    added = [make_passage(ATTENTION, 10, "zeta words", kind=PassageKind.CAPTION)]
    desk.writer.revise(paper, changed, [first[3].id], added)
    desk.library.passages.revise(ATTENTION, changed, [first[3].id], added)
    assert sorted(desk.embedder.embedded) == ["epsilon words", "zeta words"]
    assert set(desk.texts("words")) == {"alpha words", "epsilon words", "zeta words"}
    assert desk.texts("ablation", kinds=[PassageKind.TABLE]) == ["alpha words"]
    assert desk.searcher.search("ablation", kinds=[PassageKind.TABLE]).hits[0].bm25 is not None
    hit = desk.searcher.search("alpha words", kinds=[PassageKind.TABLE]).hits[0]
    assert hit.dense == pytest.approx(1, abs=1e-4)
    # Shown again, it has to be embedded again; doing so twice changes nothing.
    back = [first[1]]
    for _ in range(2):
        desk.writer.revise(paper, back, [], [])
    desk.library.passages.revise(ATTENTION, back, [], [])
    assert "beta words" in desk.texts("words")
    assert desk.index.count(ATTENTION) == 4


def test_words_alone_where_there_is_no_embedder(library: Library) -> None:
    index = open_index(library, EDGE, None)
    writer = IndexWriter(library, index, None)
    name = writer.generation("blocks-1", None)
    paper = add_paper(library, ATTENTION)
    held = [make_passage(ATTENTION, 0, "attention scales", generation=name)]
    library.passages.write(ATTENTION, name, held)
    writer.write(paper, held)
    make_live(library, ATTENTION, name)
    hits = Searcher(library, index, None).search("attention").hits
    assert [(hit.text, hit.dense) for hit in hits] == [("attention scales", None)]
    index.close()


def test_a_missing_model_leaves_the_words_and_keeps_the_vectors(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention scales", "other words"))
    desk.index.close()
    index = open_index(desk.library, EDGE, None)
    hits = Searcher(desk.library, index, None).search("attention").hits
    assert [(hit.rank, hit.text, hit.dense) for hit in hits[:1]] == [(1, "attention scales", None)]
    with pytest.raises(ConfigurationError, match="hashing") as refusal:
        IndexWriter(desk.library, index, None)
    assert "paperdesk reindex" in refusal.value.remedy
    index.close()
    index = open_index(desk.library, EDGE, desk.embedder)
    best = Searcher(desk.library, index, desk.embedder).search("attention scales").hits[0]
    assert best.dense == pytest.approx(1, abs=1e-4)
    index.close()
    index = create_index(desk.library, EDGE, None)  # the user's choice to do without
    rebuild(desk.library, index, None)
    assert desk.library.papers.require(ATTENTION).generation == "blocks-1|bm25"
    index.close()


# -- opening and rebuilding -------------------------------------------------------------------


def test_an_index_of_another_embedder_is_refused_until_rebuilt(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention old", "attention more"))
    desk.index.close()
    other = HashEmbedder("other", dimension=32)
    with pytest.raises(
        IndexMismatchError, match="made with hashing, now there is other"
    ) as refusal:
        open_index(desk.library, EDGE, other)
    assert "paperdesk reindex" in refusal.value.remedy

    index = create_index(desk.library, EDGE, other)
    seen: list[tuple[int, int]] = []
    rebuild(desk.library, index, other, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)
    index.close()
    index = open_index(desk.library, EDGE, other)
    paper = desk.library.papers.require(ATTENTION)
    assert paper.generation == "blocks-1|other"
    assert chunker_of(paper.generation) == "blocks-1"
    assert paper.passages == 2
    hits = Searcher(desk.library, index, other).search("attention old").hits
    assert [hit.text for hit in hits] == ["attention old", "attention more"]
    assert hits[0].passage == passage_id(ATTENTION, "blocks-1|other", 0)
    with pytest.raises(IndexMismatchError):
        open_index(desk.library, EDGE, desk.embedder)
    index.close()


def test_a_rebuild_with_the_same_embedder_keeps_every_id(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention old", "attention more"))
    before = desk.searcher.search("attention").hits
    desk.index.close()
    index = create_index(desk.library, EDGE, desk.embedder)
    rebuild(desk.library, index, desk.embedder)
    assert Searcher(desk.library, index, desk.embedder).search("attention").hits == before
    index.close()


def test_a_rebuild_cut_off_is_noticed(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention"))
    desk.index.close()

    class KilledError(Exception):
        pass

    def die(done: int, total: int) -> None:
        raise KilledError

    index = create_index(desk.library, EDGE, desk.embedder)
    with pytest.raises(KilledError):
        rebuild(desk.library, index, desk.embedder, die)
    index.close()
    with pytest.raises(IndexMismatchError, match="not built to its end"):
        open_index(desk.library, EDGE, desk.embedder)


def test_an_index_that_is_gone_is_noticed(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention"))
    desk.index.close()
    shutil.rmtree(desk.library.home.index)
    with pytest.raises(IndexMismatchError, match="is gone") as refusal:
        open_index(desk.library, EDGE, desk.embedder)
    assert "paperdesk reindex" in refusal.value.remedy
    desk.library.home.index.mkdir()
    with pytest.raises(IndexMismatchError, match="is empty"):
        open_index(desk.library, EDGE, desk.embedder)


def test_a_damaged_index_is_one_line_and_can_be_rebuilt(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention"))
    desk.index.close()
    (desk.library.home.index / "edge_config.json").write_bytes(b"\x00garbage")
    with pytest.raises(StorageError) as failure:
        open_index(desk.library, EDGE, desk.embedder)
    assert "paperdesk reindex" in failure.value.remedy
    assert "\n" not in str(failure.value)
    index = create_index(desk.library, EDGE, desk.embedder)
    rebuild(desk.library, index, desk.embedder)
    assert index.count() == 1
    index.close()


def test_an_index_without_papers_follows_the_settings(desk: Desk) -> None:
    desk.index.close()
    index = open_index(desk.library, EDGE, HashEmbedder("other", dimension=16))
    index.close()
    add_paper(desk.library, ATTENTION)
    open_index(desk.library, EDGE, HashEmbedder("third", dimension=8)).close()


def test_an_index_open_elsewhere_is_busy(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention"))
    with pytest.raises(LibraryBusyError):
        open_index(desk.library, EDGE, desk.embedder)


def test_a_nearly_full_disk_is_refused_before_it_can_kill(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(desk.library.home.root)
    monkeypatch.setattr(edge.shutil, "disk_usage", lambda path: usage._replace(free=10 << 20))
    with pytest.raises(StorageError, match="has 10 MB left"):
        desk.writer.write(add_paper(desk.library, ATTENTION), passages(ATTENTION, "attention"))
    assert desk.index.count() == 0


def test_a_server_that_is_down_is_one_line(library: Library) -> None:
    nowhere = IndexSettings(url="http://127.0.0.1:9")
    with pytest.raises(StorageError) as failure:
        open_index(library, nowhere, HashEmbedder())
    assert "index.url" in failure.value.remedy
    assert "\n" not in str(failure.value)


def test_a_library_moved_to_a_server_asks_for_a_rebuild(desk: Desk) -> None:
    desk.store(ATTENTION, passages(ATTENTION, "attention"))
    with pytest.raises(IndexMismatchError, match="indexed in edge"):
        open_index(desk.library, IndexSettings(url="http://127.0.0.1:9"), desk.embedder)


# -- the real thing ---------------------------------------------------------------------------


def test_the_bundled_embedder_finds_what_shares_no_word(library: Library) -> None:
    embedder = open_embedder(EmbeddingSettings())
    assert embedder is not None
    index = open_index(library, EDGE, embedder)
    writer = IndexWriter(library, index, embedder)
    name = writer.generation("blocks-1", None)
    texts = [
        "The network was optimised for three and a half days on eight graphics processors.",
        "Encoders map symbols to continuous representations.",
        "Bananas are rich in potassium.",
    ]
    held = [make_passage(ATTENTION, i, t, generation=name) for i, t in enumerate(texts)]
    paper = add_paper(library, ATTENTION, title=None)
    library.passages.write(ATTENTION, name, held)
    writer.write(paper, held)
    make_live(library, ATTENTION, name)
    hit = Searcher(library, index, embedder).search("How long did training take on GPUs?").hits[0]
    assert hit.text == texts[0]
    assert hit.bm25 is None
    index.close()


def test_search_loads_no_model_client_and_no_server_client() -> None:
    code = """
import json, sys
import indexes.search, indexes.opening, indexes.indexing
from indexes.embedding import open_embedder
from indexes.config import EmbeddingSettings
light = sorted(sys.modules)
open_embedder(EmbeddingSettings()).embed_query("x")
print(json.dumps([light, sorted(sys.modules)]))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    light, loaded = (set(names) for names in json.loads(run.stdout))
    heavy = {"llama_index", "openai", "qdrant_client", "pymupdf", "textual", "httpx"}
    assert not heavy & loaded
    assert not {"onnxruntime", "tokenizers"} & light
    assert "onnxruntime" in loaded


def test_papers_not_indexed_are_left_to_sync_by_a_rebuild(desk: Desk) -> None:
    add_paper(desk.library, ATTENTION)
    held = passages(ATTENTION, "attention")
    desk.library.passages.write(ATTENTION, GENERATION, held)
    desk.library.papers.advance(ATTENTION, PaperState.PARSED)
    desk.index.close()
    index = create_index(desk.library, EDGE, desk.embedder)
    rebuild(desk.library, index, desk.embedder)
    assert index.count() == 0
    index.close()
