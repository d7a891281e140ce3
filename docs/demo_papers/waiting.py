"""Paper 2: one waiting line or two at a pair of printers."""

from __future__ import annotations

import heapq

import numpy as np
from chart import Series, draw
from numpy.typing import NDArray

SERVICE = 1.5  # minutes, mean
LOADS = (0.5, 0.6, 0.7, 0.8, 0.9)
JOBS, WARMUP, SEED = 400_000, 20_000, 23
SIGMAS = (0.5, 1.0, 1.5)
Minutes = NDArray[np.float64]


def separate(load: float) -> float:
    """Mean wait in minutes of two independent M/M/1 queues."""
    return SERVICE * load / (1 - load)


def pooled(load: float) -> float:
    """Mean wait in minutes of one M/M/2 queue."""
    return SERVICE * load**2 / (1 - load**2)


def jobs(load: float, sigma: float | None = None) -> tuple[Minutes, Minutes]:
    """Arrival and service times: exponential, or log-normal service with shape `sigma`."""
    random = np.random.default_rng(SEED)
    arrivals = np.cumsum(random.exponential(SERVICE / (2 * load), JOBS))
    if sigma is None:
        return arrivals, random.exponential(SERVICE, JOBS)
    return arrivals, SERVICE * np.exp(sigma * random.standard_normal(JOBS) - sigma**2 / 2)


def first_come(arrivals: Minutes, services: Minutes, *, lines: int) -> Minutes:
    """Waits with two lines chosen at random, or with one line for both printers."""
    chosen = np.random.default_rng(SEED + 1).integers(0, 2, len(arrivals)).tolist()
    free = [0.0, 0.0]
    waits = []
    for arrival, service, choice in zip(arrivals.tolist(), services.tolist(), chosen, strict=True):
        printer = choice if lines == 2 else int(free[1] < free[0])
        start = max(arrival, free[printer])
        waits.append(start - arrival)
        free[printer] = start + service
    return np.array(waits[WARMUP:])


def shortest_first(arrivals: Minutes, services: Minutes) -> Minutes:
    """Waits with one line from which the shortest waiting job is taken next."""
    times, waits = arrivals.tolist(), np.zeros(len(arrivals))
    printing: list[float] = []
    waiting: list[tuple[float, int]] = []
    now, coming = 0.0, 0
    while coming < len(times) or waiting:
        if waiting and len(printing) < 2:
            service, job = heapq.heappop(waiting)
            waits[job] = now - times[job]
            heapq.heappush(printing, now + service)
        elif coming < len(times) and (not printing or times[coming] <= printing[0]):
            now = times[coming]
            heapq.heappush(waiting, (float(services[coming]), coming))
            coming += 1
        else:
            now = heapq.heappop(printing)
    return np.asarray(waits[WARMUP:])


def paper() -> tuple[dict[str, str], bytes]:
    """The numbers that the text names, and the figure."""
    numbers = {"jobs": f"{JOBS:,}", "warmup": f"{WARMUP:,}", "seed": str(SEED)}
    two_lines, one_line = [], []
    for load in LOADS:
        key = f"{load * 10:.0f}"
        drawn = jobs(load)
        two, one = (first_come(*drawn, lines=lines) for lines in (2, 1))
        two_lines.append(two.mean())
        one_line.append(one.mean())
        numbers |= {
            f"two_{key}": f"{separate(load):.2f}",
            f"twosim_{key}": f"{two.mean():.2f}",
            f"one_{key}": f"{pooled(load):.2f}",
            f"onesim_{key}": f"{one.mean():.2f}",
            f"two95_{key}": f"{np.quantile(two, 0.95):.1f}",
            f"one95_{key}": f"{np.quantile(one, 0.95):.1f}",
        }
    worst = max(
        abs(simulated / formula(load) - 1)
        for simulations, formula in ((two_lines, separate), (one_line, pooled))
        for load, simulated in zip(LOADS, simulations, strict=True)
    )
    for sigma in SIGMAS:
        key = f"{sigma * 10:.0f}"
        arrivals, services = jobs(0.8, sigma)
        first = first_come(arrivals, services, lines=1)
        short = shortest_first(arrivals, services)
        long = services[WARMUP:] >= np.quantile(services[WARMUP:], 0.95)
        assert short.mean() < first.mean()
        assert short[long].mean() > first[long].mean()
        numbers |= {
            f"first_{key}": f"{first.mean():.2f}",
            f"short_{key}": f"{short.mean():.2f}",
            f"firstlong_{key}": f"{first[long].mean():.1f}",
            f"shortlong_{key}": f"{short[long].mean():.1f}",
            f"firstmax_{key}": f"{first.max() / 60:.1f}",
            f"shortmax_{key}": f"{short.max() / 60:.1f}",
        }
    assert short.max() > 2 * first.max()
    numbers["worst"] = f"{100 * worst:.1f}"
    grid = np.linspace(0.5, 0.9, 41)
    figure = draw(
        [
            Series("two lines, simulated", LOADS, two_lines),
            Series("one line, simulated", LOADS, one_line),
            Series("equation (2)", grid, [separate(x) for x in grid], dashed=True),
            Series("equation (3)", grid, [pooled(x) for x in grid], dashed=True),
        ],
        x_label="load",
        y_label="mean wait (minutes)",
        x_ticks=(0.5, 0.6, 0.7, 0.8, 0.9),
        y_ticks=(0, 4, 8, 12, 16),
    )
    return numbers, figure
