"""The gate accepts every faithful quote and none that was altered."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support_papers import put_paper

from assistant.gate import Gate, find_quote, fold, long_enough
from assistant.results import Claim, Quote
from indexes.library import Library

PAGE = (
    "We use trans-\nformer models with well-\nknown 18 heads, p < 0.05 and x = −5 degrees.\n"
    "The ﬁrst “result” is 28.4 BLEU—\nthe best score. Rates fell by 1,000 to 3.5% in "
    "self-attention\nlayers of GPT-\n3. Don’t forget Größe and Ελλάδα.\n"
)


@pytest.mark.parametrize(
    "quote",
    [
        "We use transformer models",
        "we use trans-\nformer models",
        "models with well-known 18 heads",
        "models with wellknown 18 heads",
        "p < 0.05 and x = -5 degrees",
        "p < 0.05 and x = –5 degrees",
        'The first "result" is 28.4 BLEU',
        "28.4 BLEU—the best score",
        "28.4 BLEU - the best score".replace(" - ", "- "),
        "in self-attention layers of GPT-3",
        "don't forget grösse and ελλάδα",
        "-5 degrees. The first",
        "the best score. Rates fell",
        "We use trans\u00adformer models",
    ],
)
def test_faithful_quotes_stand(quote: str) -> None:
    assert find_quote(quote, PAGE)


@pytest.mark.parametrize(
    "quote",
    [
        "We use trans- former models",
        "we use transformers models",
        "8 heads, p < 0.05",
        "18 heads, p > 0.05",
        "p < 0.05 and x = 5 degrees",
        "5 degrees. The first",
        "result is 28.4 BLEU",
        'the first "result" is 28',
        "first result is 28.4",
        "former models with well-known",
        "use transformer models with well",
        "known 18 heads, p < 0.05",
        "the best score. Rates fell by 1",
        "000 to 3.5% in self-attention",
        "fell by 1,000 to 3.5",
        "fell by 1,000 to 3",
        "attention layers of GPT-3",
        "in self-attention layers of GPT3",
        "in self-attention layers of GPT",
        "don't forget grosse and",
        "t forget größe and",
    ],
)
def test_altered_quotes_fall(quote: str) -> None:
    assert not find_quote(quote, PAGE)


def test_a_control_character_is_a_barrier() -> None:
    page = "the error is \x005 percent of\x1b the whole amount"
    assert not find_quote("the error is 5 percent", page)
    assert not find_quote("5 percent of", page)
    assert not find_quote("percent of the whole", page)
    assert not find_quote("error is \x005 percent", page)
    assert find_quote("the whole amount", page)


def test_invisible_characters_are_folded() -> None:
    assert find_quote("the whole amount", "the who\u200ble am\u2060ount")
    assert not find_quote("value is 5 here", "value is \u00ad5 here")


def test_a_quote_may_run_on_to_the_next_page_but_not_begin_there() -> None:
    assert find_quote("ends here and goes on there", "it ends here and", "goes on there")
    assert find_quote("a transformer goes on there", "it is a trans-\n", "former goes on there")
    assert not find_quote("goes on there", "it ends here and", "goes on there")


def test_scripts_without_spaces_have_no_word_boundaries() -> None:
    assert find_quote("注意机制的计算复杂度很高所以慢", "我们知道注意机制的计算复杂度很高所以慢了")


def test_what_is_too_short_says_nothing() -> None:
    assert not long_enough("8 heads")
    assert not long_enough("… — !")
    assert long_enough("BLEU of 28.4")
    assert long_enough("electroencephalography")


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäßéλжш", min_size=2, max_size=9)
NUMBERS = st.from_regex(r"-?[1-9][0-9]{0,2}(\.[0-9]{1,2})?", fullmatch=True)
TOKENS = st.lists(st.one_of(WORDS, WORDS, WORDS, NUMBERS), min_size=30, max_size=60)


def lay_out(tokens: list[str], cuts: list[int]) -> str:
    """Tokens as a page prints them: lines broken between words, or inside them with a hyphen."""
    out: list[str] = []
    for token, cut in zip(tokens, cuts, strict=True):
        if cut % 5 == 0 and token.isalpha() and len(token) > 3:
            out.append(f"{token[:2]}-\n{token[2:]} ")
        else:
            out.append(token + ("\n" if cut % 3 == 0 else "  " if cut % 7 == 0 else " "))
    return "".join(out)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), tokens=TOKENS)
def test_true_quotes_are_accepted_and_altered_ones_are_not(
    data: st.DataObject, tokens: list[str]
) -> None:
    cuts = data.draw(st.lists(st.integers(0, 34), min_size=len(tokens), max_size=len(tokens)))
    page = lay_out(tokens, cuts)
    start = data.draw(st.integers(0, len(tokens) - 12))
    quoted = tokens[start : start + 12]
    assert find_quote(" ".join(quoted), page)

    position = data.draw(st.integers(0, 11))
    token = quoted[position]
    changed = (
        data.draw(WORDS)
        if token.isalpha()
        else data.draw(
            st.sampled_from([token.lstrip("-") if token[0] == "-" else f"-{token}", f"{token}7"])
        )
    )
    altered = [*quoted[:position], changed, *quoted[position + 1 :]]
    plain = [fold(t) for t in tokens]
    folded = [fold(t) for t in altered]
    really_there = any(plain[i : i + 12] == folded for i in range(len(plain)))
    assert find_quote(" ".join(altered), page) == really_there
    dropped = [fold(t) for t in [*quoted[:5], *quoted[6:]]]
    there = any(plain[i : i + 11] == dropped for i in range(len(plain)))
    assert find_quote(" ".join([*quoted[:5], *quoted[6:]]), page) == there


@pytest.fixture
def gate(library: Library) -> Gate:
    put_paper(
        library,
        "2001.00001",
        [
            "Attention is useful. We use 8 heads in BERT models.",
            "The model is not trained on 28.4 tokens. It ends",
        ],
        version=2,
        title="A Study of Zebras",
    )
    put_paper(library, "2001.00002", ["Other words stand here entirely."])
    return Gate(library)


def quote(text: str, page: int = 1, ref: str = "arxiv:2001.00001v2") -> Quote:
    return Quote(ref=ref, page=page, text=text)


def test_check_knows_paper_version_and_page(gate: Gate) -> None:
    assert gate.check(quote("We use 8 heads in BERT")).verified
    assert gate.check(quote("We use 8 heads in BERT", ref="arxiv:2001.00001")).verified
    assert not gate.check(quote("We use 8 heads in BERT", page=2)).verified
    assert not gate.check(quote("We use 8 heads in BERT", page=9)).verified
    assert not gate.check(quote("We use 8 heads in BERT", ref="arxiv:2001.00001v1")).verified
    assert not gate.check(quote("We use 8 heads in BERT", ref="arxiv:2001.00002v1")).verified
    forged = quote("We use 9 heads in BERT").model_copy(update={"verified": True})
    assert not gate.check(forged).verified


def test_locate_finds_the_page(gate: Gate) -> None:
    assert gate.locate("arxiv:2001.00001v2", "is not trained on 28.4 tokens") == 2
    assert gate.locate("arxiv:2001.00001v2", "is trained on 28.4 tokens") is None
    assert gate.locate("arxiv:9999.99999", "is not trained on 28.4 tokens") is None


@pytest.mark.parametrize(
    ("quotes", "why"),
    [
        ([], "no quote"),
        ([quote("We use 9 heads in BERT")], "page 1"),
        ([quote("8 heads")], "too short"),
        ([quote("We use 8 heads", ref="arxiv:9999.99999v1")], "not in the library"),
        ([quote("We use 8 heads"), quote("invented words here")], "page 1"),
    ],
)
def test_a_claim_is_struck_with_its_reason(gate: Gate, quotes: list[Quote], why: str) -> None:
    claim = gate.judge(Claim(text="It uses heads.", quotes=tuple(quotes)))
    assert claim.struck is not None
    assert re.search(why, claim.struck)
    assert not claim.verified


@pytest.mark.parametrize(
    ("text", "supported"),
    [
        ("The model has eight heads.", True),
        ("The paper on zebras uses 8 heads in BERT.", True),
        ("The model has 16 heads.", False),
        ("The model does not use 8 heads.", False),
        ("It uses 8 heads in GPT.", False),
        ("They compare with Mozart.", False),
    ],
)
def test_a_claim_that_says_more_than_its_quotes_is_unsupported(
    gate: Gate, text: str, supported: bool
) -> None:
    claim = gate.judge(Claim(text=text, quotes=(quote("We use 8 heads in BERT models."),)))
    assert claim.struck is None
    assert claim.supported is supported
