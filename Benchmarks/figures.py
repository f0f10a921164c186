"""Medians, quantiles, and how sure a ratio of two ways is."""

import random
from collections.abc import Sequence
from statistics import median

RESAMPLES = 2000


def quantile(values: Sequence[float], part: float) -> float:
    """Linear between the two nearest."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    if ordered[below] == ordered[above]:  # also where both are infinite
        return ordered[below]
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(ours: Sequence[float], base: Sequence[float]) -> float:
    return median(ours) / median(base)


def ratio_text(ours: Sequence[float], base: Sequence[float]) -> str:
    """The ratio of the medians, and in brackets where it lies with 95 % confidence."""
    low, high = interval(ours, base)
    return f"{short(ratio(ours, base))} ({short(low)}–{short(high)})"


def interval(ours: Sequence[float], base: Sequence[float]) -> tuple[float, float]:
    """Rounds are drawn together: what slowed one of a round down may have slowed the other."""
    dice = random.Random(1)
    ratios = []
    for _ in range(RESAMPLES):
        drawn = dice.choices(range(len(base)), k=len(base))
        ratios.append(median(ours[at] for at in drawn) / median(base[at] for at in drawn))
    return quantile(ratios, 0.025), quantile(ratios, 0.975)


def unpaired_text(ours: Sequence[float], base: Sequence[float]) -> str:
    """As `ratio_text`, of samples that have no rounds in common."""
    dice = random.Random(1)
    ratios = [median(dice.choices(ours, k=len(ours))) / median(dice.choices(base, k=len(base))) for _ in range(RESAMPLES)]
    return f"{short(ratio(ours, base))} ({short(quantile(ratios, 0.025))}–{short(quantile(ratios, 0.975))})"


def short(value: float) -> str:
    """Three digits that say something; a thousandth is too fine for a ratio near 1 and needed for one near 0."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def milliseconds(seconds: Sequence[float], digits: int = 1) -> list[str]:
    """Of these seconds the p50, p99, least and greatest, for the cells of a table."""
    return [f"{one * 1000:.{digits}f}" for one in (median(seconds), quantile(seconds, 0.99), min(seconds), max(seconds))]


MILLISECONDS_HEAD = ["p50 ms", "p99 ms", "min ms", "max ms"]
