"""Where sessions begin, and what this syllabus counts them by."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from ingest.links import arxiv_id_in
from ingest.syllabus.dates import Term
from ingest.syllabus.outline import Kind, Line, Outline, Row
from ingest.syllabus.tables import read_row
from ingest.syllabus.weeks import Marker, MarkerKind, read_heading
from ingest.syllabus.worth import address_of

_LONGEST_SCHEDULE = dt.timedelta(days=400)  # dates further apart are no course's


def find_markers(outline: Outline) -> dict[int, Marker]:
    """The lines and rows, by their place in the outline, that read like the start of a session."""
    markers: dict[int, Marker] = {}
    for index, element in enumerate(outline.elements):
        if isinstance(element, Row):
            marker = read_row(element)
        elif element.kind is Kind.HEADING:
            marker = read_heading(element.text, heading=True)
        else:
            marker = None if _is_reading(element) else read_heading(element.text, heading=False)
        if marker:
            markers[index] = marker
    return markers


def choose_cut(
    outline: Outline, markers: dict[int, Marker], term: Term | None
) -> MarkerKind | None:
    """The kind of marker that cuts this syllabus into sessions."""
    found = list(markers.values())
    if outline.title and (own := read_heading(outline.title, heading=True)):
        found.append(own)
    counts = Counter(marker.kind for marker in found if marker.number)
    if counts[MarkerKind.WEEK]:
        return MarkerKind.WEEK
    if counts[MarkerKind.LECTURE]:
        return MarkerKind.LECTURE
    dates = [d for m in found if m.date and (d := m.date.resolve(term))]
    undated = [m for m in found if m.date and m.date.resolve(term) is None]
    if dates and max(dates) - min(dates) > _LONGEST_SCHEDULE:
        return None
    return MarkerKind.DATE if len(dates) + len(undated) > 1 else None


def _is_reading(line: Line) -> bool:
    """Whether a line with a link to a paper is a reading rather than the heading of a week."""
    return any(span.url and arxiv_id_in(address_of(span.url)) for span in line.spans)
