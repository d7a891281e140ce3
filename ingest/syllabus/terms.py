"""The term of a syllabus, from its outline."""

from __future__ import annotations

from ingest.syllabus.dates import Term, find_date, find_term
from ingest.syllabus.outline import Kind, Line, Outline


def term_of(outline: Outline) -> Term | None:
    """The term that the head of a syllabus names, else the one year that its text speaks of."""
    lines = [x for x in outline.elements if isinstance(x, Line)]
    headings = [x.text for x in lines if x.kind is Kind.HEADING]
    # Prose near the top may speak of another term: "sign up for the Spring 2025 course".
    opening = [x.text for x in lines[:30] if len(x.text) < 80 and not x.has_links]
    named = find_term(filter(None, [outline.title, *headings[:6], *opening]))
    if named:
        return named
    dated = find_date(outline.date) if outline.date else None
    if dated and dated.year:
        return Term(None, dated.year)
    texts = [line.text for line in outline.lines()]
    years = {d.year for text in texts if (d := find_date(text)) and d.year}
    if len(years) == 1:
        return Term(None, years.pop())
    terms = {(t.year, t.two_years) for text in texts if (t := find_term([text]))}
    return Term(None, *terms.pop()) if len(terms) == 1 and not years else None
