"""Paperdesk's two themes: ink on warm paper, and the same desk by night.

The amber accent is kept for two things: where the focus is, and words quoted from a paper.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="paperdesk-dark",
    dark=True,
    primary="#7fb2e5",
    secondary="#b9a3e3",
    accent="#e8b75a",
    success="#8ccf8a",
    warning="#e8b75a",
    error="#ef8a80",
    foreground="#dcdfe4",
    background="#14171c",
    surface="#191d23",
    panel="#232931",
    variables={
        "rule": "#333b46",
        "faint": "#8b95a3",
        "quote": "#3d3420",
        "cursor": "#2a3442",
        "cursor-blurred": "#20262e",
        "footer-background": "#191d23",
        "footer-key-foreground": "#e8b75a",
        "footer-description-foreground": "#8b95a3",
        "input-selection-background": "#7fb2e5 35%",
        "block-cursor-text-style": "none",
        "border": "#7fb2e5",
        "border-blurred": "#333b46",
    },
)

LIGHT = Theme(
    name="paperdesk-light",
    dark=False,
    primary="#1f5c99",
    secondary="#6b4fa0",
    accent="#9a5b00",
    success="#2c7a34",
    warning="#9a5b00",
    error="#b3261e",
    foreground="#23262b",
    background="#fbf9f4",
    surface="#f5f2ea",
    panel="#eae5d9",
    variables={
        "rule": "#d5cebf",
        "faint": "#6a6d73",
        "quote": "#fbe7b5",
        "cursor": "#dfe8f1",
        "cursor-blurred": "#edeae1",
        "footer-background": "#f5f2ea",
        "footer-key-foreground": "#9a5b00",
        "footer-description-foreground": "#6a6d73",
        "input-selection-background": "#1f5c99 25%",
        "block-cursor-text-style": "none",
        "border": "#1f5c99",
        "border-blurred": "#d5cebf",
    },
)
