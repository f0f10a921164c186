"""Rounds in which the candidates alternate, so that a slow moment of the machine affects all of them."""

import sys
from collections.abc import Iterator, Sequence


def turns(what: str, candidates: Sequence[str], rounds: int) -> Iterator[tuple[bool, str]]:
    """The candidates in the order of their turns, each with whether its result counts.

    Each round begins with a different candidate. The results of the first round, which warms up, do not count.
    """
    for turn in range(-1, rounds):
        progress(what, turn + 1, rounds)
        first = turn % len(candidates)
        for candidate in [*candidates[first:], *candidates[:first]]:
            yield turn >= 0, candidate


def progress(what: str, turn: int, turns: int) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[Kbench: {what} {turn}/{turns}", end="\n" if turn == turns else "", file=sys.stderr, flush=True)
    elif turn in (0, turns):
        print(f"bench: {what} {turn}/{turns}", file=sys.stderr)
