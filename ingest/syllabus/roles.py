"""What a label such as "HW (read and one-page report)" asks of the reader."""

from __future__ import annotations

import re
from typing import NamedTuple

from indexes.papers import Role

_LONGEST_LABEL = 90  # characters; longer is prose that happens to hold the word

_OPTIONAL = re.compile(
    r"(?<!not )\b(?:optional|further|additional|supplement\w*|recommended|suggested|extra|bonus|"
    r"not required|go(?:ing)? deeper|if you are interested)\b",
    re.IGNORECASE,
)
_ADVANCE = re.compile(
    r"\bin advance\b|\bpre-?(?:read|class)\w*|^\W*(?:please )?read\W*$|"
    r"\bbefore (?:the )?(?:class|lecture|session|seminar|talk|meeting)\b",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"\b(?:hw|homeworks?|assignments?|assigned|required|mandatory|compulsory|must[- ]read|"
    r"(?:discussion|student|main|core) (?:papers?|readings?)|one-page report)\b|"
    r"^\W*(?:(?:paper|weekly|class|this week'?s?) )?readings?"
    r"(?: (?:list|material|papers?|for .{1,40}))?\W*$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:references?|see also|resources?|bibliography|sources?|links?)\b", re.IGNORECASE
)
# In this order: "suggested reading before class" is optional, "required references" are assigned.
_WORDS = (
    (Role.OPTIONAL, _OPTIONAL),
    (Role.ADVANCE, _ADVANCE),
    (Role.ASSIGNED, _ASSIGNED),
    (Role.REFERENCE, _REFERENCE),
)
_TASK = re.compile(r"\(([^()]{4,80})\)")
_TASK_VERB = re.compile(
    r"\b(?:read|write|report|review|summar\w+|present|submit|prepare|answer)\b", re.IGNORECASE
)
_LABEL_BEFORE = re.compile(r"\W{0,4}([^:]{1,90}?)\s*:\s*")
_PARENTHESISED = re.compile(
    r"^\W{0,3}[(\[](optional|required|recommended|suggested|additional)[^()\[\]]{0,30}[)\]]|"
    r"[(\[](optional)[)\]]",
    re.IGNORECASE,
)


class Label(NamedTuple):
    """What a label says of the readings under it."""

    role: Role
    task: str | None = None


def read_label(text: str) -> Label | None:
    """The label that `text` is, None where it is not one."""
    if len(text) > _LONGEST_LABEL:
        return None
    for role, words in _WORDS:
        if words.search(text):
            return Label(role, _task(text) if role is Role.ASSIGNED else None)
    return None


def leading_label(text: str) -> tuple[Label | None, str]:
    """The label before the colon at the start of `text`, and the text after it.

    Where there is no such label the text comes back whole.
    """
    found = _LABEL_BEFORE.match(text)
    if found and (label := read_label(found.group(1))):
        return label, text[found.end() :]
    return None, text


def remark(text: str) -> Label | None:
    """A label in brackets beside a reading: "(optional) Radford et al."."""
    found = _PARENTHESISED.search(text)
    if not found:
        return None
    return read_label(found.group(1) or found.group(2))


def _task(text: str) -> str | None:
    found = _TASK.search(text)
    return found.group(1).strip() if found and _TASK_VERB.search(found.group(1)) else None
