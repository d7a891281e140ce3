"""A document as Markdown and as HTML: the same words in the same order.

In Markdown a quote stands as `> “quote” (p. 4)`, with the paper's short name before the page where
several papers are in play.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.bibliography import citation
from assistant.results import Claim, Document, Quote
from indexes.cleaning import clean_line
from indexes.papers import Paper

_TAG = re.compile(r"<(?=[A-Za-z/!?])")  # what a Markdown viewer might take for HTML

CSS = """
* { font-family: Times; }
body { font-size: 10.5pt; line-height: 1.2; }
h1, h2 { font-family: Helvetica; text-align: left; }
h1 { font-size: 14pt; margin: 0 0 4pt 0; line-height: 1.1; }
h2 { font-size: 11pt; margin: 8pt 0 2pt 0; }
p { margin: 0 0 3pt 0; }
p.source { margin: 0 0 1pt 0; }
p.note { font-style: italic; font-size: 10pt; margin: 3pt 0 0 0; }
p.claim { margin: 0 0 3pt 10pt; text-indent: -10pt; }
"""


@dataclass(frozen=True)
class Line:
    """A quote with the words that name its place: `p. 4`, or `Vaswani et al. 2017, p. 4`."""

    text: str
    place: str


def lines(claim: Claim, papers: Sequence[Paper]) -> list[Line]:
    """The claim's quotes as they are shown."""
    return [Line(clean_line(quote.reading), _place(quote, papers)) for quote in claim.quotes]


def sources(papers: Sequence[Paper]) -> list[str]:
    """A bibliographic line for each paper, with its short name where there are several."""
    if len(papers) == 1:
        return [citation(papers[0])]
    return [f"{clean_line(paper.short_name)}: {citation(paper)}" for paper in papers]


def note(document: Document) -> str:
    """What the document is and how it was made: the line on the use of AI."""
    kept = f"{document.verified} of {document.total} quotes checked word for word"
    if document.mode == "extractive":
        made = "Sentences chosen by Paperdesk without a language model"
    else:
        made = f"Drafted by Paperdesk with the language model {document.model or 'configured'}"
    return f"{made}; {kept} against the page named. Say so where your course asks how AI was used."


def markdown(document: Document, papers: Sequence[Paper]) -> str:
    """The document as Markdown, ending with a newline."""
    parts = [f"# {_safe(clean_line(document.title))}", ""]
    parts += [f"- {_safe(line)}" if len(papers) > 1 else _safe(line) for line in sources(papers)]
    parts += ["", f"*{note(document)}*", ""]
    for section in document.sections:
        parts += [f"## {_safe(clean_line(section.heading))}", ""]
        for claim in section.items:
            parts += [f"- {_safe(_lead(claim))}"]
            parts += [f"  > “{_safe(q.text)}” ({_safe(q.place)})" for q in lines(claim, papers)]
            parts += [""]
    if document.missing:
        parts += ["## What could not be found", ""]
        parts += [f"- {_safe(missing)}" for missing in document.missing] + [""]
    return "\n".join(parts)


def to_html(document: Document, papers: Sequence[Paper]) -> str:
    """The document as HTML for `CSS`."""
    parts = [f"<h1>{_escape(document.title)}</h1>"]
    parts += [f'<p class="source">{_escape(line)}</p>' for line in sources(papers)]
    parts += [f'<p class="note">{_escape(note(document))}</p>']
    for section in document.sections:
        parts += [f"<h2>{_escape(section.heading)}</h2>"]
        for claim in section.items:
            quoted = " ".join(
                f"“{_escape(q.text)}”&#160;({_escape(q.place)})" for q in lines(claim, papers)
            )
            parts += [f'<p class="claim">• <b>{_escape(_lead(claim))}</b> {quoted}</p>']
    if document.missing:
        parts += ["<h2>What could not be found</h2>"]
        parts += [f'<p class="claim">• {_escape(missing)}</p>' for missing in document.missing]
    return "".join(parts)


def _lead(claim: Claim) -> str:
    """The words before the quote; struck where the gate refused them."""
    text = clean_line(claim.text)
    if claim.struck is not None:
        return f"[struck: {claim.struck}] {text}"
    return text if text.endswith((".", "?", "!", ":")) else f"{text}:"


def _place(quote: Quote, papers: Sequence[Paper]) -> str:
    page = f"p. {quote.page}"
    if len(papers) < 2:
        return page
    named = next((p.short_name for p in papers if quote.ref in (p.ref, p.key)), quote.ref)
    return f"{clean_line(named)}, {page}"


def _safe(text: str) -> str:
    return _TAG.sub(r"\\<", text)


def _escape(text: str) -> str:
    return html.escape(clean_line(text), quote=False)
