"""Medians, quantiles, and confidence intervals of ratios."""

import random
from collections.abc import Sequence
from statistics import median

RESAMPLES = 2000


def quantile(values: Sequence[float], part: float) -> float:
    """Interpolates linearly between the two nearest values."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    if ordered[below] == ordered[above]:  # also if both are infinite
        return ordered[below]
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(ours: Sequence[float], base: Sequence[float]) -> float:
    return median(ours) / median(base)


def ratio_text(ours: Sequence[float], base: Sequence[float]) -> str:
    """The ratio of the medians, and its 95 % confidence interval in brackets."""
    low, high = interval(ours, base)
    return f"{short(ratio(ours, base))} ({short(low)}–{short(high)})"


def interval(ours: Sequence[float], base: Sequence[float]) -> tuple[float, float]:
    """The 95 % confidence interval of the ratio, by bootstrap.

    Whole rounds are drawn, because a slow moment of the machine may have affected both values of a round.
    """
    generator = random.Random(1)
    ratios = []
    for _ in range(RESAMPLES):
        drawn = generator.choices(range(len(base)), k=len(base))
        ratios.append(median(ours[at] for at in drawn) / median(base[at] for at in drawn))
    return quantile(ratios, 0.025), quantile(ratios, 0.975)


def unpaired_text(ours: Sequence[float], base: Sequence[float]) -> str:
    """As `ratio_text`, for samples that have no rounds in common."""
    draw = random.Random(1).choices
    ratios = [median(draw(ours, k=len(ours))) / median(draw(base, k=len(base))) for _ in range(RESAMPLES)]
    return f"{short(ratio(ours, base))} ({short(quantile(ratios, 0.025))}–{short(quantile(ratios, 0.975))})"


def short(value: float) -> str:
    """The value as text, with fewer decimals the larger it is: 0.012, 1.23, 12.3, 123."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def milliseconds(seconds: Sequence[float], digits: int = 1) -> list[str]:
    """The p50, p99, minimum and maximum, as cells of a table."""
    return [f"{one * 1000:.{digits}f}" for one in (median(seconds), quantile(seconds, 0.99), min(seconds), max(seconds))]


MILLISECONDS_HEAD = ["p50 ms", "p99 ms", "min ms", "max ms"]
