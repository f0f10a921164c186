"""The report: first the targets and whether they were met, then the measured values."""

import argparse
from dataclasses import dataclass, field
from datetime import datetime, timezone

RIGHT = ("ms", "raw", "MiB", "KiB", "%", "/s", "healthz", "engine", "hello", "logs", "tunnel", "cores")


@dataclass(frozen=True)
class Target:
    what: str
    limit: str
    measured: str
    is_met: bool


@dataclass
class Section:
    """The results of one measurement. `failure` is the reason if nothing could be measured."""

    title: str
    about: str = ""
    head: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    failure: str | None = None


def render(sections: list[Section], facts: dict[str, str], options: argparse.Namespace) -> str:
    blocks = [f"# Benchmark, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"]
    if options.build != "release":
        build = "Debug build" if options.build == "debug" else "Not known to be a release build"
        blocks.append(f"**{build}: these figures do not show the performance of Berth.**")
    if options.quick:
        blocks.append("**Measured with small sizes (`--quick`): these figures do not show the performance of Berth.**")
    if options.left_out:
        blocks.append(f"Not measured (`--rows`): {', '.join(options.left_out)}.")
    blocks.append(rows(["machine", ""], [[name, value] for name, value in facts.items()]))
    blocks += ["## What was aimed at", rows(["what", "target", "measured", "result"], results(sections))]
    return "\n\n".join(blocks + [text(section) for section in sections]) + "\n"


def results(sections: list[Section]) -> list[list[str]]:
    lines = []
    for section in sections:
        if section.failure:
            lines.append([section.title, "–", "–", "**NOT MEASURED**"])
        for target in section.targets:
            lines.append([target.what, target.limit, target.measured, "met" if target.is_met else "**not met**"])
    return lines


def text(section: Section) -> str:
    if section.failure:
        return f"## {section.title}\n\n**NOT MEASURED: {section.failure}**"
    return f"## {section.title}\n\n{section.about}\n\n{rows(section.head, section.lines)}"


def rows(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---"] + ["---:" if name.endswith(RIGHT) else "---" for name in head[1:]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *lines])
