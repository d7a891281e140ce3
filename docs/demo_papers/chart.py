"""Small line charts, drawn with PyMuPDF shapes and returned as PNG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pymupdf

WIDTH, HEIGHT, DPI = 364.0, 190.0, 180
LEFT, RIGHT, TOP, BOTTOM = 44.0, 346.0, 12.0, 152.0
COLOURS = ((0.11, 0.31, 0.55), (0.78, 0.33, 0.12), (0.25, 0.5, 0.3))


@dataclass(frozen=True)
class Series:
    """One line: its name in the legend and its points, in the units of the axes."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False


def draw(
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    log_x: bool = False,
    legend: tuple[float, float] = (62.0, 22.0),
) -> bytes:
    """A chart with axes, ticks and a legend at `legend` (points from the top left corner)."""
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    shape = page.new_shape()
    scale = math.log2 if log_x else float

    def place(x: float, y: float) -> pymupdf.Point:
        low, high = scale(x_ticks[0]), scale(x_ticks[-1])
        across = (scale(x) - low) / (high - low)
        up = (y - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return pymupdf.Point(LEFT + across * (RIGHT - LEFT), BOTTOM - up * (BOTTOM - TOP))

    for tick in y_ticks:
        at = place(x_ticks[0], tick)
        shape.draw_line(at, (RIGHT, at.y))
        shape.finish(width=0.4, color=(0.85, 0.85, 0.85))
        _text(page, at.x - 6, at.y + 3, f"{tick:g}", align="right")
    for tick in x_ticks:
        at = place(tick, y_ticks[0])
        shape.draw_line(at, (at.x, at.y + 3))
        shape.finish(width=0.6)
        _text(page, at.x, at.y + 13, f"{tick:,.0f}" if tick >= 5 else f"{tick:g}", align="centre")
    shape.draw_line((LEFT, TOP), (LEFT, BOTTOM))
    shape.draw_line((LEFT, BOTTOM), (RIGHT, BOTTOM))
    shape.finish(width=0.8, closePath=False)
    for number, line in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        dashes = "[4 3] 0" if line.dashed else None
        points = [place(x, y) for x, y in zip(line.x, line.y, strict=True)]
        shape.draw_polyline(points)
        shape.finish(width=1.3, color=colour, dashes=dashes, closePath=False)
        if not line.dashed:
            for point in points:
                shape.draw_circle(point, 2)
            shape.finish(width=0.5, color=colour, fill=colour)
        y = legend[1] + 12 * number
        shape.draw_line((legend[0], y), (legend[0] + 18, y))
        shape.finish(width=1.3, color=colour, dashes=dashes)
        _text(page, legend[0] + 23, y + 3, line.name)
    shape.commit()
    _text(page, (LEFT + RIGHT) / 2, BOTTOM + 29, x_label, align="centre")
    middle = (11, (TOP + BOTTOM) / 2 + _width(y_label) / 2)
    page.insert_text(middle, y_label, fontsize=8, fontname="helv", rotate=90)
    return bytes(page.get_pixmap(dpi=DPI, colorspace=pymupdf.csRGB).tobytes("png"))


def _width(text: str) -> float:
    return float(pymupdf.get_text_length(text, "helv", 8))


def _text(page: pymupdf.Page, x: float, y: float, text: str, *, align: str = "left") -> None:
    shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[align] * _width(text)
    page.insert_text((x - shift, y), text, fontsize=8, fontname="helv")
