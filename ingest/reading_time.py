"""How long a paper takes to read: an estimate from its words, formulas, tables and figures."""

from __future__ import annotations

import math
from collections.abc import Iterable

from indexes.passages import Passage, PassageKind

# Silent reading of technical prose, in words a minute, and minutes for what prose speed does not
# cover: a displayed formula, a table, a figure (known by its caption).
_WORDS_PER_MINUTE = 190
_MINUTES = {PassageKind.FORMULA: 0.5, PassageKind.TABLE: 1.0, PassageKind.CAPTION: 0.75}


def reading_minutes(passages: Iterable[Passage]) -> int:
    """Minutes for a first reading, at least 1; references and hidden text don't count."""
    minutes = 0.0
    for passage in passages:
        if not passage.hidden:
            minutes += passage.words / _WORDS_PER_MINUTE + _MINUTES.get(passage.kind, 0.0)
    return max(1, math.ceil(minutes))
