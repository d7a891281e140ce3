"""Which papers a sync takes up, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from indexes.papers import Paper, PaperState, SourceKind, Structure


def can_be_fetched(paper: Paper) -> bool:
    """Whether sync knows how to get this paper: arXiv papers and local PDFs.

    Other readings (web pages, repositories, videos) stay on the list as links.
    """
    return paper.kind is SourceKind.ARXIV or (
        paper.kind is SourceKind.PDF and paper.path is not None
    )


def waiting(
    papers: Iterable[Paper],
    *,
    named: Collection[str] = (),
    chunker: str,
    update: bool = False,
) -> list[Paper]:
    """The papers that have a step to go.

    Taken: what is queued or half-way, retryable failures, papers whose structure is pending or
    whose passages were cut by another chunker; permanent failures only when named by key; with
    `update`, arXiv papers that follow the latest version.
    """

    def has_work(paper: Paper) -> bool:
        if not can_be_fetched(paper):
            return False
        match paper.state:
            case PaperState.FAILED:
                return paper.key in named or (paper.error is not None and paper.error.retryable)
            case PaperState.INDEXED:
                return (
                    paper.structure is Structure.PENDING
                    or not (paper.generation or "").startswith(chunker)
                    or (update and paper.kind is SourceKind.ARXIV and not paper.pinned)
                )
            case _:
                return True

    return [paper for paper in papers if has_work(paper)]
