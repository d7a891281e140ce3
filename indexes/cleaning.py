"""Untrusted text made safe to show: control characters, bidi overrides, zero-width characters.

Applied at ingest and again at the last render: terminals act on escape sequences wherever the bytes
come from.
"""

from __future__ import annotations

import re

# C0 except newline and tab, DEL, C1; bidi embeddings, overrides and isolates; zero-width and BOM;
# interlinear annotation; tag characters; lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def clean(text: str) -> str:
    """`text` without characters that a terminal or a reader would act on rather than show."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    """`clean`, on one line: for titles, names and messages."""
    return " ".join(clean(text).split())
