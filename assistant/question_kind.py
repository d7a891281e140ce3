"""What kind of answer a question asks for, and the words by which such an answer is known."""

from __future__ import annotations

import re
from enum import StrEnum

from assistant.folding import fold


class QuestionKind(StrEnum):
    """What would answer the question; the value names it in an answer's lead line."""

    NUMBER = "number"
    REASON = "reason"
    DEFINITION = "definition"
    COMPARISON = "comparison"
    LIMITATION = "limitation"
    PASSAGE = "passage"


_ASKS = {
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
    QuestionKind.DEFINITION: re.compile(
        r"\bdefin\w+\b|\bwhat (?:is|are) (?:an? |the )?(?:meant|term)\b|\bwhat does .* mean\b|"
        r"\bwhat do .* (?:call|mean)\b|\bcount as\b|^what (?:is|are) (?:an? )?[\w -]+\?*$"
    ),
    QuestionKind.COMPARISON: re.compile(
        r"\bcompar\w+\b|\bdiffer\w*\b|\bversus\b|\bvs\b|\bbetter\b|\bworse\b|\bmore\b.*\bthan\b|"
        r"\boutperform\w*\b|\bseparates?\b|\badvantage\w*\b|\bor\b.*\?"
    ),
    QuestionKind.LIMITATION: re.compile(
        r"\b(?:limit\w*|shortcoming\w*|weakness\w*|drawback\w*|caveat\w*|unproven|fail\w*|"
        r"not (?:yet )?(?:solve|handle|establish)\w*|open (?:problem|question)s?)\b"
    ),
}
_ANSWERS = {
    QuestionKind.NUMBER: re.compile(
        r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|twice|double|percent)\b"
    ),
    QuestionKind.REASON: re.compile(
        r"\b(?:because|since|suspect|due to|owing to|reason|in order to|so that|therefore|thus|"
        r"hence|cause[sd]?|caused by|as a result|lead(?:s|ing)? to|explain\w*|hypothesi\w+|"
        r"to (?:avoid|prevent|reduce|counteract|ensure|allow|enable|make)|allow(?:s|ing)?|"
        r"motivat\w+|attribute[sd]?)\b"
    ),
    QuestionKind.DEFINITION: re.compile(
        r"\b(?:defin\w+|is an?|are an?|refers? to|we call|called|known as|term(?:ed)?|denotes?|"
        r"can be described as|consists? of|means?)\b"
    ),
    QuestionKind.COMPARISON: re.compile(
        r"\b(?:than|while|whereas|compar\w+|in contrast|unlike|however|better|worse|outperform\w*|"
        r"differ\w*|similar|although|more|less|higher|lower)\b"
    ),
    QuestionKind.LIMITATION: re.compile(
        r"\b(?:limit\w*|however|shortcoming\w*|drawback\w*|cannot|not|fail\w*|future|remain\w*|"
        r"despite|although|difficult\w*|unstable|lacks?|weak\w*|only|unclear)\b"
    ),
}


def question_kind(question: str) -> QuestionKind:
    """The kind of `question`, PASSAGE where its words give none away."""
    folded = fold(question)
    return next((k for k, asks in _ASKS.items() if asks.search(folded)), QuestionKind.PASSAGE)


def answers_kind(kind: QuestionKind, sentence: str) -> bool:
    """Whether `sentence` has the words or digits by which an answer of `kind` is known."""
    cue = _ANSWERS.get(kind)
    return cue is not None and cue.search(fold(sentence)) is not None
