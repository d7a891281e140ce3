"""Paper 3: collisions of the hashing trick on synthetic vocabularies."""

from __future__ import annotations

import hashlib

import numpy as np
from chart import Series, draw
from numpy.typing import NDArray

WORDS, COMMON, PAIRS, LENGTH, SEED = 20_000, 50, 1_000, 200, 37
BITS = (10, 12, 14, 16, 18)
Indices = NDArray[np.int64]


def vocabulary() -> list[str]:
    """Distinct words of two to four open syllables, in random order of frequency."""
    random = np.random.default_rng(SEED)
    syllables = [c + v for c in "bcdfghjklmnprstvz" for v in "aeiou"]
    words: dict[str, None] = {}
    while len(words) < WORDS:
        drawn = random.integers(len(syllables), size=int(random.integers(2, 5)))
        words["".join(syllables[i] for i in drawn)] = None
    return [list(words)[i] for i in random.permutation(WORDS)]


def digest(word: str, salt: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8, salt=salt).digest())


def cosine(left: Indices, right: Indices, signs: NDArray[np.int64], buckets: Indices) -> float:
    """Cosine similarity of two documents (word numbers) after hashing into buckets."""
    features = np.concatenate([buckets[left], buckets[right]])
    kinds, places = np.unique(features, return_inverse=True)
    weights = signs[np.concatenate([left, right])]
    a = np.bincount(places[: len(left)], weights[: len(left)], len(kinds))
    b = np.bincount(places[len(left) :], weights[len(left) :], len(kinds))
    return float(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12))


def _signed(value: float) -> str:
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "−")


def paper() -> tuple[dict[str, str], bytes]:
    """The numbers that the text names, and the figure."""
    words = vocabulary()
    frequency = 1 / np.arange(1, WORDS + 1)
    frequency /= frequency.sum()
    rest = frequency.copy()
    rest[:COMMON] = 0
    random = np.random.default_rng(SEED)
    pairs = random.choice(WORDS, size=(PAIRS, 2, LENGTH), p=rest / rest.sum())
    plain = np.ones(WORDS, dtype=np.int64)
    signs = np.array([1 - 2 * (digest(word, b"sign") & 1) for word in words])
    exact = np.array([cosine(a, b, plain, np.arange(WORDS)) for a, b in pairs])
    hashes = np.array([digest(word, b"bucket") for word in words], dtype=np.uint64)

    numbers = {
        "words": f"{WORDS:,}",
        "common": str(COMMON),
        "pairs": f"{PAIRS:,}",
        "length": str(LENGTH),
        "seed": str(SEED),
        "cosine": f"{exact.mean():.3f}",
    }
    measured, expected = [], []
    for bits in BITS:
        size = 2**bits
        buckets = (hashes % np.uint64(size)).astype(np.int64)
        shared = np.bincount(buckets, minlength=size)[buckets] > 1
        strongest = np.zeros(size)
        np.maximum.at(strongest, buckets, frequency)
        masked = frequency[frequency < strongest[buckets]].sum()
        unsigned = np.array([cosine(a, b, plain, buckets) for a, b in pairs]) - exact
        signed = np.array([cosine(a, b, signs, buckets) for a, b in pairs]) - exact
        expected.append(1 - (1 - 1 / size) ** (WORDS - 1))
        measured.append(float(shared.mean()))
        assert abs(measured[-1] - expected[-1]) < 0.01
        assert abs(signed.mean()) <= abs(unsigned.mean())
        numbers |= {
            f"expected_{bits}": f"{100 * expected[-1]:.1f}",
            f"words_{bits}": f"{100 * measured[-1]:.1f}",
            f"tokens_{bits}": f"{100 * frequency[shared].sum():.1f}",
            f"masked_{bits}": f"{100 * masked:.1f}",
            f"bias_{bits}": _signed(unsigned.mean()),
            f"signed_{bits}": _signed(signed.mean()),
            f"lift_{bits}": f"{unsigned.mean():.3f}",
            f"fall_{bits}": f"{abs(signed.mean()):.3f}",
            f"error_{bits}": f"{np.abs(unsigned).mean():.3f}",
            f"signederror_{bits}": f"{np.abs(signed).mean():.3f}",
        }
    worst = max(abs(m - e) for m, e in zip(measured, expected, strict=True))
    numbers["worst"] = f"{100 * worst:.1f}"
    sizes = [float(2**bits) for bits in BITS]
    grid = [float(2**bits) for bits in np.linspace(BITS[0], BITS[-1], 60)]
    figure = draw(
        [
            Series("measured", sizes, [100 * share for share in measured]),
            Series(
                "equation (1)", grid, [100 * (1 - (1 - 1 / m) ** (WORDS - 1)) for m in grid], True
            ),
        ],
        x_label="buckets m (logarithmic)",
        y_label="words in a shared bucket (%)",
        x_ticks=sizes,
        y_ticks=(0, 20, 40, 60, 80, 100),
        log_x=True,
        legend=(240.0, 26.0),
    )
    return numbers, figure
