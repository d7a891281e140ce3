"""What a long job says while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from indexes.papers import Frozen


class Progress(Frozen):
    """One step of a long job. `key` names the paper it is about, None for the job as a whole.

    stage: import | sync | metadata | fetch | parse | embed | index | structure | render | wait |
    done | failed. `done` of `total` count that stage's own unit (bytes, pages, passages, papers);
    total is None where it is not known.
    """

    event: Literal["progress"] = "progress"
    stage: str
    key: str | None = None
    done: int = 0
    total: int | None = None
    message: str = ""


Report = Callable[[Progress], None]
