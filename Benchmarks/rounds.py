"""Taking turns. A slow moment of the machine then hits all contestants, and none is always the first."""

import sys
from collections.abc import Iterator, Sequence


def turns(what: str, contestants: Sequence[str], rounds: int) -> Iterator[tuple[bool, str]]:
    """One round before the first warms up: its figures do not count, which the first of each pair says."""
    for turn in range(-1, rounds):
        say(what, turn + 1, rounds)
        first = turn % len(contestants)
        for contestant in [*contestants[first:], *contestants[:first]]:
            yield turn >= 0, contestant


def say(what: str, turn: int, turns: int) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[Kbench: {what} {turn}/{turns}", end="\n" if turn == turns else "", file=sys.stderr, flush=True)
    elif turn in (0, turns):
        print(f"bench: {what} {turn}/{turns}", file=sys.stderr)
