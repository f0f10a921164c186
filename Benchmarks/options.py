"""The options of the command line."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import machine
from rows import ROWS
from sizes import QUICK, Sizes

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / ".build"


def parse(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Lab/with Benchmarks/bench", description=description)
    parser.add_argument("--rows", type=row_names, default=list(ROWS), help=f"the rows to measure, separated by commas (default: all): {','.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to test the benchmark itself")
    parser.add_argument("--rounds", type=int, help="how many containers each method starts (default: 20)")
    parser.add_argument("--results", type=Path, help="the directory for the report (default: Benchmarks/results for a complete run of a release build)")
    parser.add_argument("--name", help="the end of the report's file name (default: processor and cores)")
    options = parser.parse_args()
    if options.rounds is not None and options.rounds < 2:
        parser.error("--rounds must be 2 or more")
    if "LAB_ENGINE_SOCKET" not in os.environ:
        parser.error("the lab is not running; start the benchmark with: Lab/with Benchmarks/bench")
    complete(options, parser)
    return options


def complete(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    sizes = QUICK if options.quick else Sizes()
    options.sizes = replace(sizes, rounds=options.rounds) if options.rounds else sizes
    options.left_out = [name for name in ROWS if name not in options.rows]
    options.berth = Path(os.environ.get("BERTH", BUILT / "release/berth")).absolute()
    options.hello = Path(os.environ.get("HELLO", BUILT / "release/HelloServer")).absolute()
    options.simulated_engine = Path(os.environ.get("SIMULATED_ENGINE", BUILT / "release/SimulatedEngine")).absolute()
    options.python = BUILT / "bench-venv/bin/python"
    if not os.access(options.berth, os.X_OK):
        parser.error(f"there is no program {options.berth}: run make release, or set BERTH=…")
    options.build = machine.build_of(options.berth)
    is_complete = options.build == "release" and not options.quick and not options.left_out
    if options.results is None and is_complete:
        options.results = HERE / "results"


def row_names(text: str) -> list[str]:
    """The selected rows, in the order in which they are measured."""
    names = text.split(",")
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}. The rows are {', '.join(ROWS)}")
    return [name for name in ROWS if name in names]
