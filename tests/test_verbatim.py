"""Quotes keep their page's line ends at hyphens, and read well without them."""

from __future__ import annotations

import pytest
from support_papers import put_paper

from assistant.gate import Gate
from assistant.results import Quote
from assistant.verbatim import mended, with_line_breaks
from indexes.library import Library

PAGE = (
    "The WMT 2014 English-\nto-German task is older than the English-to-French one, and the\n"
    "pre-trained, state-of-the-\nart models of GPT-\n3 are ﬁne-\ntuned on it.\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the English-to-French one", "the English-to-French one"),
        ("WMT 2014 English-to-German task", "WMT 2014 English-\nto-German task"),
        ("the pre-trained, state-of-the-art models", "the pre-trained, state-of-the-\nart models"),
        ("models of GPT-3 are fine-tuned", "models of GPT-\n3 are fine-\ntuned"),
        ("no hyphen at all", "no hyphen at all"),
    ],
)
def test_a_hyphen_at_a_line_end_keeps_its_line_break(text: str, expected: str) -> None:
    assert with_line_breaks(text, PAGE) == expected
    assert mended(expected) == text


def test_the_gate_gives_the_quote_as_its_page_has_it(library: Library) -> None:
    paper = put_paper(library, "2401.00001", [PAGE])
    quote = Quote(ref=paper.ref, page=1, text="The WMT 2014 English-to-German task is older")
    checked = Gate(library).check(quote)
    assert checked.verified
    assert checked.text == "The WMT 2014 English-\nto-German task is older"
    assert checked.text in PAGE
    assert checked.reading == quote.text
    assert Gate(library).check(checked) == checked
