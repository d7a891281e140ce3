"""Paper 1: review schedules in a simulated learner."""

from __future__ import annotations

import numpy as np
from chart import Series, draw

SCHEDULES = {
    "Massed": (1, 1, 1, 1, 1),
    "Equal": (6, 12, 18, 24, 30),
    "Expanding": (1, 3, 7, 15, 30),
    "Contracting": (15, 23, 27, 29, 30),
}
STRENGTH, GAIN, LOSS, SPREAD = 4.0, 3.0, 0.7, 0.5
ITEMS, SEED = 40_000, 11
TESTS = (37, 60, 90)
STRENGTHS = (2.0, 4.0, 8.0, 12.0, 16.0, 24.0)


def learn(
    days: tuple[int, ...], strength: float = STRENGTH, gain: float = GAIN
) -> dict[str, float]:
    """Mean recall at the test days and the share of reviews that succeed, under one schedule.

    Every item begins with its own strength in days, log-normal around `strength`. A review
    succeeds with probability exp(-elapsed / strength); success multiplies the strength by
    1 + gain * (1 - p), failure by LOSS.
    """
    random = np.random.default_rng(SEED)
    held = strength * np.exp(SPREAD * random.standard_normal(ITEMS))
    last, successes = 0, []
    for day in days:
        chance = np.exp(-(day - last) / held)
        recalled = random.random(ITEMS) < chance
        held = held * np.where(recalled, 1 + gain * (1 - chance), LOSS)
        successes.append(recalled.mean())
        last = day
    recall = {f"{day}": float(np.exp(-(day - last) / held).mean()) for day in TESTS}
    return recall | {"reviews": float(np.mean(successes))}


def paper() -> tuple[dict[str, str], bytes]:
    """The numbers that the text names, and the figure."""
    results = {name: learn(days) for name, days in SCHEDULES.items()}
    sweep = {
        name: [learn(SCHEDULES[name], strength)["60"] for strength in STRENGTHS]
        for name in ("Expanding", "Equal", "Contracting")
    }
    gap = np.subtract(sweep["Expanding"], sweep["Equal"])
    # what the text says in words must be what the simulation says in numbers
    assert results["Expanding"]["60"] > results["Equal"]["60"] > results["Contracting"]["60"]
    assert results["Massed"]["60"] == min(r["60"] for r in results.values())
    assert results["Massed"]["reviews"] == max(r["reviews"] for r in results.values())
    assert results["Massed"]["90"] < 0.001
    assert (gap[:3] > 0).all()
    assert gap[-1] < 0
    crossing = float(np.interp(0, -gap[2:], STRENGTHS[2:]))
    numbers = {
        f"{name.lower()}_{key}": f"{value:.2f}"
        for name, result in results.items()
        for key, value in result.items()
    }
    numbers |= {
        "massed_60": f"{results['Massed']['60']:.3f}",
        "massed_90": "&lt; 0.001",
        "ratio": f"{results['Expanding']['60'] / results['Equal']['60']:.1f}",
        "crossing": f"{crossing:.0f}",
        "strong_equal": f"{sweep['Equal'][-1]:.2f}",
        "strong_expanding": f"{sweep['Expanding'][-1]:.2f}",
        "items": f"{ITEMS:,}",
        "seed": str(SEED),
    }
    figure = draw(
        [Series(name, STRENGTHS, values) for name, values in sweep.items()],
        x_label="median initial strength (days)",
        y_label="mean recall on day 60",
        x_ticks=(2, 4, 8, 12, 16, 20, 24),
        y_ticks=(0, 0.2, 0.4, 0.6, 0.8),
    )
    return numbers, figure
