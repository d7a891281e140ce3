"""How an answer reads: a line that says what was found and where, then the words themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.confidence import Verdict
from assistant.question_kind import QuestionKind, answers_kind, question_kind
from assistant.reader import Excerpt
from assistant.results import Claim, Quote
from assistant.terms import terms
from indexes.papers import Paper
from indexes.passages import PassageKind

_KINDS = {
    QuestionKind.NUMBER: "A figure",
    QuestionKind.REASON: "A reason",
    QuestionKind.DEFINITION: "A description",
    QuestionKind.COMPARISON: "A comparison",
    QuestionKind.LIMITATION: "A limit",
}
_UNITS = {PassageKind.TABLE: "a table of", PassageKind.CAPTION: "a caption of"}


def absent_text(verdict: Verdict) -> str:
    """The answer that says there is none, with what was missing."""
    return f"Not in your papers: {verdict.reason}." if verdict.reason else "Not in your papers."


def extractive_text(
    question: str, excerpts: Sequence[Excerpt], verdict: Verdict, *, papers: Mapping[str, Paper]
) -> str:
    """Without a model: the best quote under a line that says what it is, the others after it."""
    first, *others = excerpts
    lead = _lead(question, first, papers)
    if verdict.confidence == "unsure":
        lead = f"Perhaps not an answer ({verdict.reason}). {lead}"
    lines = [f"{lead}:", "", _quoted(first.quote, papers, first.hit.paper)]
    if others:
        lines += ["", "See also:"]
        lines += [f"- {_quoted(e.quote, papers, e.hit.paper)}" for e in others]
    return "\n".join(lines)


def composed_text(claims: Sequence[Claim], names: Mapping[str, str]) -> str:
    """With a model: its claims that stand, each with its pages, and how many were struck.

    `names` gives each ref its paper's short name.
    """
    kept = [claim for claim in claims if bears(claim)]
    several = len({quote.ref for claim in kept for quote in claim.quotes}) > 1
    lines = [f"{claim.text} ({_places(claim.quotes, names if several else {})})" for claim in kept]
    struck = len(claims) - len(kept)
    if struck:
        lines.append(f"{struck} of {len(claims)} statements left out: the papers do not bear them.")
    return "\n".join(lines)


def bears(claim: Claim) -> bool:
    """Whether a claim may stand in an answer's text: verified, and borne by its quotes."""
    return claim.verified and claim.supported is not False


def _lead(question: str, excerpt: Excerpt, papers: Mapping[str, Paper]) -> str:
    kind = question_kind(question)
    said = _KINDS.get(kind, "")
    if not answers_kind(kind, excerpt.quote.reading, terms(question)):
        said = ""  # where its words don't show what it is, only where it stands
    where = [name_of(papers, excerpt.hit.paper, excerpt.quote.ref), f"p. {excerpt.quote.page}"]
    if excerpt.hit.section:
        where.append(f"“{excerpt.hit.section}”")
    lead = f"{said} from {_UNITS.get(excerpt.hit.kind, '')} {', '.join(where)}".split()
    return " ".join([lead[0].capitalize(), *lead[1:]])


def _quoted(quote: Quote, papers: Mapping[str, Paper], key: str) -> str:
    place = f"p. {quote.page}"
    if len(papers) > 1:
        place = f"{name_of(papers, key, quote.ref)}, {place}"
    return f"“{quote.reading}” ({place})"


def name_of(papers: Mapping[str, Paper], key: str, ref: str) -> str:
    """A paper's short name; `papers` by key."""
    return papers[key].short_name if key in papers else ref


def _places(quotes: Sequence[Quote], names: Mapping[str, str]) -> str:
    places = dict.fromkeys((quote.ref, quote.page) for quote in quotes)
    return "; ".join(f"{names[ref]}, p. {page}" if names else f"p. {page}" for ref, page in places)
