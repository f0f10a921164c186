"""The page with the results: first what was aimed at and reached, then the figures behind it."""

import argparse
from dataclasses import dataclass, field
from datetime import datetime, timezone

RIGHT = ("ms", "raw", "MiB", "KiB", "%", "/s", "healthz", "engine", "hello")


@dataclass(frozen=True)
class Aim:
    what: str
    reach: str
    measured: str
    is_reached: bool


@dataclass
class Section:
    """What one measurement found. `failure` is why there is nothing to show, where that is so."""

    title: str
    about: str = ""
    head: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    failure: str | None = None


def render(sections: list[Section], facts: dict[str, str], options: argparse.Namespace) -> str:
    blocks = [f"# Benchmark, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"]
    if options.build != "release":
        build = "Debug build" if options.build == "debug" else "Not known to be a release build"
        blocks.append(f"**{build}: these figures say nothing about what Berth costs.**")
    if options.quick:
        blocks.append("**Tried with small sizes (`--quick`): these figures say nothing about what Berth costs.**")
    if options.left_out:
        blocks.append(f"Left out by `--rows`: {', '.join(options.left_out)}.")
    blocks.append(rows(["machine", ""], [[name, value] for name, value in facts.items()]))
    blocks += ["## What was aimed at", rows(["what", "reach", "measured", "verdict"], verdicts(sections))]
    return "\n\n".join(blocks + [text(section) for section in sections]) + "\n"


def verdicts(sections: list[Section]) -> list[list[str]]:
    lines = []
    for section in sections:
        if section.failure:
            lines.append([section.title, "–", "–", "**NOT MEASURED**"])
        for aim in section.aims:
            lines.append([aim.what, aim.reach, aim.measured, "reached" if aim.is_reached else "**not reached**"])
    return lines


def text(section: Section) -> str:
    if section.failure:
        return f"## {section.title}\n\n**NOT MEASURED: {section.failure}**"
    return f"## {section.title}\n\n{section.about}\n\n{rows(section.head, section.lines)}"


def rows(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---"] + ["---:" if name.endswith(RIGHT) else "---" for name in head[1:]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *lines])
