"""What kind of answer a question asks for, and the words by which such an answer is known."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from assistant.folding import fold
from assistant.terms import terms


class QuestionKind(StrEnum):
    """What would answer the question; the value names it in an answer's lead line."""

    NUMBER = "number"
    REASON = "reason"
    DEFINITION = "definition"
    COMPARISON = "comparison"
    LIMITATION = "limitation"
    PASSAGE = "passage"


_ASKS = {  # the first that matches counts
    QuestionKind.NUMBER: re.compile(
        r"\bhow (?:many|much|long|often|large|big|small|fast|far|high|low|old|likely|soon|few)\b|"
        r"\b(?:what|which) (?:\w+ ){0,3}(?:number|percentage|percent|share|fraction|score|accuracy|"
        r"rate|size|value|count|proportion|figure|year|cost|ratio|temperature|bleu)\b|"
        r"\bby what (?:factor|margin)\b|\bwhen (?:was|were|did)\b"
    ),
    QuestionKind.REASON: re.compile(
        r"\bwhy\b|\bwhat (?:\w+ ){0,3}(?:reason|cause|explain|blame|motivat|lead)\w*\b|"
        r"\bhow come\b|\bfor what purpose\b|\bexplain\w* why\b|\bblame\b"
    ),
    QuestionKind.COMPARISON: re.compile(
        r"\bcompar\w+\b|\bdiffer\w*\b|\bversus\b|\bvs\b|\bbetter\b|\bworse\b|\bmore\b.*\bthan\b|"
        r"\boutperform\w*\b|\bseparates?\b|\badvantage\w*\b|\bor\b.*\?"
    ),
    QuestionKind.LIMITATION: re.compile(
        r"\b(?:limit\w*|shortcoming\w*|weakness\w*|drawback\w*|caveat\w*|unproven|fail\w*|"
        r"not (?:yet )?(?:solve|handle|establish)\w*|open (?:problem|question)s?)\b"
    ),
    QuestionKind.DEFINITION: re.compile(
        r"\bdefin\w+\b|\bwhat (?:is|are) (?:an? |the )?(?:meant|term)\b|\bwhat does .* mean\b|"
        r"\bwhat do .* (?:call|mean)\b|\bcount as\b|^what (?:is|are) (?:an? )?[\w -]+\?*$"
    ),
}
_ANSWERS = {
    QuestionKind.NUMBER: re.compile(
        r"(?<![\w.-])\d[\d.,]*|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|twice)\b"
    ),
    QuestionKind.REASON: re.compile(
        r"\b(?:because|since|suspect|due to|owing to|reason|in order to|so that|therefore|thus|"
        r"hence|cause[sd]?|caused by|as a result|lead(?:s|ing)? to|explain\w*|hypothesi\w+|"
        r"to (?:avoid|prevent|reduce|counteract|ensure|allow|enable|make)|allow(?:s|ing)?|"
        r"motivat\w+|attribute[sd]?)\b"
    ),
    QuestionKind.DEFINITION: re.compile(
        r"\b(?:defin\w+|is an?|are an?|refers? to|we call|called|known as|termed|denotes?|"
        r"can be described as|consists? of)\b"
    ),
    QuestionKind.COMPARISON: re.compile(
        r"\b(?:than|while|whereas|compar\w+|in contrast|unlike|better|worse|outperform\w*|"
        r"differ\w*|similar\w*|higher|lower)\b"
    ),
    QuestionKind.LIMITATION: re.compile(
        r"\b(?:limit\w*|however|shortcoming\w*|drawback\w*|cannot|fail\w*|remain\w*|"
        r"despite|although|difficult\w*|unstable|lacks?|weak\w*|unclear)\b"
    ),
}

_NEAR = {QuestionKind.NUMBER: 6, QuestionKind.DEFINITION: 6}  # words from what was asked for
_CITATION = re.compile(r"\[[\d,\s–-]+\]|\([^()]*\b(?:19|20)\d\d[a-z]?\)")


def question_kind(question: str) -> QuestionKind:
    """The kind of `question`, PASSAGE where its words give none away."""
    folded = fold(question)
    return next((k for k, asks in _ASKS.items() if asks.search(folded)), QuestionKind.PASSAGE)


def answers_kind(kind: QuestionKind, sentence: str, asked: Collection[str]) -> bool:
    """Whether `sentence` has the words or figures by which an answer of `kind` is known.

    Near them, or in the sentence where the kind is not bound to a thing, stands one of the terms
    `asked` for. Numbers of citations are no figures.
    """
    cue = _ANSWERS.get(kind)
    if cue is None:
        return False
    text = _CITATION.sub(" ", fold(sentence))
    reach = _NEAR.get(kind, len(text))
    for match in cue.finditer(text):
        around = [*text[: match.start()].split()[-reach:], *text[match.start() :].split()[:reach]]
        if not set(asked).isdisjoint(terms(" ".join(around))):
            return True
    return False
